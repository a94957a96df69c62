"""``planopt ledger``: on which figures the answer rests."""

from __future__ import annotations

from optimizer.answer import Answer
from optimizer.assumptions import ledger
from optimizer.commands.exit_codes import ExitCode
from optimizer.commands.posed import about_answer
from optimizer.commands.problems import told
from optimizer.commands.question import Question
from optimizer.commands.running import watched
from optimizer.commands.screen import console, print_json, print_report
from optimizer.documents.questions import ledger_document
from optimizer.words.language import Language
from optimizer.words.ledger import ledger_report


def run(question: Question, language: Language, *, top: int, solve_again: int, as_json: bool) -> ExitCode:
    """``top`` shortens the printed table only."""

    def tell(answer: Answer) -> None:
        with watched(question.seconds, language) as (limits, say):
            found = ledger(answer.instance, answer.solution, solve_again=solve_again, limits=limits, progress=say)
        if as_json:
            print_json(ledger_document(answer, found, language))
        else:
            print_report(ledger_report(answer, found, language, top, solve_again), console())

    with told(language, as_json=as_json):
        return about_answer(question, language, tell, as_json=as_json)
