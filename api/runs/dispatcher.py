"""Carries accepted runs to an engine, and their outcomes back into the ledger, which alone is the truth.

A thread of the service. Whatever it holds in memory may be lost at any moment: leases run out, others take the tasks,
and the ledger refuses what comes too late. While the database cannot be reached, outcomes wait here.
"""

from __future__ import annotations

import logging
import os
import socket
import threading
import time
import uuid
from collections.abc import Callable, Iterable

from api.engines.engine import Engine
from api.runs.carrier import Carrier
from api.runs.clerk import Clerk, Keep
from api.runs.endings import Ending
from api.runs.pace import Backoff, Every, Pace
from api.store.errors import StoreError
from api.store.ledger import Ledger
from api.store.vocabulary import Priority

_log = logging.getLogger(__name__)


def owner_name() -> str:
    """Of a dispatcher: machine, process, and what no other has."""
    return f"{socket.gethostname()[:100]} {os.getpid()} {uuid.uuid4().hex[:8]}"


class Dispatcher:
    """``contents``: the pickled plan of a fingerprint; raises LookupError, ApiError, StoreError. ``keep``: see Clerk.

    The engine belongs to the dispatcher from now on. ``start``, ``wake``, ``close`` are for the service; in between
    one thread calls ``turn``.
    """

    def __init__(
        self,
        ledger: Ledger,
        engine: Engine,
        contents: Callable[[str], bytes],
        pace: Pace | None = None,
        clock: Callable[[], float] = time.monotonic,
        keep: Keep = lambda _: None,
    ) -> None:
        self._pace, self._clock, self._engine = pace or Pace(), clock, engine
        self._bell, self._stopping = threading.Event(), threading.Event()
        self._clerk = Clerk(ledger, owner_name(), self._pace.lease, keep)
        self._carrier = Carrier(engine, contents, self._bell.set, self._pace.limit, self._pace.margin)
        self._no_store, self._no_engine = Backoff(self._pace.slowest), Backoff(self._pace.slowest)
        self._renewing, self._looking = Every(self._pace.renew), Every(self._pace.look)
        self._reporting, self._expiring = Every(self._pace.report), Every(self._pace.expire)
        self._tidying = Every(self._pace.tidy)
        self._thread = threading.Thread(target=self._run, name="dispatcher", daemon=True)
        # Told of every task that a worker has done: the kind of its question, its state, and its share of the seconds.
        self.solved: Callable[[str, str, float], None] = lambda *_: None

    # ------------------------------------------------------------------------------------------------ for the service

    @property
    def owner(self) -> str:
        return self._clerk.owner

    @property
    def running(self) -> int:
        """Jobs in the hands of the engine."""
        return self._carrier.running

    @property
    def alive(self) -> bool:
        return self._thread.is_alive()

    @property
    def workers(self) -> int:
        """That the engine has now; none where a cluster cannot be reached."""
        return self._engine.slots

    def start(self) -> None:
        _log.info("dispatcher %s begins", self.owner)
        self._thread.start()

    def wake(self) -> None:
        """Something was accepted or cancelled: look at once. May be called from any thread."""
        self._looking.at_once()
        self._bell.set()

    def close(self) -> None:
        """What has not begun waits again for anybody; what runs gets a little time. Leaves no process behind."""
        self._stopping.set()
        self._bell.set()
        if self._thread.ident is None:
            self._engine.close()
        else:
            self._thread.join()

    # ----------------------------------------------------------------------------------------------------- the thread

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._bell.wait(self._pace.turn)
            self._bell.clear()
            self._safely(self.turn)
        self._safely(self._end)
        self._engine.close()
        self._safely(self._leave)
        _log.info("dispatcher %s has ended", self.owner)

    def _safely(self, step: Callable[[], None]) -> None:
        try:
            step()
        except Exception:  # noqa: BLE001 - a defect, which is in the log then; the thread has to live on
            _log.exception("the dispatcher stumbled")
            self._no_store.failed(self._clock())

    def turn(self) -> None:
        """Everything that is to be done now."""
        self._take(self._carrier.collect())
        self._at_the_store(self._look, self._claim_interactive)  # what is cancelled has a second to end
        self._submit()  # before anything is written, so that the engine does not wait
        self._at_the_store(self._write, self._renew, self._report, self._expire)
        self._at_the_store(self._claim_batches, self._tidy, self._well)
        self._submit()

    def _take(self, endings: Iterable[Ending]) -> None:
        for found in endings:
            self._clerk.take(found)
            if found.seconds is not None:
                for claim, outcome in found.finished:
                    kind = claim.payload["question"].get("kind", "question")
                    self.solved(kind, outcome.state, found.seconds / len(found.finished))
            if found.engine_lost:
                self._no_engine.failed(self._clock())
            elif found.finished:
                self._no_engine.succeeded()

    def _submit(self) -> None:
        if not self._no_engine.waits(self._clock()):
            self._take(self._carrier.submit())

    # ------------------------------------------------------------------------------------------------- with the ledger

    def _at_the_store(self, *steps: Callable[[], None]) -> None:
        if self._no_store.waits(self._clock()):
            return
        try:
            for step in steps:
                step()
        except StoreError as error:
            _log.warning("the ledger cannot be used: %s", error)
            self._no_store.failed(self._clock())
            self._clerk.lose_sight()
            self._renewing.at_once()  # before anything else, so that what is held here is not taken

    def _well(self) -> None:
        """Everything could be done: on a full disk, say, looking for work goes well and writing does not."""
        self._no_store.succeeded()

    def _write(self) -> None:
        self._clerk.write()

    def _renew(self) -> None:
        if self._renewing.due(self._clock()):
            self._carrier.drop(self._clerk.renew())

    def _look(self) -> None:
        if self._looking.due(self._clock()):
            self._take(self._carrier.cancel(self._clerk.cancelling()))

    def _report(self) -> None:
        if self._reporting.due(self._clock()):
            self._clerk.report(self._carrier.news())

    def _expire(self) -> None:
        if self._expiring.due(self._clock()):
            self._clerk.expire()

    def _tidy(self) -> None:
        if self._pace.retention is not None and self._tidying.due(self._clock()):
            self._clerk.purge(self._pace.retention)

    def _claim_interactive(self) -> None:
        self._claim(Priority.INTERACTIVE)

    def _claim_batches(self) -> None:
        self._claim(Priority.BATCH)
        self._clerk.write()  # what was too much

    def _claim(self, priority: Priority) -> None:
        most = self._carrier.wanted(priority)
        if most > 0 and not self._no_engine.waits(self._clock()):
            self._take([self._carrier.add(self._clerk.claim(most, priority))])

    # --------------------------------------------------------------------------------------------------------- the end

    def _end(self) -> None:
        self._take(self._carrier.give_up())
        self._wait(self._pace.patience)
        self._carrier.stop_all()
        self._wait(self._pace.grace)

    def _leave(self) -> None:
        """The engine is closed, so every job has ended."""
        self._take(self._carrier.collect())
        until = self._clock() + self._pace.patience
        self._at_the_store(self._write)
        while not self._clerk.idle and self._clock() < until:
            time.sleep(self._pace.turn)
            self._at_the_store(self._write)
        if not self._clerk.idle:
            _log.warning("some outcomes could not be written: their tasks will be done again")

    def _wait(self, seconds: float) -> None:
        """For jobs to end, so long at most."""
        until = self._clock() + seconds
        while self._carrier.running and self._clock() < until:
            self._bell.wait(self._pace.turn)
            self._bell.clear()
            self._take(self._carrier.collect())
            self._at_the_store(self._write, self._renew)
