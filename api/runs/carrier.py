"""The dispatcher's hand at the engine: jobs that are ready, jobs that run, and what came of them."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import Future
from functools import partial
from queue import Empty, SimpleQueue
from typing import Any

from api.engines.engine import Engine
from api.errors import ApiError
from api.runs.chunks import Job, Sizes, Why, jobs_of
from api.runs.clerk import Hold, hold
from api.runs.endings import Cause, Ending, all_alike, ending, stopped
from api.runs.work import INTERNAL, Chunk, Worked, problem_of, work
from api.store.errors import StoreError
from api.store.records import Claim, Outcome
from api.store.vocabulary import Priority, TaskState

UNKNOWN_PLAN: Cause = {
    "code": "unknown_plan",
    "zh": "此任务所问的规划版本已不存在。",
    "en": "The version of the plan that this task is about is no longer there.",
}

_log = logging.getLogger(__name__)


class Carrier:
    """``contents``: the pickled plan of a fingerprint; raises LookupError, ApiError, StoreError.

    ``ring`` is called, on any thread, when a job has ended. What the engine has to spare is for interactive work; where
    it has nothing to spare, batches take the last slot for chunks that are over in about a second only. For each slot
    that they may have, a chunk is kept ready.
    """

    def __init__(
        self,
        engine: Engine,
        contents: Callable[[str], bytes],
        ring: Callable[[], None],
        limit: float,
        margin: float,
    ) -> None:
        self._engine, self._contents, self._ring = engine, contents, ring
        self._limit, self._margin = limit, margin
        self._ready: dict[Priority, deque[Job]] = {priority: deque() for priority in Priority}
        self._running: dict[str, Job] = {}
        self._ended: SimpleQueue[tuple[Job, Future[Worked]]] = SimpleQueue()
        self._news: dict[Hold, str] = {}
        self._sizes = Sizes()

    @property
    def running(self) -> int:
        return len(self._running)

    def _slots(self, priority: Priority, *, brief: bool) -> int:
        """That jobs of this priority may have; ``brief``: they are known to be over in about a second."""
        slots, spare = self._engine.slots, self._engine.spare
        if priority is Priority.INTERACTIVE or (brief and not spare):
            return slots
        return max(slots - max(spare, 1), min(slots, 1))

    def _has_room(self, job: Job) -> bool:
        same = sum(other.priority is job.priority for other in self._running.values())
        slots = self._slots(job.priority, brief=self._sizes.of(job.run) > 1)
        return len(self._running) < self._engine.slots and same < slots

    def wanted(self, priority: Priority) -> int:
        """How many more tasks there is room for."""
        slots, ready = self._slots(priority, brief=self._sizes.latest > 1), len(self._ready[priority])
        if priority is Priority.INTERACTIVE:
            return max(slots - len(self._running) - ready, 0)
        running = sum(job.priority is priority for job in self._running.values())
        return max(2 * slots - running - ready, 0) * self._sizes.latest

    def add(self, claims: Sequence[Claim]) -> Ending:
        """Claimed tasks. Those of them that are too many are to be given back."""
        jobs = list(jobs_of(claims, self._sizes))
        room = max(4 * self._engine.slots, 1)
        for job in jobs[:room]:
            self._ready[job.priority].append(job)
        return Ending(returned=[claim for job in jobs[room:] for claim in job.claims])

    # -------------------------------------------------------------------------------------------------- beginning jobs

    def submit(self) -> Iterator[Ending]:
        """Begins what there is room for, interactive work first. Endings of jobs that cannot begin."""
        for priority in sorted(Priority):
            ready = self._ready[priority]
            while ready and self._has_room(ready[0]):
                failed = self._begin(ready.popleft())
                if failed:
                    yield failed

    def _begin(self, job: Job) -> Ending | None:
        try:
            content = self._contents(job.plan) if job.with_plan else None
        except StoreError:
            return Ending(returned=job.claims)
        except ApiError as error:
            return all_alike(job, Outcome(TaskState.FAILED, problem=problem_of(error)))
        except LookupError:
            return all_alike(job, Outcome(TaskState.FAILED, problem=UNKNOWN_PLAN))
        self._send(job, content)
        return None

    def _send(self, job: Job, content: bytes | None) -> None:
        questions = tuple(claim.payload["question"] for claim in job.claims)
        longest = max(question.get("time_limit") or self._limit for question in questions)
        chunk = Chunk(job.plan, questions, self._limit, content)
        self._running[job.key] = job
        future = self._engine.submit(work, chunk, job.key, longest + self._margin, partial(self._hear, job))
        future.add_done_callback(partial(self._has_ended, job))

    # ----------------------------------------------------------------------------------------------------- ending jobs

    def collect(self) -> Iterator[Ending]:
        """What has ended since the last time."""
        while True:
            try:
                job, future = self._ended.get_nowait()
            except Empty:
                return
            del self._running[job.key]
            found = ending(job, future)
            if found.seconds is not None:
                self._sizes.measured(job.run, len(job.claims), found.seconds)
            yield self._once_more(job) if found.again else found

    def _once_more(self, job: Job) -> Ending:
        """With the plan, which the worker did not know."""
        if job.why is not None:
            return stopped(job)
        if job.with_plan:
            _log.error("%s of run %s was sent with its plan, and the worker does not know it", job.key, job.run)
            return all_alike(job, Outcome(TaskState.FAILED, problem=INTERNAL))
        self._ready[job.priority].appendleft(Job(job.claims, with_plan=True))
        return Ending()

    def _has_ended(self, job: Job, future: Future[Worked]) -> None:
        """On a thread of the engine, as is ``_hear``."""
        self._ended.put((job, future))
        self._ring()

    def _hear(self, job: Job, news: Any) -> None:
        number, text = news
        self._news[hold(job.claims[number])] = text

    def news(self) -> dict[Hold, str]:
        """What was told last of each task, since the last time."""
        news, self._news = self._news, {}
        return news

    # --------------------------------------------------------------------------------------------------- stopping jobs

    def cancel(self, runs: Collection[str]) -> Iterator[Ending]:
        """Stops what belongs to the runs."""
        for job in self._take_ready(lambda job: job.run in runs):
            job.why = Why.CANCELLED
            yield stopped(job)
        self._stop(Why.CANCELLED, lambda job: job.run in runs)

    def drop(self, kept: Collection[Hold]) -> None:
        """Stops what is another's by now: jobs of which nothing is kept."""

        def lost(job: Job) -> bool:
            return not any(hold(claim) in kept for claim in job.claims)

        self._take_ready(lost)
        self._stop(Why.LOST, lost)

    def give_up(self) -> Iterator[Ending]:
        """What has not begun is not begun any more."""
        for job in self._take_ready(lambda _: True):
            yield Ending(returned=job.claims)

    def stop_all(self) -> None:
        self._stop(Why.CLOSING, lambda _: True)

    def _take_ready(self, which: Callable[[Job], bool]) -> list[Job]:
        taken = [job for ready in self._ready.values() for job in ready if which(job)]
        for job in taken:
            self._ready[job.priority].remove(job)
        return taken

    def _stop(self, why: Why, which: Callable[[Job], bool]) -> None:
        for job in self._running.values():
            if job.why is None and which(job):
                _log.info("%s of run %s is told to stop: %s", job.key, job.run, why.value)
                job.why = why
                self._engine.kill(job.key)
