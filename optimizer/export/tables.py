"""The tables of any JSON document that answers a question, and the facts at its head.

What ``optimizer.documents`` writes is read here again: answers that were stored are exported like fresh ones.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from model_data import Plan
from model_data.schema import TABLE, TABLES
from model_data.vocabulary import GRADES
from optimizer.answer import COLUMNS, OF_ROWS
from optimizer.export.facts import Fact, fact_table, settings_text
from optimizer.export.tidy import index_columns, with_names
from optimizer.words.language import Language
from optimizer.words.names import Names

HEAD = ("plan", "scenario", "status", "sentence", "objective", "certificate", "conflict", "effort", "tables", "columns")
_OF_THE_ANSWER = {"fingerprint": "answer"}  # the plan has one, too

Document = Mapping[str, Any]
Frames = dict[str, pd.DataFrame]


def document_tables(document: Document, plan: Plan, language: Language) -> Frames:
    """``summary``, then every list of rows by its name; columns of keys of the plan are followed by their names."""
    names = Names(plan, language)
    found = {"summary": facts(document, language)}
    columns = document.get("columns") or {}
    for name, rows in {**dict.fromkeys(columns, ()), **dict(_lists(document))}.items():
        frame = _frame(name, rows, columns.get(name))
        found[name] = with_names(frame, names)
    return found


def facts(document: Document, language: Language) -> pd.DataFrame:
    """As in ``fact_table``: what was asked about, how it ended, what it came to, and all else that is one value."""
    plan, scenario = document["plan"], document["scenario"]
    own = "name_zh" if language is Language.ZH else "name_en"
    shows = "shows_zh" if language is Language.ZH else "shows_en"
    rows: list[Fact] = [
        ("plan", None, "", f"{plan[own]} ({plan['plan']})"),
        ("fingerprint", None, "", plan["fingerprint"]),
        ("scenario", None, "", f"{scenario.get(own) or scenario['scenario']} ({scenario['scenario']})"),
        ("shows", None, "", scenario.get(shows) or ""),
        ("settings", None, "", settings_text({k: v for k, v in scenario.items() if _is_stated(k, v)})),
        ("status", None, "", f"{document['status']}: {document['sentence']}"),
    ]
    rows += _objective(document)
    rows += [(f"certificate {key}", *_value(value)) for key, value in (document.get("certificate") or {}).items()]
    rest = {key: value for key, value in document.items() if key not in HEAD and not _is_table(value)}
    rows += [(_OF_THE_ANSWER.get(key, key), *_value(value)) for key, value in rest.items()]
    return fact_table(rows, language)


def _objective(document: Document) -> list[Fact]:
    """The stages of an answer; a comparison has one value."""
    objective = document.get("objective")
    if isinstance(objective, Mapping):
        return [(s["name"], s["value"], s["unit"], s["text"]) for s in objective["stages"]]
    return [] if objective is None else [("objective", objective, document.get("unit") or "", "")]


def _is_stated(key: str, value: Any) -> bool:
    return not key.startswith(("name_", "shows_")) and key != "scenario" and value not in (None, False, [], {})


def _value(value: Any) -> tuple[float | None, str, str]:
    """value, unit, text."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value), "", ""
    return None, "", _text(value)


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list) and all(isinstance(part, str | int | float) for part in value):
        return "; ".join(str(part) for part in value)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _is_table(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(row, Mapping | list) for row in value)


def _lists(document: Document, outer: str = "") -> Iterator[tuple[str, list[Any]]]:
    """Every list of rows, however deep; those of ``tables`` by their own names."""
    for key, value in document.items():
        name = f"{outer}_{key}" if outer else key
        if key in ("plan", "scenario", "objective", "certificate", "effort", "columns"):
            continue
        if key == "tables" and isinstance(value, Mapping):
            yield from ((table, rows) for table, rows in value.items())
        elif key == "conflict" and isinstance(value, Mapping):
            yield "conflict", value["requirements"]
        elif isinstance(value, Mapping):
            yield from _lists(value, name)
        elif _is_table(value):
            yield name, value


def _frame(name: str, rows: Sequence[Any], stated: Sequence[str] | None) -> pd.DataFrame:
    """Lists within a cell become one text; the index of a row of the program stands in columns of its own."""
    if name in OF_ROWS and rows:
        labels = tuple((row["equation"], *row["index"]) for row in rows)
        rest = pd.DataFrame([{k: v for k, v in row.items() if k not in ("index", "text", "equation")} for row in rows])
        head = pd.DataFrame(
            {"requirement": [row["text"] for row in rows], "equation": [row["equation"] for row in rows]}
        )
        return pd.concat([head, index_columns(labels), rest], axis=1)
    plain = [row if isinstance(row, Mapping) else dict(enumerate(row, start=1)) for row in rows]
    columns = {str(key): [_cell(row.get(key)) for row in plain] for key in {k: None for row in plain for k in row}}
    return pd.DataFrame(columns).convert_dtypes() if columns else pd.DataFrame(columns=_without_rows(name, stated))


def _without_rows(name: str, stated: Sequence[str] | None) -> list[str]:
    """The columns of a table without rows; of the answer where a document that was stored long ago states none."""
    if name in OF_ROWS:
        return ["requirement", *(column for column in COLUMNS[name] if column != "index")]
    return list(COLUMNS.get(name, ()) if stated is None else stated)


def _cell(value: Any) -> Any:
    return _text(value) if isinstance(value, list | dict | bool) else value


def source_table(plan: Plan) -> pd.DataFrame:
    """Every source of the plan, and how many figures of each grade name it."""
    cited = pd.concat(
        [plan.table(table.name)[["source", "grade", "value"]] for table in TABLES if table.is_figure_table]
    )
    cited = cited[cited["value"].notna()]
    single = cited.assign(source=cited["source"].str.split(";")).explode("source")
    counts = pd.crosstab(single["source"].str.strip(), single["grade"]).reindex(columns=list(GRADES), fill_value=0)
    sources = plan.table("sources")[[column.name for column in TABLE["sources"].columns]]
    own = counts.reindex(sources["source"], fill_value=0).reset_index(drop=True)
    return pd.concat([sources, own.rename(columns={grade: f"grade_{grade}" for grade in GRADES})], axis=1)
