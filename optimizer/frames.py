"""Typed look-ups in the plan's tables."""

from __future__ import annotations

from typing import Any

import pandas as pd


def records(frame: pd.DataFrame) -> list[Any]:
    """The rows as named tuples, read by column name."""
    return list(frame.itertuples(index=False))


def lookup(frame: pd.DataFrame, key: str, column: str) -> dict[str, Any]:
    """The column by the key column."""
    return dict(zip(frame[key].tolist(), frame[column].tolist(), strict=True))
