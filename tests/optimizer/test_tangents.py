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


@given(
    st.lists(st.tuples(st.integers(-20, 20), st.integers(-20, 20)), min_size=1, max_size=12),
    st.sampled_from([min, max, middle]),
    st.floats(1e-6, 0.5),
)
def test_within_a_gap_it_lies_between_chord_and_tangent_and_takes_no_more_questions(lines, choose, gap):
    exact, near = Most(lines, choose), Most(lines, choose)
    trace(exact, -6, 6)
    pieces = trace(near, -6, 6, gap)
    assert [a.right.at for a in pieces[:-1]] == [b.left.at for b in pieces[1:]]
    for piece in pieces:
        centre = (piece.left.at + piece.right.at) / 2
        allowed = gap * max(1.0, abs(piece.left.value + piece.right.value) / 2)
        for share in (0.1, 0.5, 0.9):
            at = (1 - share) * piece.left.at + share * piece.right.at
            chord = piece.left.value + piece.slope * (at - piece.left.at)
            tangent = piece.support.value + piece.support.slope * (at - piece.support.at)
            assert tangent - 1e-8 <= exact(at).value <= chord + 1e-8
            assert chord - tangent <= allowed + 1e-8
            # On paper: not negative and linear, so that nowhere it is more than twice what it is in the middle.
            half = piece.left.value + piece.slope * (centre - piece.left.at)
            half -= piece.support.value + piece.support.slope * (centre - piece.support.at)
            assert chord - tangent <= 2 * half + 1e-8
    assert near.asked <= exact.asked


def test_what_is_only_near_a_tangent_is_not_merged_with_what_lies_on_it():
    # 56 at -6, 29.5 at -2.25 on the line 16 - 6 at, 11 from 5/6 on: the first piece is 4 off that line, and near it,
    # for 0.09375 of 42.75 in its middle is 4.008. With the second, which lies on the line, the middle would be at 33.5.
    function = Most([(0, 11), (-6, 16), (-12, -16)], min)
    ends = [(piece.left.at, piece.right.at) for piece in trace(function, -6.0, 6.0, 0.09375)]
    assert ends == [(-6.0, -2.25), (-2.25, pytest.approx(5 / 6)), (pytest.approx(5 / 6), 6.0)]


@pytest.mark.parametrize(("gap", "pieces", "asked"), [(0.02, 1, 2), (0.0198, 2, 3), (0.0, 2, 3)])
def test_one_chord_is_enough_where_a_tangent_is_near_it(gap, pieces, asked):
    # |at| + 1000 on [-10, 10]: the chord is at 1010, a tangent at 990 at the other end, 20 / 1010 = 0.0198 off.
    function = Most([(1, 1000), (-1, 1000)], middle)
    assert (len(trace(function, -10.0, 10.0, gap)), function.asked) == (pieces, asked)


def test_a_straight_line_between_two_kinks_takes_three_questions():
    # |x - 1| and |x + 1| bend at the ends themselves; between them the slope is 0, which no end need show.
    function = Most([(-1, -1), (0, 0), (1, -1)], middle)
    assert [piece.slope for piece in trace(function, -1.0, 1.0)] == [0.0]
    assert function.asked <= 3


def test_what_is_not_convex_is_refused_instead_of_searched_for_ever():
    with pytest.raises(ArithmeticError, match="below its tangent"):
        trace(lambda at: Tangent(at, 3.0 * (at > 0.5), 1.0 - 2.0 * (at < 0.2), None), 0.0, 1.0)
