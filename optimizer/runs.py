"""Many runs of one question under one limit, on a warm session whose answers are checked."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from optimizer.attempts import run_usable, violates
from optimizer.program import INFINITY, LinearProgram, Stage, Vector
from optimizer.questions import Problem, QuestionError, UnfinishedError, problem
from optimizer.run_result import Basis, RawResult
from optimizer.solver import Limits, Session
from optimizer.solver_options import Option, little
from optimizer.status import Status

INFEASIBLE = problem(
    zh="没有任何方案能同时满足全部必达目标与约束；请先查明冲突及其修补办法",
    en="no plan meets all required targets and limits: ask for the conflict and its repairs first",
)
_CUT_SHORT = (Status.TIME_LIMIT, Status.CANCELLED, Status.FAILED)
# A point of a curve may violate a row by so much, relative to its size.
_DRIFT = 1e-9


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

    def run(self, session: Session, drifted: Callable[[Vector], bool] | None = None) -> RawResult:
        """Optimal, infeasible or unbounded; see ``run_usable``. Raises UnfinishedError where the run was cut short."""
        self.solves += 1
        result = run_usable(session, self.left(), drifted)
        if result.status in _CUT_SHORT:
            raise UnfinishedError(result.status, f"run {self.solves}")
        return result

    def optimum(self, session: Session, what: str) -> RawResult:
        """An optimal result; ``what`` says what is optimised. Raises QuestionError where there is no optimum."""
        return optimal(self.run(session), what)


class WarmProgram:
    """A program in a session whose row bounds and stage change from run to run."""

    def __init__(self, program: LinearProgram, runs: Runs) -> None:
        self.program = program
        self._runs = runs
        self._session = Session(program)
        self._later = {} if program.integer.any() else little(len(program.rows))
        self._lower, self._upper = program.row_lower.copy(), program.row_upper.copy()

    def set_stage(self, stage: Stage) -> None:
        self._session.set_stage(stage)

    def set_row_bounds(self, row: int, lower: float, upper: float) -> None:
        self._lower[row], self._upper[row] = lower, upper
        self._session.set_row_bounds(row, lower, upper)

    def set_rows_bounds(self, rows: npt.NDArray[np.intp], lower: Vector, upper: Vector) -> None:
        """The bounds of several rows at once."""
        self._lower[rows], self._upper[rows] = lower, upper
        self._session.set_rows_bounds(rows, lower, upper)

    def set_column_bounds(self, column: int, lower: float, upper: float) -> None:
        self._session.set_column_bounds(column, lower, upper)

    def set_options(self, chosen: Mapping[str, Option]) -> None:
        """For all later runs."""
        self._session.set_options(chosen)

    def set_basis(self, basis: Basis) -> None:
        """Start the next run from this basis."""
        self._session.set_basis(basis)

    def run(self) -> RawResult:
        """Optimal, infeasible or unbounded. Raises UnfinishedError where the run was cut short."""
        result = self._runs.run(self._session, self._drifted)
        self._session.set_options(self._later)  # weights are those of this run
        return result

    def optimum(self, what: str) -> Vector:
        """An optimal point; ``what`` says what is optimised. Raises QuestionError where there is none."""
        x = optimal(self.run(), what).x
        if x is None:
            raise UnfinishedError(Status.FAILED, what)
        return x

    def _drifted(self, x: Vector) -> bool:
        return violates(self.program.matrix, self._lower, self._upper, x, _DRIFT)


def optimal(result: RawResult, what: str) -> RawResult:
    """The result itself. Raises QuestionError where it is no optimum."""
    if result.status is Status.INFEASIBLE:
        raise QuestionError([INFEASIBLE])
    if result.status is Status.UNBOUNDED:
        raise QuestionError([no_best_value(what)])
    return result


def no_best_value(what: str) -> Problem:
    return problem(
        zh=f"{what} 没有最优值：可以无限变化，缺少某项约束",
        en=f"{what} has no best value: it can go on without limit, a limit is missing",
    )
