"""What one run of the solver says, unchecked; records of the solver's own are read where somebody asks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from operator import attrgetter
from typing import Any

import numpy as np
import numpy.typing as npt

from optimizer.program import Vector
from optimizer.status import Status

# The basic variables: numbers of columns, and -1 - the number of a row for its activity.
Basics = npt.NDArray[np.int64]
BASIC = 1


@dataclass(frozen=True)
class Basis:
    """Basis status of every column and row, as HiGHS numbers them (0 lower, 1 basic, 2 upper, 3 zero, 4 nonbasic)."""

    columns: npt.NDArray[np.int8]
    rows: npt.NDArray[np.int8]

    @property
    def basics(self) -> Basics:
        columns, rows = np.flatnonzero(self.columns == BASIC), np.flatnonzero(self.rows == BASIC)
        return np.concatenate([columns, -1 - rows])


@dataclass(frozen=True)
class RawResult:
    """What the solver says of one run, unchecked. ``x`` is None where no point is known or the program is unbounded.

    Duals follow HiGHS: costs - matrixᵀ·y = d for a minimisation.
    """

    status: Status
    x: Vector | None
    y: Vector | None
    solver_point: Any  # HiGHS's own record, a copy; None where there are no multipliers
    solver_basis: Any  # the same of the basis; None where there is none
    bound: float  # best bound on the minimised objective, constant included; -INFINITY where none is known
    seconds: float
    iterations: int

    @cached_property
    def d(self) -> Vector | None:
        """Read where it is asked for only: most runs are asked for x and y."""
        return None if self.solver_point is None else np.array(self.solver_point.col_dual)

    @cached_property
    def basis(self) -> Basis | None:
        """Read where it is asked for only: HiGHS gives statuses one by one, which takes longer than a warm run."""
        return None if self.solver_basis is None else read_basis(self.solver_basis)


def read_basis(solver_basis: Any) -> Basis:
    """HiGHS's own record as arrays; a Basis as it is."""
    if isinstance(solver_basis, Basis):
        return solver_basis
    return Basis(_statuses(solver_basis.col_status), _statuses(solver_basis.row_status))


def _statuses(of: Sequence[Any]) -> npt.NDArray[np.int8]:
    return np.fromiter(map(_VALUE, of), dtype=np.int8, count=len(of))


_VALUE = attrgetter("value")  # half the time of int() of the same
