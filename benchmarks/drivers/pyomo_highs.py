"""Idiomatic Pyomo and the solver that ``SolverFactory('highs')`` stands for."""

from __future__ import annotations

from typing import Any

import pyomo.environ as pyo
from pyomo.contrib.solver.solvers.highs import Highs

from benchmarks.arrays import Arrays
from benchmarks.drivers.pyomo_model import model


def hand_over(arrays: Arrays) -> Any:
    m, solver = model(arrays), Highs()
    solver.set_instance(m)
    return m


def optimum(m: Any) -> float:
    pyo.SolverFactory("highs").solve(m)
    return float(pyo.value(m.cost))
