"""Upload of plans, their versions, downloads, and what differs between two of them."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from api.errors import (
    AmbiguousVersionError,
    BuiltInError,
    BusyError,
    InvalidPlanError,
    InvalidRequestError,
    MediaTypeError,
    NotAcceptableError,
    RetiredError,
    TooLargeError,
    UnknownNameError,
    WrongPlanError,
    responses,
)
from api.formats import CSV, JSON, XLSX, ZIP, entity_tag, is_known, negotiate, page, to_csv
from api.plans import schemas, versions
from api.requests import (
    JSON_ONLY,
    NOTHING_ELSE,
    DiffParameters,
    FormatParameters,
    PlanName,
    Plans,
    PlanVersion,
    ThePlan,
)
from optimizer.words.language import Text

CHANGE_COLUMNS = ["kind", "table", "key", "column", "before", "after"]
BINARY = {"schema": {"type": "string", "format": "binary"}}
BODY = {"requestBody": {"required": True, "content": {XLSX: BINARY, ZIP: BINARY}}}
UPLOADED: dict[int | str, dict[str, Any]] = {
    200: {"model": schemas.PlanVersion, "description": "This content is a version of the plan already"},
    **responses(NotAcceptableError, TooLargeError, MediaTypeError, InvalidPlanError, InvalidRequestError, BusyError),
}
REFUSALS = responses(UnknownNameError, AmbiguousVersionError, NotAcceptableError, RetiredError, InvalidRequestError)

router = APIRouter(prefix="/v1/plans", tags=["plans"])


async def _upload(request: Request, plans: Plans, response: Response, name: str | None) -> schemas.PlanVersion:
    face = versions.face_of(request.headers.get("content-type", ""))
    content = await request.body()
    desk: versions.Desk = request.app.state.desk
    plan = await run_in_threadpool(desk.read, content, face)
    if name not in (None, plan.settings.plan):
        own = plan.settings.plan
        raise WrongPlanError(
            Text(
                f"数据自称为“{own}”，地址为“{name}”。请改设置中的 plan，或上传到 /v1/plans/{own}。",
                f"The data call themselves {own!r} and the address says {name!r}. Change the setting plan,"
                f" or upload to /v1/plans/{own}.",
            )
        )
    version, is_new = await run_in_threadpool(plans.store, plan)
    response.status_code = 201 if is_new else 200
    response.headers["Location"] = f"/v1/plans/{version.plan}?version={version.fingerprint}"
    return await run_in_threadpool(versions.described, plans, version)


@router.post(
    "",
    operation_id="upload_plan",
    status_code=201,
    response_model=schemas.PlanVersion,
    openapi_extra=BODY,
    dependencies=[JSON_ONLY, NOTHING_ELSE],
    responses=UPLOADED,
)
async def upload_plan(request: Request, plans: Plans, response: Response) -> Any:
    """A plan as a workbook, or as a zip of its folder of tables: a new version of the plan that its settings name.

    Everything that is wrong is said at once, each thing with its table, row and column.
    """
    return await _upload(request, plans, response, None)


@router.put(
    "/{plan}",
    operation_id="put_plan",
    status_code=201,
    response_model=schemas.PlanVersion,
    openapi_extra=BODY,
    dependencies=[JSON_ONLY, NOTHING_ELSE],
    responses=UPLOADED | responses(WrongPlanError),
)
async def put_plan(request: Request, plan: PlanName, plans: Plans, response: Response) -> Any:
    """As `upload_plan`, of a plan that must have this name."""
    return await _upload(request, plans, response, plan)


@router.get(
    "/{plan}/versions",
    operation_id="list_versions",
    dependencies=[JSON_ONLY, NOTHING_ELSE],
    responses=responses(UnknownNameError, NotAcceptableError, InvalidRequestError),
)
def list_versions(plan: PlanName, plans: Plans) -> schemas.VersionList:
    """Every version of a plan, the newest first. The built-in one is that of the service's settings."""
    items = [versions.described(plans, version) for version in plans.versions(plan)]
    return schemas.VersionList(plan=plan, items=items)


@router.delete(
    "/{plan}/versions/{version}",
    operation_id="retire_version",
    status_code=204,
    dependencies=[NOTHING_ELSE],
    responses=responses(UnknownNameError, AmbiguousVersionError, BuiltInError, InvalidRequestError),
)
def retire_version(
    plan: PlanName,
    plans: Plans,
    version: Annotated[
        str, Path(pattern="^[0-9a-f]{6,64}$", description="the fingerprint, or its first digits", examples=["0a1b2c3d"])
    ],
) -> Response:
    """Retires a version: it is no longer the newest, nor to be asked about. Its results stay. Idempotent."""
    plans.retire(plan, version)
    return Response(status_code=204)


@router.get(
    "/{plan}/content",
    operation_id="download_plan",
    response_class=Response,
    responses={
        200: {"content": {XLSX: BINARY, ZIP: BINARY}, "description": "The whole plan, as it can be uploaded again"},
        304: {"description": "The caller has this content already (If-None-Match)"},
        **REFUSALS,
    },
)
def download_plan(
    request: Request,
    plan: PlanName,
    plans: Plans,
    query: Annotated[FormatParameters, Query()],
    version: PlanVersion = None,
) -> Response:
    """The plan as a workbook, or as a zip of its folder of tables. The same version gives the same bytes."""
    found = plans.find(plan, version)
    media_type = negotiate(request, [XLSX, ZIP], query.format)
    headers = {"ETag": entity_tag(found.fingerprint, media_type), "Vary": "Accept"}
    if is_known(request, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    ending = {XLSX: "xlsx", ZIP: "zip"}[media_type]
    headers["Content-Disposition"] = f'attachment; filename="{plan}-{found.fingerprint[:8]}.{ending}"'
    return Response(versions.download(plans, found, media_type), headers=headers, media_type=media_type)


@router.get(
    "/{plan}/diff",
    operation_id="compare_plans",
    response_model=schemas.DiffPage,
    responses={
        200: {"content": {CSV: {"schema": {"type": "string"}}}, "description": "A page of differences; CSV: all"},
        **REFUSALS,
    },
)
def compare_plans(request: Request, plan: ThePlan, plans: Plans, query: Annotated[DiffParameters, Query()]) -> Any:
    """What differs from this version of the plan to another version, or to another plan, cell by cell."""
    media_type = negotiate(request, [JSON, CSV], query.format)
    after = plans.version(query.to or plan.settings.plan, query.to_version)
    found = versions.changes(plan, after)
    if media_type == CSV:
        rows = [{**row, "key": "; ".join(f"{k}={v}" for k, v in row["key"].items())} for row in found]
        return Response(to_csv(CHANGE_COLUMNS, rows), media_type=CSV)
    content = f"{plan.fingerprint[:8]}{after.fingerprint[:8]}"
    cut = page(len(found), content, query.limit or schemas.DEFAULT_LIMIT, query.cursor)
    return schemas.DiffPage(
        plan=plan.settings.plan,
        fingerprint=plan.fingerprint,
        to=schemas.PlanIdentity(plan=after.settings.plan, fingerprint=after.fingerprint),
        total=len(found),
        next_cursor=cut.next_cursor,
        items=[schemas.PlanChange(**row) for row in found[cut.start : cut.stop]],
    )
