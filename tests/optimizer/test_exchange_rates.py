"""Every price against solving again with the bound moved: exact within its range, never better beyond it."""

import math
from dataclasses import dataclass
from functools import cache
from itertools import chain
from pathlib import Path

import pytest

from model_data import default_plan_path, load_plan
from optimizer import Answer, LinearProgram, Status, load_scenario, make_program, solve, solve_program
from optimizer.answer import OF_ROWS
from tests.plan_builder import Builder
from tests.specimen import specimen

PLANS = Path(__file__).parents[1] / "plans"
SHIPPED = [("tiny", "most_value"), ("tiny", "less_money")] + [
    ("dynamic_input_output", name) for name in ("most_capacity", "most_production", "most_manpower")
]


@dataclass(frozen=True)
class Case:
    answer: Answer
    program: LinearProgram

    @property
    def sign(self) -> float:
        return self.program.stages[-1].sign

    def values_at(self, label: tuple, bound: float, by: float) -> tuple[float, ...] | None:
        """The optima of all stages with the limit of a row moved; None where nothing is feasible then."""
        program = self.program
        if label[0] == "hold":
            program = self.answer.solution.program.with_stages(self.program.stages[-1:])
        row = program.row_number[label]
        low, high = float(program.row_lower[row]), float(program.row_upper[row])
        moved = (low + by if low == bound else low, high + by if high == bound else high)
        found = solve_program(program.with_row_bounds({label: moved}))
        assert found.status in (Status.OPTIMAL, Status.INFEASIBLE)
        return found.values if found.status is Status.OPTIMAL else None


def case(plan, scenario: str | None = None) -> Case:
    chosen = load_scenario(plan, scenario)
    answer = solve(plan, chosen)
    assert answer.status == "optimal"
    return Case(answer, make_program(plan, chosen)[1])


def rival_goals() -> Builder:
    """Goals that cannot all be met: what moves a limit moves them first."""
    b = Builder().commodity("ore", "buy", buy_limit=100).account("income").scenario("maximise", "income")
    for name, worth, wish in (("good", 2.0, 80), ("bad", 3.0, 120), ("odd", 1.0, 10)):
        b.activity(name, base_capacity=200, base_output=10).quantity(name, measure="output", activity=name)
        b.amount(name, "uses", "ore", 1).amount(name, "adds", "income", worth)
        b.indicator(f"more_{name}", "level", name, ">=", wish, standing="goal")
    return b


@cache
def small(name: str) -> Case:
    if name in BUILT:
        return case(BUILT[name]().plan())
    folder, scenario = name.split("/")
    return case(load_plan(PLANS / folder), scenario)


BUILT = {"specimen": specimen, "rival_goals": rival_goals}
NAMES = [*BUILT, *(f"{folder}/{scenario}" for folder, scenario in SHIPPED)]


def steps(rate) -> list[float]:
    """A step inside the range on each side on which the price is said to hold."""
    sides = []
    if rate.note != "degenerate":
        for sign, room in ((1.0, rate.high - rate.bound), (-1.0, rate.bound - rate.low)):
            if room > 1e-7 * (1.0 + abs(rate.bound)):
                sides.append(sign * min(0.5 * room, 1.0 + abs(rate.bound)))
    return sides


def check_inside(tried: Case, rates) -> int:
    """Moves every limit within its range; how many moves were made."""
    before, moves = tried.answer.solution.values, 0
    for rate in rates:
        for step in steps(rate):
            after = tried.values_at((rate.equation, *rate.index), rate.bound, step)
            assert after is not None, rate
            change = after[-1] - before[-1]
            tolerance = 1e-6 * abs(rate.price * step) + 1e-9 * (1.0 + abs(before[-1]))
            assert abs(change - rate.price * step) <= tolerance, (rate, step, change)
            if tried.program.stages[0].name == "goals" and rate.equation != "hold":
                tolerance = 1e-6 * abs(rate.goals * step) + 1e-9 * (1.0 + before[0])
                assert abs(after[0] - before[0] - rate.goals * step) <= tolerance, (rate, step)
            moves += 1
    return moves


@pytest.mark.parametrize("name", NAMES)
def test_inside_the_range_the_price_is_exact(name):
    tried = small(name)
    assert check_inside(tried, tried.answer.exchange_rates.itertuples()) > 0


@pytest.mark.parametrize("name", [name for name in NAMES if name not in BUILT])
def test_beyond_the_range_it_is_never_better(name):
    # The optimum of a program of one stage is concave in every limit (for a maximum): the price is a tangent.
    tried = small(name)
    before, bent, beyond = tried.answer.solution.values[-1], 0, 0
    for rate in tried.answer.exchange_rates.itertuples():
        for sign, end in ((1.0, rate.high), (-1.0, rate.low)):
            if math.isinf(end):
                continue
            step = end - rate.bound + sign * 0.05 * (1.0 + abs(rate.bound))
            after = tried.values_at((rate.equation, *rate.index), rate.bound, step)
            line = before + rate.price * step
            beyond += 1
            bent += after is None or abs(after[-1] - line) > 1e-7 * (1.0 + abs(line))
            if after is not None:
                assert tried.sign * (after[-1] - line) >= -1e-7 * (1.0 + abs(line)), rate
    # Where several bases give the same price a range may end without a bend; most ends are true ends.
    assert bent > 0.6 * beyond


@pytest.mark.parametrize("name", NAMES)
def test_notes_say_where_the_range_is(name):
    for rate in small(name).answer.exchange_rates.itertuples():
        down, up = rate.bound - rate.low, rate.high - rate.bound
        small_step = 1e-7 * (1.0 + abs(rate.bound))
        expected = {(False, False): "", (True, False): "only upwards", (False, True): "only downwards"}
        assert rate.note == expected.get((down <= small_step, up <= small_step), "degenerate"), rate


def test_a_price_on_one_side_only():
    # Made <= 10 (capacity) and <= 10 (ore): one more of either alone brings nothing, one less of either costs one.
    b = Builder(last=2006).activity("mill", base_capacity=10).commodity("ore", "buy", buy_limit=10)
    b.amount("mill", "uses", "ore", 1).quantity("made", measure="output").scenario("maximise", "made")
    answer = b.solve()
    rate, inner = answer.exchange_rates.query("equation == 'buy_limit'"), answer.inner_prices
    assert set(rate["note"]) <= {"only downwards"}
    prices = [*rate["price"], *inner[inner["equation"] == "output_limit"]["price"]]
    assert prices == pytest.approx([1.0])  # of one or the other


def test_prices_derived_on_paper():
    # 2 元 a tonne made, ore at most 10 a year, 2 t ore a tonne: one more tonne of ore in a year brings 1 元, as long as
    # capacity (8, 16 t of ore) lasts and down to none at all. One percent of 10 t brings 0.1.
    b = Builder(last=2006).activity("mill", base_capacity=8).commodity("ore", "buy", buy_limit=10).account("income")
    b.amount("mill", "uses", "ore", 2).amount("mill", "adds", "income", 2).scenario("maximise", "income")
    rate = b.solve().exchange_rates.query("equation == 'buy_limit'").iloc[0]
    assert rate[["bound", "price", "per_percent", "low", "high"]].tolist() == pytest.approx([10, 1, 0.1, 0, 16])
    assert (rate["index"], rate["unit"], rate["price_unit"], rate["note"]) == (("here", "ore", 2006), "t", "元/t", "")


@pytest.mark.parametrize(("sense", "target"), [("<=", 3.0), (">=", 2.0)])
def test_one_percent_of_a_ratio_target(sense, target):
    # bad <= 3 good, or good >= 2 bad, with limits around them: the derivative by the target itself, times one percent.
    b = Builder(last=2006).account("income")
    for name, capacity, worth in (("good", 20, 2.0), ("bad", 100, 3.0 if sense == "<=" else 0.5)):
        b.activity(name, base_capacity=capacity, base_output=5).amount(name, "adds", "income", worth)
        b.quantity(name, measure="output", activity=name)
    top, bottom = ("bad", "good") if sense == "<=" else ("good", "bad")
    b.indicator("aim", "ratio", top, sense, target, denominator=bottom).scenario("maximise", "income")
    rate = b.solve().exchange_rates.query("equation == 'indicator'").iloc[0]
    step = 1e-5
    changes = [b.optimum(changes={"indicators": {"aim": {"target": target * (1 + sign * step)}}}) for sign in (1, -1)]
    assert (changes[0] - changes[1]) / (2 * step) / 100 == pytest.approx(rate["per_percent"], rel=1e-5)
    assert abs(rate["per_percent"]) > 0.01


def test_whole_projects_are_priced_as_fixed():
    # One pit of 10 t for 5 元 a tonne, whole; 60 元 to spend. With the pit fixed, money is worth nothing.
    b = Builder(last=2006).activity("mine").account("money").quantity("made", measure="output")
    b.amount("mine", "adds", "money", 5, vector="build").budget("all", "money", limit=60)
    b.project("pit", "mine", size=10, earliest_year=2006)
    answer = b.scenario("maximise", "made", whole_projects=True).solve()
    assert answer.solution.priced_with_projects_fixed
    assert answer.objective == pytest.approx(10)
    assert "budget_plan" not in set(answer.exchange_rates["equation"])
    assert answer.inner_prices.query("equation == 'output_limit'")["price"].tolist() == pytest.approx([1])


@pytest.mark.parametrize("name", [name for name in NAMES if name not in BUILT])
def test_a_row_with_a_price_is_told_once(name):
    # Rows that hold variables against each other without a figure are no limits that somebody could move.
    tried = small(name)
    program, y = tried.answer.solution.program, tried.answer.solution.y
    labels = [[(row.equation, *row.index) for row in tried.answer.table(name).itertuples()] for name in OF_ROWS]
    assert sorted(chain(*labels)) == sorted(
        label
        for label, price in zip(program.rows, y.tolist(), strict=True)
        if abs(price) > 1e-9 * abs(y).max() and label[0] not in ("account", "capacity_balance")
    )
    for label in labels[1]:
        row = program.row_number[label]
        assert {abs(program.row_lower[row]), abs(program.row_upper[row])} <= {0.0, math.inf}
    assert labels[1]


@pytest.mark.parametrize("name", [name for name in NAMES if name not in BUILT])
def test_an_inner_price_is_a_tangent(name):
    # The optimum of a program of one stage is concave in every bound (for a maximum).
    tried, exact = small(name), 0
    before, inner = tried.answer.solution.values[-1], list(tried.answer.inner_prices.itertuples())
    for row in inner:
        for step in (-1e-4, 1e-4):
            after = tried.values_at((row.equation, *row.index), 0.0, step)
            if after is not None:
                apart = tried.sign * (after[-1] - before - row.price * step)
                assert apart >= -1e-9 * (1.0 + abs(before)), row
                exact += apart <= 1e-9 * (1.0 + abs(before))
    assert exact > len(inner) > 0  # most of them to both sides


def test_an_inner_price_derived_on_paper():
    # A tonne made is worth 2 元 and takes 3 t of power, which nobody sells: 1 t of power is worth 2/3 元, and so is the
    # capacity that gives it. The balance is given - taken >= 0: to ask for one more of it costs that.
    b = Builder(last=2006).activity("mill", base_capacity=8).activity("plant", base_capacity=6).account("income")
    b.commodity("power").amount("plant", "gives", "power", 1).amount("mill", "uses", "power", 3)
    b.amount("mill", "adds", "income", 2).scenario("maximise", "income")
    prices = {row.equation: row for row in b.solve().inner_prices.itertuples()}
    assert prices["commodity_balance"].price == pytest.approx(-2 / 3)
    assert prices["commodity_balance"].price_unit == "元/t"
    assert prices["output_limit"].price == pytest.approx(2 / 3)
    assert prices["output_limit"].index == ("here", "plant", 2006)


@pytest.fixture(scope="module")
def real() -> Case:
    """The first shipped scenario of the default plan that has an optimum, its default first."""
    plan = load_plan(default_plan_path())
    for name in (plan.settings.default_scenario, *plan.scenarios):
        scenario = load_scenario(plan, name)
        answer = solve(plan, scenario)
        if answer.status == "optimal":
            return Case(answer, make_program(plan, scenario)[1])
    raise AssertionError("no shipped scenario has an optimum")


def test_a_sample_of_the_default_plan(real, full):
    rates = real.answer.exchange_rates
    movable = rates[(rates["note"] != "degenerate") & (rates["equation"] != "hold")]
    sample = movable if full else movable.iloc[:: max(len(movable) // 5, 1)].head(6)
    assert check_inside(real, sample.itertuples()) >= 5


def test_a_later_stage_that_wants_the_same_has_the_whole_range():
    # First as much as can be made, then as much income, which is the same plan: the range is that of the plan alone.
    b = Builder(last=2006).activity("mill", base_capacity=8).commodity("ore", "buy", buy_limit=10).account("income")
    b.amount("mill", "uses", "ore", 2).amount("mill", "adds", "income", 2).quantity("made", measure="output")
    stages = [{"sense": "maximise", "terms": [{"quantity": name, "years": "each"}]} for name in ("made", "income")]
    rates = b.scenario("maximise", "made", objective=stages).solve().exchange_rates
    rate = rates.query("equation == 'buy_limit'").iloc[0]
    assert rate[["price", "low", "high"]].tolist() == pytest.approx([1, 0, 16], abs=1e-6)
