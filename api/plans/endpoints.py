"""GET of plans, their tables, indicators, projects and sources."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from api.errors import (
    AmbiguousVersionError,
    InvalidRequestError,
    NotAcceptableError,
    RetiredError,
    UnknownFigureError,
    UnknownNameError,
    responses,
)
from api.formats import CSV, JSON, Record, entity_tag, is_known, negotiate, page, to_csv
from api.plans import schemas, service
from api.requests import (
    JSON_ONLY,
    NO_PARAMETERS,
    NOTHING_ELSE,
    PageParameters,
    Plans,
    TableParameters,
    ThePage,
    ThePlan,
)
from model_data import Plan, Trace
from model_data.schema import TABLE, TABLES
from optimizer.words.language import Text

INDICATOR, PROJECT, SOURCE = Text("指标", "indicator"), Text("项目", "project"), Text("来源", "source")

router = APIRouter(prefix="/v1/plans", tags=["plans"])
KEY = {
    "name": "key",
    "in": "query",
    "description": "one parameter a key column of the table, such as budget=investment&parameter=limit&year=2007",
    "style": "form",
    "explode": True,
    "schema": {"type": "object", "additionalProperties": {"type": "string"}},
}
REFUSALS = responses(UnknownNameError, AmbiguousVersionError, NotAcceptableError, RetiredError, InvalidRequestError)
PLAIN: dict[str, Any] = {"dependencies": [JSON_ONLY, NO_PARAMETERS], "responses": REFUSALS}
PAGED: dict[str, Any] = {"dependencies": [JSON_ONLY], "responses": REFUSALS}


def _summary(plan: Plan) -> dict[str, Any]:
    settings = plan.settings
    return {name: getattr(settings, name, None) for name in schemas.PlanSummary.model_fields} | service.identity(plan)


@router.get(
    "",
    operation_id="list_plans",
    responses=responses(NotAcceptableError, InvalidRequestError),
    dependencies=[JSON_ONLY, NOTHING_ELSE],
)
def list_plans(plans: Plans) -> schemas.PlanList:
    """Every plan of this service."""
    return schemas.PlanList(items=[schemas.PlanSummary(**_summary(plan)) for plan in plans.values()])


@router.get("/{plan}", operation_id="get_plan", **PLAIN)
def get_plan(plan: ThePlan) -> schemas.PlanDetail:
    """Settings, scenarios and tables of a plan."""
    settings = plan.settings
    return schemas.PlanDetail(
        **_summary(plan),
        description_zh=settings.description_zh,
        description_en=settings.description_en,
        investment_account=settings.investment_account,
        scenarios=list(plan.scenarios),
        tables={name: len(plan.table(name)) for name in TABLE},
    )


@router.get("/{plan}/tables", operation_id="list_tables", **PLAIN)
def list_tables(plan: ThePlan) -> schemas.TableList:
    """Every table that a plan has, in the order of the schema."""
    items = [
        schemas.TableSummary(
            table=table.name,
            zh=table.zh,
            en=table.en,
            doc=table.doc,
            key=list(table.key),
            holds_figures=table.is_figure_table,
            rows=len(plan.table(table.name)),
        )
        for table in TABLES
    ]
    return schemas.TableList(**service.identity(plan), items=items)


@router.get(
    "/{plan}/tables/{table}",
    operation_id="get_table",
    response_model=schemas.TablePage,
    responses={
        200: {"content": {CSV: {"schema": {"type": "string"}}}, "description": "A page of rows; CSV: UTF-8 for Excel"},
        304: {"description": "The caller has this answer already (If-None-Match)"},
        **REFUSALS,
    },
)
def get_table(request: Request, plan: ThePlan, table: str, query: Annotated[TableParameters, Query()]) -> Any:
    """Rows of a table, as JSON by pages or as CSV for a spreadsheet."""
    declared = service.table_of(table)
    media_type = negotiate(request, [JSON, CSV], query.format)
    rows = service.rows_of(plan, table)
    limit = query.limit or (schemas.DEFAULT_LIMIT if media_type == JSON else None)
    cut = page(len(rows), plan.fingerprint, limit, query.cursor)
    headers = {"ETag": entity_tag(plan.fingerprint, table, media_type, cut), "Vary": "Accept"}
    if cut.next_cursor:
        following = request.url.include_query_params(cursor=cut.next_cursor)
        headers["Link"] = f'<{following.path}?{following.query}>; rel="next"'
    if is_known(request, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    shown = rows[cut.start : cut.stop]
    if media_type == CSV:
        headers["Content-Disposition"] = f'attachment; filename="{table}.csv"'
        return Response(to_csv([column.name for column in declared.columns], shown), headers=headers, media_type=CSV)
    columns = [schemas.ColumnInfo.of(column) for column in declared.columns]
    answer = schemas.TablePage(
        **service.identity(plan), table=table, columns=columns, rows=shown, total=len(rows), next_cursor=cut.next_cursor
    )
    return Response(answer.model_dump_json(), headers=headers, media_type=JSON)


@router.get("/{plan}/indicators", operation_id="list_indicators", **PAGED)
def list_indicators(plan: ThePlan, query: ThePage) -> schemas.IndicatorPage:
    """The plan's targets with clause, standing and figures."""
    return schemas.IndicatorPage(**_paged(plan, query, service.with_figures(plan, "indicators", "indicator_figures")))


@router.get("/{plan}/indicators/{indicator}", operation_id="get_indicator", **PLAIN)
def get_indicator(plan: ThePlan, indicator: str) -> schemas.Indicator:
    """One target of the plan."""
    rows = service.with_figures(plan, "indicators", "indicator_figures")
    return service.one(rows, "indicator", indicator, INDICATOR)


@router.get("/{plan}/projects", operation_id="list_projects", **PAGED)
def list_projects(plan: ThePlan, query: ThePage) -> schemas.ProjectPage:
    """The plan's named projects with size and years."""
    return schemas.ProjectPage(**_paged(plan, query, service.with_figures(plan, "projects", "project_figures")))


@router.get("/{plan}/projects/{project}", operation_id="get_project", **PLAIN)
def get_project(plan: ThePlan, project: str) -> schemas.Project:
    """One project of the plan."""
    rows = service.with_figures(plan, "projects", "project_figures")
    return service.one(rows, "project", project, PROJECT)


@router.get("/{plan}/sources", operation_id="list_sources", **PAGED)
def list_sources(plan: ThePlan, query: ThePage) -> schemas.SourcePage:
    """What the sources of the plan's figures stand for."""
    return schemas.SourcePage(**_paged(plan, query, service.rows_of(plan, "sources")))


@router.get("/{plan}/sources/{source}", operation_id="get_source", **PLAIN)
def get_source(plan: ThePlan, source: str) -> schemas.ListedSource:
    """One source."""
    return service.one(service.rows_of(plan, "sources"), "source", source, SOURCE)


@router.get(
    "/{plan}/figures/{table}",
    operation_id="trace_figure",
    dependencies=[JSON_ONLY],
    responses={**REFUSALS, **responses(UnknownNameError, AmbiguousVersionError, UnknownFigureError)},
    openapi_extra={"parameters": [KEY]},
)
def trace_figure(request: Request, plan: ThePlan, table: str) -> Trace:
    """One figure, named by the key columns that are not blank: value, range, grade, and its sources in full."""
    key = {name: value for name, value in request.query_params.items() if name != "version"}
    return service.figure_trace(plan, table, key)


def _paged(plan: Plan, query: PageParameters, rows: list[Record]) -> dict[str, Any]:
    cut = page(len(rows), plan.fingerprint, query.limit, query.cursor)
    return {
        **service.identity(plan),
        "total": len(rows),
        "next_cursor": cut.next_cursor,
        "items": rows[cut.start : cut.stop],
    }
