"""The exact two-way frontier: what one quantity costs in terms of another, vertex by vertex."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from optimizer.criteria import (
    Criterion,
    Weighing,
    criterion_names,
    criterion_stages,
    criterion_units,
    goals_held,
    one_value,
)
from optimizer.curve import ValueCurve
from optimizer.instance import Instance
from optimizer.parametric import Parametric
from optimizer.program import INFINITY, LinearProgram, Stage, Vector
from optimizer.questions import QuestionError, no_points, problem, refuse, spanned
from optimizer.run_result import Basis
from optimizer.runs import INFEASIBLE, Runs
from optimizer.solution import Progress, Solution
from optimizer.solver import Limits
from optimizer.staged import Search
from optimizer.value_curves import trace_curve

STAIRCASE = problem(
    "changes",
    "whole_projects",
    zh="项目须整建时，两量之间的边界是阶梯；请改问阶梯(staircase)",
    en="with whole projects the frontier is a staircase: ask for that",
)


@dataclass(frozen=True)
class Vertex:
    """An efficient point: the stated values of the two criteria, and the solution."""

    first: float
    second: float
    x: Vector


@dataclass(frozen=True)
class Frontier:
    """The efficient set of two criteria: the polyline through ``vertices``, from the best of the first to that of the
    second. Every point of it is efficient; both ends are lexicographic optima, so that none is only weakly efficient.

    ``rates``: change of the second criterion for one more of the first along each edge. A single vertex means that both
    are at their best together. ``curve``: the least of the second criterion as a value curve of the limit on the
    first, with multipliers and certificate. ``solves`` counts all runs.
    """

    criteria: tuple[Criterion, Criterion]
    units: tuple[str, str]
    vertices: tuple[Vertex, ...]
    curve: ValueCurve
    stages: tuple[Stage, Stage]
    solves: int
    seconds: float

    @property
    def rates(self) -> tuple[float, ...]:
        return tuple(self.stages[0].sign * piece.slope for piece in self.curve.pieces)

    def at(self, first: float) -> Vertex:
        """The efficient point with this value of the first criterion, without solving. Raises QuestionError outside."""
        point = self.curve.at(self._limit(first))
        return Vertex(self.stages[0].value(point.x), self.stages[1].value(point.x), point.x)

    def solution_at(self, first: float) -> Solution:
        """The certified Solution of that point, without solving."""
        return self.curve.solution_at(self._limit(first))

    def table(self) -> pd.DataFrame:
        """One row a vertex: the two values, and the rate of exchange on the edge to the next (blank at the last)."""
        one, two = criterion_names(self.criteria)
        frame = pd.DataFrame({one: [v.first for v in self.vertices], two: [v.second for v in self.vertices]})
        return frame.assign(rate=[*self.rates, np.nan], rate_unit=f"{self.units[1]}/{self.units[0]}")

    def _limit(self, first: float) -> float:
        ends = self.vertices[0].first, self.vertices[-1].first
        small = 1e-8 * max(1.0, *map(abs, ends))
        if not min(ends) - small <= first <= max(ends) + small:
            name, low, high = self.stages[0].name, min(ends), max(ends)
            zh = f"没有{name}为{first:g}的有效方案；可问{low:g}到{high:g}"
            en = f"no efficient plan has {name} {first:g}: ask from {low:g} to {high:g}"
            raise QuestionError([problem("first", zh=zh, en=en)])
        limit = self.stages[0].sign * first - self.stages[0].constant
        return float(np.clip(limit, *self.curve.interval))


def frontier(
    instance: Instance,
    program: LinearProgram,
    first: Criterion,
    second: Criterion,
    interval: tuple[float, float] | None = None,
    *,
    hold_goals: bool = True,
    limits: Limits | None = None,
    progress: Progress | None = None,
) -> Frontier:
    """The exact frontier between two criteria of a program without whole projects.

    ``interval``: only the part with the first criterion's stated value between two numbers. The goals of the scenario
    are held at their best first unless ``hold_goals`` is False. Raises QuestionError (unknown or constant quantities,
    the same twice, a quantity without limit, an interval without efficient plans, an infeasible program),
    UnfinishedError where the limits cut the work short.
    """
    refuse([STAIRCASE] if program.integer.any() else [])
    stages = criterion_stages(instance, program, (first, second))
    if interval is not None and not interval[0] <= interval[1]:
        raise QuestionError([no_points(interval)])
    runs = Runs(limits)
    program = goals_held(program, runs, hold=hold_goals)
    weighing = Weighing(program, stages, runs)
    low, high, start = _ends(weighing, (first, second))
    low, high = _within(interval, stages[0], low, high)
    program = program.with_row(("criterion", first.quantity), stages[0].costs, -INFINITY, 0.0).with_stages(stages[1:])
    direction = np.zeros(len(program.rows))
    direction[-1] = 1.0
    one, two = criterion_units(instance, (first, second))
    search = Search(runs, progress, start=start)
    curve = trace_curve(Parametric(program, direction), (low, high), (low, INFINITY), (False, True), (one, two), search)
    vertices = tuple(Vertex(stages[0].value(p.x), stages[1].value(p.x), p.x) for p in curve.points)
    pair = stages[0], stages[1]
    return Frontier((first, second), (one, two), vertices, curve, pair, runs.solves, runs.seconds)


def _ends(weighing: Weighing, criteria: Sequence[Criterion]) -> tuple[float, float, Basis | None]:
    """The least cost of the first criterion, and the least at which the second is at its best; one where both meet.

    And the basis at the first of them, without the row of the second criterion, which holds nothing there.
    """
    one, at = weighing.lexicographic((0, 1)), weighing.basis
    other = weighing.lexicographic((1, 0))
    if one is None or other is None:
        raise QuestionError([INFEASIBLE])
    if any(one_value(stage.value(one), stage.value(other)) for stage in weighing.stages):
        weighing.refuse_constants(criteria)
        other = one
    costs = weighing.stages[0].costs
    start = None if at is None else Basis(at.columns, at.rows[:-1])
    return float(costs @ one), max(float(costs @ one), float(costs @ other)), start


def _within(interval: tuple[float, float] | None, stage: Stage, low: float, high: float) -> tuple[float, float]:
    """The part of the frontier whose stated values lie in the interval."""
    if interval is None:
        return low, high
    asked = sorted(stage.sign * end - stage.constant for end in interval)
    if asked[0] > high or asked[1] < low:
        stated = _stated(stage, (low, high))
        nothing, ask = spanned(interval), spanned((stated[0], stated[1]))
        zh, en = f"{nothing.zh}没有有效方案；可问{ask.zh}", f"no efficient plan lies {nothing.en}: ask {ask.en}"
        raise QuestionError([problem("interval", zh=zh, en=en)])
    return max(low, asked[0]), min(high, asked[1])


def _stated(stage: Stage, costs: Sequence[float]) -> list[float]:
    return sorted(stage.sign * (cost + stage.constant) for cost in costs)
