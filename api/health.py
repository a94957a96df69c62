"""Whether the process lives, and whether it can take a question now."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel

from api.errors import BusyError, responses
from api.questions.pool import Pool
from optimizer.words.language import Text

router = APIRouter(tags=["health"])


class Health(BaseModel):
    status: Literal["ok"] = "ok"


class Readiness(BaseModel):
    """Plans that are loaded, and how many what-ifs could start now."""

    status: Literal["ready"] = "ready"
    plans: list[str]
    free_slots: int


@router.get("/healthz", operation_id="get_health")
async def get_health() -> Health:
    """The process answers."""
    return Health()


@router.get("/readyz", operation_id="get_readiness", responses=responses(BusyError))
async def get_readiness(request: Request) -> Readiness:
    """A what-if would be taken now; 503 where every slot is in use."""
    pool: Pool = request.app.state.pool
    if pool.free <= 0:
        raise BusyError(Text("计算位已满。", "Every slot is in use."), headers={"Retry-After": "1"})
    return Readiness(plans=list(request.app.state.library), free_slots=pool.free)
