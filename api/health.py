"""Whether the process lives, and whether it can take work now; figures for Prometheus."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from functools import partial
from typing import Literal

import anyio
from anyio.to_thread import run_sync
from fastapi import APIRouter, FastAPI, Request
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from api.access.gate import Caller
from api.errors import BusyError, Fault, responses
from api.observability import work
from api.observability.metrics import CONTENT_TYPE, Metrics
from api.questions.pool import Pool
from api.refusals import StoppingError
from optimizer.words.language import Text

LOG = logging.getLogger("planopt.api")
# What is wrong, or None. It may block for a moment, and is given up after PATIENCE.
Check = Callable[[], Text | None]
PATIENCE = 2.0
LATE = Text("未在时限内得到回应", "there was no response in time")
BROKEN = Text("检查未能进行，见日志", "it could not be looked at; see the log")
FULL = Text("计算位已满", "every slot is in use")

router = APIRouter(tags=["health"])


class Health(BaseModel):
    status: Literal["ok"] = "ok"


class Readiness(BaseModel):
    """What was looked at; and for whoever has a key, plans that are loaded and what-ifs that could start now."""

    status: Literal["ready"] = "ready"
    checks: list[str] = Field(description="parts that were looked at and are well")
    plans: list[str] | None = None
    free_slots: int | None = None


def prepare(app: FastAPI, pool: Pool) -> None:
    """Gives the service what parts of it register themselves with: ``app.state.checks`` and ``app.state.metrics``."""
    app.state.stopping = False
    app.state.metrics = metrics = Metrics()
    app.state.checks = {
        "what_ifs": lambda: FULL if pool.free <= 0 else None,
        "workers": pool.pulse,
        **work.checks(partial(_works, app)),
    }
    work.watch(metrics, partial(_works, app))
    pool.ended = metrics.solved
    metrics.watch("slots", "Slots for what-ifs", "state", lambda: {"free": pool.free, "in_use": pool.most - pool.free})


def _works(app: FastAPI) -> work.Work | None:
    """The durable side of the service; there once it has started."""
    found: work.Work | None = getattr(app.state, "works", None)
    return found


def register(app: FastAPI, name: str, check: Check) -> None:
    """A part of the service that must be well for /readyz to say so."""
    app.state.checks[name] = check


@router.get("/healthz", operation_id="get_health")
async def get_health() -> Health:
    """The process answers."""
    return Health()


@router.get("/readyz", operation_id="get_readiness", responses=responses(BusyError), response_model_exclude_none=True)
async def get_readiness(request: Request) -> Readiness:
    """Work would be taken now; 503 with everything that is in the way where not."""
    state = request.app.state
    if state.stopping:
        raise StoppingError(Text("服务正在停止。", "The service is stopping."), headers={"Retry-After": "5"})
    found = await _looked_at(state.checks)
    faults = [Fault("not_ready", name, wrong) for name, wrong in found.items() if wrong]
    if faults:
        detail = Text("现在不能接受工作，原因见 errors。", "Work cannot be taken now; errors says why.")
        raise BusyError(detail, faults, headers={"Retry-After": "1"})
    caller: Caller = request.state.caller
    if caller.role is None:
        return Readiness(checks=list(found))
    plans = await run_in_threadpool(list, state.library)
    return Readiness(checks=list(found), plans=plans, free_slots=state.pool.free)


async def _looked_at(checks: Mapping[str, Check]) -> dict[str, Text | None]:
    """What every check says, all at once."""
    found: dict[str, Text | None] = dict.fromkeys(checks, LATE)

    async def look(name: str, check: Check) -> None:
        with anyio.move_on_after(PATIENCE):
            found[name] = await run_sync(_judged, name, check, abandon_on_cancel=True)

    async with anyio.create_task_group() as group:
        for name, check in checks.items():
            group.start_soon(look, name, check)
    return found


def _judged(name: str, check: Check) -> Text | None:
    try:
        return check()
    except Exception:
        LOG.exception("the check of %s failed", name)
        return BROKEN


@router.get("/metrics", include_in_schema=False)
def get_metrics(request: Request) -> Response:
    """Figures for Prometheus."""
    metrics: Metrics = request.app.state.metrics
    return Response(metrics.page(), media_type=CONTENT_TYPE)
