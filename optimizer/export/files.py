"""Choosing a format and writing it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from model_data import Plan
from optimizer.answer import Answer
from optimizer.export.charts import charts
from optimizer.export.overview import overview
from optimizer.export.program_file import write_program
from optimizer.export.tables import source_table
from optimizer.export.tidy import tidy_tables
from optimizer.export.workbook import write_workbook
from optimizer.words.language import Language

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def export(answer: Answer, path: Path, kind: str, language: Language) -> tuple[Path, ...]:
    """Writes the answer in one of FORMATS; the paths of what was written.

    csv and parquet fill a folder with a file a table; xlsx is one workbook; lp and mps are the program, with a file of
    names. Raises OSError, and ValueError where a program is to be written to a file of another ending.
    """
    return FORMATS[kind](answer, path, language)


def _csv(answer: Answer, folder: Path, language: Language) -> tuple[Path, ...]:
    """UTF-8 with a mark, which spreadsheets need; a text that a spreadsheet would take for a formula gets a '."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, frame in tidy_tables(answer, language).items():
        path = folder / f"{name}.csv"
        guarded(frame).to_csv(path, index=False, encoding="utf-8-sig", lineterminator="\n")
        written.append(path)
    return tuple(written)


def guarded(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with a ' before each text that a spreadsheet would take for a formula."""
    texts = frame.select_dtypes(["str", "object"])
    return frame.assign(**{str(column): texts[column].map(_guard) for column in texts})


def _guard(value: object) -> object:
    formula = isinstance(value, str) and len(value) > 1 and value.startswith(_FORMULA_STARTS)
    return f"'{value}" if formula else value


def _parquet(answer: Answer, folder: Path, language: Language) -> tuple[Path, ...]:
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, frame in tidy_tables(answer, language).items():
        path = folder / f"{name}.parquet"
        frame.to_parquet(path, index=False)
        written.append(path)
    return tuple(written)


def _xlsx(answer: Answer, path: Path, language: Language) -> tuple[Path, ...]:
    path.parent.mkdir(parents=True, exist_ok=True)
    plan, tables = answer.instance.plan, tidy_tables(answer, language)
    scenario = answer.instance.scenario.model_dump(mode="json")
    write_workbook(pages(tables, plan, scenario, language), path, charts(tables, plan, language))
    return (path,)


def pages(
    tables: Mapping[str, pd.DataFrame], plan: Plan, scenario: Mapping[str, Any], language: Language
) -> dict[str, pd.DataFrame]:
    """The sheets of a workbook in their order: summary, the indicators at a glance, every table, sources."""
    glance = overview(tables, plan, scenario, language)
    first = {"summary": tables["summary"]} | ({} if glance is None else {"overview": glance})
    return {**first, **tables, "sources": source_table(plan)}


def _program(ending: str) -> Callable[[Answer, Path, Language], tuple[Path, ...]]:
    def write(answer: Answer, path: Path, language: Language) -> tuple[Path, ...]:
        if path.suffix.lower() != ending:
            raise ValueError(f"the file of a program must end in {ending}, not {path.name!r}")
        path.parent.mkdir(parents=True, exist_ok=True)
        return write_program(answer, path, language)

    return write


FORMATS: Mapping[str, Callable[[Answer, Path, Language], tuple[Path, ...]]] = {
    "csv": _csv,
    "xlsx": _xlsx,
    "parquet": _parquet,
    "lp": _program(".lp"),
    "mps": _program(".mps"),
}
