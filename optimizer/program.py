"""LinearProgram: the joint of the house. Sparse arrays with labels; what is cached, sent and solved.

Always a minimisation: a stage that maximises is stored with its costs negated and ``sign`` -1.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from optimizer.labels import Label, followed_by, numbers_of

__all__ = ["INFINITY", "Label", "LinearProgram", "Stage", "Vector"]

Vector = npt.NDArray[np.float64]
INFINITY = float("inf")


@dataclass(frozen=True)
class Stage:
    """One objective of the lexicographic list: minimise costs·x + constant; the stated value is sign × that.

    ``slack``: the share of its best value that later stages may add to costs·x.
    """

    name: str
    costs: Vector
    constant: float
    sign: float
    slack: float = 0.0

    def value(self, x: Vector) -> float:
        """The stated value at x, in the unit of the objective."""
        return self.sign * (float(self.costs @ x) + self.constant)


@dataclass(frozen=True)
class LinearProgram:
    """Stages, matrix (rows × columns), bounds and labels of a program.

    Labels are tuples such as ("indicator", "intensity_target", 2010): equation or variable, then its index.
    """

    stages: tuple[Stage, ...]
    matrix: sp.csc_array
    row_lower: Vector
    row_upper: Vector
    column_lower: Vector
    column_upper: Vector
    integer: npt.NDArray[np.bool_]
    rows: Sequence[Label]
    columns: Sequence[Label]

    @cached_property
    def row_number(self) -> Mapping[Label, int]:
        return numbers_of(self.rows)

    @cached_property
    def column_number(self) -> Mapping[Label, int]:
        return numbers_of(self.columns)

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 over arrays and labels: equal programs have equal fingerprints."""
        digest = hashlib.sha256()
        arrays = [
            self.matrix.data,
            self.matrix.indices,
            self.matrix.indptr,
            self.row_lower,
            self.row_upper,
            self.column_lower,
            self.column_upper,
            self.integer,
        ]
        for array in (*arrays, *(stage.costs for stage in self.stages)):
            digest.update(np.ascontiguousarray(array).tobytes())
        constants = [(stage.name, stage.constant, stage.sign) for stage in self.stages]
        digest.update(repr((constants, self.rows, self.columns)).encode())
        return digest.hexdigest()

    def with_row_bounds(self, bounds: Mapping[Label, tuple[float, float]]) -> LinearProgram:
        """The same program with other bounds on the named rows."""
        lower, upper = self.row_lower.copy(), self.row_upper.copy()
        for label, (low, high) in bounds.items():
            lower[self.row_number[label]], upper[self.row_number[label]] = low, high
        return replace(self, row_lower=lower, row_upper=upper)

    def freed(self, rows: Iterable[int]) -> LinearProgram:
        """The same program without the bounds of these rows, by number."""
        free = list(rows)
        lower, upper = self.row_lower.copy(), self.row_upper.copy()
        lower[free], upper[free] = -INFINITY, INFINITY
        return replace(self, row_lower=lower, row_upper=upper)

    def with_column_bounds(self, bounds: Mapping[Label, tuple[float, float]]) -> LinearProgram:
        """The same program with other bounds on the named columns."""
        lower, upper = self.column_lower.copy(), self.column_upper.copy()
        for label, (low, high) in bounds.items():
            lower[self.column_number[label]], upper[self.column_number[label]] = low, high
        return replace(self, column_lower=lower, column_upper=upper)

    def with_row(self, label: Label, coefficients: Vector, lower: float, upper: float) -> LinearProgram:
        """The same program with one more row."""
        return replace(
            self,
            matrix=_with_row(self.matrix, coefficients),
            rows=followed_by(self.rows, label),
            row_lower=np.append(self.row_lower, lower),
            row_upper=np.append(self.row_upper, upper),
        )

    def with_stages(self, stages: Iterable[Stage]) -> LinearProgram:
        return replace(self, stages=tuple(stages))

    def relaxed(self) -> LinearProgram:
        """The same program with every integer column continuous."""
        return replace(self, integer=np.zeros(len(self.columns), dtype=bool))

    def __getstate__(self) -> dict[str, Any]:
        """What travels to another process: the fields; cached views are made anew there."""
        return {name: self.__dict__[name] for name in self.__dataclass_fields__}


def _with_row(matrix: sp.csc_array, coefficients: Vector) -> sp.csc_array:
    """As ``scipy.sparse.vstack``, which takes three times as long: the last entry of each column that has one."""
    used, (height, width) = np.flatnonzero(coefficients), matrix.shape
    ends = matrix.indptr[used + 1]
    data = np.insert(matrix.data, ends, coefficients[used])
    indices = np.insert(matrix.indices, ends, height)
    starts = matrix.indptr + np.append(0, np.cumsum(coefficients != 0.0)).astype(matrix.indptr.dtype)
    return sp.csc_array((data, indices, starts), shape=(height + 1, width))
