"""``planopt frontier``: what one quantity costs in terms of another, exactly."""

from __future__ import annotations

from optimizer.commands.exit_codes import ExitCode, exit_code
from optimizer.commands.posed import programmed
from optimizer.commands.problems import told
from optimizer.commands.question import Question
from optimizer.commands.running import watched
from optimizer.commands.screen import console, print_json, print_report
from optimizer.commands.setting import Named
from optimizer.criteria import Criterion
from optimizer.documents.questions import frontier_document
from optimizer.frontiers import frontier
from optimizer.questions import QuestionError, problem
from optimizer.words.frontier import frontier_report
from optimizer.words.language import Language


def run(
    question: Question,
    language: Language,
    *,
    maximise: tuple[Named, ...],
    minimise: tuple[Named, ...],
    hold_goals: bool,
    everything: bool,
    as_json: bool,
) -> ExitCode:
    """Between two quantities: those to maximise first, then those to minimise, as they were named."""
    with told(language, as_json=as_json):
        first, second = _criteria(maximise, minimise)
        instance, program = programmed(question)
        with watched(question.seconds, language) as (limits, say):
            found = frontier(instance, program, first, second, hold_goals=hold_goals, limits=limits, progress=say)
        if as_json:
            print_json(frontier_document(instance, found, language))
        else:
            print_report(frontier_report(instance, found, language, everything=everything), console())
        return exit_code(found.curve.status)


def _criteria(maximise: tuple[Named, ...], minimise: tuple[Named, ...]) -> list[Criterion]:
    named = [*maximise, *minimise]
    problems = [
        problem(
            zh=f"{one.name}：plan 只用于预算；请写年份、each 或 last",
            en=f"{one.name}: 'plan' is for budgets; name a year, each or last",
        )
        for one in named
        if one.when == "plan"
    ]
    if problems:
        raise QuestionError(problems)
    most = [Criterion(one.name, "maximise", one.years or "each") for one in maximise]
    return most + [Criterion(one.name, "minimise", one.years or "each") for one in minimise]
