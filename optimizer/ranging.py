"""How far bounds can move before their shadow prices change: ratio tests on the optimal basis."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from optimizer.latest import Latest
from optimizer.program import LinearProgram, Vector
from optimizer.run_result import Basics
from optimizer.steps import Steps
from optimizer.triangular import Factorised, Numbers

# Movements of basic variables smaller than this, relative to the largest, count as none.
_NEGLIGIBLE = 1e-10
# A basic variable this close to its bound, relative to its size, stands on it.
_DEGENERATE = 1e-8

# Of the shipped plan a factor takes 1 MB and steps 2.5 MB, keys included. Bases with more entries are not kept.
_LARGE = 20_000
_FACTORS: Latest[Factorised] = Latest(16)
_STEPS: Latest[Steps] = Latest(4)


@dataclass(frozen=True)
class Ranges:
    """Each bound may move from ``-down`` to ``+up`` with the same basis optimal, and the same price valid."""

    down: Vector
    up: Vector


class Ranging:
    """Ratio tests for one optimal vertex: its basis is one of [A, -I], of columns and of rows on no bound."""

    def __init__(self, program: LinearProgram, x: Vector, basics: Basics) -> None:
        columns, rows = np.sort(basics[basics >= 0]), np.sort(-1 - basics[basics < 0])
        self._basis = _basic(program.matrix, columns, rows)
        value = np.concatenate([x[columns], (program.matrix @ x)[rows]])
        lower = np.concatenate([program.column_lower[columns], program.row_lower[rows]])
        upper = np.concatenate([program.column_upper[columns], program.row_upper[rows]])
        self._below, self._above = _room(value - lower, value), _room(upper - value, value)

    def along(self, directions: sp.csr_array) -> Ranges:
        """How far all row bounds can move together, each at its rate in a column of ``directions`` (rows × moves).

        The bounds of a basic row move too: what steps is how the row moves against them.
        """
        steps = _steps(self._basis, directions)
        up_to_above, down_to_above = steps.ratios(self._above)
        up_to_below, down_to_below = steps.ratios(self._below)
        return Ranges(np.minimum(up_to_below, down_to_above), np.minimum(down_to_below, up_to_above))


def _steps(basis: sp.csr_array, directions: sp.csr_array) -> Steps:
    """How the basic variables step; kept, for what-ifs near each other often end at the same basis.

    Basis and directions decide the steps, and all that they hold is in the keys: what is found is what would be made.
    """
    if basis.nnz > _LARGE:
        return Factorised(basis).solve(directions).above(_NEGLIGIBLE)
    key = _content(basis)

    def made() -> Steps:
        return _FACTORS.get(key, lambda: Factorised(basis)).solve(directions).above(_NEGLIGIBLE)

    return _STEPS.get((key, _content(directions)), made)


def _content(matrix: sp.csr_array) -> Hashable:
    return matrix.shape, matrix.data.tobytes(), matrix.indices.tobytes(), matrix.indptr.tobytes()


def _basic(matrix: sp.csc_array, columns: Numbers, rows: Numbers) -> sp.csr_array:
    """The columns of [A, -I] for these columns and rows."""
    chosen, ones = matrix[:, columns], np.arange(1, len(rows) + 1)
    data = np.concatenate([chosen.data, np.full(len(rows), -1.0)])
    starts = np.concatenate([chosen.indptr, chosen.nnz + ones])
    size = matrix.shape[0]
    return sp.csc_array((data, np.concatenate([chosen.indices, rows]), starts), shape=(size, size)).tocsr()


def _room(distance: Vector, value: Vector) -> Vector:
    """How far basic variables can go before they meet a bound: nowhere where they stand on it."""
    return np.where(distance <= _DEGENERATE * (1.0 + np.abs(value)), 0.0, distance)
