"""Sparse systems solved for many right-hand sides at once, in the order that the basis of a linear program has.

Rows that have one column left are taken away with it, again and again: the front, nearly all of a basis. From what
remains, the core, columns that have one row left are taken away likewise: the back. A small nucleus is left between the
two. Solutions are sparse in the front and fill up from the nucleus on, so the core is solved in dense matrices.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from scipy.sparse.linalg import splu

from optimizer.steps import Dense, Steps

Numbers = npt.NDArray[np.int64]
# What terms of ordinary size leave where they cancel.
_ROUNDING = 1e-14


class Factorised:
    """A square matrix, factorised. Raises RuntimeError where it is singular."""

    def __init__(self, matrix: sp.csr_array) -> None:
        front = _peeled(matrix)
        self._front, self._rest = front.rows, _others(front.rows, matrix.shape[0])
        columns = _others(front.columns, matrix.shape[0])
        self._triangle = _Triangle(matrix[front.rows][:, front.columns], front.depth)
        behind = matrix[self._rest]
        self._behind, self._core = behind[:, front.columns], _Core(behind[:, columns])
        self.order = np.concatenate([front.columns, columns[self._core.order]])

    def solve(self, right: sp.csr_array) -> Steps:
        """X of matrix @ X = right, a column for every right-hand side; row k of it is row ``order[k]`` of X."""
        front = _without_rounding(self._triangle.solve(right[self._front]))
        return Steps(front, self._core.solve(right[self._rest] - self._behind @ front))


class _Core:
    """What is behind the front: nucleus and back, in this order."""

    def __init__(self, matrix: sp.csr_array) -> None:
        taken, size = _peeled(sp.csr_array(matrix.T)), matrix.shape[0]
        # What was taken away first waits for all that was taken later.
        self._rows, self._back_rows = _others(taken.columns, size), taken.columns[::-1]
        columns, back_columns = _others(taken.rows, size), taken.rows[::-1]
        self.order = np.concatenate([columns, back_columns])
        nucleus, back = matrix[self._rows][:, columns], matrix[self._back_rows]
        self._nucleus = splu(sp.csc_matrix(nucleus)).solve(np.eye(len(columns)))
        triangle = _Triangle(back[:, back_columns], taken.depth)
        self._back = triangle.solve(sp.eye_array(len(back_columns), format="csr"))
        self._after = self._back @ back[:, columns]

    def solve(self, right: sp.csr_array) -> Dense:
        found, size = np.empty(right.shape), len(self._rows)
        found[:size] = self._nucleus @ right[self._rows]
        found[size:] = (self._back @ right[self._back_rows]).toarray()
        found[size:] -= self._after @ found[:size]
        return found


class _Triangle:
    """A lower triangular matrix D (I - S). S to the power of ``depth`` is zero, so that its inverse is a product.

    (I - S)⁻¹ = … (I + S⁴)(I + S²)(I + S).
    """

    def __init__(self, matrix: sp.csr_array, depth: int) -> None:
        size = matrix.shape[0]
        places = np.arange(size + 1)
        self._scale = sp.csr_array((1.0 / matrix.diagonal(), places[:-1], places), shape=matrix.shape)
        self._powers = [sp.csr_array(sp.eye_array(size, format="csr") - self._scale @ matrix)]
        while 2 ** len(self._powers) < depth:
            self._powers.append(self._powers[-1] @ self._powers[-1])

    def solve(self, right: Any) -> Any:
        """X of matrix @ X = right; sparse where the right-hand sides are."""
        found = self._scale @ right
        for power in self._powers:
            found = found + power @ found
        return found


@dataclass(frozen=True)
class _Peeled:
    """Rows and their own columns, in an order in which no row has entries in columns of later ones.

    A row waits for chains of fewer than ``depth`` others.
    """

    rows: Numbers
    columns: Numbers
    depth: int


def _peeled(matrix: sp.csr_array) -> _Peeled:
    """Takes away rows that have one column left, with it, until there are no more."""
    pattern = sp.csr_array((np.ones(matrix.nnz), matrix.indices, matrix.indptr), shape=matrix.shape)
    # One and its number of every column that is left: their sums are how many columns a row has left, and the only one.
    left = np.stack([np.ones(matrix.shape[1]), np.arange(matrix.shape[1])], axis=1)
    rows, columns = [np.empty(0, dtype=np.int64)], [np.empty(0, dtype=np.int64)]
    while True:
        found = np.asarray(pattern @ left)
        alone = np.flatnonzero(found[:, 0] == 1.0)
        if not len(alone):
            break
        rows.append(alone)
        columns.append(found[alone, 1].astype(np.int64))
        left[columns[-1]] = 0.0
    peeled = _Peeled(np.concatenate(rows), np.concatenate(columns), len(rows) - 1)
    if np.bincount(peeled.columns).max(initial=0) > 1:
        raise RuntimeError("the matrix is singular: two rows have the same one column")
    return peeled


def _others(numbers: Numbers, size: int) -> Numbers:
    left = np.ones(size, dtype=bool)
    left[numbers] = False
    return np.flatnonzero(left)


def _without_rounding(matrix: sp.csr_array) -> sp.csr_array:
    kept = np.abs(matrix.data) > _ROUNDING
    starts = np.concatenate([[0], np.cumsum(kept)])[matrix.indptr]
    return sp.csr_array((matrix.data[kept], matrix.indices[kept], starts), shape=matrix.shape)
