"""OR-tools MathOpt in a process of its own: ``python -m benchmarks.drivers.ortools_glop FILE [solve]``.

It cannot be loaded beside highspy. The process reports its own times; starting and reading the arrays do not count.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

from ortools.math_opt.python import mathopt

from benchmarks.arrays import Arrays, read_arrays


def hand_over(arrays: Arrays) -> Any:
    """Ends with the message that is sent to a solver."""
    model = mathopt.Model()
    columns = zip(arrays.column_lower.tolist(), arrays.column_upper.tolist(), strict=True)
    x = [model.add_variable(lb=low, ub=high) for low, high in columns]
    rows = zip(arrays.by_rows(), arrays.row_lower.tolist(), arrays.row_upper.tolist(), strict=True)
    for entries, low, high in rows:
        model.add_linear_constraint(lb=low, ub=high, expr=mathopt.fast_sum(value * x[j] for j, value in entries))
    model.minimize(mathopt.fast_sum(cost * x[j] for j, cost in enumerate(arrays.costs.tolist()) if cost))
    model.export_model()
    return model, arrays.constant


def optimum(handle: tuple[Any, float]) -> float:
    model, constant = handle
    return float(mathopt.solve(model, mathopt.SolverType.GLOP).objective_value()) + constant


def main(path: str, wanted: str = "") -> None:
    arrays = read_arrays(Path(path))
    cpu, wall = time.process_time(), time.perf_counter()
    handle = hand_over(arrays)
    told = {"cpu": time.process_time() - cpu, "wall": time.perf_counter() - wall}
    print(json.dumps(told | ({"answer": optimum(handle)} if wanted else {})))


if __name__ == "__main__":
    main(*sys.argv[1:])
