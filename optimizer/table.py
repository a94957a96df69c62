"""A table by columns: what an answer is told in, before anybody wants a frame or the rows of a document."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

Table = Mapping[str, Any]  # columns of equal length by name: a list of texts, or an array of numbers
_TEXT = pd.StringDtype(na_value=np.nan)  # what pandas makes of texts, without looking at each first


def frame_of(table: Table) -> pd.DataFrame:
    """The same as a frame."""
    return pd.DataFrame(
        {name: pd.array(column, dtype=_TEXT) if isinstance(column, list) else column for name, column in table.items()}
    )
