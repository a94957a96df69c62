"""Tasks in somebody's hands: claimed, renewed, finished, given back. Each function works within one transaction.

A task is its claimant's as long as it is running with the claim's owner and attempt; everything else comes too late.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from api.store.books import OpenRun, open_runs
from api.store.clock import Clock
from api.store.records import Claim, Document, Outcome
from api.store.tables import HELD, WAITING, EventRow, ResultRow, RunRow, TaskRow
from api.store.vocabulary import (
    FINAL_RUN_STATES,
    MOST_DEATHS,
    EventKind,
    Priority,
    RunState,
    TaskState,
    check_task_move,
)

Hold = tuple[int, str | None, int]  # task, owner, attempt
_NOBODYS: Mapping[str, Any] = {"owner": None, "lease": None, "fraction": None, "note": None}


@dataclass(frozen=True)
class Held:
    """A running task, locked."""

    id: int
    run: int
    position: int
    owner: str | None
    attempt: int
    beat: int
    deaths: int
    cancelling: bool


def claim(
    connection: Connection, clock: Clock, owner: str, most: int, lease: float, only: Priority | None
) -> list[Claim]:
    """The next tasks that nobody else is just taking, in the order of priority and acceptance."""
    deadline = clock.monotonic() + lease
    columns = (TaskRow.id, RunRow.id, TaskRow.position, TaskRow.attempt, TaskRow.deaths, TaskRow.priority,
               TaskRow.payload, TaskRow.run, RunRow.state)  # fmt: skip
    query = select(*columns).join(RunRow, RunRow.number == TaskRow.run).where(WAITING)
    if only is not None:
        query = query.where(TaskRow.priority == only)
    query = query.order_by(TaskRow.priority, TaskRow.id).limit(most)
    rows = connection.execute(query.with_for_update(of=TaskRow, skip_locked=True)).all()
    taken = {"state": TaskState.RUNNING, "owner": owner, "lease": lease, "attempt": TaskRow.attempt + 1, "beat": 0}
    connection.execute(
        update(TaskRow).where(TaskRow.id.in_([row[0] for row in rows])).values(started_at=clock.now(), **taken)
    )
    with open_runs(connection, clock, {row[7] for row in rows if row[8] == RunState.QUEUED}) as runs:
        for run in runs.values():
            run.start()
    return [
        Claim(task, run, position, owner, attempt + 1, deaths, Priority(priority), payload, deadline)
        for task, run, position, attempt, deaths, priority, payload, *_ in rows
    ]


def held(connection: Connection, claims: Sequence[Claim]) -> dict[Hold, Held]:
    """Those of the claims that are still good, by task, owner and attempt, locked.

    A claimant may name an earlier claim of a task beside the one that is good.
    """
    mine = {_hold(claim) for claim in claims}
    locked = {(task.id, task.owner, task.attempt): task for task in lock(connection, [claim.task for claim in claims])}
    return {one: locked[one] for one in locked if one in mine}


def _hold(claim: Claim) -> Hold:
    return claim.task, claim.owner, claim.attempt


def lock(connection: Connection, tasks: Sequence[int]) -> list[Held]:
    """Those of the tasks that are running, locked in ascending order."""
    columns = (TaskRow.id, TaskRow.run, TaskRow.position, TaskRow.owner, TaskRow.attempt, TaskRow.beat,
               TaskRow.deaths, RunRow.cancelling)  # fmt: skip
    query = select(*columns).join(RunRow, RunRow.number == TaskRow.run).where(TaskRow.id.in_(tasks))
    query = query.where(HELD).order_by(TaskRow.id).with_for_update(of=TaskRow)
    return [Held(*row) for row in connection.execute(query)]


def renew(connection: Connection, clock: Clock, claims: Sequence[Claim], lease: float) -> list[Claim]:
    """The claims that are still good, with a new deadline; ``cancelled`` where the run is to be cancelled."""
    deadline = clock.monotonic() + lease
    good = held(connection, claims)
    still = [task.id for task in good.values()]
    connection.execute(update(TaskRow).where(TaskRow.id.in_(still)).values(beat=TaskRow.beat + 1, lease=lease))
    return [
        replace(claim, deadline=deadline, cancelled=good[_hold(claim)].cancelling)
        for claim in claims
        if _hold(claim) in good
    ]


def finish(connection: Connection, clock: Clock, outcomes: Sequence[tuple[Claim, Outcome]]) -> list[bool]:
    """Writes the outcomes of the claims that are still good; False for each that came too late."""
    good = held(connection, [claim for claim, _ in outcomes])
    written: dict[Hold, Outcome] = {}
    answers = []
    for claim, outcome in outcomes:
        answers.append(_hold(claim) in good and _hold(claim) not in written)
        if answers[-1]:
            written[_hold(claim)] = outcome
    with open_runs(connection, clock, {good[one].run for one in written}) as runs:
        _end(connection, clock, [(good[one], outcome) for one, outcome in written.items()], runs)
    return answers


def release(connection: Connection, clock: Clock, tasks: Sequence[Held], cause: Mapping[str, Any] | None) -> None:
    """Tasks whose claimant is gone wait again, unless their run is to be cancelled.

    With a ``cause`` it is counted as a death; after the third one the task fails, and the cause is its problem.
    """
    if cause is not None:
        died = update(TaskRow).where(TaskRow.id.in_([task.id for task in tasks]))
        connection.execute(died.values(deaths=TaskRow.deaths + 1))
    with open_runs(connection, clock, {task.run for task in tasks}) as runs:
        ended = [(task, outcome) for task in tasks if (outcome := _last_outcome(task, runs[task.run], cause))]
        _end(connection, clock, ended, runs)
        over = {task.id for task, _ in ended}
        again = [task for task in tasks if task.id not in over]
        values = {"state": TaskState.QUEUED, "started_at": None, **_NOBODYS}
        connection.execute(update(TaskRow).where(TaskRow.id.in_([task.id for task in again])).values(values))
        for task in again:
            runs[task.run].task_went(task.position, TaskState.QUEUED)


def _last_outcome(task: Held, run: OpenRun, cause: Mapping[str, Any] | None) -> Outcome | None:
    if run.cancelling:
        return Outcome(TaskState.CANCELLED)
    if cause is not None and task.deaths + 1 >= MOST_DEATHS:
        return Outcome(TaskState.FAILED, problem=cause)
    return None


def _end(
    connection: Connection, clock: Clock, ended: Sequence[tuple[Held, Outcome]], runs: Mapping[int, OpenRun]
) -> None:
    now = clock.now()
    for task, outcome in ended:
        check_task_move(TaskState.RUNNING, outcome.state)
        runs[task.run].task_went(task.position, outcome.state)
    results = [_result(task.id, outcome.document) for task, outcome in ended if outcome.document]
    if results:
        connection.execute(insert(ResultRow), results)
    if ended:
        rows = [
            {"id_": task.id, "state": outcome.state, "problem": outcome.problem, "finished_at": now}
            for task, outcome in ended
        ]
        changed: dict[str, Any] = {name: bindparam(name) for name in ("state", "problem", "finished_at")}
        connection.execute(update(TaskRow).where(TaskRow.id == bindparam("id_")).values(**changed, **_NOBODYS), rows)


def _result(task: int, document: Document) -> dict[str, Any]:
    return {
        "task": task,
        "media_type": document.media_type,
        "etag": document.etag,
        "sha256": document.sha256,
        "size": document.size,
        "body": document.packed,
    }


def progress(connection: Connection, clock: Clock, claim: Claim, fraction: float | None, note: Any) -> bool:
    """What a task reports of itself; its earlier report is forgotten. False: it came too late."""
    task = held(connection, [claim]).get(_hold(claim))
    if task is None:
        return False
    connection.execute(update(TaskRow).where(TaskRow.id == task.id).values(fraction=fraction, note=note))
    with open_runs(connection, clock, [task.run]) as runs:
        earlier = (EventRow.run == task.run, EventRow.task == task.position)
        connection.execute(delete(EventRow).where(*earlier))
        data = {"task": task.position, "fraction": fraction, "note": note}
        runs[task.run].tell(EventKind.PROGRESS, data, task.position)
    return True


def cancel(connection: Connection, clock: Clock, number: int) -> None:
    """What waits of a run is cancelled; who works on the rest hears of it with the next renewal."""
    own = (TaskRow.run == number, TaskRow.state.in_([TaskState.QUEUED, TaskState.RUNNING]))
    # The running ones are locked as well: one that is just being given back must not slip through as waiting.
    query = select(TaskRow.position, TaskRow.state).where(*own).order_by(TaskRow.id).with_for_update()
    waiting = [position for position, state in connection.execute(query) if state == TaskState.QUEUED]
    with open_runs(connection, clock, [number]) as runs:
        run = runs[number]
        if run.state in FINAL_RUN_STATES or run.cancelling:
            return
        run.cancel()
        for position in waiting:
            run.task_went(position, TaskState.CANCELLED)
        ended = {"state": TaskState.CANCELLED, "finished_at": run.now}
        connection.execute(update(TaskRow).where(TaskRow.run == number, WAITING).values(ended))
