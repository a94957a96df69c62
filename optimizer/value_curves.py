"""The exact value curve: the optimum of a program as a function of its right-hand sides along a direction."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from optimizer.curve import ValueCurve, certified
from optimizer.directions import Direction
from optimizer.holds import HOLD_TOLERANCE
from optimizer.parametric import Parametric, feasible_interval, last_breakpoint
from optimizer.pieces import Point, pieces_of
from optimizer.program import INFINITY, Label, LinearProgram
from optimizer.questions import (
    Problem,
    QuestionError,
    UnfinishedError,
    no_points,
    problem,
    refuse,
    spanned,
    unknown_name,
)
from optimizer.runs import Runs
from optimizer.solution import Progress, solve_program
from optimizer.solver import Limits
from optimizer.staged import Search, Span, trace_stages
from optimizer.status import Status
from optimizer.words.language import Text

# Where rounding leaves no point at the very end of the feasible interval, the end is pulled inside by the first of
# these that helps, relative to its size. An interval narrower than the first of them is one point.
PULLS = (0.0, 1e-9, 1e-8, 1e-7)
POINT = 1e-9
ROW = Text("行", "row")
NOTHING = problem(
    "direction",
    zh="没有任何变动：方向中至少要有一个有界的行和一个非零的数",
    en="nothing moves: the direction needs at least one row with a bound and a number other than 0",
)
JUMPS = problem(
    "changes",
    "whole_projects",
    zh="项目须整建时，最优值不是分段线性曲线；请按项目份额(whole_projects = false)提问，或问两个量之间的阶梯",
    en="with whole projects the value is no piecewise-linear curve: ask the program with shares of projects "
    "(whole_projects = false), or a staircase between two quantities",
)
# How much of an endless last piece is shown, as a share of what lies before it.
SHOWN = 0.1


def value_curve(
    program: LinearProgram,
    direction: Mapping[Label, float],
    interval: tuple[float, float] | None = None,
    limits: Limits | None = None,
    progress: Progress | None = None,
    *,
    gap: float = 0.0,
) -> ValueCurve:
    """The optimum of every stage of ``program`` when finite bounds of row i become b_i + theta * direction_i.

    ``direction`` maps row labels to numbers (``optimizer.directions`` makes them from a planner's question; then the
    curve carries units). The curve covers the feasible part of ``interval``; without one, all of the feasible interval,
    an infinite end being replaced by a point beyond which the last slope goes on for good (``continues``). With a
    ``gap`` the last stage is known within that share of its value only, by a fraction of the solves.

    Raises QuestionError (unknown rows, nothing moves, a gap that is none, whole projects, an interval without any
    feasible point, an objective without limit), UnfinishedError where the limits cut the work short.
    """
    _refuse(program, direction, interval, gap)
    parametric = parametric_along(program, direction)
    runs = Runs(limits)
    feasible, start = feasible_interval(parametric, runs)
    low, high = _overlap(interval, feasible)
    # A chord has no slope that would go on.
    continues = low == -INFINITY and not gap, high == INFINITY and not gap
    low, high = _finite(parametric, low, high, runs)
    units = (direction.unit, direction.value_unit) if isinstance(direction, Direction) else ("", "")
    return trace_curve(parametric, (low, high), feasible, continues, units, Search(runs, progress, gap, start))


def parametric_along(program: LinearProgram, direction: Mapping[Label, float]) -> Parametric:
    """The program with theta of the direction added to its rows."""
    return Parametric(program, np.array([float(direction.get(label, 0.0)) for label in program.rows]))


def trace_curve(
    parametric: Parametric,
    interval: tuple[float, float],
    feasible: tuple[float, float],
    continues: tuple[bool, bool] = (False, False),
    units: tuple[str, str] = ("", ""),
    search: Search | None = None,
) -> ValueCurve:
    """The curve on an interval known to be feasible."""
    search = search or Search(Runs())
    runs, before = search.runs, search.runs.solves
    low, high = interval
    if high - low <= POINT * max(1.0, abs(low), abs(high)):
        return _one_point(parametric, interval, feasible, units, runs)
    points, pieces = pieces_of(parametric, _spans(parametric, interval, feasible, search))
    solves = runs.solves - before
    return certified(
        ValueCurve(parametric, points, pieces, feasible, continues, None, solves, runs.seconds, *units, gap=search.gap)
    )


def _refuse(
    program: LinearProgram, direction: Mapping[Label, float], interval: tuple[float, float] | None, gap: float
) -> None:
    known = program.row_number
    problems = [_unknown_row(k, known) for k in direction if k not in known]
    problems += [
        problem("direction", zh=f"行{k}：{v}不是可变动的数量", en=f"row {k}: {v} is no number to move by")
        for k, v in direction.items()
        if not math.isfinite(v)
    ]
    if not any(
        v and k in known and (np.isfinite(program.row_lower[known[k]]) or np.isfinite(program.row_upper[known[k]]))
        for k, v in direction.items()
    ):
        problems.append(NOTHING)
    if program.integer.any():
        problems.append(JUMPS)
    if interval is not None and not interval[0] <= interval[1]:
        problems.append(no_points(interval))
    if not 0.0 <= gap < 1.0:
        problems.append(
            problem("gap", zh=f"须不小于0、小于1，而不是{gap:g}", en=f"must be 0 at least and below 1, not {gap:g}")
        )
    refuse(problems)


def _unknown_row(label: Label, known: Mapping[Label, int]) -> Problem:
    name, names = " ".join(map(str, label)), [" ".join(map(str, one)) for one in known]
    return unknown_name("direction", what=ROW, name=name, known=names)


def _overlap(interval: tuple[float, float] | None, feasible: tuple[float, float]) -> tuple[float, float]:
    """What of the interval is feasible; an interval that only touches an end, but for rounding, is that end."""
    low, high = interval or feasible
    ends = [POINT * max(1.0, abs(end)) if math.isfinite(end) else 0.0 for end in feasible]
    if low > feasible[1] + ends[1] or high < feasible[0] - ends[0]:
        nothing, ask = spanned((low, high)), spanned(feasible)
        zh, en = f"{nothing.zh}没有可行方案；可问{ask.zh}", f"no plan exists {nothing.en}: ask {ask.en}"
        raise QuestionError([problem("interval", zh=zh, en=en)])
    return min(max(low, feasible[0]), feasible[1]), max(min(high, feasible[1]), feasible[0])


def _finite(parametric: Parametric, low: float, high: float, runs: Runs) -> tuple[float, float]:
    """Finite ends; in the place of an infinite one, a point beyond the last breakpoint."""
    stages = parametric.program.stages
    first, last = low, high
    if high == INFINITY:
        last = last_breakpoint(parametric, stages, 1.0, low if low > -INFINITY else 0.0, runs, HOLD_TOLERANCE)
    if low == -INFINITY:
        first = last_breakpoint(parametric, stages, -1.0, last, runs, HOLD_TOLERANCE)
    shown = SHOWN * (last - first) or max(1.0, abs(first))
    return (first - shown if low == -INFINITY else low), (last + shown if high == INFINITY else high)


def _spans(
    parametric: Parametric,
    interval: tuple[float, float],
    feasible: tuple[float, float],
    search: Search,
) -> list[Span]:
    for pull in PULLS:
        low, high = (
            end + side * pull * max(1.0, abs(end)) if end == limit else end
            for end, limit, side in zip(interval, feasible, (1.0, -1.0), strict=True)
        )
        try:
            return trace_stages(parametric, low, high, search)
        except UnfinishedError as cut:
            if cut.status not in (Status.INFEASIBLE, Status.FAILED) or pull == PULLS[-1]:
                raise
    raise AssertionError("the last pull returns or raises")


def _one_point(
    parametric: Parametric,
    interval: tuple[float, float],
    feasible: tuple[float, float],
    units: tuple[str, str],
    runs: Runs,
) -> ValueCurve:
    for theta in (0.5 * (interval[0] + interval[1]), *interval):
        runs.solves += 1
        solution = solve_program(parametric.at(theta), runs.left())
        if solution.x is not None and solution.status is Status.OPTIMAL:
            point = Point(theta, solution.values, solution.x)
            known = solution.certificate, runs.solves, runs.seconds
            return ValueCurve(parametric, (point,), (), feasible, (False, False), *known, *units, single=solution)
    raise UnfinishedError(solution.status, f"the one feasible point {theta:g}")
