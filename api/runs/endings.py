"""What a job that has ended means for its tasks: outcomes to be written, or claims to be given back."""

from __future__ import annotations

import itertools
import logging
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

from api.engines.engine import EngineLostError, OverdueError, StoppedError, WorkerLostError
from api.runs.chunks import Job, Why
from api.runs.work import INTERNAL, Worked
from api.store.records import Claim, Document, Outcome
from api.store.vocabulary import TaskState
from optimizer.status import Status

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
    """``finished`` are to be written; ``returned`` wait again, and with a ``cause`` it is counted against them;
    ``held_up`` wait again, too, and nothing is counted.

    ``again``: the job is to be sent again, with its plan. ``engine_lost``: the engine may need time.
    """

    finished: Sequence[tuple[Claim, Outcome]] = ()
    returned: Sequence[Claim] = ()
    cause: Cause | None = None
    held_up: Sequence[Claim] = ()
    seconds: float | None = None  # of work, where all of it was done
    again: bool = False
    engine_lost: bool = False


def ending(job: Job, future: Future[Worked]) -> Ending:
    """Of a future that is done."""
    error = future.exception()
    if error is None:
        return _of_work(job, future.result())
    if isinstance(error, StoppedError):
        return stopped(job, error.left)
    if isinstance(error, EngineLostError):
        return Ending(returned=job.claims, engine_lost=True)
    if isinstance(error, WorkerLostError):
        return Ending(returned=job.claims, cause=WORKER_LOST)
    if isinstance(error, OverdueError):
        return _failed(job, OVERDUE) if error.left is None else _overdue(job, error.left)
    _log.error("%s of run %s has failed as a whole", job.key, job.run, exc_info=error)
    return _failed(job, INTERNAL)


def _of_work(job: Job, worked: Worked) -> Ending:
    if worked.outcomes is None:
        return Ending(again=True)
    return _of_outcomes(job, worked.outcomes, worked.seconds)


def _of_outcomes(job: Job, outcomes: Sequence[Outcome], seconds: float | None = None) -> Ending:
    found = list(zip(job.claims, outcomes, strict=True))
    if job.why is Why.CANCELLED:
        return Ending(found)
    done = [(claim, outcome) for claim, outcome in found if outcome.state is not TaskState.CANCELLED]
    stopped = [claim for claim, outcome in found if outcome.state is TaskState.CANCELLED]
    return Ending(done, stopped, seconds=None if stopped else seconds)


def stopped(job: Job, left: Worked | None = None) -> Ending:
    """It was told to stop, or did not begin. ``left``: outcomes of its first questions, an incumbent perhaps last."""
    return _of_outcomes(job, _completed(job, left))


def _completed(job: Job, left: Worked | None) -> list[Outcome]:
    known = list(left.outcomes or ()) if left else []
    return known + [Outcome(TaskState.CANCELLED)] * (len(job.claims) - len(known))


def _overdue(job: Job, left: Worked) -> Ending:
    """The first question without an answer is the one that took too long. What it held up has done nothing wrong."""
    found = list(zip(job.claims, _completed(job, left), strict=True))
    done = list(itertools.takewhile(lambda one: one[1].state is not TaskState.CANCELLED, found))
    behind = [claim for claim, _ in found[len(done) + 1 :]]
    if len(done) == len(found):
        return Ending(done)
    claim, outcome = found[len(done)]
    if outcome.document is not None:
        return Ending([*done, (claim, _of_time_limit(outcome.document))], held_up=behind)
    if len(found) > 1:  # it is tried once more, alone
        return Ending(done, [claim], OVERDUE, held_up=behind)
    return _failed(job, OVERDUE)


def _of_time_limit(incumbent: Document) -> Outcome:
    """What is left says that it was cancelled, and nobody has cancelled it."""
    told, late = incumbent.json(), Status.TIME_LIMIT
    for before, now in zip(_sentences(Status.CANCELLED), _sentences(late), strict=True):
        told["sentence"] = told["sentence"].replace(before, now)
    return Outcome(TaskState.SUCCEEDED, Document.of_json({**told, "status": str(late)}))


def _sentences(status: Status) -> tuple[str, str]:
    return status.sentence_en, status.sentence_zh


def all_alike(job: Job, outcome: Outcome) -> Ending:
    return Ending([(claim, outcome) for claim in job.claims])


def _failed(job: Job, cause: Cause) -> Ending:
    """Of several tasks nobody knows which one it was: each is tried again alone."""
    if len(job.claims) == 1:
        return all_alike(job, Outcome(TaskState.FAILED, problem=cause))
    return Ending(returned=job.claims, cause=cause)
