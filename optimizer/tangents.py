"""A convex piecewise-linear function traced by its tangents (Eisner and Severance 1976).

The function is known by an oracle that gives, at any point, the value and one subgradient. Where the tangents of two
points meet, the function is asked: if it lies there, that is a breakpoint; if not, there is more to find on both sides.
Only convexity is used, so that a point where many bases are optimal does no harm. For k breakpoints the oracle is
asked at most 2k + 3 times, the two ends included: at each breakpoint once, in each piece once, and at the ends.

Where it need not be known exactly, a piece is a chord that one of its two tangents is close to: the function lies
between them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

# The function counts as linear where chord and tangents differ by less than this, relative to its size.
LINEAR = 2e-10

# Below its tangents by more than this, relative to its size, the function is not convex or its slopes are wrong.
WRONG = 1e-6

Found = TypeVar("Found")


@dataclass(frozen=True)
class Tangent(Generic[Found]):
    """Value and a subgradient at a point, and what the oracle found there."""

    at: float
    value: float
    slope: float
    found: Found

    def off(self, other: Tangent[Found]) -> float:
        """How far the function at ``other`` lies off this tangent: above it, but for rounding."""
        return abs(other.value - self.value - self.slope * (other.at - self.at))


@dataclass(frozen=True)
class Segment(Generic[Found]):
    """A linear piece from ``left`` to ``right``; ``support``: the end or inner point on or near whose tangent it is."""

    left: Tangent[Found]
    right: Tangent[Found]
    support: Tangent[Found]

    @property
    def tangents(self) -> list[Tangent[Found]]:
        """All that the piece lies on, of those that are known."""
        ends = self.left, self.right
        known = [self.support, *(end for end in ends if end is not self.support)]
        return [one for one in known if all(one.off(end) <= _small(*ends) for end in ends)] or [self.support]

    @property
    def is_linear(self) -> bool:
        """Whether it lies on the tangent of its support, as near as ``_meeting`` asks of a piece."""
        return max(self.support.off(end) for end in (self.left, self.right)) <= 2.0 * _small(self.left, self.right)

    @property
    def slope(self) -> float:
        return (self.right.value - self.left.value) / (self.right.at - self.left.at)


Oracle = Callable[[float], Tangent[Found]]


def trace(ask: Oracle[Found], low: float, high: float, gap: float = 0.0) -> list[Segment[Found]]:
    """The linear pieces between ``low`` < ``high`` from left to right. Raises ArithmeticError if it is not convex.

    ``gap``: how far a piece may be from the tangent of its support, relative to the size of the function in its middle.
    """
    waiting, pieces = [(ask(low), ask(high))], list[Segment[Found]]()
    while waiting:
        left, right = waiting.pop()
        meeting = None if _near(left, right, gap) else _meeting(left, right)
        if meeting is None:
            support = left if left.off(right) <= right.off(left) else right
            pieces.append(Segment(left, right, support))
            continue
        middle = ask(meeting)
        _refuse_below(left, middle, right)
        if left.off(middle) <= _small(left, middle, right):
            pieces += [Segment(left, middle, left), Segment(middle, right, right)]
        else:
            waiting += [(middle, right), (left, middle)]
    return _merged(pieces)


def _refuse_below(left: Tangent[Found], middle: Tangent[Found], right: Tangent[Found]) -> None:
    """A convex function never runs below its tangents: a search on one that does would not end."""
    for end in (left, right):
        below = end.value + end.slope * (middle.at - end.at) - middle.value
        if below > WRONG * max(1.0, abs(middle.value)):
            raise ArithmeticError(f"at {middle.at:g} the function lies {below:g} below its tangent at {end.at:g}")


def _small(*tangents: Tangent[Found]) -> float:
    return LINEAR * max(1.0, *(abs(tangent.value) for tangent in tangents))


def _near(left: Tangent[Found], right: Tangent[Found], gap: float) -> bool:
    middle = 0.5 * (left.value + right.value)
    return min(left.off(right), right.off(left)) <= gap * max(1.0, abs(middle))


def _meeting(left: Tangent[Found], right: Tangent[Found]) -> float | None:
    """Where the two tangents meet; None where the function between them is linear within ``LINEAR``."""
    short_left, short_right = left.off(right), right.off(left)
    both = short_left + short_right
    if both == 0.0 or short_left * short_right / both <= _small(left, right):
        return None
    meeting = left.at + (right.at - left.at) * (short_right / both)
    return meeting if left.at < meeting < right.at else None


def _merged(pieces: list[Segment[Found]]) -> list[Segment[Found]]:
    """Neighbours that lie on one tangent become one piece; what is only near one does not."""
    merged = pieces[:1]
    for piece in pieces[1:]:
        last = merged[-1]
        small = _small(last.left, piece.right)
        if last.is_linear and last.support.off(piece.right) <= small:
            merged[-1] = Segment(last.left, piece.right, last.support)
        elif piece.is_linear and piece.support.off(last.left) <= small:
            merged[-1] = Segment(last.left, piece.right, piece.support)
        else:
            merged.append(piece)
    return merged
