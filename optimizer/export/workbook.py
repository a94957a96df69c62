"""One workbook for readers: a sheet a table, titles in both languages, units beside figures, panes frozen.

Every text is written as a text, so that none becomes a formula, whatever it begins with.
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO

import pandas as pd
import xlsxwriter

from optimizer.export.charts import Chart
from optimizer.export.drawing import draw
from optimizer.export.titles import chinese_title, title_of
from optimizer.words.language import Text

HEADING_ROWS = 3  # title, Chinese headings, column names; the last is the heading for programs
_FORMATS = {"year": "0", "share": "0.0%", "figures": "0"}
_NUMBER = "#,##0.00##"
_MOST_CHARACTERS = 32767
_WIDEST = 60
_MOST_IN_A_SHEET_NAME = 31


def write_workbook(
    tables: Mapping[str, pd.DataFrame],
    target: Path | BinaryIO,
    drawn: Sequence[Chart] = (),
    created: datetime.datetime | None = None,
) -> None:
    """Writes tables by name, each on a sheet, and the charts on a sheet after the first.

    Infinite and missing figures are blank cells. The same tables and moment give the same bytes. Raises OSError.
    """
    place = str(target) if isinstance(target, Path) else target
    try:
        with xlsxwriter.Workbook(place, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
            moment = created or datetime.datetime.now(datetime.UTC)
            book.set_properties({"created": moment.astimezone(datetime.UTC).replace(tzinfo=None)})
            styles = _Styles(book)
            for number, (name, frame) in enumerate(tables.items()):
                title = title_of(name)
                _sheet(book.add_worksheet(_sheet_name(title, name)), f"{title.zh} {title.en}", frame, styles)
                if number == 0 and drawn:
                    draw(book, book.add_worksheet(_sheet_name(title_of("charts"), "charts")), drawn, styles.title)
    except xlsxwriter.exceptions.FileCreateError as error:
        raise OSError(str(error)) from None


def _sheet_name(title: Text, name: str) -> str:
    return (f"{title.zh} {name}" if title.zh != name else name)[:_MOST_IN_A_SHEET_NAME]


class _Styles:
    def __init__(self, book: Any) -> None:
        self._book = book
        self._numbers: dict[str, Any] = {}
        self.title = book.add_format({"bold": True, "font_size": 14})
        self.heading = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})

    def number(self, column: str) -> Any:
        pattern = _FORMATS.get(column, _NUMBER)
        if pattern not in self._numbers:
            self._numbers[pattern] = self._book.add_format({"num_format": pattern})
        return self._numbers[pattern]


def _sheet(sheet: Any, title: str, frame: pd.DataFrame, styles: _Styles) -> None:
    sheet.write_string(0, 0, title, styles.title)
    for at, column in enumerate(map(str, frame.columns)):
        sheet.write_string(1, at, chinese_title(column), styles.heading)
        sheet.write_string(2, at, column, styles.heading)
        values = frame[column].tolist()
        for row, value in enumerate(values, HEADING_ROWS):
            _cell(sheet, row, at, value, styles.number(column))
        sheet.set_column(at, at, _width(column, values))
    sheet.freeze_panes(HEADING_ROWS, 1)
    if len(frame):
        sheet.autofilter(HEADING_ROWS - 1, 0, HEADING_ROWS - 1 + len(frame), len(frame.columns) - 1)


def _cell(sheet: Any, row: int, column: int, value: Any, style: Any) -> None:
    if isinstance(value, str):
        if value:
            sheet.write_string(row, column, value[:_MOST_CHARACTERS])
    elif value is not None and value is not pd.NA and math.isfinite(value):
        sheet.write_number(row, column, value, style)


def _width(column: str, values: list[Any]) -> float:
    """Wide enough for most texts; a Chinese character takes two."""
    texts = [column, *(value for value in values if isinstance(value, str))]
    longest = max(sum(1 if ord(character) < 0x2E80 else 2 for character in text) for text in texts)
    return min(max(longest + 2, 10), _WIDEST)
