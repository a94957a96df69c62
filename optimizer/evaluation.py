"""Mid-term evaluation: what has happened is fixed, the rest planned anew; which targets are lost, what delays cost."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from model_data import Plan
from optimizer.answer import Answer, solve
from optimizer.comparison import investment, side_by_side
from optimizer.conflict import find_conflict
from optimizer.foresight import make_program
from optimizer.frames import lookup, records
from optimizer.instance import Instance
from optimizer.observed import Observation, deviations, known_actuals, nearest, observed_quantities, observed_start
from optimizer.program import INFINITY, Label, LinearProgram
from optimizer.questions import Problem, problem, refuse, unknown_name
from optimizer.runs import Runs
from optimizer.scenario import ProjectSetting, Scenario, changed
from optimizer.softened import lost_targets, required_first, required_targets
from optimizer.solution import Progress, solve_program
from optimizer.solver import Limits
from optimizer.status import Status
from optimizer.words.language import Text

MODELLED = Text("纳入模型的项目", "modelled project")
DELAY_COLUMNS = [
    "project",
    "objective",
    "objective_without",
    "cost",
    "missed",
    "missed_without",
    "goals_missed",
    "goals_missed_without",
    "lost",
    "lost_without",
]

# When a project entered service, or (a later year) before which it cannot; None: not yet, and not before the next year.
Starts = Mapping[str, int | None]


@dataclass(frozen=True)
class Evaluation:
    """``answer``: the new plan; ``original``: the plan as it was, with everything still open.

    ``deviations``: every actual, what the program could attain nearest to it, and the relative difference (see
    ``optimizer.observed``). ``lost`` (LOST_COLUMNS): targets of the years to come, required ones and goals, that the
    new plan misses; ``share`` is the shortfall relative to the target. ``delays`` (DELAY_COLUMNS): what each costs the
    objective, found by solving again with the project as originally planned and all else as known; ``missed`` is
    the relative shortfall of all targets that were required, summed over the years to come, and ``lost`` their number;
    ``goals_missed`` the same sum for goals. Both come before the objective, so a delay that loses some of them can
    leave more of the objective (a negative cost). A last row without project takes back all delays together, where
    there are several.
    """

    through: int
    answer: Answer
    original: Answer
    required: frozenset[str]
    deviations: pd.DataFrame
    delays: pd.DataFrame

    @cached_property
    def lost(self) -> pd.DataFrame:
        return lost_targets(self.answer, self.original, self.required, self.through)

    @property
    def investment(self) -> pd.DataFrame:
        """industry, year, unit, before (the original plan), after, difference."""
        key = ["industry", "year", "unit"]
        return side_by_side(investment(self.original), investment(self.answer), key, "value", absent=0.0)

    @property
    def projects(self) -> pd.DataFrame:
        """project, year, unit, before, after, difference: the share that enters service."""
        return side_by_side(
            self.original.projects, self.answer.projects, ["project", "year", "unit"], "share", absent=0.0
        )


def evaluate(
    plan: Plan,
    scenario: Scenario,
    through: int,
    *,
    actuals: pd.DataFrame | None = None,
    starts: Starts | None = None,
    limits: Limits | None = None,
    progress: Progress | None = None,
) -> Evaluation:
    """What is left of a plan when the years up to and with ``through`` have passed.

    ``actuals``: rows quantity, year, value, and unit where it is not the quantity's (default: the plan's own table);
    years after ``through`` and blank values count as unknown, and what is unknown is planned. ``starts``: what is known
    of projects. Actuals that no plan can follow do no harm: first the least sum of relative deviations from them is
    found and held to within ``observed.SLACK`` of itself, then the least sum of relative shortfalls of required
    targets, then the scenario's own stages follow. ``limits`` are for everything together; where they end the work the
    status of the answer says so. Raises QuestionError with every problem, UnfinishedError where a conflict is not found
    in time, DataError or ScenarioError where plan or scenario are unusable.
    """
    starts = starts or {}
    known, problems = known_actuals(plan, through, actuals)
    refuse([*_problems(plan, through, starts, scenario), *problems])
    runs = Runs(limits)
    original = solve(plan, scenario, runs.left(), progress)
    required = required_targets(original.instance)
    passed = _Passed(plan, scenario, through, known, required, runs)
    answer, observations = passed.plan_anew(starts)
    found = deviations(observations, answer.solution.x)
    return Evaluation(through, answer, original, required, found, _delays(passed, answer, starts, progress))


def _problems(plan: Plan, through: int, starts: Starts, scenario: Scenario) -> Iterator[Problem]:
    first, last = plan.settings.first_year, plan.settings.last_year
    if not first - 1 <= through <= last:
        zh = f"{through}不在{first - 1}(尚无一年过去)到{last}之间"
        yield problem("through", zh=zh, en=f"{through} is not from {first - 1} (nothing has passed) to {last}")
    if scenario.foresight != "perfect":
        zh = f"预见方式 {scenario.foresight} 不统筹今后各年；请按完全预见(perfect)提问"
        en = f"{scenario.foresight} does not plan the years to come together; ask for perfect"
        yield problem("changes", "foresight", zh=zh, en=en)
    modelled = [
        row.project
        for row in records(plan.table("projects"))
        if (scenario.projects.get(row.project, ProjectSetting()).standing or row.standing) == "modelled"
    ]
    for name, year in starts.items():
        if name not in modelled:
            yield unknown_name("starts", name, what=MODELLED, name=name, known=modelled)
        if year is not None and year < first:
            en = f"{year} is before the first plan year {first}"
            yield problem("starts", name, zh=f"{year}年早于规划首年{first}年", en=en)


@dataclass(frozen=True)
class _Passed:
    """The question, to be solved with different knowledge of projects; ``required`` are the names of targets."""

    plan: Plan
    scenario: Scenario
    through: int
    known: pd.DataFrame
    required: frozenset[str]
    runs: Runs

    def plan_anew(self, starts: Starts) -> tuple[Answer, list[Observation]]:
        instance, program = make_program(self.plan, self._scenario(starts))
        program = required_first(instance, _overspent(instance, program, self.known))
        observations = observed_quantities(instance, program, self.known)
        observations += [observed_start(program, p, y) for p, y in starts.items() if y and y <= self.through]
        program = nearest(program, observations)
        solution = solve_program(program, self.runs.left())
        conflict = find_conflict(program, limits=self.runs.left()) if solution.status is Status.INFEASIBLE else None
        return Answer(instance, solution, conflict), observations

    def _scenario(self, starts: Starts) -> Scenario:
        """A project is open from the year that is known of it, whatever it was committed to."""
        figures = self.plan.table("project_figures").query("parameter == 'earliest_year'")
        planned = lookup(figures, "project", "value")
        settings: dict[str, Any] = {}
        for project, year in starts.items():
            setting = self.scenario.projects.get(project)
            own = (setting.earliest_year if setting else None) or planned.get(project, 0.0)
            earliest = year if year is not None else max(self.through + 1, int(own))
            settings[project] = {"released": True, "earliest_year": earliest, "committed_year": None}
        return changed(self.scenario, {"projects": settings}) if settings else self.scenario


def _overspent(instance: Instance, program: LinearProgram, known: pd.DataFrame) -> LinearProgram:
    """A yearly budget of a year whose spending is known has no say any more."""
    happened = set(zip(known["quantity"], known["year"].astype(int), strict=True))
    free: dict[Label, tuple[float, float]] = {
        ("budget_year", budget.budget, year): (-INFINITY, INFINITY)
        for budget in instance.budgets
        for year in budget.by_year
        if (budget.quantity, year) in happened and ("budget_year", budget.budget, year) in program.row_number
    }
    return program.with_row_bounds(free)


def _delays(passed: _Passed, answer: Answer, starts: Starts, progress: Progress | None) -> pd.DataFrame:
    late = [project for project, year in starts.items() if year is None or year > passed.through]
    taken_back = [[project] for project in late] + ([late] if len(late) > 1 else [])
    rows: list[tuple[object, ...]] = []
    for projects in taken_back:
        if progress:
            progress(", ".join(projects))
        kept = {project: year for project, year in starts.items() if project not in projects}
        without, _ = passed.plan_anew(kept)
        rows.append((projects[0] if len(projects) == 1 else "", *_cost(answer, without, passed)))
    return pd.DataFrame(rows, columns=DELAY_COLUMNS)


def _cost(answer: Answer, without: Answer, passed: _Passed) -> tuple[object, ...]:
    nothing = float("nan")
    values = [
        a.objective if a.status is Status.OPTIMAL and a.objective is not None else nothing for a in (answer, without)
    ]
    lost = [lost_targets(a, a, passed.required, passed.through) for a in (answer, without)]
    required, goals = ([rows[rows["standing"] == kind] for rows in lost] for kind in ("required", "goal"))
    # A stage that maximises has sign -1: less of it is a cost.
    cost = answer.solution.program.stages[-1].sign * (values[0] - values[1])
    shares = (float(rows["share"].sum()) for rows in (*required, *goals))
    return (*values, cost, *shares, *(len(rows) for rows in required))
