"""POST of one question about a plan, answered at once: one endpoint a kind, all made alike."""

from __future__ import annotations

import json
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool

from api import exports
from api.errors import (
    AmbiguousVersionError,
    BusyError,
    DeadlineError,
    InvalidRequestError,
    NotAcceptableError,
    NumbersOutOfRangeError,
    RetiredError,
    TooLargeError,
    UnknownNameError,
    UnreadableError,
    language_of,
    responses,
)
from api.formats import JSON, entity_tag, is_known
from api.questions import answers, judgements, kinds
from api.questions.asked import Asked
from api.questions.kept import recalled
from api.questions.pool import Pool
from api.questions.registry import AnyQuestion, tag_of
from api.questions.route import QuestionRoute, clock, keeping, remember, timed
from api.requests import AnswerParameters, ThePlan
from model_data import Plan
from optimizer.answer import TABLES

router = APIRouter(prefix="/v1/plans/{plan}", tags=["questions"], route_class=QuestionRoute)
FRESH = "private, no-cache"
REFUSALS = responses(
    UnreadableError,
    UnknownNameError,
    AmbiguousVersionError,
    NotAcceptableError,
    RetiredError,
    TooLargeError,
    InvalidRequestError,
    NumbersOutOfRangeError,
    BusyError,
    DeadlineError,
)
KNOWN: dict[int | str, dict[str, Any]] = {
    200: {"content": exports.CONTENT, "description": "The answer, or its tables"},
    304: {"description": "The caller has this answer already (If-None-Match)"},
}
AFTER = """

The same question has the same ETag, and is answered again from what is stored. In other formats than JSON: by Accept or
`format`; csv and parquet have one `table`, the main one if none is named. That no plan is feasible, or that the time
limit ended the work, is an answer (200): `status` says so, and what is unknown then is left out."""


def _serve(address: str, operation: str, model: type[Asked], sent: type[BaseModel]) -> None:
    """Adds the endpoint of a kind of question."""

    async def ask(
        request: Request, plan: ThePlan, query: Annotated[AnswerParameters, Query()], question: Any
    ) -> Response:
        return await _answered(request, plan, query, question)

    ask.__annotations__["question"] = model
    router.post(
        address,
        operation_id=operation,
        response_model=sent,
        description=f"{model.__doc__}{AFTER}",
        responses={**KNOWN, **REFUSALS},
    )(ask)


async def _answered(request: Request, plan: Plan, query: AnswerParameters, question: AnyQuestion) -> Response:
    clock(request).lap("read")
    stated, kind = question.language or language_of(request), exports.chosen(request, query.format)
    question = _whole(question, kind).model_copy(update={"language": stated})
    key, tag, kept = await run_in_threadpool(_looked_up, request, plan, query, question, kind)
    headers = {"ETag": tag, "Content-Language": str(stated), "Vary": "Accept, Accept-Language", "Cache-Control": FRESH}
    clock(request).lap("check")
    known = is_known(request, tag)
    content, lasts = (kept or b"", True) if known or kept is not None else await _computed(request, plan, question)
    if lasts and kind == "json":
        remember(request, plan.fingerprint, key, headers)
    if known:
        return Response(status_code=304, headers=headers)
    if not lasts:
        del headers["ETag"]
        headers["Cache-Control"] = "no-store"
    answer = await _as(request, plan, query, question, kind, content)
    answer.headers.update(timed(request, headers))
    if lasts and kept is None:
        answer.background = keeping(request, key, content)
    return answer


def _looked_up(
    request: Request, plan: Plan, query: AnswerParameters, question: AnyQuestion, kind: str
) -> tuple[str, str, bytes | None]:
    """The tag of the answer as JSON, that of what is sent, and the answer where it is kept and not known already."""
    key = tag_of(plan, question)
    tag = key if kind == "json" else entity_tag(key, kind, query.table)
    return key, tag, None if is_known(request, tag) else recalled(request.app.state.works, key)


async def _computed(request: Request, plan: Plan, question: AnyQuestion) -> tuple[bytes, bool]:
    """The answer as JSON, and whether the same question always has it."""
    pool: Pool = request.app.state.pool
    found = await pool.ask(request.state.place, plan, question)
    clock(request).split("hand-over", found.seconds)
    return found.content, found.lasts


async def _as(
    request: Request, plan: Plan, query: AnswerParameters, question: AnyQuestion, kind: str, content: bytes
) -> Response:
    """The answer in the format that is wanted."""
    if kind == "json":
        return Response(content, media_type=JSON)
    stated = question.language or language_of(request)
    made = await run_in_threadpool(exports.export, json.loads(content), plan, kind, query.table, stated, None)
    clock(request).lap("export")
    named = {"Content-Disposition": exports.disposition(f"{plan.settings.plan}-{question.kind}", kind)}
    return Response(made, headers=named, media_type=exports.NAMES[kind])


def _whole(question: AnyQuestion, kind: str) -> AnyQuestion:
    """A file is handed on, so it has every table unless some were named."""
    if kind == "json" or not isinstance(question, kinds.WhatIf) or "tables" in question.model_fields_set:
        return question
    return question.model_copy(update={"tables": list(TABLES)})


_serve("/what-ifs", "ask_what_if", kinds.WhatIf, answers.WhatIfAnswer)
_serve("/value-curves", "ask_value_curve", kinds.ValueCurve, answers.ValueCurveAnswer)
_serve("/frontiers", "ask_frontier", kinds.Frontier, answers.FrontierAnswer)
_serve("/ledgers", "ask_ledger", kinds.Ledger, answers.LedgerAnswer)
_serve("/alternatives", "ask_alternatives", kinds.Alternatives, answers.AlternativesAnswer)
_serve("/efficient-sets", "ask_efficient_set", kinds.EfficientSet, answers.EfficientSetAnswer)
_serve("/diagnoses", "ask_diagnosis", judgements.Diagnosis, answers.DiagnosisAnswer)
_serve("/evaluations", "ask_evaluation", judgements.Evaluation, answers.EvaluationAnswer)
_serve("/comparisons", "ask_comparison", judgements.Comparison, answers.ComparisonAnswer)
_serve("/publications", "ask_publication", judgements.Publication, answers.PublicationAnswer)
_serve("/samples", "ask_sample", judgements.Sample, answers.SampleAnswer)
