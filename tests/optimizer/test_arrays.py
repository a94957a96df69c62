"""The two readings of the equations, by Pyomo element by element and by columns all at once, give one program."""

from pathlib import Path

import numpy as np
import pyomo.environ as pyo
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.scaled import scaled_plan
from model_data import default_plan_path, load_plan
from optimizer import build, compile_lp, load_scenario, resolve
from optimizer.arrays.assemble import assemble
from optimizer.arrays.model import ArrayModel
from optimizer.declarations.component import Domain
from optimizer.declarations.pyomo_components import PyomoDeclarations
from optimizer.equations.equation import Equation
from optimizer.horizon import myopic_horizons
from tests.optimizer.test_properties import economies
from tests.specimen import specimen

PLANS = Path(__file__).parents[1] / "plans"
DEFAULT = load_plan(default_plan_path())


def assert_one_program(plan, scenario, horizon=None):
    """Labels, entries, bounds and costs are the same to the last bit, as the fingerprint is."""
    instance = resolve(plan, scenario, horizon)
    ordinary = compile_lp(build(instance))
    fast = assemble(instance)
    assert fast.rows == ordinary.rows
    assert fast.columns == ordinary.columns
    for name in ("row_lower", "row_upper", "column_lower", "column_upper", "integer"):
        np.testing.assert_array_equal(getattr(fast, name), getattr(ordinary, name))
    assert abs(fast.matrix - ordinary.matrix).max() == 0.0
    assert fast.fingerprint == ordinary.fingerprint
    assert len(fast.rows) > 0


@pytest.mark.parametrize("name", DEFAULT.scenarios)
def test_every_scenario_of_the_default_plan(name):
    assert_one_program(DEFAULT, load_scenario(DEFAULT, name))


@pytest.mark.parametrize("path", sorted(PLANS.iterdir()), ids=lambda path: path.name)
def test_every_scenario_of_the_plans_of_the_tests(path):
    plan = load_plan(path)
    for name in plan.scenarios:
        assert_one_program(plan, load_scenario(plan, name))


@pytest.mark.parametrize("whole", [False, True])
def test_every_equation_in_every_window(whole):
    """The specimen leaves no set of the model empty; its windows have closing years."""
    plan = specimen().plan()
    scenario = load_scenario(plan, None, {"whole_projects": whole})
    for horizon in (None, *myopic_horizons(plan)):
        assert_one_program(plan, scenario, horizon)


def test_a_target_year():
    plan = specimen().plan()
    assert_one_program(plan, load_scenario(plan, None, {"foresight": "single_year", "target_year": 2007}))


@given(economies(), st.booleans())
@settings(settings.get_profile("solving"), max_examples=20)
def test_any_numbers(b, goal):
    """Also where a figure of zero, or one that cancels another, takes a term out of a row."""
    for row in b.rows["amounts"][::3]:
        row["value"] = 0 if row["direction"] == "adds" else row["value"]
    plan = b.plan()
    changes = {"indicators": {"clean": {"standing": "goal"}}} if goal else {}
    assert_one_program(plan, load_scenario(plan, None, changes))


# Rules that no equation of the model needs yet, over two lists of keys with figures of every sign.
RULES = {
    "a figure of an outer index inside two loops": lambda m, i: (
        m.x["c"] + sum(m.weight[i] * m.pair[i, j] * m.x[j] for j in m.OF[i] for _ in m.YEARS) <= m.side[i]
    ),
    "figures added up before they multiply": lambda m, i: (
        (1 + sum(m.pair[i, j] for j in m.OF[i])) * m.x["a"] >= m.side[i] - sum(m.pair[i, j] for j in m.OF[i])
    ),
    "a sum multiplied from outside": lambda m, i: (
        2 * (m.weight[i] * (m.x["c"] + sum(m.x[j] - m.side[i] for j in m.OF[i])) + m.x["a"] + 1) == 0
    ),
    "all variables on the right": lambda m, i: m.side[i] <= m.x["c"] - sum(m.x[j] for j in m.OF[i]),
    "variables on the right where the loop is empty": lambda m, i: sum(m.x[j] for j in m.OF[i]) == m.x["c"] - m.side[i],
    "at least variables": lambda m, i: m.x["a"] >= m.weight[i] * m.x["b"],
    "a term that cancels": lambda m, i: m.x["a"] + m.x["b"] - m.x["a"] <= m.weight[i] + 0.5,
    "between two figures": lambda m, i: (m.side[i], m.x["a"] + 3, m.side[i]),
}


def declared(d):
    d.set("ROWS", ["p", "q", "r"])
    d.set("YEARS", [2006, 2007])
    d.sets("OF", {"p": ["a", "b"], "q": [], "r": ["b"]})
    d.figure("weight", {"p": 2.0, "q": 0.0, "r": -1.5})
    d.figure("side", {"p": 1.0, "q": -3.0, "r": 0.25})
    d.figure("pair", {("p", "a"): 0.5, ("p", "b"): -4.0, ("r", "b"): 7.0, ("q", "a"): 9.0})
    d.variable("x", ["a", "b", "c"], Domain.REAL)


@pytest.mark.parametrize("name", RULES)
def test_a_rule_means_what_it_means_to_pyomo(name, monkeypatch):
    monkeypatch.setattr("optimizer.declarations.pyomo_components.VARIABLE_UNITS", {"x": "flow"})
    rule = RULES[name]
    arrays, m = ArrayModel(), pyo.ConcreteModel()
    declared(arrays)
    declared(PyomoDeclarations(m, with_units=False, mutable=False))
    block = arrays.rows_of(Equation("rule", "ROWS", rule))
    m.rule = pyo.Constraint(m.ROWS, rule=rule)
    m.goals = pyo.Objective(expr=sum(m.x[k] for k in m.x))
    wanted = compile_lp(m)
    assert block.keys.tuples("rule") == list(wanted.rows)
    figures = {figure: numbers(None) for figure, numbers in arrays.numbers.items()}
    matrix = np.zeros(wanted.matrix.shape)
    for part in block.parts:
        np.add.at(matrix, (part.row, part.column), part.sign * part.formula.of(figures))
    np.testing.assert_allclose(matrix, wanted.matrix.toarray(), rtol=1e-15)
    lower, upper = block.bounds(figures)
    np.testing.assert_allclose(lower, wanted.row_lower, rtol=1e-15)
    np.testing.assert_allclose(upper, wanted.row_upper, rtol=1e-15)


@pytest.mark.parametrize(
    ("rule", "error"),
    [
        (lambda m, _: m.x["a"] * m.x["b"] <= 1, TypeError),  # not linear
        (lambda m, i: sum(m.side[i] for _ in m.OF[i]) * m.x["a"] <= m.pair[i, "b"], KeyError),  # no figure for q
        (lambda m, i: sum(m.x[j] for j in m.OF[i]) <= m.side[i], ValueError),  # q has no variable
        (lambda m, i: (m.side[i], m.x["a"], m.side[i] + 1), ValueError),  # two bounds
        (lambda m, i: m.nothing[i] <= m.x["a"], AttributeError),
    ],
)
def test_what_cannot_be_a_row_is_refused(rule, error):
    arrays = ArrayModel()
    declared(arrays)
    figures = {figure: numbers(None) for figure, numbers in arrays.numbers.items()}
    with pytest.raises(error):
        arrays.rows_of(Equation("rule", "ROWS", rule)).bounds(figures)


def test_a_plan_of_three_regions():
    plan = scaled_plan(3)
    assert_one_program(plan, load_scenario(plan))
