"""``planopt alternatives``: other plans that are as good, or nearly."""

from __future__ import annotations

from optimizer.alternatives import SPENDERS, alternatives
from optimizer.answer import Answer
from optimizer.commands.exit_codes import ExitCode
from optimizer.commands.posed import about_answer
from optimizer.commands.problems import told
from optimizer.commands.question import Question
from optimizer.commands.question_options import Spender
from optimizer.commands.running import watched
from optimizer.commands.screen import console, print_json, print_report
from optimizer.documents.questions import alternatives_document
from optimizer.words.alternatives import alternatives_report
from optimizer.words.language import Language


def run(
    question: Question, language: Language, *, within: float, by: tuple[Spender, ...], plans: int, as_json: bool
) -> ExitCode:
    """``within`` is a share of the objective. Industries are always there: the different plans differ by them."""
    wanted = [name for name in SPENDERS if name in (Spender.INDUSTRY, *by)]

    def tell(answer: Answer) -> None:
        with watched(question.seconds, language) as (limits, say):
            found = alternatives(
                answer.instance, answer.solution, within, by=wanted, plans=plans, limits=limits, progress=say
            )
        if as_json:
            print_json(alternatives_document(answer, found, language))
        else:
            print_report(alternatives_report(answer, found, language), console())

    with told(language, as_json=as_json):
        return about_answer(question, language, tell, as_json=as_json)
