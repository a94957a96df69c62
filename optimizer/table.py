"""A table by columns: what an answer is told in, before anybody wants a frame or the rows of a document."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from optimizer.derived import Same
from optimizer.latest import Latest

Table = Mapping[str, Any]  # columns of equal length by name: a list of texts, or an array of numbers
_TEXT = pd.StringDtype(na_value=np.nan)  # what pandas makes of texts, without looking at each first
# Columns of names are the very same lists in all answers of one shape; an answer has some 50 columns of texts.
_TEXTS: Latest[Any] = Latest(150, lambda key, _: len(key.tables[0]), 1_000_000)


def frame_of(table: Table) -> pd.DataFrame:
    """The same as a frame, whose columns are its own."""
    return pd.DataFrame(
        {name: _texts(column) if isinstance(column, list) else column for name, column in table.items()}, copy=True
    )


def _texts(column: list[str]) -> Any:
    return _TEXTS.get(Same((column,)), lambda: pd.array(column, dtype=_TEXT))
