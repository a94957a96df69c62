"""What a job that has ended means for its tasks: outcomes to be written, or claims to be given back."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

from api.engines.engine import EngineLostError, OverdueError, StoppedError, WorkerLostError
from api.runs.chunks import Job, Why
from api.runs.work import INTERNAL, Worked
from api.store.records import Claim, Outcome
from api.store.vocabulary import TaskState

Cause = Mapping[str, Any]
WORKER_LOST: Cause = {
    "code": "worker_lost",
    "zh": "处理此任务的进程意外终止。",
    "en": "The process that worked on this task died.",
}
OVERDUE: Cause = {
    "code": "overdue",
    "zh": "此任务超出时限仍未停止，已被强制结束。",
    "en": "The task did not stop within its time and was ended by force.",
}

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Ending:
    """``finished`` are to be written; ``returned`` wait again, and with a ``cause`` it is counted against them.

    ``again``: the job is to be sent again, with its plan. ``engine_lost``: the engine may need time.
    """

    finished: Sequence[tuple[Claim, Outcome]] = ()
    returned: Sequence[Claim] = ()
    cause: Cause | None = None
    seconds: float | None = None  # of work, where all of it was done
    again: bool = False
    engine_lost: bool = False


def ending(job: Job, future: Future[Worked]) -> Ending:
    """Of a future that is done."""
    error = future.exception()
    if error is None:
        return _of_work(job, future.result())
    if isinstance(error, StoppedError):
        return stopped(job)
    if isinstance(error, EngineLostError):
        return Ending(returned=job.claims, engine_lost=True)
    if isinstance(error, WorkerLostError):
        return Ending(returned=job.claims, cause=WORKER_LOST)
    if isinstance(error, OverdueError):
        return _failed(job, OVERDUE)
    _log.error("%s of run %s has failed as a whole", job.key, job.run, exc_info=error)
    return _failed(job, INTERNAL)


def _of_work(job: Job, worked: Worked) -> Ending:
    if worked.outcomes is None:
        return Ending(again=True)
    found = list(zip(job.claims, worked.outcomes, strict=True))
    if job.why is Why.CANCELLED:
        return Ending(found)
    done = [(claim, outcome) for claim, outcome in found if outcome.state is not TaskState.CANCELLED]
    stopped = [claim for claim, outcome in found if outcome.state is TaskState.CANCELLED]
    return Ending(done, stopped, seconds=None if stopped else worked.seconds)


def stopped(job: Job) -> Ending:
    """It has no outcome of its own, since it was told to stop or did not begin."""
    if job.why is Why.CANCELLED:
        return all_alike(job, Outcome(TaskState.CANCELLED))
    return Ending(returned=job.claims)


def all_alike(job: Job, outcome: Outcome) -> Ending:
    return Ending([(claim, outcome) for claim in job.claims])


def _failed(job: Job, cause: Cause) -> Ending:
    """Of several tasks nobody knows which one it was: each is tried again alone."""
    if len(job.claims) == 1:
        return all_alike(job, Outcome(TaskState.FAILED, problem=cause))
    return Ending(returned=job.claims, cause=cause)
