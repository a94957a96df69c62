"""Writes a workbook: Chinese headings over machine names, notes, drop-downs, frozen panes, a page of explanation."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import xlsxwriter

from model_data.canonical import UNIT_NOTES
from model_data.frames import RawPlan, RawTable
from model_data.schema import SETTINGS, TABLE, TABLES, Column, Table
from model_data.sheets import HEADING_ROWS, README_TITLE, SCENARIO_SHEET, SETTINGS_SHEET, title
from model_data.vocabulary import GRADES

SPARE_ROWS = 500  # empty rows below the data that have drop-downs
_LONGEST_LIST = 255  # characters that Excel admits in a list of choices
_WIDTHS = {"text": 28, "name": 24, "reference": 24, "references": 24, "names": 20, "unit": 14, "years": 12}
_FIXED_DATE = datetime.datetime(2000, 1, 1, tzinfo=datetime.UTC).replace(tzinfo=None)

_EXPLANATION = """
本工作簿是一份规划的全部数据。每张表第一行为中文名称，第二行为程序识别的名称（请勿改动），数据从第三行开始。
This workbook holds all data of one plan. Row 1 of a sheet has Chinese headings, row 2 the names that the program
reads (do not change them); data begin in row 3.
一行一个数：每个数都带单位、低值、高值、等级、依据和来源。没有的数留空，并在备注中说明。
One figure, one row: every figure has unit, low, high, grade, evidence and source. Leave blank what nobody has, and
say so in the note.
不要使用公式、宏、合并单元格、隐藏行列或外部链接；读取时会逐一指出位置。
No formulas, macros, merged or hidden cells or links to other files: each is refused with its place.
单位可用 万、亿、亩、tce、kWh、元 等，例如 万t、kWh/t、元/(m³/日)；年产量不写“每年”。
Units may use 万, 亿, 亩, tce, kWh, 元 and so on, such as 万t, kWh/t, 元/(m³/日); annual flows carry no "per year".
""".strip().splitlines()


def write_workbook(path: Path, raw: RawPlan) -> None:
    """The plan's texts as a workbook; numbers as numbers, and all of them exactly."""
    options = {"strings_to_numbers": False, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(str(path), options) as book:
        book.set_properties({"title": str((raw.settings or {}).get("name_zh", "")), "created": _FIXED_DATE})
        formats = {
            "zh": book.add_format({"bold": True, "bg_color": "#DDEBF7", "bottom": 1}),
            "required": book.add_format({"bold": True, "bg_color": "#FCE4D6", "bottom": 1}),
            "name": book.add_format({"font_color": "#808080", "italic": True, "bottom": 1}),
            "text": book.add_format({"num_format": "@"}),
        }
        _write_readme(book, formats)
        _write_sheet(book, formats, SETTINGS_SHEET, _settings(raw))
        for table in TABLES:
            _write_sheet(book, formats, table, raw.tables.get(table.name, RawTable((), ())))
        _write_sheet(book, formats, SCENARIO_SHEET, _scenarios(raw))


def _settings(raw: RawPlan) -> RawTable:
    values = raw.settings or {}
    rows = ((setting.zh, setting.name, str(values.get(setting.name, ""))) for setting in SETTINGS)
    return RawTable(("title", "key", "value"), tuple(enumerate(rows)))


def _scenarios(raw: RawPlan) -> RawTable:
    lines = ((name, line) for name, text in raw.scenarios.items() for line in text.split("\n"))
    return RawTable(("scenario", "line"), tuple(enumerate(lines)))


def _write_readme(book: Any, formats: dict[str, Any]) -> None:
    sheet = book.add_worksheet(README_TITLE)
    sheet.set_column(0, 0, 34)
    sheet.set_column(1, 2, 70)
    for row, line in enumerate(_EXPLANATION):
        sheet.write_string(row, 0, line)
    row = len(_EXPLANATION)
    for grade, meaning in GRADES.items():
        sheet.write_string(row, 0, f"等级 {grade}")
        sheet.write_string(row, 1, f"{meaning.zh} / {meaning.en}")
        row += 1
    for table in (SETTINGS_SHEET, *TABLES, SCENARIO_SHEET):
        sheet.write_url(row, 0, f"internal:'{title(table)}'!A1", string=title(table))
        sheet.write_string(row, 1, f"{table.en}. {table.doc}")
        row += 1
    sheet.set_row(0, None, formats["zh"])


def _write_sheet(book: Any, formats: dict[str, Any], table: Table, raw: RawTable) -> None:
    sheet = book.add_worksheet(title(table))
    last = HEADING_ROWS + len(raw.rows) + SPARE_ROWS
    for at, column in enumerate(table.columns):
        text = column.type not in ("number", "integer")
        sheet.set_column(at, at, _WIDTHS.get(column.type, 11), formats["text"] if text else None)
        sheet.write_string(0, at, column.zh, formats["required" if column.required else "zh"])
        note = _note(table, column)
        sheet.write_comment(0, at, note, {"x_scale": 2.5, "y_scale": max(1.5, 0.25 * (note.count("\n") + 1))})
        sheet.write_string(1, at, column.name, formats["name"])
        choices = _drop_down(column)
        if choices is not None:
            sheet.data_validation(HEADING_ROWS, at, last, at, {"validate": "list", "source": choices})
    sheet.freeze_panes(HEADING_ROWS, 1)
    for row, (_, cells) in enumerate(raw.rows, start=HEADING_ROWS):
        for at, cell in enumerate(cells):
            _write_cell(sheet, row, at, table.columns[at], cell)


def _write_cell(sheet: Any, row: int, at: int, column: Column, text: str) -> None:
    """A number as a number, unless the 16 digits of the file format would change it; all else as text."""
    if not text:
        return
    if column.type in ("number", "integer") and float(f"{float(text):.16G}") == float(text):
        sheet.write_number(row, at, float(text))
    else:
        sheet.write_string(row, at, text)


def _note(table: Table, column: Column) -> str:
    parts = [f"{column.zh} / {column.en}", column.doc]
    if column.name == "unit" and table.name in UNIT_NOTES:
        parts.append(UNIT_NOTES[table.name])
    parts += [f"{choice} = {word.zh} / {word.en}" for choice, word in column.choices.items()]
    if column.refers_to:
        parts.append(f"见 / see: {title(TABLE[column.refers_to])}")
    parts.append("必填 / required" if column.required else "可空 / may be blank")
    return "\n".join(part for part in parts if part)


def _drop_down(column: Column) -> list[str] | str | None:
    """The choices of a column: a list, or the range of names in the sheet that it refers to."""
    if column.type == "flag":
        return ["yes", "no"]
    if column.type == "choice" and len(",".join(column.choices)) <= _LONGEST_LIST:
        return list(column.choices)
    if column.type == "reference":
        return f"='{title(TABLE[column.refers_to])}'!$A${HEADING_ROWS + 1}:$A${HEADING_ROWS + SPARE_ROWS}"
    return None
