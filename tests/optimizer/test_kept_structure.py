"""What is kept of a structure gives every instance of it the program that reading everything anew would give."""

from copy import copy
from pathlib import Path

import numpy as np
import pytest

from model_data import default_plan_path, load_plan
from model_data.schema import TABLE
from optimizer import build, compile_lp, levels, load_scenario, resolve
from optimizer.arrays.assemble import assemble, kept_assembly
from optimizer.labels import Labels
from optimizer.latest import Latest
from tests.specimen import specimen

DEFAULT = load_plan(default_plan_path())
TINY = load_plan(Path(__file__).parents[1] / "plans" / "tiny")
SPECIMEN = specimen().plan()
# Calendar years and what decides whether something exists are left as they are.
YEARS = ("earliest_build", "earliest_year", "committed_year", "base_capacity")


def changed(plan, seed, tables=None):
    """The plan with every figure a little different: up to half a percent, so that checks of size let it pass."""
    random = np.random.default_rng(seed)
    changes = []
    for name, table in TABLE.items():
        if table.is_figure_table and name != "spending_profiles" and (tables is None or name in tables):
            for row in plan.table(name).to_dict("records"):
                if row["value"] == row["value"] and row.get("parameter") not in YEARS:
                    key = {column: row[column] for column in table.key if str(row[column]) not in ("", "<NA>")}
                    changes.append({"table": name, **key, "value": row["value"] * random.uniform(0.995, 1.005)})
    return plan.with_figures(changes)


def assert_as_by_pyomo(instance):
    by_pyomo, ours = compile_lp(build(instance)), assemble(instance)
    assert ours.fingerprint == by_pyomo.fingerprint
    return ours


def anew(plan):
    """An equal plan of which nothing is kept."""
    return copy(plan)


@pytest.mark.parametrize("plan", [SPECIMEN, TINY, DEFAULT], ids=["specimen", "tiny", "default"])
def test_other_values_in_a_kept_structure(plan):
    scenario = load_scenario(plan)
    first = resolve(plan, scenario)
    before = assert_as_by_pyomo(first)
    for seed in (1, 2):
        other = resolve(changed(plan, seed), scenario)
        assert kept_assembly(other) is kept_assembly(first)
        after = assert_as_by_pyomo(other)
        assert after.rows is before.rows
        assert abs(after.matrix - before.matrix).max() > 0.0
    assert assemble(first).fingerprint == before.fingerprint  # what came later did not touch it


def test_numbers_in_a_kept_shape_are_those_of_a_plan_seen_first():
    scenario = load_scenario(SPECIMEN)
    resolve(SPECIMEN, scenario)
    plan = changed(SPECIMEN, 3)
    kept, fresh = resolve(plan, scenario), resolve(anew(plan), scenario)
    assert kept.shape is not fresh.shape
    assert kept.base_values == fresh.base_values
    assert assemble(kept).fingerprint == assemble(fresh).fingerprint
    assert kept.draws.equals(fresh.draws)


def test_settings_of_the_scenario_in_a_kept_structure():
    plain = load_scenario(TINY)
    changes = {"budgets": {"investment": {"factor": 1.25}}, "indicators": {"energy_intensity": {"target": -3.0}}}
    first, other = resolve(TINY, plain), resolve(TINY, load_scenario(TINY, None, changes))
    before = assert_as_by_pyomo(first)
    assert kept_assembly(other) is kept_assembly(first)
    assert assert_as_by_pyomo(other).fingerprint != before.fingerprint


@pytest.mark.parametrize(
    ("table", "row", "value"),
    [
        ("amounts", 2, 0.0),  # energy is no longer drawn
        ("activity_figures", 0, 0.0),  # no base-year capacity
        ("activity_figures", 3, 2007.0),  # built a year later
        ("budget_figures", 0, float("nan")),  # no budget in that year
    ],
)
def test_a_value_that_changes_what_exists_is_read_anew(table, row, value):
    scenario = load_scenario(TINY)
    first = resolve(TINY, scenario)
    before = assert_as_by_pyomo(first)
    other = resolve(TINY.with_value_at(table, row, value), scenario)
    assert assert_as_by_pyomo(other).fingerprint != before.fingerprint
    assert kept_assembly(other) is not kept_assembly(first)


def test_labels_stand_for_the_tuple_of_their_labels():
    program = assemble(resolve(TINY, load_scenario(TINY)))
    plain = tuple(program.rows)
    assert isinstance(program.rows, Labels)
    assert program.rows == plain
    assert plain == program.rows
    assert (len(program.rows), program.rows[3], program.rows[1:3]) == (len(plain), plain[3], plain[1:3])
    assert repr(program.rows) == repr(plain)
    assert type(copy(program.rows)) is tuple  # as it travels to another process
    assert copy(program.rows) == plain
    assert program.row_number == {label: number for number, label in enumerate(plain)}
    assert program.row_number is assemble(resolve(TINY, load_scenario(TINY))).row_number


def test_the_latest_are_kept():
    made = []
    latest = Latest(2)
    for key in "aabacab":  # c drives out b, and b then c
        latest.get(key, lambda key=key: made.append(key))
    assert made == ["a", "b", "c", "b"]


def test_of_large_things_fewer_are_kept_but_one_in_any_case():
    made = []
    latest = Latest(3, lambda key, thing: len(key + thing) // 2, 5)
    for key in ("aa", "b", "cc", "aa", "ddd", "cc", "ffffff", "ffffff", "b"):
        latest.get(key, lambda key=key: made.append(key) or key)
    # ddd drives out b and cc (3 + 2 + 2 are too many), cc comes again and aa goes; ffffff is alone until b comes.
    assert made == ["aa", "b", "cc", "ddd", "cc", "ffffff", "b"]


def test_what_is_kept_by_shape_counts_its_entries_too(monkeypatch):
    monkeypatch.setattr(levels, "ENTRIES", 0)
    made = []
    find = levels.kept_by_shape(lambda instance: made.append(instance.shape))
    way = {"foresight": "single_year", "target_year": TINY.settings.first_year}
    every, one = (resolve(TINY, load_scenario(TINY, None, changes)) for changes in ({}, way))
    for instance in (every, every, one, every):
        find(instance)
    assert made == [every.shape, one.shape, every.shape]
