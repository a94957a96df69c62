"""What is built along a piece of a curve: on paper, and against the money that moves."""

import pytest

from model_data import default_plan_path, load_plan
from optimizer import all_budgets, load_scenario, make_program, value_curve
from optimizer.budget_directions import budget_change
from optimizer.built_along import BuiltAlong
from optimizer.documents.questions import curve_document
from optimizer.words.language import Language
from tests.plan_builder import Builder


def two_shops():
    """One year. A unit of the good shop costs 2 and sells 3, up to 10 of them; of the plain one it costs 1, sells 1."""
    b = Builder(last=2006).account("outlay").account("sales")
    b.settings["investment_account"] = "outlay"
    for name, cost, sales, most in (("good", 2, 3, 10), ("plain", 1, 1, 1000)):
        b.activity(name, utilisation=1.0, earliest_build=2006, capacity_limit=most)
        b.amount(name, "adds", "outlay", cost, vector="build").amount(name, "adds", "sales", sales)
    return b.budget("money", "outlay", limit={2006: 12}).scenario("maximise", "sales")


def built(curve, instance, theta):
    along = BuiltAlong(instance, curve).of(curve.piece_at(theta))
    return {one.name: (one.kind, one.rate, one.money) for one in along}


def test_the_good_shop_first_then_the_plain_one():
    # The good shop earns 1.5 a unit of money and takes 20; the plain one earns 1 and takes what is left.
    plan = two_shops().plan()
    instance, program = make_program(plan, load_scenario(plan))
    curve = value_curve(program, budget_change(instance, "money"), (-10.0, 20.0))
    assert [piece.slope for piece in curve.pieces] == pytest.approx([1.5, 1.0])
    assert built(curve, instance, 0.0) == {"good": ("activity", pytest.approx(0.5), pytest.approx(1.0))}
    assert built(curve, instance, 10.0) == {"plain": ("activity", pytest.approx(1.0), pytest.approx(1.0))}
    document = curve_document(instance, curve, "", Language.EN)
    assert [[one["name"] for one in piece["built"]] for piece in document["pieces"]] == [["good"], ["plain"]]


def test_investment_moves_by_as_much_as_the_budgets_where_all_of_them_bind():
    plan = load_plan(default_plan_path())
    instance, program = make_program(plan, load_scenario(plan, "required_only"))
    direction = all_budgets(instance)
    curve = value_curve(program, direction, (-0.004, 0.004))
    piece = curve.piece_at(0.0)
    binding = {label for label in curve.binding(piece) if label[:2] == ("budget_year", "modelled_investment")}
    years = {label[2] for label in binding}
    assert years == set(instance.horizon.all)  # what makes the next line true
    more = sum(rate for label, rate in direction.items() if label in binding)
    spent = sum(one.money for one in BuiltAlong(instance, curve).of(piece))
    # Upkeep of what is there is investment too, and is no building: here it moves by a few thousandths.
    assert spent == pytest.approx(more, rel=0.01)
