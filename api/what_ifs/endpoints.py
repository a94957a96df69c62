"""POST of one what-if question, answered at once."""

from __future__ import annotations

from functools import partial
from typing import Any

from fastapi import APIRouter, Request, Response

from api.errors import (
    BusyError,
    DeadlineError,
    InvalidRequestError,
    NotAcceptableError,
    NumbersOutOfRangeError,
    TooLargeError,
    UnknownNameError,
    UnreadableError,
    responses,
)
from api.formats import JSON, is_known
from api.requests import JSON_ONLY, NO_PARAMETERS, ThePlan
from api.what_ifs import schemas, service
from api.what_ifs.pool import Pool

router = APIRouter(prefix="/v1/plans/{plan}/what-ifs", tags=["what-ifs"])
REFUSALS = responses(
    UnreadableError,
    UnknownNameError,
    NotAcceptableError,
    TooLargeError,
    InvalidRequestError,
    NumbersOutOfRangeError,
    BusyError,
    DeadlineError,
)


@router.post(
    "",
    operation_id="ask_what_if",
    response_model=schemas.WhatIf,
    dependencies=[JSON_ONLY, NO_PARAMETERS],
    responses={
        304: {"description": "The caller has this answer already (If-None-Match)"},
        **REFUSALS,
    },
)
async def ask_what_if(request: Request, plan: ThePlan, question: schemas.Question) -> Any:
    """What a scenario of the plan, with changes, reaches. Nothing is stored; the same question has the same ETag.

    Infeasible is an answer (200) whose `conflict` names the requirements that contradict each other.
    """
    asked = service.understand(plan, question)
    if is_known(request, asked.tag):
        return Response(status_code=304, headers={"ETag": asked.tag})
    pool: Pool = request.app.state.pool
    found = await pool.run(partial(service.answer, asked))
    final = found.status in service.FINAL
    headers = {"ETag": asked.tag, "Cache-Control": "private, no-cache"} if final else {"Cache-Control": "no-store"}
    return Response(found.model_dump_json(), headers=headers, media_type=JSON)
