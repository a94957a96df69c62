"""linopy: rows of like length together, as padded arrays, which is the form it is quickest in."""

from __future__ import annotations

from typing import Any

import linopy
import numpy as np
import xarray as xr

from benchmarks.arrays import Arrays


def hand_over(arrays: Arrays) -> Any:
    m = linopy.Model()
    columns = np.arange(arrays.shape[1])
    x = m.add_variables(
        lower=xr.DataArray(arrays.column_lower, dims="column", coords={"column": columns}),
        upper=xr.DataArray(arrays.column_upper, dims="column", coords={"column": columns}),
        name="x",
    )
    labels = x.labels.to_numpy()
    for rows, numbers, values in _padded(arrays, labels):
        _add_rows(m, arrays, rows, numbers, values)
    m.add_objective((xr.DataArray(arrays.costs, dims="column", coords={"column": columns}) * x).sum())
    return m.to_highspy(), arrays.constant


def _padded(arrays: Arrays, labels: Any) -> Any:
    """Rows whose lengths have the same number of binary digits: their numbers, and padded variables and values."""
    order = np.argsort(arrays.row, kind="stable")
    row, column, value = arrays.row[order], arrays.column[order], arrays.coefficient[order]
    lengths = np.bincount(row, minlength=arrays.shape[0])
    place = np.arange(len(row)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    sizes = np.ceil(np.log2(lengths)).astype(int)
    for size in np.unique(sizes):
        rows = np.flatnonzero(sizes == size)
        number = np.full(arrays.shape[0], -1)
        number[rows] = np.arange(len(rows))
        chosen = number[row] >= 0
        numbers, values = np.full((len(rows), 2**size), -1), np.full((len(rows), 2**size), np.nan)
        at = number[row[chosen]], place[chosen]
        numbers[at], values[at] = labels[column[chosen]], value[chosen]
        yield rows, numbers, values


def _add_rows(m: Any, arrays: Arrays, rows: Any, numbers: Any, values: Any) -> None:
    lower, upper = arrays.row_lower[rows], arrays.row_upper[rows]
    equal = lower == upper
    for sense, chosen, side in (
        ("=", equal, upper),
        ("<=", ~equal & np.isfinite(upper), upper),
        (">=", ~equal & np.isfinite(lower), lower),
    ):
        if chosen.any():
            data = {"vars": (("row", "_term"), numbers[chosen]), "coeffs": (("row", "_term"), values[chosen])}
            coords = {"row": rows[chosen]}
            left = linopy.LinearExpression(xr.Dataset(data, coords=coords), m)
            m.add_constraints(left, sense, xr.DataArray(side[chosen], dims="row", coords=coords))


def optimum(handle: tuple[Any, float]) -> float:
    highs, constant = handle
    highs.setOptionValue("output_flag", False)
    highs.run()
    return float(highs.getInfo().objective_function_value) + constant
