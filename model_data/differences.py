"""What differs between two plans: settings, rows of tables cell by cell, scenarios key by key."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Literal

import pandas as pd

from model_data.frames import to_raw
from model_data.plan import Plan
from model_data.schema import TABLE

Kind = Literal["added", "removed", "changed"]


@dataclass(frozen=True)
class Change:
    """One difference: where it is, and what stood there before and stands there after (texts as in a file).

    ``table`` is a table, ``plan.toml`` or ``scenarios/<name>``. A row that is added or removed has no ``column``.
    """

    kind: Kind
    table: str
    key: tuple[tuple[str, str], ...]
    column: str
    before: str
    after: str

    def __str__(self) -> str:
        key = ", ".join(f"{name}={value}" for name, value in self.key if value)
        place = " ".join(part for part in (self.table, f"[{key}]" if key else "", self.column) if part)
        return f"{place}: {self.before} -> {self.after}" if self.kind == "changed" else f"{place}: {self.kind}"


def diff(before: Plan, after: Plan) -> tuple[Change, ...]:
    """Every difference, in the order of the schema; empty if and only if the fingerprints are equal."""
    changes = list(_cells("plan.toml", (), _texts(asdict(before.settings)), _texts(asdict(after.settings))))
    for name in TABLE:
        changes.extend(_rows(name, before.table(name), after.table(name)))
    changes.extend(_scenarios(before, after))
    return tuple(changes)


def _texts(values: Mapping[str, object]) -> dict[str, str]:
    return {name: "" if value is None else str(value) for name, value in values.items()}


def _rows(name: str, before: pd.DataFrame, after: pd.DataFrame) -> Iterator[Change]:
    old, new = _by_key(name, before), _by_key(name, after)
    for key, cells in old.items():
        if key in new:
            yield from _cells(name, key, cells, new[key])
        else:
            yield Change("removed", name, key, "", "", "")
    for key in new:
        if key not in old:
            yield Change("added", name, key, "", "", "")


def _by_key(name: str, frame: pd.DataFrame) -> dict[tuple[tuple[str, str], ...], dict[str, str]]:
    raw = to_raw(TABLE[name], frame)
    rows = [dict(zip(raw.header, cells, strict=True)) for _, cells in raw.rows]
    return {tuple((column, row[column]) for column in TABLE[name].key): row for row in rows}


def _cells(
    table: str, key: tuple[tuple[str, str], ...], before: Mapping[str, str], after: Mapping[str, str]
) -> Iterator[Change]:
    for column in dict.fromkeys([*before, *after]):
        old, new = before.get(column, ""), after.get(column, "")
        if old != new:
            yield Change("changed", table, key, column, old, new)


def _scenarios(before: Plan, after: Plan) -> Iterator[Change]:
    for name in sorted({*before.scenarios, *after.scenarios}):
        place = f"scenarios/{name}"
        if name not in after.scenarios:
            yield Change("removed", place, (), "", "", "")
        elif name not in before.scenarios:
            yield Change("added", place, (), "", "", "")
        else:
            yield from settings_changes(place, before.scenarios[name], after.scenarios[name])


def settings_changes(place: str, before: Mapping[str, object], after: Mapping[str, object]) -> Iterator[Change]:
    """What differs between two scenarios, each setting by its dotted path."""
    return _cells(place, (), _leaves(before), _leaves(after))


def _leaves(value: object, path: str = "") -> dict[str, str]:
    """Every value of nested tables and lists by its dotted path."""
    if isinstance(value, Mapping):
        pairs = [(f"{path}.{key}" if path else str(key), part) for key, part in value.items()]
    elif isinstance(value, list):
        pairs = [(f"{path}[{number}]", part) for number, part in enumerate(value)]
    else:
        return {path: str(value)}
    return {name: text for inner, part in pairs for name, text in _leaves(part, inner).items()}
