"""How the cells of a workbook look: decimals by the size of a series, widths, which columns a reader can do without."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import pandas as pd

from optimizer.export.titles import chinese_title

WIDEST = 60
_NARROWEST = 8
_LINE = 15.0  # points
_MOST_LINES = 25  # Excel shows no higher row
_FIXED = {"year": "0", "share": "0.0%", "figures": "0", "number": "0"}
_GAP = "_ "  # so that a figure does not touch the text to its right
# Decimals by the largest figure of a series; smaller ones are written as powers of ten.
_DECIMALS = ((10_000.0, 0), (1_000.0, 1), (1.0, 2), (0.001, 4))
_SMALL = "0.0E+00"


def patterns(frame: pd.DataFrame, column: str) -> list[str]:
    """A number format a row. Rows that differ only in the year are one series, with as many decimals as its largest."""
    if column in _FIXED:
        return [_FIXED[column] + _GAP] * len(frame)
    if is_text(frame[column]):
        return [""] * len(frame)
    texts = [str(name) for name in frame.columns if name != "year" and is_text(frame[name])]
    sizes = pd.to_numeric(frame[column], errors="coerce").astype(float).abs()
    if texts:
        sizes = sizes.groupby([frame[name] for name in texts], dropna=False, sort=False).transform("max")
    return [_pattern(size) for size in sizes]


def is_text(column: pd.Series) -> bool:
    return not pd.api.types.is_numeric_dtype(column)


def _pattern(largest: float) -> str:
    if not math.isfinite(largest) or largest == 0.0:
        return f"0{_GAP}"
    decimals = next((digits for least, digits in _DECIMALS if largest >= least), None)
    if decimals is None:
        return _SMALL + _GAP
    figure = "#,##0" + ("." + "0" * decimals if decimals else "")
    return f"{figure}{_GAP};-{figure}{_GAP};0{_GAP}"


def aside(frame: pd.DataFrame) -> set[str]:
    """Columns of keys whose names stand beside them: for programs, and folded away for readers."""
    columns = set(map(str, frame.columns))
    return {column for column in columns if f"{column}_name" in columns}


def width(column: str, values: Sequence[Any]) -> float:
    """Wide enough for most texts; a Chinese character takes two. Headings may take two lines."""
    texts = [value for value in values if isinstance(value, str)]
    longest = max((max(map(_length, text.split("\n"))) for text in texts if text), default=0)
    figures = [abs(value) for value in values if _is_figure(value)]
    longest = max(longest, len(f"{max(figures, default=0.0):,.2f}"))
    headings = max(_length(chinese_title(column)), _length(column)) / (1 if len(column) < 12 else 1.5)
    return min(max(longest, headings, _NARROWEST - 2) + 2, WIDEST)


def is_long(column: pd.Series) -> bool:
    """Whether texts of the column want more than one line."""
    return any(isinstance(value, str) and (_length(value) > WIDEST - 2 or "\n" in value) for value in column)


def heights(frame: pd.DataFrame) -> list[float]:
    """The height of each row in points; 0 where one line is enough. Not every program finds it by itself."""
    high = [1] * len(frame)
    for column in frame.columns:
        if is_long(frame[column]):
            wide = width(str(column), frame[column].tolist()) - 2
            high = [max(most, _lines(value, wide)) for most, value in zip(high, frame[column], strict=True)]
    return [_LINE * min(lines, _MOST_LINES) if lines > 1 else 0.0 for lines in high]


def _lines(value: Any, wide: float) -> int:
    return sum(math.ceil(max(_length(line), 1) / wide) for line in value.split("\n")) if isinstance(value, str) else 1


def _is_figure(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _length(text: str) -> int:
    return sum(1 if ord(character) < 0x2E80 else 2 for character in text)
