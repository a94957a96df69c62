"""How far bounds can move before their shadow prices change: ratio tests on the optimal basis."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from optimizer.program import INFINITY, LinearProgram, Vector
from optimizer.run_result import Basis
from optimizer.triangular import Factorised

BASIC = 1
# Movements of basic variables smaller than this, relative to the largest, count as none.
_NEGLIGIBLE = 1e-10
# A basic variable this close to its bound, relative to its size, stands on it.
_DEGENERATE = 1e-8


@dataclass(frozen=True)
class Ranges:
    """Each bound may move from ``-down`` to ``+up`` with the same basis optimal, and the same price valid."""

    down: Vector
    up: Vector


class Ranging:
    """Ratio tests for one optimal vertex. The rows that stand on a bound decide the basic columns."""

    def __init__(self, program: LinearProgram, x: Vector, basis: Basis) -> None:
        columns = np.flatnonzero(basis.columns == BASIC)
        self._free, self._tight = np.flatnonzero(basis.rows == BASIC), np.flatnonzero(basis.rows != BASIC)
        by_row = sp.csr_array(program.matrix[:, columns])
        self._factor = Factorised(by_row[self._tight].tocsc())
        self._effect = by_row[self._free]
        activity = program.matrix @ x
        value = np.concatenate([x[columns], activity[self._free]])
        lower = np.concatenate([program.column_lower[columns], program.row_lower[self._free]])
        upper = np.concatenate([program.column_upper[columns], program.row_upper[self._free]])
        self._below, self._above = _room(value - lower, value), _room(upper - value, value)

    def along(self, directions: sp.csr_array) -> Ranges:
        """How far all row bounds can move together, each at its rate in a column of ``directions`` (rows × moves)."""
        columns = self._factor.solve(directions[self._tight])
        # The bounds of a basic row move too: what counts is how the row moves against them.
        rows = self._effect @ columns - directions[self._free]
        return self._nearest(sp.csc_array(sp.vstack([columns, rows], format="csc")))

    def _nearest(self, steps: sp.csc_array) -> Ranges:
        """The least room over step of the basic variables that a move pushes, a column a move."""
        size = np.abs(steps.data)
        largest = _by_column(np.maximum, steps, size, 0.0)
        moving = size > _NEGLIGIBLE * (1.0 + np.repeat(largest, np.diff(steps.indptr)))
        below, above = self._below[steps.indices], self._above[steps.indices]
        rising = steps.data > 0.0
        with np.errstate(divide="ignore", invalid="ignore"):
            down = np.where(moving, np.where(rising, below, above) / size, INFINITY)
            up = np.where(moving, np.where(rising, above, below) / size, INFINITY)
        return Ranges(_by_column(np.minimum, steps, down, INFINITY), _by_column(np.minimum, steps, up, INFINITY))


def _by_column(of: np.ufunc, steps: sp.csc_array, values: Vector, empty: float) -> Vector:
    """The function over the values of every column; ``empty`` where a column has none."""
    found = np.full(steps.shape[1], empty)
    filled = np.diff(steps.indptr) > 0
    found[filled] = of.reduceat(values, steps.indptr[:-1][filled]) if len(values) else empty
    return found


def _room(distance: Vector, value: Vector) -> Vector:
    """How far basic variables can go before they meet a bound: nowhere where they stand on it."""
    return np.where(distance <= _DEGENERATE * (1.0 + np.abs(value)), 0.0, distance)
