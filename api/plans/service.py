"""Views of the tables of a plan."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from api.errors import Fault, InvalidRequestError, UnknownFigureError, UnknownNameError, near_misses
from api.formats import Record, records
from model_data import DataError, Plan, Trace
from model_data.schema import TABLE, Table
from optimizer import ScenarioError
from optimizer.words.language import Text

TABLE_WORD = Text("数据表", "table")
FIGURE_TABLE = Text("数值表", "figure table")
NO_KEY = Text("不是该表的关键字段", "does not identify a figure of this table")
SCENARIO = Text("情景", "scenario")


def table_of(name: str) -> Table:
    """The declaration of a table. Raises UnknownNameError."""
    if name not in TABLE:
        raise UnknownNameError(TABLE_WORD, name, TABLE)
    return TABLE[name]


def figure_trace(plan: Plan, table: str, key: Mapping[str, str]) -> Trace:
    """A figure with its sources. Raises UnknownNameError, UnknownFigureError, InvalidRequestError."""
    declared = TABLE.get(table)
    if declared is None or not declared.is_figure_table:
        raise UnknownNameError(FIGURE_TABLE, table, [name for name, other in TABLE.items() if other.is_figure_table])
    unknown = [name for name in key if name not in declared.key]
    if unknown:
        faults = [Fault("extra_forbidden", name, NO_KEY, near_misses(name, declared.key)) for name in unknown]
        raise InvalidRequestError(Text("关键字段有误。", "The key is wrong."), faults)
    try:
        return plan.trace(table, **key)
    except DataError as error:
        raise UnknownFigureError(Text("没有这个数值。", "There is no such figure."), faults_of(error, "")) from None


def rows_of(plan: Plan, table: str) -> list[Record]:
    """The rows of a table in the columns of its declaration."""
    declared = table_of(table)
    return records(plan.table(table)[[column.name for column in declared.columns]])


def with_figures(plan: Plan, table: str, figure_table: str) -> list[Record]:
    """The rows of an entity table, each with the figures that are stated of it."""
    key = TABLE[table].key[0]
    figures: dict[str, list[Record]] = {}
    for row in rows_of(plan, figure_table):
        figures.setdefault(row.pop(key), []).append(row)
    return [{**row, "figures": figures.get(row[key], [])} for row in rows_of(plan, table)]


def one(rows: Iterable[Record], key: str, name: str, what: Text) -> Record:
    """The row of that name. Raises UnknownNameError."""
    by_name = {str(row[key]): row for row in rows}
    if name not in by_name:
        raise UnknownNameError(what, name, by_name)
    return by_name[name]


def identity(plan: Plan) -> dict[str, str]:
    return {"plan": plan.settings.plan, "fingerprint": plan.fingerprint}


def invalid_scenario(error: ScenarioError) -> InvalidRequestError:
    """The refusal of a scenario that cannot be used, with every reason."""
    detail = Text("情景不可用。", "The scenario cannot be used.")
    return InvalidRequestError(
        detail, [Fault("invalid_scenario", "#/changes", problem.text) for problem in error.problems]
    )


def faults_of(error: DataError, place: str) -> list[Fault]:
    """The problems of a plan's data as faults at one place of a request."""
    return [
        Fault(
            problem.rule,
            place,
            Text(f"{problem.place_zh}：{problem.message_zh}", f"{problem.place}: {problem.message_en}"),
            Text(problem.remedy_zh, problem.remedy_en),
            (problem.table, problem.row, problem.column),
        )
        for problem in error.problems
    ]
