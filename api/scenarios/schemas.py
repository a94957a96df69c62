"""Scenarios as they are sent, and as they are answered."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from api.formats import Record
from api.plans.schemas import PlanIdentity
from api.questions.asked import Changes, Name


class ScenarioSettings(Changes):
    """A scenario: what it shows, what it is based on, and what it states over that; the keys of a scenario file."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "name_zh": "投资略减",
                    "name_en": "A little less money",
                    "shows_zh": "2007年投资预算减四分之一的影响。",
                    "shows_en": "What three quarters of the budget of 2007 reach.",
                    "based_on": "most_value",
                    "figures": [
                        {
                            "table": "budget_figures",
                            "budget": "investment",
                            "parameter": "limit",
                            "year": 2007,
                            "value": 15,
                        }
                    ],
                }
            ]
        },
    )

    name_zh: str = Field("", max_length=200)
    name_en: str = Field("", max_length=200)
    shows_zh: str = Field("", max_length=2000, description="one sentence: what the scenario shows")
    shows_en: str = Field("", max_length=2000, description="one sentence: what the scenario shows")
    based_on: Name | None = Field(None, description="the scenario of the plan over which this one is merged")

    def stated(self) -> dict[str, Any]:
        """Only what the caller wrote, as a scenario file holds it."""
        return self.model_dump(mode="json", exclude_unset=True, exclude_none=True)


class ScenarioSummary(BaseModel):
    """A scenario by name, with the sentence that says what it shows."""

    scenario: str
    name_zh: str
    name_en: str
    shows_zh: str
    shows_en: str
    is_default: bool


class ScenarioList(PlanIdentity):
    items: list[ScenarioSummary]


class ScenarioDetail(PlanIdentity):
    """The scenario as its file has it, and with everything that it is based on merged in."""

    scenario: str
    settings: Record = Field(description="the scenario file as it stands")
    resolved: Record = Field(description="with defaults and the scenario that it is based on")


class ScenarioVersion(BaseModel):
    """A version of a scenario, and the version of the plan in which it first stood, or no longer did."""

    state: Literal["stated", "deleted"]
    fingerprint: str = Field(description="of the version of the plan: name it as `version` to have the scenario so")
    stored: datetime | None = Field(description="null for what came with the service")


class ScenarioVersionList(BaseModel):
    plan: str
    scenario: str
    items: list[ScenarioVersion] = Field(description="the newest first")


class SettingChange(BaseModel):
    """One difference of two complete scenarios; the setting by its path, texts as in a file."""

    setting: str
    before: str
    after: str


class ScenarioDiff(PlanIdentity):
    scenario: str
    to: str
    to_fingerprint: str
    items: list[SettingChange]
