"""Rules that the schema states cell by cell: choices, references, names in lists, years, units, keys."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from model_data.cells import BAD_NAME, is_name
from model_data.checks.draft import Draft, parts
from model_data.problems import Problem, Rule, nearest
from model_data.schema import TABLE, Column, Table
from model_data.units import UnitError, parse

UNKNOWN_CHOICE = Rule(
    "unknown_choice",
    "{text!r} is not a choice of this column",
    "“{text}”不是本列的可选值",
    "Write {right} (choices: {choices})",
    "请写 {right}（可选：{choices}）",
)
UNKNOWN_REFERENCE = Rule(
    "unknown_reference",
    "{text!r} is not in the table {target}",
    "表 {target} 中没有“{text}”",
    "Write {right}, or add {text} to {target}",
    "请写 {right}，或在 {target} 中增加 {text}",
)
NO_UNIT = Rule(
    "no_unit",
    "{detail}",
    "{detail}",
    "Write a unit such as {right}",
    "请写单位，例如 {right}",
)
BAD_YEARS = Rule(
    "bad_years",
    "{text!r} names no years of the plan",
    "“{text}”不是规划年份",
    "Write each, last, or years from {first} to {last} separated by ;",
    "请写 each、last，或 {first} 至 {last} 的年份（以 ; 分隔）",
)
DOUBLE_KEY = Rule(
    "duplicate_key",
    "the row states the same as row {other}: {key}",
    "与第 {other} 行重复：{key}",
    "Keep one of the rows {other} and {row}, or change one of {columns}",
    "请只保留第 {other} 与 {row} 行之一，或修改 {columns}",
)
YEAR_OUTSIDE = Rule(
    "year_outside",
    "{text} is outside the years of the plan",
    "{text} 不在规划年份内",
    "Write a year from {first} to {last}",
    "请写 {first} 至 {last} 的年份",
)
OFFSET_OUTSIDE = Rule(
    "offset_outside",
    "an offset of {text} years is outside the legal range",
    "年份偏移 {text} 超出范围",
    "Write a whole number from {first} to {last}",
    "请写 {first} 至 {last} 的整数",
)

NO_ROWS = Rule(
    "no_rows",
    "the table has a heading and no rows",
    "该表只有表头，没有数据",
    "Add at least one row with a name in the column {column} ({zh})",
    "请至少增加一行，并填写 {column}（{zh}）",
)

UNUSED_WORD = Rule(
    "unused_word",
    "no background item and no spending profile is called {text!r}",
    "没有名为“{text}”的背景项或支出进度",
    "Write {right}",
    "请写 {right}",
)

_FILLED = ("regions", "activities", "flows")
MAX_OFFSET = 20  # years between an entry of a vector and its activity


def cell_rules(draft: Draft) -> Iterator[Problem]:
    """Every filled cell keeps the type that its column declares."""
    for table in TABLE.values():
        for column in table.columns:
            rule = _BY_TYPE.get(column.type)
            if rule:
                yield from rule(draft, table, column)


def _cells(draft: Draft, table: Table, column: Column) -> Iterator[tuple[int, str]]:
    frame = draft.frames[table.name]
    return ((line, text) for line, text in zip(frame.index, frame[column.name].tolist(), strict=True) if text)


def _choices(draft: Draft, table: Table, column: Column) -> Iterator[Problem]:
    legal = " / ".join(column.choices)
    for line, text in _cells(draft, table, column):
        if text not in column.choices:
            right = nearest(text, column.choices)
            yield UNKNOWN_CHOICE.at(table.name, line, column.name, text=text, right=right, choices=legal)


def _references(draft: Draft, table: Table, column: Column) -> Iterator[Problem]:
    if column.refers_to in draft.unreadable:
        return
    known = draft.names(column.refers_to)
    if not known and column.refers_to in _FILLED:
        return
    several = column.type == "references"
    for line, cell in _cells(draft, table, column):
        for text in parts(cell) if several else [cell]:
            if text not in known:
                right = nearest(text, known)
                yield UNKNOWN_REFERENCE.at(
                    table.name, line, column.name, text=text, target=column.refers_to, right=right
                )


def _names(draft: Draft, table: Table, column: Column) -> Iterator[Problem]:
    for line, cell in _cells(draft, table, column):
        for text in parts(cell):
            if not is_name(text):
                yield BAD_NAME.at(table.name, line, column.name, text=text, right="first_name;second_name")


def _units(draft: Draft, table: Table, column: Column) -> Iterator[Problem]:
    canonical = draft.canonical(table.name) if table.is_figure_table else [None] * len(draft.frames[table.name])
    lines = draft.frames[table.name].index
    wanted = dict(zip(lines, canonical, strict=True)) if column.name == "unit" else {}
    for line, text in _cells(draft, table, column):
        try:
            parse(text)
        except UnitError as error:
            right = wanted.get(line) or "万t"
            yield NO_UNIT.at(table.name, line, column.name, detail=error, right=right)


def _year_lists(draft: Draft, table: Table, column: Column) -> Iterator[Problem]:
    if draft.settings is None:
        return
    plan_years = {str(year) for year in draft.settings.plan_years}
    first, last = draft.settings.first_year, draft.settings.last_year
    for line, text in _cells(draft, table, column):
        if text not in ("each", "last") and (not parts(text) or not set(parts(text)) <= plan_years):
            yield BAD_YEARS.at(table.name, line, column.name, text=text, first=first, last=last)


def _integers(draft: Draft, table: Table, column: Column) -> Iterator[Problem]:
    """Years lie between the base year and the last closing year; offsets are short."""
    if column.name == "year" and draft.settings is not None:
        rule, first, last = YEAR_OUTSIDE, draft.settings.base_year, draft.settings.years[-1]
    elif column.name == "offset":
        rule, first, last = OFFSET_OUTSIDE, -MAX_OFFSET, MAX_OFFSET
    else:
        return
    for row in draft.rows(table.name):
        number = getattr(row, column.name)
        if number is not None and not first <= number <= last:
            yield rule.at(table.name, row.Index, column.name, text=number, first=first, last=last)


def filled_tables(draft: Draft) -> Iterator[Problem]:
    """A plan has at least one region, one activity, one flow."""
    for name in _FILLED:
        if draft.frames[name].empty and name not in draft.unreadable:
            yield NO_ROWS.at(name, None, TABLE[name].key[0], zh=TABLE[name].zh)


def unique_keys(draft: Draft) -> Iterator[Problem]:
    """No two rows of a table have the same key."""
    for table in TABLE.values():
        if table.name in draft.unreadable:
            continue
        seen: dict[tuple[object, ...], int] = {}
        for row in draft.rows(table.name):
            # A blank offset and 0 say the same.
            key = tuple(getattr(row, name) or (0 if name == "offset" else getattr(row, name)) for name in table.key)
            first = seen.setdefault(key, row.Index)
            if first != row.Index:
                shown = ", ".join(str(part) for part in key if part not in ("", None))
                columns = ", ".join(table.key)
                yield DOUBLE_KEY.at(table.name, row.Index, table.key[0], other=first, key=shown, columns=columns)


def glossary(draft: Draft) -> Iterator[Problem]:
    """A word is of a name that some table has."""
    used = {*draft.frames["background"]["item"], *draft.names("spending_profiles")} - {""}
    if draft.unreadable.isdisjoint(("background", "spending_profiles")):
        for row in draft.rows("glossary"):
            if row.name and row.name not in used:
                right = nearest(row.name, used)
                yield UNUSED_WORD.at("glossary", row.Index, "name", text=row.name, right=right)


_BY_TYPE: dict[str, Callable[[Draft, Table, Column], Iterator[Problem]]] = {
    "choice": _choices,
    "reference": _references,
    "references": _references,
    "names": _names,
    "unit": _units,
    "years": _year_lists,
    "integer": _integers,
}
