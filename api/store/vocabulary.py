"""The closed vocabularies of the ledger, and which state may follow which."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum, StrEnum

from api.store.errors import IllegalMoveError
from optimizer.words.language import Text

MOST_DEATHS = 3  # leases and workers that a task may lose before it is given up


class RunKind(StrEnum):
    """One question, or many."""

    RUN = "run"
    BATCH = "batch"


class Priority(IntEnum):
    """What is claimed first: the smaller number."""

    INTERACTIVE = 0
    BATCH = 10


class RunState(StrEnum):
    """``partial``: some tasks failed, others have results."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    PARTIAL = "partial"
    FAILED = "failed"
    CANCELLED = "cancelled"


class TaskState(StrEnum):
    """``succeeded`` means answered: that a plan is infeasible is an answer."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


class EventKind(StrEnum):
    """What an event of a run tells; ``finished`` is always the last one."""

    ACCEPTED = "accepted"
    STARTED = "started"
    PROGRESS = "progress"
    TASKS = "tasks"
    CANCELLING = "cancelling"
    FINISHED = "finished"


RUN_MOVES: Mapping[RunState, frozenset[RunState]] = {
    RunState.QUEUED: frozenset({RunState.RUNNING, RunState.CANCELLED}),
    RunState.RUNNING: frozenset({RunState.SUCCEEDED, RunState.PARTIAL, RunState.FAILED, RunState.CANCELLED}),
    RunState.SUCCEEDED: frozenset(),
    RunState.PARTIAL: frozenset(),
    RunState.FAILED: frozenset(),
    RunState.CANCELLED: frozenset(),
}
TASK_MOVES: Mapping[TaskState, frozenset[TaskState]] = {
    TaskState.QUEUED: frozenset({TaskState.RUNNING, TaskState.CANCELLED}),
    TaskState.RUNNING: frozenset({TaskState.QUEUED, TaskState.SUCCEEDED, TaskState.FAILED, TaskState.CANCELLED}),
    TaskState.SUCCEEDED: frozenset(),
    TaskState.FAILED: frozenset(),
    TaskState.CANCELLED: frozenset(),
}
FINAL_RUN_STATES = frozenset(state for state, following in RUN_MOVES.items() if not following)
FINAL_TASK_STATES = frozenset(state for state, following in TASK_MOVES.items() if not following)


def check_run_move(old: RunState, new: RunState) -> None:
    """Raises IllegalMoveError."""
    if new not in RUN_MOVES[old]:
        raise IllegalMoveError(_cannot(old, new))


def check_task_move(old: TaskState, new: TaskState) -> None:
    """Raises IllegalMoveError."""
    if new not in TASK_MOVES[old]:
        raise IllegalMoveError(_cannot(old, new))


def _cannot(old: str, new: str) -> Text:
    return Text(f"状态 {old} 之后不能是 {new}。", f"The state {new} cannot follow {old}.")


def final_state(succeeded: int, failed: int, cancelled: int) -> RunState:
    """What a run has come to whose tasks are all at an end."""
    if cancelled:
        return RunState.CANCELLED
    if not failed:
        return RunState.SUCCEEDED
    return RunState.PARTIAL if succeeded else RunState.FAILED
