"""``planopt solve``: the answer on screen or as JSON."""

from __future__ import annotations

from pathlib import Path

from model_data import Plan, default_plan_path, load_plan
from optimizer.answer import Answer
from optimizer.commands.changes import changed_scenario
from optimizer.commands.exit_codes import ExitCode, exit_code
from optimizer.commands.problems import told
from optimizer.commands.question import Question
from optimizer.commands.running import watched_solve
from optimizer.commands.screen import console, print_json, print_report
from optimizer.documents.answer import answer_document
from optimizer.words.language import Language
from optimizer.words.report import report


def plan_at(path: Path | None) -> Plan:
    """The plan at the path; the shipped one where none is given. Raises DataError."""
    return load_plan(path or default_plan_path())


def solved(question: Question, language: Language) -> Answer:
    """Raises DataError or ScenarioError where there is nothing to solve."""
    plan = plan_at(question.plan)
    return watched_solve(plan, changed_scenario(plan, question.scenario, question.changes), question.seconds, language)


def run(question: Question, language: Language, *, everything: bool, as_json: bool) -> ExitCode:
    with told(language, as_json=as_json):
        answer = solved(question, language)
        if as_json:
            print_json(answer_document(answer, language))
        else:
            print_report(report(answer, language, everything=everything), console())
        return exit_code(answer.status)
