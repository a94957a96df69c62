"""Jobs on the workers of a Dask cluster, which may be on other machines; the scheduler is reached by its address.

Cancelling a Dask future does not stop a task that runs. So the word to stop goes to the workers directly, and each
worker watches whether anybody still wants what it is doing: that ends work whose service has died, too.
"""

from __future__ import annotations

import logging
import threading
import uuid
from collections.abc import Iterator
from concurrent.futures import Future, wait
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from distributed import Client, KilledWorker, Worker, get_worker
from distributed import Future as DaskFuture
from distributed.client import FutureCancelledError

from api.engines import inside
from api.engines.engine import GRACE, EngineError, EngineLostError, Hear, OverdueError, StoppedError, WorkerLostError
from api.engines.inside import Done, Function

LOOK = 1.0  # seconds between two looks at the cluster
SLOWEST_LOOK = 10.0  # the same while the scheduler cannot be reached
PATIENCE = 10.0  # seconds for an answer of the scheduler
TRANSFER = 60.0  # seconds for a result that is ready
WATCH = 0.2  # seconds between two looks of a worker whether its job is still wanted
UNWANTED = 1.0  # seconds that a job which nobody wants any more has to stop by itself

_log = logging.getLogger(__name__)


@dataclass(eq=False)
class _Job:
    key: str
    timeout: float | None
    hear: Hear | None
    future: Future[Any] = field(default_factory=Future)
    task: DaskFuture[Any] | None = None
    begun: bool = False
    asked: bool = False  # to stop
    ended: EngineError | None = None  # why the task was cancelled
    timer: threading.Timer | None = None


class DaskEngine:
    """Slots are the threads of all workers, which come and go; none while the scheduler cannot be reached."""

    def __init__(self, address: str, *, grace: float = GRACE) -> None:
        self._address, self._grace = address, grace
        self._slots = 0
        self._lock = threading.RLock()
        self._jobs: dict[str, _Job] = {}
        self._client: Client | None = None
        self._closing = threading.Event()
        self._keeper = threading.Thread(target=self._keep, daemon=True, name="dask")
        self._keeper.start()

    @property
    def slots(self) -> int:
        return self._slots

    def submit(
        self, function: Function, payload: Any, key: str, timeout: float | None = None, hear: Hear | None = None
    ) -> Future[Any]:
        job, client = _Job(key, timeout, hear), self._client
        job.future.set_running_or_notify_cancel()
        with self._lock:
            self._jobs[key] = job
        if client is None:
            self._settle(job, EngineLostError(f"no connection to {self._address}"))
            return job.future
        try:
            name = f"{key}-{uuid.uuid4().hex}"  # the scheduler may remember another one of that key
            job.task = client.submit(_carried, function, payload, key, client.id, key=name, pure=False)
            job.task.add_done_callback(partial(self._done, job))
        except Exception as error:  # noqa: BLE001 - whatever a connection does that is being lost
            self._settle(job, EngineLostError(f"{self._address} does not take the job: {error!r}"))
        return job.future

    def kill(self, key: str) -> None:
        with self._lock:
            job = self._jobs.get(key)
            if job is None or job.asked:
                return
            job.asked = True
        threading.Thread(target=self._stop, args=(job,), daemon=True, name="stop").start()

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
            threading.Thread(target=_close, args=(client,), daemon=True, name="close").start()

    def _news(self, event: tuple[float, Any]) -> None:
        """What workers tell, on the thread of the client; the scheduler itself writes to this topic too."""
        _, told = event
        if not isinstance(told, dict) or "job" not in told:
            return
        job = self._jobs.get(told["job"])
        if job and "news" in told and job.hear:
            job.hear(told["news"])
        elif job and "begun" in told:
            self._begun(job)

    # ------------------------------------------------------------------------------------------------ the life of a job

    def _begun(self, job: _Job) -> None:
        with self._lock:
            job.begun = True
            if job.timeout is not None and job.timer is None and job.key in self._jobs:
                overdue = OverdueError(f"{job.key} was ended because it took too long")
                job.timer = threading.Timer(job.timeout, self._end, (job, overdue))
                job.timer.daemon = True
                job.timer.start()

    def _stop(self, job: _Job) -> None:
        client = self._client
        if not job.begun:
            self._end(job, StoppedError(f"{job.key} was stopped before it began"))
        elif client is not None:
            with suppress(Exception):  # where the word does not arrive, the end by force follows
                client.run(inside.stop, job.key, on_error="ignore", callback_timeout=PATIENCE)
            if not wait([job.future], self._grace).done:
                self._end(job, StoppedError(f"{job.key} did not stop by itself and was ended"))

    def _end(self, job: _Job, why: EngineError) -> None:
        """The scheduler forgets the task, and the worker that is at it notices."""
        job.ended = why
        if job.task is not None:
            with suppress(Exception):  # the connection is being lost, which ends it as well
                job.task.cancel(reason="ended")

    def _done(self, job: _Job, task: DaskFuture[Any]) -> None:
        """On the thread for callbacks of all clients."""
        self._settle(job, _found(job, task))

    def _settle(self, job: _Job, found: Done | Exception) -> None:
        with self._lock:
            if self._jobs.pop(job.key, None) is None:
                return
            if job.timer:
                job.timer.cancel()
        job.task = None
        error = found.error if isinstance(found, Done) else found
        if isinstance(found, Done) and error is None:
            job.future.set_result(found.result)
        else:
            job.future.set_exception(error)


def _close(client: Client) -> None:
    """Can take long where the other side is gone."""
    with suppress(Exception):  # it is of no use any more, whatever it says
        client.close(timeout=PATIENCE)


def _found(job: _Job, task: DaskFuture[Any]) -> Done | Exception:
    try:
        done: Done = task.result(timeout=TRANSFER)
    except KilledWorker as error:
        _log.warning("a worker died while it worked on %s: %s", job.key, error)
        return WorkerLostError(f"the worker {error.last_worker.address} died")
    except FutureCancelledError as error:
        return job.ended or EngineLostError(str(error))
    except Exception as error:  # noqa: BLE001 - the result was there and did not arrive, or the task never was
        return EngineLostError(repr(error))
    return done


# --------------------------------------------------------------------------------------------------- inside the worker


def _carried(function: Function, payload: Any, key: str, topic: str) -> Done:
    worker = get_worker()
    worker.log_event(topic, {"job": key, "begun": True})
    with _watched(worker, worker.get_current_task(), key):
        return inside.carry(function, payload, key, lambda news: worker.log_event(topic, {"job": key, "news": news}))


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
