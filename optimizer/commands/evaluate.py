"""``planopt evaluate``: years that have passed are fixed, the rest is planned anew."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd

from model_data import DataError
from model_data.problems import Problem
from model_data.tables import read_rows
from optimizer.commands.changes import changed_scenario
from optimizer.commands.exit_codes import ExitCode, exit_code
from optimizer.commands.problems import told
from optimizer.commands.question import Question
from optimizer.commands.running import watched
from optimizer.commands.screen import console, print_json, print_report
from optimizer.commands.solve import plan_at
from optimizer.documents.evaluation import evaluation_document
from optimizer.evaluation import evaluate
from optimizer.words.evaluation import evaluation_report
from optimizer.words.language import Language


def run(question: Question, language: Language, *, through: int, actuals: Path | None, as_json: bool) -> ExitCode:
    """``--earliest`` says what is known of projects: in service since that year, or not before it."""
    with told(language, as_json=as_json):
        plan, stated = plan_at(question.plan), question.changes
        scenario = changed_scenario(plan, question.scenario, replace(stated, earliest=()))
        starts: dict[str, int | None] = {pair.name: pair.value for pair in stated.earliest}
        rows = None if actuals is None else _rows(actuals)
        with watched(question.seconds, language) as (limits, say):
            found = evaluate(plan, scenario, through, actuals=rows, starts=starts, limits=limits, progress=say)
        if as_json:
            print_json(evaluation_document(found, language))
        else:
            print_report(evaluation_report(found, language), console())
        return exit_code(found.answer.status)


def _rows(file: Path) -> pd.DataFrame:
    """The rows of a CSV file as texts, a blank as none. Raises DataError or OSError."""
    problems: list[Problem] = []
    table = read_rows(file, "actuals", problems)
    if table is None:
        raise DataError(problems)
    width = len(table.header)
    rows = [[cell.strip() or None for cell in (*cells, *("",) * width)[:width]] for _, cells in table.rows]
    return pd.DataFrame(rows, columns=list(table.header), dtype=object)
