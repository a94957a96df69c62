"""How often the dispatcher does what, and how long it waits; in seconds where nothing else is said."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Pace:
    """``limit``: what the solver may take for a question that states no limit. ``margin``: what a job may take beyond
    the limit of its questions before it is ended by force."""

    turn: float = 0.25  # between two looks at everything, unless something happens
    lease: float = 20.0
    look: float = 0.25  # between two looks whether a run is to be cancelled, by another service of the database
    report: float = 0.5  # between two reports of progress
    expire: float = 5.0  # between two looks for claimants that are gone
    limit: float = 3600.0
    margin: float = 60.0
    patience: float = 5.0  # for jobs to end when the service stops
    grace: float = 3.0  # for jobs that are then told to stop
    slowest: float = 10.0  # between two attempts to reach a database or an engine that is gone

    tidy: float = 3600.0  # between two looks for runs that are to be forgotten
    retention: float | None = None  # days for which runs are kept after their end

    @property
    def renew(self) -> float:
        return self.lease / 4.0


@dataclass
class Backoff:
    """When something that has failed may be tried again: soon, then ever later."""

    slowest: float
    until: float = float("-inf")
    _pause: float = field(default=0.0, init=False)

    def failed(self, now: float) -> None:
        self._pause = min(max(2.0 * self._pause, 0.25), self.slowest)
        self.until = now + self._pause

    def succeeded(self) -> None:
        self._pause, self.until = 0.0, float("-inf")

    def waits(self, now: float) -> bool:
        return now < self.until


@dataclass
class Every:
    """Whether it is time again."""

    seconds: float
    _last: float = field(default=float("-inf"), init=False)

    def due(self, now: float) -> bool:
        if now - self._last < self.seconds:
            return False
        self._last = now
        return True

    def at_once(self) -> None:
        self._last = float("-inf")
