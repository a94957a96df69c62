"""Rows of the tables in answers that put plans side by side: comparisons, evaluations, published plans."""

from __future__ import annotations

from typing import Literal

from api.questions.rows import Row


class Part(Row):
    """One change and its share of the difference of the objectives; null where changes could not be told apart."""

    part: int
    kind: str
    change: str
    before: str
    after: str
    effect: float | None
    effect_forwards: float | None
    effect_backwards: float | None
    goals: float | None
    note: str


class Compared(Row):
    """A figure in both answers."""

    year: int | None = None
    unit: str
    before: float | None
    after: float | None
    difference: float | None


class ComparedQuantity(Compared):
    quantity: str


class ComparedInvestment(Compared):
    industry: str


class ComparedProject(Compared):
    project: str


class ComparedIndicator(Row):
    """An indicator in both answers."""

    indicator: str
    year: int | None
    unit: str
    standing_before: str | None
    asked_before: float | None
    reached_before: float | None
    met_before: str | None
    standing_after: str | None
    asked_after: float | None
    reached_after: float | None
    met_after: str | None
    difference: float | None


class Goals(Row):
    """Sums of the relative shortfalls of goals; they come before the objective."""

    before: float | None
    after: float | None


# --------------------------------------------------------------------------------------------------- evaluation


class Deviation(Row):
    """What happened, and what the program could attain nearest to it."""

    what: str
    name: str
    year: int
    unit: str
    actual: float
    taken: float | None
    deviation: float | None


class LostTarget(Row):
    """A target of the years to come that the new plan misses; ``share`` is relative to what was asked."""

    indicator: str
    number: str
    clause: str
    standing: Literal["required", "goal"]
    year: int
    sense: str
    asked: float
    reached: float
    unit: str
    missed_by: float
    share: float | None
    met_before: str


class Delay(Row):
    """What the delay of a project costs, found by solving without it; all together where no project is named.

    ``missed``: summed relative shortfalls of required targets, ``lost`` their number.
    """

    project: str
    objective: float | None
    objective_without: float | None
    cost: float | None
    missed: float
    missed_without: float
    goals_missed: float
    goals_missed_without: float
    lost: int
    lost_without: int


# -------------------------------------------------------------------------------------------------- publication


class GivenWay(Row):
    """A target, budget or project that gives way; ``after`` is null where it is given up."""

    kind: Literal["indicator", "budget", "project"]
    name: str
    year: int | None
    before: float
    after: float | None
    unit: str
    size: float


class Decision(Row):
    """A decision of the published plan: what it states, what both plans reach, what it costs alone.

    ``cost`` is null where no plan has it besides all that is required, ``gain`` where it was given up.
    """

    kind: Literal["indicator", "project"]
    name: str
    unit: str
    published: float | None
    nearest: float | None
    optimum: float | None
    cost: float | None
    gain: float | None
