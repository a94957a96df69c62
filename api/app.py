"""The service as an ASGI application."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match

from api import VERSION, documentation, health
from api.access.gate import Gate
from api.access.keys import Keyring, KeyStore
from api.admission import Counter
from api.engines.engine import Engine
from api.engines.threads import ThreadEngine
from api.errors import ApiError, InvalidRequestError, UnknownAddressError, UnreadableError, WrongMethodError, render
from api.heads import Heads
from api.middleware import INTERNAL, Guard
from api.plans.endpoints import router as plans
from api.plans.library import Library
from api.plans.version_endpoints import router as plan_versions
from api.plans.versions import Desk
from api.questions.endpoints import router as questions
from api.questions.kept import Requests
from api.questions.pool import Pool
from api.runs.comparisons import router as comparisons
from api.runs.endpoints import accepting
from api.runs.endpoints import router as runs
from api.runs.refusals import of_store
from api.runs.works import Works, hire
from api.scenarios.endpoints import router as scenarios
from api.settings import Settings
from api.store.errors import StoreError
from api.validation import body_of, faults
from optimizer.words.language import Text

ROUTERS = (
    plans,
    plan_versions,
    scenarios,
    questions,
    accepting,
    runs,
    comparisons,
    health.router,
    documentation.router,
)
ACCEPTING = Text("正在接受其他运行，请稍后再试。", "Other runs are being accepted; try again shortly.")


def create_app(
    settings: Settings,
    library: Library | None = None,
    keys: KeyStore | None = None,
    works: Works | None = None,
    engine: Engine | None = None,
) -> FastAPI:
    """The service over the plans of the settings (or plans that are loaded already), with access by these keys.

    Without ``works`` runs and uploads last as long as the process; without ``engine`` questions that are answered at
    once share this process. Raises DataError; NoKeysError where the settings ask for keys and there is none.
    """
    keyring = Keyring(keys)
    if not settings.is_open:
        keyring.require()
    app = FastAPI(
        title="planopt",
        summary="What a regional plan can and cannot reach, with proof.",
        version=VERSION,
        docs_url=None,
        redoc_url=None,
        lifespan=_lifespan,
        telemetry={"tracing": settings.tracing, "metrics": False, "logs": False},
    )
    app.state.settings = settings
    app.state.asks_for_keys = not settings.is_open
    app.state.library = Library.load(settings.plans) if library is None else library
    app.state.works = works
    if works is not None:
        app.state.library.shelf = works.shelf
    app.state.desk = Desk(places=2)
    app.state.pool = Pool(engine or ThreadEngine(settings.slots), settings.deadline)
    app.state.counter = Counter("accepting", threads=2, most=16, full=ACCEPTING)
    app.state.asked = Requests()
    for router in ROUTERS:
        app.include_router(router)
    app.exception_handler(HTTPException)(_refused)
    app.exception_handler(RequestValidationError)(_invalid)
    app.exception_handler(StoreError)(_not_stored)
    health.prepare(app, app.state.pool)
    app.add_middleware(Heads)
    app.add_middleware(Guard, settings=settings, gate=Gate(settings, keyring), metrics=app.state.metrics)
    app.openapi = partial(documentation.describe, app)  # type: ignore[method-assign]  # as FastAPI documents it
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    pool: Pool = app.state.pool
    works: Works = app.state.works or await run_in_threadpool(Works, app.state.settings, None, hire)
    app.state.works, works.solved = works, app.state.metrics.solved
    await run_in_threadpool(works.start, app.state.library)
    yield
    await run_in_threadpool(pool.close)
    app.state.counter.close()
    await run_in_threadpool(works.close)


async def _not_stored(request: Request, error: StoreError) -> Response:
    return render(request, of_store(error))


async def _refused(request: Request, error: HTTPException) -> Response:
    """Our own refusals, and those of the framework in our form."""
    return render(request, error if isinstance(error, ApiError) else _ours(request, error))


def _ours(request: Request, error: HTTPException) -> ApiError:
    match error.status_code:
        case 404:
            return UnknownAddressError(Text(f"没有地址 {request.url.path}", f"There is no {request.url.path}"))
        case 405:
            allowed = ", ".join(_methods(request, (error.headers or {}).get("Allow", "")))
            return WrongMethodError(Text(f"可用的方法：{allowed}", f"It has {allowed}"), headers={"Allow": allowed})
        case 400:
            return UnreadableError(Text("须为合法且不过深的 JSON。", "It must be JSON, legal and not nested too deep."))
    return ApiError(INTERNAL)


def _methods(request: Request, named: str) -> list[str]:
    """What the address can do; several routes may share it, of which the framework has named only the first."""
    routes = [
        route for router in ROUTERS for route in router.routes if route.matches(request.scope)[0] is not Match.NONE
    ]
    found = {*named.split(", "), *(method for route in routes for method in getattr(route, "methods", ()))} - {""}
    return sorted(found | ({"HEAD"} if "GET" in found else set()))


async def _invalid(request: Request, error: RequestValidationError) -> Response:
    errors = error.errors()
    broken = next((one for one in errors if one["type"] == "json_invalid"), None)
    if broken:
        where, why = broken["loc"][-1], broken["ctx"]["error"]
        detail = Text(f"第 {where} 个字符处不是合法的 JSON：{why}", f"Not JSON at character {where}: {why}")
        return render(request, UnreadableError(detail))
    found = faults(errors, error.body, body_of(request))
    detail = Text(f"共 {len(found)} 处问题，见 errors。", f"What is wrong is listed in errors ({len(found)}).")
    return render(request, InvalidRequestError(detail, found))
