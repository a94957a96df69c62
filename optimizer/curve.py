"""A value curve as a result: points, pieces, and everything between them by interpolation.

Where it was asked for within a gap, a piece is a chord: mixtures of the plans at its ends, which are plans, but not the
best. The multipliers of the piece bound what the best can be. Mixture and bound are linear along the piece and never
cross, so that nowhere are they farther apart than twice as far as in the middle.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

import numpy as np
import pandas as pd

from optimizer.certificate import GAP_TOLERANCE, Certificate, certify
from optimizer.parametric import Parametric
from optimizer.pieces import Piece, Point
from optimizer.program import Label
from optimizer.questions import QuestionError, problem
from optimizer.solution import Solution
from optimizer.status import Status

Shape = Literal["concave", "convex", "piecewise linear"]
# A multiplier below this share of the largest is rounding.
NEGLIGIBLE = 1e-9
# How far outside its interval a curve may be asked, relative to the size of theta: rounding.
ROUNDING = 1e-9


@dataclass(frozen=True)
class ValueCurve:
    """The optimum as a function of theta on [points[0].theta, points[-1].theta]: exact, not on a grid, unless ``gap``.

    Between two neighbouring points every stage is linear and any mixture of the two solutions is optimal. With one
    stage the stated value is concave where it is maximised and convex where it is minimised; with stages before it,
    that holds only between the breakpoints of those stages (see ``shape``), but the curve is always continuous.
    ``feasible``: all theta for which some plan exists. ``continues``: whether the last slope on the left and on the
    right goes on without end. ``solves`` counts the runs that traced the curve. ``certificate`` is the worst of all
    pieces, recomputed from the matrices.

    ``gap``: as asked, how far the last stage may be from its optimum anywhere, as a share of its value (or of one,
    where that is less); 0: exactly. The points are optimal in any case. ``proven_gap``: as far as it is proved to be.
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
    gap: float = 0.0
    proven_gap: float = 0.0

    @property
    def interval(self) -> tuple[float, float]:
        return self.points[0].theta, self.points[-1].theta

    @property
    def breakpoints(self) -> tuple[Point, ...]:
        """The points at which a slope changes: all but the two ends."""
        return self.points[1:-1]

    @property
    def status(self) -> Status:
        """``optimal`` where the certificate of every piece holds, or proves the gap that was asked for."""
        proof = self.certificate
        if proof is None:
            return Status.UNCERTIFIED
        near = self.gap > 0.0 and proof.proves and self.proven_gap <= self.gap + GAP_TOLERANCE
        return Status.OPTIMAL if near or proof.holds else Status.UNCERTIFIED

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
            zh = f"曲线只有一点{self.points[0].theta:g}，没有线段，也没有斜率"
            en = f"the curve is one point, {self.points[0].theta:g}: it has no piece and no slope"
            raise QuestionError([problem("theta", zh=zh, en=en)])
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
            zh = f"{theta:g}在曲线之外；曲线从{low:g}到{high:g}"
            en = f"theta {theta:g} is outside the curve, which goes from {low:g} to {high:g}"
            raise QuestionError([problem("theta", zh=zh, en=en)])


def certified(curve: ValueCurve) -> ValueCurve:
    """The curve with the worst certificate of its pieces, each taken in its middle, and the gap that they prove."""
    proofs, gaps = list[Certificate](), list[float]()
    stage = curve.parametric.program.stages[-1]
    for piece in curve.pieces:
        middle = curve.solution_at(0.5 * (piece.left + piece.right))
        if middle.certificate is not None and middle.x is not None:
            proofs.append(middle.certificate)
            apart = middle.certificate.gap * (1.0 + abs(float(stage.costs @ middle.x)))
            gaps.append(2.0 * apart / max(1.0, abs(stage.value(middle.x))))
    return replace(curve, certificate=_worst(proofs), proven_gap=max(gaps))


def _worst(proofs: list[Certificate]) -> Certificate:
    """The worst of each sort of violation."""
    return Certificate(
        max(proof.primal_violation for proof in proofs),
        max(proof.dual_violation for proof in proofs),
        max(proof.complementarity for proof in proofs),
        max(proof.gap for proof in proofs),
    )
