"""What every question says: a scenario of the plan, changes of it, a limit, a language."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat, StrictInt, StrictStr

from optimizer.scenario import BudgetSetting, Foresight, IndicatorSetting, Objective, ProjectSetting
from optimizer.words.language import Language

MAX_CHANGES = 10_000
Name = Annotated[str, Field(min_length=1, max_length=200)]


class Strict(BaseModel):
    """Unknown keys are refused."""

    model_config = ConfigDict(extra="forbid")


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


class Changes(Strict):
    """What differs from the scenario; the same keys as in a scenario file. What is left out stays as it is."""

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


class Case(Strict):
    """A scenario of the plan with changes."""

    scenario: Name | None = Field(default=None, description="the plan's default scenario if left out")
    changes: Changes = Field(default_factory=Changes)


class Asked(Case):
    """A scenario of the plan with changes, and how long and in which language it is answered."""

    time_limit: Annotated[FiniteFloat, Field(gt=0, le=3600)] | None = Field(
        None, description="seconds for the solver; what it has found by then is answered with status time_limit"
    )
    language: Language | None = Field(None, description="of the sentences; over HTTP by Accept-Language if left out")
