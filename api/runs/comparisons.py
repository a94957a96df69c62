"""POST of a comparison: two stored results side by side, without solving anything again."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Annotated, Any

import pandas as pd
from fastapi import APIRouter, Query, Request, Response

from api import exports
from api.errors import (
    InvalidRequestError,
    NoResultError,
    NotAcceptableError,
    RetiredError,
    StoreUnavailableError,
    TooLargeError,
    UnknownNameError,
    UnknownRunError,
    UnreadableError,
    language_of,
    responses,
)
from api.formats import JSON, Record, records
from api.runs import schemas, service
from api.runs.endpoints import ResultParameters
from api.runs.results import objective_of
from api.scenarios.service import differences
from api.store.ledger import Ledger
from model_data import Plan
from optimizer.comparison import side_by_side
from optimizer.export.documents import book_bytes, zip_bytes
from optimizer.export.tables import document_tables, source_table
from optimizer.words.language import Language

router = APIRouter(prefix="/v1/comparisons", tags=["runs"])
Frames = dict[str, pd.DataFrame]
# What identifies a row of each table, and its value; what is absent counts as nothing where that is what it means.
COMPARED: Mapping[str, tuple[list[str], str, float]] = {
    "indicators": (["indicator", "year", "unit"], "reached", math.nan),
    "quantities": (["quantity", "year", "unit"], "value", math.nan),
    "projects": (["project", "year", "unit"], "share", 0.0),
    "activities": (["region", "activity", "year", "output_unit"], "output", 0.0),
    "funds": (["fund", "industry", "year"], "value", 0.0),
    "accounts": (["flow", "region", "industry", "activity", "item", "year", "unit"], "value", 0.0),
}


@router.post(
    "",
    operation_id="compare_results",
    response_model=schemas.StoredComparison,
    responses={
        200: {"content": dict.fromkeys(exports.CONTENT, exports.BINARY), "description": "The two side by side"},
        **responses(
            UnreadableError,
            UnknownRunError,
            NoResultError,
            UnknownNameError,
            NotAcceptableError,
            RetiredError,
            TooLargeError,
            InvalidRequestError,
            StoreUnavailableError,
        ),
    },
)
def compare_results(
    request: Request, body: schemas.NewComparison, query: Annotated[ResultParameters, Query()]
) -> Response:
    """Two stored results: objectives, settings, and each table that both have, with the difference.

    Nothing is solved again; for the difference attributed to single changes ask the question `comparison`.
    """
    ledger: Ledger = request.app.state.works.ledger
    language, kind = language_of(request), exports.chosen(request, query.format)
    before, plan = _document(request, ledger, body.before, language)
    after, _ = _document(request, ledger, body.after, language)
    tables = _tables(before, after, plan, language)
    if kind == "json":
        return Response(_compared(before, after, tables).model_dump_json(), media_type=JSON)
    content = _exported(tables, plan, kind, query.table)
    headers = {"Content-Disposition": exports.disposition("comparison", kind)}
    return Response(content, headers=headers, media_type=exports.NAMES[kind])


def _document(
    request: Request, ledger: Ledger, ref: schemas.ResultRef, language: Language
) -> tuple[dict[str, Any], Plan]:
    run = ledger.run(ref.run)
    document: dict[str, Any] = service.result(ledger, ref.run, ref.position, language).document.json()
    return document, request.app.state.library.known(run.plan, run.request["fingerprint"])


def _tables(before: Mapping[str, Any], after: Mapping[str, Any], plan: Plan, language: Language) -> Frames:
    """The tables that both have, row by row."""
    old, new = document_tables(before, plan, language), document_tables(after, plan, language)
    found = {}
    for name, (key, value, absent) in COMPARED.items():
        if all(name in frames and {*key, value} <= set(frames[name].columns) for frames in (old, new)):
            first, second = (frames[name][[*key, value]].astype({value: float}) for frames in (old, new))
            found[name] = side_by_side(first, second, key, value, absent)
    return found


def _compared(before: Mapping[str, Any], after: Mapping[str, Any], tables: Frames) -> schemas.StoredComparison:
    (first, first_unit), (second, second_unit) = objective_of(before), objective_of(after)
    same = first_unit == second_unit
    difference = second - first if same and first is not None and second is not None else None
    return schemas.StoredComparison(
        before=_head(before),
        after=_head(after),
        difference=difference,
        unit=first_unit if same and first_unit else None,
        settings=[change.model_dump() for change in differences(before["scenario"], after["scenario"])],
        tables={name: records(frame) for name, frame in tables.items()},
        columns={name: [str(column) for column in frame.columns] for name, frame in tables.items()},
    )


def _head(document: Mapping[str, Any]) -> Record:
    return {
        "plan": document["plan"]["plan"],
        "fingerprint": document["plan"]["fingerprint"],
        "scenario": document["scenario"]["scenario"],
        "status": document["status"],
        "objective": objective_of(document)[0],
    }


def _exported(tables: Frames, plan: Plan, kind: str, table: str | None) -> bytes:
    if kind == "xlsx":
        return book_bytes({**tables, "sources": source_table(plan)})
    if kind.endswith(".zip"):
        return zip_bytes(tables, kind.removesuffix(".zip"))
    name = table or next(iter(tables), "")
    if name not in tables:
        raise UnknownNameError(exports.TABLE, name, tables)
    return exports.export_frame(tables[name], name, plan, kind)
