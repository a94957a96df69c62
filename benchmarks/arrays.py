"""What every contestant gets: one linear program as finished NumPy arrays."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from optimizer.program import LinearProgram

Vector = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Arrays:
    """Entries (row, column, coefficient), bounds (infinite where there is none) and costs to be minimised."""

    row: npt.NDArray[np.int32]
    column: npt.NDArray[np.int32]
    coefficient: Vector
    row_lower: Vector
    row_upper: Vector
    column_lower: Vector
    column_upper: Vector
    costs: Vector
    constant: float

    @property
    def shape(self) -> tuple[int, int]:
        return len(self.row_lower), len(self.column_lower)

    def by_rows(self) -> list[list[tuple[int, float]]]:
        """For front ends that take one row after the other: column and coefficient of each entry."""
        rows: list[list[tuple[int, float]]] = [[] for _ in self.row_lower]
        for row, column, value in zip(self.row.tolist(), self.column.tolist(), self.coefficient.tolist(), strict=True):
            rows[row].append((column, value))
        return rows

    def save(self, path: Path) -> None:
        np.savez(path, **asdict(self))


def read_arrays(path: Path) -> Arrays:
    with np.load(path, allow_pickle=False) as kept:
        fields: dict[str, Any] = {name: kept[name] for name in kept.files}
    return Arrays(**{**fields, "constant": float(fields["constant"])})


def arrays_of(program: LinearProgram) -> Arrays:
    """The program with its last stage as objective. Rows without entries are left out: some front ends refuse them."""
    matrix = sp.csr_array(program.matrix)
    filled = np.flatnonzero(np.diff(matrix.indptr))
    entries = sp.coo_array(matrix[filled])
    stage = program.stages[-1]
    return Arrays(
        entries.coords[0].astype(np.int32),
        entries.coords[1].astype(np.int32),
        entries.data,
        program.row_lower[filled],
        program.row_upper[filled],
        program.column_lower,
        program.column_upper,
        stage.costs,
        stage.constant,
    )
