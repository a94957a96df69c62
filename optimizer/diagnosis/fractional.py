"""Best ratios and best common numbers, exactly: linear-fractional programs over the rows of a program.

One ratio N/D over a polyhedron is one linear program after the transformation of Charnes and Cooper (1962): with
s = 1/D(x) and z = s·x the ratio becomes N·z, every row a·x ≤ b becomes a·z ≤ b·s, and D·z = 1. The smallest of several
ratios is made as large as it can be by the method of Dinkelbach (1967) for several ratios (Crouzeix, Ferland and
Schaible 1985): with the number fixed the least slack of all rows is maximised; the number that its point reaches is
the next one, until no slack is left.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import scipy.sparse as sp

from optimizer.deletion import checked
from optimizer.diagnosis.statement import Statement
from optimizer.program import INFINITY, LinearProgram, Stage, Vector
from optimizer.runs import Runs
from optimizer.solver import Session
from optimizer.solver_options import DUAL, PRIMAL
from optimizer.status import Status

# The number no longer improves by more than this, relative to its size.
_CONVERGED = 1e-12
_MOST_STEPS = 60
# What a ratio may gain in one step: its slack may grow without limit, with both its parts, while it does not.
_LONGEST_STEP = 1e3


def best_ratio(program: LinearProgram, numerator: int, denominator: int, *, largest: bool, runs: Runs) -> float | None:
    """The largest or smallest ratio of two columns where the denominator is positive; infinite where there is no end.

    None where no point has a positive denominator. The program is taken as continuous. Raises UnfinishedError.
    """
    session, width = Session(_homogenised(program, denominator)), len(program.columns)
    costs = np.zeros(width + 1)
    sign = -1.0 if largest else 1.0
    costs[numerator] = sign
    session.set_stage(Stage("ratio", costs, 0.0, sign))
    result = checked(session, runs)
    if result.status is Status.INFEASIBLE:
        return None
    if result.status is Status.UNBOUNDED or result.x is None:
        return -sign * INFINITY
    return float(result.x[numerator])


def _homogenised(program: LinearProgram, denominator: int) -> LinearProgram:
    """Columns z and s; each bound b of a row or column becomes a row against b·s; the denominator is 1."""
    width = len(program.columns)
    every = sp.vstack([program.matrix, sp.eye_array(width, format="csc")], format="csr")
    lower = np.concatenate([program.row_lower, program.column_lower])
    upper = np.concatenate([program.row_upper, program.column_upper])
    plain = np.concatenate([np.zeros(len(program.rows), dtype=bool), (program.column_lower == 0.0)])
    above = np.flatnonzero(np.isfinite(lower) & ~plain)
    below = np.flatnonzero(np.isfinite(upper))
    unit = sp.csr_array(([1.0], ([0], [denominator])), shape=(1, width))
    z = sp.vstack([every[above], every[below], unit], format="csc")
    s = sp.csc_array(np.concatenate([-lower[above], -upper[below], [0.0]]).reshape(-1, 1))
    count = len(above) + len(below)
    return replace(
        program.relaxed(),
        stages=(),
        matrix=sp.csc_array(sp.hstack([z, s], format="csc")),
        row_lower=np.concatenate([np.zeros(len(above)), np.full(len(below), -INFINITY), [1.0]]),
        row_upper=np.concatenate([np.full(len(above), INFINITY), np.zeros(len(below)), [1.0]]),
        column_lower=np.append(np.where(program.column_lower == 0.0, 0.0, -INFINITY), 0.0),
        column_upper=np.full(width + 1, INFINITY),
        integer=np.zeros(width + 1, dtype=bool),
        rows=(*(("homogeneous", k) for k in range(count)), ("denominator",)),
        columns=(*program.columns, ("scale",)),
    )


class CommonNumber:
    """The most demanding number of an indicator that all its rows can meet, all other rows of the program held."""

    def __init__(self, program: LinearProgram, runs: Runs) -> None:
        self._runs, self._program = runs, program
        width = len(program.columns)
        self._slack = width
        slack = replace(
            program,
            matrix=sp.csc_array(sp.hstack([program.matrix, sp.csc_array((len(program.rows), 1))], format="csc")),
            columns=(*program.columns, ("slack",)),
            column_lower=np.append(program.column_lower, -INFINITY),
            column_upper=np.append(program.column_upper, INFINITY),
            integer=np.append(program.integer, np.False_),
        )
        self._session = Session(slack)
        self._start: Any = None
        self._asked: tuple[tuple[int, ...], str] | None = None
        self._ask_for_slack()

    def start_at(self, stage: Stage) -> None:
        """Questions start at an optimum of the stage, where all rows hold, instead of where the last one ended.

        There the rows of the last one need not hold. One about the same rows and the same sense goes on from it.
        """
        self._session.set_options(DUAL)
        self._session.set_column_bounds(self._slack, 0.0, 0.0)
        self._session.set_stage(replace(stage, costs=np.append(stage.costs, 0.0)))
        self._start = checked(self._session, self._runs).solver_basis
        self._ask_for_slack()

    def _ask_for_slack(self) -> None:
        self._session.set_options(PRIMAL)
        costs = np.zeros(self._slack + 1)
        costs[self._slack] = -1.0
        self._session.set_stage(Stage("slack", costs, 0.0, -1.0))

    def best(self, statement: Statement, sense: str, whole: Statement | None = None) -> float:
        """The number; infinite where there is no end, NaN where nothing is feasible.

        ``sense`` ">=": the largest number that every row reaches; "<=": the smallest that none exceeds. Rows of
        ``whole`` (the statement where it is not given) hold no longer. Raises UnfinishedError.
        """
        whole = whole or statement
        before, self._asked = self._asked, (whole.rows, sense)
        if self._start is not None and self._asked != before:
            self._session.resume(self._start)
        for row in whole.rows:
            self._session.set_row_bounds(row, -INFINITY, INFINITY)
        try:
            return self._climb(statement, sense)
        finally:
            self._restore(whole)

    def _climb(self, statement: Statement, sense: str) -> float:
        better = -1.0 if sense == "<=" else 1.0
        best, number = None, statement.number.stated
        denominators = np.ones(len(statement.rows))
        for _ in range(_MOST_STEPS):
            self._ask(statement, sense, number, denominators)
            result = checked(self._session, self._runs)
            if result.status is Status.INFEASIBLE:
                return float("nan")
            if result.status is Status.UNBOUNDED or result.x is None:
                return better * INFINITY
            reached = statement.number.common(statement.values(result.x, sense), sense)
            if best is not None and better * (reached - best) <= _CONVERGED * max(1.0, abs(best)):
                return best
            if statement.linear or not np.isfinite(reached):
                return reached
            best = number = reached
            if statement.denominators:
                denominators = np.maximum(result.x[list(statement.denominators)], _CONVERGED)
        return better * INFINITY

    def _ask(self, statement: Statement, sense: str, number: float, denominators: Vector) -> None:
        """Every row at least (at most) its limit under the number plus (minus) the slack, in units of the number."""
        limits = statement.number.limits(number)
        steps = np.maximum(statement.number.slopes(number) * denominators, _CONVERGED)
        side = 1.0 if sense == "<=" else -1.0
        longest = _LONGEST_STEP * (abs(statement.number.stated) or 1.0) if statement.denominators else INFINITY
        self._session.set_column_bounds(self._slack, -INFINITY, longest)
        for k, row in enumerate(statement.rows):
            held = 0.0 if statement.denominators else float(limits[k])
            lower, upper = (-INFINITY, held) if sense == "<=" else (held, INFINITY)
            self._session.set_row_bounds(row, lower, upper)
            self._session.set_coefficient(row, self._slack, side * float(steps[k]))
            if statement.denominators:
                self._session.set_coefficient(row, statement.denominators[k], -float(limits[k]))

    def _restore(self, statement: Statement) -> None:
        """The rows as the program has them."""
        for k, row in enumerate(statement.rows):
            lower, upper = float(self._program.row_lower[row]), float(self._program.row_upper[row])
            self._session.set_row_bounds(row, lower, upper)
            self._session.set_coefficient(row, self._slack, 0.0)
            if statement.denominators:
                asked = float(statement.number.asked[k])
                self._session.set_coefficient(row, statement.denominators[k], -asked)
