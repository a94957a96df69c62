"""``planopt solve``: the answer on screen or as JSON."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from model_data import Plan, default_plan_path, load_plan
from optimizer.answer import Answer
from optimizer.commands.changes import changed_scenario
from optimizer.commands.exit_codes import ExitCode, exit_code
from optimizer.commands.problems import told
from optimizer.commands.question import Question
from optimizer.commands.running import watched_solve
from optimizer.documents.answer import answer_document
from optimizer.words.language import Language
from optimizer.words.report import report
from optimizer.words.section import Report


def plan_at(path: Path | None) -> Plan:
    """The plan at the path; the shipped one where none is given. Raises DataError."""
    return load_plan(path or default_plan_path())


def solved(question: Question, language: Language) -> Answer:
    """Raises DataError or ScenarioError where there is nothing to solve."""
    plan = plan_at(question.plan)
    scenario = changed_scenario(plan, question.scenario, question.changes)
    return watched_solve(plan, scenario, question.seconds, language, question.method)


def told_answer(
    question: Question, language: Language, *, everything: bool, as_json: bool
) -> tuple[ExitCode, Report | dict[str, Any]]:
    """How the command ends, and what it prints. What is wrong with the question is told at once."""
    with told(language, as_json=as_json):
        answer = solved(question, language)
        content = answer_document(answer, language) if as_json else report(answer, language, everything=everything)
        return exit_code(answer.status), content
    raise AssertionError("told does not pass over an error")
