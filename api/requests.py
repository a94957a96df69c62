"""What endpoints ask of a request: the plan, a page, no unknown parameter."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Path, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from api.formats import JSON, MAX_PAGE, negotiate
from api.plans.service import Library
from model_data import Plan


class NoParameters(BaseModel):
    """Nothing: every parameter of the address is unknown."""

    model_config = ConfigDict(extra="forbid")


class PageParameters(BaseModel):
    """Which page of a list."""

    model_config = ConfigDict(extra="forbid")

    limit: int = Field(200, ge=1, le=MAX_PAGE, description="most rows of the page")
    cursor: str | None = Field(None, max_length=200, description="next_cursor of the page before")


class TableParameters(BaseModel):
    """Which page of a table, in which format."""

    model_config = ConfigDict(extra="forbid")

    limit: int | None = Field(None, ge=1, le=MAX_PAGE, description="most rows; JSON: 200 if left out, CSV: all")
    cursor: str | None = Field(None, max_length=200, description="next_cursor of the page before")
    format: str | None = Field(None, description="json or csv; goes before Accept", examples=["csv"])


def _json_wanted(request: Request) -> None:
    negotiate(request, [JSON])


def _no_parameters(parameters: Annotated[NoParameters, Query()]) -> None:
    """Only there so that the parameters are checked."""


def library(request: Request) -> Library:
    """The plans of this service."""
    plans: Library = request.app.state.library
    return plans


def _plan(request: Request, plan: Annotated[str, Path(description="name of the plan", examples=["tiny"])]) -> Plan:
    return library(request)[plan]


Plans = Annotated[Library, Depends(library)]
ThePlan = Annotated[Plan, Depends(_plan)]
ThePage = Annotated[PageParameters, Query()]
JSON_ONLY = Depends(_json_wanted)
NO_PARAMETERS = Depends(_no_parameters)
