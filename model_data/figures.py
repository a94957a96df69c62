"""Finding one figure by its key, and putting another value in its place."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from model_data.cells import MAX_NUMBER
from model_data.problems import DataError, Problem, Rule, nearest
from model_data.schema import TABLE, Column, Table
from model_data.units import UnitError, factor

Frames = Mapping[str, pd.DataFrame]
Key = tuple[Any, ...]

UNKNOWN_TABLE = Rule(
    "unknown_table",
    "there is no figure table {table!r}",
    "没有名为“{table}”的数据表",
    "Write {right}",
    "请写 {right}",
)
UNKNOWN_KEY_COLUMN = Rule(
    "unknown_key_column",
    "{column!r} does not identify a figure of this table",
    "“{column}”不是该表的关键字段",
    "Write {right}",
    "请写 {right}",
)
UNKNOWN_FIGURE = Rule(
    "unknown_figure",
    "no row has {stated}",
    "没有符合 {stated} 的行",
    "Write {column} = {right}",
    "请写 {column} = {right}",
)
ILLEGAL_VALUE = Rule(
    "illegal_value",
    "{value!r} is no figure",
    "“{value}”不是数值",
    "Give a finite number below 1e15 as value",
    "请给出绝对值小于 1e15 的有限数值",
)
WRONG_UNIT = Rule(
    "wrong_unit",
    "{detail}",
    "{detail}",
    "Give the value in {right}, or in a unit that converts to it",
    "请以 {right} 或可换算的单位给出",
)
_NOT_KEYS = ("table", "value", "unit")
_WRITTEN = ("value", "low", "high", "grade", "evidence")


@dataclass(eq=False)
class FigureIndex:
    """Row numbers by key, made once a table and shared by all plans that differ in values only."""

    _by_table: dict[str, dict[Key, int]] = field(default_factory=dict)
    structure: dict[tuple[str, str], Any] = field(default_factory=dict)  # what checks found in tables without figures

    def of(self, table: Table, frame: pd.DataFrame) -> dict[Key, int]:
        if table.name not in self._by_table:
            columns = [[_plain(table.column(name), value) for value in frame[name].tolist()] for name in table.key]
            self._by_table[table.name] = {key: row for row, key in enumerate(zip(*columns, strict=True))}
        return self._by_table[table.name]

    def locate(self, frames: Frames, table: str, key: Mapping[str, object]) -> int:
        """The row number of the figure; key columns not given count as blank. Raises DataError with near misses."""
        if table not in TABLE or not TABLE[table].is_figure_table:
            tables = [name for name, declared in TABLE.items() if declared.is_figure_table]
            raise DataError([UNKNOWN_TABLE.at(str(table), right=nearest(str(table), tables))])
        declared = TABLE[table]
        unknown = [name for name in key if name not in declared.key]
        if unknown:
            right = {name: nearest(name, set(declared.key) - set(key) or declared.key) for name in unknown}
            raise DataError(UNKNOWN_KEY_COLUMN.at(table, None, name, right=right[name]) for name in unknown)
        rows = self.of(declared, frames[table])
        wanted = tuple(_plain(declared.column(name), key.get(name)) for name in declared.key)
        if wanted not in rows:
            raise DataError([_missing(declared, wanted, list(rows))])
        return rows[wanted]


def _plain(column: Column, value: object) -> object:
    """A key value in the one form in which it is compared; a blank year offset is 0."""
    blank = value is None or value is pd.NA or value == ""
    if column.type == "integer":
        if blank:
            return 0 if column.name == "offset" else None
        text = str(value)
        return int(text) if text.lstrip("-").isdecimal() else text
    return "" if blank else str(value)


def _missing(table: Table, wanted: Key, known: list[Key]) -> Problem:
    """Names the key column that is wrong: the first in which the rows most like the wanted one differ from it."""
    parts = zip(table.key, wanted, strict=True)
    stated = ", ".join(f"{name}={value}" for name, value in parts if value not in ("", None)) or "—"
    matches = [[a == b for a, b in zip(key, wanted, strict=True)] for key in known]
    most = max(map(sum, matches), default=0)
    close = [(key, same.index(False)) for key, same in zip(known, matches, strict=True) if sum(same) == most]
    at = close[0][1] if close else 0
    right = nearest(_shown(wanted[at]), {_shown(key[at]) for key, where in close if where == at})
    return UNKNOWN_FIGURE.at(table.name, None, table.key[at], stated=stated, right=right)


def _shown(value: object) -> str:
    return "(blank)" if value in ("", None) else str(value)


def override(frames: Frames, index: FigureIndex, changes: Iterable[Mapping[str, Any]]) -> dict[str, list[int]]:
    """Puts the changed values into ``frames`` (whose changed tables the caller owns); the changed rows by table.

    A value without unit is in the unit of the figure's row. A changed figure is an assumption of whoever changed it:
    its grade becomes D, its evidence assumption, and a range that excludes the value is widened to it. Raises
    DataError with every change that cannot be made.
    """
    problems: list[Problem] = []
    changed: dict[str, list[int]] = {}
    opened: dict[str, _Opened] = {}
    for change in changes:
        try:
            table = str(change.get("table", ""))
            row = index.locate(frames, table, {name: change[name] for name in change if name not in _NOT_KEYS})
            if table not in opened:
                opened[table] = _Opened(table, frames[table])
            opened[table].set(row, change)
            changed.setdefault(table, []).append(row)
        except DataError as error:
            problems.extend(error.problems)
    if problems:
        raise DataError(problems)
    for columns in opened.values():
        columns.close()
    return changed


class _Opened:
    """The columns of a table that a change writes to, as plain lists: pandas takes long for a cell at a time."""

    def __init__(self, table: str, frame: pd.DataFrame) -> None:
        self._table, self._frame = table, frame
        self._units: list[str] = frame["unit"].tolist()
        self._columns: dict[str, list[Any]] = {name: frame[name].tolist() for name in _WRITTEN}

    def set(self, row: int, change: Mapping[str, Any]) -> None:
        value = change.get("value")
        if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= MAX_NUMBER:
            raise DataError([ILLEGAL_VALUE.at(self._table, row + 2, "value", value=str(value)[:60])])
        number = float(value * _unit_factor(self._table, row, change, self._units[row]))
        columns = self._columns
        if number == columns["value"][row]:
            return
        columns["value"][row] = number
        for end, outer in (("low", min), ("high", max)):
            stated = columns[end][row]
            columns[end][row] = stated if math.isnan(stated) else outer(stated, number)
        columns["grade"][row], columns["evidence"][row] = "D", "assumption"

    def close(self) -> None:
        for name, column in self._columns.items():
            self._frame[name] = pd.Series(column, index=self._frame.index, dtype=self._frame[name].dtype)


def _unit_factor(table: str, row: int, change: Mapping[str, Any], unit: str) -> float:
    if "unit" not in change:
        return 1.0
    try:
        return factor(str(change["unit"]), unit)
    except UnitError as error:
        raise DataError([WRONG_UNIT.at(table, row + 2, "unit", detail=error, right=unit)]) from None
