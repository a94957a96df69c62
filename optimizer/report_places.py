"""Tables of an answer about what is operated, built, traded and paid, by columns (see ``optimizer.report``)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from optimizer.columns import Mask
from optimizer.frames import read
from optimizer.instance import Instance
from optimizer.keys import Integers, Vector
from optimizer.levels import Levels, kept_by_shape
from optimizer.origins import origins
from optimizer.table import Table


def activity_table(instance: Instance, levels: Levels) -> Table:
    """region, industry, activity, year, output, output_unit, capacity, new_capacity, retired, capacity_unit."""
    operated, sizes = _operated(instance), {project.project: project.size for project in instance.projects}
    names, planned = operated.names, operated.planned
    size = np.array([sizes[project] for project in operated.projects], dtype=float)
    new: Vector = np.zeros(len(planned))
    for kind, capacity in (("build", levels.of["build"]), ("start", size * levels.of["start"])):
        new += np.bincount(operated.places[kind], capacity, len(planned))
    scheduled = np.nan_to_num(np.append(instance.values, np.nan)[operated.retirement])
    return {
        **{name: names[name] for name in ("region", "industry", "activity", "year")},
        "output": levels.of["output"][planned],
        "output_unit": names["output_unit"],
        "capacity": levels.of["capacity"][planned],
        "new_capacity": new[planned],
        "retired": levels.of["retire"][planned] + scheduled,
        "capacity_unit": names["capacity_unit"],
    }


@dataclass(frozen=True, eq=False)
class _Operated:
    """Activities in their places and years: those ``planned`` are told of.

    ``places``: where each variable of a kind enters service among all of them. ``retirement``: the figure of scheduled
    retirement in each planned one, beyond the last where none is stated.
    """

    names: Table
    planned: Mask
    retirement: Integers
    places: Mapping[str, Integers]
    projects: list[str]


@kept_by_shape
def _operated(instance: Instance) -> _Operated:
    shape, years = instance.shape, instance.horizon.years
    rows = [(region, activity, year) for region, activity in instance.active for year in years]
    entities = read(instance.plan, "activities")
    named = {name: entities.by("activity", name) for name in ("industry", "output_unit", "capacity_unit")}
    names = {name: [column[activity] for _, activity, _ in rows] for name, column in named.items()}
    names |= {"region": [region for region, _, _ in rows], "activity": [activity for _, activity, _ in rows]}
    year = np.array([year for _, _, year in rows], dtype=np.int64)
    operated, by_place = shape.indices["output"], ("region", "activity", "t")
    of = ("activity_figures", "retirement", shape.places, years, shape.has_value)
    return _Operated(
        {**names, "year": year},
        np.isin(operated["t"], years),
        shape.coded.numbers(*of, exact=True).ravel(),
        {kind: shape.indices[kind].place_in(operated, by_place) for kind in ("build", "start")},
        instance.variables["start"]["project"].tolist(),
    )


def account_table(instance: Instance, levels: Levels) -> Table:
    """flow, region, industry, activity, item, year, value, unit: what adds up to every account, by origin.

    Background items stand with their ``item`` and no activity. Investment before the first plan year is not counted.
    """
    found = origins(instance)
    return {**found.names, "value": found.sums(instance.amounts, levels), "unit": found.units}


def project_table(instance: Instance, levels: Levels) -> Table:
    """project, activity, size, unit, year, share: the share of each project that enters service in each year.

    Closing years are included, since what enters then is spent on in the plan.
    """
    names, sizes = _started(instance), {project.project: project.size for project in instance.projects}
    return {
        "project": names["project"],
        "activity": names["activity"],
        "size": np.array([sizes[project] for project in names["project"]], dtype=float),
        "unit": names["unit"],
        "year": names["year"],
        "share": levels.of["start"],
    }


@kept_by_shape
def _started(instance: Instance) -> Table:
    frame, units = instance.variables["start"], read(instance.plan, "activities").by("activity", "capacity_unit")
    named = {name: frame[name].tolist() for name in ("project", "activity")}
    return {**named, "unit": [units[activity] for activity in named["activity"]], "year": frame["t"].to_numpy()}


_TRADED = {"bought": "buy", "sold": "sell", "stock": "stock"}


def trade_table(instance: Instance, levels: Levels) -> Table:
    """region, flow, year, bought, sold, stock, unit."""
    names, places = _traded(instance)
    traded = {name: np.append(levels.of[kind], 0.0)[places[kind]] for name, kind in _TRADED.items()}
    return {**{name: names[name] for name in ("region", "flow", "year")}, **traded, "unit": names["unit"]}


@kept_by_shape
def _traded(instance: Instance) -> tuple[Table, Mapping[str, Integers]]:
    """What stands beside the values, and which variable of each kind each row tells of; -1 where there is none."""
    units, years = read(instance.plan, "flows").by("flow", "unit"), instance.horizon.years
    index = {
        kind: list(zip(*(instance.variables[kind][c].tolist() for c in ("region", "flow", "t")), strict=True))
        for kind in _TRADED.values()
    }
    places = dict.fromkeys((region, flow) for kind in index.values() for region, flow, _ in kind)
    rows = [(region, flow, year) for region, flow in places for year in years]
    number = {kind: {at: place for place, at in enumerate(own)} for kind, own in index.items()}
    names = {
        "region": [region for region, _, _ in rows],
        "flow": [flow for _, flow, _ in rows],
        "year": np.array([year for _, _, year in rows], dtype=np.int64),
        "unit": [units[flow] for _, flow, _ in rows],
    }
    return names, {kind: np.array([own.get(row, -1) for row in rows], dtype=np.int64) for kind, own in number.items()}


def fund_table(instance: Instance, levels: Levels) -> Table:
    """fund, industry, year, value: money used, in the unit of the investment account."""
    names, planned = _funded(instance)
    return {**names, "value": levels.of["fund"][planned]}


@kept_by_shape
def _funded(instance: Instance) -> tuple[Table, Mask]:
    frame = instance.variables["fund"]
    planned = frame["t"].isin(instance.horizon.years).to_numpy()
    told = frame[planned]
    return {"fund": told["fund"].tolist(), "industry": told["industry"].tolist(), "year": told["t"].to_numpy()}, planned
