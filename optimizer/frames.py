"""Typed look-ups in the plan's tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from model_data import Plan
from model_data.schema import TABLE
from optimizer.derived import kept_by
from optimizer.keys import Vector

# The number of no figure.
NONE = -1


def records(frame: pd.DataFrame) -> list[Any]:
    """The rows as named tuples, read by column name."""
    return list(frame.itertuples(index=False))


def lookup(frame: pd.DataFrame, key: str, column: str) -> dict[str, Any]:
    """The column by the key column."""
    return dict(zip(frame[key].tolist(), frame[column].tolist(), strict=True))


class Read:
    """The columns of one table as lists, each read once; whoever asks does not change them."""

    def __init__(self, frame: pd.DataFrame) -> None:
        self._frame = frame
        self._columns: dict[str, list[Any]] = {}
        self._distinct: dict[str, frozenset[Any]] = {}
        self._by: dict[tuple[str, str], dict[Any, Any]] = {}

    def __contains__(self, name: str) -> bool:
        return name in self._frame.columns

    def column(self, name: str) -> list[Any]:
        if name not in self._columns:
            self._columns[name] = self._frame[name].tolist()
        return self._columns[name]

    def distinct(self, name: str) -> frozenset[Any]:
        """What occurs in the column."""
        if name not in self._distinct:
            self._distinct[name] = frozenset(self.column(name))
        return self._distinct[name]

    def by(self, key: str, name: str) -> Mapping[Any, Any]:
        """The column by the key column; of rows with the same key the last."""
        if (key, name) not in self._by:
            self._by[key, name] = dict(zip(self.column(key), self.column(name), strict=True))
        return self._by[key, name]


def read(plan: Plan, table: str) -> Read:
    """A table of the plan, read once for all plans that hold it."""
    return _READ[table](plan)


def _read(table: str, plan: Plan) -> Read:
    return Read(plan.table(table))


_READ: Mapping[str, Callable[[Plan], Read]] = {name: kept_by(name)(partial(_read, name)) for name in TABLE}


def figure_numbers(plan: Plan) -> Mapping[str, int]:
    """The number of the first figure of each figure table; rows follow in the order of the table."""
    return plan.figure_numbers


def _known(table: str, plan: Plan) -> tuple[Vector, Vector]:
    frame = plan.table(table)
    return frame["value"].to_numpy(dtype=float), frame["scale"].to_numpy(dtype=float)


_FIGURE_TABLES = [name for name, table in TABLE.items() if table.is_figure_table]
_KNOWN = [kept_by(name)(partial(_known, name)) for name in _FIGURE_TABLES]


@kept_by(*_FIGURE_TABLES)
def figure_values(plan: Plan) -> tuple[Vector, Vector]:
    """Value (not a number where nobody has it) and scale of every figure by its number."""
    value, scale = map(np.concatenate, zip(*(known(plan) for known in _KNOWN), strict=True))
    value.flags.writeable = scale.flags.writeable = False
    return value, scale
