"""What endpoints ask of a request: the plan, a page, no unknown parameter."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Path, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from api.formats import JSON, MAX_PAGE, negotiate
from api.plans.library import Library
from model_data import Plan

Version = Annotated[
    str | None,
    Field(
        pattern="^[0-9a-f]{6,64}$",
        description="the first digits of the fingerprint of a version of the plan; the newest if left out",
    ),
]


class NoParameters(BaseModel):
    """Nothing: every parameter of the address is unknown."""

    model_config = ConfigDict(extra="forbid")


class PlanParameters(BaseModel):
    """Which version of the plan."""

    model_config = ConfigDict(extra="forbid")

    version: Version = None


class PageParameters(PlanParameters):
    """Which page of a list."""

    limit: int = Field(200, ge=1, le=MAX_PAGE, description="most rows of the page")
    cursor: str | None = Field(None, max_length=200, description="next_cursor of the page before")


class TableParameters(PlanParameters):
    """Which page of a table, in which format."""

    limit: int | None = Field(None, ge=1, le=MAX_PAGE, description="most rows; JSON: 200 if left out, CSV: all")
    cursor: str | None = Field(None, max_length=200, description="next_cursor of the page before")
    format: str | None = Field(None, description="json or csv; goes before Accept", examples=["csv"])


class FormatParameters(PlanParameters):
    """In which format."""

    format: str | None = Field(None, description="xlsx or zip; goes before Accept", examples=["zip"])


class AnswerParameters(PlanParameters):
    """In which format an answer is wanted."""

    format: str | None = Field(None, description="json, csv, parquet, xlsx, csv.zip, parquet.zip; goes before Accept")
    table: str | None = Field(None, max_length=100, description="csv, parquet: which table")


class DiffParameters(TableParameters):
    """What to compare with."""

    to: str | None = Field(None, max_length=200, description="the other plan; the same one if left out")
    to_version: Version = None


class ScenarioDiffParameters(PlanParameters):
    """What to compare with."""

    to: str | None = Field(None, max_length=200, description="the other scenario; the same one if left out")
    to_version: Version = None


def _json_wanted(request: Request) -> None:
    negotiate(request, [JSON])


def _no_parameters(parameters: Annotated[NoParameters, Query()]) -> None:
    """Only there so that the parameters are checked."""


def _plan_parameters(parameters: Annotated[PlanParameters, Query()]) -> None:
    """Only there so that the parameters are checked."""


def library(request: Request) -> Library:
    """The plans of this service."""
    plans: Library = request.app.state.library
    return plans


PlanName = Annotated[str, Path(description="name of the plan", examples=["tiny"])]
PlanVersion = Annotated[Version, Query()]


def _plan(request: Request, plan: PlanName, version: PlanVersion = None) -> Plan:
    """A plain function, so that a plan is read off the event loop."""
    return library(request).version(plan, version)


Plans = Annotated[Library, Depends(library)]
ThePlan = Annotated[Plan, Depends(_plan)]
ThePage = Annotated[PageParameters, Query()]
JSON_ONLY = Depends(_json_wanted)
# At addresses below a plan the version of the plan can be named, and nothing else.
NO_PARAMETERS = Depends(_plan_parameters)
NOTHING_ELSE = Depends(_no_parameters)
