"""Near-optimal plans: ranges derived on paper, uniqueness, plans that differ, and the questions that are refused."""

import numpy as np
import pytest
import scipy.sparse as sp

from model_data import default_plan_path, load_plan
from optimizer import load_scenario, make_program, solve_program
from optimizer.alternatives import alternatives, is_unique, near_optimal, spending
from optimizer.program import LinearProgram, Stage
from optimizer.questions import QuestionError
from tests.plan_builder import Builder


def two_crafts(pots_worth: float = 1.0) -> Builder:
    """100 元 of money in one year build looms or kilns at 1 元 a t; a t of cloth is worth 1, a t of pots as stated."""
    b = Builder(last=2006)
    b.settings["investment_account"] = "money"
    b.add("industries", industry="weaving").add("industries", industry="pottery")
    for name, industry, worth in (("cloth", "weaving", 1.0), ("pots", "pottery", pots_worth)):
        b.activity(name, industry, earliest_build=2006)
        b.amount(name, "adds", "money", 1, vector="build").amount(name, "adds", "worth", worth)
    b.account("money").account("worth").budget("purse", "money", limit=100)
    return b.scenario("maximise", "worth")


def solved(b: Builder):
    plan = b.plan()
    instance, program = make_program(plan, load_scenario(plan))
    return instance, solve_program(program)


def ranges(b: Builder, epsilon: float) -> dict[str, tuple[float, float]]:
    frame = alternatives(*solved(b), epsilon, by=["industry"]).ranges
    return {row.name: (row.low, row.high) for row in frame.itertuples(index=False)}


def test_equal_crafts_share_the_money_in_any_way():
    b = two_crafts()
    found = alternatives(*solved(b), 0.0, by=["industry"])
    assert not found.unique
    for name in ("weaving", "pottery"):
        low, high = ranges(b, 0.0)[name]
        assert (low, high) == (pytest.approx(0, abs=1e-6), pytest.approx(100))


def test_a_worse_craft_gets_what_epsilon_allows():
    # Pots are worth 0.8: p t of pots lose 0.2 p of 100, so p <= 5 within 1 %; unspent money loses as much: >= 94.
    found = alternatives(*solved(two_crafts(0.8)), 0.01, by=["industry"])
    assert found.unique
    within = ranges(two_crafts(0.8), 0.01)
    assert within["pottery"] == (pytest.approx(0, abs=1e-6), pytest.approx(5))
    assert within["weaving"] == (pytest.approx(95), pytest.approx(100))


def test_plans_differ_as_much_as_they_can():
    # The farthest plan from all money in one craft is all money in the other: 200 元 moved.
    found = alternatives(*solved(two_crafts()), 0.0, by=["industry"], plans=2)
    table = found.different.pivot(index="plan", columns="industry", values="investment").to_numpy()
    assert np.abs(table[0] - table[1]).sum() == pytest.approx(200, rel=1e-6)


def test_goals_may_be_missed_by_epsilon_more():
    # Goal 200 of pots, 100 reached, shortfall 0.5 of the target; within 10 % it may be 0.55: 90 t of pots at least.
    b = two_crafts(0.8).quantity("pots", measure="output", activity="pots")
    b.indicator("plenty", "level", "pots", ">=", 200, standing="goal")
    assert ranges(b, 0.1)["pottery"][0] == pytest.approx(90)


def program(costs: list[float]) -> LinearProgram:
    """Two columns in [0, 1] that add to at most 1."""
    stage = Stage("stage 1", np.array(costs), 0.0, 1.0)
    one, inf = np.ones(1), np.full(1, -np.inf)
    matrix = sp.csc_array(np.ones((1, 2)))
    return LinearProgram(
        (stage,), matrix, inf, one, np.zeros(2), np.ones(2), np.zeros(2, bool), (("r",),), (("a",), ("b",))
    )


@pytest.mark.parametrize(("costs", "unique"), [([-1, -1], False), ([-2, -1], True), ([1, 1], True), ([0, 1], False)])
def test_uniqueness_of_small_programs(costs, unique):
    assert is_unique(solve_program(program(costs))) is unique


def test_every_end_of_a_range_is_a_near_optimal_plan():
    plan = load_plan(default_plan_path())
    instance, linear = make_program(plan, load_scenario(plan, "required_only"))
    solution = solve_program(linear)
    found = alternatives(instance, solution, 0.01, by=["industry"], plans=3)
    near = near_optimal(solution, 0.01)
    for x in found.plans:
        activity = near.matrix @ x
        scale = 1 + np.abs(activity)
        assert np.all(activity >= near.row_lower - 1e-6 * scale)
        assert np.all(activity <= near.row_upper + 1e-6 * scale)
        assert near.stages[-1].value(x) >= 0.99 * solution.objective * (1 - 1e-8)
    assert (found.ranges["low"] <= found.ranges["optimum"] + 1e-6).all()
    assert (found.ranges["high"] >= found.ranges["optimum"] - 1e-6).all()
    forms = spending(instance, near, "industry")
    for (costs, constant), optimum in zip(forms.values(), found.ranges["optimum"], strict=True):
        assert float(costs @ solution.x) + constant == pytest.approx(optimum)


def test_questions_without_an_answer():
    instance, solution = solved(two_crafts())
    with pytest.raises(QuestionError) as refused:
        alternatives(instance, solution, -0.1, by=["sector"], plans=0)
    assert len(refused.value.problems) == 3
    infeasible = two_crafts().indicator("more", "level", "worth", ">=", 101)
    with pytest.raises(QuestionError, match="no optimum"):
        alternatives(*solved(infeasible))
