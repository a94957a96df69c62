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
        value = np.concatenate([x[columns], activity[logicals]])
        lower = np.concatenate([program.column_lower[columns], program.row_lower[logicals]])
        upper = np.concatenate([program.column_upper[columns], program.row_upper[logicals]])
        self._below, self._above = _room(value - lower, value), _room(upper - value, value)

    def along(self, direction: Vector) -> Range:
        """How far all row bounds can move together, each at its rate in ``direction`` (one number a row)."""
        nonbasic = direction.copy()
        nonbasic[self._logicals] = 0.0
        step = self._factor.solve(nonbasic)
        # The bounds of a basic row move too: what counts is how the row moves against them.
        step[len(step) - len(self._logicals) :] -= direction[self._logicals]
        size = np.abs(step)
        moving = np.flatnonzero(size > _NEGLIGIBLE * (1.0 + size.max(initial=0.0)))
        rising, size = step[moving] > 0.0, size[moving]
        below, above = self._below[moving], self._above[moving]
        return Range(
            down=float((np.where(rising, below, above) / size).min(initial=INFINITY)),
            up=float((np.where(rising, above, below) / size).min(initial=INFINITY)),
        )


def _room(distance: Vector, value: Vector) -> Vector:
    """How far basic variables can go before they meet a bound: nowhere where they stand on it."""
    return np.where(distance <= _DEGENERATE * (1.0 + np.abs(value)), 0.0, distance)
