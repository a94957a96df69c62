"""Repairs derived on paper: least change, fewest, one alone; every repair applied and solved again."""

import math

import numpy as np
import pytest

from optimizer import Status, load_scenario
from optimizer.budget_directions import budget_change
from optimizer.diagnosis import Wishes, diagnose, fewest
from optimizer.diagnosis.fractional import CommonNumber, best_ratio
from optimizer.diagnosis.open_plan import open_plan
from optimizer.documents.diagnosis import diagnosis_document
from optimizer.instance import resolve
from optimizer.program import INFINITY
from optimizer.questions import QuestionError, UnfinishedError
from optimizer.runs import Runs
from optimizer.solver import Limits, Session
from optimizer.words.language import Language
from optimizer.words.repairs import menu_section
from tests.plan_builder import Builder

GOODS, MONEY = ("indicator", "goods"), ("budget", "all")


def shop(goods: object = 80, last: int = 2006, **budget: object) -> Builder:
    """At most 100 a year are made, each unit costs 1; so many are asked, and a budget says how many can be paid."""
    b = Builder(last=last).activity("shop", base_capacity=100, base_output=10).account("outlay")
    b.amount("shop", "adds", "outlay", 1).quantity("made", measure="output", activity="shop")
    b.scenario("maximise", "made").budget("all", "outlay", **(budget or {"limit": {2006: 50}}))
    return b.indicator("goods", "level", "made", ">=", goods)


def diagnosed(b: Builder, wishes: Wishes | None = None, changes: dict | None = None, **keys):
    plan = b.plan()
    diagnosis = diagnose(plan, load_scenario(plan, None, changes), wishes, **keys)
    for repair in diagnosis.menu:
        assert repair.status is Status.OPTIMAL, (repair.kind, repair.settings)
        assert repair.certificate.holds
    return diagnosis


def found(diagnosis, kind: str) -> dict:
    """Changes of the first repair of a kind: label -> after."""
    repair = next(repair for repair in diagnosis.menu if repair.kind == kind)
    return {change.label: change.after for change in repair.changes}


def alone(diagnosis) -> dict:
    return {r.changes[0].label: r.changes[0].after for r in diagnosis.menu if r.kind == "alone"}


def test_level_target_against_a_budget():
    # 80 asked, 50 can be paid: the target falls by 30/80 = 0.375, or the budget grows by 30/50 = 0.6.
    d = diagnosed(shop())
    assert [set(c.rows) for c in d.conflicts] == [{("budget_year", "all", 2006), ("indicator", "goods", 2006)}]
    assert found(d, "least_change") == pytest.approx({GOODS: 50})
    assert d.menu[0].total == pytest.approx(0.375)
    assert found(d, "fewest") == pytest.approx({GOODS: 50})
    assert d.menu[1].tied == 2
    assert alone(d) == pytest.approx({GOODS: 50, MONEY: 80})
    assert {c.label: c.after for c in d.ways[0]} == pytest.approx({GOODS: 50, MONEY: 80})


def test_weights_turn_the_choice():
    # A target twice as dear costs 0.75 against 0.6.
    d = diagnosed(shop(), Wishes(weights={GOODS: 2.0}))
    assert found(d, "least_change") == pytest.approx({MONEY: 80})
    assert d.menu[0].total == pytest.approx(0.6)
    # The more particular label wins over its kind: targets dear, this one cheap again.
    d = diagnosed(shop(), Wishes(weights={("indicator",): 2.0, GOODS: 1.0}))
    assert found(d, "least_change") == pytest.approx({GOODS: 50})


def test_the_untouchable_stays():
    d = diagnosed(shop(), Wishes(untouchable=[("indicator",)]))
    assert {change.label for repair in d.menu for change in repair.changes} == {MONEY}


def test_a_repair_is_a_change_of_the_scenario():
    b = shop()
    for repair in diagnosed(b).menu:
        assert b.solve(changes=repair.settings).objective == pytest.approx(repair.objective)


def test_proof_is_needed():
    # A repair that stops short of what it needs leaves the plan infeasible: the value is the least that works.
    b = shop()
    assert b.solve(changes={"indicators": {"goods": {"target": 50 * (1 + 1e-5)}}}).status is Status.INFEASIBLE
    assert b.solve(changes={"budgets": {"all": {"factor": 1.6 * (1 - 1e-5)}}}).status is Status.INFEASIBLE


def test_one_budget_for_all_years_or_each_year_its_own():
    # 50 and 100 a year against 80: as a whole the budget grows by 0.6; by year only 2006 has to.
    b = shop(last=2007, limit={2006: 50, 2007: 100})
    assert alone(diagnosed(b))[MONEY] == pytest.approx(150 * 1.6)
    d = diagnosed(b, Wishes(budgets_by_year=True))
    assert alone(d)["budget", "all", 2006] == pytest.approx(80)
    assert ("budget", "all", 2007) in d.stubborn
    assert next(r for r in d.menu if r.changes[0].label == ("budget", "all", 2006)).settings == {
        "budgets": {"all": {"by_year": {2006: pytest.approx(1.6)}}}
    }


@pytest.mark.parametrize("figures", [{"limit": 100}, {"limit": 100, "carry_over": "yes"}, {"base": 50}])
def test_other_budgets_grow_too(figures):
    # 2 × 80 asked: 160 over the plan against 100; or 80 a year against 50, which is its base without growth.
    d = diagnosed(shop(last=2007, **figures))
    assert alone(d)[MONEY] == pytest.approx(160)


def test_carried_over_money():
    # 60 and 50 with carry-over: 80 in the second year needs nothing, 80 in the first needs a third more.
    b = shop(last=2007, limit={2006: 60, 2007: 120}, carry_over="yes")
    assert alone(diagnosed(b))[MONEY] == pytest.approx(180 * 80 / 60)


def test_a_sum_that_the_scenario_states_grows():
    # 100 in all, 50 a year: 80 a year are 160, whatever the years' own figures are.
    b = shop(last=2007, limit={2006: 5, 2007: 5})
    for wishes in (None, Wishes(budgets_by_year=True)):
        d = diagnosed(b, wishes, changes={"budgets": {"all": {"total": 100}}})
        assert alone(d)[MONEY] == pytest.approx(160)
        repair = next(r for r in d.menu if r.changes[0].label == MONEY)
        assert repair.settings == {"budgets": {"all": {"total": pytest.approx(160)}}}


def test_a_share_with_a_sum_of_its_own_does_not_follow():
    # The whole is 50, the shop may use 20 whatever the whole is: more in all helps only with more for the shop.
    b, part = shop(goods=60).budget("part", "outlay", of="all", share=0.5), ("budget", "part")
    d = diagnosed(b, Wishes(untouchable=[GOODS]), changes={"budgets": {"part": {"total": 20}}})
    assert found(d, "fewest") == pytest.approx({MONEY: 60, part: 60})
    assert d.menu[0].total == pytest.approx(10 / 50 + 40 / 20)


def test_what_follows_a_budget_heeds_the_scenario():
    # Half of the whole follows by half; three times that where the scenario says so; not with a sum of its own.
    b = shop(last=2007, limit={2006: 50, 2007: 50}).budget("part", "outlay", of="all", share=0.5)
    for setting, share in (({}, 0.5), ({"factor": 3}, 1.5), ({"by_year": {"2006": 3}}, 1.5), ({"total": 20}, 0.0)):
        instance = resolve(b.plan(), load_scenario(b.plan(), None, {"budgets": {"part": setting}}))
        assert budget_change(instance, "all", (2006,)).rows.get(("budget_year", "part", 2006), 0.0) == share


def test_a_share_follows_the_whole():
    # The whole is 50, the shop may use half of it. 60 needs 1.2 times the whole and 2.4 times the share.
    b = shop(goods=60).budget("part", "outlay", of="all", share=0.5)
    part = ("budget", "part")
    d = diagnosed(b, Wishes(untouchable=[GOODS], weights={MONEY: 2.0}))
    # Dear: the whole grows by 0.2 only, and the share by the other 1.2 of its amount: 2 × 0.2 + 1.2.
    assert d.menu[0].total == pytest.approx(1.6)
    assert found(d, "least_change") == pytest.approx({MONEY: 60, part: 60})
    assert d.menu[0].settings["budgets"]["part"]["factor"] == pytest.approx(2.0)
    assert alone(d) == pytest.approx({MONEY: 120})  # alone, the share does not help


def test_a_growth_target():
    # 10 in the base year, at most 12.1 in the second: 20 % a year cannot be, 10 % can.
    b = Builder().activity("mine", base_capacity=12.1, base_output=10).quantity("made", measure="output")
    b.scenario("maximise", "made").indicator("growth", "growth", "made", ">=", 0.2, years="last")
    d = diagnosed(b)
    assert alone(d) == pytest.approx({("indicator", "growth"): 0.1})
    # Relative to 14.4 that are asked in 2007, 2.3 are missing.
    assert d.menu[0].total == pytest.approx(2.3 / 14.4)


def test_a_growth_path_is_as_good_as_its_worst_year():
    # 10.4 can be made in 2006: 4 %; 12.1 in 2007: 10 % a year.
    b = Builder().activity("mine", base_capacity=12.1, base_output=10, output_growth=0.04, output_step={2007: 5})
    b.quantity("made", measure="output").scenario("maximise", "made")
    b.indicator("growth", "growth", "made", ">=", 0.2, years="each")
    assert alone(diagnosed(b)) == pytest.approx({("indicator", "growth"): 0.04}, abs=1e-6)


def test_targets_of_each_year_shrink_together():
    # 40 a year can be paid: 0.8 of 50, less than 40/45; so 40 and 36.
    b = shop({2006: 50, 2007: 45}, last=2007, limit={2006: 40, 2007: 45})
    d = diagnosed(b, Wishes(untouchable=[("budget",)]))
    assert found(d, "least_change") == pytest.approx({GOODS: 0.8})
    targets = d.menu[0].answer.table("indicators").set_index("year")["asked"]
    assert targets.to_dict() == pytest.approx({2006: 40, 2007: 36})


def smoke(target: float, kind: str = "ratio", last: int = 2006, value: object = 30, **cells: object) -> Builder:
    """10 units of a clean technology (value 2, smoke 1) and any number of a dirty one (value 1, smoke 2).

    To make the value V beyond 20, smoke is 10 + 2 (V - 20): per value 2 - 30/V, which is 1 for V = 30. In the base
    year both are at 10: value 30 and smoke 30.
    """
    b = Builder(last=last).account("value").account("smoke")
    b.activity("clean", base_capacity=10, base_output=10).amount("clean", "adds", "value", 2)
    b.activity("dirty", base_capacity=100, base_output=10).amount("dirty", "adds", "value", 1)
    b.amount("clean", "adds", "smoke", 1).amount("dirty", "adds", "smoke", 2).scenario("maximise", "value")
    b.indicator("worth", "level", "value", ">=", value)
    return b.indicator("air", kind, "smoke", "<=", target, denominator="value", **cells)


AIR, WORTH = ("indicator", "air"), ("indicator", "worth")


@pytest.mark.parametrize(("kind", "target", "after"), [("ratio", 0.8, 1.0), ("ratio_change", -0.4, 0.0)])
def test_a_ratio_alone(kind, target, after):
    # One row: by Charnes and Cooper. The ratio is at least 1 (no change on the base year's 1) with a value of 30.
    d = diagnosed(smoke(target, kind))
    assert alone(d)[AIR] == pytest.approx(after, abs=1e-6)
    # 2 - 30/V is at most the target where V is at most 30 / (2 - target).
    limit = target if kind == "ratio" else 1 + target
    assert alone(d)[WORTH] == pytest.approx(30 / (2 - limit))


def test_a_ratio_over_several_years():
    # By Dinkelbach: 30 in 2006 needs a ratio of 1, 40 in 2007 one of 1.25; the one number for both is 1.25.
    b = smoke(0.8, last=2007, value={2006: 30, 2007: 40})
    d = diagnosed(b, Wishes(untouchable=[WORTH]))
    assert alone(d)[AIR] == pytest.approx(1.25)


def test_a_ratio_path_over_several_years():
    # 1.25 after two years is a growth of √1.25 - 1 = 11.8 % a year; 1 after one year would need 0 % only.
    b = smoke(-0.1, "ratio_growth", last=2007, value={2006: 30, 2007: 40})
    d = diagnosed(b, Wishes(untouchable=[WORTH]))
    assert alone(d)[AIR] == pytest.approx(math.sqrt(1.25) - 1)


def test_least_change_with_a_ratio():
    # V = 25 reaches 0.8: the value falls by 1/6. Between 25 and 30 both change, and (2 - 30/V)/0.8 - V/30 grows with V.
    d = diagnosed(smoke(0.8))
    assert found(d, "least_change") == pytest.approx({WORTH: 25})
    assert d.menu[0].total == pytest.approx(1 / 6)
    # A value three times as dear: the sum falls with V, so that the ratio goes to 1, a quarter more.
    d = diagnosed(smoke(0.8), Wishes(weights={WORTH: 3.0}))
    assert found(d, "least_change") == pytest.approx({AIR: 1.0})
    assert d.menu[0].total == pytest.approx(0.25)


def test_a_local_least_is_called_so():
    # Where a ratio may move together with others, as in the case above; not where it cannot, nor where it is alone.
    with_others, alone_, none = smoke(0.8), Wishes(untouchable=[WORTH]), shop()
    d = diagnosed(with_others)
    assert [(repair.kind, repair.local) for repair in d.menu[:2]] == [("least_change", True), ("fewest", False)]
    for language, said in (("zh", "局部最小"), ("en", "a local least")):
        assert said in menu_section(d, Language(language)).remark
        document = diagnosis_document(d, Language(language))
        assert document["menu"][0]["local"] is True
    for other in (diagnosed(with_others, alone_), diagnosed(none)):
        assert not any(repair.local for repair in other.menu)
        assert "local least" not in menu_section(other, Language.EN).remark


def test_closing_years_belong_to_their_indicator():
    # 2007 closes: what is asked in 2006 is asked there too, where capacity has fallen to 60.
    b = Builder(last=2006, closing=1).activity("shop", base_capacity=100, base_output=10, retirement={2007: 40})
    b.quantity("made", measure="output").scenario("maximise", "made").indicator("goods", "level", "made", ">=", 80)
    assert alone(diagnosed(b)) == pytest.approx({GOODS: 60})


@pytest.mark.parametrize(("asked", "nearest"), [(80, 60), (5, 20)])
def test_equality_moves_to_the_nearer_end(asked, nearest):
    # Between 20 (another target) and 60 (capacity) can be made.
    b = Builder(last=2006).activity("shop", base_capacity=60, base_output=10).quantity("made", measure="output")
    b.scenario("maximise", "made").indicator("goods", "level", "made", "=", asked)
    b.indicator("least", "level", "made", ">=", 20)
    assert alone(diagnosed(b))[GOODS] == pytest.approx(nearest)


def station(**project: float) -> Builder:
    """A station that costs 30 is committed for 2006, where 20 can be spent; 40 in each of the years after."""
    b = Builder(last=2008).activity("station").account("money").quantity("made", measure="output")
    b.amount("station", "adds", "money", 30, vector="build").scenario("maximise", "made")
    b.project("unit", "station", size=1, earliest_year=2006, committed_year=2006, **project)
    return b.budget("all", "money", limit={2006: 20, 2007: 40, 2008: 40})


def test_a_commitment_moves_to_the_nearest_year():
    d = diagnosed(station())
    assert alone(d) == pytest.approx({("project", "unit"): 2007, MONEY: 150})
    # Half as much money again is less than a commitment given up, which counts 1.
    assert found(d, "least_change") == pytest.approx({MONEY: 150})


def test_a_released_project_says_when_it_starts():
    # As a share, two thirds of it start in 2006 and the rest in 2007; as a whole it starts in 2007.
    d = diagnosed(station(), Wishes(untouchable=[("budget",)]))
    assert found(d, "least_change") == {("project", "unit"): None}
    assert found(d, "fewest") == {("project", "unit"): 2007}  # alone, the nearest year is known
    d = diagnosed(station(), Wishes(untouchable=[("budget",)]), changes={"whole_projects": True})
    assert found(d, "fewest") == {("project", "unit"): 2007}
    assert d.menu[0].settings == {"projects": {"unit": {"committed_year": 2007}}}


def test_a_commitment_without_another_year_is_released():
    b = station()
    b.rows["budget_figures"].clear()
    for year in (2006, 2007, 2008):
        b.add("budget_figures", budget="all", parameter="limit", year=year, value=20)
    d = diagnosed(b, Wishes(untouchable=[("budget",)]))
    repair = d.menu[0]
    assert repair.changes[0].after is None
    assert repair.settings == {"projects": {"unit": {"released": True}}}
    assert repair.answer.table("projects")["share"].sum() <= 1  # parts of it may start where that is allowed


def test_whole_projects():
    # Two units of 10 cost 10 each, 15 can be paid: 1.5 units make 15, but whole ones make 10.
    b = Builder(last=2006).activity("station").account("money").quantity("made", measure="output")
    b.amount("station", "adds", "money", 1, vector="build").scenario("maximise", "made")
    for name in ("one", "two"):
        b.project(name, "station", size=10, earliest_year=2006)
    b.budget("all", "money", limit={2006: 15}).indicator("goods", "level", "made", ">=", 15)
    assert diagnosed(b).feasible
    d = diagnosed(b, changes={"whole_projects": True})
    assert {label[0] for label in d.conflicts[0].rows} == {"budget_year", "indicator"}
    assert alone(d) == pytest.approx({GOODS: 10, MONEY: 20})


def town(parts: int = 3) -> Builder:
    """One budget of 10 pays for several goods of which 10 each are asked; targets halve, or the budget multiplies."""
    b = Builder(last=2006).account("outlay").scenario("minimise", "outlay")
    for k in range(parts):
        b.activity(f"shop{k}", base_capacity=100, base_output=10).amount(f"shop{k}", "adds", "outlay", 1)
        b.quantity(f"made{k}", measure="output", activity=f"shop{k}")
        b.indicator(f"goods{k}", "level", f"made{k}", ">=", 10)
    return b.budget("all", "outlay", limit={2006: 10})


def test_fewest_is_not_least():
    # Three targets of 10 and money for 10: 20 have to go, relative to 10 each 2 in all; the budget alone needs 2 too.
    # Made dear, the budget is no longer least, but still the only single change.
    d = diagnosed(town(), Wishes(weights={MONEY: 1.5}))
    assert d.menu[0].total == pytest.approx(2.0)
    assert sorted(change.label[0] for change in d.menu[0].changes) == ["indicator"] * len(d.menu[0].changes)
    assert len(d.menu[0].changes) >= 2
    assert found(d, "fewest") == pytest.approx({MONEY: 30})
    assert d.menu[1].total == pytest.approx(3.0)
    assert set(alone(d)) == {MONEY}


def test_fewest_without_the_single_one():
    # Two of three targets must go wholly, or three in part: two is the fewest, and any two will do.
    d = diagnosed(town(), Wishes(untouchable=[MONEY]))
    assert len(found(d, "fewest")) == 2
    assert d.menu[1].tied == 3
    assert alone(d) == {}


def test_a_long_search_is_cut_short_and_says_so(monkeypatch):
    # As above, but after one contradiction (any two of the three targets) the search ends: one change at least, it
    # knows; what it shows works, and no change of it can be left out.
    monkeypatch.setattr(fewest, "MOST_CONTRADICTIONS", 1)
    b = town()
    d = diagnosed(b, Wishes(untouchable=[MONEY]))
    repair = d.menu[1]
    assert (repair.kind, repair.needed) == ("fewest", 1)
    assert len(repair.changes) == 2
    for change in repair.changes:
        assert b.solve(changes=change.settings).status is Status.INFEASIBLE
    assert diagnosed(shop()).menu[1].needed == 1


def test_ties_are_broken_by_the_least_change():
    # Two single changes: 0.375 for the target, 0.6 for the budget (see above); weights turn the tie.
    assert found(diagnosed(shop(), Wishes(weights={GOODS: 2.0})), "fewest") == pytest.approx({MONEY: 80})


WRONG = [
    (Wishes(weights={GOODS: 0.0}), "positive"),
    (Wishes(weights={GOODS: -1.0}), "positive"),
    (Wishes(weights={GOODS: math.nan}), "positive"),
    (Wishes(weights={("indicator", "gods"): 1.0}), "did you mean 'goods'"),
    (Wishes(untouchable=[("budgets", "all")]), "did you mean 'budget'"),
    (Wishes(untouchable=[("budget", "al")]), "did you mean 'all'"),
    (Wishes(untouchable=[("project",)]), "nothing of the kind"),
    (Wishes(untouchable=[("budget", "all", 2006)]), "no part of its own"),
    (Wishes(untouchable=[()]), "kind"),
    (Wishes(weights={GOODS: 1.0}, untouchable=[GOODS]), "one or the other"),
]


@pytest.mark.parametrize(("wishes", "text"), WRONG)
def test_wishes_that_mean_nothing(wishes, text):
    with pytest.raises(QuestionError, match=text):
        diagnosed(shop(), wishes)


def test_all_problems_at_once():
    with pytest.raises(QuestionError) as caught:
        diagnosed(shop(), Wishes(weights={GOODS: 0.0, ("budget", "al"): -2.0}, untouchable=[("project",)]))
    assert len(caught.value.problems) == 4


def test_untouchables_that_make_a_repair_impossible():
    with pytest.raises(QuestionError, match="budget all, indicator goods contradict each other"):
        diagnosed(shop(), Wishes(untouchable=[GOODS, MONEY]))
    b = Builder(last=2006).activity("shop", base_capacity=10).quantity("made", measure="output")
    b.scenario("maximise", "made").indicator("goods", "level", "made", ">=", 20)
    b.indicator("more", "level", "made", ">=", 5)
    with pytest.raises(QuestionError, match="indicator goods cannot be met"):
        diagnosed(b, Wishes(untouchable=[GOODS]))


def test_myopic_plans_are_refused():
    with pytest.raises(QuestionError, match="perfect foresight"):
        diagnosed(shop(), changes={"foresight": "myopic"})


def test_time_runs_out():
    with pytest.raises(UnfinishedError):
        diagnosed(shop(), limits=Limits(seconds=0.0))


def test_what_no_policy_change_repairs():
    # Capacity below zero: the conflict is structural, names rows, and no menu is offered.
    b = Builder().activity("mine", base_capacity=3, retirement={2007: 4}).quantity("made", measure="output")
    d = diagnosed(b.scenario("maximise", "made").indicator("aim", "level", "made", "<=", 5))
    assert d.conflicts[-1].structural
    assert d.conflicts[-1].rows
    assert d.menu == ()


def test_tables():
    d = diagnosed(shop())
    assert d.conflict_table["name"].tolist() == ["all", "goods"]
    assert set(d.menu_table["kind"]) == {"indicator", "budget"}
    assert d.menu_table["repair"].tolist() == [1, 2, 3, 4]
    assert (d.cost_table["status"] == "optimal").all()
    asked = d.cost_table.set_index(["repair", "indicator"])["asked"]
    assert asked[1, "goods"] == pytest.approx(50)
    assert len(d.way_table) == 2


def test_the_fractional_program_against_bisection():
    # The least ratio of smoke to value, where value is at least 30, by feasibility of fixed ratios.
    plan = smoke(0.8).plan()
    opened = open_plan(plan, load_scenario(plan))
    air = opened.statements["air"]
    program = opened.program.with_row_bounds({opened.program.rows[row]: (-INFINITY, INFINITY) for row in air.rows})
    exact = best_ratio(program, air.numerators[0], air.denominators[0], largest=False, runs=Runs())
    low, high = 0.0, 5.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (low, middle) if ratio_possible(opened.program, air, middle) else (middle, high)
    assert exact == pytest.approx(high, abs=1e-7)
    assert CommonNumber(opened.program, Runs()).best(air, "<=") == pytest.approx(high, abs=1e-7)


def ratio_possible(program, statement, ratio: float) -> bool:
    session = Session(program)
    for row, denominator in zip(statement.rows, statement.denominators, strict=True):
        session.set_coefficient(row, denominator, -ratio)
    return session.run().status is Status.OPTIMAL


def test_a_ratio_without_end():
    # Value can be zero while smoke is not: no ratio is the largest.
    plan = smoke(0.8, value=0).background("smoke", 1).plan()
    opened = open_plan(plan, load_scenario(plan))
    air = opened.statements["air"]
    program = opened.program.with_row_bounds({opened.program.rows[row]: (-INFINITY, INFINITY) for row in air.rows})
    assert best_ratio(program, air.numerators[0], air.denominators[0], largest=True, runs=Runs()) == INFINITY
    # The least: 10 clean units have smoke 11 over 20, and every dirty one makes it worse.
    least = best_ratio(program, air.numerators[0], air.denominators[0], largest=False, runs=Runs())
    assert least == pytest.approx(11 / 20)


@pytest.mark.parametrize("starts", [False, True], ids=["from the last", "from an optimum"])
@pytest.mark.parametrize("seed", range(20))
def test_common_numbers_against_charnes_cooper(seed, starts):
    # Random technologies; one ratio at a time, both ways must agree, wherever each question starts.
    rng = np.random.default_rng(seed)
    b = Builder(last=2006).account("value").account("smoke").scenario("maximise", "value")
    for k in range(4):
        b.activity(f"way{k}", base_capacity=float(rng.integers(1, 20)), base_output=1.0)
        b.amount(f"way{k}", "adds", "value", float(rng.integers(1, 9)))
        b.amount(f"way{k}", "adds", "smoke", float(rng.integers(1, 9)))
    b.indicator("worth", "level", "value", ">=", 10).indicator("air", "ratio", "smoke", "<=", 9, denominator="value")
    plan = b.plan()
    opened = open_plan(plan, load_scenario(plan))
    air = opened.statements["air"]
    program = opened.program.with_row_bounds({opened.program.rows[row]: (-INFINITY, INFINITY) for row in air.rows})
    common = CommonNumber(opened.program, Runs())
    if starts:
        common.start_at(opened.program.stages[-1])
    for sense, largest in (("<=", False), (">=", True), ("<=", False)):
        exact = best_ratio(program, air.numerators[0], air.denominators[0], largest=largest, runs=Runs())
        assert common.best(air, sense) == pytest.approx(exact, rel=1e-9)
