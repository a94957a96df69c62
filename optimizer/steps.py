"""How basic variables step, a column for every move: some of them in a sparse matrix, the others in a dense one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from optimizer.program import INFINITY, Vector

Dense = npt.NDArray[np.float64]
_INFINITE = int(np.array(INFINITY).view(np.int64))


@dataclass(frozen=True)
class Steps:
    """Rows of ``sparse``, then rows of ``dense``, with the same columns; the k-th is that of variable ``order[k]``."""

    order: npt.NDArray[np.int64]
    sparse: sp.csr_array
    dense: Dense

    def whole(self) -> Dense:
        """A row for every variable, in their order."""
        return np.concatenate([self.sparse.toarray(), self.dense])[np.argsort(self.order)]

    def above(self, share: float) -> Steps:
        """The same with zeros for steps that are not larger than that share of one and the column's largest."""
        entries, columns, dense = np.abs(self.sparse.data), self.sparse.indices, np.abs(self.dense)
        least = dense.max(axis=0, initial=0.0)
        np.maximum.at(least, columns, entries)
        least = share * (1.0 + least)
        kept = self.sparse.data * (entries > least[columns])
        np.multiply(self.dense, dense > least, out=dense)
        sparse = sp.csr_array((kept, columns, self.sparse.indptr), shape=self.sparse.shape)
        return Steps(self.order, sparse, dense)

    def ratios(self, room: Vector) -> tuple[Vector, Vector]:
        """The least room over step in every column, of steps up and of steps down; infinite where there are none.

        ``room`` is that of every variable, not negative.
        """
        first, sparse, room = self.sparse.shape[0], self.sparse, room[self.order]
        up, down = _dense_ratios(self.dense, room[first:])
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = np.repeat(room[:first], np.diff(sparse.indptr)) / np.abs(sparse.data)
        for least, of in ((up, sparse.data > 0.0), (down, sparse.data < 0.0)):
            np.minimum.at(least, sparse.indices[of], ratio[of])
        return up, down


def _dense_ratios(steps: Dense, room: Vector) -> tuple[Vector, Vector]:
    bounded = np.flatnonzero(room < INFINITY)
    ratio = steps[bounded]
    with np.errstate(divide="ignore", invalid="ignore"):
        np.divide(room[bounded, None], ratio, out=ratio)
    # The bits of floats as whole numbers: sorted by size, and those with a sign last, or first where it counts as one.
    up = ratio.view(np.uint64).min(axis=0, initial=_INFINITE).view(np.float64)
    down = ratio.view(np.int64).min(axis=0, initial=_INFINITE).view(np.float64)
    return up, np.where(np.signbit(down) & ~np.isnan(down), -down, INFINITY)
