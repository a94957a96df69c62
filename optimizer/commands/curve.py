"""``planopt curve``: the optimum as a function of a budget or a target, exactly or within a gap."""

from __future__ import annotations

import math
import os

from optimizer.commands.exit_codes import ExitCode, exit_code
from optimizer.commands.posed import programmed
from optimizer.commands.problems import told
from optimizer.commands.question import Question
from optimizer.commands.running import watched
from optimizer.commands.screen import console, print_json, print_report
from optimizer.commands.setting import Named
from optimizer.documents.questions import curve_document
from optimizer.kept_curves import Curves
from optimizer.moves import Move
from optimizer.store import store_of
from optimizer.words.curve import curve_report, moves
from optimizer.words.language import Language

Along = tuple[str, Named | None]


def run(
    question: Question,
    language: Language,
    *,
    along: Along,
    interval: tuple[float | None, float | None],
    gap: float,
    everything: bool,
    as_json: bool,
) -> ExitCode:
    """``along``: "budget" or "target" with a name, or "budgets" without; ``interval`` in the unit of what moves;
    ``gap`` is a share.
    """
    with told(language, as_json=as_json):
        instance, program = programmed(question)
        move = _move(*along)
        direction = move.direction(instance)
        with watched(question.seconds, language) as (limits, say):
            curves, ends = Curves(store_of(os.environ)), _interval(interval)
            curve = curves.along(program, direction, ends, limits, say, gap=gap)
        said = moves(instance, move, direction, language)
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


def _move(kind: str, moved: Named | None) -> Move:
    if moved is None:
        return Move("all_budgets")
    return Move("budget" if kind == "budget" else "target", moved.name, moved.years)
