"""What a plan states in its scenarios and cannot be used is told of the file that states it, all of it, once."""

import pytest

from model_data import DataError, default_plan_path, load_plan
from optimizer.stated import check_scenarios, unusable
from tests.house.source import ROOT
from tests.optimizer.test_scenarios import PLAN

OBJECTIVE = {"sense": "maximise", "terms": [{"quantity": "value_added", "weight": 1.0, "years": "each"}]}
ALL_YEARS = OBJECTIVE | {"terms": [OBJECTIVE["terms"][0], OBJECTIVE["terms"][0] | {"years": "all"}]}


def stated(*scenarios):
    plan = PLAN
    for name, settings in scenarios:
        plan = plan.with_scenario(name, {"scenario": name, "based_on": "most_value", **settings})
    return plan


def places(plan):
    return [(problem.table, problem.column) for problem in unusable(plan)]


@pytest.mark.parametrize(
    "path", [default_plan_path(), *(ROOT / "tests/plans").iterdir()], ids=lambda path: path.name
)  # fmt: skip
def test_what_is_shipped_can_be_used(path):
    assert unusable(load_plan(path)) == []


@pytest.mark.parametrize(
    ("settings", "place"),
    [
        ({"foresight": "crystal"}, "foresight"),
        ({"foresight": "single_year"}, "target_year"),
        ({"objective": []}, "objective"),
        ({"objective": [OBJECTIVE, ALL_YEARS]}, "objective[2].terms[2].years"),
        ({"budgets": {"investment": {"factor": -3}}}, "budgets.investment.factor"),
        ({"projects": {"new_factory": {"committed_year": 2050}}}, "projects.new_factory.committed_year"),
        ({"projects": {"new_factory": {"committed_year": 2006, "earliest_year": 2007}}}, "projects.new_factory"),
    ],
)
def test_a_value_that_cannot_be_used_has_its_place_in_the_file(settings, place):
    found = places(stated(("odd", settings)))
    assert set(found) == {("scenarios/odd.toml", place)}


def test_what_another_scenario_is_based_on_is_told_of_itself_only():
    plan = stated(("a", {"foresight": "crystal"}), ("b", {"based_on": "a"}), ("c", {"based_on": "b", "target_year": 3}))
    assert places(plan) == [("scenarios/a.toml", "foresight")]
    mended = plan.with_scenario("a", {"scenario": "a", "based_on": "most_value"})
    assert places(mended) == [("scenarios/c.toml", "target_year")]


def test_everything_is_said_at_once_in_both_languages():
    plan = stated(("a", {"foresight": "crystal", "target_year": "x"}), ("b", {"objective": []}))
    with pytest.raises(DataError) as refused:
        check_scenarios(plan)
    assert {problem.table for problem in refused.value.problems} == {"scenarios/a.toml", "scenarios/b.toml"}
    assert len(refused.value.problems) == 3
    foresight = next(problem for problem in refused.value.problems if problem.column == "foresight")
    assert foresight.message_zh.endswith("'perfect'、'myopic'、'single_year'")
    assert foresight.message_en.endswith("'perfect', 'myopic' or 'single_year'")
