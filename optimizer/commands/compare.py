"""``planopt compare``: what differs between the answers of two scenarios, or of one with and without changes."""

from __future__ import annotations

from optimizer.answer import solve
from optimizer.commands.changes import changed_scenario
from optimizer.commands.exit_codes import ExitCode, exit_code
from optimizer.commands.problems import told
from optimizer.commands.question import Changes, Question
from optimizer.commands.running import watched
from optimizer.commands.screen import console, print_json, print_report
from optimizer.commands.solve import plan_at
from optimizer.comparison import compare
from optimizer.documents.comparison import comparison_document
from optimizer.status import Status
from optimizer.words.comparison import comparison_report
from optimizer.words.language import Language


def run(question: Question, language: Language, *, a: str, b: str | None, as_json: bool) -> ExitCode:
    """The changes are made to the second scenario, or to the first where there is no second."""
    with told(language, as_json=as_json):
        plan = plan_at(question.plan)
        before = changed_scenario(plan, a, Changes())
        after = changed_scenario(plan, b or a, question.changes)
        with watched(question.seconds, language) as (limits, say):
            first, second = (solve(plan, scenario, limits, say) for scenario in (before, after))
            found = compare(first, second, limits=limits, progress=say)
        if as_json:
            print_json(comparison_document(first, second, found, language))
        else:
            print_report(comparison_report(first, second, found, language), console())
        worse = next((one for one in (first, second) if one.status is not Status.OPTIMAL), second)
        return exit_code(worse.status)
