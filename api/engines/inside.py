"""The side of an engine that is inside a worker process: which jobs run here, and how they are told to stop."""

from __future__ import annotations

import os
import pickle
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

ENDED = 9  # exit code of a worker that was ended by force


@dataclass(frozen=True)
class Watch:
    """What a job gets beside its payload: the event that tells it to stop, and a way to tell what it is doing."""

    cancel: threading.Event
    tell: Callable[[Any], None]


Function = Callable[[Any, Watch], Any]

_running: dict[str, threading.Event] = {}
_stopped_early: deque[str] = deque(maxlen=1000)  # the word to stop can overtake the job


@dataclass(frozen=True)
class Done:
    """What the function returned, or the exception that it raised."""

    result: Any = None
    error: Exception | None = None


def carry(function: Function, payload: Any, key: str, tell: Callable[[Any], None]) -> Done:
    """Calls the function; meanwhile ``stop(key)`` reaches it. Whatever else a job ends with is the engine's."""
    cancel = _running[key] = threading.Event()
    if key in _stopped_early:
        cancel.set()
    try:
        return Done(function(payload, Watch(cancel, tell)))
    except Exception as error:  # noqa: BLE001 - it is handed to the one who asked
        return Done(error=error if _travels(error) else RuntimeError(f"{type(error).__name__}: {error}"))
    finally:
        del _running[key]


def stop(key: str) -> None:
    """Tells the job to stop, if it runs here or is about to."""
    cancel = _running.get(key)
    if cancel is None:
        _stopped_early.append(key)
    else:
        cancel.set()


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
