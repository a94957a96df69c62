"""A job in the hands of an engine: what is asked of it, and how its future comes to an end."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

from api.engines.engine import EngineError, Hear, OverdueError
from api.engines.inside import Done


@dataclass(eq=False)
class Job:
    """``why``: why it was told to stop, if it was. ``left``: what it had left then."""

    key: str
    timeout: float | None
    hear: Hear | None
    future: Future[Any] = field(default_factory=Future)
    why: EngineError | None = None
    left: Any = None
    _timers: list[threading.Timer] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.future.set_running_or_notify_cancel()

    def after(self, seconds: float, step: Callable[[], Any]) -> None:
        """Calls the step then, unless the job has ended."""
        timer = threading.Timer(seconds, step)
        timer.daemon = True
        self._timers.append(timer)
        timer.start()

    def settle(self, found: Done | Exception) -> None:
        """Once, by the one who has taken it off the engine's list."""
        for timer in self._timers:
            timer.cancel()
        error = found.error if isinstance(found, Done) else found
        if isinstance(found, Done) and error is None and isinstance(self.why, OverdueError):
            error, self.left = self.why, found.result
        if error is None and isinstance(found, Done):
            self.future.set_result(found.result)
            return
        if isinstance(error, EngineError):
            error.left = self.left
        self.future.set_exception(error)

    def ended(self, otherwise: EngineError) -> EngineError:
        """Of a job whose process is gone: why it was told to stop, else what happened."""
        return self.why or otherwise


def overdue(key: str) -> OverdueError:
    return OverdueError(f"{key} was ended because it took too long")
