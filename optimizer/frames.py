"""Typed look-ups in the plan's tables."""

from __future__ import annotations

from typing import Any

import pandas as pd

from model_data import Plan
from model_data.schema import TABLES

# The number of no figure.
NONE = -1


def records(frame: pd.DataFrame) -> list[Any]:
    """The rows as named tuples, read by column name."""
    return list(frame.itertuples(index=False))


def lookup(frame: pd.DataFrame, key: str, column: str) -> dict[str, Any]:
    """The column by the key column."""
    return dict(zip(frame[key].tolist(), frame[column].tolist(), strict=True))


def figure_numbers(plan: Plan) -> dict[str, int]:
    """The number of the first figure of each figure table; rows follow in the order of the table."""
    starts, start = {}, 0
    for table in TABLES:
        if table.is_figure_table:
            starts[table.name] = start
            start += len(plan.table(table.name))
    return starts


def numbered(plan: Plan, table: str) -> pd.DataFrame:
    """A figure table with the column ``number``: the number of each figure in the whole plan."""
    frame = plan.table(table)
    return frame.assign(number=range(figure_numbers(plan)[table], figure_numbers(plan)[table] + len(frame)))
