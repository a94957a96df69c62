"""Reads a workbook into the same texts as a folder; what is not plainly a value in a table is refused, with place."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

import openpyxl
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException

from model_data.cells import number_text, tidy
from model_data.file_rules import EMPTY_FILE, MAX_COLUMNS, MAX_ROWS, TOO_BIG, heading, missing_tables
from model_data.frames import RawPlan, RawTable, header_problems
from model_data.problems import Problem, Rule, nearest
from model_data.schema import SETTINGS, TABLE, Table
from model_data.sheets import HEADING_ROWS, README_TITLE, SCENARIO_SHEET, SETTINGS_SHEET, SHEETS, title
from model_data.workbook_package import DAMAGE, NOT_A_WORKBOOK, SheetFindings, inspect_package

_DATES = (datetime.date, datetime.time, datetime.timedelta)
MAX_DIGITS = 10

UNKNOWN_SHEET = Rule(
    "unknown_sheet",
    "the sheet {sheet!r} belongs to no table",
    "工作表“{sheet}”不属于任何表",
    "Rename it to {right}, or move it to another workbook",
    "请改名为 {right}，或移到别的工作簿",
)
DOUBLE_SHEET = Rule(
    "double_sheet",
    "the table stands on two sheets, the second is {sheet!r}",
    "该表出现在两个工作表，第二个为“{sheet}”",
    "Keep one sheet named {right}",
    "请只保留一个名为 {right} 的工作表",
)
HIDDEN_SHEET = Rule(
    "hidden_sheet",
    "the sheet {sheet!r} is hidden",
    "工作表“{sheet}”被隐藏",
    "Unhide the sheet {sheet}, or delete it",
    "请取消隐藏或删除该工作表",
)
MISSING_SHEET = Rule(
    "missing_sheet",
    "the sheet {sheet!r} is missing",
    "缺少工作表“{sheet}”",
    "Add the sheet {sheet} with the headings {headings}",
    "请增加工作表 {sheet}，表头为 {headings}",
)
FORMULA = Rule(
    "formula",
    "the cell holds the formula {text}",
    "单元格含有公式 {text}",
    "Write the value itself (copy, paste values), and put the formula into the note",
    "请改为数值本身（复制 - 粘贴数值），公式可写入备注",
)
DATE = Rule(
    "date",
    "the cell holds the date {text}",
    "单元格是日期 {text}",
    "Format the cell as text or number and type the value again: {column} is no date",
    "请将单元格格式设为文本或数值后重新输入；{column} 不是日期",
)
ERROR_VALUE = Rule(
    "error_value",
    "the cell holds the error {text}",
    "单元格为错误值 {text}",
    "Write the value itself, or leave the cell blank and say in the note why",
    "请填写数值本身，或留空并在备注说明",
)
BEYOND_TABLE = Rule(
    "beyond_table",
    "the cell {cell} holds {text!r} outside the table",
    "表外单元格 {cell} 有内容“{text}”",
    "Delete the content of {cell}, or give its column one of the headings {headings}",
    "请删除 {cell} 的内容，或为该列写上表头 {headings}",
)


def read_workbook(path: Path) -> RawPlan:
    """What stands in the workbook, with everything that cannot be used."""
    findings, problems = inspect_package(path)
    if problems:
        return RawPlan(problems=problems)
    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=False, keep_links=False)
        try:
            return _read_sheets(book, findings)
        finally:
            book.close()
    except (InvalidFileException, ParseError, KeyError, TypeError, AttributeError, IndexError, *DAMAGE) as error:
        detail = f"{type(error).__name__}: {str(error)[:80]}"
        return RawPlan(problems=[NOT_A_WORKBOOK.at(path.name, detail=detail)])


def _read_sheets(book: Any, findings: dict[str, SheetFindings]) -> RawPlan:
    raw = RawPlan()
    known = {**SHEETS, **{table.name: table for table in SHEETS.values()}}
    found: dict[str, RawTable] = {}
    for sheet in book.worksheets:
        if sheet.title == README_TITLE:
            continue
        table = known.get(sheet.title)
        if table is None:
            free = [name for name, other in SHEETS.items() if other.name not in found]
            raw.problems.append(UNKNOWN_SHEET.at(sheet.title, sheet=sheet.title, right=nearest(sheet.title, free)))
        elif table.name in found:
            raw.problems.append(DOUBLE_SHEET.at(table.name, sheet=sheet.title, right=title(table)))
        else:
            if sheet.sheet_state != "visible":
                raw.problems.append(HIDDEN_SHEET.at(table.name, sheet=sheet.title))
            part = str(sheet._worksheet_path).lstrip("/")
            if part in findings:
                raw.problems.extend(findings[part].problems(table.name))
            content = _read_table(table, sheet, raw.problems)
            found[table.name] = content or RawTable((), ())
            if content is not None and table.name in TABLE:
                raw.tables[table.name] = content
    raw.problems.extend(missing_tables(found))
    raw.settings = _settings(found.get(SETTINGS_SHEET.name), raw.problems)
    raw.scenarios = _scenarios(found.get(SCENARIO_SHEET.name), raw.problems)
    return raw


def _read_table(table: Table, sheet: Any, problems: list[Problem]) -> RawTable | None:
    """The texts of a sheet; None, and a problem added, where it has no headings or is too big."""
    sheet.reset_dimensions()  # what the file says of its own size need not be true
    declared = declared_names(table)
    rows: list[tuple[int, tuple[str, ...]]] = []
    for number, cells in enumerate(sheet.iter_rows(), start=1):
        if number > MAX_ROWS + HEADING_ROWS or len(cells) > MAX_COLUMNS:
            limit = f"{MAX_ROWS} rows, {MAX_COLUMNS} columns"
            problems.append(TOO_BIG.at(table.name, number, what=f"the sheet ({len(cells)} columns)", limit=limit))
            return None
        texts = tuple(_text(table, number, declared, cell, problems) for cell in cells)
        if any(texts):
            rows.append((number, texts))
    heads = [row for row in rows if row[0] <= HEADING_ROWS]
    head = next((row for row in heads if set(row[1]) & set(declared)), None)
    if head is None:
        shown = heading(table.name) if table.name in TABLE else ",".join(declared_names(table))
        problems.append(EMPTY_FILE.at(table.name, 1, heading=shown))
        return None
    columns = [at for at, name in enumerate(head[1]) if name]
    problems.extend(_beyond(table, rows, set(columns)))
    body = tuple((number, tuple(_at(texts, at) for at in columns)) for number, texts in rows if number > head[0])
    return RawTable(tuple(tidy(head[1][at]) for at in columns), tuple(row for row in body if any(row[1])))


def declared_names(table: Table) -> list[str]:
    return [column.name for column in table.columns]


def _at(texts: tuple[str, ...], at: int) -> str:
    return texts[at] if at < len(texts) else ""


def _beyond(table: Table, rows: list[tuple[int, tuple[str, ...]]], columns: set[int]) -> Iterator[Problem]:
    for number, texts in rows:
        for at, text in enumerate(texts):
            if text and at not in columns:
                cell = f"{get_column_letter(at + 1)}{number}"
                headings = ", ".join(declared_names(table))
                yield BEYOND_TABLE.at(table.name, number, cell, cell=cell, text=text[:40], headings=headings)


def _text(table: Table, row: int, declared: list[str], cell: Any, problems: list[Problem]) -> str:
    """The text of a cell as a CSV file would have it; "" and a problem where the cell is no plain value."""
    value = cell.value
    if value is None:
        return ""
    rule = FORMULA if cell.data_type == "f" else ERROR_VALUE if cell.data_type == "e" else None
    if isinstance(value, _DATES):
        rule = DATE
    if rule is not None:
        column = declared[cell.column - 1] if cell.column <= len(declared) else get_column_letter(cell.column)
        problems.append(rule.at(table.name, row, column, text=str(getattr(value, "text", value))[:60]))
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    return number_text(value) if isinstance(value, int | float) else str(value)


def _settings(table: RawTable | None, problems: list[Problem]) -> dict[str, object] | None:
    """The keys and values of the settings sheet; whole numbers where the setting is one."""
    if table is None:
        headings = ", ".join(declared_names(SETTINGS_SHEET))
        sheet = title(SETTINGS_SHEET)
        problems.append(MISSING_SHEET.at(SETTINGS_SHEET.name, sheet=sheet, headings=headings))
        return None
    integers = {setting.name for setting in SETTINGS if setting.type == "integer"}
    settings: dict[str, object] = {}
    for key, value in _pairs(SETTINGS_SHEET, table, "key", "value", problems):
        if key and value:
            whole = key in integers and value.lstrip("-").isdecimal() and len(value) < MAX_DIGITS
            settings[tidy(key)] = int(value) if whole else tidy(value)
    return settings


def _scenarios(table: RawTable | None, problems: list[Problem]) -> dict[str, str]:
    """The scenario texts, line by line."""
    lines: dict[str, list[str]] = {}
    if table is not None:
        for name, line in _pairs(SCENARIO_SHEET, table, "scenario", "line", problems):
            lines.setdefault(tidy(name), []).append(line)
    return {name: "\n".join(found) for name, found in lines.items()}


def _pairs(table: Table, raw: RawTable, first: str, second: str, problems: list[Problem]) -> list[tuple[str, str]]:
    found = header_problems(table, raw.header)
    problems.extend(found)
    if found:
        return []
    at, then = raw.header.index(first), raw.header.index(second)
    return [(cells[at], cells[then]) for _, cells in raw.rows]
