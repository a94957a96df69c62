"""The question of a what-if, and its answer."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat, StrictInt, StrictStr

from api.formats import Record
from optimizer import Status
from optimizer.scenario import BudgetSetting, Foresight, IndicatorSetting, Objective, ProjectSetting

AnswerTable = Literal[
    "indicators",
    "quantities",
    "activities",
    "accounts",
    "projects",
    "trade",
    "funds",
    "exchange_rates",
    "grades",
]
DEFAULT_TABLES: tuple[AnswerTable, ...] = ("indicators", "quantities", "projects", "exchange_rates")
MAX_CHANGES = 10_000
Name = Annotated[str, Field(min_length=1, max_length=200)]


class FigureChange(BaseModel):
    """Another value of one figure: the table, the key columns that are not blank, the value.

    The value is in the unit of the plan's figure unless ``unit`` names another that converts to it.
    """

    model_config = ConfigDict(
        extra="allow",
        json_schema_extra={
            "additionalProperties": {"anyOf": [{"type": "string"}, {"type": "integer"}]},
            "examples": [
                {"table": "budget_figures", "budget": "investment", "parameter": "limit", "year": 2007, "value": 10}
            ],
        },
    )
    __pydantic_extra__: dict[str, StrictStr | StrictInt] = Field(init=False)

    table: Name
    value: FiniteFloat
    unit: Name | None = None


class Changes(BaseModel):
    """What differs from the scenario; the same keys as in a scenario file. What is left out stays as it is."""

    model_config = ConfigDict(extra="forbid")

    foresight: Foresight = "perfect"
    target_year: int | None = Field(default=None, description="only with foresight single_year")
    whole_projects: bool = False
    switches: dict[Name, Name] = Field(default={}, max_length=MAX_CHANGES, description="option by switch")
    objective: list[Objective] = Field(default=[], min_length=1, max_length=100, description="replaces all stages")
    indicators: dict[Name, IndicatorSetting] = Field(default={}, max_length=MAX_CHANGES)
    projects: dict[Name, ProjectSetting] = Field(default={}, max_length=MAX_CHANGES)
    budgets: dict[Name, BudgetSetting] = Field(default={}, max_length=MAX_CHANGES)
    figures: list[FigureChange] = Field(default=[], max_length=MAX_CHANGES)

    def stated(self) -> dict[str, Any]:
        """Only what the caller wrote, as ``load_scenario`` takes it."""
        return self.model_dump(exclude_unset=True)


class Question(BaseModel):
    """A scenario of the plan with changes, and what of the answer is wanted."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "scenario": "most_value",
                    "changes": {
                        "indicators": {"growth": {"target": 6}},
                        "figures": [
                            {
                                "table": "budget_figures",
                                "budget": "investment",
                                "parameter": "limit",
                                "year": 2007,
                                "value": 10,
                            }
                        ],
                    },
                    "tables": ["indicators", "exchange_rates"],
                }
            ]
        },
    )

    scenario: Name | None = Field(default=None, description="the plan's default scenario if left out")
    changes: Changes = Field(default_factory=Changes)
    tables: list[AnswerTable] = Field(
        default=list(DEFAULT_TABLES), max_length=20, description="tables of the answer that are wanted"
    )
    time_limit: Annotated[FiniteFloat, Field(gt=0, le=3600)] | None = Field(
        None, description="seconds for the solver; what it has found by then is answered with status time_limit"
    )


class Stage(BaseModel):
    """One stage of the lexicographic objective; ``value`` is null where it was not reached."""

    name: str
    value: float | None


class CertificateOut(BaseModel):
    """Optimality recomputed from the matrices: worst violations, relative to the size of the terms."""

    model_config = ConfigDict(from_attributes=True)

    holds: bool
    primal_violation: float
    dual_violation: float
    complementarity: float
    gap: float
    integrality: float


class RequirementOut(BaseModel):
    """A requirement in words, and the rows of the program that it stands for."""

    zh: str
    en: str
    rows: list[list[str | int]]


class ConflictOut(BaseModel):
    """Requirements that contradict each other; without any one of them the rest can be met."""

    structural: bool = Field(description="true: nothing is feasible even without any target or budget")
    requirements: list[RequirementOut]


class Fingerprints(BaseModel):
    """SHA-256 of the plan as stored, of the complete scenario, and of the program that was solved."""

    plan: str
    scenario: str
    program: str


class WhatIf(BaseModel):
    """The answer. An infeasible plan is an answer like any other: ``conflict`` says why."""

    plan: str
    scenario: str
    fingerprints: Fingerprints
    status: Status
    sentence_zh: str
    sentence_en: str
    objective: float | None = Field(description="value of the last stage; null where no point is known")
    stages: list[Stage]
    certificate: CertificateOut | None
    gap: float | None = Field(description="relative gap to the best bound; null where none is known")
    priced_with_projects_fixed: bool
    conflict: ConflictOut | None
    tables: dict[AnswerTable, list[Record]] = Field(description="rows of the tables that were asked for")
