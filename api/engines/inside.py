"""The side of an engine that is inside a worker process: which jobs run here, and how they are told to stop."""

from __future__ import annotations

import os
import pickle
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

ENDED = 9  # exit code of a worker that was ended by force


@dataclass(frozen=True)
class Watch:
    """What a job gets beside its payload: the event that tells it to stop, a way to tell what it is doing, and a way to
    leave what it has so far, should it be ended by force; what is left last counts."""

    cancel: threading.Event
    tell: Callable[[Any], None]
    leave: Callable[[Any], None]


Function = Callable[[Any, Watch], Any]


@dataclass
class _Running:
    cancel: threading.Event = field(default_factory=threading.Event)
    left: Any = None

    def leave(self, what: Any) -> None:
        self.left = what


_running: dict[str, _Running] = {}
_stopped_early: deque[str] = deque(maxlen=1000)  # the word to stop can overtake the job


@dataclass(frozen=True)
class Done:
    """What the function returned, or the exception that it raised."""

    result: Any = None
    error: Exception | None = None


def carry(function: Function, payload: Any, key: str, tell: Callable[[Any], None]) -> Done:
    """Calls the function; meanwhile ``stop(key)`` reaches it. Whatever else a job ends with is the engine's."""
    running = _running[key] = _Running()
    if key in _stopped_early:
        running.cancel.set()
    try:
        return Done(function(payload, Watch(running.cancel, tell, running.leave)))
    except Exception as error:  # noqa: BLE001 - it is handed to the one who asked
        return Done(error=error if _travels(error) else RuntimeError(f"{type(error).__name__}: {error}"))
    finally:
        del _running[key]


def stop(key: str) -> Any:
    """Tells the job to stop, if it runs here or is about to. What it has left so far, None where there is nothing."""
    running = _running.get(key)
    if running is None:
        _stopped_early.append(key)
        return None
    running.cancel.set()
    return running.left


def stop_within(key: str, grace: float) -> Any:
    """As ``stop``; this process ends if the job still runs after the grace."""
    timer = threading.Timer(grace, end, (key,))
    timer.daemon = True
    timer.start()
    return stop(key)


def end(key: str) -> None:
    """Ends this process, if the job runs here."""
    if key in _running:
        os._exit(ENDED)


def _travels(error: Exception) -> bool:
    try:
        pickle.loads(pickle.dumps(error))  # noqa: S301 - what was pickled here
    except Exception:  # noqa: BLE001 - whatever an exception of a library does when it is copied
        return False
    return True
