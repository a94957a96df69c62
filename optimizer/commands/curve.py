"""``planopt curve``: the optimum as a function of a budget or a target, exactly."""

from __future__ import annotations

import math

from optimizer.budget_directions import all_budgets, budget_change
from optimizer.commands.exit_codes import ExitCode, exit_code
from optimizer.commands.posed import programmed
from optimizer.commands.problems import told
from optimizer.commands.question import Question
from optimizer.commands.running import watched
from optimizer.commands.screen import console, print_json, print_report
from optimizer.commands.setting import Named
from optimizer.directions import Direction, allowance, target_change
from optimizer.documents.questions import curve_document
from optimizer.instance import Instance
from optimizer.questions import QuestionError
from optimizer.value_curves import value_curve
from optimizer.words.curve import curve_report, moves
from optimizer.words.language import Language
from optimizer.words.names import Names

Along = tuple[str, Named | None]


def run(
    question: Question,
    language: Language,
    *,
    along: Along,
    interval: tuple[float | None, float | None],
    everything: bool,
    as_json: bool,
) -> ExitCode:
    """``along``: "budget" or "target" with a name, or "budgets" without; ``interval`` in the unit of what moves."""
    with told(language, as_json=as_json):
        instance, program = programmed(question)
        direction = _direction(instance, *along)
        with watched(question.seconds, language) as (limits, say):
            curve = value_curve(program, direction, _interval(interval), limits, say)
        said = _said(instance, *along, direction.unit, language)
        if as_json:
            print_json(curve_document(instance, curve, said, language))
        else:
            print_report(curve_report(instance, curve, said, language, everything=everything), console())
        return exit_code(curve.status)


def _interval(ends: tuple[float | None, float | None]) -> tuple[float, float] | None:
    low, high = ends
    if low is None and high is None:
        return None
    return -math.inf if low is None else low, math.inf if high is None else high


def _direction(instance: Instance, kind: str, moved: Named | None) -> Direction:
    if moved is None:
        return all_budgets(instance)
    if kind == "budget":
        return budget_change(instance, moved.name, moved.years or "each")
    if moved.when == "plan":
        raise QuestionError([f"target {moved.name!r}: 'plan' is for budgets; name a year, each or last"])
    return (allowance if _is_ratio(instance, moved) else target_change)(instance, moved.name, moved.years)


def _is_ratio(instance: Instance, moved: Named) -> bool:
    return any(target.indicator == moved.name and target.denominator for target in instance.targets)


def _said(instance: Instance, kind: str, moved: Named | None, unit: str, language: Language) -> str:
    names = Names(instance.plan, language)
    if moved is None:
        return moves("budgets", "", None, unit, language)
    if kind == "budget":
        return moves("budget", names.of("budgets", moved.name), moved.when, unit, language)
    form = "ratio" if _is_ratio(instance, moved) else "target"
    return moves(form, names.of("indicators", moved.name), moved.when, unit, language)
