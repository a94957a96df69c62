"""Changes of what a scenario asks, from what groups gave way to settings of a scenario."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from model_data.canonical import budget_units
from optimizer.diagnosis.elastic import Given
from optimizer.diagnosis.open_plan import Group, OpenPlan
from optimizer.diagnosis.statement import FORMS, Statement
from optimizer.frames import lookup, records
from optimizer.program import Label, Vector
from optimizer.targets import Budget

# Every change is rounded outwards by this share of what is asked, so that the repaired plan has a little room.
OUTWARD = 1e-7
# Numbers that rows with "=" reach may differ by this much, relative to their size, and count as one.
_EQUAL = 1e-9
YEAR = "年份"


@dataclass(frozen=True)
class Change:
    """One group changed: from ``before`` to ``after`` in ``unit``; ``after`` None: given up (a commitment, a target).

    A budget stands with its sum over the plan years, or with the year's amount; a commitment with its year; a target
    that the plan states by year with a common factor. ``size`` is the change relative to what was asked, 1 for a
    commitment. ``settings`` is what the scenario has to say.
    """

    label: Label
    before: float
    after: float | None
    unit: str
    size: float
    settings: Mapping[str, Any]


def merged(changes: Iterable[Change]) -> dict[str, Any]:
    """The settings of all changes together, as ``load_scenario`` takes them."""
    settings: dict[str, Any] = {}
    for change in changes:
        for section, entries in change.settings.items():
            if section == "figures":
                settings.setdefault(section, []).extend(entries)
                continue
            for name, setting in entries.items():
                stated = settings.setdefault(section, {}).setdefault(name, {})
                for key, value in setting.items():
                    stated[key] = {**stated.get(key, {}), **value} if isinstance(value, Mapping) else value
    return settings


def changes_of(opened: OpenPlan, groups: Iterable[Group], given: Given) -> tuple[Change, ...]:
    """The changes that make the point of ``given`` feasible: each number the tightest that the point reaches."""
    found = [group for group in groups if given.sizes.get(group.label, 0.0) > 0.0]
    return tuple(_change(opened, group, found, given) for group in found)


def _change(opened: OpenPlan, group: Group, changed: list[Group], given: Given) -> Change:
    if group.kind == "indicator":
        statement = opened.statements[group.name]
        return target_change(opened, statement, given.x, given.sizes[group.label])
    if group.kind == "budget":
        own = set(group.own)
        followed = sum(given.sizes[other.label] for other in changed if other is not group and own & set(other.moves))
        return budget_change(opened, group, given.sizes[group.label], followed)
    return commitment_change(opened, group.name, None)


def target_change(opened: OpenPlan, statement: Statement, x: Vector, size: float) -> Change:
    """The target as x reaches it; given up where no one number can stand for what x reaches."""
    number, values = statement.number, statement.values(x)
    if not number.movable or not np.all(np.isfinite(values)):
        return _given_up(statement, size)
    if number.sense == "=":
        reached = number.reached(values)
        if np.ptp(reached) > _EQUAL * max(1.0, float(np.abs(reached).max())):
            return _given_up(statement, size)
    return target_at(opened, statement, number.looser(number.common(values), OUTWARD))


def target_at(opened: OpenPlan, statement: Statement, reached: float) -> Change:
    """The target with another number (canonical)."""
    number, name = statement.number, statement.indicator
    if number.by_year:
        figures = _figures_by_year(opened, statement, reached)
        return Change(("indicator", name), 1.0, reached, "1", number.size(reached), {"figures": figures})
    settings = {"indicators": {name: {"target": reached / number.scale}}}
    before, after = number.stated / number.scale, reached / number.scale
    return Change(("indicator", name), before, after, number.unit, number.size(reached), settings)


def _given_up(statement: Statement, size: float) -> Change:
    number, name = statement.number, statement.indicator
    settings = {"indicators": {name: {"standing": "monitored"}}}
    return Change(("indicator", name), number.stated / number.scale, None, number.unit, size, settings)


def _figures_by_year(opened: OpenPlan, statement: Statement, factor: float) -> list[dict[str, Any]]:
    """The plan's figure of each year, so that every limit becomes ``factor`` times what it is."""
    plan, base_year = opened.instance.plan, opened.instance.horizon.base_year
    form = FORMS[lookup(plan.table("indicators"), "indicator", "kind")[statement.indicator]]
    rows = plan.table("indicator_figures")
    of_target = (rows["indicator"] == statement.indicator) & (rows["parameter"] == "target")
    changes = []
    for row in records(rows[of_target & rows["value"].notna() & rows["year"].notna()]):
        stated, year = float(row.value * row.scale), int(row.year)
        power = 1.0 / (year - base_year) if form == "growth" else 1.0
        moved = stated * factor if form == "proportional" else (1.0 + stated) * factor**power - 1.0
        key = {"table": "indicator_figures", "indicator": statement.indicator, "parameter": "target", "year": year}
        changes.append({**key, "value": moved / float(row.scale)})
    return changes


def budget_change(opened: OpenPlan, group: Group, size: float, followed: float = 0.0) -> Change:
    """The budget larger by ``size`` of its amount; ``followed`` is what it gains already by those it is a share of."""
    year = int(group.label[2]) if len(group.label) > 2 else None
    budget = next(one for one in opened.instance.budgets if one.budget == group.name)
    own = opened.instance.scenario.budgets.get(group.name)
    grown = size * (1.0 + OUTWARD) + OUTWARD
    factor = (1.0 + followed + grown) / (1.0 + followed)
    if year is not None:
        setting: dict[str, Any] = {"by_year": {year: (own.by_year.get(year, 1.0) if own else 1.0) * factor}}
    elif own is not None and own.total is not None:
        setting = {"total": own.total * factor}
    else:
        setting = {"factor": (own.factor if own else 1.0) * factor}
    before, plan = _amount(opened, budget, year), opened.instance.plan
    unit = budget_units({name: plan.table(name) for name in ("budgets", "budget_figures", "quantities")})[group.name]
    after = before * (1.0 + followed + grown)
    return Change(group.label, before, after, str(unit), size, {"budgets": {group.name: setting}})


def _amount(opened: OpenPlan, budget: Budget, year: int | None) -> float:
    if year is not None:
        return budget.by_year[year]
    if budget.over_plan is not None:
        return budget.over_plan
    return sum(amount for y, amount in budget.by_year.items() if y in opened.instance.horizon.years)


def commitment_change(opened: OpenPlan, project: str, year: int | None) -> Change:
    """The project moved to another year, or released from its commitment."""
    setting: dict[str, Any] = {"released": True} if year is None else {"committed_year": year}
    before, after = float(opened.committed[project]), None if year is None else float(year)
    return Change(("project", project), before, after, YEAR, 1.0, {"projects": {project: setting}})
