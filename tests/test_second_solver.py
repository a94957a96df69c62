"""The judge itself is judged by programs that are solved on paper."""

import pytest

from tests.second_solver import glpk_optimum

# max 3x + 2y: x + y <= 4.5, x <= 2.5, so x = 2.5, y = 2: 11.5. In whole numbers x = 2, y = 2: 10.
PROGRAM = """maximize
 value: 3 x + 2 y
subject to
 both: x + y <= 4.5
 first: x <= 2.5
{integers}end
"""
# min -3x - 2y + 1, as an MPS file (the right-hand side of the objective row is minus the constant).
MPS = """NAME tiny
ROWS
 N value
 L both
COLUMNS
 x value -3 both 1
 y value -2 both 1
RHS
 rhs both 4.5 value -1
BOUNDS
 UP bound x 2.5
ENDATA
"""


@pytest.mark.parametrize(("integers", "optimum"), [("", 11.5), ("general\n x y\n", 10.0)])
def test_an_lp_file(tmp_path, integers, optimum):
    path = tmp_path / "tiny.lp"
    path.write_text(PROGRAM.format(integers=integers))
    assert glpk_optimum(path) == pytest.approx(optimum, rel=1e-12)


def test_an_mps_file_with_a_constant(tmp_path):
    path = tmp_path / "tiny.mps"
    path.write_text(MPS)
    assert glpk_optimum(path) == pytest.approx(-10.5, rel=1e-12)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("maximize\n v: x\nsubject to\n a: x >= 1\nend\n", "no optimum"),  # unbounded
        ("maximize\n v: x\nsubject to\n a: x <= 1\n b: x >= 2\nend\n", "no optimum"),  # infeasible
        ("maximise nothing", "cannot read"),
    ],
)
def test_what_has_no_optimum_is_said(tmp_path, text, message):
    path = tmp_path / "none.lp"
    path.write_text(text)
    with pytest.raises(ValueError, match=message):
        glpk_optimum(path)
