"""Runs and batches over HTTP: accepted at once, answered in their own time, cancelled, watched, fetched."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Path, Query, Request, Response
from fastapi.sse import EventSourceResponse, ServerSentEvent
from pydantic import BaseModel, ConfigDict, Field

from api import exports
from api.admission import AdmittedRoute, Places
from api.errors import (
    BusyError,
    InvalidRequestError,
    KeyUsedError,
    NoResultError,
    NotAcceptableError,
    QueueFullError,
    RetiredError,
    StoreFullError,
    StoreUnavailableError,
    TooLargeError,
    UnknownNameError,
    UnknownRunError,
    UnreadableError,
    language_of,
    responses,
)
from api.formats import JSON, MAX_PAGE, entity_tag, is_known
from api.requests import JSON_ONLY, NOTHING_ELSE
from api.runs import results, schemas, service
from api.runs.events import stream
from api.store.ledger import Ledger
from api.store.reading import RunFilter
from api.store.records import Run as StoredRun
from api.store.vocabulary import RunKind, RunState, TaskState
from optimizer.words.language import Language


class Accepting(AdmittedRoute):
    """Expanding a batch takes a while: it has threads of its own, and a short line before them."""

    def places(self, request: Request) -> Places:
        places: Places = request.app.state.counter
        return places


router = APIRouter(prefix="/v1", tags=["runs"])
accepting = APIRouter(prefix="/v1", tags=["runs"], route_class=Accepting)
ACCEPTED: dict[int | str, Any] = {
    202: {
        "model": schemas.Run,
        "description": "Accepted, and kept from now on whatever happens to the service",
        "headers": {
            "Location": {"schema": {"type": "string"}, "description": "where the run is"},
            "Retry-After": {"schema": {"type": "string"}, "description": "seconds until it is worth asking"},
        },
    }
}
ACCEPTING = responses(
    UnreadableError,
    NotAcceptableError,
    RetiredError,
    TooLargeError,
    InvalidRequestError,
    KeyUsedError,
    BusyError,
    QueueFullError,
    StoreUnavailableError,
    StoreFullError,
)
ASKING = responses(UnknownRunError, NotAcceptableError, InvalidRequestError, StoreUnavailableError)
FETCHING = responses(
    UnknownRunError,
    NoResultError,
    UnknownNameError,
    NotAcceptableError,
    RetiredError,
    InvalidRequestError,
    StoreUnavailableError,
)
FETCHED: dict[int | str, Any] = {
    200: {"content": exports.CONTENT, "description": "The answer, or its tables"},
    304: {"description": "The caller has this already (If-None-Match)"},
}
Key = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=255,
        description="of the caller's choice; the same request with the same key is accepted once",
    ),
]
RunId = Annotated[str, Path(max_length=64, description="id of the run", examples=["0a1b2c3d4e5f"])]
Position = Annotated[int, Path(ge=0, le=2**31 - 1, description="which case of the run, from 0")]


class RunParameters(BaseModel):
    """Which runs."""

    model_config = ConfigDict(extra="forbid")

    limit: int = Field(50, ge=1, le=MAX_PAGE, description="most runs of the page")
    cursor: int | None = Field(None, ge=0, lt=2**63, description="next_cursor of the page before")
    kind: RunKind | None = None
    state: list[RunState] = Field(default=[], max_length=10)
    plan: str | None = Field(None, max_length=200)
    asker: str | None = Field(None, max_length=200)


class TaskParameters(BaseModel):
    """Which cases of a run."""

    model_config = ConfigDict(extra="forbid")

    limit: int = Field(200, ge=1, le=MAX_PAGE)
    cursor: int | None = Field(None, ge=0, lt=2**31)
    state: list[TaskState] = Field(default=[], max_length=10)


class ResultParameters(BaseModel):
    """In which format; for csv and parquet, which table."""

    model_config = ConfigDict(extra="forbid")

    format: str | None = Field(None, description="one of " + ", ".join(exports.NAMES) + "; goes before Accept")
    table: str | None = Field(None, max_length=100, description="csv, parquet: the table; the main one if left out")


class ResultsParameters(ResultParameters):
    """Which table over the cases, which page of it (JSON), in which format."""

    limit: int = Field(200, ge=1, le=MAX_PAGE, description="JSON: most cases of the page; other formats have all")
    cursor: int | None = Field(None, ge=0, lt=2**31)


def _ledger(request: Request) -> Ledger:
    ledger: Ledger = request.app.state.works.ledger
    return ledger


def _run(ledger: Annotated[Ledger, Depends(_ledger)], run: RunId) -> StoredRun:
    return ledger.run(run)


TheLedger = Annotated[Ledger, Depends(_ledger)]
TheRun = Annotated[StoredRun, Depends(_run)]
PLAIN = [JSON_ONLY, NOTHING_ELSE]


def _accepted(run: StoredRun) -> Response:
    described = service.described(run)
    headers = {"Location": described.links.self, "Retry-After": "1"}
    return Response(described.model_dump_json(), 202, headers, JSON)


@accepting.post("/runs", operation_id="ask", status_code=202, response_model=schemas.Run, dependencies=PLAIN,
             responses=ACCEPTED | ACCEPTING)  # fmt: skip
async def ask(request: Request, body: schemas.NewRun, key: Key = None) -> Response:
    """One question of any kind, answered in its own time. Nothing that was accepted is lost."""
    return _accepted(await request.app.state.counter.serve(service.accept_run, request, body, key))


@accepting.post("/batches", operation_id="ask_many", status_code=202, response_model=schemas.Run, dependencies=PLAIN,
             responses=ACCEPTED | ACCEPTING)  # fmt: skip
async def ask_many(request: Request, body: schemas.NewBatch, key: Key = None) -> Response:
    """Many questions: scenarios × variants × ways to solve × years, a list, or samples of uncertain figures.

    A batch is a run of many cases. One that fails does not take the others with it.
    """
    return _accepted(await request.app.state.counter.serve(service.accept_batch, request, body, key))


@router.get("/runs", operation_id="list_runs", dependencies=[JSON_ONLY],
            responses=responses(NotAcceptableError, InvalidRequestError, StoreUnavailableError))  # fmt: skip
def list_runs(ledger: TheLedger, query: Annotated[RunParameters, Query()]) -> schemas.RunList:
    """Runs and batches, the newest first."""
    wanted = RunFilter(query.kind, tuple(query.state), query.asker, query.plan)
    page = ledger.runs(query.cursor, wanted, query.limit)
    items = [service.described(run) for run in page.items]
    return schemas.RunList(items=items, next_cursor=None if page.next is None else str(page.next))


@router.get("/runs/{run}", operation_id="get_run", dependencies=PLAIN, responses=ASKING)
def get_run(run: TheRun) -> schemas.Run:
    """State, progress and links of a run."""
    return service.described(run)


@router.delete("/runs/{run}", operation_id="cancel_run", dependencies=PLAIN, responses=ASKING)
def cancel_run(request: Request, run: RunId) -> schemas.Run:
    """Stops the run: what waits is not begun, what is being solved is stopped. Idempotent; results stay."""
    return service.described(request.app.state.works.cancel(run))


@router.post("/runs/{run}/cancel", operation_id="post_cancel", dependencies=PLAIN, responses=ASKING)
def post_cancel(request: Request, run: RunId) -> schemas.Run:
    """As DELETE of the run, for clients that cannot."""
    return cancel_run(request, run)


@router.get("/runs/{run}/events", operation_id="watch_run", response_class=EventSourceResponse,
            dependencies=[NOTHING_ELSE, Depends(_run)],
            responses=responses(UnknownRunError, InvalidRequestError, StoreUnavailableError))  # fmt: skip
async def watch_run(
    ledger: TheLedger,
    run: RunId,
    last: Annotated[int, Header(alias="Last-Event-ID", ge=0, lt=2**31, description="the last event seen")] = 0,
) -> AsyncIterator[ServerSentEvent]:
    """Server-sent events of a run until its end; after an interruption from the event after Last-Event-ID."""
    async for event in stream(ledger, run, last):
        yield event


@router.get("/runs/{run}/tasks", operation_id="list_tasks", dependencies=[JSON_ONLY], responses=ASKING)
def list_tasks(
    request: Request, ledger: TheLedger, run: RunId, query: Annotated[TaskParameters, Query()]
) -> schemas.TaskList:
    """The cases of a run in order: state, what failed and why."""
    page = ledger.tasks(run, query.cursor, query.limit, query.state)
    items = [service.task(run, one, language_of(request)) for one in page.items]
    return schemas.TaskList(run=run, items=items, next_cursor=None if page.next is None else str(page.next))


@router.get("/runs/{run}/result", operation_id="get_result", response_model=dict[str, Any],
            responses=FETCHED | FETCHING)  # fmt: skip
def get_result(request: Request, run: TheRun, query: Annotated[ResultParameters, Query()]) -> Response:
    """The answer of a single question; of a batch, that of its first case. A result never changes."""
    return _fetched(request, run, 0, query)


@router.get("/runs/{run}/tasks/{position}/result", operation_id="get_task_result", response_model=dict[str, Any],
            responses=FETCHED | FETCHING)  # fmt: skip
def get_task_result(
    request: Request, run: TheRun, position: Position, query: Annotated[ResultParameters, Query()]
) -> Response:
    """The answer of one case. A result never changes."""
    return _fetched(request, run, position, query)


def _fetched(request: Request, run: StoredRun, position: int, query: ResultParameters) -> Response:
    ledger, language = _ledger(request), language_of(request)
    kind = exports.chosen(request, query.format)
    found = service.result(ledger, run.id, position, language).document
    tag = entity_tag(run.id, position, found.sha256, kind, query.table, "" if kind == "json" else language)
    headers = {"ETag": tag, "Vary": "Accept, Accept-Language", "Cache-Control": "private, no-cache"}
    if is_known(request, tag):
        return Response(status_code=304, headers=headers)
    if kind == "json":
        return Response(found.body, headers=headers, media_type=JSON)
    plan = request.app.state.library.known(run.plan, run.request["fingerprint"])
    answered = ledger.tasks(run.id, position - 1, 1).items[0].finished_at
    content = exports.export(found.json(), plan, kind, query.table, language, answered)
    headers["Content-Disposition"] = exports.disposition(f"{run.plan}-{run.id[:8]}-{position}", kind)
    return Response(content, headers=headers, media_type=exports.NAMES[kind])


@router.get("/runs/{run}/results", operation_id="list_results", response_model=schemas.ResultPage,
            responses=FETCHED | FETCHING)  # fmt: skip
def list_results(request: Request, run: TheRun, query: Annotated[ResultsParameters, Query()]) -> Response:
    """A table over all cases: what tells each from the others, and how it ended or its rows of one of the tables.

    `table` is `summary`, or a table that the cases were asked for. As long as the run goes on it holds what there is.
    """
    ledger, language = _ledger(request), language_of(request)
    kind, table = exports.chosen(request, query.format, ("json", "csv", "parquet", "xlsx")), query.table or "summary"
    tag = entity_tag(run.id, run.last_event, kind, table, query.limit, query.cursor, language)
    headers = {"ETag": tag, "Vary": "Accept, Accept-Language", "Cache-Control": "private, no-cache"}
    if is_known(request, tag):
        return Response(status_code=304, headers=headers)
    if kind == "json":
        return Response(
            _page(ledger, run.id, table, language, query).model_dump_json(), headers=headers, media_type=JSON
        )
    plan = request.app.state.library.known(run.plan, run.request["fingerprint"])
    content = exports.export_frame(results.frame(ledger, run.id, table, language), table, plan, kind)
    headers["Content-Disposition"] = exports.disposition(f"{run.plan}-{run.id[:8]}-{table}", kind)
    return Response(content, headers=headers, media_type=exports.NAMES[kind])


def _page(ledger: Ledger, run: str, table: str, language: Language, query: ResultsParameters) -> schemas.ResultPage:
    rows, following = results.rows(ledger, run, table, language, query.cursor, query.limit)
    cursor = None if following is None else str(following)
    columns = results.columns_of(rows, table)
    return schemas.ResultPage(run=run, table=table, rows=rows, columns=columns, next_cursor=cursor)
