"""The program in which everything that was decided can be changed: the ground on which a diagnosis stands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import scipy.sparse as sp

from model_data import Plan
from optimizer.budget_directions import budget_change
from optimizer.conflict import policy_rows
from optimizer.derived import kept_by
from optimizer.diagnosis.statement import FORMS, Number, Statement
from optimizer.foresight import make_program
from optimizer.frames import lookup, records
from optimizer.instance import Instance, resolve
from optimizer.parameters import Parameters
from optimizer.program import INFINITY, Label, LinearProgram
from optimizer.scenario import Scenario, changed
from optimizer.targets import Target


@dataclass(frozen=True)
class Group:
    """What is changed by one number: an indicator, a budget, a commitment; ``label`` names it.

    ``moves``: by how much the bound of each row is loosened for one unit of relative change. ``own``: the rows that the
    group states itself; others only follow. ``most``: the largest relative change.
    """

    label: Label
    own: tuple[int, ...]
    moves: Mapping[int, float]
    most: float = INFINITY

    @property
    def kind(self) -> str:
        return str(self.label[0])

    @property
    def name(self) -> str:
        return str(self.label[1])

    def __hash__(self) -> int:
        return hash(self.label)


@dataclass(frozen=True)
class OpenPlan:
    """A scenario whose commitments are rows ("commitment", project) and whose indicators all have rows.

    ``instance`` is the scenario's own. In ``program`` every row that the scenario does not require is free.
    """

    instance: Instance
    program: LinearProgram
    statements: Mapping[str, Statement]
    committed: Mapping[str, int]  # project -> year

    @cached_property
    def required(self) -> list[int]:
        """The rows that the scenario requires and that somebody decided."""
        program = self.program
        bound = np.isfinite(program.row_lower) | np.isfinite(program.row_upper)
        return [row for row in policy_rows(program) if bound[row]]

    def groups(self, *, budgets_by_year: bool = False) -> tuple[Group, ...]:
        """Every group that can be changed."""
        found = [*self._indicators(), *self._budgets(budgets_by_year), *self._commitments()]
        return tuple(group for group in found if group.moves)

    def _indicators(self) -> Iterator[Group]:
        values = self.instance.base_values
        targets = {target.indicator: target for target in self.instance.targets}
        for name, statement in self.statements.items():
            if not statement.required:
                continue
            denominator = targets[name].denominator
            size = abs(values.get(denominator, 0.0)) or 1.0 if denominator else 1.0
            moves = dict(zip(statement.rows, (statement.number.steps * size).tolist(), strict=True))
            yield Group(("indicator", name), statement.rows, moves)

    def _budgets(self, by_year: bool) -> Iterator[Group]:
        for budget in self.instance.budgets:
            name = budget.budget
            setting = self.instance.scenario.budgets.get(name)
            whole = budget.over_plan is not None or (setting is not None and setting.total is not None)
            years = [y for y in self.instance.horizon.years if budget.by_year.get(y)]  # no share of nothing helps
            if by_year and not whole:
                for year in years:
                    yield self._budget(("budget", name, year), budget_change(self.instance, name, (year,), share=True))
                continue
            moves = dict(budget_change(self.instance, name, share=True)) if years else {}
            if budget.over_plan:
                moves |= budget_change(self.instance, name, "plan", share=True)
            yield self._budget(("budget", name), moves)

    def _budget(self, label: Label, moves: Mapping[Label, float]) -> Group:
        number = self.program.row_number
        moved = {number[row]: move for row, move in moves.items() if move > 0.0 and row in number}
        own = tuple(row for row in moved if self.program.rows[row][1] == label[1])
        return Group(label, own, moved if own else {})

    def _commitments(self) -> Iterator[Group]:
        for project in self.committed:
            row = self.program.row_number["commitment", project]
            yield Group(("project", project), (row,), {row: 1.0}, most=1.0)


def open_plan(plan: Plan, scenario: Scenario) -> OpenPlan:
    """Builds the program with every target required and every commitment released, then frees what is not asked."""
    own = resolve(plan, scenario)
    inside = [t for t in own.targets if t.asked and np.all(np.isfinite(list(t.asked.values())))]
    committed = {p.project: p.years[0] for p in own.projects if p.committed and p.years}
    settings = {
        "indicators": {target.indicator: {"standing": "required"} for target in inside},
        "projects": {project: {"released": True} for project in committed},
    }
    _, program = make_program(plan, changed(scenario, settings))
    statements = {target.indicator: _statement(own, program, target) for target in inside}
    free = {
        program.rows[row]: (-INFINITY, INFINITY)
        for statement in statements.values()
        if not statement.required
        for row in statement.rows
    }
    return OpenPlan(own, _with_commitments(program.with_row_bounds(free), committed), statements, committed)


def _with_commitments(program: LinearProgram, committed: Mapping[str, int]) -> LinearProgram:
    """One row a committed project: it starts wholly in its year."""
    columns = [program.column_number["start", project, year] for project, year in committed.items()]
    count = len(columns)
    extra = sp.csc_array((np.ones(count), (np.arange(count), columns)), shape=(count, len(program.columns)))
    return replace(
        program,
        matrix=sp.csc_array(sp.vstack([program.matrix, extra], format="csc")),
        rows=(*program.rows, *(("commitment", project) for project in committed)),
        row_lower=np.append(program.row_lower, np.ones(count)),
        row_upper=np.append(program.row_upper, np.full(count, INFINITY)),
    )


def _statement(instance: Instance, program: LinearProgram, target: Target) -> Statement:
    years, horizon = tuple(target.asked), instance.horizon
    column = program.column_number
    return Statement(
        target.indicator,
        _number(instance, target, np.array([horizon.limit_year(y) - horizon.base_year for y in years], dtype=float)),
        target.standing == "required",
        years,
        tuple(program.row_number["indicator", target.indicator, y] for y in years),
        tuple(column["quantity", target.quantity, y] for y in years),
        tuple(column["quantity", target.denominator, y] for y in years) if target.denominator else (),
    )


def _number(instance: Instance, target: Target, elapsed: Any) -> Number:
    """The number as the scenario states it, else as the plan does; a common factor where each year has its own."""
    name, plan = target.indicator, instance.plan
    figures, units, kinds = _stated(plan)
    unit, scale = units[name]
    asked = np.array(list(target.asked.values()))
    setting = instance.scenario.indicators.get(name)
    if setting is not None and setting.target is not None:
        stated = {setting.target * scale}
    else:
        stated = {figures.get(name, "target", year=instance.horizon.limit_year(y)) or 0.0 for y in target.asked}
    if len(stated) > 1:
        return Number("proportional", target.sense, 1.0, asked, elapsed, "1", 1.0, by_year=True)
    return Number(FORMS[kinds[name]], target.sense, stated.pop(), asked, elapsed, unit, scale)


@kept_by("indicator_figures", "indicators")
def _stated(plan: Plan) -> tuple[Parameters, dict[str, tuple[str, float]], dict[str, str]]:
    """The figures of indicators; unit and scale of the first figure of each target; the kind of each indicator."""
    figures = plan.table("indicator_figures")
    units = {
        row.indicator: (str(row.unit), float(row.scale))
        for row in reversed(records(figures[figures["parameter"] == "target"]))
    }
    return Parameters(figures, "indicator"), units, lookup(plan.table("indicators"), "indicator", "kind")
