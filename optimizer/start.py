"""Where a program starts: where one like it ended, stage by stage, in whatever rows and columns the two share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from optimizer.labels import Label, numbers_of
from optimizer.program import LinearProgram
from optimizer.run_result import BASIC, Basis

Statuses = npt.NDArray[np.int8]
# As HiGHS numbers them.
_LOWER, _UPPER, _ZERO = 0, 2, 3


@dataclass(frozen=True, eq=False)
class Ended:
    """The optimal basis of one stage, and what its rows (those of ``optimizer.holds`` included) and columns are."""

    rows: Sequence[Label]
    columns: Sequence[Label]
    basis: Basis

    def basis_of(self, program: LinearProgram) -> Basis:
        """The same statuses for what has the same labels.

        A column that is new stands on its bound, a row that is new is basic. If then too many or too few are basic, the
        solver puts it right.
        """
        columns = _moved(self.columns, self.basis.columns, program.columns)
        rows = _moved(self.rows, self.basis.rows, program.rows)
        new = np.flatnonzero(columns < 0)
        low, high = np.isfinite(program.column_lower[new]), np.isfinite(program.column_upper[new])
        columns[new] = np.where(low, _LOWER, np.where(high, _UPPER, _ZERO))
        rows[rows < 0] = BASIC
        return Basis(columns, rows)


@dataclass(frozen=True, eq=False)
class Start:
    """Where every stage of one program ended, by the name of the stage."""

    stages: Mapping[str, Ended]

    def basis(self, stage: str, program: LinearProgram) -> Basis | None:
        """Where the stage starts in a program, held rows included; None where there was no such stage."""
        ended = self.stages.get(stage)
        return None if ended is None else ended.basis_of(program)

    def fits(self, stage: str, program: LinearProgram) -> bool:
        """Whether the stage ended in a program of the same rows and columns: only numbers are others."""
        ended = self.stages.get(stage)
        return ended is not None and _same(ended.rows, program.rows) and _same(ended.columns, program.columns)

    @property
    def size(self) -> int:
        """Statuses of its largest stage."""
        return max((len(ended.rows) + len(ended.columns) for ended in self.stages.values()), default=0)


def _moved(known: Sequence[Label], statuses: Statuses, labels: Sequence[Label]) -> Statuses:
    """The status of each label; -1 where it is not known."""
    if _same(labels, known):
        return statuses.copy()
    place = numbers_of(known)
    found = np.fromiter((place.get(label, -1) for label in labels), dtype=np.int64, count=len(labels))
    return np.where(found < 0, np.int8(-1), statuses[found])


def _same(some: Sequence[Label], others: Sequence[Label]) -> bool:
    return some is others or some == others
