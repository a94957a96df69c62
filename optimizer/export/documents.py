"""A stored answer as the bytes of a file: one table as CSV or Parquet, all of them in a zip, or the workbook."""

from __future__ import annotations

import datetime
import io
import zipfile
from collections.abc import Callable, Mapping, Sequence

import pandas as pd

from model_data import Plan
from optimizer.export.charts import Chart, charts
from optimizer.export.facts import fact_table
from optimizer.export.files import guarded, pages
from optimizer.export.tables import Document, document_tables
from optimizer.export.workbook import write_workbook
from optimizer.words.language import Language

_FIXED_DATE = (1980, 1, 1, 0, 0, 0)


def csv_bytes(frame: pd.DataFrame) -> bytes:
    """UTF-8 with a mark, which spreadsheets need; no text becomes a formula."""
    text: str = guarded(frame).to_csv(index=False, lineterminator="\r\n")
    return text.encode("utf-8-sig")


def parquet_bytes(frame: pd.DataFrame) -> bytes:
    buffer = io.BytesIO()
    frame.to_parquet(buffer, index=False)
    return buffer.getvalue()


TABLE_FORMATS: Mapping[str, Callable[[pd.DataFrame], bytes]] = {"csv": csv_bytes, "parquet": parquet_bytes}


def zip_bytes(tables: Mapping[str, pd.DataFrame], kind: str) -> bytes:
    """A file a table; the same tables give the same bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as package:
        for name, frame in tables.items():
            member = zipfile.ZipInfo(f"{name}.{kind}", _FIXED_DATE)
            member.compress_type, member.create_system = zipfile.ZIP_DEFLATED, 3
            package.writestr(member, TABLE_FORMATS[kind](frame))
    return buffer.getvalue()


def workbook_bytes(
    document: Document, plan: Plan, language: Language, answered: datetime.datetime | None = None
) -> bytes:
    """The workbook that an analyst hands on: summary with the date, charts, every table, sources with their grades."""
    tables = document_tables(document, plan, language)
    if answered is not None:
        dated = fact_table([("answered", None, "", answered.isoformat(timespec="seconds"))], language)
        tables["summary"] = pd.concat([tables["summary"], dated], ignore_index=True)
    return book_bytes(pages(tables, plan, document["scenario"], language), charts(tables, plan, language), answered)


def book_bytes(
    tables: Mapping[str, pd.DataFrame], drawn: Sequence[Chart] = (), created: datetime.datetime | None = None
) -> bytes:
    """Tables by name as a workbook. The same tables give the same bytes."""
    buffer = io.BytesIO()
    write_workbook(tables, buffer, drawn, created or _EPOCH)
    return buffer.getvalue()


_EPOCH = datetime.datetime(2000, 1, 1, tzinfo=datetime.UTC)
