"""Criteria: quantities between which a planner weighs, each as a stage over the program's own columns."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from optimizer.frames import lookup
from optimizer.holds import HOLD_TOLERANCE
from optimizer.instance import Instance
from optimizer.program import INFINITY, LinearProgram, Stage, Vector
from optimizer.questions import Problem, QuestionError, problem, refuse, unknown_name
from optimizer.run_result import Basis, RawResult
from optimizer.runs import Runs, WarmProgram
from optimizer.scenario import Years
from optimizer.solver_options import ANY_COSTS, DUAL
from optimizer.staged import LOOSER
from optimizer.words.language import Text

QUANTITY = Text("量", "quantity")
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
    refuse(
        [one.inside("criteria", k) for k, criterion in enumerate(criteria) for one in _problems(instance, criterion)]
    )
    keys = [(c.quantity, instance.horizon.counting_years(c.years)) for c in criteria]
    refuse([_twice(k, quantity) for k, (quantity, years) in enumerate(keys) if (quantity, years) in keys[:k]])
    stages = tuple(_stage(instance, program, criterion) for criterion in criteria)
    refuse([_constant(k, criteria[k]) for k, stage in enumerate(stages) if not stage.costs.any()])
    return stages


def _problems(instance: Instance, criterion: Criterion) -> Iterator[Problem]:
    quantity, names = criterion.quantity, instance.plan.table("quantities")["quantity"].tolist()
    if quantity not in names:
        yield unknown_name("quantity", what=QUANTITY, name=quantity, known=names)
    if criterion.sense not in SIGN:
        zh = f"{quantity}：sense 须为 maximise 或 minimise，不能是“{criterion.sense}”"
        yield problem("sense", zh=zh, en=f"{quantity}: sense {criterion.sense!r} is neither maximise nor minimise")
    rate = criterion.discount_rate
    if not (math.isfinite(rate) and rate > -1.0):
        zh = f"{quantity}：折现率须大于-1，如0.08；不能是{rate}"
        yield problem("discount_rate", zh=zh, en=f"{quantity}: a discount rate is above -1, such as 0.08; not {rate}")
    planned = instance.horizon.years
    if isinstance(criterion.years, tuple):
        outside = [str(year) for year in criterion.years if year not in planned]
        if outside or not criterion.years:
            years, first, last = ", ".join(outside) or "()", planned[0], planned[-1]
            yield problem(
                "years",
                zh=f"{quantity}：{years} 不是规划年份；可问{first}–{last}年中的年份",
                en=f"{quantity}: years {years} are no plan years; ask for some of {first} to {last}",
            )


def _twice(place: int, quantity: str) -> Problem:
    return problem(
        "criteria",
        place,
        zh=f"量“{quantity}”在相同年份出现了两次：请写两个不同的量",
        en=f"quantity {quantity!r} stands twice for the same years: name two different ones",
    )


def _constant(place: int, criterion: Criterion) -> Problem:
    return problem(
        "criteria",
        place,
        zh=f"量“{criterion.quantity}”在余下的所有方案中都相同，没有什么可以与它交换；"
        "请换一个量或年份，或在情景有力争目标时不先守住它们(hold_goals)",
        en=f"quantity {criterion.quantity!r} is the same in every plan that is left: nothing can be exchanged for it; "
        "name another quantity or other years, or, where the scenario has goals, do not hold them (hold_goals)",
    )


def _stage(instance: Instance, program: LinearProgram, criterion: Criterion) -> Stage:
    sign, base = SIGN[criterion.sense], instance.horizon.base_year
    costs, constant = np.zeros(len(program.columns)), 0.0
    for year in instance.horizon.counting_years(criterion.years):
        weight = sign / (1.0 + criterion.discount_rate) ** (year - base)
        key = ("quantity", "", criterion.quantity, year)
        constant += weight * instance.forms.constants[key]
        for label, amount in instance.forms.terms(key):
            column = program.column_number.get(label)
            if column is not None:
                costs[column] += weight * amount
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
        self._last: RawResult | None = None
        self.gap = 0.0

    @property
    def basis(self) -> Basis | None:
        """Where the last run ended: the rows of the program, then one for each criterion."""
        return None if self._last is None else self._last.basis

    def best(self, stage: Stage, most: Mapping[int, float]) -> Vector | None:
        """A point that minimises the stage with the costs of criteria within ``most``; None where there is none."""
        for number in range(len(self.stages)):
            self._warm.set_row_bounds(self._first + number, -INFINITY, most.get(number, INFINITY))
        self._warm.set_stage(stage)
        if not self._integer:  # from a plan within the limits by its costs, else by the bounds that it is beyond
            self._warm.set_options(ANY_COSTS if self._meets(most) else DUAL)
        result = self._last = self._warm.run()
        if result.x is None and most:
            return None
        x = result.x if result.x is not None else self._warm.optimum(f"quantity {stage.name!r}")
        if self._integer:
            reached = float(stage.costs @ x) + stage.constant
            self.gap = max(self.gap, abs(reached - result.bound) / max(1.0, abs(reached)))
        return x

    def _meets(self, most: Mapping[int, float]) -> bool:
        """Whether the last run ended at a plan that has the costs of criteria within ``most``."""
        if self._last is None or self._last.x is None:
            return False
        limits = [(float(self.stages[k].costs @ self._last.x), limit) for k, limit in most.items()]
        return all(reached <= limit + HOLD_TOLERANCE * max(1.0, abs(limit)) for reached, limit in limits)

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
        for place, (criterion, stage) in enumerate(zip(criteria, self.stages, strict=True)):
            try:
                ends = [self.best(end, {}) for end in (stage, replace(stage, costs=-stage.costs, constant=0.0))]
            except QuestionError:
                continue  # without limit on one side, so not constant
            low, high = (float(stage.costs @ end) for end in ends if end is not None)
            if one_value(low + stage.constant, high + stage.constant):
                constant.append(_constant(place, criterion))
        refuse(constant)
