"""PuLP with its own way to HiGHS in memory."""

from __future__ import annotations

from typing import Any

import numpy as np
import pulp

from benchmarks.arrays import Arrays


def hand_over(arrays: Arrays) -> Any:
    problem = pulp.LpProblem("benchmark", pulp.LpMinimize)
    lower, upper = arrays.column_lower.tolist(), arrays.column_upper.tolist()
    x = [pulp.LpVariable(f"x{j}", _bound(lower[j]), _bound(upper[j])) for j in range(arrays.shape[1])]
    costs = arrays.costs.tolist()
    problem += pulp.LpAffineExpression([(x[j], cost) for j, cost in enumerate(costs)], arrays.constant)
    bounds = zip(arrays.row_lower.tolist(), arrays.row_upper.tolist(), strict=True)
    for i, (entries, (low, high)) in enumerate(zip(arrays.by_rows(), bounds, strict=True)):
        for sense, side in _sides(low, high):
            left = pulp.LpAffineExpression([(x[j], value) for j, value in entries])
            problem += pulp.LpConstraint(left, sense, f"r{i}_{sense}", side)
    solver = pulp.HiGHS(msg=False)
    solver.createAndConfigureSolver(problem)
    solver.buildSolverModel(problem)
    return problem.solverModel, arrays.constant


def _sides(low: float, high: float) -> list[tuple[int, float]]:
    if low == high:
        return [(pulp.LpConstraintEQ, high)]
    sides = ((pulp.LpConstraintGE, low), (pulp.LpConstraintLE, high))
    return [(sense, side) for sense, side in sides if np.isfinite(side)]


def _bound(value: float) -> float | None:
    return value if np.isfinite(value) else None


def optimum(handle: tuple[Any, float]) -> float:
    highs, constant = handle
    highs.run()
    return float(highs.getInfo().objective_function_value) + constant
