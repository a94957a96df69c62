"""Sparse systems solved for many right-hand sides at once, in the order that the basis of a linear program has.

Rows that have one column left are taken away with it, again and again: the front, nearly all of a basis. From what
remains, the core, columns that have one row left are taken away likewise: the back. A small nucleus is left between the
two. Solutions are sparse in the front and fill up from the nucleus on, so the core is solved in dense matrices.
"""

from __future__ import annotations

from dataclasses import dataclass

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
        size, first = matrix.shape[0], len(front.rows)
        self._front, self._rest = front.rows, _others(front.rows, size)
        columns = np.concatenate([front.columns, _others(front.columns, size)])
        self._triangle = _Triangle(_renumbered(matrix[self._front], columns)[:, :first], front.depth)
        behind = _renumbered(matrix[self._rest], columns)
        self._behind, self._core = behind[:, :first], _Core(behind[:, first:])
        self._order = np.concatenate([front.columns, columns[first:][self._core.order]])

    def solve(self, right: sp.csr_array) -> Steps:
        """X of matrix @ X = right, a column for every right-hand side."""
        front = _without_rounding(self._triangle.solve(right[self._front]))
        return Steps(self._order, front, self._core.solve(right[self._rest] - self._behind @ front))


class _Core:
    """What is behind the front: nucleus and back, in this order."""

    def __init__(self, matrix: sp.csr_array) -> None:
        taken, size = _peeled(sp.csr_array(matrix.T)), matrix.shape[0]
        # What was taken away first waits for all that was taken later.
        self._rows, self._back_rows = _others(taken.columns, size), taken.columns[::-1]
        self.order = np.concatenate([_others(taken.rows, size), taken.rows[::-1]])
        first = len(self._rows)
        nucleus, back = (_renumbered(matrix[rows], self.order) for rows in (self._rows, self._back_rows))
        self._nucleus = splu(sp.csc_matrix(nucleus[:, :first])).solve(np.eye(first))
        self._back = _Triangle(back[:, first:], taken.depth).solve(sp.eye_array(size - first, format="csr"))
        self._after = self._back @ back[:, :first]

    def solve(self, right: sp.csr_array) -> Dense:
        found, first = np.empty(right.shape), len(self._rows)
        found[:first] = self._nucleus @ right[self._rows]
        (self._back @ right[self._back_rows]).toarray(out=found[first:])
        found[first:] -= self._after @ found[:first]
        return found


class _Triangle:
    """A lower triangular matrix D (I - S). S to the power of ``depth`` is zero, so that its inverse is a product.

    (I - S)⁻¹ = … (I + S⁴)(I + S²)(I + S).
    """

    def __init__(self, matrix: sp.csr_array, depth: int) -> None:
        size = matrix.shape[0]
        rows, numbers = np.repeat(np.arange(size), np.diff(matrix.indptr)), np.arange(size + 1)
        diagonal = matrix.indices == rows
        scale = 1.0 / matrix.data[diagonal]
        step = np.where(diagonal, 0.0, -matrix.data * scale[rows])
        power = sp.csr_array((step, matrix.indices, matrix.indptr), shape=matrix.shape)
        one = sp.eye_array(size, format="csr")
        self._factors = [sp.csr_array((scale, numbers[:-1], numbers), shape=matrix.shape), one + power]
        while 2 ** (len(self._factors) - 1) < depth:
            power = power @ power
            self._factors.append(one + power)

    def solve(self, right: sp.csr_array) -> sp.csr_array:
        """X of matrix @ X = right."""
        for factor in self._factors:
            right = factor @ right
        return right


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


def _renumbered(matrix: sp.csr_array, columns: Numbers) -> sp.csr_array:
    """The matrix with its columns in this order."""
    place = np.empty(len(columns), dtype=matrix.indices.dtype)
    place[columns] = np.arange(len(columns))
    return sp.csr_array((matrix.data, place[matrix.indices], matrix.indptr), shape=matrix.shape)


def _without_rounding(matrix: sp.csr_array) -> sp.csr_array:
    kept = np.abs(matrix.data) > _ROUNDING
    starts = np.concatenate([[0], np.cumsum(kept)])[matrix.indptr]
    return sp.csr_array((matrix.data[kept], matrix.indices[kept], starts), shape=matrix.shape)
