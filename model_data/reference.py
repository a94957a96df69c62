"""The data reference: a page in Markdown, generated from the declarations of ``schema.py``."""

from __future__ import annotations

from collections.abc import Iterator

from model_data.canonical import UNIT_NOTES
from model_data.schema import FIGURE_COLUMNS, SETTINGS, TABLES, Column, Table
from model_data.vocabulary import EVIDENCE, GRADES

_INTRODUCTION = """\
# Data reference

A plan is a folder of UTF-8 CSV tables, `plan.toml` and `scenarios/*.toml`, or one Excel workbook with the same tables
as sheets. Tables of *names and structure* hold no uncertain number. Tables of *figures* hold one figure a row, with the
columns listed under [Columns of every figure](#columns-of-every-figure).
"""
_TYPES = """\
## Types of columns

| type | content |
|---|---|
| name | lower-case letters, digits, underscore |
| names | several names separated by `;` |
| text | any text |
| choice | one of the listed words |
| reference | a name that another table declares |
| references | several of them separated by `;` |
| integer, number | digits with a decimal point; no thousands separators |
| flag | `yes` or `no` |
| years | `each`, `last`, or years separated by `;` |
| unit | names joined by `*` and `/`, with prefixes such as 万 and 亿 |
"""


def data_reference() -> str:
    """The whole page."""
    return "\n".join([_INTRODUCTION, _settings(), _TYPES, _figure_columns(), *map(_table, TABLES)])


def _settings() -> str:
    rows = (f"| `{s.name}` | {s.zh} | {s.en} | {s.type} | {'yes' if s.required else ''} |" for s in SETTINGS)
    head = "## plan.toml 设置\n\n| key | 中文 | meaning | type | required |\n|---|---|---|---|---|"
    return "\n".join([head, *rows, ""])


def _figure_columns() -> str:
    grades = (f"- **{grade}**: {meaning.en}" for grade, meaning in GRADES.items())
    head = "## Columns of every figure"
    evidence = f"Evidence is one of {', '.join(f'`{word}`' for word in EVIDENCE)}. Grades:"
    return "\n".join([head, "", *_columns(FIGURE_COLUMNS), "", evidence, "", *grades, ""])


def _table(table: Table) -> str:
    figures = table.is_figure_table
    own = [column for column in table.columns if not (figures and column in FIGURE_COLUMNS)]
    facts = [f"Key: {', '.join(f'`{name}`' for name in table.key)}."]
    facts += ["May be absent."] if table.optional else []
    facts += ["Figures."] if figures else []
    facts += [f"Unit: {UNIT_NOTES[table.name]}."] if table.name in UNIT_NOTES else []
    return "\n".join([f"## {table.name} {table.zh}", "", table.doc, "", " ".join(facts), "", *_columns(own), ""])


def _columns(columns: tuple[Column, ...] | list[Column]) -> Iterator[str]:
    yield "| column | 中文 | meaning | type | required |"
    yield "|---|---|---|---|---|"
    for column in columns:
        meaning = ". ".join(part.rstrip(".") for part in (column.en, column.doc) if part)
        required = "yes" if column.required else ""
        yield f"| `{column.name}` | {column.zh} | {meaning} | {_type(column)} | {required} |"


def _type(column: Column) -> str:
    if column.refers_to:
        return f"{column.type} to `{column.refers_to}`"
    if column.choices:
        return " / ".join(f"`{choice}` {word.zh}" for choice, word in column.choices.items())
    return column.type
