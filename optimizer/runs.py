"""Many runs of one question under one limit."""

from __future__ import annotations

import time
from dataclasses import replace

from optimizer.program import INFINITY
from optimizer.questions import QuestionError, Unfinished
from optimizer.solver import Limits, RawResult, Session
from optimizer.status import Status

_CUT_SHORT = (Status.TIME_LIMIT, Status.CANCELLED, Status.FAILED)
INFEASIBLE = "no plan meets all required targets and limits: ask for the conflict and its repairs first"


class Runs:
    """Counts runs and gives each what is left of the time."""

    def __init__(self, limits: Limits | None = None) -> None:
        self._limits = limits or Limits()
        self._started = time.monotonic()
        self.solves = 0

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._started

    def left(self) -> Limits:
        """Limits of the next run."""
        seconds = self._limits.seconds
        return self._limits if seconds == INFINITY else replace(self._limits, seconds=max(seconds - self.seconds, 0.0))

    def run(self, session: Session) -> RawResult:
        """Optimal, infeasible or unbounded. Raises Unfinished where the run was cut short."""
        self.solves += 1
        result = session.run(self.left())
        if result.status in _CUT_SHORT:
            raise Unfinished(result.status, f"run {self.solves}")
        return result

    def optimum(self, session: Session, what: str) -> RawResult:
        """An optimal result with its point. Raises QuestionError where there is none; ``what`` is what was optimised."""
        result = self.run(session)
        if result.status is Status.INFEASIBLE:
            raise QuestionError([INFEASIBLE])
        if result.status is Status.UNBOUNDED:
            raise QuestionError([f"{what} has no best value: it can go on without limit, a limit is missing"])
        return result
