"""Where a figure comes from: the figure with its range and grade, and the sources that it names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from model_data.schema import GRADES, GRADES_ZH, TABLE, Column

Frames = Mapping[str, pd.DataFrame]


@dataclass(frozen=True)
class Source:
    """One source, as the table ``sources`` describes it."""

    source: str
    title: str
    publisher: str
    year: str
    locator: str
    evidence: str
    note: str


@dataclass(frozen=True)
class Figure:
    """One figure: None where nobody has the number; ``value * scale`` is in the canonical unit.

    ``name_en`` and ``name_zh`` say in words what it is of; ``key`` is what identifies it in its table.
    """

    table: str
    key: Mapping[str, object]
    name_en: str
    name_zh: str
    value: float | None
    unit: str
    low: float | None
    high: float | None
    grade: str
    evidence: str
    sources: tuple[str, ...]
    note: str
    clause: str
    scale: float


@dataclass(frozen=True)
class Trace:
    """A figure, what its grade means, its sources in full, and the line of the table's CSV file on which it stands."""

    figure: Figure
    grade_meaning_en: str
    grade_meaning_zh: str
    sources: tuple[Source, ...]
    line: int


def figure_at(frames: Frames, table: str, row: int) -> Figure:
    """The figure in a row (counted from 0) of a figure table."""
    cells = frames[table].iloc[row]
    declared = TABLE[table]
    key = {name: _plain(cells[name]) for name in declared.key if _plain(cells[name]) is not None}
    words = [_words(frames, declared.column(name), str(value)) for name, value in key.items()]
    return Figure(
        table=table,
        key=key,
        name_en=", ".join([declared.en, *(en for en, _ in words)]),
        name_zh="，".join([declared.zh, *(zh for _, zh in words)]),
        value=_number(cells["value"]),
        unit=str(cells["unit"]),
        low=_number(cells["low"]),
        high=_number(cells["high"]),
        grade=str(cells["grade"]),
        evidence=str(cells["evidence"]),
        sources=tuple(part.strip() for part in str(cells["source"]).split(";") if part.strip()),
        note=str(cells["note"]),
        clause=str(cells["clause"]) if "clause" in cells else "",
        scale=float(cells["scale"]),
    )


def trace_at(frames: Frames, table: str, row: int) -> Trace:
    """The figure in a row with its sources in full."""
    figure = figure_at(frames, table, row)
    listed = frames["sources"].set_index("source", drop=False)
    fields = ("source", "title", "publisher", "year", "locator", "evidence", "note")
    sources = tuple(Source(*(str(listed.at[name, field]) for field in fields)) for name in figure.sources)
    return Trace(figure, GRADES[figure.grade], GRADES_ZH[figure.grade], sources, row + 2)


def _plain(value: Any) -> object:
    """A key cell as a plain value; None where it is blank."""
    if value is pd.NA or value == "":
        return None
    return value if isinstance(value, str) else int(value)


def _number(value: Any) -> float | None:
    return None if value != value else float(value)


def _words(frames: Frames, column: Column, value: str) -> tuple[str, str]:
    """The English and Chinese words for a key value: the names of what it refers to, or itself."""
    if column.type == "reference" and "name_zh" in frames[column.refers_to]:
        names = frames[column.refers_to]
        found = names[names[names.columns[0]] == value]
        return str(found["name_en"].iloc[0]), str(found["name_zh"].iloc[0])
    return value, value
