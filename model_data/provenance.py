"""Where a figure comes from: the figure with its range and grade, and the sources that it names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from model_data.schema import TABLE, Table
from model_data.vocabulary import GRADES, Word

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


class Names:
    """The words for what tables without figures declare, each read once for all plans that have these in common."""

    def __init__(self) -> None:
        self._known: dict[str, Mapping[tuple[str, ...], Word]] = {}

    def of(self, frames: Frames, table: str, *key: str) -> Word:
        """By the row with this key; the last part of the key where there is none."""
        if table not in self._known:
            names = frames[table]
            keys = zip(*(names[column].tolist() for column in TABLE[table].key), strict=True)
            words = map(Word, names["name_zh"].tolist(), names["name_en"].tolist())
            self._known[table] = dict(zip(keys, words, strict=True))
        return self._known[table].get(key, Word(key[-1], key[-1]))


def figure_at(frames: Frames, names: Names, table: str, row: int) -> Figure:
    """The figure in a row (counted from 0) of a figure table."""
    cells = frames[table].iloc[row]
    declared = TABLE[table]
    key = {name: _plain(cells[name]) for name in declared.key if _plain(cells[name]) is not None}
    words = [Word(declared.zh, declared.en), *_words(frames, names, declared, key, str(cells.get("name_zh", "")))]
    return Figure(
        table=table,
        key=key,
        name_en=", ".join(word.en for word in words),
        name_zh="，".join(word.zh for word in words),
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


def trace_at(frames: Frames, figure: Figure, row: int) -> Trace:
    """The figure, which stands in this row of its table, with its sources in full."""
    listed = frames["sources"].set_index("source", drop=False)
    fields = ("source", "title", "publisher", "year", "locator", "evidence", "note")
    sources = tuple(Source(*(str(listed.at[name, field]) for field in fields)) for name in figure.sources)
    meaning = GRADES[figure.grade]
    return Trace(figure, meaning.en, meaning.zh, sources, row + 2)


def _plain(value: Any) -> object:
    """A key cell as a plain value; None where it is blank."""
    if value is pd.NA or value == "":
        return None
    return value if isinstance(value, str) else int(value)


def _number(value: Any) -> float | None:
    return None if value != value else float(value)


def _words(frames: Frames, names: Names, table: Table, key: Mapping[str, object], own_name: str) -> Iterator[Word]:
    """A word for each part of the key, in its order. A switch and its option are one; accounts are only added to."""
    for name, value in key.items():
        text, column = str(value), table.column(name)
        if name == "option" and "switch" in key:
            yield names.of(frames, "switches", str(key["switch"]), text)
        elif name == "variable":
            yield Word(own_name or text, text)
        elif column.type == "reference" and name != "switch":
            yield names.of(frames, column.refers_to, text)
        elif column.type == "name":
            yield names.of(frames, "glossary", text)
        elif name == "offset":
            yield _offset(int(text))
        elif name == "year":
            yield Word(f"{text}年", text)
        elif name != "switch" and (name, text) != ("direction", "adds"):
            yield column.choices.get(text, Word(text, text))


def _offset(years: int) -> Word:
    """Years from the year of operation, or of entering service."""
    if years == 0:
        return Word("当年", "the same year")
    many = "s" if abs(years) > 1 else ""
    if years < 0:
        return Word(f"前{-years}年", f"{-years} year{many} before")
    return Word(f"后{years}年", f"{years} year{many} after")
