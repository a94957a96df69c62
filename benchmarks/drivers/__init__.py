"""Front ends that hand the same arrays to a solver: each module has ``hand_over(arrays)`` and ``optimum(handle)``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from benchmarks.arrays import Arrays


@dataclass(frozen=True)
class Driver:
    """``library``: what must be installed; ``most_regions``: beyond it a run takes minutes."""

    name: str
    module: str
    library: str
    most_regions: int = 100

    @property
    def is_installed(self) -> bool:
        return find_spec(self.library) is not None

    def hand_over(self, arrays: Arrays) -> Any:
        """From the arrays to a model in the solver's own memory; nothing is solved."""
        return self._function("hand_over")(arrays)

    def optimum(self, handle: Any) -> float:
        return float(self._function("optimum")(handle))

    def _function(self, name: str) -> Callable[[Any], Any]:
        found: Callable[[Any], Any] = getattr(import_module(f"benchmarks.drivers.{self.module}"), name)
        return found


RAW = Driver("raw arrays", "raw", "highspy", 1000)
OTHERS = (
    Driver("Pyomo, SolverFactory('highs')", "pyomo_highs", "pyomo"),
    Driver("Pyomo, appsi_highs", "pyomo_appsi", "pyomo"),
    Driver("linopy", "linopy_highs", "linopy"),
    Driver("PuLP", "pulp_highs", "pulp"),
    Driver("cvxpy", "cvxpy_highs", "cvxpy"),
)
# Its own process, since it cannot be loaded beside highspy.
ORTOOLS = Driver("OR-tools MathOpt", "ortools_glop", "ortools")
