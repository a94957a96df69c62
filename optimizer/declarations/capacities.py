"""Sets and figures about capacity: what is inherited, what it can make, how fast it grows, add-ons and projects."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from optimizer.columns import Columns
from optimizer.declarations.component import Declarations
from optimizer.frames import NONE
from optimizer.instance import Instance
from optimizer.keys import Figures, Integers, Keys, Members, Vector
from optimizer.program import INFINITY

_LIMITS = (
    ("MUST_RUN", "utilisation_floor", "utilisation_floor"),
    ("CAPACITY_LIMITED", "capacity_limit", "most_capacity"),
)


def declare_capacity(d: Declarations, instance: Instance, indices: Mapping[str, Keys]) -> None:
    """``indices``: the index of every kind of variable."""
    shape, years, builds = instance.shape, instance.horizon.all, indices["build"]
    operated = indices["output"]
    d.set("OPERATED", operated)
    for name, parameter in (("inherited_capacity", "base_capacity"), ("inherited_output", "base_output")):
        inherited = np.full((len(shape.places), len(years)), NONE, dtype=np.int32)
        inherited[:, :1] = shape.of_activities(parameter, [0])
        d.figure(name, Figures(operated, taken(inherited.ravel())))
    retired = shape.of_activities("retirement", years, exact=True)
    d.figure("scheduled_retirement", Figures(operated, taken(retired.ravel())))
    utilisation = shape.of_activities("utilisation", _limit_years(instance))
    d.figure("utilisation", Figures(operated, taken(utilisation.ravel())))
    d.sets("BUILD_YEARS", Members(operated, operated.find(builds.columns, len(builds)), builds.parts(-1)))
    for name, parameter, figure in _LIMITS:
        _declare_stated(d, name, figure, *_stated(instance, parameter, operated))
    keys, number = _stated(instance, "build_limit", operated)
    allowed = builds.find(keys.columns, len(keys)) >= 0
    _declare_stated(d, "BUILD_LIMITED", "most_build", keys.take(allowed), number[allowed])


def taken(number: Integers) -> Callable[[Instance], Vector]:
    """The figures with these numbers, 0 for NONE."""
    return lambda instance: instance.known[number]


def _limit_years(instance: Instance) -> list[int]:
    return [instance.horizon.limit_year(year) for year in instance.horizon.all]


def _stated(instance: Instance, parameter: str, operated: Keys) -> tuple[Keys, Integers]:
    """Where the plan states the figure, in the order of the names of places, and its number there."""
    shape, every = instance.shape, len(instance.horizon.all)
    order = shape.sorted_places
    number = shape.of_activities(parameter, _limit_years(instance))[order].ravel()
    places = (order[:, None] * every + np.arange(every)).ravel()
    stated = number != NONE
    return operated.take(places[stated]), number[stated]


def _declare_stated(d: Declarations, name: str, figure: str, keys: Keys, number: Integers) -> None:
    d.set(name, keys)
    d.figure(figure, Figures(keys, taken(number)))


def declare_growth(d: Declarations, instance: Instance, indices: Mapping[str, Keys]) -> None:
    for what in ("output", "capacity"):
        keys, growth = _stated(instance, f"{what}_growth", indices["output"])
        stepped, step = _stated(instance, f"{what}_step", indices["output"])
        _declare_stated(d, f"{what.upper()}_RAMPED", f"{what}_growth", keys, growth)
        place = stepped.find(keys.columns, len(keys))
        d.figure(f"{what}_step", Figures(keys, taken(np.append(step, NONE)[place])))


def declare_hosts(d: Declarations, instance: Instance) -> None:
    coded = instance.shape.coded
    hosts = coded.table("hosts")
    hosts = hosts.take(instance.shape.has_value[hosts["number"]])
    for basis in ("output", "capacity"):
        here = hosts.take(hosts["basis"] == coded.number(basis))
        hosted, members = _hosts(instance.shape.places, here)
        d.set(f"HOSTED_{basis.upper()}", hosted.times(instance.horizon.all))
        d.sets(f"{basis.upper()}_HOSTS", members)
        potential = Keys(d.names, (here["activity"], here["host"]))
        d.figure(f"{basis}_potential", Figures(potential, taken(here["number"])))


def _hosts(places: Keys, rows: Columns) -> tuple[Keys, Members]:
    """The active places that may have hosts, and of each the active ones."""
    region, activity = places.columns
    hosted = places.take(np.isin(activity, rows["activity"]))
    region, activity = hosted.columns
    pairs = Columns({"activity": activity, "region": region, "owner": np.arange(len(hosted))}).join(rows, ["activity"])
    found = places.find((pairs["region"], pairs["host"]), len(pairs)) >= 0
    return hosted, Members(hosted, pairs["owner"][found], Keys(places.names, (pairs["host"][found],)))


def declare_projects(d: Declarations, instance: Instance, indices: Mapping[str, Keys]) -> None:
    years, modelled = instance.horizon.all, {p.project: p for p in instance.projects}
    startable, starts = [p for p in instance.projects if p.years], indices["start"]
    projects = d.names.keys([p.project for p in startable])
    d.set("PROJECTS", projects)
    d.mapped("size", d.names.keys(modelled), _sizes)
    d.figure("least_started", {p.project: 1.0 if p.committed else -INFINITY for p in startable})
    d.sets("START_YEARS", Members(projects, projects.find(starts.columns[:1], len(starts)), starts.parts(-1)))
    required = [(p.project, q) for p in instance.projects for q in p.requires if q in modelled]
    tied = [modelled[name] for name in dict.fromkeys(name for pair in required for name in pair)]
    d.sets("STARTED", {(p.project, y): [t for t in p.years if t <= y] for p in tied for y in years})
    d.set("REQUIREMENTS", [(p, q, y) for p, q in required for y in modelled[p].years])
    d.sets("ENTERING", _entering(indices["output"], instance.shape.indices["start"], starts))


def _sizes(instance: Instance) -> dict[str, float]:
    return {p.project: p.size for p in instance.projects}


def _entering(operated: Keys, rows: Columns, starts: Keys) -> Members:
    """The projects that can enter service in each place and year."""
    owner = operated.find((rows["region"], rows["activity"], starts.columns[-1]), len(starts))
    order = np.argsort(owner, kind="stable")
    return Members(operated, owner[order], starts.parts(0, 1).take(order))
