"""NumPy arrays and highspy with nothing in between: the floor."""

from __future__ import annotations

from typing import Any

import highspy
import numpy as np
import scipy.sparse as sp

from benchmarks.arrays import Arrays

# The same as the product asks for, so that every contestant solves the same problem.
TOLERANCE = 1e-9


def silent() -> Any:
    highs = highspy.Highs()
    for option, value in (
        ("output_flag", False),
        ("threads", 1),
        ("primal_feasibility_tolerance", TOLERANCE),
        ("dual_feasibility_tolerance", TOLERANCE),
    ):
        highs.setOptionValue(option, value)
    return highs


def hand_over(arrays: Arrays) -> Any:
    matrix = sp.csc_array((arrays.coefficient, (arrays.row, arrays.column)), shape=arrays.shape)
    highs = silent()
    highs.passModel(
        arrays.shape[1],
        arrays.shape[0],
        matrix.nnz,
        int(highspy.MatrixFormat.kColwise),
        int(highspy.ObjSense.kMinimize),
        arrays.constant,
        arrays.costs,
        arrays.column_lower,
        arrays.column_upper,
        arrays.row_lower,
        arrays.row_upper,
        matrix.indptr,
        matrix.indices,
        matrix.data,
        np.zeros(arrays.shape[1], dtype=np.int32),
    )
    return highs


def optimum(highs: Any) -> float:
    highs.run()
    return float(highs.getInfo().objective_function_value)
