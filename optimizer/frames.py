"""Typed look-ups in the plan's tables."""

from __future__ import annotations

from collections.abc import Mapping
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


def figure_numbers(plan: Plan) -> Mapping[str, int]:
    """The number of the first figure of each figure table; rows follow in the order of the table."""
    return plan.figure_numbers


@kept_by(*(name for name, table in TABLE.items() if table.is_figure_table))
def figure_values(plan: Plan) -> tuple[Vector, Vector]:
    """Value (not a number where nobody has it) and scale of every figure by its number."""
    frames = [plan.table(name) for name, table in TABLE.items() if table.is_figure_table]
    value, scale = (
        np.concatenate([frame[part].to_numpy(dtype=float) for frame in frames]) for part in ("value", "scale")
    )
    value.flags.writeable = scale.flags.writeable = False
    return value, scale
