"""From the text of a table to a typed frame with the declared columns, and back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import pandas as pd

from model_data.cells import READERS, number_text, read_text, tidy
from model_data.problems import Problem, Rule, nearest
from model_data.schema import TABLE, Column, Table

UNKNOWN_COLUMN = Rule(
    "unknown_column",
    "the table has no column {column!r}",
    "表中没有“{column}”列",
    "Rename it to {right}, or delete it",
    "请改为 {right}，或删去该列",
)
MISSING_COLUMN = Rule(
    "missing_column",
    "the column {column!r} ({zh}) is missing",
    "缺少“{column}”列（{zh}）",
    "Add the column {column}; the heading is {heading}",
    "请补上 {column} 列；表头应为 {heading}",
)
DOUBLE_COLUMN = Rule(
    "double_column",
    "the column {column!r} stands twice",
    "“{column}”列重复",
    "Keep one column {column}",
    "请只保留一个 {column} 列",
)
WRONG_WIDTH = Rule(
    "wrong_width",
    "the row has {cells} cells where the heading has {columns}",
    "该行有 {cells} 个单元格，表头为 {columns} 列",
    "Give {columns} cells; put a text with a comma or a quote between double quotes",
    "请写 {columns} 个单元格；含逗号或引号的文本用双引号括起",
)
REQUIRED_CELL = Rule(
    "required_cell",
    "the cell is blank",
    "单元格为空",
    "Fill in {column} ({zh}); it is needed in every row",
    "请填写 {column}（{zh}），每行都必须有",
)


@dataclass(frozen=True)
class RawTable:
    """A table as it stands in a file: texts, with the number of the line or sheet row each row begins on."""

    header: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]


@dataclass
class RawPlan:
    """All that was read: settings (None if unreadable), tables, scenario texts; and what could not be read."""

    settings: dict[str, object] | None = None
    tables: dict[str, RawTable] = field(default_factory=dict)
    scenarios: dict[str, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def to_frame(table: Table, raw: RawTable) -> tuple[pd.DataFrame, list[Problem]]:
    """The typed frame, indexed by line number, and what is wrong with headings and cells.

    A cell that cannot be read is reported and left blank.
    """
    problems = header_problems(table, raw.header)
    width = len(raw.header)
    rows = []
    for line, cells in raw.rows:
        if len(cells) == width:
            rows.append((line, cells))
        else:
            problems.append(WRONG_WIDTH.at(table.name, line, cells=len(cells), columns=width))
    lines = [line for line, _ in rows]
    data: dict[str, pd.Series] = {}
    for column in table.columns:
        texts = [""] * len(rows)
        if column.name in raw.header:
            at = raw.header.index(column.name)
            texts = [tidy(cells[at]) for _, cells in rows]
        data[column.name] = _column(table, column, texts, lines, problems if column.name in raw.header else [])
    return pd.DataFrame(data, index=pd.Index(lines, name="line", dtype="int64")), problems


def header_problems(table: Table, header: Sequence[str]) -> list[Problem]:
    """Headings that are unknown, double or missing."""
    names = [column.name for column in table.columns]
    absent = [name for name in names if name not in header]
    heading = ",".join(names)
    return [
        *(
            UNKNOWN_COLUMN.at(table.name, 1, name, right=nearest(name, absent or names))
            for name in dict.fromkeys(header)
            if name not in names
        ),
        *(DOUBLE_COLUMN.at(table.name, 1, name) for name in names if list(header).count(name) > 1),
        *(MISSING_COLUMN.at(table.name, 1, name, zh=table.column(name).zh, heading=heading) for name in absent),
    ]


def _column(table: Table, column: Column, texts: list[str], lines: list[int], problems: list[Problem]) -> pd.Series:
    read = READERS.get(column.type, read_text)
    values: list[object] = []
    for line, text in zip(lines, texts, strict=True):
        value: object = None
        if text:
            value = read(text)
            if isinstance(value, tuple):
                rule, details = value
                problems.append(rule.at(table.name, line, column.name, **details))
                value = None
        elif column.required:
            problems.append(REQUIRED_CELL.at(table.name, line, column.name, zh=column.zh))
        values.append(value)
    if column.type == "number":
        return pd.Series([float("nan") if value is None else value for value in values], index=lines, dtype="float64")
    if column.type == "integer":
        return pd.Series(values, index=lines, dtype="Int64")
    return pd.Series(["" if value is None else value for value in values], index=lines, dtype="str")


def empty_frame(table: Table) -> pd.DataFrame:
    """The frame of a table without rows."""
    return to_frame(table, RawTable(tuple(column.name for column in table.columns), ()))[0]


def to_raw(table: Table, frame: pd.DataFrame) -> RawTable:
    """The texts of a frame in the order of the schema; reads back to the same frame."""
    columns = [_texts(column, frame[column.name]) for column in table.columns]
    header = tuple(column.name for column in table.columns)
    return RawTable(header, tuple(enumerate(zip(*columns, strict=True), start=2)))


def _texts(column: Column, values: pd.Series) -> list[str]:
    if column.type == "number":
        return ["" if value != value else number_text(value) for value in values.tolist()]
    if column.type == "integer":
        return ["" if value is pd.NA else str(value) for value in values.tolist()]
    return [str(value) for value in values.tolist()]


def all_tables(raw: RawPlan) -> tuple[dict[str, pd.DataFrame], list[Problem]]:
    """Every table of the schema as a frame (empty where the file is absent), and what is wrong with them."""
    frames: dict[str, pd.DataFrame] = {}
    problems: list[Problem] = []
    for name, table in TABLE.items():
        if name in raw.tables:
            frames[name], found = to_frame(table, raw.tables[name])
            problems.extend(found)
        else:
            frames[name] = empty_frame(table)
    return frames, problems
