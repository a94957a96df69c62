"""Plans of many regions: they keep every rule, can be solved, and add up to the original."""

import pytest

from benchmarks.scaled import VARIATION, scaled_plan
from model_data import TABLE, default_plan_path, load_plan
from model_data.frames import RawPlan, to_raw
from model_data.plan import assemble
from optimizer import load_scenario, resolve, solve


@pytest.fixture(scope="module")
def original():
    return load_plan(default_plan_path())


@pytest.fixture(scope="module")
def three(original):
    return scaled_plan(3, original=original)


def test_one_region_is_the_original(original):
    one, scenario = scaled_plan(1, original=original), load_scenario(original)
    targets = [resolve(plan, scenario).targets for plan in (original, one)]
    assert targets[0] == targets[1]
    for table in ("activity_figures", "background", "project_figures", "budget_figures"):
        values = [sorted(plan.table(table)["value"].dropna()) for plan in (original, one)]
        assert values[1] == pytest.approx(values[0])


def test_every_rule_is_kept(three):
    tables = {name: to_raw(TABLE[name], three.table(name)) for name in TABLE if len(three.table(name))}
    assert assemble(RawPlan(three.settings.as_raw(), tables, dict(three.scenario_texts))) == three


def test_regions_differ_and_add_up(original, three):
    rows = three.table("activity_figures").query("parameter == 'base_output' and value > 0")
    by_activity = rows.groupby("activity")["value"]
    assert (by_activity.count() == 3).all()
    assert (by_activity.std() > 0).all()
    assert (by_activity.max() / by_activity.min() <= (1 + VARIATION) / (1 - VARIATION) + 1e-9).all()
    for quantity, value in original.base_values().items():
        assert three.base_values()[quantity] == pytest.approx(3 * value, rel=0.2, abs=1e-6)


def test_the_seed_decides(three):
    assert scaled_plan(3) == three
    assert scaled_plan(3, seed=1) != three


def test_three_regions_reach_what_three_originals_reach(original, three):
    alone, together = (solve(plan, load_scenario(plan)) for plan in (original, three))
    assert together.status == "optimal"
    assert together.objective == pytest.approx(3 * alone.objective, rel=0.03)
    assert len(together.instance.projects) == 3 * len(alone.instance.projects)


def test_an_original_of_more_regions_is_refused(three):
    with pytest.raises(ValueError, match="one region"):
        scaled_plan(2, original=three)
