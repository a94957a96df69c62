"""What every engine offers: jobs run in other processes, and really stop when they are told to."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, Protocol

from api.engines.inside import Function

# Seconds between the word to stop and the end of the process, for work that does not listen: a second is promised for
# all of it. HiGHS does not listen in presolve and at the root of branch and bound, for seconds.
GRACE = 0.4

Hear = Callable[[Any], None]


class EngineError(RuntimeError):
    """Why a job has no result though its function neither returned nor raised.

    ``left``: what the function had left when it was told to stop (see ``Watch.leave``), None where that is nothing.
    """

    left: Any = None


class WorkerLostError(EngineError):
    """The process died while it worked on this job, perhaps because of it."""


class EngineLostError(EngineError):
    """The engine is gone or closed; the job is not to blame."""


class StoppedError(EngineError):
    """The job was killed: it had not begun, or it did not stop by itself."""


class OverdueError(EngineError):
    """The job took longer than its timeout and was ended."""


class Engine(Protocol):
    """Carries out functions in other processes. All calls are thread-safe, and none but ``close`` waits for a job."""

    @property
    def slots(self) -> int:
        """Jobs that run together; zero while the engine cannot be reached."""

    @property
    def spare(self) -> int:
        """Those of the slots that are there for work that somebody waits for, besides what was asked for."""

    def submit(
        self, function: Function, payload: Any, key: str, timeout: float | None = None, hear: Hear | None = None
    ) -> Future[Any]:
        """The result of ``function(payload, watch)`` in another process, or its exception, or an EngineError.

        ``key`` names the job and is used once. ``timeout``: seconds from the moment when the job begins; then it is
        stopped as by ``kill``, and what it returns in the grace is left in the OverdueError. ``hear`` gets
        what the function tells, plain values, on a thread of the engine, and must be quick; what has not arrived when
        the job ends is dropped. The future cannot be cancelled: use ``kill``.
        """

    def kill(self, key: str) -> None:
        """Stops a job: at once where it has not begun, else by setting ``watch.cancel``, and by force after the grace.

        A job that stops by itself has a result like any other. May be called again; unknown keys are ignored.
        """

    def close(self) -> None:
        """Ends what runs by force and leaves no process behind. Jobs without a result get EngineLostError."""
