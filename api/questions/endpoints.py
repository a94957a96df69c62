"""POST of one question about a plan, answered at once: one endpoint a kind, all made alike."""

from __future__ import annotations

import json
import threading
from functools import partial
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
from api.formats import entity_tag, is_known
from api.questions import answers, judgements, kinds
from api.questions.asked import Asked
from api.questions.kept import keep, recalled
from api.questions.pool import Pool
from api.questions.registry import FINAL, AnyQuestion, answer, fingerprint
from api.requests import AnswerParameters, ThePlan
from api.runs.works import Works
from model_data import Plan
from optimizer.answer import TABLES
from optimizer.solver import Limits

router = APIRouter(prefix="/v1/plans/{plan}", tags=["questions"])
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
    stated, kind = question.language or language_of(request), exports.chosen(request, query.format)
    question = _whole(question, kind).model_copy(update={"language": stated})
    key = entity_tag(fingerprint(plan, question))
    tag = key if kind == "json" else entity_tag(key, kind, query.table)
    headers = {"ETag": tag, "Content-Language": str(stated), "Vary": "Accept, Accept-Language"}
    if is_known(request, tag):
        return Response(status_code=304, headers=headers)
    content, lasts = await _content(request, plan, question, key)
    headers["Cache-Control"] = "private, no-cache" if lasts else "no-store"
    if not lasts:
        del headers["ETag"]
    if kind != "json":
        content = await run_in_threadpool(exports.export, json.loads(content), plan, kind, query.table, stated, None)
        headers["Content-Disposition"] = exports.disposition(f"{plan.settings.plan}-{question.kind}", kind)
    return Response(content, headers=headers, media_type=exports.NAMES[kind])


def _whole(question: AnyQuestion, kind: str) -> AnyQuestion:
    """A file is handed on, so it has every table unless some were named."""
    if kind == "json" or not isinstance(question, kinds.WhatIf) or "tables" in question.model_fields_set:
        return question
    return question.model_copy(update={"tables": list(TABLES)})


async def _content(request: Request, plan: Plan, question: AnyQuestion, key: str) -> tuple[bytes, bool]:
    """The answer as JSON, and whether the same question always has it: from the store, else computed."""
    works: Works | None = request.app.state.works
    known = await run_in_threadpool(recalled, works, key)
    if known is not None:
        return known, True
    pool: Pool = request.app.state.pool
    content, lasts = await pool.run(partial(_work, plan, question))
    if lasts:
        await run_in_threadpool(keep, works, key, content)
    return content, lasts


def _work(plan: Plan, question: AnyQuestion, cancel: threading.Event) -> tuple[bytes, bool]:
    """The answer, and whether the same question always has it."""
    found = answer(plan, question, Limits(cancel=cancel))
    content = json.dumps(found, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return content.encode(), found["status"] in FINAL


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
