"""Efficient points of two or more criteria, and the payoff table that they start from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from optimizer.criteria import (
    RESOLUTION,
    Criterion,
    Weighing,
    criterion_names,
    criterion_stages,
    criterion_units,
    goals_held,
)
from optimizer.instance import Instance
from optimizer.program import LinearProgram, Vector
from optimizer.questions import QuestionError, problem, refuse
from optimizer.runs import INFEASIBLE, Runs

# Points whose values differ by less than this share of the ranges are one.
SAME = 1e-6
Matrix = npt.NDArray[np.float64]


@dataclass(frozen=True)
class EfficientPoint:
    """Stated values of the criteria in their order, and the solution."""

    values: tuple[float, ...]
    x: Vector


@dataclass(frozen=True)
class EfficientSet:
    """Efficient points without duplicates, and the payoff table.

    ``payoff[i][j]``: stated value of criterion j where criterion i is optimised first, then the others in their order.
    ``gap``: the worst relative gap of a mixed-integer run, 0 without whole projects. ``step``: of a staircase, how much
    of the first criterion two neighbouring points may hide between them; 0 elsewhere.
    """

    criteria: tuple[Criterion, ...]
    units: tuple[str, ...]
    payoff: tuple[tuple[float, ...], ...]
    points: tuple[EfficientPoint, ...]
    solves: int
    seconds: float
    gap: float = 0.0
    step: float = 0.0

    def payoff_table(self) -> pd.DataFrame:
        """Rows: the criterion that is optimised first; columns: values of all."""
        names = list(criterion_names(self.criteria))
        return pd.DataFrame(self.payoff, columns=names, index=pd.Index(names, name="best"))

    def table(self) -> pd.DataFrame:
        """One row a point, one column a criterion."""
        return pd.DataFrame([point.values for point in self.points], columns=list(criterion_names(self.criteria)))


class Weighed:
    """A question about several criteria: its session, and what makes an answer of points."""

    def __init__(
        self,
        instance: Instance,
        program: LinearProgram,
        criteria: Sequence[Criterion],
        steps: int,
        fewest: int,
        hold_goals: bool,
        runs: Runs,
    ) -> None:
        one = problem(
            "criteria",
            zh="请写至少两个量：只有一个就是目标函数",
            en="name at least two criteria: one alone is an objective",
        )
        few = problem(
            "steps", zh=f"步数{steps}：须不小于{fewest}", en=f"steps {steps}: state a number from {fewest} on"
        )
        refuse(([] if len(criteria) > 1 else [one]) + ([] if steps >= fewest else [few]))
        stages = criterion_stages(instance, program, criteria)
        self.criteria, self.units, self.runs = tuple(criteria), criterion_units(instance, criteria), runs
        self.weighing = Weighing(goals_held(program, runs, hold=hold_goals), stages, runs)

    def payoff(self) -> tuple[list[Vector], Matrix]:
        """The lexicographic optima, and their minimised costs. Refuses constant criteria."""
        numbers = range(len(self.criteria))
        found = [self.weighing.lexicographic([i, *(j for j in numbers if j != i)]) for i in numbers]
        points = [x for x in found if x is not None]
        if len(points) < len(found):
            raise QuestionError([INFEASIBLE])
        costs = np.array([[float(stage.costs @ x) for stage in self.weighing.stages] for x in points])
        if np.any(np.ptp(costs, axis=0) <= RESOLUTION * np.maximum(1.0, np.abs(costs).max(axis=0))):
            self.weighing.refuse_constants(self.criteria)
        return points, costs

    def result(self, points: Sequence[Vector], payoff: Matrix, step: float = 0.0) -> EfficientSet:
        stages = self.weighing.stages
        constants, signs = np.array([s.constant for s in stages]), np.array([s.sign for s in stages])
        costs = np.array([[float(stage.costs @ x) for stage in stages] for x in points])
        kept = _efficient(costs, np.ptp(payoff, axis=0))
        return EfficientSet(
            self.criteria,
            self.units,
            tuple(tuple(float(v) for v in signs * (row + constants)) for row in payoff),
            tuple(EfficientPoint(tuple(stage.value(points[k]) for stage in stages), points[k]) for k in kept),
            self.runs.solves,
            self.runs.seconds,
            self.weighing.gap,
            step,
        )


def _efficient(costs: Matrix, ranges: Vector) -> list[int]:
    """Numbers of the points that no other one dominates or repeats, in their order."""
    small = SAME * np.where(ranges > 0.0, ranges, 1.0)
    kept: list[int] = []
    for number, point in enumerate(costs):
        others = np.delete(costs, number, axis=0)
        dominated = np.any(np.all(others <= point + small, axis=1) & np.any(others < point - small, axis=1))
        repeated = any(np.all(np.abs(costs[k] - point) <= small) for k in kept)
        if not dominated and not repeated:
            kept.append(number)
    return kept
