"""The tables of an answer as other programs want them: one value a cell, names beside keys, every index in a column."""

from __future__ import annotations

import pandas as pd

from optimizer.answer import OF_ROWS, TABLES, Answer
from optimizer.export.facts import Fact, fact_table, settings_text
from optimizer.program import Label
from optimizer.words.headline import status_sentence
from optimizer.words.language import Language
from optimizer.words.names import Names
from optimizer.words.objective import stages
from optimizer.words.requirements import Requirements
from optimizer.words.rows import TABLES as TABLE_OF
from optimizer.words.rows import parts

PARTS = (
    "region",
    "activity",
    "flow",
    "industry",
    "project",
    "required",
    "budget",
    "indicator",
    "stage",
    "quantity",
    "year",
)


def tidy_tables(answer: Answer, language: Language) -> dict[str, pd.DataFrame]:
    """``summary``, every table of the answer, and ``conflict`` where there is one.

    Each column that holds keys of the plan is followed by one of their names, such as ``activity_name``. In
    ``OF_ROWS`` the index of a row stands in columns of its own, and ``requirement`` says the row in words.
    """
    names = Names(answer.instance.plan, language)
    tables = {"summary": summary(answer, language)}
    for name in TABLES:
        frame = answer.table(name)
        if name in OF_ROWS:
            frame = _with_index(frame, answer, language)
        tables[name] = with_names(frame, names)
    if answer.conflict is not None:
        tables["conflict"] = with_names(conflict_table(answer.conflict.rows, answer, language), names)
    return tables


def summary(answer: Answer, language: Language) -> pd.DataFrame:
    """As in ``fact_table``: what the answer is to, how it ended, what the objective came to, the certificate."""
    plan, scenario, found = answer.instance.plan, answer.instance.scenario, answer.solution.certificate
    rows: list[Fact] = [
        ("plan", None, "", f"{Names(plan, language).title} ({plan.settings.plan})"),
        ("fingerprint", None, "", plan.fingerprint),
        ("scenario", None, "", scenario.scenario),
        ("changes", None, "", settings_text(scenario.model_dump(mode="json", exclude_defaults=True))),
        ("status", None, "", f"{answer.status}: {status_sentence(answer, language)}"),
    ]
    rows += [(stage.name, stage.value, stage.unit, stage.text) for stage in stages(answer, language)]
    if found is not None:
        measured = ("primal_violation", "dual_violation", "complementarity", "gap", "integrality")
        rows += [(f"certificate {name}", getattr(found, name), "1", "") for name in measured]
        rows.append(("certificate holds", None, "", "yes" if found.holds else "no"))
    return fact_table(rows, language)


def conflict_table(rows: tuple[Label, ...], answer: Answer, language: Language) -> pd.DataFrame:
    """requirement, equation, the parts of its index, asked, unit: one row a row of the program."""
    requirements = Requirements(answer.instance, language)
    worded = [requirements.of(label) for label in rows]
    frame = pd.DataFrame(
        {
            "requirement": [one.sentence for one in worded],
            "equation": [str(label[0]) for label in rows],
            "asked": [one.asked[0] if one.asked else None for one in worded],
            "unit": [one.unit for one in worded],
            "clause": [one.clause for one in worded],
        }
    )
    return pd.concat([frame.astype({"asked": float}), index_columns(rows)], axis=1)


def index_columns(labels: tuple[Label, ...]) -> pd.DataFrame:
    """One column for each part that some label has: texts, blank where a label has no such part; years as integers."""
    indices = [parts(label) for label in labels]
    used = [part for part in PARTS if any(part in index for index in indices)]
    data = {part: [index.get(part) for index in indices] for part in used}
    frame = pd.DataFrame(data, index=range(len(labels)))
    return frame.fillna({part: "" for part in used if part != "year"}).astype(
        {"year": "Int64"} if "year" in used else {}
    )


def with_names(frame: pd.DataFrame, names: Names) -> pd.DataFrame:
    """The frame with a column of names after every column of keys; projects with their clause."""
    columns: dict[str, pd.Series] = {}
    for column in frame.columns:
        columns[str(column)] = frame[column]
        if column in TABLE_OF:
            table = TABLE_OF[str(column)]
            named = [names.of(table, str(key)) if key else "" for key in frame[column]]
            columns[f"{column}_name"] = pd.Series(named, index=frame.index, dtype="str")
        if column == "project" and "clause" not in frame:
            clauses = [names.clause("projects", str(key)) for key in frame[column]]
            columns["clause"] = pd.Series(clauses, index=frame.index, dtype="str")
    return pd.DataFrame(columns)


def _with_index(frame: pd.DataFrame, answer: Answer, language: Language) -> pd.DataFrame:
    labels: tuple[Label, ...] = tuple(
        (equation, *index) for equation, index in zip(frame["equation"], frame["index"], strict=True)
    )
    requirements = Requirements(answer.instance, language)
    text = pd.Series([requirements.of(label).sentence for label in labels], dtype="str", name="requirement")
    rest = frame.drop(columns=["equation", "index"])
    return pd.concat([text, frame[["equation"]], index_columns(labels), rest], axis=1)
