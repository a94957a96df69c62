"""``planopt published``: what a published plan violates, and what its decisions cost."""

from __future__ import annotations

from optimizer.commands.changes import changed_scenario
from optimizer.commands.exit_codes import ExitCode
from optimizer.commands.problems import told
from optimizer.commands.question import Changes, Question
from optimizer.commands.running import watched
from optimizer.commands.screen import console, print_json, print_report
from optimizer.commands.solve import plan_at
from optimizer.documents.publication import published_document
from optimizer.publication import published
from optimizer.words.language import Language
from optimizer.words.publication import published_report


def run(question: Question, language: Language, *, against: str | None, everything: bool, as_json: bool) -> ExitCode:
    """``--scenario`` is the published plan."""
    with told(language, as_json=as_json):
        plan = plan_at(question.plan)
        stated = changed_scenario(plan, question.scenario, question.changes)
        anyway = changed_scenario(plan, against, Changes())
        with watched(question.seconds, language) as (limits, say):
            found = published(plan, stated, anyway, limits=limits, progress=say)
        if as_json:
            print_json(published_document(found, language))
        else:
            print_report(published_report(found, language, everything=everything), console())
        return ExitCode.ANSWER
