"""cvxpy: one variable vector and one sparse matrix for each sense, down to the data that it gives HiGHS."""

from __future__ import annotations

from typing import Any

import cvxpy as cp
import numpy as np
import scipy.sparse as sp

from benchmarks.arrays import Arrays


def hand_over(arrays: Arrays) -> Any:
    matrix = sp.csr_array((arrays.coefficient, (arrays.row, arrays.column)), shape=arrays.shape)
    x = cp.Variable(arrays.shape[1])
    equal = arrays.row_lower == arrays.row_upper
    above, below = (~equal & np.isfinite(side) for side in (arrays.row_upper, arrays.row_lower))
    left, right = np.isfinite(arrays.column_lower), np.isfinite(arrays.column_upper)
    rules = [
        (equal, lambda part: matrix[part] @ x == arrays.row_upper[part]),
        (above, lambda part: matrix[part] @ x <= arrays.row_upper[part]),
        (below, lambda part: matrix[part] @ x >= arrays.row_lower[part]),
        (left, lambda part: x[part] >= arrays.column_lower[part]),
        (right, lambda part: x[part] <= arrays.column_upper[part]),
    ]
    constraints = [rule(np.flatnonzero(part)) for part, rule in rules if part.any()]
    problem = cp.Problem(cp.Minimize(arrays.costs @ x + arrays.constant), constraints)
    problem.get_problem_data(cp.HIGHS)
    return problem


def optimum(problem: Any) -> float:
    return float(problem.solve(solver=cp.HIGHS))
