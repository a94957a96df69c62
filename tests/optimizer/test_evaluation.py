"""Mid-term evaluation: what has happened is fixed, what was lost is said, and delays have their price."""

import pandas as pd
import pytest

from optimizer import evaluate, load_scenario
from optimizer.questions import QuestionError
from tests.plan_builder import Builder


def weavers(last: int = 2007) -> Builder:
    """100 元 of money a year build looms at 1 元 a t; cloth is worth 1 元 a t a year, so 100 and then 200 are the best.

    Required: a worth of 200 in 2007.
    """
    b = Builder(last=last)
    b.settings["investment_account"] = "money"
    b.activity("cloth", earliest_build=2006).account("money").account("worth")
    b.amount("cloth", "adds", "money", 1, vector="build").amount("cloth", "adds", "worth", 1)
    b.budget("purse", "money", limit=dict.fromkeys(range(2006, last + 1), 100))
    b.indicator("enough", "level", "worth", ">=", 200, years="2007")
    return b.scenario("maximise", "worth")


def asked(b: Builder, through: int = 2006, changes: dict | None = None, **known):
    plan = b.plan()
    return evaluate(plan, load_scenario(plan, None, changes), through, **known)


def happened(*rows: tuple[str, int, float]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["quantity", "year", "value"])


def test_what_happened_is_fixed_and_the_loss_is_said():
    # Only 60 元 were spent in 2006: 60 t then and 160 t in 2007, 40 of the 200 are lost.
    found = asked(weavers(), actuals=happened(("money", 2006, 60)))
    assert found.answer.objective == pytest.approx(60 + 160)
    assert found.original.objective == pytest.approx(100 + 200)
    lost = found.lost.iloc[0]
    assert (lost["indicator"], lost["standing"], lost["year"], lost["met_before"]) == (
        "enough",
        "required",
        2007,
        "yes",
    )
    assert (lost["missed_by"], lost["share"]) == (pytest.approx(40), pytest.approx(0.2))
    money = found.investment.set_index("year")["difference"]
    assert (money[2006], money[2007]) == (pytest.approx(-40), pytest.approx(0, abs=1e-6))
    assert found.deviations["deviation"].tolist() == [0.0]


def test_without_actuals_the_original_plan_stands():
    found = asked(weavers(), actuals=happened())
    assert found.answer.objective == pytest.approx(300)
    assert len(found.lost) == len(found.deviations) == len(found.delays) == 0


def test_the_plans_own_actuals_in_their_unit_and_what_is_not_known_is_planned():
    b = weavers().add("actuals", quantity="worth", year=2006, value=0.005, unit="万元")
    b.add("actuals", quantity="money", year=2006, value=None).add("actuals", quantity="worth", year=2007, value=1)
    found = asked(b)
    assert found.deviations[["name", "year", "actual"]].to_numpy().tolist() == [["worth", 2006, 50.0]]
    assert found.answer.objective == pytest.approx(50 + 200)  # the looms were built and stood still, or so it may be


def test_actuals_in_a_unit_of_their_own():
    rows = pd.DataFrame(
        [("money", 2006, 0.006, "万元"), ("worth", 2006, 50, "")], columns=["quantity", "year", "value", "unit"]
    )
    found = asked(weavers(), actuals=rows)
    assert found.deviations["actual"].tolist() == [pytest.approx(60), 50]
    with pytest.raises(QuestionError, match="no unit of the same kind"):
        asked(weavers(), actuals=rows.assign(unit="t"))


def test_actuals_of_regions_are_added_up():
    b = Builder(last=2007, regions=("here", "there"))
    b.activity("cloth", earliest_build=2006).account("money").account("worth")
    b.amount("cloth", "adds", "money", 1, vector="build").amount("cloth", "adds", "worth", 1)
    b.budget("purse", "money", limit=dict.fromkeys((2006, 2007), 100)).scenario("maximise", "worth")
    assert asked(b).deviations.empty  # nothing is known: the plan as it stands
    for region, value in (("here", 30), ("there", 40)):
        b.add("actuals", region=region, quantity="worth", year=2006, value=value, unit="元")
    assert asked(b).deviations["actual"].tolist() == [70]
    b.add("actuals", region="here", quantity="money", year=2006, value=9, unit="元")
    with pytest.raises(QuestionError, match="1 of 2 regions"):
        asked(b)
    b.add("actuals", region="", quantity="money", year=2006, value=90, unit="元")
    assert sorted(asked(b).deviations["actual"]) == [70, 90]


def test_inconsistent_actuals_are_met_as_nearly_as_can_be():
    # 60 元 make 60 t at most. Worth 90 is missed by a third where 60 元 hold; money by a half where 90 holds: a third
    # is the least sum. A share a more of money adds a and takes off 60 a / 90; a third of a is 5 % of the third.
    found = asked(weavers(), actuals=happened(("money", 2006, 60), ("worth", 2006, 90)))
    off = found.deviations.set_index("name")
    assert off.loc["worth", "deviation"] == pytest.approx(-0.3)
    assert off.loc["money", "deviation"] == pytest.approx(0.05)
    assert off.loc["worth", "taken"] == pytest.approx(63)


@pytest.mark.parametrize(("asked_of_it", "missed"), [(4, 0), (6, 1)])
def test_a_past_out_of_reach_does_not_cost_every_target(asked_of_it, missed):
    # Worth 200 in 2006 is out of reach: 100 is the most, half is missed. A study that stands in 2007 is built in 2006,
    # for 1 元: n of them leave 100 - n, missed by 0.5 + n / 200. 5 % above the half admits 5 of them.
    b = weavers()
    b.rows["indicator_figures"][-1]["value"] = 100
    b.activity("study", earliest_build=2006, build_limit={2007: 0}).amount("study", "adds", "money", 1, vector="build")
    b.quantity("studies", measure="capacity", activity="study")
    b.indicator("studied", "level", "studies", ">=", asked_of_it, years="2007")
    found = asked(b, actuals=happened(("worth", 2006, 200)))
    assert found.lost["missed_by"].tolist() == ([pytest.approx(missed, abs=1e-6)] if missed else [])
    assert found.deviations["deviation"].tolist() == [pytest.approx(-0.5 - (asked_of_it - missed) / 200)]


def test_a_budget_that_was_overspent_does_not_deny_it():
    found = asked(weavers(), actuals=happened(("money", 2006, 130)))
    assert found.deviations["deviation"].tolist() == [0.0]
    assert found.answer.objective == pytest.approx(130 + 230)


def test_required_targets_come_before_goals():
    # 100 元 each for cloth or smoke-free looms; the goal of no cloth at all would gain more than the target loses.
    b = weavers().quantity("cloth", measure="output")
    b.indicator("idle", "level", "cloth", "<=", 1, standing="goal", years="2007")
    found = asked(b, actuals=happened(("money", 2006, 60)))
    assert found.answer.quantities.query("quantity == 'worth' and year == 2007")["value"].tolist() == [
        pytest.approx(160)
    ]
    assert sorted(found.lost["standing"]) == ["goal", "required"]


def with_free(b: Builder, project: str, size: float, **figures: int) -> Builder:
    """One more project, which costs nothing."""
    b.project(project, "cloth", size=size, **{"earliest_year": 2006, **figures})
    return b.add("project_amounts", project=project, flow="money", direction="adds", value=0)


def with_mill(**figures: int) -> Builder:
    """A mill of 50 t besides the looms."""
    return with_free(weavers(), "mill", 50, **figures)


@pytest.mark.parametrize("figures", [{}, {"committed_year": 2006}])
def test_a_delay_costs_what_the_project_would_have_made(figures):
    # On time 150 + 250; a year late 100 + 250. Delayed past the plan: 100 + 200.
    found = asked(with_mill(**figures), starts={"mill": None})
    assert found.answer.objective == pytest.approx(350)
    delay = found.delays.iloc[0]
    assert (delay["project"], delay["objective_without"], delay["cost"]) == (
        "mill",
        pytest.approx(400),
        pytest.approx(50),
    )
    assert found.projects.set_index("year")["difference"].round(6).to_dict() == {2006: -1.0, 2007: 1.0}
    assert asked(with_mill(**figures), starts={"mill": 2008}).delays["cost"].tolist() == [pytest.approx(100)]


def test_a_delay_can_lose_a_target():
    b = with_mill()
    b.rows["indicator_figures"][-1]["value"] = 250
    found = asked(b, starts={"mill": 2008})
    assert found.lost["missed_by"].tolist() == [pytest.approx(50)]
    delay = found.delays.iloc[0]
    assert (delay["missed"], delay["missed_without"]) == (pytest.approx(0.2), 0.0)
    assert (delay["lost"], delay["lost_without"]) == (1, 0)


def test_a_delay_can_free_the_objective_by_losing_a_goal():
    # A rig is a goal, costs 30 元 in 2007 and weaves nothing. Without it there are looms instead.
    b = weavers().activity("rig").quantity("rigs", measure="capacity", activity="rig")
    b.project("rig", "rig", size=1, earliest_year=2007)
    b.add("project_amounts", project="rig", flow="money", direction="adds", value=30)
    b.indicator("rig_stands", "level", "rigs", ">=", 1, years="2007", standing="goal")
    b.rows["indicator_figures"][0]["value"] = 100
    delay = asked(b, 2005, starts={"rig": 2008}).delays.iloc[0]
    assert (delay["objective"], delay["objective_without"]) == (pytest.approx(300), pytest.approx(100 + 170))
    assert delay["cost"] == pytest.approx(-30)
    assert (delay["goals_missed"], delay["goals_missed_without"]) == (pytest.approx(1), pytest.approx(0))
    assert (delay["missed"], delay["missed_without"]) == (0, 0)


def test_several_delays_also_together_and_a_start_that_happened():
    b = with_free(with_free(with_mill(), "works", 10, earliest_year=2007), "shed", 5, earliest_year=2007)
    found = asked(b, starts={"mill": 2007, "works": 2008, "shed": 2006})
    assert found.delays["project"].tolist() == ["mill", "works", ""]
    assert found.delays["cost"].tolist() == [pytest.approx(50), pytest.approx(10), pytest.approx(60)]
    assert found.answer.objective == pytest.approx(105 + 255)  # the shed is in service a year before it was planned


def test_a_start_that_cannot_have_happened_is_a_deviation():
    # The mill requires a shed that has not started.
    b = with_free(with_mill(), "shed", 1)
    b.rows["projects"][0]["requires"] = "shed"
    found = asked(b, starts={"mill": 2006, "shed": None})
    assert found.answer.status == "optimal"
    assert found.deviations[["name", "deviation"]].to_numpy().tolist() == [["mill", -1.0]]


def test_limits_that_contradict_each_other_are_an_answer_too():
    b = weavers().quantity("cloth", measure="output").commodity("heat").background("heat", 5)
    b.activity("stove", base_capacity=1).amount("stove", "gives", "heat", 1)
    found = asked(b, actuals=happened(("money", 2006, 60)))
    assert found.answer.status == "infeasible"
    assert found.answer.conflict is not None
    assert found.deviations["taken"].isna().all()


def test_questions_without_an_answer():
    bad = happened(("mony", 2006, 1), ("worth", 2006, 1), ("worth", 2006, 2), ("money", 2006, float("inf")))
    with pytest.raises(QuestionError, match="money") as refused:
        asked(weavers(), 2009, {"foresight": "myopic"}, actuals=bad, starts={"mil": None})
    assert len(refused.value.problems) == 6
    with pytest.raises(QuestionError, match="'value' is missing"):
        asked(weavers(), actuals=pd.DataFrame({"quantity": [], "year": []}))
