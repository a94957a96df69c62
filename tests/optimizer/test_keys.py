"""Keys by columns against plain look-ups: where keys stand in others, which figure holds, who is host, who trades."""

from pathlib import Path
from types import MappingProxyType

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.scaled import scaled_plan
from model_data import Plan, default_plan_path, load_plan
from model_data.schema import TABLE
from optimizer import load_scenario, resolve
from optimizer.arrays.model import ArrayModel
from optimizer.declarations import declare
from optimizer.frames import NONE
from optimizer.keys import Keys, Names
from tests.specimen import specimen

TINY = load_plan(Path(__file__).parents[1] / "plans" / "tiny")
DEFAULT = load_plan(default_plan_path())
PLANS = {"specimen": specimen().plan(), "default": DEFAULT, "three": scaled_plan(3, original=TINY)}

PAIRS = st.lists(st.tuples(st.sampled_from("abcdef"), st.integers(2006, 2010)), unique=True)


@given(PAIRS, PAIRS, st.integers(0, 3))
def test_keys_are_found_where_they_stand(held, wanted, unknown):
    names = Names()
    keys = names.keys(held)
    asked = names.keys([*wanted, *(("later", 2006 + k) for k in range(unknown))])
    found = keys.find(asked.columns, len(asked)).tolist()
    assert found == [held.index(key) if key in held else -1 for key in asked.tuples()]


@pytest.mark.parametrize("count", [3, 60])
def test_many_combinations_of_few_keys_are_found_in_order(count):
    """A table of all combinations is left for a sorted list where it would be nearly empty."""
    listed = [(f"a{k}", f"b{(7 * k) % count}", f"c{(11 * k) % count}") for k in range(count)]
    names = Names()
    keys = names.keys(listed)
    order = np.random.default_rng(1).permutation(count)
    wanted = keys.take(order)
    assert keys.find(wanted.columns, count).tolist() == order.tolist()
    assert keys.find((keys.columns[0], keys.columns[1][::-1], keys.columns[2]), count).tolist() == [
        k if listed[k][1] == listed[count - 1 - k][1] else -1 for k in range(count)
    ]


@given(PAIRS, st.data())
def test_keys_taken_from_others_know_where_they_stood(held, data):
    names = Names()
    keys = names.keys(held)
    mask = np.array([data.draw(st.booleans()) for _ in held], dtype=bool)
    some = keys.take(mask)
    again = some.take(np.arange(len(some))[::-1])
    assert again.tuples() == [key for key, kept in zip(held, mask, strict=True) if kept][::-1]
    assert [held[k] for k in again.within(keys)] == again.tuples()
    assert again.within(Keys(names, keys.columns)) is None  # equal, but nobody knows


# ------------------------------------------------------------------------------------------------- tables of a plan


def holding(plan, table, parameter, place, year, *, exact):
    """The number of the figure, found by going through the rows: a region's own first, then one for the year."""
    frame, subject = plan.table(table), TABLE[table].columns[1].name
    here = frame[(frame["parameter"] == parameter) & (frame[subject] == place[1]) & frame["value"].notna()]
    for region in (place[0], ""):
        for when in (year,) if exact else (year, 0):
            rows = here[(here["region"] == region) & (here["year"].fillna(0) == when)]
            if len(rows):
                return plan.figure_numbers[table] + int(rows.index[-1])
    return NONE


def stated_twice():
    """The plan of three regions with figures of one region, or of one year, or of both, beside those for all."""
    plan = PLANS["three"]
    frames = {name: plan.table(name) for name in TABLE}
    figures, regions = frames["activity_figures"], frames["regions"]["region"].tolist()
    common = figures[figures["region"] == ""]
    more = [common.assign(region=regions[0]), common.assign(year=2007), common.assign(region=regions[1], year=2006)]
    every = pd.concat([figures, *more]).astype(figures.dtypes.to_dict())
    frames["activity_figures"] = every.drop_duplicates(list(TABLE["activity_figures"].key)).reset_index(drop=True)
    return Plan(plan.settings, plan.scenario_texts, MappingProxyType(frames))


@pytest.mark.parametrize("exact", [False, True])
@pytest.mark.parametrize("plan", [PLANS["specimen"], stated_twice()], ids=["specimen", "stated twice"])
def test_the_figure_that_holds(plan, exact):
    shape = resolve(plan, load_scenario(plan)).shape
    years, places = [2007, 2006, 2007, 0], shape.places.tuples()
    for parameter in sorted(set(plan.table("activity_figures")["parameter"])):
        found = shape.of_activities(parameter, years, exact=exact)
        assert found.tolist() == [
            [holding(plan, "activity_figures", parameter, place, year, exact=exact) for year in years]
            for place in places
        ]


def sets(m, name):
    return m.__dict__[name].members.mapping()


@pytest.mark.parametrize("name", PLANS)
def test_hosts_traders_and_projects(name):
    plan = PLANS[name]
    instance = resolve(plan, load_scenario(plan))
    m = ArrayModel(instance.shape.coded.names)
    declare(m, instance)
    active, regions = set(instance.active), plan.table("regions")["region"].tolist()
    for basis in ("output", "capacity"):
        rows = plan.table("hosts")
        rows = rows[(rows["basis"] == basis) & rows["value"].notna()]
        pairs = list(zip(rows["activity"], rows["host"], strict=True))
        assert sets(m, f"{basis.upper()}_HOSTS") == {
            (r, a): [host for of, host in pairs if of == a and (r, host) in active]
            for r, a in instance.active
            if any(of == a for of, _ in pairs)
        }
    for name_of, kind in (("BUYERS", "buy"), ("SELLERS", "sell"), ("STORES", "stock")):
        frame = instance.variables[kind]
        traded = set(zip(frame["region"], frame["flow"], strict=True))
        for (region, flow), found in sets(m, name_of).items():
            assert found == [r for r in ([region] if region else regions) if (r, flow) in traded]
    entering = [((p.region, p.activity, y), p.project) for p in instance.projects for y in p.years]
    assert {k: v for k, v in sets(m, "ENTERING").items() if v} == {
        k: [project for place, project in entering if place == k] for k, _ in entering
    }
    balances = {k for k in instance.forms.numbers if k[0] == "balance"}
    assert {("balance", *k) for k in m.BALANCES.keys.tuples()} <= balances
