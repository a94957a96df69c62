"""Bases that are kept: the same certified optimum in fewer steps, whatever stands on the disk."""

import io
import pickle
import zipfile

import numpy as np
import pytest

from model_data import default_plan_path, load_plan
from optimizer import load_scenario, make_program, solve, solve_program
from optimizer.bases import MOST_BASES, MOST_STRUCTURES, Bases, _distance, _figures, structure
from optimizer.store import Store
from tests.specimen import specimen


@pytest.fixture(scope="module")
def program():
    plan = load_plan(default_plan_path())
    return make_program(plan, load_scenario(plan))[1]


@pytest.fixture(scope="module")
def cold(program):
    return solve_program(program)


def moved(program, factor):
    """The program with every yearly budget multiplied."""
    rows = {label: k for k, label in enumerate(program.rows) if label[0] == "budget_year"}
    assert rows
    return program.with_row_bounds({label: (-np.inf, program.row_upper[k] * factor) for label, k in rows.items()})


def same(one, other):
    assert one.status == other.status == "optimal"
    assert one.certificate.holds
    assert one.values == pytest.approx(other.values, rel=1e-8)


def test_the_same_program_needs_no_step_and_ends_where_it_ended(program, cold):
    bases = Bases()
    same(solve_program(program, bases=bases), cold)
    again = solve_program(program, bases=bases)
    same(again, cold)
    assert cold.iterations > 100
    assert again.iterations == 0
    np.testing.assert_allclose(again.x, cold.x, atol=1e-6)


def test_a_nearby_program_starts_near_its_end(program):
    bases = Bases()
    solve_program(program, bases=bases)
    near, far = moved(program, 1.01), moved(program, 1.2)
    ordinary = solve_program(near)
    found = solve_program(near, bases=bases)
    same(found, ordinary)
    assert found.iterations < ordinary.iterations / 4
    same(solve_program(far, bases=bases), solve_program(far))


def test_the_nearest_is_taken(program):
    bases = Bases()
    stages = {factor: solve_program(moved(program, factor)).stages for factor in (0.9, 1.0, 1.1)}
    for factor, kept in stages.items():
        bases.keep(moved(program, factor), tuple(stage.basis for stage in kept))
    assert bases.nearest(moved(program, 1.09))[-1] is stages[1.1][-1].basis
    assert bases.nearest(moved(program, 0.91))[-1] is stages[0.9][-1].basis


def test_distance_counts_figures_before_their_size():
    infinity = float("inf")
    here = np.array([0.0, 1.0, infinity, -infinity])
    assert _distance(here, here) == 0.0
    assert _distance(here, np.array([0.0, 1e9, infinity, -infinity])) < _distance(
        here, here + np.array([1e-6, 1e-6, 0, 0])
    )
    assert 1.0 < _distance(here, np.array([0.0, 1.0, 5.0, -infinity])) <= 2.0


def test_another_structure_starts_from_nothing(program):
    bases = Bases()
    solve_program(program, bases=bases)
    plan = specimen().plan()
    other = make_program(plan, load_scenario(plan))[1]
    assert structure(other) != structure(program)
    assert bases.nearest(other) == ()
    same(solve(plan, load_scenario(plan), bases=bases).solution, solve(plan, load_scenario(plan)).solution)
    assert len(bases.nearest(other)) == len(other.stages)
    assert bases.nearest(program)


def test_what_is_infeasible_keeps_nothing():
    plan = specimen().plan()
    scenario = load_scenario(plan, None, {"budgets": {"plan": {"factor": 0.0}}})
    bases = Bases()
    assert solve(plan, scenario, bases=bases).status == "infeasible"
    assert bases.nearest(make_program(plan, scenario)[1]) == ()


def test_memory_is_bounded(program, cold):
    bases, stages = Bases(), tuple(stage.basis for stage in cold.stages)
    for number in range(MOST_BASES + 5):
        bases.keep(moved(program, 1.0 + number), stages)
    assert len(bases._kept[structure(program)]) == MOST_BASES
    for number in range(MOST_STRUCTURES + 2):
        bases.keep(program.with_row(("extra", number), np.ones(len(program.columns)), -np.inf, np.inf), stages)
    assert len(bases._kept) == MOST_STRUCTURES


# ---------------------------------------------------------------------- on disk
def test_another_process_starts_from_the_disk(program, cold, tmp_path):
    solve_program(program, bases=Bases(Store(tmp_path)))
    found = solve_program(program, bases=Bases(Store(tmp_path)))
    same(found, cold)
    assert found.iterations == 0


class Opened:
    """Would leave a file behind if somebody unpickled it."""

    def __init__(self, path):
        self.path = str(path)

    def __reduce__(self):
        return open, (self.path, "w")


def pickled(path, _):
    buffer = io.BytesIO()
    np.savez(buffer, figures=np.array([Opened(path)], dtype=object))
    return buffer.getvalue()


def broken(*_):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("figures.npy", b"\x93NUMPY\x01\x00no header at all")
    return buffer.getvalue()


def statuses(_, program):
    buffer = io.BytesIO()
    wrong = np.full(len(program.columns), 9, dtype=np.int8)
    np.savez(buffer, figures=_figures(program), columns0=wrong, rows0=np.zeros(len(program.rows), dtype=np.int8))
    return buffer.getvalue()


@pytest.mark.parametrize(
    "content", [lambda *_: b"", lambda path, _: pickle.dumps(Opened(path)), pickled, broken, statuses]
)
def test_what_is_no_basis_is_not_read(program, cold, tmp_path, content):
    trap = tmp_path / "opened"
    store = Store(tmp_path / "store")
    store.put(f"basis {structure(program)}", content(trap, program))
    bases = Bases(store)
    assert bases.nearest(program) == ()
    same(solve_program(program, bases=bases), cold)
    assert not trap.exists()
