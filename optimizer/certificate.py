"""Optimality recomputed from the matrices and the answer, not taken from the solver.

For min c·x subject to L ≤ Ax ≤ U and l ≤ x ≤ u, a point x with multipliers y is optimal where x is feasible, the
reduced costs d = c - Aᵀy and the multipliers have the signs that the bounds allow, and primal and dual objective agree
(weak duality makes any such pair optimal). Violations are relative to the size of the terms of the row or column.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from optimizer.program import LinearProgram, Stage, Vector
from optimizer.stopwatch import part

Bounds = tuple[Vector, Vector]  # lower and upper
VIOLATION_TOLERANCE = 1e-7
GAP_TOLERANCE = 1e-8


@dataclass(frozen=True)
class Certificate:
    """The worst of each sort of violation; ``holds`` says whether all are within tolerance."""

    primal_violation: float
    dual_violation: float
    complementarity: float
    gap: float
    integrality: float = 0.0

    @property
    def holds(self) -> bool:
        return self.proves and self.complementarity <= VIOLATION_TOLERANCE and self.gap <= GAP_TOLERANCE

    @property
    def proves(self) -> bool:
        """Whether the point is one of the program and the multipliers bound its optimum; how nearly, ``gap`` says."""
        violations = self.primal_violation, self.dual_violation, self.integrality
        return all(violation <= VIOLATION_TOLERANCE for violation in violations)


@part("certify")
def certify(program: LinearProgram, stage: Stage, x: Vector, y: Vector) -> Certificate:
    """The certificate of the continuous program for one stage."""
    activity, d = program.matrix @ x, stage.costs - program.matrix.T @ y
    row_size, column_size = _sizes(program, stage, x, y)
    lower = np.concatenate([program.column_lower, program.row_lower])
    upper = np.concatenate([program.column_upper, program.row_upper])
    point, price = np.concatenate([x, activity]), np.concatenate([d, y])
    size = np.concatenate([1.0 + np.abs(x), row_size])
    at = np.where(price > 0.0, lower, upper)  # the bound that a price of this sign rests on
    priced = np.where(np.isfinite(at), price, 0.0)
    unbacked = np.abs(np.where(np.isfinite(at), 0.0, price))
    distance = np.where(np.isfinite(at), point - np.where(np.isfinite(at), at, 0.0), 0.0)
    primal, dual = float(stage.costs @ x), float(priced @ np.where(np.isfinite(at), at, 0.0))
    scale = 1.0 + abs(primal)
    return Certificate(
        primal_violation=_worst(np.maximum(lower - point, point - upper) / size),
        dual_violation=_worst(unbacked / np.concatenate([column_size, 1.0 + np.abs(y)])),
        complementarity=_worst(np.abs(priced * distance) / scale),
        gap=abs(primal - dual) / scale,
    )


def admissible(program: LinearProgram, x: Vector) -> bool:
    """Whether a point meets every row and bound and is whole where it has to be, all within tolerance: a plan, if
    perhaps not the best."""
    rows, columns = (program.row_lower, program.row_upper), (program.column_lower, program.column_upper)
    worst = max(primal_violation(program.matrix, rows, columns, x), integrality(program, x))
    return bool(worst <= VIOLATION_TOLERANCE)


def primal_violation(matrix: sp.csc_array, rows: Bounds, columns: Bounds, x: Vector) -> float:
    """By how much a point is beyond the bounds of a row or column at most, relative to the size of its terms."""
    activity = matrix @ x
    row_size, column_size = 1.0 + abs(matrix) @ np.abs(x), 1.0 + np.abs(x)
    beyond_rows = np.maximum(rows[0] - activity, activity - rows[1]) / row_size
    beyond_columns = np.maximum(columns[0] - x, x - columns[1]) / column_size
    return max(_worst(beyond_rows), _worst(beyond_columns))


def integrality(program: LinearProgram, x: Vector) -> float:
    """The largest distance of an integer column from a whole number."""
    whole = x[program.integer]
    return _worst(np.abs(whole - np.round(whole)))


def _sizes(program: LinearProgram, stage: Stage, x: Vector, y: Vector) -> tuple[Vector, Vector]:
    magnitude = abs(program.matrix)
    return 1.0 + magnitude @ np.abs(x), 1.0 + np.abs(stage.costs) + magnitude.T @ np.abs(y)


def _worst(values: Vector) -> float:
    return max(float(np.max(values)), 0.0) if values.size else 0.0
