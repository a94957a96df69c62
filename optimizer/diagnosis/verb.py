"""Diagnosis of a scenario: why it has no answer and what would repair it; or how far each target can go."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from model_data import Plan
from optimizer.conflict import Conflict, find_conflicts
from optimizer.diagnosis.alone import Alone
from optimizer.diagnosis.changes import Change
from optimizer.diagnosis.open_plan import Group, OpenPlan, open_plan
from optimizer.diagnosis.ranges import COLUMNS, attainable_ranges
from optimizer.diagnosis.repairs import Repair, Workshop, blocking, helpless
from optimizer.diagnosis.tables import change_rows, conflict_rows, cost_rows
from optimizer.diagnosis.wishes import Wishes
from optimizer.instance import Instance
from optimizer.program import Label
from optimizer.questions import Problem, QuestionError, problem, refuse
from optimizer.runs import Runs
from optimizer.scenario import Scenario
from optimizer.solution import Progress
from optimizer.solver import Limits

MYOPIC = problem(
    "changes",
    "foresight",
    zh="逐年短视(myopic)时，每年取决于此前各年的决定；请按完全预见(perfect)诊断",
    en="myopic: each year depends on what the years before decided; diagnose the plan with perfect foresight",
)


@dataclass(frozen=True)
class Diagnosis:
    """Why a scenario has no answer, or how far its targets can go where it has one.

    ``conflicts``: disjoint irreducible conflicts, a structural one last. ``ways[k]``: for conflict k every single
    change that resolves it, the other conflicts left aside. ``menu``: repairs of the whole plan, each with its answer;
    empty where no change of targets, budgets and commitments helps. ``stubborn``: groups that were tried alone in vain.
    ``ranges``: see ``attainable_ranges``; empty where the plan is infeasible.
    """

    instance: Instance
    conflicts: tuple[Conflict, ...]
    ways: tuple[tuple[Change, ...], ...]
    menu: tuple[Repair, ...]
    stubborn: tuple[Label, ...]
    ranges: pd.DataFrame

    @property
    def feasible(self) -> bool:
        return not self.conflicts

    @cached_property
    def conflict_table(self) -> pd.DataFrame:
        """conflict, structural, equation, name, year: one row a member."""
        return conflict_rows(self.conflicts)

    @cached_property
    def way_table(self) -> pd.DataFrame:
        """conflict, kind, name, year, before, after, unit, size: one row a single change that resolves a conflict."""
        return change_rows("conflict", self.ways)

    @cached_property
    def menu_table(self) -> pd.DataFrame:
        """repair, kind, name, year, before, after, unit, size: one row a change of a repair of the menu."""
        return change_rows("repair", [repair.changes for repair in self.menu])

    @cached_property
    def cost_table(self) -> pd.DataFrame:
        """repair, status, objective, and every target of the model as each repair's answer reaches it."""
        return cost_rows(self.menu)


def diagnose(
    plan: Plan,
    scenario: Scenario,
    wishes: Wishes | None = None,
    *,
    ranges: bool = True,
    limits: Limits | None = None,
    progress: Progress | None = None,
) -> Diagnosis:
    """Conflicts, single changes and the menu of repairs of an infeasible plan; attainable ranges of a feasible one.

    ``limits`` are for everything together. Raises QuestionError for wishes that cannot be met, with every problem;
    UnfinishedError where time runs out; DataError or ScenarioError where plan or scenario are unusable.
    """
    refuse([MYOPIC] if scenario.foresight == "myopic" else [])
    runs, told, wishes = Runs(limits), progress or (lambda _: None), wishes or Wishes()
    opened = open_plan(plan, scenario)
    groups = opened.groups(budgets_by_year=wishes.budgets_by_year)
    weights, untouchable = wishes.resolve(group.label for group in groups)
    told("conflicts")
    conflicts = find_conflicts(opened.program, opened.required, runs.left())
    if not conflicts:
        table = attainable_ranges(opened, runs, told) if ranges else pd.DataFrame(columns=COLUMNS)
        return Diagnosis(opened.instance, (), (), (), (), table)
    fixed = [group for group in groups if group.label in untouchable]
    movable = [group for group in groups if group.label not in untouchable]
    nothing = pd.DataFrame(columns=COLUMNS)
    named = tuple(Conflict(tuple(map(_own_label, c.rows)), c.structural) for c in conflicts)
    if conflicts[-1].structural or helpless(opened, groups, runs):
        return Diagnosis(opened.instance, named, ((),) * len(named), (), (), nothing)
    if blocked := blocking(opened, groups, fixed, runs):
        raise QuestionError([_blocked(blocked)])
    told("single changes")
    ways = tuple(_ways(opened, conflict, movable, weights, runs) for conflict in conflicts)
    known = [_touching(opened, conflict, movable) for conflict in conflicts]
    menu = tuple(Workshop(plan, opened, movable, weights, runs).menu(known, told))
    alone = {repair.changes[0].label for repair in menu if repair.kind == "alone"}
    stubborn = tuple(group.label for group in movable if group.label not in alone)
    return Diagnosis(opened.instance, named, ways, menu, stubborn, nothing)


def _ways(
    opened: OpenPlan, conflict: Conflict, groups: Sequence[Group], weights: dict[Label, float], runs: Runs
) -> tuple[Change, ...]:
    """Each group that can resolve the conflict alone, where nothing else is required."""
    held = set(conflict.rows)
    program = opened.program.freed(row for row in opened.required if opened.program.rows[row] not in held)
    members = _touching(opened, conflict, groups)
    return tuple(Alone(opened, program, members, weights, runs).changes(members))


def _touching(opened: OpenPlan, conflict: Conflict, groups: Sequence[Group]) -> list[Group]:
    rows = {opened.program.row_number[label] for label in conflict.rows}
    return [group for group in groups if not rows.isdisjoint(group.moves)]


def _own_label(label: Label) -> Label:
    """The row of the scenario's own program: a commitment is the project's row there."""
    return ("project_once", *label[1:]) if label[0] == "commitment" else label


def _blocked(groups: frozenset[Group]) -> Problem:
    names = ", ".join(sorted(" ".join(map(str, group.label)) for group in groups))
    if len(groups) == 1:
        zh, en = "其他怎样改都无法满足；请允许改动它", "cannot be met whatever else is changed; allow it to change"
    else:
        zh = "其他怎样改都互相矛盾；请允许改动其中一项"
        en = "contradict each other whatever else is changed; allow one of them to change"
    return problem("untouchable", zh=f"{names}：{zh}", en=f"{names} {en}")
