"""Scenarios of a plan: to read, to put, to delete, to compare."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response

from api.errors import (
    AmbiguousVersionError,
    InvalidRequestError,
    InvalidScenarioError,
    NotAcceptableError,
    RetiredError,
    TooLargeError,
    UnknownNameError,
    UnreadableError,
    responses,
)
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

router = APIRouter(prefix="/v1/plans/{plan}/scenarios", tags=["scenarios"])
REFUSALS = responses(UnknownNameError, AmbiguousVersionError, NotAcceptableError, RetiredError, InvalidRequestError)
PLAIN: dict[str, Any] = {"dependencies": [JSON_ONLY, NO_PARAMETERS], "responses": REFUSALS}
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
def get_scenario(plan: ThePlan, scenario: str) -> schemas.ScenarioDetail:
    """A scenario as its file has it, and complete."""
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
            TooLargeError,
            InvalidScenarioError,
            InvalidRequestError,
        ),
    },
)
def put_scenario(
    request: Request, plan: PlanName, scenario: NewName, settings: schemas.ScenarioSettings, plans: Plans
) -> Any:
    """States a scenario, for good: a new version of the plan, whose versions before stay as they are.

    It is checked against the plan, and everything that is wrong is said at once. Equal settings again change nothing.
    """
    version, is_new = service.put(plans, plan, scenario, settings)
    found = get_scenario(plans.open(version), scenario)
    headers = {"Location": f"{request.url.path}?version={version.fingerprint}"}
    return Response(found.model_dump_json(), 201 if is_new else 200, headers, "application/json")


@router.delete(
    "/{scenario}",
    operation_id="delete_scenario",
    status_code=204,
    dependencies=[NOTHING_ELSE],
    responses=responses(UnknownNameError, InvalidScenarioError, InvalidRequestError),
)
def delete_scenario(plan: PlanName, scenario: str, plans: Plans) -> Response:
    """A new version of the plan without the scenario; versions before keep it. Idempotent.

    A scenario on which others are based, and the default one, cannot be deleted.
    """
    if not service.delete(plans, plan, scenario):
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
