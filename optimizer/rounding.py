"""Optimal bases whose point HiGHS refuses, because a row is violated by what rounding explains.

HiGHS takes its tolerance absolutely. In sums of terms of a size of thousands doubles do not reach 1e-9.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.sparse as sp

from optimizer.certificate import primal_violation
from optimizer.program import Vector

# How a run ends that HiGHS takes for optimal, if perhaps not for feasible.
_ENDED = ("kOptimal", "kUnknown")


def optimal_but_for_rounding(highs: Any, tolerance: float) -> bool:
    """Whether a ``Highs`` object stands at an optimal basis and no row or bound is violated by more than the tolerance,
    relative to the size of its terms."""
    if highs.getModelStatus().name not in _ENDED:  # first: what follows copies, and most are of no optimum
        return False
    solution = highs.getSolution()
    if not (solution.value_valid and solution.dual_valid and highs.getBasis().valid):
        return False
    x = np.array(solution.col_value)
    return bool(max(highs.getInfo().max_dual_infeasibility, _violation(highs.getLp(), x)) <= tolerance)


def _violation(held: Any, x: Vector) -> float:
    """In the program as it is held, which may have other bounds, rows and columns than at first."""
    entries, shape = held.a_matrix_, (held.num_row_, held.num_col_)
    kind = sp.csc_array if entries.format_.name == "kColwise" else sp.csr_array
    matrix = sp.csc_array(kind((np.array(entries.value_), entries.index_, entries.start_), shape))
    rows = np.array(held.row_lower_), np.array(held.row_upper_)
    columns = np.array(held.col_lower_), np.array(held.col_upper_)
    return primal_violation(matrix, rows, columns, x)
