"""One workbook for readers: a sheet a table, titles in both languages, units beside figures, ready to print.

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
from optimizer.export.look import aside, heights, is_long, is_text, patterns, width
from optimizer.export.titles import chinese_title, title_of
from optimizer.words.choices import MET
from optimizer.words.language import Text

HEADING_ROWS = 3  # title, Chinese headings, column names; the last is the heading for programs
_MOST_CHARACTERS = 32767
_MOST_IN_A_SHEET_NAME = 31
_A4 = 9
_FOOTER = "&L&8&F&C&8&A&R&8&P / &N"
_FOLDED = {"level": 1, "hidden": True}
_SIDES = ("left", "right")  # of texts, of figures
_HEADING = {"bold": True, "text_wrap": True, "valign": "top"}
_MACHINE = {"font_color": "#808080", "font_size": 8, "bottom": 1, "valign": "top"}
_NOT_MET = {"no", *MET["no"]}


def write_workbook(
    tables: Mapping[str, pd.DataFrame],
    target: Path | BinaryIO,
    drawn: Sequence[Chart] = (),
    created: datetime.datetime | None = None,
) -> None:
    """Writes tables by name, each on a sheet, and the charts on a sheet after the pages of overview.

    Infinite and missing figures are blank cells. The same tables and moment give the same bytes. Raises OSError.
    """
    place = str(target) if isinstance(target, Path) else target
    first_pages = sum(name in ("summary", "overview") for name in tables)
    try:
        with xlsxwriter.Workbook(place, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
            moment = created or datetime.datetime.now(datetime.UTC)
            book.set_properties({"created": moment.astimezone(datetime.UTC).replace(tzinfo=None)})
            styles = _Styles(book)
            for number, (name, frame) in enumerate(tables.items(), start=1):
                title = title_of(name)
                _sheet(_added(book, name), f"{title.zh} {title.en}", frame, styles)
                if number == first_pages and drawn:
                    draw(book, _added(book, "charts"), drawn, styles.title)
    except xlsxwriter.exceptions.FileCreateError as error:
        raise OSError(str(error)) from None


def _added(book: Any, name: str) -> Any:
    """A sheet that prints well: A4, broad, all columns on one page, headings on each."""
    sheet = book.add_worksheet(_sheet_name(title_of(name), name))
    sheet.set_landscape()
    sheet.set_paper(_A4)
    sheet.fit_to_pages(1, 0)
    sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    sheet.set_footer(_FOOTER)
    return sheet


def _sheet_name(title: Text, name: str) -> str:
    return (f"{title.zh} {name}" if title.zh != name else name)[:_MOST_IN_A_SHEET_NAME]


class _Styles:
    def __init__(self, book: Any) -> None:
        self._book = book
        self._numbers: dict[str, Any] = {}
        self.title = book.add_format({"bold": True, "font_size": 14})
        self.heading = [book.add_format({**_HEADING, "align": side}) for side in _SIDES]
        self.machine = [book.add_format({**_MACHINE, "align": side}) for side in _SIDES]
        self.text = book.add_format({"valign": "top"})
        self.long = book.add_format({"valign": "top", "text_wrap": True})
        self.alarm = book.add_format({"valign": "top", "bold": True, "font_color": "#C00000"})

    def number(self, pattern: str) -> Any:
        if pattern not in self._numbers:
            self._numbers[pattern] = self._book.add_format({"num_format": pattern, "valign": "top"})
        return self._numbers[pattern]


def _sheet(sheet: Any, title: str, frame: pd.DataFrame, styles: _Styles) -> None:
    folded = aside(frame)
    seen = next((at for at, column in enumerate(map(str, frame.columns)) if column not in folded), 0)
    sheet.write_string(0, seen, title, styles.title)
    for row, height in enumerate(heights(frame), HEADING_ROWS):
        if height:
            sheet.set_row(row, height)
    for at, column in enumerate(map(str, frame.columns)):
        _column(sheet, at, column, frame, styles)
        sheet.set_column(at, at, width(column, frame[column].tolist()), None, _FOLDED if column in folded else {})
    sheet.freeze_panes(HEADING_ROWS, seen + 1)
    sheet.repeat_rows(0, HEADING_ROWS - 1)
    if len(frame):
        sheet.autofilter(HEADING_ROWS - 1, 0, HEADING_ROWS - 1 + len(frame), len(frame.columns) - 1)


def _column(sheet: Any, at: int, column: str, frame: pd.DataFrame, styles: _Styles) -> None:
    figures = not is_text(frame[column]) and len(frame) > 0
    sheet.write_string(1, at, chinese_title(column), styles.heading[figures])
    sheet.write_string(2, at, column, styles.machine[figures])
    text = styles.long if is_long(frame[column]) else styles.text
    cells = zip(frame[column].tolist(), patterns(frame, column), strict=True)
    for row, (value, pattern) in enumerate(cells, HEADING_ROWS):
        alarm = column == "met" and value in _NOT_MET
        _cell(sheet, row, at, value, styles.alarm if alarm else text, styles.number(pattern))


def _cell(sheet: Any, row: int, column: int, value: Any, text: Any, number: Any) -> None:
    if isinstance(value, str):
        if value:
            sheet.write_string(row, column, value[:_MOST_CHARACTERS], text)
    elif value is not None and value is not pd.NA and math.isfinite(value):
        sheet.write_number(row, column, value, number)
