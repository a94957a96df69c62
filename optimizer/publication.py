"""The published plan against the optimum: what it violates, what comes nearest to it, and what its decisions cost."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from model_data import Plan
from optimizer.answer import Answer, solve
from optimizer.diagnosis.changes import YEAR, changes_of, merged
from optimizer.diagnosis.elastic import Elastic
from optimizer.diagnosis.open_plan import Group, OpenPlan, open_plan
from optimizer.diagnosis.repairs import blocking, helpless
from optimizer.diagnosis.tables import change_rows
from optimizer.instance import Instance, resolve
from optimizer.program import INFINITY, Label, Vector
from optimizer.questions import Problem, QuestionError, UnfinishedError, problem, refuse
from optimizer.runs import INFEASIBLE, Runs, WarmProgram
from optimizer.scenario import Scenario, changed
from optimizer.solution import Progress
from optimizer.solver import Limits
from optimizer.status import Status

DECISION_COLUMNS = ["kind", "name", "unit", "published", "nearest", "optimum", "cost", "gain"]
_NOTHING = float("nan")
# A project that starts to this share in one year starts wholly in it.
_WHOLE = 1.0 - 1e-6


@dataclass(frozen=True)
class Published:
    """The decisions of a published plan (``instance``): targets that it requires, projects that it commits to a year.

    ``violations``: kind, name, year, before, after, unit, size: targets and budgets of single years that give way, with
    the least sum of relative changes, where every project is built as published. Empty, too, where nothing helps: then
    ``blocked`` names the projects that cannot be built together whatever gives way.

    ``nearest``: the answer of the plan that keeps to all budgets and gives up as little as it can of the decisions:
    ``given_up`` (columns as above) counts a target by its relative change and a project as 1. ``optimum``: the answer
    without the decisions that only the published plan makes.

    ``decisions`` (DECISION_COLUMNS) are these. ``nearest`` and ``optimum`` say what the two answers reach: the number
    of a target in ``unit``, the year in which a project is whole (NaN: in none). ``cost`` is what the optimum loses if
    this decision alone is imposed on it, infinite where no plan has it; ``gain`` what the nearest plan gains if this
    decision alone is released (NaN where it was given up). They do not add up: decisions share the same money.
    """

    instance: Instance
    violations: pd.DataFrame
    blocked: tuple[Label, ...]
    given_up: pd.DataFrame
    nearest: Answer
    optimum: Answer
    decisions: pd.DataFrame


def published(
    plan: Plan,
    scenario: Scenario,
    against: Scenario,
    *,
    limits: Limits | None = None,
    progress: Progress | None = None,
) -> Published:
    """What the published plan, stated as ``scenario``, violates, and what its decisions cost.

    Targets required and projects committed in ``against``, too, are no decisions of the published plan: the optimum
    keeps to them, in the numbers of ``scenario``. Goals are let go. Both are optimised for the objective of
    ``scenario``; costs and gains are in its unit. ``limits`` are for everything together. Raises QuestionError where
    there is no optimum or the objective has several stages, UnfinishedError where time runs out.
    """
    refuse(_problems(scenario, against))
    runs, told = Runs(limits), progress or (lambda _: None)
    stated, scenario = scenario, _without_goals(plan, scenario)
    opened, common = open_plan(plan, scenario), open_plan(plan, against)
    anyway = {group.label for group in common.groups()}
    told("violations")
    violations, blocked = _violations(opened, runs)
    told("nearest plan")
    groups = opened.groups()
    given_up, settings = _given_up(opened, groups, runs)
    decided = [group for group in groups if group.kind != "budget" and group.label not in anyway]
    nearest_scenario = changed(scenario, settings) if settings else scenario
    nearest = _optimal(solve(plan, nearest_scenario, runs.left()))
    told("optimum")
    optimum = _optimal(solve(plan, changed(scenario, _released(decided)), runs.left()))
    costs = _costs(opened, decided, runs, told)
    gains = _gains(open_plan(plan, nearest_scenario), decided, runs, told)
    reached = [_reached(opened, decided, answer) for answer in (nearest, optimum)]
    heads = [_stated(opened, group) for group in decided]
    rows = zip(heads, *reached, costs, gains, strict=True)
    decisions = pd.DataFrame([(*head, *numbers) for head, *numbers in rows], columns=DECISION_COLUMNS)
    return Published(resolve(plan, stated), violations, blocked, given_up, nearest, optimum, decisions)


def _problems(scenario: Scenario, against: Scenario) -> list[Problem]:
    problems = [
        problem(
            *where,
            "changes",
            "foresight",
            zh=f"预见方式为 {one.foresight}；整个规划须按完全预见(perfect)提问",
            en=f"foresight is {one.foresight}; a plan as a whole has perfect foresight",
        )
        for where, one in (((), scenario), (("against",), against))
        if one.foresight != "perfect"
    ]
    if len(scenario.objective) > 1:
        zh = f"目标函数有{len(scenario.objective)}级；要说明每项决定的代价，只能有一级"
        en = f"{len(scenario.objective)} stages; what a decision costs needs a single one"
        problems.append(problem("changes", "objective", zh=zh, en=en))
    return problems


def _without_goals(plan: Plan, scenario: Scenario) -> Scenario:
    standings = dict(zip(plan.table("indicators")["indicator"], plan.table("indicators")["standing"], strict=True))
    standings |= {name: setting.standing for name, setting in scenario.indicators.items() if setting.standing}
    goals = {name: {"standing": "monitored"} for name, standing in standings.items() if standing == "goal"}
    return changed(scenario, {"indicators": goals}) if goals else scenario


def _violations(opened: OpenPlan, runs: Runs) -> tuple[pd.DataFrame, tuple[Label, ...]]:
    """What gives way to the projects, or the projects to which nothing can."""
    groups = opened.groups(budgets_by_year=True)
    if helpless(opened, groups, runs):
        raise QuestionError([INFEASIBLE])
    projects = [group for group in groups if group.kind == "project"]
    blocked = blocking(opened, groups, projects, runs)
    if blocked:
        return change_rows("way", []).drop(columns="way"), tuple(sorted(group.label for group in blocked))
    table, _ = _least(opened, groups, projects, runs)
    return table, ()


def _given_up(opened: OpenPlan, groups: Sequence[Group], runs: Runs) -> tuple[pd.DataFrame, dict[str, object]]:
    """What the nearest plan within all budgets gives up, and the settings that say so."""
    budgets = [group for group in groups if group.kind == "budget"]
    if blocking(opened, groups, budgets, runs):
        raise QuestionError([INFEASIBLE])
    return _least(opened, groups, budgets, runs)


def _least(
    opened: OpenPlan, groups: Sequence[Group], fixed: Collection[Group], runs: Runs
) -> tuple[pd.DataFrame, dict[str, object]]:
    elastic = Elastic(opened.program, groups, opened.statements, {}, runs)
    elastic.allow([group for group in groups if group not in fixed])
    changes = changes_of(opened, groups, elastic.least_change())
    return change_rows("way", [changes]).drop(columns="way"), merged(changes)


def _released(decided: Sequence[Group]) -> dict[str, object]:
    targets = {group.name: {"standing": "monitored"} for group in decided if group.kind == "indicator"}
    projects = {group.name: {"released": True} for group in decided if group.kind == "project"}
    return {"indicators": targets, "projects": projects}


def _optimal(answer: Answer) -> Answer:
    if answer.status is not Status.OPTIMAL:
        if answer.status is Status.INFEASIBLE:
            raise QuestionError([INFEASIBLE])
        raise UnfinishedError(answer.status, "an optimum")
    return answer


def _costs(opened: OpenPlan, decided: Sequence[Group], runs: Runs, told: Progress) -> Iterator[float]:
    """What each decision alone takes from the optimum."""
    return _moved(opened, decided, runs, told, imposed=True)


def _gains(opened: OpenPlan, decided: Sequence[Group], runs: Runs, told: Progress) -> Iterator[float]:
    """What each decision that the plan follows takes from it."""
    return _moved(opened, decided, runs, told, imposed=False)


def _moved(opened: OpenPlan, decided: Sequence[Group], runs: Runs, told: Progress, *, imposed: bool) -> Iterator[float]:
    """How much the least cost differs by each decision: imposed where all are free, or released where all hold."""
    program, own = opened.program, {group.label: group.own for group in opened.groups()}
    session = WarmProgram(program, runs)
    session.set_stage(program.stages[-1])

    def hold(label: Label, held: bool) -> None:
        for row in own.get(label, ()):
            bounds = float(program.row_lower[row]), float(program.row_upper[row])
            session.set_row_bounds(row, *(bounds if held else (-INFINITY, INFINITY)))

    def least() -> float:
        result = session.run()
        return INFINITY if result.x is None else float(program.stages[-1].costs @ result.x)

    for group in decided if imposed else ():
        hold(group.label, False)
    start = least()
    for place, group in enumerate(decided, start=1):
        told(f"{'costs' if imposed else 'gains'}: {place} of {len(decided)}")
        if group.label not in own:
            yield _NOTHING
            continue
        hold(group.label, imposed)
        yield max(least() - start, 0.0) if imposed else max(start - least(), 0.0)
        hold(group.label, not imposed)


def _stated(opened: OpenPlan, group: Group) -> tuple[str, str, str, float]:
    if group.kind == "project":
        return "project", group.name, YEAR, float(opened.committed[group.name])
    number = opened.statements[group.name].number
    return "indicator", group.name, number.unit, number.stated / number.scale


def _reached(opened: OpenPlan, decided: Sequence[Group], answer: Answer) -> Iterator[float]:
    """The number of each target, and the year in which each project is whole."""
    x, plan_years = _point(opened, answer), opened.instance.horizon.years
    for group in decided:
        if group.kind == "project":
            starts = [y for kind, *index, y in answer.values if (kind, *index) == ("start", group.name)]
            whole = [float(y) for y in starts if answer.values["start", group.name, y] >= _WHOLE]
            yield whole[0] if whole else _NOTHING
        else:
            statement = opened.statements[group.name]
            statement = statement.part([k for k, year in enumerate(statement.years) if year in plan_years])
            yield statement.number.common(statement.values(x)) / statement.number.scale


def _point(opened: OpenPlan, answer: Answer) -> Vector:
    """The answer in the columns of the open plan, which has columns for more quantities."""
    forms, values = answer.instance.forms, answer.values
    return np.array([
        forms.evaluate(("quantity", "", str(label[1]), int(label[2])), values)
        if label[0] == "quantity" else values.get(label, 0.0)
        for label in opened.program.columns
    ])  # fmt: skip
