"""What the questions start from: the answer to depart from, or the program to move."""

from __future__ import annotations

from collections.abc import Callable

from optimizer.answer import Answer
from optimizer.commands.changes import changed_scenario
from optimizer.commands.exit_codes import ExitCode, exit_code
from optimizer.commands.question import Question
from optimizer.commands.screen import console, print_json, print_report
from optimizer.commands.solve import plan_at, solved
from optimizer.documents.answer import answer_document
from optimizer.foresight import single_program
from optimizer.instance import Instance
from optimizer.program import LinearProgram
from optimizer.status import Status
from optimizer.words.language import Language
from optimizer.words.report import report


def about_answer(question: Question, language: Language, tell: Callable[[Answer], None], *, as_json: bool) -> ExitCode:
    """Tells something about the optimum; where there is none, the answer itself, as ``solve`` does."""
    answer = solved(question, language)
    if answer.status is Status.OPTIMAL:
        tell(answer)
    elif as_json:
        print_json(answer_document(answer, language))
    else:
        print_report(report(answer, language), console())
    return exit_code(answer.status)


def programmed(question: Question) -> tuple[Instance, LinearProgram]:
    """The program of the scenario. Raises QuestionError where the answer comes from a sequence of programs."""
    plan = plan_at(question.plan)
    scenario = changed_scenario(plan, question.scenario, question.changes)
    return single_program(plan, scenario)
