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
from optimizer.answer import COLUMNS
from optimizer.status import Status
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
        objective, unit = objective_of(document)
        head |= {"status": document["status"], "objective": objective, "unit": unit}
        told = told or _sentence(task, document, language)
    return head | {"text": told}


def _sentence(task: Task, document: Mapping[str, Any], language: Language) -> str:
    """How the answer ended, in the reader's language: as it stands there, else what its status says in that one."""
    if task.payload["question"].get("language") == str(language):
        return str(document.get("sentence", ""))
    status = Status(document["status"])
    return status.sentence_zh if language is Language.ZH else status.sentence_en


def objective_of(document: Mapping[str, Any]) -> tuple[float | None, str]:
    """Value and unit of an answer's objective: a what-if tells more of it, others the value alone; some have none."""
    found = document.get("objective")
    if isinstance(found, Mapping):
        return found["value"], found["unit"]
    return found, "" if found is None else document.get("unit") or ""


def frame(ledger: Ledger, run: str, table: str, language: Language) -> pd.DataFrame:
    """All of it."""
    found: list[Record] = []
    cursor: int | None = None
    while True:
        page, cursor = rows(ledger, run, table, language, cursor)
        found += page
        if cursor is None:
            return pd.DataFrame(found, columns=columns_of(found, table)).convert_dtypes()


def columns_of(found: Sequence[Record], table: str) -> list[str]:
    """Those of the rows; of the table where no case has any."""
    return list(dict.fromkeys(key for row in found for key in row)) or ["position", *COLUMNS.get(table, ())]
