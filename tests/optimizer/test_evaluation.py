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


def test_inconsistent_actuals_are_met_as_nearly_as_can_be():
    # 60 元 make 60 t at most. Worth 90 is missed by a third where 60 元 hold; money by a half where 90 holds.
    found = asked(weavers(), actuals=happened(("money", 2006, 60), ("worth", 2006, 90)))
    off = found.deviations.set_index("name")
    assert off.loc["worth", "deviation"] == pytest.approx(-1 / 3)
    assert off.loc["money", "deviation"] == 0.0
    assert off.loc["worth", "taken"] == pytest.approx(60)


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
