"""POST of one question about a plan, answered at once: one endpoint a kind, all made alike."""

from __future__ import annotations

import json
import threading
from functools import partial
from typing import Any

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel

from api.errors import (
    BusyError,
    DeadlineError,
    InvalidRequestError,
    NotAcceptableError,
    NumbersOutOfRangeError,
    TooLargeError,
    UnknownNameError,
    UnreadableError,
    language_of,
    responses,
)
from api.formats import JSON, entity_tag, is_known
from api.questions import answers, judgements, kinds
from api.questions.asked import Asked
from api.questions.pool import Pool
from api.questions.registry import FINAL, AnyQuestion, answer, fingerprint
from api.requests import JSON_ONLY, NO_PARAMETERS, ThePlan
from model_data import Plan
from optimizer.solver import Limits

router = APIRouter(prefix="/v1/plans/{plan}", tags=["questions"])
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
KNOWN: dict[int | str, dict[str, Any]] = {304: {"description": "The caller has this answer already (If-None-Match)"}}
AFTER = """

Nothing is stored; the same question has the same ETag. That no plan is feasible, or that the time limit ended the work,
is an answer (200): `status` says so, and what is unknown then is left out."""


def _serve(address: str, operation: str, model: type[Asked], sent: type[BaseModel]) -> None:
    """Adds the endpoint of a kind of question."""

    async def ask(request: Request, plan: ThePlan, question: Any) -> Response:
        return await _answered(request, plan, question)

    ask.__annotations__["question"] = model
    router.post(
        address,
        operation_id=operation,
        response_model=sent,
        description=f"{model.__doc__}{AFTER}",
        dependencies=[JSON_ONLY, NO_PARAMETERS],
        responses={**KNOWN, **REFUSALS},
    )(ask)


async def _answered(request: Request, plan: Plan, question: AnyQuestion) -> Response:
    stated = question.language or language_of(request)
    question = question.model_copy(update={"language": stated})
    headers = {"ETag": entity_tag(fingerprint(plan, question)), "Content-Language": str(stated)}
    headers["Vary"] = "Accept, Accept-Language"
    if is_known(request, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    pool: Pool = request.app.state.pool
    found = await pool.run(partial(_work, plan, question))
    if found["status"] in FINAL:
        headers["Cache-Control"] = "private, no-cache"
    else:
        headers |= {"Cache-Control": "no-store"}
        del headers["ETag"]
    content = json.dumps(found, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return Response(content, headers=headers, media_type=JSON)


def _work(plan: Plan, question: AnyQuestion, cancel: threading.Event) -> dict[str, Any]:
    return answer(plan, question, Limits(cancel=cancel))


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
