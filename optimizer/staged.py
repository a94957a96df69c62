"""The curve of a lexicographic program along a direction, stage by stage.

On a linear piece of a stage's curve the bound that holds the stage is linear in theta too. So the hold is one more row
that moves along the direction, and the next stage has a convex curve of its own on that piece. Each stage keeps one
warm session for all its pieces.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from optimizer.parametric import Line, Parametric
from optimizer.program import INFINITY, Stage
from optimizer.questions import QuestionError, UnfinishedError
from optimizer.run_result import BASIC, Basis, RawResult
from optimizer.runs import Runs, WarmProgram, no_best_value
from optimizer.solution import Progress
from optimizer.solver_options import ANY_COSTS, DUAL
from optimizer.status import Status
from optimizer.tangents import Segment, Tangent, trace

# Stages are held exactly; where rounding then leaves no point, they are loosened by these, relative to their size.
LOOSER = (0.0, 1e-14, 1e-12, 1e-10, 1e-8)


@dataclass(frozen=True)
class Search:
    """How stages are traced. ``gap`` is for the last one (see ``tangents.trace``): what holds a stage has to be exact.

    ``start``: a basis near the optimum of the first stage.
    """

    runs: Runs
    progress: Progress | None = None
    gap: float = 0.0
    start: Basis | None = None


@dataclass(frozen=True)
class Span:
    """An interval of theta on which every stage traced so far is linear.

    ``lines``: the minimised costs of each of them (without constant); ``segment``: what was found for the last.
    """

    left: float
    right: float
    lines: tuple[Line, ...] = ()
    segment: Segment[RawResult] | None = None

    def cut(self, segment: Segment[RawResult], stage: Stage) -> Span:
        """The part on which the next stage, too, is linear."""
        line = Line(segment.left.at, segment.left.value - stage.constant, segment.slope)
        return Span(segment.left.at, segment.right.at, (*self.lines, line), segment)


class _Sweep:
    """One stage at any theta, with the stages before it held; warm from one theta to the next.

    ``start``: a basis of the same rows near the optimum of the first theta; with stages held, one that is a plan there.
    """

    def __init__(
        self, parametric: Parametric, held: Sequence[Stage], stage: Stage, runs: Runs, start: Basis | None
    ) -> None:
        self._parametric, self._stage = parametric, stage
        program = parametric.program
        self._first_hold = len(program.rows)
        for earlier in held:
            program = program.with_row(("hold", earlier.name), earlier.costs, -INFINITY, INFINITY)
        self._session = WarmProgram(program, runs)
        self._session.set_stage(stage)
        if start is not None:
            self._session.set_basis(start)
            self._session.set_options(ANY_COSTS if held else DUAL)
        self._known: dict[float, RawResult] = {}

    def tangent(self, theta: float, holds: Sequence[Line]) -> Tangent[RawResult]:
        """Value and slope on the piece that has these holds."""
        result = self._known.get(theta) or self._known.setdefault(theta, self._solve(theta, holds))
        if result.status is Status.UNBOUNDED:
            raise QuestionError([no_best_value(f"the objective ({self._stage.name})")])
        if result.x is None or result.y is None:
            raise UnfinishedError(result.status, f"{self._stage.name} at {theta:g}")
        value = float(self._stage.costs @ result.x) + self._stage.constant
        slope = float(result.y[: self._first_hold] @ self._parametric.direction)
        slope += sum(hold.slope * float(y) for hold, y in zip(holds, result.y[self._first_hold :], strict=True))
        return Tangent(theta, value, slope, result)

    def _solve(self, theta: float, holds: Sequence[Line]) -> RawResult:
        self._session.set_rows_bounds(self._parametric.moved, *self._parametric.bounds(theta))
        for loose in LOOSER if holds else ():
            result = self._held(theta, holds, loose)
            if result is not None:
                return result
        return self._run()

    def _held(self, theta: float, holds: Sequence[Line], loose: float) -> RawResult | None:
        """The result with holds loosened this much; None where rounding left no point within them."""
        for number, hold in enumerate(holds, start=self._first_hold):
            most = hold(theta)
            self._session.set_row_bounds(number, -INFINITY, most + loose * max(1.0, abs(most)))
        try:
            result = self._run()
        except UnfinishedError as cut:
            if cut.status is not Status.FAILED:
                raise
            return None
        return (
            None
            if result.status is Status.INFEASIBLE or (result.status is Status.OPTIMAL and result.x is None)
            else result
        )

    def _run(self) -> RawResult:
        try:
            return self._session.run()
        finally:
            self._session.set_options(DUAL)  # from now on bounds move


def trace_stages(parametric: Parametric, low: float, high: float, search: Search) -> list[Span]:
    """The intervals of theta between ``low`` < ``high`` on which every stage of the program is linear."""
    stages = parametric.program.stages
    spans, start = [Span(low, high)], search.start
    for number, stage in enumerate(stages):
        if search.progress:
            search.progress(stage.name)
        sweep = _Sweep(parametric, stages[:number], stage, search.runs, start)
        near = search.gap if stage is stages[-1] else 0.0
        spans = [part for span in spans for part in _traced(sweep, span, stage, near)]
        start = _held_there(spans[0])
    return spans


def _held_there(span: Span) -> Basis | None:
    """The basis at the left end, with a row more that holds the stage."""
    basis = None if span.segment is None else span.segment.left.found.basis
    return None if basis is None else Basis(basis.columns, np.append(basis.rows, np.int8(BASIC)))


def _traced(sweep: _Sweep, span: Span, stage: Stage, gap: float) -> list[Span]:
    try:
        segments = trace(lambda theta: sweep.tangent(theta, span.lines), span.left, span.right, gap)
    except ArithmeticError as error:
        raise UnfinishedError(Status.FAILED, f"{stage.name}: {error}") from error
    return [span.cut(segment, stage) for segment in segments]
