"""Runs locked within a transaction: counts, state and events are changed here and written once, at its end.

Whoever locks tasks and runs locks the tasks first, each kind in ascending order, so that no two wait for each other.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from api.store.clock import Clock
from api.store.tables import EventRow, RunRow
from api.store.vocabulary import FINAL_RUN_STATES, EventKind, RunState, TaskState, check_run_move, final_state


@dataclass
class OpenRun:
    """One locked run."""

    number: int
    id: str
    state: RunState
    cancelling: bool
    total: int
    counts: dict[TaskState, int]
    last_event: int
    now: datetime
    started_at: datetime | None
    finished_at: datetime | None
    changed: dict[TaskState, list[int]] = field(default_factory=dict)
    events: list[dict[str, Any]] = field(default_factory=list)

    def start(self) -> None:
        """Its first task was claimed."""
        if self.state is RunState.QUEUED:
            self._move(RunState.RUNNING)
            self.started_at = self.now
            self.tell(EventKind.STARTED, {})

    def task_went(self, position: int, state: TaskState) -> None:
        """A task went back to the queue or came to its end."""
        self.changed.setdefault(state, []).append(position)
        if state in self.counts:
            self.counts[state] += 1

    def cancel(self) -> None:
        self.cancelling = True
        self.tell(EventKind.CANCELLING, {})

    def tell(self, kind: EventKind, data: dict[str, Any], task: int | None = None) -> None:
        self.last_event += 1
        self.events.append(
            {"run": self.number, "number": self.last_event, "kind": kind, "task": task, "data": data, "at": self.now}
        )

    def close(self) -> None:
        """Tells what was changed, and ends the run with its last task."""
        if self.changed:
            changed = {str(state): ranges(positions) for state, positions in self.changed.items()}
            self.tell(EventKind.TASKS, {"changed": changed, "counts": self._told()})
        if self.state not in FINAL_RUN_STATES and sum(self.counts.values()) == self.total:
            self._move(final_state(*(self.counts[state] for state in _ENDS)))
            self.finished_at = self.now
            self.tell(EventKind.FINISHED, {"state": self.state, "counts": self._told()})

    def _move(self, state: RunState) -> None:
        check_run_move(self.state, state)
        self.state = state

    def _told(self) -> dict[str, int]:
        return {"total": self.total} | {str(state): count for state, count in self.counts.items()}

    def values(self) -> dict[str, Any]:
        return {
            "state": self.state,
            "cancelling": self.cancelling,
            "last_event": self.last_event,
            "started_at": self.started_at,
            "finished_at": self.finished_at,
        } | {str(state): count for state, count in self.counts.items()}


def ranges(positions: Iterable[int]) -> list[list[int]]:
    """First and last of each unbroken row of numbers: ten thousand tasks that end together are told in one pair."""
    found: list[list[int]] = []
    for position in sorted(positions):
        if found and found[-1][1] == position - 1:
            found[-1][1] = position
        else:
            found.append([position, position])
    return found


_ENDS = (TaskState.SUCCEEDED, TaskState.FAILED, TaskState.CANCELLED)


@contextmanager
def open_runs(connection: Connection, clock: Clock, numbers: Iterable[int]) -> Iterator[dict[int, OpenRun]]:
    """The runs by number, locked; what became of them is written when the block ends."""
    now = clock.now()
    query = select(RunRow).where(RunRow.number.in_(set(numbers))).order_by(RunRow.number).with_for_update()
    runs = {
        row.number: OpenRun(
            row.number,
            row.id,
            RunState(row.state),
            row.cancelling,
            row.total,
            {state: getattr(row, state) for state in _ENDS},
            row.last_event,
            now,
            row.started_at,
            row.finished_at,
        )
        for row in connection.execute(query)
    }
    yield runs
    for run in runs.values():
        _write(connection, run)


def _write(connection: Connection, run: OpenRun) -> None:
    run.close()
    if run.events:
        connection.execute(update(RunRow).where(RunRow.number == run.number).values(run.values()))
        connection.execute(insert(EventRow), run.events)
