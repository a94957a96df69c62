"""What differs between the questions of two answers, as changes that can be made one at a time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from model_data import Plan
from model_data.schema import FIGURE_COLUMNS, TABLES
from optimizer.frames import records
from optimizer.instance import Instance
from optimizer.scenario import Scenario

# Settings that a scenario keeps by name: each name is a change of its own.
_BY_NAME = {"indicators": "indicator", "budgets": "budget", "projects": "project", "switches": "switch"}
# Settings that change as a whole.
_WHOLE = {"objective": ("objective",), "foresight": ("foresight", "target_year"), "whole_projects": ("whole_projects",)}
AS_IN_PLAN = "as in the plan"
# Columns that only readers need, and tables that no program reads.
_WORDS = {"name_zh", "name_en", "note", "clause", "reason", "status", "owner", "scale"}
_UNREAD = {"sources", "context", "plausibility", "actuals", "base_totals", "glossary"}
_UNREAD_SETTINGS = {"plan", "name_zh", "name_en", "description_zh", "description_en", "default_scenario"}


@dataclass(frozen=True)
class Change:
    """One change: ``kind`` is figure, figures, indicator, budget, project, switch, a scenario key, or plan.

    ``before`` and ``after`` are texts to read. ``figures`` are the values to put into the first plan, by table, row and
    value in the unit of that row.
    """

    kind: str
    name: str
    before: str
    after: str
    figures: tuple[tuple[str, int, float], ...] = ()

    def __str__(self) -> str:
        return f"{self.kind} {self.name}: {self.before} -> {self.after}"


def changes_between(a: Instance, b: Instance, most_figures: int) -> tuple[Change, ...]:
    """Every change from a to b, in the order of the plan's tables and then of the scenario.

    More than ``most_figures`` changed figures are taken table by table. Plans whose rows differ (other activities,
    other years) cannot meet halfway: then everything is one change of kind ``plan``.
    """
    if _structure(a.plan) != _structure(b.plan):
        return (Change("plan", "rows and settings", a.plan.settings.plan, b.plan.settings.plan),)
    figures = _changed_figures(a.plan, b.plan)
    if len(figures) > most_figures:
        figures = _by_table(figures)
    return (*figures, *_changed_settings(a.scenario, b.scenario))


def halfway(a: Instance, b: Instance, changes: Iterable[Change]) -> tuple[Plan, Scenario]:
    """The question of a with these changes made."""
    plan, taken = a.plan, dict[str, Any](figures=())
    fields = {kind: field for field, kind in _BY_NAME.items()}
    for change in changes:
        for table, row, value in change.figures:
            plan = plan.with_value_at(table, row, value)
        if change.kind in fields:
            field = fields[change.kind]
            theirs = getattr(b.scenario, field)
            kept = {k: v for k, v in taken.get(field, getattr(a.scenario, field)).items() if k != change.name}
            taken[field] = kept | ({change.name: theirs[change.name]} if change.name in theirs else {})
        for part in _WHOLE.get(change.kind, ()):
            taken[part] = getattr(b.scenario, part)
    return plan, a.scenario.model_copy(update=taken)


def _changed_settings(a: Scenario, b: Scenario) -> list[Change]:
    changes = []
    for field, kind in _BY_NAME.items():
        old, new = getattr(a, field), getattr(b, field)
        changes += [
            Change(kind, name, _told(old.get(name)), _told(new.get(name)))
            for name in dict.fromkeys([*old, *new])
            if old.get(name) != new.get(name)
        ]
    for kind, parts in _WHOLE.items():
        before, after = ([getattr(s, part) for part in parts] for s in (a, b))
        if before != after:
            changes.append(Change(kind, kind, " ".join(map(_told, before)), " ".join(map(_told, after))))
    return changes


def _told(setting: Any) -> str:
    """A setting as text: what it states and no more."""
    if setting is None:
        return AS_IN_PLAN
    if isinstance(setting, tuple):
        return "; ".join(map(_told, setting))
    if hasattr(setting, "model_dump"):
        return ", ".join(f"{key} = {value}" for key, value in setting.model_dump(exclude_unset=True).items())
    return str(setting)


def _changed_figures(a: Plan, b: Plan) -> list[Change]:
    changes = []
    for table in TABLES:
        if not table.is_figure_table or table.name in _UNREAD:
            continue
        key, ours, theirs = list(table.key), a.table(table.name), b.table(table.name)
        names = ["value", "unit", "scale"]
        theirs = theirs[[*key, *names]].rename(columns={name: f"their_{name}" for name in names})
        both = ours.assign(row=range(len(ours))).merge(theirs, on=key)
        for row in records(both):
            value = row.their_value * row.their_scale / row.scale if row.their_unit != row.unit else row.their_value
            if value != row.value and not (pd.isna(value) and pd.isna(row.value)):
                name = " ".join(str(part) for part in (table.name, *(getattr(row, k) for k in key)) if _stated(part))
                texts = f"{row.value:g} {row.unit}", f"{row.their_value:g} {row.their_unit}"
                changes.append(Change("figure", name, *texts, ((table.name, int(row.row), float(value)),)))
    return changes


def _stated(cell: Any) -> bool:
    return not pd.isna(cell) and str(cell) != ""


def _by_table(figures: list[Change]) -> list[Change]:
    tables = dict.fromkeys(change.figures[0][0] for change in figures)
    groups = [(table, [change for change in figures if change.figures[0][0] == table]) for table in tables]
    return [
        replace(
            group[0],
            kind="figures",
            name=table,
            before=f"{len(group)} figures",
            after="changed",
            figures=tuple(place for change in group for place in change.figures),
        )
        for table, group in groups
    ]


def _structure(plan: Plan) -> dict[str, Any]:
    """What two plans must have in common to be one plan with other figures: rows in any order, and settings."""
    figure_columns = {column.name for column in FIGURE_COLUMNS}
    structure: dict[str, Any] = {
        "plan.toml": {k: v for k, v in vars(plan.settings).items() if k not in _UNREAD_SETTINGS}
    }
    for table in TABLES:
        if table.name not in _UNREAD:
            left_out = _WORDS | (figure_columns if table.is_figure_table else set())
            frame = plan.table(table.name)
            frame = frame[[column for column in frame.columns if column not in left_out]].astype(object)
            frame = frame.where(frame.notna(), "").astype(str)
            structure[table.name] = sorted(frame.itertuples(index=False, name=None))
    return structure
