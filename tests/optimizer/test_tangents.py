"""Tracing a convex piecewise-linear function by its tangents, against functions whose pieces are known."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from optimizer.tangents import Tangent, trace


class Most:
    """The largest of some lines; at a kink the subgradient is ``choose`` of those that touch."""

    def __init__(self, lines, choose):
        self.lines, self.choose, self.asked = lines, choose, 0

    def __call__(self, at):
        self.asked += 1
        value = max(a * at + b for a, b in self.lines)
        return Tangent(at, value, self.choose([a for a, b in self.lines if a * at + b >= value - 1e-11]), None)


def middle(slopes):
    return (min(slopes) + max(slopes)) / 2


def kinks(lines, low, high):
    """Where the largest line changes: every meeting of two lines at which both are the largest."""
    places = {
        (d - b) / (a - c)
        for a, b in lines
        for c, d in lines
        if a != c and low < (d - b) / (a - c) < high
    }  # fmt: skip
    found = []
    for place in sorted(places):
        value = max(a * place + b for a, b in lines)
        touching = [a for a, b in lines if a * place + b >= value - 1e-11]
        if max(touching) > min(touching) and (not found or place - found[-1] > 1e-9):
            found.append(place)
    return found


@given(
    st.lists(st.tuples(st.integers(-20, 20), st.integers(-20, 20)), min_size=1, max_size=12),
    st.sampled_from([min, max, middle]),
    st.integers(-6, 0),
    st.integers(1, 6),
)
def test_every_breakpoint_is_found_and_no_other(lines, choose, low, high):
    function = Most(lines, choose)
    pieces = trace(function, low, high)
    expected = kinks(lines, low, high)
    found = [piece.left.at for piece in pieces[1:]]
    assert len(found) == len(expected)
    assert all(abs(a - b) < 1e-8 for a, b in zip(found, expected, strict=True))
    assert function.asked <= 2 * len(expected) + 3
    assert [p.right.at for p in pieces[:-1]] == found
    assert (pieces[0].left.at, pieces[-1].right.at) == (low, high)


def test_a_straight_line_between_two_kinks_takes_three_questions():
    # |x - 1| and |x + 1| bend at the ends themselves; between them the slope is 0, which no end need show.
    function = Most([(-1, -1), (0, 0), (1, -1)], middle)
    assert [piece.slope for piece in trace(function, -1.0, 1.0)] == [0.0]
    assert function.asked <= 3


def test_what_is_not_convex_is_refused_instead_of_searched_for_ever():
    with pytest.raises(ArithmeticError, match="below its tangent"):
        trace(lambda at: Tangent(at, 3.0 * (at > 0.5), 1.0 - 2.0 * (at < 0.2), None), 0.0, 1.0)
