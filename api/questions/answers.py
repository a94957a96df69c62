"""What is sent: the head that every answer has, and what each kind of question adds where it has an answer."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from api.formats import Record
from api.questions import compared_rows, rows
from api.questions.rows import Conflict, Requirement
from optimizer.status import Status

COLUMNS = "names of the columns of each table, which say what a table without rows is of"


class Open(BaseModel):
    """More keys may follow with later versions."""

    model_config = ConfigDict(extra="allow")


class AboutPlan(Open):
    """The plan by name and content."""

    plan: str
    name_zh: str
    name_en: str
    fingerprint: str = Field(description="SHA-256 over settings, tables and scenarios")


class Head(Open):
    """What every answer says. An infeasible plan is an answer like any other; what then is unknown is left out."""

    plan: AboutPlan
    scenario: Record = Field(description="the whole scenario as it was solved, changes included")
    changed: list[str] = Field(description="what the question changes of the scenario that the plan states, in words")
    status: Status
    sentence: str = Field(description="the status in words")


class Stage(Open):
    """One stage of the lexicographic objective; ``value`` is null where it was not reached."""

    name: str
    text: str
    unit: str
    value: float | None


class ObjectiveValue(Open):
    """The value of the last stage; null where no point is known. Only of status ``optimal`` is it the best there is."""

    value: float | None
    unit: str
    bound: float | None = Field(
        None, description="of a search that was cut short: no plan has a better value; null where none is known"
    )
    stages: list[Stage]


class Certificate(Open):
    """Optimality recomputed from the matrices: worst violations, relative to the size of the terms."""

    holds: bool
    primal_violation: float
    dual_violation: float
    complementarity: float
    gap: float
    integrality: float


class Effort(Open):
    """Size and fingerprint of the program, iterations of the solver, gap to the best bound."""

    rows: int
    columns: int
    fingerprint: str
    iterations: int
    gap: float | None
    prices_with_projects_fixed: bool


class WhatIfAnswer(Head):
    """Objective, certificate and the tables that were asked for; or the conflict."""

    objective: ObjectiveValue
    certificate: Certificate | None
    conflict: Conflict | None
    effort: Effort
    tables: dict[str, list[Record]]
    columns: dict[str, list[str]] = Field(description=COLUMNS)


class AboutOptimum(Head):
    """An answer about the optimum; where there is none, the conflict that forbids it."""

    conflict: Conflict | None = None


class Point(Open):
    """The optimum at theta: the stated value of every stage; which stage turns here."""

    theta: float
    values: list[float]
    turns: str


class Binding(Open):
    """A requirement (its place in ``requirements``) and what one more of its bound adds to the objective."""

    requirement: int
    price: float


class BuiltHere(Open):
    """New capacity over all years, in ``unit``, and investment that one more of theta adds along a piece."""

    kind: Literal["activity", "project"]
    name: str
    rate: float
    unit: str
    money: float


class Piece(Open):
    """A linear piece between two points; ``slope`` is what one more of theta adds to the objective."""

    left: float = Field(alias="from")
    right: float = Field(alias="to")
    slope: float
    binding: list[Binding] | None = None
    built: list[BuiltHere] | None = None


class ValueCurveAnswer(Head):
    """Points and linear pieces of the curve; ``requirements`` are what binds on some of them, each stated once."""

    moves: str | None = None
    unit: str | None = Field(None, description='of theta; "1" is a share')
    value_unit: str | None = None
    shape: Literal["concave", "convex", "piecewise linear"] | None = None
    feasible: tuple[float | None, float | None] | None = Field(None, description="null: without end")
    interval: tuple[float, float] | None = None
    continues: tuple[bool, bool] | None = Field(None, description="whether the first and the last slope go on for good")
    gap: float | None = Field(None, description="as asked; 0: the curve is exact")
    proven_gap: float | None = Field(
        None, description="share of its value by which the objective may be better than told, at most, anywhere"
    )
    certificate: Certificate | None = None
    solves: int | None = None
    points: list[Point] | None = None
    pieces: list[Piece] | None = None
    requirements: list[Requirement] | None = None


class CriterionAnswer(Open):
    quantity: str
    sense: Literal["maximise", "minimise"]
    years: Any = None
    discount_rate: float


class Vertex(Open):
    """Values of the two quantities, and the rate of exchange to the next vertex (null at the last)."""

    first: float
    second: float
    rate: float | None


class FrontierAnswer(Head):
    """Every vertex of the frontier, from the best of the first quantity to the best of the second."""

    criteria: list[CriterionAnswer] | None = None
    units: list[str] | None = None
    rate_unit: str | None = None
    vertices: list[Vertex] | None = None
    certificate: Certificate | None = None
    solves: int | None = None


class EfficientSetAnswer(Head):
    """Payoff table and efficient points; ``step``: of a staircase, what two neighbours may hide between them."""

    criteria: list[CriterionAnswer] | None = None
    units: list[str] | None = None
    payoff: list[list[float]] | None = Field(
        None, description="row i: values of all where criterion i is optimised first"
    )
    points: list[list[float]] | None = None
    gap: float | None = None
    step: float | None = None
    solves: int | None = None


class LedgerAnswer(AboutOptimum):
    """Figures that matter, the largest swing first, and the mix of their grades."""

    unit: str | None = None
    figures: list[rows.LedgerRow] | None = None
    grades: list[rows.GradeRow] | None = None
    columns: dict[str, list[str]] | None = Field(None, description=COLUMNS)


class AlternativesAnswer(AboutOptimum):
    """Ranges of investment over all plans that are nearly as good, and plans that differ most."""

    within: float | None = None
    unique: bool | None = None
    projects_fixed: bool | None = None
    ranges: list[rows.RangeRow] | None = None
    different: list[rows.PlanRow] | None = None
    columns: dict[str, list[str]] | None = Field(None, description=COLUMNS)


class DiagnosisAnswer(Head):
    """Conflicts with what resolves each, and the menu of repairs, each proved by solving; or attainable ranges."""

    feasible: bool | None = None
    conflicts: list[rows.ConflictToResolve] | None = None
    menu: list[rows.RepairRow] | None = None
    stubborn: list[rows.StubbornRow] | None = None
    ranges: list[rows.AttainableRow] | None = None
    columns: dict[str, list[str]] | None = Field(None, description=COLUMNS)


class Side(Open):
    """An answer beside the one that is told in full."""

    scenario: Record
    status: Status | None = None
    objective: float | None


class EvaluationAnswer(Head):
    """The new plan beside the original one; targets that are lost, what each delay costs."""

    through: int | None = None
    required: list[str] | None = None
    objective: float | None = None
    original: Side | None = None
    unit: str | None = None
    deviations: list[compared_rows.Deviation] | None = None
    lost: list[compared_rows.LostTarget] | None = None
    delays: list[compared_rows.Delay] | None = None
    investment: list[compared_rows.ComparedInvestment] | None = None
    projects: list[compared_rows.ComparedProject] | None = None
    columns: dict[str, list[str]] | None = Field(None, description=COLUMNS)


class ComparisonAnswer(Head):
    """Both answers figure by figure; ``parts`` attribute the difference of the objective to changes."""

    before: Side | None = None
    objective: float | None = None
    difference: float | None = None
    unit: str | None = None
    goals: compared_rows.Goals | None = None
    parts: list[compared_rows.Part] | None = None
    quantities: list[compared_rows.ComparedQuantity] | None = None
    indicators: list[compared_rows.ComparedIndicator] | None = None
    investment: list[compared_rows.ComparedInvestment] | None = None
    projects: list[compared_rows.ComparedProject] | None = None
    columns: dict[str, list[str]] | None = Field(None, description=COLUMNS)


class PublicationAnswer(Head):
    """The nearest plan beside the optimum; what the published plan violates, and what each decision costs."""

    nearest: Side | None = None
    optimum: Side | None = None
    unit: str | None = None
    blocked: list[str] | None = None
    violations: list[compared_rows.GivenWay] | None = None
    given_up: list[compared_rows.GivenWay] | None = None
    decisions: list[compared_rows.Decision] | None = None
    columns: dict[str, list[str]] | None = Field(None, description=COLUMNS)


class SampleAnswer(AboutOptimum):
    """How often each target holds, what each figure explains, and the tornado table."""

    objective: float | None = None
    unit: str | None = None
    figures: list[rows.DrawnFigure] | None = None
    targets: list[rows.TargetHeld] | None = None
    effects: list[rows.EffectRow] | None = None
    tornado: list[rows.TornadoRow] | None = None
    samples: list[rows.SampleRow] | None = None
    columns: dict[str, list[str]] | None = Field(None, description=COLUMNS)
