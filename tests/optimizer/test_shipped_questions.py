"""Evaluation, comparison and the published plan on the shipped plan, against answers found another way."""

import math

import pytest

from model_data import default_plan_path, load_plan
from optimizer import compare, evaluate, load_scenario, published, sample, solve

STATIONS = ("p01_xishangzhuang_power", "p03_niangziguan_power", "p04_yangguang_expansion")


@pytest.fixture(scope="module")
def plan():
    return load_plan(default_plan_path())


@pytest.fixture(scope="module")
def base(plan):
    return solve(plan, load_scenario(plan, "planning_base"))


@pytest.fixture(scope="module")
def required(plan):
    return solve(plan, load_scenario(plan, "required_only"))


def test_actuals_out_of_reach_cost_no_required_target(plan):
    # GDP of 2006 to 2008 as the province grew is above all that the model can do; that is no reason to lose research.
    found = evaluate(plan, load_scenario(plan, "planning_base"), 2008)
    assert found.deviations["deviation"].max() < -0.03
    assert "required" not in set(found.lost["standing"])


def test_delays_before_anything_has_passed_are_the_scenario_of_delays(plan, base):
    scenario = load_scenario(plan, "planning_base")
    found = evaluate(plan, scenario, 2005, starts=dict.fromkeys(STATIONS[:1], 2011))
    late = solve(plan, load_scenario(plan, "planning_base", {"projects": {STATIONS[0]: {"earliest_year": 2011}}}))
    assert found.original.objective == pytest.approx(base.objective, rel=1e-9)
    # The same goals, of which required targets come first here: all of them hold, so nothing else is decided.
    assert found.answer.objective == pytest.approx(late.objective, rel=1e-6)
    delay = found.delays.iloc[0]
    assert delay["cost"] == pytest.approx(base.objective - late.objective, abs=1e-2)
    assert delay["goals_missed"] - delay["goals_missed_without"] == pytest.approx(
        late.solution.values[0] - base.solution.values[0], abs=1e-6
    )


def test_a_comparison_adds_up(plan, base):
    delayed = solve(plan, load_scenario(plan, "stations_delayed"))
    found = compare(base, delayed)
    assert found.parts["change"].tolist() == list(STATIONS)
    assert found.parts["effect"].sum() == pytest.approx(delayed.objective - base.objective, rel=1e-9)
    assert found.parts["goals"].sum() == pytest.approx(found.goals[1] - found.goals[0], rel=1e-9)
    assert found.goals[1] > found.goals[0]


def test_the_published_plan_costs_what_solving_with_each_decision_costs(plan, required):
    found = published(plan, load_scenario(plan, "plan_as_written"), load_scenario(plan))
    table = found.decisions.set_index("name")
    assert found.optimum.objective == pytest.approx(required.objective, rel=1e-9)
    assert found.nearest.status == "optimal"
    for name, changes in (
        ("power_capacity", {"indicators": {"power_capacity": {"standing": "required"}}}),
        ("p15_pvc", {"projects": {"p15_pvc": {"committed_year": 2008}}}),
    ):
        answer = solve(plan, load_scenario(plan, "required_only", changes))
        assert table.loc[name, "cost"] == pytest.approx(required.objective - answer.objective, rel=1e-6)
    growth = {"indicators": {"industry_growth": {"standing": "required"}}}
    assert solve(plan, load_scenario(plan, "required_only", growth)).status == "infeasible"
    assert math.isinf(table.loc["industry_growth", "cost"])
    assert {"budget", "indicator"} == set(found.violations["kind"])
    assert not set(found.given_up["kind"]) & {"budget"}


def test_samples_at_the_stated_figures_are_the_answer(plan, required):
    share = {"table": "budget_figures", "budget": "modelled_investment", "parameter": "share"}
    less = {"figures": [{**share, "value": 75}]}
    found = sample(plan, load_scenario(plan, "required_only"), [share], samples=1)
    assert found.samples["status"].tolist() == ["optimal"]
    row = found.tornado.iloc[0]
    at_low = solve(plan, load_scenario(plan, "required_only", less))
    assert row["objective_low"] == pytest.approx(at_low.objective, rel=1e-6)
    assert row["change_low"] == pytest.approx(at_low.objective - required.objective, rel=1e-6)
