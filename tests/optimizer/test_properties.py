"""Properties that hold whatever the numbers are."""

import random
from functools import cache
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from model_data import Plan, load_plan
from model_data.plan import assemble
from model_data.tables import read_plan
from optimizer import Answer, load_scenario, resolve, solve
from optimizer.horizon import Horizon
from tests.plan_builder import Builder
from tests.specimen import specimen

TINY = Path(__file__).parents[1] / "plans" / "tiny"
few = settings.get_profile("solving")
small = st.floats(0.1, 10.0).map(lambda number: round(number, 3))
share = st.floats(0.01, 0.99).map(lambda number: round(number, 3))


@st.composite
def economies(draw) -> Builder:
    """Two makers and an ore, money to build with, final demand, a stock and a pollutant; any numbers."""
    b = Builder(last=2008, closing=1).account("income").account("money").account("soot", "t")
    b.commodity("ore", "buy", "storable", loss=draw(share), buy_limit=draw(small), stock_limit=draw(small))
    for name in ("mill", "shop"):
        capacity = draw(small)
        b.activity(name, base_capacity=capacity, base_output=capacity * draw(share), earliest_build=2006)
        b.amount(name, "adds", "income", draw(small)).amount(name, "adds", "soot", draw(small))
        b.amount(name, "adds", "money", draw(small), vector="build", offset=draw(st.sampled_from([-1, 0])))
        b.activity(name, capacity_growth=draw(share), output_growth=draw(share), output_step=draw(small))
    b.amount("mill", "gives", "ore", draw(small)).amount("shop", "uses", "ore", draw(small))
    b.background("ore", draw(share) * 0.1, item="homes").background("income", draw(small), item="rest")
    b.budget("all", "money", limit=draw(small), carry_over=draw(st.sampled_from(["yes", "no"])))
    b.indicator("clean", "ratio_change", "soot", "<=", draw(share), denominator="income", years="last")
    b.indicator("grow", "growth", "income", ">=", -draw(share), years="last")
    objective = [{"sense": "maximise", "terms": [{"quantity": "income", "discount_rate": draw(share)}]}]
    return b.scenario("maximise", "income", objective=objective)


def values(b: Builder, *changes: dict) -> list[float]:
    """The optimum under each of the changes; minus infinity where nothing is feasible."""
    plan = b.plan()
    return [objective(plan, change) for change in changes]


def value(b: Builder) -> float:
    return values(b, {})[0]


def objective(plan: Plan, change: dict) -> float:
    answer = solve(plan, load_scenario(plan, None, change))
    assert answer.status in ("optimal", "infeasible")
    return answer.objective if answer.status == "optimal" else float("-inf")


def at_least(more: float, less: float) -> bool:
    return more >= less - 1e-7 * (1.0 + abs(less)) if less > float("-inf") else True


@given(economies(), st.floats(1.001, 5.0))
@few
def test_more_money_never_hurts(b, factor):
    row = b.rows["budget_figures"][0]
    change = {"table": "budget_figures", "budget": "all", "parameter": "limit", "value": row["value"] * factor}
    less, more = values(b, {}, {"figures": [change]})
    assert at_least(more, less)


@given(economies(), share)
@few
def test_a_tighter_target_never_helps(b, tighter):
    target = b.rows["indicator_figures"][0]["value"]
    loose, tight = values(b, {}, {"indicators": {"clean": {"target": target - tighter}}})
    assert at_least(loose, tight)


@given(economies())
@few
def test_standings_are_ordered(b):
    # Without the target at least as good as with it; as a goal that can be met just as good as required.
    free, required = values(b, {"indicators": {"clean": {"standing": "monitored"}}}, {})
    assert at_least(free, required)
    assume(required > float("-inf"))
    goal = b.solve(changes={"indicators": {"clean": {"standing": "goal"}}})
    assert goal.solution.values[0] == pytest.approx(0, abs=1e-7)
    assert at_least(goal.objective, required * (1 - 1e-6))


SIZES = {
    "activity_figures": {"base_capacity", "base_output", "retirement", "output_step", "capacity_step",
                         "capacity_limit", "build_limit"},
    "flow_figures": {"buy_limit", "sell_limit", "initial_stock", "stock_limit", "final_stock"},
    "background": {"level"},
    "budget_figures": {"limit", "base"},
    "project_figures": {"size"},
}  # fmt: skip


def scaled(b: Builder, factor: float) -> Builder:
    """Everything that has a size, and nothing that is a rate, times the factor."""
    for table, parameters in SIZES.items():
        for row in b.rows[table]:
            if row["parameter"] in parameters and row["value"] is not None:
                row["value"] *= factor
    levels = {row["indicator"] for row in b.rows["indicators"] if row["kind"] == "level"}
    for row in b.rows["indicator_figures"]:
        row["value"] *= factor if row["indicator"] in levels else 1.0
    return b


@pytest.mark.parametrize("factor", [0.25, 1000.0])
def test_the_specimen_is_homogeneous(factor):
    once, times = specimen().solve(), scaled(specimen(), factor).solve()
    assert times.objective == pytest.approx(factor * once.objective, rel=1e-6)
    assert times.solution.values[0] == pytest.approx(once.solution.values[0], abs=1e-9)  # relative shortfalls


@given(economies(), st.sampled_from([1e-3, 7.0, 1e4]))
@few
def test_any_economy_is_homogeneous(b, factor):
    once = value(b)
    assume(once > float("-inf"))
    assert value(scaled(b, factor)) == pytest.approx(factor * once, rel=1e-6)


@given(economies())
@few
def test_two_halves_make_the_whole(b):
    whole = value(b)
    scaled(b, 0.5)
    for row in b.rows["budget_figures"]:
        row["value"] *= 2.0  # a budget is of all regions together
    b.rows["regions"] = [{"region": "west"}, {"region": "east"}]
    halves = value(b)
    assert halves == pytest.approx(whole, rel=1e-6)


@cache
def original() -> tuple[Plan, Answer]:
    plan = specimen().plan()
    return plan, solve(plan, load_scenario(plan))


@given(st.randoms(use_true_random=False))
@few
def test_the_order_of_rows_does_not_matter(order: random.Random):
    b = specimen()
    plan, answer = original()
    for rows in b.rows.values():
        order.shuffle(rows)
    shuffled = b.plan()
    assert shuffled.fingerprint == plan.fingerprint
    again = solve(shuffled, load_scenario(shuffled))
    assert again.solution.values == pytest.approx(answer.solution.values, rel=1e-9, abs=1e-9)


# A unit of the tables of the tiny plan, another one, and how many of the other make one.
RESCALED = [
    ("亿元", "万元", 1e4),
    ("万t", "t", 1e4),
    ("万元/t", "元/t", 1e4),
    ("%", "1", 0.01),
    ("万tce", "亿tce", 1e-4),
]


def rewritten(old: str, new: str, factor: float):
    """The tiny plan with every figure in the old unit stated in the new one."""
    raw = read_plan(TINY)
    raw.scenarios = {"most_value": raw.scenarios["most_value"]}  # the other one states a figure in the old unit
    for name, table in raw.tables.items():
        header = table.header
        if "value" in header:
            unit, numbers = header.index("unit"), [header.index(column) for column in ("value", "low", "high")]
            rows = [
                (line, tuple(
                    new if at == unit and cells[unit] == old
                    else str(float(cell) * factor) if at in numbers and cell and cells[unit] == old
                    else cell
                    for at, cell in enumerate(cells)
                ))
                for line, cells in table.rows
            ]  # fmt: skip
            raw.tables[name] = type(table)(header, tuple(rows))
    return raw


@pytest.mark.parametrize(("old", "new", "factor"), RESCALED)
def test_the_unit_of_figures_does_not_matter(old, new, factor):
    plain = load_plan(TINY)
    other = assemble(rewritten(old, new, factor))
    assert other.fingerprint != plain.fingerprint
    assert optimum(other) == pytest.approx(optimum(plain), rel=1e-9)


def optimum(plan) -> float:
    answer = solve(plan, load_scenario(plan))
    assert answer.status == "optimal"
    return answer.objective


@pytest.mark.parametrize(
    ("tables", "old", "new", "factor"),
    [
        ({"flows": "material"}, "万t", "t", 1),
        ({"flows": "investment", "quantities": "investment"}, "亿元", "万元", 1),
        ({"activities": "mill"}, "万t", "t", 1),
        ({"activities": "shop"}, "亿元", "元", 1),
        ({"flows": "value_added", "quantities": "value_added"}, "亿元", "万元", 1e4),  # the objective itself
    ],
)
def test_the_unit_of_a_flow_or_an_activity_does_not_matter(tables, old, new, factor):
    raw = read_plan(TINY)
    for name, entry in tables.items():
        rows = [
            (line, tuple(new if cells[0] == entry and cell == old else cell for cell in cells))
            for line, cells in raw.tables[name].rows
        ]
        raw.tables[name] = type(raw.tables[name])(raw.tables[name].header, tuple(rows))
    plain = load_plan(TINY)
    assert optimum(assemble(raw)) == pytest.approx(factor * optimum(plain), rel=1e-8)


@given(economies(), small, small, st.booleans())
@few
def test_the_base_year_is_reckoned_like_every_other(b, price, special, switched):
    """Base-year values come from model_data, all other years from the vectors: the same for the same output."""
    b.account("levy").add("switches", switch="m", option="a", default="yes").add("switches", switch="m", option="b")
    b.add("charges", account="levy", flow="ore", value=price).add("charges", account="levy", flow="income", value=0.1)
    b.add("charges", account="levy", flow="ore", activity="shop", value=special)
    if switched:
        b.add("charges", account="levy", flow="ore", activity="shop", value=price, switch="m", option="a")
        b.amount("shop", "adds", "soot", special, switch="m", option="a")
    plan = b.plan()
    at_base = Horizon(2005, (2005,), (), 2006, 2005)
    instance = resolve(plan, load_scenario(plan), at_base)
    drawn, given_rows = instance.flow_draws, instance.background
    vectors = drawn[(drawn["kind"] == "output") & (drawn["year"] == 2005)]
    made = {row["activity"]: row["value"] for row in b.rows["activity_figures"] if row["parameter"] == "base_output"}
    items = given_rows[given_rows["item"] != ""]
    base = plan.base_values()
    for account in ("income", "soot", "levy"):
        own = vectors[vectors["flow"] == account]
        total = (own["amount"] * own["activity"].map(made)).sum()
        total += items.loc[items["flow"] == account, "amount"].sum()
        assert base[account] == pytest.approx(total), account
