"""A worker of this machine: the pipe to the service, and what happens when its other end is gone."""

from __future__ import annotations

import importlib
import os
import threading
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

from api.engines import inside
from api.engines.inside import Done, Function

BEHIND = 10  # niceness of workers whose work nobody waits for
READY = "api.runs.work"  # loaded before the first job


@dataclass(frozen=True)
class Begun:
    """The first word of a job; without one, of the process."""

    process: int


@dataclass(frozen=True)
class Left:
    """The answer to the word to stop."""

    what: Any


class Line:
    """The worker's end of the pipe."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._sending = threading.Lock()
        threading.Thread(target=self._listen, daemon=True, name="line").start()

    def _listen(self) -> None:
        while True:
            try:
                key = self._connection.recv()
                self.tell(key, Left(inside.stop(key)))
            except (EOFError, OSError):
                os._exit(inside.ENDED)  # nobody waits for this work any more

    def tell(self, key: str | None, news: Any) -> None:
        with self._sending:
            self._connection.send((key, news))


_lines: list[Line] = []


def begin(connection: Connection, memory: int | None, behind: bool) -> None:
    """Called once in every new worker. ``memory``: bytes that it may have, where the system can limit them; ``behind``:
    it goes behind whatever else wants the processor."""
    if memory is not None:
        _limit(memory)
    if behind and hasattr(os, "nice"):  # Windows has none
        os.nice(BEHIND)
    _lines[:] = [Line(connection)]
    _lines[0].tell(None, Begun(os.getpid()))
    importlib.import_module(READY)


def carry(function: Function, payload: Any, key: str) -> Done:
    _lines[0].tell(key, Begun(os.getpid()))
    return inside.carry(function, payload, key, lambda news: _lines[0].tell(key, news))


def _limit(memory: int) -> None:
    try:
        import resource  # noqa: PLC0415 - Windows has none
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))
