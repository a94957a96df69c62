"""Plain values: what a document is made of."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from itertools import chain
from typing import Any

import numpy as np
import pandas as pd

_PLAIN = {str, int, bool, type(None)}


def plain_value(value: Any) -> Any:
    """Numbers of Python instead of NumPy's, lists instead of tuples, None for what is not finite or missing."""
    if isinstance(value, dict):
        return {str(key): plain_value(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain_value(item) for item in value]
    if isinstance(value, np.generic):
        return plain_value(value.item())
    if value is None or value is pd.NA or (isinstance(value, float) and not math.isfinite(value)):
        return None
    return value


def plain_column(column: Any) -> list[Any]:
    """The same of a column of a table or frame: looked at as a whole where all of it is plain."""
    if isinstance(column, pd.Series) and isinstance(column.dtype, np.dtype):
        column = column.to_numpy()
    values: list[Any] = column if isinstance(column, list) else column.tolist()
    if isinstance(column, np.ndarray) and column.dtype.kind == "f":
        finite = np.isfinite(column)
        return values if finite.all() else [v if known else None for v, known in zip(values, finite, strict=True)]
    if _are_plain(values):
        return values
    if set(map(type, values)) == {tuple} and _are_plain(chain.from_iterable(values)):
        return list(map(list, values))
    return [plain_value(value) for value in values]


def _are_plain(values: Iterable[Any]) -> bool:
    return set(map(type, values)) <= _PLAIN


def table_rows(table: Mapping[Any, Any] | pd.DataFrame) -> list[dict[str, Any]]:
    """The rows of a table, given by columns or as a frame, as plain values."""
    names = [str(name) for name in table]
    columns = [plain_column(table[name]) for name in table]
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]
