"""How a stage that has been optimised is held while later ones are."""

from __future__ import annotations

from optimizer.program import INFINITY, LinearProgram, Stage, Vector

# Relative to the value of the stage.
HOLD_TOLERANCE = 1e-9


def most_held(stage: Stage, x: Vector) -> float:
    """The most that the costs of a stage may come to later: what they are at x, and its slack."""
    reached = float(stage.costs @ x)
    return reached + HOLD_TOLERANCE * max(1.0, abs(reached)) + stage.slack * abs(reached)


def with_hold(program: LinearProgram, stage: Stage, x: Vector) -> LinearProgram:
    """One more row that keeps the stage at the value it has at x, but for its slack."""
    return program.with_row(("hold", stage.name), stage.costs, -INFINITY, most_held(stage, x))
