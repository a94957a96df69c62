"""Small random programs for tests of what moves along a direction, with whole coefficients and many ties."""

import numpy as np
import scipy.sparse as sp
from hypothesis import strategies as st

from optimizer import LinearProgram
from optimizer.program import Stage


def program(matrix, lower, upper, *costs, signs=None, integer=False) -> LinearProgram:
    """Columns from 0 to 10; the stages minimise ``costs`` in their order (stated negated where the sign is -1)."""
    matrix = np.array(matrix, dtype=float)
    rows, width = matrix.shape
    signs = signs or [1.0] * len(costs)
    return LinearProgram(
        stages=tuple(
            Stage(f"stage {k + 1}", np.array(c, dtype=float), 0.0, sign)
            for k, (c, sign) in enumerate(zip(costs, signs, strict=True))
        ),
        matrix=sp.csc_array(matrix),
        row_lower=np.array(lower, dtype=float),
        row_upper=np.array(upper, dtype=float),
        column_lower=np.zeros(width),
        column_upper=np.full(width, 10.0),
        integer=np.full(width, integer),
        rows=tuple(("row", k) for k in range(rows)),
        columns=tuple(("column", k) for k in range(width)),
    )


def _bounds(value, slack, sense):
    """Bounds of a row that admit a value, so much off on the sides that the sense has."""
    if sense == "=":
        return value, value
    return value - slack if sense != "<=" else -np.inf, value + slack if sense != ">=" else np.inf


@st.composite
def moving_programs(draw, stages: int = 1):
    """A program that is feasible at theta 0, and a direction."""
    width, rows = draw(st.integers(2, 6)), draw(st.integers(1, 5))
    whole = st.integers(-3, 3)
    vectors = st.lists(whole, min_size=width, max_size=width)
    matrix = draw(st.lists(vectors.filter(any), min_size=rows, max_size=rows))
    inside = np.array(draw(st.lists(st.integers(0, 10), min_size=width, max_size=width)))
    at = np.array(matrix) @ inside
    sides = st.tuples(st.integers(0, 4), st.sampled_from(["<=", ">=", "=", "range"]))
    bounds = [_bounds(value, *draw(sides)) for value in at]
    lower, upper = zip(*bounds, strict=True)
    costs = [draw(vectors) for _ in range(stages)]
    signs = [draw(st.sampled_from([1.0, -1.0])) for _ in range(stages)]
    direction = draw(st.lists(whole, min_size=rows, max_size=rows).filter(any))
    made = program(matrix, lower, upper, *costs, signs=signs)
    return made, {label: float(d) for label, d in zip(made.rows, direction, strict=True) if d}
