"""Points and linear pieces of a value curve, in stated values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from optimizer.parametric import Line, Parametric
from optimizer.program import Stage, Vector
from optimizer.run_result import RawResult
from optimizer.staged import Span
from optimizer.tangents import Segment, Tangent


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
