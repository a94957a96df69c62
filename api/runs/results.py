"""The results of a batch as one table: the case, how it ended, and rows of one of its tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from api.errors import UnknownNameError
from api.formats import Record
from api.runs.schemas import SUMMARY
from api.runs.service import problem
from api.store.ledger import Ledger
from api.store.records import Task
from optimizer.words.language import Language, Text

TABLE = Text("数据表", "table")
PAGE = 200


def rows(
    ledger: Ledger, run: str, table: str, language: Language, cursor: int | None = None, most: int = PAGE
) -> tuple[list[Record], int | None]:
    """The rows of up to ``most`` cases after the cursor, and the cursor of the next ones. Raises UnknownNameError."""
    tasks = ledger.tasks(run, cursor, most)
    if not tasks.items:
        return [], None
    last = tasks.items[-1].position
    found = {result.position: result.document.json() for result in _results(ledger, run, cursor, last)}
    told = [row for task in tasks.items for row in _case_rows(task, found.get(task.position), table, language)]
    return told, tasks.next


def _results(ledger: Ledger, run: str, cursor: int | None, last: int) -> Iterator[Any]:
    while True:
        page = ledger.results(run, cursor, PAGE)
        yield from (result for result in page.items if result.position <= last)
        if page.next is None or page.next >= last:
            return
        cursor = page.next


def _case_rows(task: Task, document: Mapping[str, Any] | None, table: str, language: Language) -> Iterator[Record]:
    case = {"position": task.position, **task.payload["case"]}
    if table == SUMMARY:
        yield case | _summary(task, document, language)
    elif document is not None:
        tables = document.get("tables") or {}
        if table not in tables and tables:
            raise UnknownNameError(TABLE, table, [SUMMARY, *tables])
        yield from (case | _plain(row) for row in tables.get(table, ()))


def _plain(row: Mapping[str, Any]) -> Record:
    return {key: "; ".join(map(str, value)) if isinstance(value, list) else value for key, value in row.items()}


def _summary(task: Task, document: Mapping[str, Any] | None, language: Language) -> Record:
    """How a case ended: the state of its task, the status of its answer, its objective."""
    told = "" if task.problem is None else problem(task.problem, language).detail
    head: Record = {"state": str(task.state), "status": "", "objective": None, "unit": ""}
    if document is not None:
        objective = document.get("objective") or {}
        head |= {"status": document["status"], "objective": objective.get("value"), "unit": objective.get("unit", "")}
        told = told or document.get("sentence", "")
    return head | {"text": told}


def frame(ledger: Ledger, run: str, table: str, language: Language) -> pd.DataFrame:
    """All of it."""
    found: list[Record] = []
    cursor: int | None = None
    while True:
        page, cursor = rows(ledger, run, table, language, cursor)
        found += page
        if cursor is None:
            return pd.DataFrame(found, columns=_columns(found)).convert_dtypes()


def _columns(found: Sequence[Record]) -> list[str]:
    return list(dict.fromkeys(key for row in found for key in row))
