"""How far a bound can move before its shadow price changes: ratio tests on the optimal basis."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from scipy.sparse.linalg import splu

from optimizer.program import INFINITY, LinearProgram, Vector
from optimizer.solver import Basis

BASIC = 1
# Movements of basic variables smaller than this, relative to the largest, count as none.
_NEGLIGIBLE = 1e-10
# A basic variable this close to its bound, relative to its size, stands on it.
_DEGENERATE = 1e-8


@dataclass(frozen=True)
class Range:
    """The bound may move from ``-down`` to ``+up`` with the same basis optimal, and the same price valid."""

    down: float
    up: float


class Ranging:
    """Ratio tests for one optimal vertex. The basis matrix of [A, -I] is factorised once."""

    def __init__(self, program: LinearProgram, x: Vector, basis: Basis) -> None:
        rows = len(program.rows)
        columns = np.flatnonzero(basis.columns == BASIC)
        logicals = np.flatnonzero(basis.rows == BASIC)
        slack = sp.csc_array(
            (-np.ones(len(logicals)), (logicals, np.arange(len(logicals)))), shape=(rows, len(logicals))
        )
        self._factor = splu(sp.csc_matrix(sp.hstack([program.matrix[:, columns], slack], format="csc")))
        self._logicals = logicals
        activity = program.matrix @ x
        self._value = np.concatenate([x[columns], activity[logicals]])
        self._lower = np.concatenate([program.column_lower[columns], program.row_lower[logicals]])
        self._upper = np.concatenate([program.column_upper[columns], program.row_upper[logicals]])

    def along(self, direction: Vector) -> Range:
        """How far all row bounds can move together, each at its rate in ``direction`` (one number a row)."""
        nonbasic = direction.copy()
        nonbasic[self._logicals] = 0.0
        step = self._factor.solve(nonbasic)
        # The bounds of a basic row move too: what counts is how the row moves against them.
        step[len(step) - len(self._logicals) :] -= direction[self._logicals]
        return Range(down=self._room(-step), up=self._room(step))

    def _room(self, step: Vector) -> float:
        """How far the basic variables can go along ``step`` before one of them meets a bound."""
        moving = np.abs(step) > _NEGLIGIBLE * (1.0 + np.abs(step).max(initial=0.0))
        room = np.where(step > 0.0, self._upper - self._value, self._value - self._lower)
        near = room <= _DEGENERATE * (1.0 + np.abs(self._value))
        limits = np.where(near, 0.0, room)[moving] / np.abs(step[moving])
        return float(limits.min(initial=INFINITY))
