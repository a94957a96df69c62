"""Scenarios of a plan: to read, to put, to delete, to compare."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Path, Query, Request, Response

from api.errors import (
    AmbiguousVersionError,
    ChangedMeanwhileError,
    InvalidRequestError,
    InvalidScenarioError,
    NotAcceptableError,
    RetiredError,
    TooLargeError,
    UnknownNameError,
    UnreadableError,
    responses,
)
from api.formats import Condition
from api.plans.service import identity
from api.requests import (
    JSON_ONLY,
    NO_PARAMETERS,
    NOTHING_ELSE,
    PlanName,
    Plans,
    ScenarioDiffParameters,
    ThePlan,
)
from api.scenarios import schemas, service
from model_data import Plan

router = APIRouter(prefix="/v1/plans/{plan}/scenarios", tags=["scenarios"])
REFUSALS = responses(UnknownNameError, AmbiguousVersionError, NotAcceptableError, RetiredError, InvalidRequestError)
PLAIN: dict[str, Any] = {"dependencies": [JSON_ONLY, NO_PARAMETERS], "responses": REFUSALS}


def _condition(
    match: Annotated[str | None, Header(alias="If-Match", description="ETag of what was read")] = None,
    none_match: Annotated[str | None, Header(alias="If-None-Match", description="*: only if there is none yet")] = None,
) -> Condition:
    return Condition(match, none_match)


TheCondition = Annotated[Condition, Depends(_condition)]
NewName = Annotated[str, Path(pattern="^[a-z][a-z0-9_]{0,63}$", examples=["a_little_less"])]


@router.get("", operation_id="list_scenarios", **PLAIN)
def list_scenarios(plan: ThePlan) -> schemas.ScenarioList:
    """The scenarios of the plan, each with what it shows."""
    texts = ("name_zh", "name_en", "shows_zh", "shows_en")
    items = [
        schemas.ScenarioSummary(
            scenario=name,
            is_default=name == plan.settings.default_scenario,
            **{text: str(settings.get(text, "")) for text in texts},
        )
        for name, settings in plan.scenarios.items()
    ]
    return schemas.ScenarioList(**identity(plan), items=items)


@router.get("/{scenario}", operation_id="get_scenario", **PLAIN)
def get_scenario(plan: ThePlan, scenario: str, response: Response) -> schemas.ScenarioDetail:
    """A scenario as its file has it, and complete. Its ETag is for If-Match of a change."""
    found = _detail(plan, scenario)
    response.headers["ETag"] = service.tag(plan, scenario) or ""
    return found


def _detail(plan: Plan, scenario: str) -> schemas.ScenarioDetail:
    return schemas.ScenarioDetail(
        **identity(plan),
        scenario=scenario,
        settings=dict(service.settings_of(plan, scenario)),
        resolved=service.complete(plan, scenario),
    )


@router.put(
    "/{scenario}",
    operation_id="put_scenario",
    response_model=schemas.ScenarioDetail,
    dependencies=[JSON_ONLY, NOTHING_ELSE],
    responses={
        201: {"model": schemas.ScenarioDetail, "description": "The scenario is new"},
        **responses(
            UnreadableError,
            UnknownNameError,
            NotAcceptableError,
            ChangedMeanwhileError,
            TooLargeError,
            InvalidScenarioError,
            InvalidRequestError,
        ),
    },
)
def put_scenario(
    request: Request,
    plan: PlanName,
    scenario: NewName,
    settings: schemas.ScenarioSettings,
    plans: Plans,
    condition: TheCondition,
) -> Any:
    """States a scenario, for good: a new version of the plan, whose versions before stay as they are.

    It is checked against the plan, and everything that is wrong is said at once. Equal settings again change nothing.
    With If-Match and the ETag that was read, it is changed only if nobody else has changed it since; with
    If-None-Match: * only if there is none of that name.
    """
    version, is_new = service.put(plans, plan, scenario, settings, condition)
    changed = plans.open(version)
    found = _detail(changed, scenario)
    headers = {
        "Location": f"{request.url.path}?version={version.fingerprint}",
        "ETag": service.tag(changed, scenario) or "",
    }
    return Response(found.model_dump_json(), 201 if is_new else 200, headers, "application/json")


@router.delete(
    "/{scenario}",
    operation_id="delete_scenario",
    status_code=204,
    dependencies=[NOTHING_ELSE],
    responses=responses(UnknownNameError, ChangedMeanwhileError, InvalidScenarioError, InvalidRequestError),
)
def delete_scenario(plan: PlanName, scenario: str, plans: Plans, condition: TheCondition) -> Response:
    """A new version of the plan without the scenario; versions before keep it. Idempotent.

    A scenario on which others are based, and the default one, cannot be deleted. If-Match as where it is stated.
    """
    if not service.delete(plans, plan, scenario, condition):
        service.versions(plans, plan, scenario)  # unknown, where it never was
    return Response(status_code=204)


@router.get(
    "/{scenario}/versions",
    operation_id="list_scenario_versions",
    dependencies=[JSON_ONLY, NOTHING_ELSE],
    responses=responses(UnknownNameError, NotAcceptableError, InvalidRequestError),
)
def list_scenario_versions(plan: PlanName, scenario: str, plans: Plans) -> schemas.ScenarioVersionList:
    """The versions of a scenario: where it was stated, changed, deleted."""
    items = service.versions(plans, plan, scenario)
    return schemas.ScenarioVersionList(plan=plan, scenario=scenario, items=items)


@router.get(
    "/{scenario}/diff",
    operation_id="compare_scenarios",
    dependencies=[JSON_ONLY],
    responses=REFUSALS,
)
def compare_scenarios(
    plan: ThePlan, scenario: str, plans: Plans, query: Annotated[ScenarioDiffParameters, Query()]
) -> schemas.ScenarioDiff:
    """What differs from this scenario to another one, or to another version of it, both complete."""
    other = plans.version(plan.settings.plan, query.to_version)
    to = query.to or scenario
    items = service.differences(service.complete(plan, scenario), service.complete(other, to))
    return schemas.ScenarioDiff(
        **identity(plan), scenario=scenario, to=to, to_fingerprint=other.fingerprint, items=items
    )
