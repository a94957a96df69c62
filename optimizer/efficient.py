"""Payoff tables, representative efficient sets, and staircases: criteria weighed by epsilon-constraints.

Every point is efficient: no plan is better in one criterion without being worse in another. On a grid of limits on
all criteria but the first (AUGMECON2, Mavrotas and Florios 2013), a small multiple of the others is minimised along
with the first, so that weakly efficient points cannot be optimal; a slack in the last limit tells which grid points
would only repeat what was found. With two criteria and whole projects the next limit stands one step beyond the point
found last.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

import numpy as np

from optimizer.criteria import Criterion, Weighing
from optimizer.instance import Instance
from optimizer.payoff import EfficientSet, Weighed
from optimizer.program import INFINITY, LinearProgram, Stage, Vector
from optimizer.runs import Runs
from optimizer.solution import Progress
from optimizer.solver import Limits

# Weight of the other criteria beside the first, each in units of its range.
AUGMENT = 1e-3


def efficient_set(
    instance: Instance,
    program: LinearProgram,
    criteria: Sequence[Criterion],
    steps: int = 8,
    *,
    hold_goals: bool = True,
    limits: Limits | None = None,
    progress: Progress | None = None,
) -> EfficientSet:
    """Payoff table of two or more criteria, and efficient points on a grid of ``steps`` intervals a criterion.

    ``steps`` 0 gives the payoff table and its points alone. The points of the payoff table always belong to the set.
    Works with whole projects too. Raises QuestionError and UnfinishedError as ``frontier`` does.
    """
    weighed = Weighed(instance, program, criteria, steps, 0, hold_goals, Runs(limits))
    points, payoff = weighed.payoff()
    best, worst = payoff.min(axis=0), payoff.max(axis=0)
    grid = [np.linspace(w, b, steps + 1 if w > _loose(b) else 1) for b, w in zip(best[1:], worst[1:], strict=True)]
    for outer in product(*grid[:-1]) if steps else ():
        if progress:
            progress(", ".join(f"{limit:g}" for limit in outer))
        points += _along(weighed.weighing, _augmented(weighed.weighing.stages, worst - best), outer, grid[-1])
    return weighed.result(points, payoff)


def staircase(
    instance: Instance,
    program: LinearProgram,
    first: Criterion,
    second: Criterion,
    steps: int = 20,
    *,
    hold_goals: bool = True,
    limits: Limits | None = None,
    progress: Progress | None = None,
) -> EfficientSet:
    """Efficient points of two criteria with whole projects, unsupported ones included, best of the second first.

    Every point is optimised lexicographically. Between two neighbours only plans within one ``step`` of the better
    first criterion can be missing; the step is the range of the first criterion divided by ``steps``.
    """
    weighed = Weighed(instance, program, (first, second), steps, 1, hold_goals, Runs(limits))
    ends, payoff = weighed.payoff()
    points, costs = [ends[1]], weighed.weighing.stages[0].costs
    least, step = float(payoff[0, 0]), float(payoff[1, 0] - payoff[0, 0]) / steps
    while step > 0.0:
        limit = float(costs @ points[-1]) - step
        x = weighed.weighing.lexicographic((1, 0), {0: limit}) if limit > least else None
        if x is None:
            break
        if progress:
            progress(f"{weighed.weighing.stages[0].value(x):g}")
        points.append(x)
    return weighed.result([*points, ends[0]], payoff, abs(step))


def _along(weighing: Weighing, stage: Stage, outer: Sequence[float], inner: Vector) -> list[Vector]:
    """Points along the limits of the last criterion, from the loosest on; what a slack repeats is left out."""
    points, last = list[Vector](), len(outer) + 1
    width = float(inner[0] - inner[1]) if len(inner) > 1 else INFINITY
    place = 0
    while place < len(inner):
        limits = [*outer, float(inner[place])]
        x = weighing.best(stage, {k: _loose(limit) for k, limit in enumerate(limits, start=1)})
        if x is None:
            break  # a tighter limit is met even less
        points.append(x)
        slack = float(inner[place]) - float(weighing.stages[last].costs @ x)
        place += 1 + max(int(slack / width), 0)
    return points


def _loose(limit: float) -> float:
    return limit + 1e-9 * max(1.0, abs(limit))


def _augmented(stages: Sequence[Stage], ranges: Vector) -> Stage:
    """The first criterion and a little of the others, so that no weakly efficient point is optimal."""
    first, *others = stages
    units = [ranges[0] / r if r > 0.0 and ranges[0] > 0.0 else 1.0 for r in ranges[1:]]
    more = sum(AUGMENT * unit * stage.costs for unit, stage in zip(units, others, strict=True))
    return Stage(first.name, first.costs + more, 0.0, 1.0)
