"""A program whose row bounds move along a direction: bounds of row i are b_i + theta * direction_i where finite."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from optimizer.program import INFINITY, LinearProgram, Stage, Vector
from optimizer.questions import QuestionError, problem
from optimizer.run_result import Basis
from optimizer.runs import Runs, WarmProgram
from optimizer.solver_options import ANY_COSTS
from optimizer.status import Status

THETA = ("theta",)
Numbers = npt.NDArray[np.intp]


@dataclass(frozen=True)
class Line:
    """A linear function of theta that passes through ``value`` at ``at``."""

    at: float
    value: float
    slope: float

    def __call__(self, theta: float) -> float:
        return self.value + self.slope * (theta - self.at)


@dataclass(frozen=True)
class Parametric:
    """``direction`` follows the rows of ``program``; at theta 0 the program stands as given."""

    program: LinearProgram
    direction: Vector

    @cached_property
    def moved(self) -> Numbers:
        """Numbers of the rows that move."""
        finite = np.isfinite(self.program.row_lower) | np.isfinite(self.program.row_upper)
        return np.flatnonzero((self.direction != 0.0) & finite)

    @cached_property
    def _moved(self) -> tuple[Vector, Vector, Vector]:
        """Lower and upper bounds of the rows that move, and their directions."""
        return self.program.row_lower[self.moved], self.program.row_upper[self.moved], self.direction[self.moved]

    def bounds(self, theta: float) -> tuple[Vector, Vector]:
        """Lower and upper bounds of the rows that move."""
        lower, upper, direction = self._moved
        move = theta * direction
        return lower + move, upper + move

    def at(self, theta: float) -> LinearProgram:
        labels = [self.program.rows[row] for row in self.moved.tolist()]
        bounds = zip(*(side.tolist() for side in self.bounds(theta)), strict=True)
        return self.program.with_row_bounds(dict(zip(labels, bounds, strict=True)))

    def holding(self, stage: Stage, most: Line) -> Parametric:
        """With one more row that keeps the costs of the stage within a line."""
        program = self.program.with_row(("hold", stage.name), stage.costs, -np.inf, most(0.0))
        return Parametric(program, np.append(self.direction, most.slope))

    def with_theta(self, low: float = -INFINITY, high: float = INFINITY) -> LinearProgram:
        """The program in which theta is decided too: one more column, the last, between ``low`` and ``high``."""
        program, width = self.program, len(self.program.columns)
        column = sp.csc_array(-self.direction.reshape(-1, 1))
        return replace(
            program,
            stages=tuple(replace(stage, costs=np.append(stage.costs, 0.0)) for stage in program.stages),
            matrix=sp.csc_array(sp.hstack([program.matrix, column], format="csc")),
            columns=(*program.columns, THETA),
            column_lower=np.append(program.column_lower, low),
            column_upper=np.append(program.column_upper, high),
            integer=np.zeros(width + 1, dtype=bool),
        )

    def outwards(self, sign: float) -> LinearProgram:
        """The homogeneous program of one step of theta towards ``sign`` times infinity."""
        program, step = self.program, sign * self.direction
        return replace(
            program,
            row_lower=np.where(np.isfinite(program.row_lower), step, -INFINITY),
            row_upper=np.where(np.isfinite(program.row_upper), step, INFINITY),
            column_lower=np.where(np.isfinite(program.column_lower), 0.0, -INFINITY),
            column_upper=np.where(np.isfinite(program.column_upper), 0.0, INFINITY),
        )


HOPELESS = problem(
    "moves",
    zh="沿这一方向无论怎样变动都没有可行方案；请先查明冲突及其修补办法",
    en="no change along this direction makes the plan feasible: ask for the conflict and its repairs first",
)


def feasible_interval(parametric: Parametric, runs: Runs) -> tuple[tuple[float, float], Basis | None]:
    """The values of theta for which some point is feasible; an end may be infinite.

    And the basis at which the first stage is optimal at 0, for runs that follow; None where there is none. Raises
    QuestionError where nothing is feasible anywhere.
    """
    program = parametric.with_theta()
    session, today = _at_zero(program, runs)
    ends = []
    for sign in (1.0, -1.0):
        session.set_stage(Stage("theta", sign * _unit(len(program.columns)), 0.0, sign))
        result = session.run()
        if result.status is Status.INFEASIBLE:
            raise QuestionError([HOPELESS])
        session.set_options(ANY_COSTS)  # the end that was found is a plan to go on from
        unbounded = result.status is Status.UNBOUNDED or result.x is None
        ends.append(-sign * INFINITY if unbounded or result.x is None else float(result.x[-1]))
    # A single point may come back with its ends crossed by rounding.
    return (min(ends), max(ends)), None if today is None else Basis(today.columns[:-1], today.rows)


def _at_zero(program: LinearProgram, runs: Runs) -> tuple[WarmProgram, Basis | None]:
    """A session with theta, the last column, free, and the basis of the first stage's optimum at 0.

    From a plan both ends of theta are near, by the primal method; from nothing they take longer than many a curve.
    """
    session, theta = WarmProgram(program, runs), len(program.columns) - 1
    session.set_column_bounds(theta, 0.0, 0.0)
    session.set_stage(program.stages[0])
    result = session.run()
    if result.status is Status.INFEASIBLE:
        return WarmProgram(program, runs), None
    session.set_column_bounds(theta, -INFINITY, INFINITY)
    session.set_options(ANY_COSTS)
    return session, result.basis


def _unit(width: int) -> Vector:
    costs = np.zeros(width)
    costs[-1] = 1.0
    return costs


def last_breakpoint(
    parametric: Parametric, stages: Sequence[Stage], sign: float, start: float, runs: Runs, tolerance: float
) -> float:
    """Where the last linear piece towards ``sign`` times infinity begins, for every stage in turn; at least ``start``.

    The slope s of the last piece is the value of the homogeneous program; value - s * theta has its minimum from there
    on. A stage that is done is held on its own last piece while the next is looked at.
    """
    at = start
    for stage in stages:
        what = f"the objective ({stage.name})"
        outwards = WarmProgram(parametric.outwards(sign), runs)
        outwards.set_stage(stage)
        step = outwards.optimum(what)
        slope = sign * float(stage.costs @ step)
        low, high = (at, INFINITY) if sign > 0.0 else (-INFINITY, at)
        session = WarmProgram(parametric.with_theta(low, high), runs)
        session.set_stage(Stage(stage.name, np.append(stage.costs, -slope), 0.0, 1.0))
        x = session.optimum(what)
        at = float(x[-1])
        reached = float(stage.costs @ x[:-1])
        parametric = parametric.holding(stage, Line(at, reached + tolerance * max(1.0, abs(reached)), slope))
    return at
