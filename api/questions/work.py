"""From a question to its document: the optimizer's verb, and what is said of its result."""

from __future__ import annotations

import math
import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from api.questions import kinds
from model_data import Plan
from optimizer.alternatives import alternatives
from optimizer.answer import Answer, solve
from optimizer.assumptions import ledger
from optimizer.criteria import Criterion
from optimizer.decomposition.method import Method
from optimizer.documents.answer import answer_document
from optimizer.documents.questions import (
    alternatives_document,
    curve_document,
    efficient_document,
    frontier_document,
    ledger_document,
)
from optimizer.efficient import efficient_set, staircase
from optimizer.foresight import single_program
from optimizer.frontiers import frontier
from optimizer.instance import Instance
from optimizer.kept_curves import Curves
from optimizer.moves import Move
from optimizer.program import INFINITY, LinearProgram
from optimizer.runs import Runs
from optimizer.scenario import Scenario
from optimizer.solution import Progress
from optimizer.solver import Limits
from optimizer.status import Status
from optimizer.store import store_of
from optimizer.words.curve import moves
from optimizer.words.language import Language

Document = dict[str, Any]
Found = Callable[[Document], None]


class NoOptimumError(Exception):
    """The question is about an optimum, and there is none; ``document`` is the answer that says so."""

    def __init__(self, document: Document) -> None:
        self.document = document
        super().__init__(document["status"])


@dataclass(frozen=True)
class Posed:
    """What a question is asked about, and until when."""

    plan: Plan
    scenario: Scenario
    language: Language
    runs: Runs
    progress: Progress
    found: Found | None = None  # gets the document of each incumbent

    @property
    def limits(self) -> Limits:
        """What is left of the time."""
        return self.runs.left()

    def answer(self, scenario: Scenario | None = None) -> Answer:
        return solve(self.plan, scenario or self.scenario, self.limits, self.progress)

    def optimum(self) -> Answer:
        """Raises NoOptimumError."""
        answer = self.answer()
        if answer.status is not Status.OPTIMAL:
            whole = answer_document(answer, self.language, ())
            kept = ("plan", "scenario", "changed", "status", "sentence", "conflict")
            raise NoOptimumError({key: whole[key] for key in kept})
        return answer

    def program(self) -> tuple[Instance, LinearProgram]:
        """Raises QuestionError where the answer comes from several programs."""
        return single_program(self.plan, self.scenario)


def what_if(posed: Posed, asked: kinds.WhatIf) -> Document:
    def document(answer: Answer) -> Document:
        made = answer_document(answer, posed.language, asked.tables)
        del made["effort"]["seconds"]  # the same question has the same bytes
        return made

    found = posed.found
    incumbent = None if found is None else lambda answer: found(document(answer))
    method = Method(asked.method)
    return document(solve(posed.plan, posed.scenario, posed.limits, posed.progress, incumbent, method))


# Asked again with other words or other pieces, or after a restart, a curve is not traced again.
_CURVES = Curves(store_of(os.environ))


def curve(posed: Posed, asked: kinds.ValueCurve) -> Document:
    instance, program = posed.program()
    move = Move(**asked.moves.model_dump())
    direction = move.direction(instance)
    least, most = asked.interval
    ends = -math.inf if least is None else least, INFINITY if most is None else most
    whole = asked.interval == (None, None)
    found = _CURVES.along(program, direction, None if whole else ends, posed.limits, posed.progress, gap=asked.gap)
    said = moves(instance, move, direction, posed.language)
    return curve_document(instance, found, said, posed.language, binding=asked.binding)


def weighed(posed: Posed, asked: kinds.Frontier) -> Document:
    instance, program = posed.program()
    first, second = (Criterion(**one.model_dump()) for one in asked.criteria)
    found = frontier(
        instance,
        program,
        first,
        second,
        asked.interval,
        hold_goals=asked.hold_goals,
        limits=posed.limits,
        progress=posed.progress,
    )
    return frontier_document(instance, found, posed.language)


def efficient(posed: Posed, asked: kinds.EfficientSet) -> Document:
    instance, program = posed.program()
    criteria = [Criterion(**one.model_dump()) for one in asked.criteria]
    hold, limits, progress = asked.hold_goals, posed.limits, posed.progress
    if asked.staircase:
        first, second = criteria
        found = staircase(
            instance, program, first, second, asked.steps, hold_goals=hold, limits=limits, progress=progress
        )
    else:
        found = efficient_set(
            instance, program, criteria, asked.steps, hold_goals=hold, limits=limits, progress=progress
        )
    return efficient_document(instance, found, posed.language)


def assumptions(posed: Posed, asked: kinds.Ledger) -> Document:
    answer = posed.optimum()
    found = ledger(
        answer.instance,
        answer.solution,
        solve_again=asked.solve_again,
        limits=posed.limits,
        progress=posed.progress,
    )
    return ledger_document(answer, found, posed.language)


def others(posed: Posed, asked: kinds.Alternatives) -> Document:
    answer = posed.optimum()
    found = alternatives(
        answer.instance,
        answer.solution,
        asked.epsilon,
        by=asked.by,
        plans=asked.plans,
        limits=posed.limits,
        progress=posed.progress,
    )
    return alternatives_document(answer, found, posed.language)
