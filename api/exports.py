"""Answers that were stored, in the format that is asked for: by ?format=, or by Accept."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

import pandas as pd
from starlette.requests import Request

from api.errors import Fault, InvalidRequestError, NotAcceptableError, UnknownNameError
from api.formats import CSV, JSON, PARQUET, XLSX, ZIP, negotiate
from model_data import Plan
from optimizer.export.documents import book_bytes, csv_bytes, parquet_bytes, workbook_bytes, zip_bytes
from optimizer.export.tables import document_tables, source_table
from optimizer.words.language import Language, Text

BINARY = {"schema": {"type": "string", "format": "binary"}}
CONTENT = {CSV: {"schema": {"type": "string"}}, PARQUET: BINARY, XLSX: BINARY, ZIP: BINARY}
# What ?format= may say, and the media type that it means; a zip holds a file for each table.
NAMES = {"json": JSON, "csv": CSV, "parquet": PARQUET, "xlsx": XLSX, "csv.zip": ZIP, "parquet.zip": ZIP}
TABLE = Text("数据表", "table")
MOST_ROWS_OF_A_SHEET = 200_000
# What a reader of one table wants first, where none is named.
FIRST = ("indicators", "points", "vertices", "figures", "ranges", "requirements", "conflict", "targets", "samples")


def chosen(request: Request, wanted: str | None, offered: tuple[str, ...] = tuple(NAMES)) -> str:
    """One of ``offered``. Raises NotAcceptableError."""
    if wanted is None:
        types = list(dict.fromkeys(NAMES[name] for name in offered))
        media_type = negotiate(request, types)
        return next(name for name in offered if NAMES[name] == media_type)
    if wanted not in offered:
        shown = ", ".join(offered)
        raise NotAcceptableError(Text(f"可提供的格式：{shown}", f"Offered are {shown}"))
    return wanted


def export(
    document: Mapping[str, Any],
    plan: Plan,
    kind: str,
    table: str | None,
    language: Language,
    answered: datetime.datetime | None,
) -> bytes:
    """Blocking. Raises UnknownNameError where the answer has no such table."""
    if kind == "xlsx":
        return workbook_bytes(document, plan, language, answered)
    tables = document_tables(document, plan, language)
    if kind.endswith(".zip"):
        return zip_bytes(tables, kind.removesuffix(".zip"))
    name = table or next((name for name in FIRST if name in tables and len(tables[name])), "summary")
    if name not in tables:
        raise UnknownNameError(TABLE, name, tables)
    return csv_bytes(tables[name]) if kind == "csv" else parquet_bytes(tables[name])


def export_frame(frame: pd.DataFrame, name: str, plan: Plan, kind: str) -> bytes:
    """One table. Raises InvalidRequestError where it has more rows than a sheet should."""
    if kind == "csv":
        return csv_bytes(frame)
    if kind == "parquet":
        return parquet_bytes(frame)
    if len(frame) > MOST_ROWS_OF_A_SHEET:
        most = MOST_ROWS_OF_A_SHEET
        detail = Text(
            f"工作簿最多 {most} 行，请改用 csv 或 parquet。", f"A workbook takes {most} rows; take csv or parquet."
        )
        raise InvalidRequestError(detail, [Fault("too_many_rows", "format", detail)])
    return book_bytes({name: frame, "sources": source_table(plan)})


def disposition(name: str, kind: str) -> str:
    """The header that names the file."""
    ending = kind.replace(".zip", "") + ".zip" if kind.endswith(".zip") else kind
    return f'attachment; filename="{name}.{ending}"'
