"""Sparse systems solved for many sparse right-hand sides at once: only what is not zero is computed.

A factorisation is solved level by level. Rows that wait only for rows of earlier levels are found in one product of
sparse matrices, so the work goes with the entries of the solutions and not with rows times right-hand sides.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from scipy.sparse.linalg import splu

Vector = npt.NDArray[np.float64]
# What terms of ordinary size leave where they cancel.
_ROUNDING = 1e-14


class Factorised:
    """A square matrix, factorised. Raises RuntimeError where it is singular."""

    def __init__(self, matrix: sp.csc_array) -> None:
        found = splu(sp.csc_matrix(matrix), relax=1, panel_size=1)  # a basis has no dense blocks worth looking for
        self._rows, self._columns = np.argsort(found.perm_r), found.perm_c
        upper = sp.csr_array(found.U)
        self._inverse, size = 1.0 / upper.diagonal(), upper.shape[0]
        self._lower = _Triangle(sp.csr_array(sp.tril(found.L, -1, format="csr")), range(size))
        above = _scaled(sp.csr_array(sp.triu(upper, 1, format="csr")), self._inverse)
        self._upper = _Triangle(above, reversed(range(size)))

    def solve(self, right: sp.csr_array) -> sp.csr_array:
        """X of matrix @ X = right, a column for every right-hand side."""
        half = self._lower.solve(right[self._rows])
        return self._upper.solve(_scaled(half, self._inverse))[self._columns]


class _Triangle:
    """The matrix I + T, of which T is strictly triangular: rows in ``order`` wait for earlier ones only."""

    def __init__(self, strict: sp.csr_array, order: Iterable[int]) -> None:
        level = _levels(strict, order)
        self._order = np.argsort(level, kind="stable")
        self._place = np.argsort(self._order).astype(np.int32)
        self._ends = [0, *np.cumsum(np.bincount(level)).tolist()]
        rows = strict[self._order]
        waiting = sp.csr_array((-rows.data, self._place[rows.indices], rows.indptr), shape=rows.shape)
        # What a row is made of: its right-hand side, and rows found before it.
        made_of = sp.csr_array(sp.hstack([sp.eye_array(rows.shape[0]), waiting], format="csr"))
        self._levels = [_part(made_of, start, end) for start, end in pairwise(self._ends)]

    def solve(self, right: sp.csr_array) -> sp.csr_array:
        stack = _Stack(right[self._order])
        for level in self._levels:
            stack.add(level)
        return stack.added()[self._place]


def _levels(strict: sp.csr_array, order: Iterable[int]) -> npt.NDArray[np.int64]:
    """0 for rows that wait for none, else one more than the latest of those that they wait for."""
    starts, waits_for = strict.indptr.tolist(), strict.indices.tolist()
    level = [0] * strict.shape[0]
    for row in order:
        level[row] = max(map(level.__getitem__, waits_for[starts[row] : starts[row + 1]]), default=-1) + 1
    return np.array(level, dtype=np.int64)


def _scaled(matrix: sp.csr_array, factors: Vector) -> sp.csr_array:
    """Every row times its factor."""
    data = matrix.data * np.repeat(factors, np.diff(matrix.indptr))
    return sp.csr_array((data, matrix.indices, matrix.indptr), shape=matrix.shape)


def _part(matrix: sp.csr_array, start: int, end: int) -> sp.csr_array:
    """Rows from ``start`` to before ``end``, which have entries among the right-hand sides and the rows before them."""
    first, last = matrix.indptr[start], matrix.indptr[end]
    starts = matrix.indptr[start : end + 1] - first
    shape = (end - start, matrix.shape[0] + start)
    return sp.csr_array((matrix.data[first:last], matrix.indices[first:last], starts), shape=shape)


class _Stack:
    """The right-hand sides and, below them, the rows found so far; what rounding leaves of a zero is left out."""

    def __init__(self, given: sp.csr_array) -> None:
        self._given, self._width = given.shape
        self._rows, room = self._given, 4 * given.nnz
        self._starts = np.concatenate([given.indptr, np.zeros(self._given, dtype=np.int32)])
        self._data = np.concatenate([given.data, np.empty(room)])
        self._indices = np.concatenate([given.indices, np.empty(room, dtype=np.int32)])

    def add(self, level: sp.csr_array) -> None:
        rows = level @ self._from(0)
        kept = np.abs(rows.data) > _ROUNDING
        counted = np.concatenate([[0], np.cumsum(kept)])
        start, more = int(self._starts[self._rows]), int(counted[-1])
        if start + more > len(self._data):
            self._data, self._indices = (np.resize(one, 2 * (start + more)) for one in (self._data, self._indices))
        self._data[start : start + more] = rows.data[kept]
        self._indices[start : start + more] = rows.indices[kept]
        self._starts[self._rows + 1 : self._rows + 1 + rows.shape[0]] = start + counted[rows.indptr[1:]]
        self._rows += rows.shape[0]

    def added(self) -> sp.csr_array:
        return self._from(self._given)

    def _from(self, first: int) -> sp.csr_array:
        start, end = self._starts[first], self._starts[self._rows]
        starts = self._starts[first : self._rows + 1] - start
        shape = (self._rows - first, self._width)
        return sp.csr_array((self._data[start:end], self._indices[start:end], starts), shape=shape)
