"""``planopt frontier``: what one quantity costs in terms of another, exactly."""

from __future__ import annotations

from collections.abc import Sequence

from optimizer.commands.exit_codes import ExitCode, exit_code
from optimizer.commands.posed import programmed
from optimizer.commands.problems import told
from optimizer.commands.question import Question
from optimizer.commands.running import watched
from optimizer.commands.screen import console, print_json, print_report
from optimizer.commands.setting import Named
from optimizer.criteria import Criterion
from optimizer.documents.questions import efficient_document, frontier_document
from optimizer.efficient import efficient_set, staircase
from optimizer.frontiers import frontier
from optimizer.instance import Instance
from optimizer.payoff import EfficientSet
from optimizer.program import LinearProgram
from optimizer.questions import QuestionError, problem
from optimizer.solution import Progress
from optimizer.solver import Limits
from optimizer.words.efficient import efficient_report
from optimizer.words.frontier import frontier_report
from optimizer.words.language import Language


def run(
    question: Question,
    language: Language,
    *,
    maximise: tuple[Named, ...],
    minimise: tuple[Named, ...],
    hold_goals: bool,
    steps: int,
    everything: bool,
    as_json: bool,
) -> ExitCode:
    """Between quantities: those to maximise first, then those to minimise, as they were named.

    Two have an exact frontier; with whole projects, or more quantities, there is an efficient set in ``steps``.
    """
    with told(language, as_json=as_json):
        criteria = _criteria(maximise, minimise)
        instance, program = programmed(question)
        if len(criteria) > 2 or program.integer.any():
            with watched(question.seconds, language) as (limits, say):
                points = _points(instance, program, criteria, steps, hold_goals, limits, say)
            if as_json:
                print_json(efficient_document(instance, points, language))
            else:
                print_report(efficient_report(instance, points, language), console())
            return ExitCode.ANSWER
        first, second = criteria
        with watched(question.seconds, language) as (limits, say):
            found = frontier(instance, program, first, second, hold_goals=hold_goals, limits=limits, progress=say)
        if as_json:
            print_json(frontier_document(instance, found, language))
        else:
            print_report(frontier_report(instance, found, language, everything=everything), console())
        return exit_code(found.curve.status)


def _points(
    instance: Instance,
    program: LinearProgram,
    criteria: Sequence[Criterion],
    steps: int,
    hold_goals: bool,
    limits: Limits,
    say: Progress,
) -> EfficientSet:
    if len(criteria) == 2:
        first, second = criteria
        return staircase(instance, program, first, second, steps, hold_goals=hold_goals, limits=limits, progress=say)
    return efficient_set(instance, program, criteria, steps, hold_goals=hold_goals, limits=limits, progress=say)


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
