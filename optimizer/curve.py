"""A value curve as a result: points, pieces, and everything between them by interpolation."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

import numpy as np
import pandas as pd

from optimizer.certificate import Certificate, certify
from optimizer.parametric import Line, Parametric
from optimizer.program import Label, Stage, Vector
from optimizer.questions import QuestionError
from optimizer.solution import Solution
from optimizer.solver import RawResult
from optimizer.staged import Span
from optimizer.status import Status
from optimizer.tangents import Segment, Tangent

Shape = Literal["concave", "convex", "piecewise linear"]
# A multiplier below this share of the largest is rounding.
NEGLIGIBLE = 1e-9
# How far outside its interval a curve may be asked, relative to the size of theta: rounding.
ROUNDING = 1e-9


@dataclass(frozen=True)
class Point:
    """The optimum at theta: the stated value of every stage, and the solution (it follows the program's columns).

    ``turns`` names the first stage whose slope changes here; "" at the ends of the curve and between breakpoints.
    """

    theta: float
    values: tuple[float, ...]
    x: Vector
    turns: str = ""

    @property
    def value(self) -> float:
        """The stated value of the last stage."""
        return self.values[-1]


@dataclass(frozen=True)
class Piece:
    """A linear piece: stated slope of every stage, and the multipliers that are optimal on all of it.

    ``y`` follows the rows of the program and then one hold row for every stage but the last, whose bounds are
    ``holds``; it belongs to the minimised last stage.
    """

    left: float
    right: float
    slopes: tuple[float, ...]
    y: Vector
    holds: tuple[Line, ...]

    @property
    def slope(self) -> float:
        """Change of the last stage's stated value for one more of theta: the exchange rate."""
        return self.slopes[-1]


@dataclass(frozen=True)
class ValueCurve:
    """The optimum as a function of theta on [points[0].theta, points[-1].theta]: exact, not on a grid.

    Between two neighbouring points every stage is linear and any mixture of the two solutions is optimal. With one
    stage the stated value is concave where it is maximised and convex where it is minimised; with stages before it,
    that holds only between the breakpoints of those stages (see ``shape``), but the curve is always continuous.
    ``feasible``: all theta for which some plan exists. ``continues``: whether the last slope on the left and on the
    right goes on without end. ``solves`` counts the runs that traced the curve. ``certificate`` is the worst of all
    pieces, recomputed from the matrices.
    """

    parametric: Parametric
    points: tuple[Point, ...]
    pieces: tuple[Piece, ...]
    feasible: tuple[float, float]
    continues: tuple[bool, bool]
    certificate: Certificate | None
    solves: int
    seconds: float
    unit: str = ""
    value_unit: str = ""
    single: Solution | None = None  # where the curve is one point

    @property
    def interval(self) -> tuple[float, float]:
        return self.points[0].theta, self.points[-1].theta

    @property
    def breakpoints(self) -> tuple[Point, ...]:
        """The points at which a slope changes: all but the two ends."""
        return self.points[1:-1]

    @property
    def status(self) -> Status:
        """``optimal`` where the certificate of every piece holds."""
        holds = self.certificate is not None and self.certificate.holds
        return Status.OPTIMAL if holds else Status.UNCERTIFIED

    @property
    def shape(self) -> Shape:
        """``piecewise linear`` where an earlier stage bends, so that neither of the others need hold."""
        if len({piece.slopes[:-1] for piece in self.pieces}) > 1:
            return "piecewise linear"
        return "concave" if self.parametric.program.stages[-1].sign < 0.0 else "convex"

    def piece_at(self, theta: float) -> Piece:
        """The piece that holds theta (the one on its right at a breakpoint). Raises QuestionError outside."""
        self._inside(theta)
        if not self.pieces:
            raise QuestionError([f"the curve is one point, {self.points[0].theta:g}: it has no piece and no slope"])
        place = bisect_right([piece.left for piece in self.pieces], theta) - 1
        return self.pieces[max(place, 0)]

    def at(self, theta: float) -> Point:
        """The optimum at theta, without solving. Raises QuestionError outside the interval."""
        self._inside(theta)
        left, right = self._around(theta)
        if left is right:
            return left
        share = min(max((theta - left.theta) / (right.theta - left.theta), 0.0), 1.0)
        if share in (0.0, 1.0):
            return right if share else left
        values = tuple((1.0 - share) * a + share * b for a, b in zip(left.values, right.values, strict=True))
        return Point(theta, values, (1.0 - share) * left.x + share * right.x)

    def solution_at(self, theta: float) -> Solution:
        """The certified Solution at theta, without solving; ``Answer(instance, solution)`` makes its tables."""
        point = self.at(theta)
        if self.single is not None:
            return self.single
        piece, program = self.piece_at(theta), self.parametric.at(theta)
        for stage, hold in zip(program.stages, piece.holds, strict=False):
            program = program.with_row(("hold", stage.name), stage.costs, -np.inf, hold(theta))
        stage = program.stages[-1]
        certificate = certify(program, stage, point.x, piece.y)
        return Solution(
            Status.OPTIMAL if certificate.holds else Status.UNCERTIFIED,
            program,
            point.values,
            point.x,
            piece.y,
            stage.costs - program.matrix.T @ piece.y,
            certificate=certificate,
        )

    def binding(self, piece: Piece) -> dict[Label, float]:
        """The rows that bind all along a piece, each with what one more of its bound adds to the stated value.

        The bounds that hold the stages before are taken as they are: a row whose only effect is on an earlier stage
        stands here through ("hold", stage).
        """
        program = self.parametric.program
        labels = [*program.rows, *(("hold", stage.name) for stage in program.stages[:-1])]
        prices = program.stages[-1].sign * piece.y
        least = NEGLIGIBLE * float(np.abs(prices).max(initial=0.0))
        return {label: float(p) for label, p in zip(labels, prices, strict=True) if abs(p) > least}

    def table(self) -> pd.DataFrame:
        """One row a piece: theta_from, theta_to, value_from, value_to, slope, unit, value_unit, ends_at."""
        rows = [
            (a.theta, b.theta, a.value, b.value, piece.slope, self.unit, self.value_unit, b.turns)
            for (a, b), piece in zip(pairwise(self.points), self.pieces, strict=True)
        ]
        columns = ["theta_from", "theta_to", "value_from", "value_to", "slope", "unit", "value_unit", "ends_at"]
        return pd.DataFrame(rows, columns=columns)

    def _around(self, theta: float) -> tuple[Point, Point]:
        place = bisect_right([point.theta for point in self.points], theta)
        return self.points[max(place - 1, 0)], self.points[min(place, len(self.points) - 1)]

    def _inside(self, theta: float) -> None:
        low, high = self.interval
        small = ROUNDING * max(1.0, abs(low), abs(high))
        if not low - small <= theta <= high + small:
            raise QuestionError([f"theta {theta:g} is outside the curve, which goes from {low:g} to {high:g}"])


def pieces_of(parametric: Parametric, spans: Sequence[Span]) -> tuple[tuple[Point, ...], tuple[Piece, ...]]:
    """Points and pieces, in stated values, of the spans that were traced."""
    stages = parametric.program.stages
    points, pieces = list[Point](), list[Piece]()
    for span in spans:
        if span.segment is None:
            raise ValueError("a span that was not traced")
        slopes = tuple(stage.sign * line.slope for stage, line in zip(stages, span.lines, strict=True))
        pieces.append(Piece(span.left, span.right, slopes, _multipliers(span.segment), span.lines[:-1]))
        ends = (span.segment.left, span.segment.right)
        for end in ends if not points else ends[1:]:
            points.append(_point(span, end, stages))
    names = [
        next(
            (stage.name for stage, a, b in zip(stages, left.slopes, right.slopes, strict=True) if a != b),
            stages[-1].name,
        )
        for left, right in pairwise(pieces)
    ]
    return tuple(replace(p, turns=name) for p, name in zip(points, ["", *names, ""], strict=True)), tuple(pieces)


def _multipliers(segment: Segment[RawResult]) -> Vector:
    """The smallest of those that fit: large ones, where bases are nearly singular, magnify rounding."""
    fitting = [tangent.found.y for tangent in segment.tangents if tangent.found.y is not None]
    return min(fitting, key=lambda y: float(np.abs(y).max(initial=0.0)))


def _point(span: Span, end: Tangent[RawResult], stages: Sequence[Stage]) -> Point:
    values = tuple(stage.sign * (line(end.at) + stage.constant) for stage, line in zip(stages, span.lines, strict=True))
    if end.found.x is None:
        raise ValueError("a point without a solution")
    return Point(end.at, values, end.found.x)
