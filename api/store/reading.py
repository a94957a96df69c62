"""Looking things up in the ledger. Each function works within one transaction that only reads."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, func, select

from api.store.errors import UnknownRunError
from api.store.records import Backlog, Counts, Document, Event, Page, Result, Run, Task
from api.store.tables import HELD, WAITING, EventRow, ResultRow, RunRow, TaskRow
from api.store.vocabulary import FINAL_RUN_STATES, EventKind, Priority, RunKind, RunState, TaskState
from optimizer.words.language import Text

NO_RUN = Text("没有这个运行，或已过保存期。", "There is no such run, or it is no longer kept.")


@dataclass(frozen=True)
class RunFilter:
    """Which runs to list; what is None or empty does not matter."""

    kind: RunKind | None = None
    states: Collection[RunState] = ()
    asker: str | None = None
    plan: str | None = None


def run_number(connection: Connection, run_id: str) -> int:
    """Raises UnknownRunError."""
    number = connection.execute(select(RunRow.number).where(RunRow.id == run_id)).scalar_one_or_none()
    if number is None:
        raise UnknownRunError(NO_RUN)
    return number


def run(connection: Connection, run_id: str) -> Run:
    """Raises UnknownRunError."""
    rows = connection.execute(select(RunRow.__table__).where(RunRow.id == run_id)).all()
    if not rows:
        raise UnknownRunError(NO_RUN)
    return _runs(connection, rows)[0]


def cancelling(connection: Connection, runs: Collection[str]) -> frozenset[str]:
    """Those of the runs that are to be cancelled."""
    return frozenset(connection.execute(select(RunRow.id).where(RunRow.id.in_(runs), RunRow.cancelling)).scalars())


def runs(connection: Connection, cursor: int | None, most: int, wanted: RunFilter) -> Page[Run]:
    """The newest first; the cursor is the number of the last run that was seen."""
    query = select(RunRow.__table__)
    if cursor is not None:
        query = query.where(RunRow.number < cursor)
    if wanted.kind is not None:
        query = query.where(RunRow.kind == wanted.kind)
    if wanted.states:
        query = query.where(RunRow.state.in_(list(wanted.states)))
    if wanted.asker is not None:
        query = query.where(RunRow.asker == wanted.asker)
    if wanted.plan is not None:
        query = query.where(RunRow.plan == wanted.plan)
    rows = connection.execute(query.order_by(RunRow.number.desc()).limit(most + 1)).all()
    items = _runs(connection, rows[:most])
    return Page(tuple(items), items[-1].number if len(rows) > most else None)


def _runs(connection: Connection, rows: Sequence[Row[Any]]) -> list[Run]:
    query = (
        select(TaskRow.run, func.count(), func.sum(TaskRow.fraction))
        .where(HELD, TaskRow.run.in_([row.number for row in rows]))
        .group_by(TaskRow.run)
    )
    running = {number: (count, done or 0.0) for number, count, done in connection.execute(query)}
    return [_run(row, *running.get(row.number, (0, 0.0))) for row in rows]


def _run(row: Row[Any], running: int, done: float) -> Run:
    ended = row.succeeded + row.failed + row.cancelled
    counts = Counts(row.total, row.total - ended - running, running, row.succeeded, row.failed, row.cancelled)
    return Run(
        id=row.id,
        number=row.number,
        kind=RunKind(row.kind),
        state=RunState(row.state),
        cancelling=row.cancelling,
        asker=row.asker,
        plan=row.plan,
        request=row.request,
        priority=Priority(row.priority),
        counts=counts,
        fraction=min((ended + done) / row.total, 1.0),
        last_event=row.last_event,
        accepted_at=row.accepted_at,
        started_at=row.started_at,
        finished_at=row.finished_at,
    )


def tasks(
    connection: Connection, run_id: str, cursor: int | None, most: int, states: Collection[TaskState]
) -> Page[Task]:
    """The tasks of a run in order; the cursor is the last position that was seen. Raises UnknownRunError."""
    columns = (TaskRow.id, TaskRow.position, TaskRow.state, TaskRow.attempt, TaskRow.deaths, TaskRow.payload,
               TaskRow.fraction, TaskRow.note, TaskRow.problem, TaskRow.started_at, TaskRow.finished_at)  # fmt: skip
    query = select(*columns).where(TaskRow.run == run_number(connection, run_id))
    if cursor is not None:
        query = query.where(TaskRow.position > cursor)
    if states:
        query = query.where(TaskRow.state.in_(list(states)))
    rows = connection.execute(query.order_by(TaskRow.position).limit(most + 1)).all()
    items = tuple(Task(row[0], row[1], TaskState(row[2]), *row[3:]) for row in rows[:most])
    return Page(items, items[-1].position if len(rows) > most else None)


def results(connection: Connection, run_id: str, cursor: int | None, most: int) -> Page[Result]:
    """The documents of a run in the order of its tasks. Raises UnknownRunError."""
    columns = (TaskRow.position, TaskRow.state, ResultRow.body, ResultRow.media_type, ResultRow.etag,
               ResultRow.sha256, ResultRow.size)  # fmt: skip
    query = select(*columns).join(ResultRow, ResultRow.task == TaskRow.id)
    query = query.where(TaskRow.run == run_number(connection, run_id))
    if cursor is not None:
        query = query.where(TaskRow.position > cursor)
    rows = connection.execute(query.order_by(TaskRow.position).limit(most + 1)).all()
    items = tuple(Result(row[0], TaskState(row[1]), Document(*row[2:])) for row in rows[:most])
    return Page(items, items[-1].position if len(rows) > most else None)


def events(connection: Connection, run_id: str, after: int, most: int) -> list[Event]:
    """What happened since the event of that number. Raises UnknownRunError."""
    query = select(EventRow.number, EventRow.kind, EventRow.data, EventRow.at)
    query = query.where(EventRow.run == run_number(connection, run_id), EventRow.number > after)
    rows = connection.execute(query.order_by(EventRow.number).limit(most))
    return [Event(number, EventKind(kind), data, at) for number, kind, data, at in rows]


def queued_tasks(connection: Connection) -> int:
    return _count(connection, WAITING)


def _count(connection: Connection, which: ColumnElement[bool]) -> int:
    return connection.execute(select(func.count()).select_from(TaskRow).where(which)).scalar_one()


def backlog(connection: Connection) -> Backlog:
    open_states = [state for state in RunState if state not in FINAL_RUN_STATES]
    query = select(func.count()).select_from(RunRow).where(RunRow.state.in_(open_states))
    open_runs = connection.execute(query).scalar_one()
    return Backlog(queued_tasks(connection), _count(connection, HELD), open_runs)
