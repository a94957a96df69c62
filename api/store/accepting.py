"""Accepting a run: the run, its tasks and its idempotency key in one transaction."""

from __future__ import annotations

import uuid
from typing import Any

from sqlalchemy import Connection, insert, select

from api.store.books import open_runs
from api.store.clock import Clock
from api.store.errors import IdempotencyConflictError, QueueFullError
from api.store.reading import queued_tasks
from api.store.records import Idempotency, NewRun
from api.store.tables import IdempotencyRow, RunRow, TaskRow
from api.store.vocabulary import EventKind, RunState, TaskState
from optimizer.words.language import Text

OTHER_BODY = Text(
    "此 Idempotency-Key 已用于另一个请求：请换一个新的键。",
    "This Idempotency-Key was used for another request: take a new key.",
)
EMPTY_QUEUE_FIRST = Text(
    "等待的任务已达上限 {most}，请稍后再试。", "As many tasks wait as may wait ({most}); try again later."
)


def replayed(connection: Connection, idempotency: Idempotency) -> str | None:
    """The run that was accepted under this key before. Raises IdempotencyConflictError."""
    query = (
        select(RunRow.id, IdempotencyRow.body_sha256)
        .join(IdempotencyRow, IdempotencyRow.run == RunRow.number)
        .where(IdempotencyRow.asker == idempotency.asker, IdempotencyRow.key == idempotency.key)
    )
    found = connection.execute(query).one_or_none()
    if found is None:
        return None
    run, body = found
    if body != idempotency.body_sha256:
        raise IdempotencyConflictError(OTHER_BODY)
    return run


def check_room(connection: Connection, coming: int, most: int | None) -> None:
    """Raises QueueFullError where more than ``most`` tasks would wait; an empty queue takes a run of any size."""
    if most is None:
        return
    waiting = queued_tasks(connection)
    if waiting and waiting + coming > most:
        raise QueueFullError(Text(EMPTY_QUEUE_FIRST.zh.format(most=most), EMPTY_QUEUE_FIRST.en.format(most=most)))


def insert_run(connection: Connection, clock: Clock, new: NewRun, idempotency: Idempotency | None) -> str:
    """Writes everything. Raises IntegrityError where somebody else has just taken the key."""
    values = _values(new) | {"accepted_at": clock.now()}
    number = connection.execute(insert(RunRow).values(values).returning(RunRow.number)).scalar_one()
    if idempotency:  # before the tasks: who waits here for another with the same key has done little in vain
        key = {"asker": idempotency.asker, "key": idempotency.key, "body_sha256": idempotency.body_sha256}
        connection.execute(insert(IdempotencyRow).values(run=number, **key))
    connection.execute(insert(TaskRow), [_task(number, i, payload, new.rank) for i, payload in enumerate(new.payloads)])
    with open_runs(connection, clock, [number]) as runs:
        runs[number].tell(EventKind.ACCEPTED, {"total": len(new.payloads)})
    return str(values["id"])


def _values(new: NewRun) -> dict[str, Any]:
    return {
        "id": uuid.uuid4().hex,
        "kind": new.kind,
        "state": RunState.QUEUED,
        "cancelling": False,
        "asker": new.asker,
        "plan": new.plan,
        "request": new.request,
        "priority": new.rank,
        "total": len(new.payloads),
        "succeeded": 0,
        "failed": 0,
        "cancelled": 0,
        "last_event": 0,
    }


def _task(run: int, position: int, payload: Any, priority: int) -> dict[str, Any]:
    return {
        "run": run,
        "position": position,
        "state": TaskState.QUEUED,
        "priority": priority,
        "payload": payload,
        "attempt": 0,
        "deaths": 0,
        "beat": 0,
    }
