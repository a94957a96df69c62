"""The floor of every question: HiGHS objects kept warm, moved by ``changeRowBounds`` and run."""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.arrays import Arrays
from benchmarks.drivers import raw
from optimizer.holds import HOLD_TOLERANCE
from optimizer.parametric import Parametric
from optimizer.program import LinearProgram, Stage


class RawStages:
    """One warm HiGHS object a stage; each stage holds what the stages before it reach."""

    def __init__(self, parametric: Parametric) -> None:
        steps = parametric.direction
        sides = (side.tolist() for side in (parametric.moved, *parametric.bounds(0.0), steps[parametric.moved]))
        self._moves = list(zip(*sides, strict=True))
        self._rows = len(parametric.program.rows)
        self._stages = parametric.program.stages
        program = parametric.program
        self._models = []
        for number, stage in enumerate(self._stages):
            self._models.append(_handed_over(program.with_stages([stage]), stage))
            if number + 1 < len(self._stages):
                program = program.with_row(("hold", stage.name), stage.costs, -np.inf, np.inf)

    def at(self, theta: float) -> float:
        """Minimised value of the last stage; its point and multipliers are read, as any user would."""
        holds: list[float] = []
        for stage, highs in zip(self._stages, self._models, strict=True):
            for row, low, high, step in self._moves:
                highs.changeRowBounds(row, low + theta * step, high + theta * step)
            for number, most in enumerate(holds):
                highs.changeRowBounds(self._rows + number, -np.inf, most)
            highs.run()
            reached = float(highs.getInfo().objective_function_value) - stage.constant
            holds.append(reached + HOLD_TOLERANCE * max(1.0, abs(reached)))
            solution = highs.getSolution()
            _ = np.array(solution.col_value), np.array(solution.row_dual)
        return reached + stage.constant


def _handed_over(program: LinearProgram, stage: Stage) -> Any:
    """All rows, empty ones too: rows are moved by number."""
    entries = program.matrix.tocoo()
    return raw.hand_over(
        Arrays(
            entries.coords[0],
            entries.coords[1],
            entries.data,
            program.row_lower,
            program.row_upper,
            program.column_lower,
            program.column_upper,
            stage.costs,
            stage.constant,
        )
    )
