"""Criteria: quantities between which a planner weighs, each as a stage over the program's own columns."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from optimizer.frames import lookup
from optimizer.instance import Instance
from optimizer.program import INFINITY, LinearProgram, Stage, Vector
from optimizer.questions import QuestionError, refuse, unknown
from optimizer.runs import Runs, WarmProgram
from optimizer.scenario import Years
from optimizer.solution import HOLD_TOLERANCE
from optimizer.staged import LOOSER

SIGN = {"minimise": 1.0, "maximise": -1.0}
# Values of a quantity that differ by less than this, relative to its size, are one: the tolerance within which goals
# are held leaves about that much open.
RESOLUTION = 1e-7


@dataclass(frozen=True)
class Criterion:
    """A quantity to be made as large or as small as can be: its sum over years, discounted to the base year.

    ``years``: "each" plan year, the "last", or a list of plan years; None counts the closing years too.
    """

    quantity: str
    sense: Literal["maximise", "minimise"]
    years: Years | None = "each"
    discount_rate: float = 0.0


def criterion_names(criteria: Sequence[Criterion]) -> tuple[str, ...]:
    """A heading for each: the quantity, with its years where a quantity occurs twice."""
    quantities = [criterion.quantity for criterion in criteria]
    return tuple(
        c.quantity if quantities.count(c.quantity) == 1 else f"{c.quantity} {_when(c.years)}" for c in criteria
    )


def _when(years: Years | None) -> str:
    return ", ".join(map(str, years)) if isinstance(years, tuple) else (years or "with closing years")


def criterion_units(instance: Instance, criteria: Sequence[Criterion]) -> tuple[str, ...]:
    units = lookup(instance.plan.table("quantities"), "quantity", "unit")
    return tuple(str(units[criterion.quantity]) for criterion in criteria)


def criterion_stages(instance: Instance, program: LinearProgram, criteria: Sequence[Criterion]) -> tuple[Stage, ...]:
    """A stage for each criterion. Raises QuestionError with every problem of every criterion."""
    refuse([problem for criterion in criteria for problem in _problems(instance, criterion)])
    keys = [(c.quantity, instance.horizon.counting_years(c.years)) for c in criteria]
    twice = {key for key in keys if keys.count(key) > 1}
    refuse([f"quantity {quantity!r} stands twice for the same years: name two different ones" for quantity, _ in twice])
    stages = tuple(_stage(instance, program, criterion) for criterion in criteria)
    refuse([_constant(c) for c, stage in zip(criteria, stages, strict=True) if not stage.costs.any()])
    return stages


def _problems(instance: Instance, criterion: Criterion) -> list[str]:
    names = instance.plan.table("quantities")["quantity"].tolist()
    problems = [] if criterion.quantity in names else [unknown("quantity", criterion.quantity, names)]
    if criterion.sense not in SIGN:
        problems.append(f"{criterion.quantity}: sense {criterion.sense!r} is neither maximise nor minimise")
    if not (math.isfinite(criterion.discount_rate) and criterion.discount_rate > -1.0):
        problems.append(
            f"{criterion.quantity}: a discount rate is above -1, such as 0.08; not {criterion.discount_rate}"
        )
    planned = instance.horizon.years
    if isinstance(criterion.years, tuple):
        outside = [str(year) for year in criterion.years if year not in planned]
        if outside or not criterion.years:
            problems.append(
                f"{criterion.quantity}: years {', '.join(outside) or '()'} are no plan years; "
                f"ask for some of {planned[0]} to {planned[-1]}"
            )
    return problems


def _constant(criterion: Criterion) -> str:
    return (
        f"quantity {criterion.quantity!r} is the same in every plan that is left: nothing can be exchanged for it; "
        "name another quantity or other years, or, where the scenario has goals, do not hold them (hold_goals)"
    )


def _stage(instance: Instance, program: LinearProgram, criterion: Criterion) -> Stage:
    sign, base = SIGN[criterion.sense], instance.horizon.base_year
    costs, constant = np.zeros(len(program.columns)), 0.0
    for year in instance.horizon.counting_years(criterion.years):
        weight = sign / (1.0 + criterion.discount_rate) ** (year - base)
        key = ("quantity", "", criterion.quantity, year)
        constant += weight * instance.forms.constants[key]
        for kind, by_key in instance.forms.indices.items():
            for index in by_key.get(key, ()):
                column = program.column_number.get((kind, *index))
                if column is not None:
                    costs[column] += weight * instance.forms.amounts[kind][(*key, *index)]
    return Stage(criterion.quantity, costs, constant, sign)


def goals_held(program: LinearProgram, runs: Runs, *, hold: bool = True) -> LinearProgram:
    """The program with its goals stage, where there is one, held at its best, as in the plan itself."""
    goals = program.stages[0]
    if not hold or goals.name != "goals":
        return program
    warm = WarmProgram(program, runs)
    warm.set_stage(goals)
    reached = float(goals.costs @ warm.optimum("the goals"))
    most = reached + HOLD_TOLERANCE * max(1.0, abs(reached))
    return program.with_row(("hold", goals.name), goals.costs, -INFINITY, most)


def one_value(low: float, high: float) -> bool:
    return abs(high - low) <= RESOLUTION * max(1.0, abs(low), abs(high))


class Weighing:
    """A program with one row for each criterion, in a session: optimises one while others are held."""

    def __init__(self, program: LinearProgram, stages: Sequence[Stage], runs: Runs) -> None:
        self.stages = tuple(stages)
        self._first = len(program.rows)
        for number, stage in enumerate(stages):
            program = program.with_row(("criterion", stage.name, number), stage.costs, -INFINITY, INFINITY)
        self._warm = WarmProgram(program, runs)
        self._integer = bool(program.integer.any())
        self.gap = 0.0

    def best(self, stage: Stage, most: Mapping[int, float]) -> Vector | None:
        """A point that minimises the stage with the costs of criteria within ``most``; None where there is none."""
        for number in range(len(self.stages)):
            self._warm.set_row_bounds(self._first + number, -INFINITY, most.get(number, INFINITY))
        self._warm.set_stage(stage)
        result = self._warm.run()
        if result.x is None and most:
            return None
        x = result.x if result.x is not None else self._warm.optimum(f"quantity {stage.name!r}")
        if self._integer:
            reached = float(stage.costs @ x) + stage.constant
            self.gap = max(self.gap, abs(reached - result.bound) / max(1.0, abs(reached)))
        return x

    def lexicographic(self, order: Sequence[int], most: Mapping[int, float] | None = None) -> Vector | None:
        """Criteria optimised in this order, each held while the next is."""
        held, x = dict(most or {}), None
        for number in order:
            found = self._within(self.stages[number], held)
            if found is None:
                return None
            x = found
            held[number] = min(float(self.stages[number].costs @ x), held.get(number, INFINITY))
        return x

    def _within(self, stage: Stage, most: Mapping[int, float]) -> Vector | None:
        """The best point within the holds, loosened a little where rounding leaves none."""
        for loose in LOOSER:
            x = self.best(stage, {k: limit + loose * max(1.0, abs(limit)) for k, limit in most.items()})
            if x is not None:
                return x
        return None

    def refuse_constants(self, criteria: Sequence[Criterion]) -> None:
        """Raises QuestionError where a criterion cannot change at all."""
        constant = []
        for criterion, stage in zip(criteria, self.stages, strict=True):
            try:
                ends = [self.best(end, {}) for end in (stage, replace(stage, costs=-stage.costs, constant=0.0))]
            except QuestionError:
                continue  # without limit on one side, so not constant
            low, high = (float(stage.costs @ end) for end in ends if end is not None)
            if one_value(low + stage.constant, high + stage.constant):
                constant.append(_constant(criterion))
        refuse(constant)
