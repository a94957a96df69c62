"""Sets and figures about capacity: what is inherited, what it can make, how fast it grows, add-ons and projects."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from optimizer.declarations.component import Declarations
from optimizer.instance import Instance
from optimizer.keys import Figures, Keys, Members
from optimizer.program import INFINITY

_LIMITS = (
    ("MUST_RUN", "utilisation_floor", "utilisation_floor"),
    ("CAPACITY_LIMITED", "capacity_limit", "most_capacity"),
)


def declare_capacity(d: Declarations, instance: Instance, builds: Keys) -> None:
    """``builds``: the index of the variable of that name."""
    places, years, active = instance.shape.places, instance.horizon.all, instance.active
    operated = d.names.keys(active).times(years)
    d.set("OPERATED", operated)
    for name, parameter in (("inherited_capacity", "base_capacity"), ("inherited_output", "base_output")):
        inherited = np.zeros((len(active), len(years)))
        inherited[:, :1] = np.nan_to_num(instance.holding(parameter, places, [0]))
        d.figure(name, Figures(operated, inherited.ravel()))
    retired = instance.holding("retirement", places, years, exact=True)
    d.figure("scheduled_retirement", Figures(operated, np.nan_to_num(retired).ravel()))
    utilisation = instance.holding("utilisation", places, _limit_years(instance))
    d.figure("utilisation", Figures(operated, np.nan_to_num(utilisation).ravel()))
    d.sets("BUILD_YEARS", Members(operated, operated.find(builds.columns, len(builds)), builds.part(-1)))
    for name, parameter, figure in _LIMITS:
        _declare_stated(d, name, figure, _stated(d, instance, parameter))
    limits = _stated(d, instance, "build_limit")
    allowed = builds.find(limits.keys.columns, len(limits.keys)) >= 0
    _declare_stated(d, "BUILD_LIMITED", "most_build", Figures(limits.keys.take(allowed), limits.values[allowed]))


def _limit_years(instance: Instance) -> list[int]:
    return [instance.horizon.limit_year(year) for year in instance.horizon.all]


def _stated(d: Declarations, instance: Instance, parameter: str) -> Figures:
    """The figure wherever the plan states it, in the order of the names."""
    order = instance.shape.sorted_places
    values = instance.holding(parameter, instance.shape.places.take(order), _limit_years(instance)).ravel()
    stated = ~np.isnan(values)
    return Figures(d.names.keys(instance.active).take(order).times(instance.horizon.all).take(stated), values[stated])


def _declare_stated(d: Declarations, name: str, figure: str, stated: Figures) -> None:
    d.set(name, stated.keys)
    d.figure(figure, stated)


def declare_growth(d: Declarations, instance: Instance) -> None:
    for what in ("output", "capacity"):
        growth, steps = _stated(d, instance, f"{what}_growth"), _stated(d, instance, f"{what}_step")
        _declare_stated(d, f"{what.upper()}_RAMPED", f"{what}_growth", growth)
        place = steps.keys.find(growth.keys.columns, len(growth.keys))
        step = np.append(steps.values, 0.0)[place]  # the last one where no step is stated
        d.figure(f"{what}_step", Figures(growth.keys, step))


def declare_hosts(d: Declarations, instance: Instance) -> None:
    rows, active = instance.plan.table("hosts"), set(instance.active)
    for basis in ("output", "capacity"):
        here = rows[(rows["basis"] == basis) & rows["value"].notna()]
        potential = dict(
            zip(zip(here["activity"], here["host"], strict=True), here["value"] * here["scale"], strict=True)
        )
        hosts_of: dict[str, list[str]] = {}
        for activity, host in potential:
            hosts_of.setdefault(activity, []).append(host)
        hosted = [(r, a) for r, a in instance.active if a in hosts_of]
        hosts = {(r, a): [h for h in hosts_of[a] if (r, h) in active] for r, a in hosted}
        d.set(f"HOSTED_{basis.upper()}", d.names.keys(hosted).times(instance.horizon.all))
        d.sets(f"{basis.upper()}_HOSTS", hosts)
        d.figure(f"{basis}_potential", potential)


def declare_projects(d: Declarations, instance: Instance) -> None:
    years, modelled = instance.horizon.all, {p.project: p for p in instance.projects}
    startable = [p for p in instance.projects if p.years]
    d.set("PROJECTS", [p.project for p in startable])
    d.figure("size", {p.project: p.size for p in instance.projects})
    d.figure("least_started", {p.project: 1.0 if p.committed else -INFINITY for p in startable})
    d.sets("START_YEARS", {p.project: p.years for p in startable})
    required = [(p.project, q) for p in instance.projects for q in p.requires if q in modelled]
    tied = [modelled[name] for name in dict.fromkeys(name for pair in required for name in pair)]
    d.sets("STARTED", {(p.project, y): [t for t in p.years if t <= y] for p in tied for y in years})
    d.set("REQUIREMENTS", [(p, q, y) for p, q in required for y in modelled[p].years])
    operated = d.names.keys(instance.active).times(years)
    entering = [(p.region, p.activity, y, p.project) for p in instance.projects for y in p.years]
    d.sets("ENTERING", _entering(d, operated, entering))


def _entering(d: Declarations, operated: Keys, entering: Sequence[tuple[Any, ...]]) -> Members:
    """The projects that can enter service in each place and year."""
    keys = d.names.keys(entering)
    owner = operated.find(keys.columns[:3], len(keys))
    order = np.argsort(owner, kind="stable")
    return Members(operated, owner[order], keys.part(-1).take(order))
