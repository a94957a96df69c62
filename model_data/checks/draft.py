"""What the rules look at: a plan that was read and is not yet trusted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from model_data.canonical import Units, canonical_units, scales
from model_data.problems import Problem
from model_data.schema import TABLE
from model_data.settings import Settings


@dataclass(frozen=True)
class Draft:
    """Settings (None where they are unusable), frames indexed by line number, parsed scenarios.

    ``unreadable``: tables of which rows or columns are missing; references into them are not judged.
    """

    settings: Settings | None
    frames: Mapping[str, pd.DataFrame]
    scenarios: Mapping[str, Mapping[str, Any]]
    unreadable: frozenset[str]

    def names(self, table: str) -> set[str]:
        """The names that the first column of a table declares."""
        frame = self.frames[table]
        return set(frame[frame.columns[0]].tolist()) - {""}

    def rows(self, table: str) -> list[Any]:
        """The rows as named tuples; ``row.Index`` is the line number, blanks are "", None and NaN."""
        return self._rows[table]

    def by_name(self, table: str) -> dict[str, Any]:
        """The rows of an entity table by its first column."""
        return self._named[table]

    def canonical(self, table: str) -> Units:
        """The canonical unit of each row of a figure table."""
        return self._canonical[table]

    def scaled(self, table: str) -> list[tuple[Any, float]]:
        """The rows with a value, and that value in canonical units (NaN where the unit does not fit)."""
        return [(row, row.value * scale) for row, scale in self.with_scale(table)]

    def with_scale(self, table: str) -> list[tuple[Any, float]]:
        """The rows with a value, and the factor to canonical units (NaN where the unit does not fit)."""
        pairs = zip(self.rows(table), self._scales[table], strict=True)
        return [(row, scale) for row, scale in pairs if row.value == row.value]

    @cached_property
    def scaled_frames(self) -> Mapping[str, pd.DataFrame]:
        """The frames, figure tables with their column ``scale``."""
        return {
            name: frame.assign(scale=self._scales[name]) if name in self._scales else frame
            for name, frame in self.frames.items()
        }

    @cached_property
    def _rows(self) -> dict[str, list[Any]]:
        return {name: list(_blank_as_none(frame).itertuples(name=name)) for name, frame in self.frames.items()}

    @cached_property
    def _named(self) -> dict[str, dict[str, Any]]:
        return {name: {row[1]: row for row in rows} for name, rows in self._rows.items()}

    @cached_property
    def _canonical(self) -> dict[str, Units]:
        return {name: canonical_units(name, self.frames) for name, table in TABLE.items() if table.is_figure_table}

    @cached_property
    def _scales(self) -> dict[str, list[float]]:
        return {name: scales(self.frames[name]["unit"], units) for name, units in self._canonical.items()}


def _blank_as_none(frame: pd.DataFrame) -> pd.DataFrame:
    integers = [name for name in frame.columns if frame[name].dtype == "Int64"]
    return frame.assign(**{name: frame[name].astype(object).where(frame[name].notna(), None) for name in integers})


Check = Callable[[Draft], Iterable[Problem]]


def parts(text: str) -> list[str]:
    """The names in a cell that holds several, separated by ";"."""
    return [part.strip() for part in text.split(";") if part.strip()]
