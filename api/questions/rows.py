"""Rows of the tables in answers that judge a plan, described for clients; more keys may follow with later versions."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from optimizer.status import Status

Key = dict[str, Any]  # key columns of a table of the plan


class Row(BaseModel):
    model_config = ConfigDict(extra="allow")


class GradeRow(Row):
    """How many figures of a grade the answer rests on."""

    grade: str
    figures: int
    share: float


# ----------------------------------------------------------------------------------------------------- conflicts


class Requirement(Row):
    """Rows of the program as a reader says them: subject, sign, what is asked in each of the years, clause."""

    text: str
    equation: str
    subject: str
    sign: str
    asked: list[float | None]
    unit: str
    years: list[int]
    clause: str
    remark: str
    labels: list[list[str | int]]


class Conflict(Row):
    """Requirements that contradict each other; without any one of them the rest can be met."""

    structural: bool = Field(description="true: nothing is feasible even without any target or budget")
    requirements: list[Requirement]


# ----------------------------------------------------------------------------------------------------- diagnosis


class FigureBehind(Row):
    """A figure of the plan that states a requirement."""

    table: str
    key: Key
    name_zh: str
    name_en: str
    value: float | None
    unit: str
    low: float | None
    high: float | None
    grade: str
    evidence: str
    sources: list[str]
    note: str
    clause: str


class RepairedObjective(Row):
    """What the plan with the changes comes to."""

    value: float | None
    unit: str


class ChangeRow(Row):
    """One change that helps to resolve conflicts. ``after`` is null where the requirement is given up."""

    kind: Literal["indicator", "budget", "project"]
    name: str
    year: int | None
    text: str
    before: float
    after: float | None
    unit: str
    size: float = Field(description="relative; 1 for what is moved to another year or given up")
    settings: Key = Field(description="as changes of a question")
    option: str = Field(description="of planopt solve; blank where no option says it")


class ConflictingRequirement(Requirement):
    """With the figures that state it, and the lowest of their grades."""

    grade: str | None
    figures: list[FigureBehind]


class ConflictToResolve(Row):
    """Requirements that contradict each other, and the single changes that resolve it."""

    structural: bool
    grade: str | None
    requirements: list[ConflictingRequirement]
    ways: list[ChangeRow]


class RepairRow(Row):
    """Changes with which everything else can be met, proved by solving again."""

    kinds: list[Literal["least_change", "fewest", "alone"]]
    total: float = Field(description="weighted sum of the sizes of all changes")
    tied: int
    compared_all: bool
    needed: int
    local: bool = Field(description="ratios could move together: a smaller total is not excluded")
    status: Status
    objective: RepairedObjective
    certificate: Any
    changes: list[ChangeRow]
    settings: Key
    indicators: list[dict[str, Any]]


class StubbornRow(Row):
    """What was changed alone in vain."""

    kind: str
    name: str
    year: int | None


class AttainableRow(Row):
    """How far one target can go in a year while all others stay; null where there is no end."""

    indicator: str
    standing: str
    sense: str
    year: int
    asked: float | None
    lowest: float | None
    highest: float | None
    unit: str
    stated: float | None
    attainable: float | None
    stated_unit: str


# ------------------------------------------------------------------------------------------------------- ledger


class LedgerRow(Row):
    """What one figure could do to the objective over its range; to the first order, ``true`` where solved again."""

    table: str
    row: int
    name_zh: str
    name_en: str
    value: float
    unit: str
    low: float | None
    high: float | None
    grade: str
    evidence: str
    source: str
    clause: str
    slope: float | None
    effect_low: float | None
    effect_high: float | None
    swing: float | None
    true_low: float | None
    true_high: float | None


# ------------------------------------------------------------------------------------------------- alternatives


class RangeRow(Row):
    """How much one spender may invest over the plan years in any plan that is nearly as good."""

    by: Literal["industry", "activity", "project"]
    name: str
    optimum: float
    low: float
    high: float
    unit: str


class PlanRow(Row):
    """What an industry invests in one of the plans that differ most; plan 0 is the optimum."""

    plan: int
    industry: str
    investment: float


# ------------------------------------------------------------------------------------------------------ samples


class DrawnFigure(Row):
    """A figure and the range over which it was drawn."""

    name: str
    low: float
    value: float
    high: float
    unit: str


class TargetHeld(Row):
    """In which share of the solved samples a target holds."""

    indicator: str
    year: int
    standing: Literal["required", "goal"]
    samples: int
    probability: float


class EffectRow(Row):
    """Rank correlation of a figure with the objective, and its square; null where nothing moves."""

    figure: str
    rank_correlation: float | None
    share: float | None


class TornadoRow(Row):
    """One figure at its ends, the others as stated; null where there is no optimum."""

    figure: str
    low: float
    value: float
    high: float
    unit: str
    objective_low: float | None
    objective_high: float | None
    change_low: float | None
    change_high: float | None
    swing: float | None


class SampleRow(Row):
    """One sample: how it ended; besides, the value of every figure under its name."""

    status: str = Field(description="of an answer, or `refused` where the figures make no plan")
    objective: float | None
    all_required: Literal["yes", "no", ""]
    problem: str
