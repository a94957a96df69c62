"""Jobs on this machine: as many processes as there are slots."""

from __future__ import annotations

import logging
import pickle
import threading
from collections import deque
from concurrent.futures import CancelledError, Future
from dataclasses import dataclass
from functools import partial
from typing import Any

from pebble import ProcessExpired, ProcessFuture

from api.engines.engine import GRACE, EngineError, EngineLostError, Hear, StoppedError, WorkerLostError
from api.engines.inside import Done, Function
from api.engines.job import Job, overdue
from api.engines.slot import Slot
from api.engines.worker import Begun, Left

_log = logging.getLogger(__name__)


@dataclass(eq=False, kw_only=True)
class _Job(Job):
    function: Function
    payload: Any
    slot: Slot | None = None  # None while it waits
    running: ProcessFuture[Any] | None = None


class LocalEngine:
    """Jobs beyond the slots wait in the order in which they came. A process is started with the first job that finds
    none free: a service that is only asked questions has none for runs. ``memory``: bytes that one process may have.

    ``behind``: its processes go behind others that want the processor, as those do for whose answers somebody waits.
    """

    def __init__(
        self,
        slots: int,
        *,
        spare: int = 0,
        grace: float = GRACE,
        memory: int | None = None,
        behind: bool = False,
    ) -> None:
        self.slots, self.spare = slots, spare
        self._grace, self._memory, self._behind = grace, memory, behind
        self._lock = threading.RLock()
        self._jobs: dict[str, _Job] = {}
        self._waiting: deque[_Job] = deque()
        self._closed = False
        self._discarding: set[threading.Thread] = set()
        self._free: list[Slot] = []
        self._unstarted = slots

    def submit(
        self, function: Function, payload: Any, key: str, timeout: float | None = None, hear: Hear | None = None
    ) -> Future[Any]:
        job = _Job(key, timeout, hear, function=function, payload=payload)
        with self._lock:
            self._jobs[key] = job
            self._waiting.append(job)
            closed = self._closed
        if closed:
            self._settle(job, EngineLostError("the engine is closed"))
        else:
            self._begin_waiting()
        return job.future

    def kill(self, key: str) -> None:
        with self._lock:
            job = self._jobs.get(key)
            if job is None:
                return
            waiting = job.slot is None
            if waiting:
                self._waiting.remove(job)
            else:
                self._stop(job, StoppedError(f"{key} did not stop by itself and was ended"))
        if waiting:
            self._settle(job, StoppedError(f"{key} was stopped before it began"))

    def close(self) -> None:
        with self._lock:
            self._closed = True
            jobs, slots = list(self._jobs.values()), self._free
            self._waiting.clear()
            self._free, self._unstarted = [], 0
        slots += [job.slot for job in jobs if job.slot]
        for slot in slots:
            self._discard(slot)
        for job in jobs:
            self._settle(job, EngineLostError("the engine was closed"))
        for thread in tuple(self._discarding):
            thread.join()

    def _begin_waiting(self) -> None:
        with self._lock:
            while self._waiting and (self._free or self._unstarted):
                if not self._free:
                    self._unstarted -= 1
                    self._free.append(self._new_slot())
                self._begin(self._waiting.popleft(), self._free.pop())

    def _begin(self, job: _Job, slot: Slot) -> None:
        if not slot.sound:
            slot = self._replaced(slot)
        job.slot = slot
        job.running = slot.start(job.function, job.payload, job.key)
        job.running.add_done_callback(partial(self._ended, job, slot))

    def _stop(self, job: _Job, why: EngineError) -> None:
        with self._lock:
            if job.why or not (job.slot and job.running):
                return
            job.why = why
            job.slot.stop(job.key)
            job.after(self._grace, job.running.cancel)

    def _ended(self, job: _Job, slot: Slot, running: Future[Any]) -> None:
        """On a thread of the slot, or of the timer that ended it."""
        found = _found(job, running)
        lost = isinstance(found, Exception)
        if lost:
            self._discard(slot)
        else:
            self._set_free(slot)
        self._settle(job, found)
        if lost:  # only now: nobody has to wait for the end of a job until another process has been started
            self._set_free(None)
        self._begin_waiting()

    def _set_free(self, slot: Slot | None) -> None:
        """For other jobs; without one, a new one."""
        with self._lock:
            if not self._closed:
                self._free.append(slot or self._new_slot())

    def _settle(self, job: _Job, found: Done | Exception) -> None:
        with self._lock:
            if self._jobs.pop(job.key, None) is None:
                return
        job.settle(found)

    def _hear(self, key: str, news: Any) -> None:
        job = self._jobs.get(key)
        if job is None:
            return
        if isinstance(news, Left):
            job.left = news.what
        elif isinstance(news, Begun):
            if job.timeout is not None:
                job.after(job.timeout, partial(self._stop, job, overdue(key)))
        elif job.hear:
            job.hear(news)

    def _new_slot(self) -> Slot:
        return Slot(self._hear, self._memory, behind=self._behind)

    def _replaced(self, slot: Slot) -> Slot:
        self._discard(slot)
        return self._new_slot()

    def _discard(self, slot: Slot) -> None:
        """In a thread of its own: it waits, and the one who calls may be the one that is waited for."""

        def discard() -> None:
            slot.discard()
            self._discarding.discard(threading.current_thread())

        thread = threading.Thread(target=discard, daemon=True, name="discard")
        self._discarding.add(thread)
        thread.start()


def _found(job: _Job, running: Future[Any]) -> Done | Exception:
    try:
        done: Done = running.result()
    except CancelledError:
        return job.ended(StoppedError(f"{job.key} was ended"))
    except ProcessExpired as error:
        _log.warning("worker %s died with exit code %s while it worked on %s", error.pid, error.exitcode, job.key)
        return job.ended(WorkerLostError(f"process {error.pid} died with exit code {error.exitcode}"))
    except (pickle.PicklingError, TypeError, AttributeError) as error:  # what cannot travel is the job's own fault
        return error
    except Exception as error:  # noqa: BLE001 - whatever broke the pool
        _log.warning("the process that was to work on %s is gone: %r", job.key, error)
        return EngineLostError(f"the process is gone: {error!r}")
    return done
