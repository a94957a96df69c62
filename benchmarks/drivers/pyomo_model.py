"""The model as a Pyomo manual writes it: sets, indexed variables, a rule for each row."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyomo.environ as pyo

from benchmarks.arrays import Arrays


def model(arrays: Arrays) -> Any:
    m = pyo.ConcreteModel()
    entries = arrays.by_rows()
    m.COLUMNS = pyo.RangeSet(0, arrays.shape[1] - 1)
    m.ROWS = pyo.RangeSet(0, arrays.shape[0] - 1)
    lower, upper = _bounds(arrays.column_lower), _bounds(arrays.column_upper)
    row_lower, row_upper = _bounds(arrays.row_lower), _bounds(arrays.row_upper)
    m.x = pyo.Var(m.COLUMNS, bounds=lambda _, j: (lower[j], upper[j]))

    def row(m: Any, i: int) -> Any:
        body = sum(value * m.x[j] for j, value in entries[i])
        if row_lower[i] == row_upper[i]:
            return body == row_upper[i]
        return pyo.inequality(row_lower[i], body, row_upper[i])

    m.rows = pyo.Constraint(m.ROWS, rule=row)
    costs = arrays.costs.tolist()
    m.cost = pyo.Objective(expr=sum(costs[j] * m.x[j] for j in m.COLUMNS if costs[j]) + arrays.constant)
    return m


def _bounds(values: Any) -> list[float | None]:
    return [value if np.isfinite(value) else None for value in values.tolist()]
