"""What the rules look at: a plan that was read and is not yet trusted."""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Any, TypeVar

import pandas as pd

from model_data.canonical import Units, canonical_units, scales
from model_data.problems import Problem
from model_data.schema import TABLE
from model_data.settings import Settings

T = TypeVar("T")

FIGURE_TABLES = tuple(name for name, table in TABLE.items() if table.is_figure_table)


@dataclass(frozen=True)
class Draft:
    """Settings (None where they are unusable), frames indexed by line number, parsed scenarios.

    ``unreadable``: tables of which rows or columns are missing; references into them are not judged.
    ``figure_tables``: the tables whose figures are judged. ``structure``: what was found in tables without figures, for
    drafts that have those in common.
    """

    settings: Settings | None
    frames: Mapping[str, pd.DataFrame]
    scenarios: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    unreadable: frozenset[str] = frozenset()
    figure_tables: tuple[str, ...] = FIGURE_TABLES
    structure: dict[tuple[str, str], Any] = field(default_factory=dict, repr=False, compare=False)
    _seen: dict[tuple[str, str], Any] = field(default_factory=dict, repr=False, compare=False)

    def names(self, table: str) -> set[str]:
        """The names that the first column of a table declares."""
        frame = self.frames[table]
        return self._once("names", table, lambda: set(frame[frame.columns[0]].tolist()) - {""})

    def rows(self, table: str) -> list[Any]:
        """The rows as named tuples; ``row.Index`` is the line number, blanks are "", None and NaN."""
        return self._once("rows", table, lambda: _tuples(table, self.frames[table]))

    def by_name(self, table: str) -> dict[str, Any]:
        """The rows of an entity table by its first column."""
        return self._once("by_name", table, lambda: {row[1]: row for row in self.rows(table)})

    def canonical(self, table: str) -> Units:
        """The canonical unit of each row of a figure table."""
        return self._once("canonical", table, lambda: canonical_units(table, self.frames))

    def scales(self, table: str) -> list[float]:
        """The factor of each row of a figure table to its canonical unit; NaN where the unit does not fit."""
        return self._once("scales", table, lambda: scales(self.frames[table]["unit"], self.canonical(table)))

    def take_scales(self, known: Mapping[str, list[float]]) -> None:
        """Factors that are known, as for figures of a sound plan of which only values have changed."""
        self._seen.update({("scales", table): factors for table, factors in known.items()})

    def scaled(self, table: str) -> list[tuple[Any, float]]:
        """The rows with a value, and that value in canonical units (NaN where the unit does not fit)."""
        return [(row, row.value * scale) for row, scale in self.with_scale(table)]

    def with_scale(self, table: str) -> list[tuple[Any, float]]:
        """The rows with a value, and the factor to canonical units (NaN where the unit does not fit)."""
        pairs = zip(self.rows(table), self.scales(table), strict=True)
        return [(row, scale) for row, scale in pairs if row.value == row.value]

    @cached_property
    def scaled_frames(self) -> Mapping[str, pd.DataFrame]:
        """The frames, figure tables with their column ``scale``."""
        return {
            name: frame.assign(scale=pd.Series(self.scales(name), index=frame.index, dtype="float64"))
            if name in FIGURE_TABLES
            else frame
            for name, frame in self.frames.items()
        }

    def _once(self, what: str, table: str, make: Callable[[], T]) -> T:
        seen = self._seen if table in FIGURE_TABLES else self.structure
        if (what, table) not in seen:
            seen[what, table] = make()
        found: T = seen[what, table]
        return found


def _tuples(table: str, frame: pd.DataFrame) -> list[Any]:
    """As ``itertuples`` has them, in a fraction of its time: column by column."""
    columns = [[None if cell is pd.NA else cell for cell in frame[name].tolist()] for name in frame.columns]
    row = _row(table, ("Index", *frame.columns))
    return list(map(row._make, zip(frame.index.tolist(), *columns, strict=True)))


@cache
def _row(table: str, columns: tuple[str, ...]) -> Any:
    return namedtuple(table, columns)


Check = Callable[[Draft], Iterable[Problem]]


def parts(text: str) -> list[str]:
    """The names in a cell that holds several, separated by ";"."""
    return [part.strip() for part in text.split(";") if part.strip()]
