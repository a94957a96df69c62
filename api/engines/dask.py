"""Jobs on the workers of a Dask cluster, which may be on other machines; the scheduler is reached by its address.

Cancelling a Dask future does not stop a task that runs. So the word to stop goes to its worker directly; a worker whose
job does not listen ends itself, and one that does not even hear is ended by its nanny. Each worker also watches whether
anybody still wants what it is doing: that ends work whose service has died, too.
"""

from __future__ import annotations

import logging
import os
import pickle
import signal
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import Future, wait
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from typing import Any

from distributed import Client, KilledWorker, Nanny, Worker, get_worker
from distributed import Future as DaskFuture
from distributed.client import FutureCancelledError

import api.engines.steady  # noqa: F401 - for what it does: no message waits for a time of day
from api.engines import inside
from api.engines.engine import GRACE, EngineError, EngineLostError, Hear, StoppedError, WorkerLostError
from api.engines.inside import Done, Function, Watch
from api.engines.job import Job, overdue

LOOK = 1.0  # seconds between two looks at the cluster
SLOWEST_LOOK = 10.0  # the same while the scheduler cannot be reached
PATIENCE = 10.0  # seconds for an answer of the scheduler
TRANSFER = 60.0  # seconds for a result that is ready
WATCH = 0.2  # seconds between two looks of a worker whether its job is still wanted
UNWANTED = 0.4  # seconds that a job which nobody wants any more has to stop by itself
REMEMBERED = 60.0  # seconds for which the others on a worker that was ended are not counted as lost with it

_log = logging.getLogger(__name__)


@dataclass(eq=False, kw_only=True)
class _Job(Job):
    task: DaskFuture[Any] | None = None
    worker: str | None = None  # None until it has begun
    told: bool = False  # the worker has the word to stop


class DaskEngine:
    """Slots are the threads of all workers, which come and go; none while the scheduler cannot be reached."""

    def __init__(self, address: str, *, grace: float = GRACE) -> None:
        self._address, self._grace = address, grace
        self._slots = 0
        self._lock = threading.RLock()
        self._jobs: dict[str, _Job] = {}
        self._ended: dict[str, float] = {}  # workers that were ended by force, and when
        self._client: Client | None = None
        self._closing = threading.Event()
        self._keeper = threading.Thread(target=self._keep, daemon=True, name="dask")
        self._keeper.start()

    @property
    def slots(self) -> int:
        return self._slots

    @property
    def spare(self) -> int:
        return 0

    def submit(
        self, function: Function, payload: Any, key: str, timeout: float | None = None, hear: Hear | None = None
    ) -> Future[Any]:
        job, client = _Job(key, timeout, hear), self._client
        with self._lock:
            self._jobs[key] = job
        if client is None:
            self._settle(job, EngineLostError(f"no connection to {self._address}"))
            return job.future
        try:
            name = f"{key}-{uuid.uuid4().hex}"  # the scheduler may remember another one of that key
            packed = pickle.dumps((function, payload))
            job.task = client.submit(_carried, packed, key, client.id, key=name, pure=False)
            job.task.add_done_callback(partial(self._done, job))
        except Exception as error:  # noqa: BLE001 - whatever a connection does that is being lost
            self._settle(job, EngineLostError(f"{self._address} does not take the job: {error!r}"))
        return job.future

    def kill(self, key: str) -> None:
        job = self._jobs.get(key)
        if job is not None:
            how = "before it began" if job.worker is None else "by force, since it did not stop by itself"
            self._stop(job, StoppedError(f"{key} was stopped {how}"))

    def close(self) -> None:
        self._closing.set()
        self._keeper.join()
        self._lose("the engine was closed")

    # ------------------------------------------------------------------------------------------------- the connection

    def _keep(self) -> None:
        pause = LOOK
        while True:
            try:
                client = self._client or self._connected()
                if client.status != "running":
                    raise ConnectionError(f"the connection is {client.status}")  # noqa: TRY301 - as any other loss
                self._slots = sum(client.nthreads(callback_timeout=PATIENCE).values())
                pause = LOOK
            except Exception as error:  # noqa: BLE001 - whatever goes wrong with a connection, it is made anew
                _log.warning("the cluster at %s cannot be reached: %r", self._address, error)
                self._lose(f"the connection to {self._address} was lost")
                pause = min(2 * pause, SLOWEST_LOOK)
            if self._closing.wait(pause):
                return

    def _connected(self) -> Client:
        client = Client(self._address, timeout=PATIENCE, set_as_default=False, name="planopt")
        client.subscribe_topic(client.id, self._news)  # a topic that the scheduler forgets together with the client
        self._client = client
        _log.info("connected to the cluster at %s", self._address)
        return client

    def _lose(self, reason: str) -> None:
        """Whatever is under way is lost, and no longer wanted in the cluster."""
        client, self._client, self._slots = self._client, None, 0
        for job in list(self._jobs.values()):
            self._settle(job, EngineLostError(reason))
        if client is not None:
            _aside(partial(_close, client))

    def _news(self, event: tuple[float, Any]) -> None:
        """What workers tell, on the thread of the client; the scheduler itself writes to this topic too."""
        _, told = event
        if not isinstance(told, dict) or "job" not in told:
            return
        job = self._jobs.get(told["job"])
        if job and "news" in told and job.hear:
            job.hear(told["news"])
        elif job and "begun" in told:
            self._begun(job, told["begun"])

    # ------------------------------------------------------------------------------------------------ the life of a job

    def _begun(self, job: _Job, worker: str) -> None:
        with self._lock:
            if job.worker is None and job.timeout is not None and job.key in self._jobs:
                job.after(job.timeout, partial(self._stop, job, overdue(job.key)))
            job.worker = worker

    def _stop(self, job: _Job, why: EngineError) -> None:
        with self._lock:
            if job.why or job.key not in self._jobs:
                return
            job.why = why
            if job.worker is not None:
                job.after(2 * self._grace, partial(self._end, job))
        _aside(partial(self._end if job.worker is None else self._tell_to_stop, job))

    def _tell_to_stop(self, job: _Job) -> None:
        """Then the worker ends itself after the grace; one that gives no answer is given as long again."""
        client, worker, until = self._client, job.worker, time.monotonic() + self._grace
        if client is not None and worker is not None:
            word = (inside.stop_within, job.key, self._grace)
            with suppress(Exception):  # where the word does not arrive, the end by force follows
                job.left = client.run(*word, workers=[worker], callback_timeout=PATIENCE)[worker]
                job.told = True
                wait([job.future], max(until - time.monotonic(), 0.0))
                self._end(job)

    def _end(self, job: _Job) -> None:
        """The job has ended for us. The scheduler forgets the task, and the worker that is at it notices."""
        task, client = job.task, self._client
        if job.future.done():
            return
        if job.worker is not None:
            self._ended[job.worker] = time.monotonic()
        self._settle(job, job.ended(StoppedError(f"{job.key} was ended")))
        with suppress(Exception):  # the connection is being lost, which ends it as well
            if task is not None:
                task.cancel(reason="ended")
            if client is not None and job.worker is not None and not job.told:
                _log.warning("the worker %s does not hear, and is ended", job.worker)
                client.run(_end_worker, nanny=True, workers=[job.worker], callback_timeout=PATIENCE)

    def _done(self, job: _Job, task: DaskFuture[Any]) -> None:
        """On the thread for callbacks of all clients."""
        self._settle(job, self._found(job, task))

    def _found(self, job: _Job, task: DaskFuture[Any]) -> Done | Exception:
        try:
            done: Done = task.result(timeout=TRANSFER)
        except KilledWorker as error:
            return job.ended(self._lost(job, error.last_worker.address))
        except FutureCancelledError as error:
            return job.ended(EngineLostError(str(error)))
        except Exception as error:  # noqa: BLE001 - the result was there and did not arrive, or the task never was
            return EngineLostError(repr(error))
        return done

    def _lost(self, job: _Job, worker: str) -> EngineError:
        if time.monotonic() - self._ended.get(worker, float("-inf")) < REMEMBERED:
            return StoppedError(f"{job.key} was on a worker that was ended because of another job")
        _log.warning("the worker %s died while it worked on %s", worker, job.key)
        return WorkerLostError(f"the worker {worker} died")

    def _settle(self, job: _Job, found: Done | Exception) -> None:
        with self._lock:
            if self._jobs.pop(job.key, None) is None:
                return
        job.task = None
        job.settle(found)


def _aside(step: Callable[[], Any]) -> None:
    """In a thread of its own, since it can take long where the other side is gone."""
    threading.Thread(target=step, daemon=True, name="aside").start()


def _close(client: Client) -> None:
    with suppress(Exception):  # it is of no use any more, whatever it says
        client.close(timeout=PATIENCE)


# --------------------------------------------------------------------------------------------------- inside the worker


def _carried(packed: bytes, key: str, topic: str) -> Done:
    worker = get_worker()
    worker.log_event(topic, {"job": key, "begun": worker.address})
    with _watched(worker, worker.get_current_task(), key):
        return inside.carry(_unpacked, packed, key, lambda news: worker.log_event(topic, {"job": key, "news": news}))


def _unpacked(packed: bytes, watch: Watch) -> Any:
    """On the thread of the task: what is unpacked imports for seconds, and scheduler and worker have to answer."""
    function, payload = pickle.loads(packed)  # noqa: S301 - it comes from the service that we work for
    return function(payload, watch)


def _end_worker(dask_worker: Nanny) -> None:
    """In the nanny, which starts another one."""
    if dask_worker.pid:
        os.kill(dask_worker.pid, signal.SIGKILL)


@contextmanager
def _watched(worker: Worker, name: Any, key: str) -> Iterator[None]:
    """Meanwhile the job is stopped if nobody wants it any more."""
    over = threading.Event()
    threading.Thread(target=_watch, args=(worker, name, key, over), daemon=True, name="watch").start()
    try:
        yield
    finally:
        over.set()


def _watch(worker: Worker, name: Any, key: str, over: threading.Event) -> None:
    while not over.wait(WATCH):
        task = worker.state.tasks.get(name)
        if task is None or task.state == "cancelled":
            inside.stop(key)
            if not over.wait(UNWANTED):
                inside.end(key)
