"""Sparse solves for many right-hand sides against dense ones; ranges against ratio tests made one by one."""

import pickle
from dataclasses import replace

import numpy as np
import pytest
import scipy.sparse as sp
from scipy.sparse.linalg import splu

from model_data import default_plan_path, load_plan
from optimizer import load_scenario, make_program, ranging, solve_program
from optimizer.latest import Latest
from optimizer.ranging import Ranging
from optimizer.run_result import BASIC, Basis
from optimizer.triangular import Factorised
from tests.specimen import specimen


def system(size: int, seed: int) -> sp.csr_array:
    """A sparse matrix that is far from singular, its rows and columns out of order."""
    draw = np.random.default_rng(seed)
    apart = sp.random_array((size, size), density=min(3.0 / size, 1.0), rng=draw, data_sampler=draw.standard_normal)
    whole = sp.csr_array(apart + 4.0 * sp.eye_array(size))
    return sp.csr_array(whole[draw.permutation(size)][:, draw.permutation(size)])


def triangular(size: int, seed: int, nucleus: int) -> sp.csr_array:
    """Long chains of rows, each of which waits for the one before, around a nucleus that has no order."""
    draw = np.random.default_rng(seed)
    lower = np.tril(system(size, seed).toarray()[draw.permutation(size)], -2) + np.diag(draw.uniform(0.5, 2.0, size))
    matrix = lower + np.diag(draw.uniform(0.1, 1.0, size - 1), -1)
    middle = slice(size // 2, size // 2 + nucleus)
    matrix[middle, middle] += draw.standard_normal((nucleus, nucleus))
    return sp.csr_array(matrix[draw.permutation(size)][:, draw.permutation(size)])


def solved(matrix, right):
    return Factorised(matrix).solve(right).whole()


@pytest.mark.parametrize(("size", "seed"), [(1, 0), (2, 1), (30, 2), (30, 3), (200, 4), (400, 5)])
def test_all_right_hand_sides_at_once(size, seed):
    matrix, draw = system(size, seed), np.random.default_rng(seed)
    right = sp.csr_array(sp.random_array((size, 70), density=0.02, rng=draw, data_sampler=draw.standard_normal))
    found = solved(matrix, right)
    assert right.nnz == 0 or np.abs(found).max() > 0.0
    np.testing.assert_allclose(found, np.linalg.solve(matrix.toarray(), right.toarray()), rtol=1e-10, atol=1e-11)


@pytest.mark.parametrize("nucleus", [0, 2, 20])
def test_front_nucleus_and_back(nucleus):
    matrix, draw = triangular(120, 6, nucleus), np.random.default_rng(8)
    right = sp.csr_array(sp.random_array((120, 90), density=0.03, rng=draw, data_sampler=draw.standard_normal))
    front = Factorised(matrix).solve(right).sparse
    assert front.shape[0] == (60 if nucleus else 120)
    expected = np.linalg.solve(matrix.toarray(), right.toarray())
    np.testing.assert_allclose(solved(matrix, right), expected, rtol=1e-9, atol=1e-9 * np.abs(expected).max())


def test_what_cancels_is_left_out():
    # x1 = 1, x2 = 0.1 x1, x3 = x1 - 10 x2 = 0: what is left of it is rounding, and no entry.
    matrix = sp.csr_array(np.array([[1.0, 0.0, 0.0], [-0.3, 3.0, 0.0], [-1.0, 10.0, 1.0]]))
    right = sp.csr_array(np.array([[1.0], [0.0], [0.0]]))
    assert solved(matrix, right).ravel().tolist() == pytest.approx([1.0, 0.1, 0.0])
    assert Factorised(matrix).solve(right).sparse.nnz == 2


def test_a_singular_matrix_is_refused():
    for rows in ([[1.0, 1.0], [1.0, 1.0]], [[1.0, 0.0], [2.0, 0.0]], [[1.0, 1.0], [0.0, 0.0]]):
        with pytest.raises(RuntimeError, match="singular"):
            Factorised(sp.csr_array(np.array(rows)))


class OneByOne:
    """Ratio tests from the definition of a basis of [A, -I], one move at a time."""

    def __init__(self, program, x, basis):
        columns, self.rows = np.flatnonzero(basis.columns == BASIC), np.flatnonzero(basis.rows == BASIC)
        slack = -sp.eye_array(len(program.rows), format="csc")
        self.factor = splu(sp.csc_matrix(sp.hstack([program.matrix[:, columns], slack[:, self.rows]])))
        self.value = np.concatenate([x[columns], (program.matrix @ x)[self.rows]])
        self.lower = np.concatenate([program.column_lower[columns], program.row_lower[self.rows]])
        self.upper = np.concatenate([program.column_upper[columns], program.row_upper[self.rows]])

    def along(self, direction) -> tuple[float, float]:
        standing = direction.copy()
        standing[self.rows] = 0.0
        step = self.factor.solve(standing)
        step[len(step) - len(self.rows) :] -= direction[self.rows]  # the bounds of a basic row move, too
        return self.room(-step), self.room(step)

    def room(self, step) -> float:
        least = np.inf
        for k in np.flatnonzero(np.abs(step) > 1e-10 * (1.0 + np.abs(step).max())):
            free = self.upper[k] - self.value[k] if step[k] > 0.0 else self.value[k] - self.lower[k]
            least = min(least, 0.0 if free <= 1e-8 * (1.0 + abs(self.value[k])) else free / abs(step[k]))
        return least


PLANS = {"specimen": lambda: specimen().plan(), "shipped": lambda: load_plan(default_plan_path())}


@pytest.mark.parametrize("name", PLANS)
def test_ranges_of_many_moves_are_those_of_each(name):
    plan = PLANS[name]()
    stage = solve_program(make_program(plan, load_scenario(plan))[1]).stages[-1]
    size, draw = len(stage.program.rows), np.random.default_rng(7)
    chosen = draw.choice(size, min(size, 25), replace=False)
    moves = sp.csr_array((np.ones(len(chosen)), (chosen, np.arange(len(chosen)))), shape=(size, len(chosen)))
    mixed = sp.csr_array(moves + sp.csr_array(moves[:, ::-1]) * 0.5)
    assert (stage.basis.rows[chosen] == BASIC).any()  # bounds on which nothing stands, too
    for directions in (moves, mixed):
        found = Ranging(stage.program, stage.x, stage.basics).along(directions)
        reference = OneByOne(stage.program, stage.x, stage.basis)
        expected = [reference.along(column) for column in directions.toarray().T]
        np.testing.assert_allclose(found.down, [down for down, _ in expected], rtol=1e-6, atol=1e-7)
        np.testing.assert_allclose(found.up, [up for _, up in expected], rtol=1e-6, atol=1e-7)
        assert np.isfinite(found.up).any()


def test_basic_variables_are_told_by_the_solver_and_by_the_statuses():
    plan = specimen().plan()
    solution = solve_program(make_program(plan, load_scenario(plan))[1])
    for stage in solution.stages:
        assert sorted(stage.basics) == sorted(stage.basis.basics)
        assert len(stage.basics) == len(stage.program.rows)
        travelled = pickle.loads(pickle.dumps(stage))  # noqa: S301 - our own
        assert sorted(travelled.basics) == sorted(replace(travelled, _basics=None).basics) == sorted(stage.basics)


def vertex():
    """An optimum with its moves: every row bound by itself."""
    plan = specimen().plan()
    stage = solve_program(make_program(plan, load_scenario(plan))[1]).stages[-1]
    return stage.program, stage.x, stage.basis, sp.eye_array(len(stage.program.rows), format="csr")


def anew(monkeypatch) -> None:
    """From here on nothing is kept from before."""
    monkeypatch.setattr(ranging, "_FACTORS", Latest(16))
    monkeypatch.setattr(ranging, "_STEPS", Latest(4))


def same(one, other) -> bool:
    return bool(np.array_equal(one.down, other.down) and np.array_equal(one.up, other.up))


def changed_coefficient(program, x, basis, moves):
    matrix = program.matrix.copy()
    tight = basis.rows[matrix.indices] != BASIC
    column = np.repeat(np.arange(matrix.shape[1]), np.diff(matrix.indptr))
    matrix.data[np.flatnonzero(tight & (basis.columns[column] == BASIC))[0]] *= 1.25
    return replace(program, matrix=matrix), x, basis, moves


def changed_basis(program, x, basis, moves):
    # A row on a bound for the column that it has most of: still a basis.
    row = np.flatnonzero(basis.rows != BASIC)[0]
    found = Factorised(
        ranging._basic(program.matrix, *map(np.flatnonzero, (basis.columns == BASIC, basis.rows == BASIC)))
    )
    step = found.solve(moves[:, [row]]).whole()[: int((basis.columns == BASIC).sum()), 0]
    leaving = np.flatnonzero(basis.columns == BASIC)[np.abs(step).argmax()]
    columns, rows = basis.columns.copy(), basis.rows.copy()
    columns[leaving], rows[row] = 0, BASIC
    return program, x, Basis(columns, rows), moves


def changed_moves(program, x, basis, moves):
    return program, x, basis, sp.csr_array(moves * 2.0)


def moves_in_another_order(program, x, basis, moves):
    return program, x, basis, sp.csr_array(moves[:, ::-1])


def a_move_of_the_next_row(program, x, basis, moves):
    rows = np.arange(moves.shape[0], dtype=moves.indices.dtype)
    rows[len(rows) // 3] += 1
    return program, x, basis, sp.csr_array((moves.data, (rows, moves.indices)), shape=moves.shape)


def changed_point(program, x, basis, moves):
    return program, x * 1.01, basis, moves


CHANGES = [
    changed_coefficient, changed_basis, changed_moves, moves_in_another_order, a_move_of_the_next_row, changed_point
]  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
def test_what_is_kept_is_what_would_be_found(change, monkeypatch):
    def ranges(program, x, basis, moves):
        return Ranging(program, x, basis.basics).along(moves)

    asked = vertex()
    other = change(*asked)
    anew(monkeypatch)
    first = ranges(*asked)
    second, again = ranges(*other), ranges(*asked)
    anew(monkeypatch)
    assert same(ranges(*other), second)
    assert same(first, again)
    assert not same(first, second)
    monkeypatch.setattr(ranging, "_LARGE", 0)  # nothing is kept of large bases
    assert same(ranges(*asked), first)
    assert same(ranges(*other), second)


def test_what_is_kept_is_used(monkeypatch):
    program, x, basis, moves = vertex()
    anew(monkeypatch)
    first = Ranging(program, x, basis.basics).along(moves)
    monkeypatch.setattr(ranging, "Factorised", None)
    assert same(Ranging(program, x, basis.basics).along(moves), first)
