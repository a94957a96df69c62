"""One slot of this machine: a pebble pool of one process, and a pipe to it.

Each slot has a pool of its own, since a process that is killed may hold the locks of its pool, and a pool that has
lost its process is replaced as a whole. The pipe carries the word to stop down and what the job tells up; its end is
how a worker learns that the service has died, however it died.
"""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Callable
from multiprocessing import get_context
from typing import Any

from pebble import CONSTS, ProcessFuture, ProcessPool

from api.engines import worker
from api.engines.inside import Function

RECYCLE = 1000  # jobs after which a worker is replaced by a fresh one
CONSTS.term_timeout = 0.02  # HiGHS keeps the handler of SIGTERM from running: no use in waiting longer
CONSTS.sleep_unit = 0.05  # seconds until a process that has died is noticed

_log = logging.getLogger(__name__)
_spawn = get_context("spawn")


class Slot:
    """A process that is ready for one job after the other. ``hear`` gets (key, news) of what a job tells, ``Begun`` and
    ``Left`` included."""

    def __init__(self, hear: Callable[[str, Any], None], memory: int | None, *, behind: bool) -> None:
        self._hear = hear
        self._ours, self._theirs = _spawn.Pipe()
        self._discarding = threading.Lock()
        initial = (self._theirs, memory, behind)
        self._pool = ProcessPool(1, RECYCLE, initializer=worker.begin, initargs=initial, context=_spawn)
        self._pool.schedule(_nothing)  # starts the process
        self._listener = threading.Thread(target=self._listen, daemon=True, name="slot")
        self._listener.start()

    @property
    def sound(self) -> bool:
        """False where the pool cannot be used any more, as when its idle process was killed."""
        return bool(self._pool.active)

    def start(self, function: Function, payload: Any, key: str) -> ProcessFuture[Any]:
        """Cancelling the future kills the process. Raises RuntimeError where the pool is not sound."""
        return self._pool.schedule(worker.carry, (function, payload, key))

    def stop(self, key: str) -> None:
        """The word to stop, to whoever works here; the answer is heard as ``Left``."""
        with contextlib.suppress(OSError):  # it has died meanwhile
            self._ours.send(key)

    def discard(self) -> None:
        """Ends the process, whatever it does, and waits for its end.

        Who comes second, as when a job ends while the engine is closed, only waits: a pipe that is closed twice at once
        may take another one's number along.
        """
        with self._discarding:
            if self._theirs.closed:
                return
            self._pool.stop()
            self._pool.join()
            self._theirs.close()  # the last other end: the listener ends
            self._listener.join()
            self._ours.close()

    def _listen(self) -> None:
        with contextlib.suppress(EOFError, OSError):
            while True:
                key, news = self._ours.recv()
                if key is None:
                    _log.info("worker %d begins", news.process)
                else:
                    self._hear(key, news)


def _nothing() -> None:
    """The first job of every worker."""
