"""An Answer as one JSON document: the shape that ``planopt solve --json`` prints.

Numbers are finite; what has no value, no end or no limit is null. Keys::

    plan         plan, name_zh, name_en, fingerprint
    scenario     the whole scenario as it was solved, changes included
    changed      what the question changes of the scenario that the plan states, one text each
    status       optimal | infeasible | unbounded | time_limit | cancelled | uncertified | failed
    sentence     the status in words
    objective    value and unit of the last stage; stages: name, text, value, unit; bound: what no plan has a better
                 value than, where the search was cut short and one is known, else null
    certificate  primal_violation, dual_violation, complementarity, gap, integrality, holds; null without a proof
    conflict     structural, and requirements: text, equation, subject, sign, asked, unit, years, clause, labels; null
                 where there is none
    effort       rows, columns, fingerprint (of the program), iterations, seconds, gap, prices_with_projects_fixed
    tables       each table of the answer by name as a list of rows; those of rows of the program also have text
    columns      the names of the columns of each table, which say what a table without rows is of
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping
from contextlib import nullcontext
from dataclasses import asdict
from itertools import chain
from typing import Any

import numpy as np
import pandas as pd

from model_data import Plan
from optimizer.answer import COLUMNS, OF_ROWS, TABLES, Answer
from optimizer.certificate import Certificate
from optimizer.scenario import Scenario
from optimizer.status import Status
from optimizer.stopwatch import part
from optimizer.words.departures import departures
from optimizer.words.headline import status_sentence
from optimizer.words.language import Language
from optimizer.words.objective import stages
from optimizer.words.requirements import Requirement, Requirements

_PLAIN = {str, int, bool, type(None)}


@part("words")
def answer_document(answer: Answer, language: Language, tables: Collection[str] = TABLES) -> dict[str, Any]:
    """The document described above, of plain Python values only; texts are in the language."""
    solution = answer.solution
    document: dict[str, Any] = {
        **head(answer.instance.stated, answer.instance.scenario, answer.status, language),
        "sentence": status_sentence(answer, language),
        "objective": _objective(answer, language),
        "certificate": certificate_document(solution.certificate),
        "conflict": _conflict(answer, language),
        "effort": {
            "rows": len(solution.program.rows),
            "columns": len(solution.program.columns),
            "fingerprint": solution.program.fingerprint,
            "iterations": solution.iterations,
            "seconds": solution.seconds,
            "gap": solution.gap,
            "prices_with_projects_fixed": solution.priced_with_projects_fixed,
        },
    }
    plain: dict[str, Any] = plain_value(document)
    told = [name for name in TABLES if name in tables]
    rows = {name: _table(answer, name, language) for name in told}
    return plain | {"tables": rows, "columns": {name: _columns(name) for name in told}}


def head(plan: Plan, scenario: Scenario, status: Status, language: Language) -> dict[str, Any]:
    """What every document begins with: the keys plan, scenario, changed, status and sentence."""
    settings = plan.settings
    about = {
        "plan": settings.plan,
        "name_zh": settings.name_zh,
        "name_en": settings.name_en,
        "fingerprint": plan.fingerprint,
    }
    sentence = status.sentence_zh if language is Language.ZH else status.sentence_en
    return {
        "plan": about,
        "scenario": scenario.model_dump(mode="json"),
        "changed": list(departures(plan, scenario, language)),
        "status": str(status),
        "sentence": sentence,
    }


def certificate_document(certificate: Certificate | None) -> dict[str, Any] | None:
    return None if certificate is None else {**asdict(certificate), "holds": certificate.holds}


def table_rows(table: Mapping[Any, Any] | pd.DataFrame) -> list[dict[str, Any]]:
    """The rows of a table, given by columns or as a frame, as plain values."""
    names = [str(name) for name in table]
    columns = [plain_column(table[name]) for name in table]
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]


def plain_value(value: Any) -> Any:
    """Numbers of Python instead of NumPy's, lists instead of tuples, None for what is not finite or missing."""
    if isinstance(value, dict):
        return {str(key): plain_value(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain_value(item) for item in value]
    if isinstance(value, np.generic):
        return plain_value(value.item())
    if value is None or value is pd.NA or (isinstance(value, float) and not math.isfinite(value)):
        return None
    return value


def plain_column(column: Any) -> list[Any]:
    """The same of a column of a table or frame: looked at as a whole where all of it is plain."""
    if isinstance(column, pd.Series) and isinstance(column.dtype, np.dtype):
        column = column.to_numpy()
    values: list[Any] = column if isinstance(column, list) else column.tolist()
    if isinstance(column, np.ndarray) and column.dtype.kind == "f":
        finite = np.isfinite(column)
        return values if finite.all() else [v if known else None for v, known in zip(values, finite, strict=True)]
    if _are_plain(values):
        return values
    if set(map(type, values)) == {tuple} and _are_plain(chain.from_iterable(values)):
        return list(map(list, values))
    return [plain_value(value) for value in values]


def _are_plain(values: Iterable[Any]) -> bool:
    return set(map(type, values)) <= _PLAIN


@part("tables")
def _table(answer: Answer, name: str, language: Language) -> list[dict[str, Any]]:
    with part("rates") if name == "exchange_rates" else nullcontext():
        columns = answer.columns(name)
    if name not in OF_ROWS:
        return table_rows(columns)
    requirements = Requirements(answer.instance, language)
    labels = zip(plain_column(columns["equation"]), columns["index"], strict=True)
    return table_rows({**columns, "text": [requirements.of((head, *index)).sentence for head, index in labels]})


def _columns(name: str) -> list[str]:
    return [*COLUMNS[name], "text"] if name in OF_ROWS else list(COLUMNS[name])


def _objective(answer: Answer, language: Language) -> dict[str, Any]:
    worded = stages(answer, language)
    return {
        "value": answer.objective,
        "unit": worded[-1].unit,
        "bound": answer.solution.bound,
        "stages": [asdict(stage) for stage in worded],
    }


def _conflict(answer: Answer, language: Language) -> dict[str, Any] | None:
    if answer.conflict is None:
        return None
    grouped = Requirements(answer.instance, language).grouped(answer.conflict.rows)
    return {
        "structural": answer.conflict.structural,
        "requirements": [requirement_document(one) for one in grouped],
    }


def requirement_document(one: Requirement) -> dict[str, Any]:
    return {"text": one.sentence, "equation": one.labels[0][0], **asdict(one)}
