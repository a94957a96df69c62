"""Typed look-ups in the plan's tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from model_data import Plan

# The number of no figure.
NONE = -1


def records(frame: pd.DataFrame) -> list[Any]:
    """The rows as named tuples, read by column name."""
    return list(frame.itertuples(index=False))


def lookup(frame: pd.DataFrame, key: str, column: str) -> dict[str, Any]:
    """The column by the key column."""
    return dict(zip(frame[key].tolist(), frame[column].tolist(), strict=True))


def figure_numbers(plan: Plan) -> Mapping[str, int]:
    """The number of the first figure of each figure table; rows follow in the order of the table."""
    return plan.figure_numbers


def numbered(plan: Plan, table: str) -> pd.DataFrame:
    """A figure table with the column ``number``: the number of each figure in the whole plan."""
    frame = plan.table(table)
    start = plan.figure_numbers[table]
    return frame.assign(number=range(start, start + len(frame)))
