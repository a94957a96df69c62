"""Sets and figures about capacity: what is inherited, what it can make, how fast it grows, add-ons and projects."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from optimizer.declarations.component import Declarations
from optimizer.instance import Instance
from optimizer.program import INFINITY


def declare_capacity(d: Declarations, instance: Instance) -> None:
    figures, first = instance.figures, instance.horizon.all[0]
    operated = [(r, a, y) for r, a in instance.active for y in instance.horizon.all]
    limit_year = instance.horizon.limit_year
    d.set("OPERATED", operated)

    def inherited(parameter: str) -> dict[Any, float]:
        return {(r, a, y): (figures.get(a, parameter, r) or 0.0) if y == first else 0.0 for r, a, y in operated}

    d.figure("inherited_capacity", inherited("base_capacity"))
    d.figure("inherited_output", inherited("base_output"))
    d.figure("scheduled_retirement", {(r, a, y): figures.exact(a, "retirement", r, y) for r, a, y in operated})
    d.figure("utilisation", {(r, a, y): figures.get(a, "utilisation", r, limit_year(y)) or 0.0 for r, a, y in operated})
    builds = set(instance.variables["build"].itertuples(index=False, name=None))
    d.sets("BUILD_YEARS", {k: [k[2]] if k in builds else [] for k in operated})
    for name, parameter, figure in (
        ("MUST_RUN", "utilisation_floor", "utilisation_floor"),
        ("CAPACITY_LIMITED", "capacity_limit", "most_capacity"),
        ("BUILD_LIMITED", "build_limit", "most_build"),
    ):
        stated = _stated(instance, parameter, builds if name == "BUILD_LIMITED" else operated)
        d.set(name, stated)
        d.figure(figure, stated)


def _stated(instance: Instance, parameter: str, index: Iterable[tuple[str, str, int]]) -> dict[Any, float]:
    """The figure wherever the plan states it."""
    get, limit_year = instance.figures.get, instance.horizon.limit_year
    values = {(r, a, y): get(a, parameter, r, limit_year(y)) for r, a, y in sorted(index)}
    return {k: v for k, v in values.items() if v is not None}


def declare_growth(d: Declarations, instance: Instance) -> None:
    operated = [(r, a, y) for r, a in instance.active for y in instance.horizon.all]
    for what in ("output", "capacity"):
        growth = _stated(instance, f"{what}_growth", operated)
        steps = _stated(instance, f"{what}_step", operated)
        d.set(f"{what.upper()}_RAMPED", growth)
        d.figure(f"{what}_growth", growth)
        d.figure(f"{what}_step", {k: steps.get(k, 0.0) for k in growth})


def declare_hosts(d: Declarations, instance: Instance) -> None:
    rows = instance.plan.table("hosts")
    for basis in ("output", "capacity"):
        here = rows[(rows["basis"] == basis) & rows["value"].notna()]
        potential = dict(
            zip(zip(here["activity"], here["host"], strict=True), here["value"] * here["scale"], strict=True)
        )
        add_ons = {a for a, _ in potential}
        hosted = [(r, a) for r, a in instance.active if a in add_ons]
        hosts = {(r, a): [h for b, h in potential if b == a and (r, h) in instance.active] for r, a in hosted}
        d.set(f"HOSTED_{basis.upper()}", [(r, a, y) for r, a in hosted for y in instance.horizon.all])
        d.sets(f"{basis.upper()}_HOSTS", hosts)
        d.figure(f"{basis}_potential", potential)


def declare_projects(d: Declarations, instance: Instance) -> None:
    years, modelled = instance.horizon.all, {p.project for p in instance.projects}
    startable = [p for p in instance.projects if p.years]
    d.set("PROJECTS", [p.project for p in startable])
    d.figure("size", {p.project: p.size for p in instance.projects})
    d.figure("least_started", {p.project: 1.0 if p.committed else -INFINITY for p in startable})
    d.sets("START_YEARS", {p.project: p.years for p in startable})
    d.sets("STARTED", {(p.project, y): [t for t in p.years if t <= y] for p in instance.projects for y in years})
    d.set(
        "REQUIREMENTS",
        [(p.project, q, y) for p in instance.projects for q in p.requires for y in p.years if q in modelled],
    )
    entering: dict[Any, list[str]] = {(r, a, y): [] for r, a in instance.active for y in years}
    for p in instance.projects:
        for y in p.years:
            entering[p.region, p.activity, y].append(p.project)
    d.sets("ENTERING", entering)
