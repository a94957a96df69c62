"""Other plans that are as good, or nearly: whether the optimum is unique, how far it can move, how different it can be.

A near-optimal plan meets every row and gives up at most the share epsilon of the objective, and of each stage before it
(the goals' shortfall grows by at most that share). Whole projects stay as they were chosen.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from optimizer.frames import lookup
from optimizer.holds import HOLD_TOLERANCE
from optimizer.instance import Instance
from optimizer.program import LinearProgram, Stage, Vector
from optimizer.questions import Problem, QuestionError, UnfinishedError, problem, refuse
from optimizer.run_result import BASIC, Basis
from optimizer.runs import Runs
from optimizer.solution import Progress, Solution
from optimizer.solver import Limits, Session
from optimizer.solver_options import PRIMAL
from optimizer.status import Status

# What the ranges are stated for: the column of the draws that names the spender.
SPENDERS = ("industry", "activity", "project")
RANGE_COLUMNS = ["by", "name", "optimum", "low", "high", "unit"]
# Prices and movements below this, relative to the largest, count as none.
_NEGLIGIBLE = 1e-9


@dataclass(frozen=True)
class Alternatives:
    """Ranges of investment over all plans within ``epsilon``, and some of these plans that differ as much as possible.

    ``ranges``: columns of RANGE_COLUMNS, investment over the plan years. ``plans``: points (columns of the program),
    the optimum first; ``different``: per plan its investment by industry.
    """

    epsilon: float
    unique: bool
    projects_fixed: bool
    ranges: pd.DataFrame
    plans: tuple[Vector, ...]
    different: pd.DataFrame


def alternatives(
    instance: Instance,
    solution: Solution,
    epsilon: float = 0.01,
    *,
    by: Sequence[str] = SPENDERS,
    plans: int = 4,
    limits: Limits | None = None,
    progress: Progress | None = None,
) -> Alternatives:
    """How far the investment of each spender can move while the objective stays within ``epsilon`` of its optimum.

    Two programs a spender, all on one warm session that starts at the optimum. ``plans`` near-optimal plans are picked
    greedily, each as far as can be from those before it, among the ends of the ranges. ``limits`` are for everything
    together. Raises QuestionError for what cannot be asked, UnfinishedError where a limit cuts the work short.
    """
    _check(instance, solution, epsilon, by, plans)
    optimum = solution.x if solution.x is not None else np.zeros(0)
    near = near_optimal(solution, epsilon)
    session, runs, rows, ends = _at_the_optimum(near, solution), Runs(limits), [], [optimum]
    unit = lookup(instance.plan.table("flows"), "flow", "unit")[instance.plan.settings.investment_account]
    for spender in by:
        if progress:
            progress(spender)
        for name, (costs, constant) in spending(instance, near, spender).items():
            reached = []
            for sign in (1.0, -1.0):
                point = _best(session, Stage(name, sign * costs, 0.0, sign), runs)
                reached.append(float(costs @ point) + constant)
                ends += [point] if spender == "industry" else []
            rows.append((spender, name, float(costs @ optimum) + constant, *reached, unit))
    ranges = pd.DataFrame(rows, columns=RANGE_COLUMNS)
    chosen, different = _most_different(instance, near, ends, plans)
    return Alternatives(epsilon, is_unique(solution), solution.priced_with_projects_fixed, ranges, chosen, different)


def _check(instance: Instance, solution: Solution, epsilon: float, by: Sequence[str], plans: int) -> None:
    refuse([*_misstated(epsilon, by, plans), *_without(instance, solution)])


def _misstated(epsilon: float, by: Sequence[str], plans: int) -> Iterator[Problem]:
    known = ", ".join(SPENDERS)
    for name in by:
        if name not in SPENDERS:
            yield problem("by", zh=f"“{name}”须为以下之一：{known}", en=f"{name!r} is not one of {known}")
    if not 0.0 <= epsilon < 1.0:
        yield problem(
            "epsilon",
            zh=f"{epsilon}不是目标函数的份额；须不小于0且小于1，如0.01",
            en=f"{epsilon} is not a share of the objective; give 0 or more and less than 1, such as 0.01",
        )
    if plans < 1:
        yield problem("plans", zh=f"{plans}小于1", en=f"{plans} is less than 1")


def _without(instance: Instance, solution: Solution) -> Iterator[Problem]:
    status = solution.status
    if status is not Status.OPTIMAL:
        zh, en = (
            f"没有可供比较的最优方案：{status.sentence_zh}",
            f"the plan has no optimum to depart from: {status.sentence_en}",
        )
        yield problem(zh=zh, en=en)
    if not instance.plan.settings.investment_account:
        yield problem(
            zh="规划没有指明投资科目；请在设置中写明 investment_account",
            en="the plan names no investment account; set investment_account in its settings",
        )


def near_optimal(solution: Solution, epsilon: float) -> LinearProgram:
    """The last stage's program with the objective, and every stage before it, within ``epsilon`` of its optimum."""
    program, x = solution.program, solution.x
    if x is None:
        raise QuestionError([problem(zh="没有可供比较的方案", en="there is no point to depart from")])
    holds = [label for label in program.rows if label[0] == "hold"]
    within = {label: (-np.inf, _within(stage, x, epsilon)) for label, stage in zip(holds, program.stages, strict=False)}
    last = program.stages[-1]
    near = program.with_row_bounds(within)
    return near.with_row(("hold", last.name), last.costs, -np.inf, _within(last, x, epsilon))


def _within(stage: Stage, x: Vector, epsilon: float) -> float:
    """The most that the stage's costs may be, constant left out."""
    reached = float(stage.costs @ x)
    return reached + abs(reached + stage.constant) * epsilon + HOLD_TOLERANCE * max(1.0, abs(reached))


def spending(instance: Instance, program: LinearProgram, spender: str) -> Mapping[str, tuple[Vector, float]]:
    """Investment over the plan years by industry, activity or project, as costs over the columns and a constant."""
    account, years = instance.plan.settings.investment_account, instance.horizon.years
    draws = instance.flow_draws
    draws = draws[(draws["flow"] == account) & draws["year"].isin(years)]
    industry = lookup(instance.plan.table("activities"), "activity", "industry")
    names = draws["activity"].map(industry) if spender == "industry" else draws[spender]
    forms: dict[str, tuple[Vector, float]] = {}
    fields = draws[["kind", "region", "activity", "project", "t", "amount"]].itertuples(index=False, name=None)
    for name, (kind, region, activity, project, t, amount) in zip(names, fields, strict=True):
        if not name:
            continue
        costs, _ = forms.setdefault(name, (np.zeros(len(program.columns)), 0.0))
        label = ("start", project, t) if kind == "start" else (kind, region, activity, t)
        costs[program.column_number[label]] += amount
    return {name: (costs, _given(instance, spender, name)) for name, (costs, _) in forms.items()}


def _given(instance: Instance, spender: str, name: str) -> float:
    """Background investment of the industry over the plan years."""
    if spender != "industry":
        return 0.0
    rows = instance.background
    rows = rows[(rows["flow"] == instance.plan.settings.investment_account) & (rows["industry"] == name)]
    return float(rows.loc[rows["year"].isin(instance.horizon.years), "amount"].sum())


def _at_the_optimum(near: LinearProgram, solution: Solution) -> Session:
    """Only costs change from there on: every basis stays feasible."""
    session = Session(near)
    if solution.basis is not None:
        session.set_basis(Basis(solution.basis.columns, np.append(solution.basis.rows, np.int8(BASIC))))
        session.set_options(PRIMAL)
    return session


def _best(session: Session, stage: Stage, runs: Runs) -> Vector:
    session.set_stage(stage)
    result = runs.run(session)
    if result.status is not Status.OPTIMAL or result.x is None:
        raise UnfinishedError(result.status, f"range of {stage.name}")
    return result.x


def _most_different(
    instance: Instance, program: LinearProgram, ends: Iterable[Vector], plans: int
) -> tuple[tuple[Vector, ...], pd.DataFrame]:
    """Greedy: the optimum, then always the plan farthest from those chosen, by money moved between industries."""
    forms = spending(instance, program, "industry")
    points = list(ends)
    profile = np.array([[float(costs @ x) + constant for costs, constant in forms.values()] for x in points])
    chosen, distance = [0], np.full(len(points), np.inf)
    while len(chosen) < min(plans, len(points)):
        distance = np.minimum(distance, np.abs(profile - profile[chosen[-1]]).sum(axis=1))
        farthest = int(np.argmax(distance))
        if distance[farthest] <= _NEGLIGIBLE * (1.0 + np.abs(profile).max()):
            break
        chosen.append(farthest)
    table = pd.DataFrame(profile[chosen], columns=list(forms)).rename_axis("plan").reset_index()
    return tuple(points[k] for k in chosen), table.melt("plan", var_name="industry", value_name="investment")


def is_unique(solution: Solution) -> bool:
    """Whether no other point is optimal: no nonbasic variable or row without price can leave its bound.

    One program over the optimal face (Mangasarian 1979): what has a price stays where it is, and the sum of all
    departures of what has none is maximised; the optimum is unique exactly where that sum is zero.
    """
    if solution.x is None or solution.y is None or solution.d is None or solution.basis is None:
        return False
    program, x = solution.program, solution.x
    activity, scale = program.matrix @ x, 1.0 + float(np.abs(solution.y).max(initial=0.0))
    column_priced = np.abs(solution.d) > _NEGLIGIBLE * scale
    row_priced = np.abs(solution.y) > _NEGLIGIBLE * scale
    face = replace(
        program,
        column_lower=np.where(column_priced, x, program.column_lower),
        column_upper=np.where(column_priced, x, program.column_upper),
        row_lower=np.where(row_priced, activity, program.row_lower),
        row_upper=np.where(row_priced, activity, program.row_upper),
    )
    columns = (solution.basis.columns != BASIC) & ~column_priced & (program.column_lower < program.column_upper)
    rows = (solution.basis.rows != BASIC) & ~row_priced & (program.row_lower < program.row_upper)
    away = np.where(columns, _inwards(x, program.column_lower, program.column_upper), 0.0)
    away = away + program.matrix.T @ np.where(rows, _inwards(activity, program.row_lower, program.row_upper), 0.0)
    session = Session(face)
    session.set_stage(Stage("departure", -away, 0.0, -1.0))
    result = session.run()
    moved = float("inf") if result.x is None else float(away @ (result.x - x))
    return moved <= 1e-6 * (1.0 + float(np.abs(away) @ np.abs(x)))


def _inwards(value: Vector, lower: Vector, upper: Vector) -> Vector:
    """The direction away from the bound that a value stands on."""
    return np.where(np.abs(value - lower) <= np.abs(value - upper), 1.0, -1.0)
