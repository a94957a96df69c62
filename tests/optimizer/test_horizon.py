"""Closing years, single years, year after year. Optima derived on paper."""

import pytest

from tests.plan_builder import Builder


def growing(**keys: object) -> Builder:
    """New capacity costs 1 a unit, spent one year ahead; 10 to spend a year; the objective is output, closing
    year included.

    Nothing enters in 2006: what it cost would be sunk.
    """
    b = Builder(last=2008, closing=1).activity("mill", base_capacity=10, earliest_build=2007).account("cost")
    b.amount("mill", "adds", "cost", 1, vector="build", offset=-1)
    b.budget("all", "cost", limit={2006: 10, 2007: 10, 2008: 10}).quantity("made", measure="output")
    objective = [{"sense": "maximise", "terms": [{"quantity": "made"}]}]
    return b.scenario("maximise", "made", **{"objective": objective, **keys})


def spent(b: Builder, changes: dict | None = None) -> list[float]:
    answer = b.solve(changes=changes)
    assert answer.status == "optimal"
    return answer.table("quantities").query("quantity == 'cost' and year > 2005")["value"].tolist()


def test_closing_years_keep_investment_alive():
    # Spending of 2008 builds for 2009, which counts: 10, 20, 30, and 40 in the closing year.
    assert spent(growing()) == pytest.approx([10, 10, 10])
    assert growing().optimum() == pytest.approx(100)
    # Where terms name years, the last year's money buys nothing: 10, 20, 30.
    each = [{"sense": "maximise", "terms": [{"quantity": "made", "years": "each"}]}]
    assert growing(objective=each).optimum() == pytest.approx(60)


def test_results_show_plan_years_only():
    answer = growing().solve()
    for name in ("activities", "quantities", "accounts"):
        assert answer.table(name)["year"].max() == 2008


def test_a_single_year_counts_its_target_year_and_the_closing_year_after_it():
    # 2006: 10, then 20 in its closing year; 2007: 20 and 30; 2008: 30 and 40.
    for target, optimum in ((2006, 30), (2007, 50), (2008, 70)):
        assert growing(foresight="single_year", target_year=target).optimum() == pytest.approx(optimum)


def test_a_single_year_obeys_targets_of_that_year_only():
    # At most 5 of capacity each year: 5 in 2007 and after it. A target of the plan's last year is not asked of 2007.
    b = growing(foresight="single_year", target_year=2007).quantity("size", measure="capacity")
    b.indicator("few", "level", "size", "<=", 5)
    assert b.optimum() == pytest.approx(10)
    b.rows["indicators"][-1]["years"] = "last"
    assert b.optimum() == pytest.approx(50)


def test_a_single_year_pays_with_the_budgets_on_the_way():
    # No money in 2006: nothing new in 2007; 2008 has what 2007 paid.
    b = growing(foresight="single_year", target_year=2008)
    b.rows["budget_figures"][0]["value"] = 0
    assert b.optimum() == pytest.approx(20 + 30)


def test_an_objective_without_years_in_the_window_is_zero():
    # A single year 2007 with an objective of 2008 only: every feasible plan is best.
    last = [{"sense": "maximise", "terms": [{"quantity": "made", "years": "last"}]}]
    assert growing(objective=last, foresight="single_year", target_year=2007).optimum() == 0


def ladder(foresight: str) -> Builder:
    """10 t of ore in all; a tonne sold earns 0.5 · 1.9 ^ n in the n-th year."""
    b = Builder(last=2008).activity("sell", base_capacity=100).commodity("ore", "storable", initial_stock=10)
    b.account("income").amount("sell", "uses", "ore", 1).amount("sell", "adds", "income", 0.5)
    b.add("trends", activity="sell", flow="income", value=0.9)
    return b.scenario("maximise", "income", foresight=foresight)


def test_perfect_foresight_waits_and_myopia_does_not():
    # All in 2008 earns 5 · 1.9 ^ 3; a planner who knows only the year sells all in 2006 for 5 · 1.9.
    assert ladder("perfect").optimum() == pytest.approx(5 * 1.9**3)
    assert ladder("myopic").optimum() == pytest.approx(5 * 1.9)


def test_myopia_hands_capacity_on():
    # Each year builds for its closing year, so perfect and myopic agree.
    b = growing(foresight="myopic")
    assert spent(b) == pytest.approx([10, 10, 10])
    assert b.optimum() == pytest.approx(100)


def test_myopia_repeats_its_own_year_s_limits_in_its_closing_years():
    # 2007 may build 3 a year, 2008 may build 8. In its window 2006 sees 2007 under the limits of 2006 (20).
    b = growing(foresight="myopic").activity("mill", build_limit={2006: 20, 2007: 3, 2008: 8})
    # 2006 spends its 10 for 2007 (the limit it repeats is 20); from then on 2007's own limit of 3 would forbid them:
    # what a window has begun contradicts the limit it did not know.
    assert b.solve().status == "infeasible"


def test_a_myopic_sequence_ends_where_a_year_is_infeasible():
    # 2007 asks for 50, 20 can be; 2006 does not know.
    b = growing(foresight="myopic").indicator("more", "level", "made", ">=", {2007: 50})
    b.rows["indicators"][-1]["years"] = "2007"
    answer = b.solve()
    assert answer.status == "infeasible"
    assert answer.instance.horizon.years == (2006, 2007)
    assert answer.conflict is not None
    assert ("indicator", "more", 2007) in answer.conflict.rows


def test_what_is_under_construction_is_kept():
    # 2006 spends all 10 for 2007, where a cap of 15 on output appears that only 2007 knows: perfect foresight spends 5.
    b = growing(foresight="myopic").indicator("few", "level", "made", "<=", {2007: 15, 2008: 15})
    b.rows["indicators"][-1]["years"] = "2007;2008"
    least = {"sense": "minimise", "terms": [{"quantity": "cost", "years": "each"}]}
    b.scenarios["base"]["objective"].append(least)
    assert spent(b) == pytest.approx([10, 0, 0], abs=1e-5)
    assert spent(b, {"foresight": "perfect"}) == pytest.approx([5, 0, 0], abs=1e-5)
