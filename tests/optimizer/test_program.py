"""LinearProgram as a value: travels between processes, keeps its fingerprint, is never changed in place."""

import math
import multiprocessing
import pickle
import subprocess
import sys
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest
import scipy.sparse as sp

from optimizer import LinearProgram, build, compile_lp, load_scenario, resolve, solve_program
from optimizer.program import Stage, _with_row
from tests.specimen import specimen


@pytest.fixture(scope="module")
def program() -> LinearProgram:
    return specimen().program()


def fingerprint_of(program: LinearProgram) -> str:
    return program.fingerprint


def test_a_copy_from_a_pickle_is_the_same(program):
    copy = pickle.loads(pickle.dumps(program))  # noqa: S301 - our own bytes
    assert copy.fingerprint == program.fingerprint
    assert copy.rows == program.rows
    assert copy.row_number == program.row_number
    assert solve_program(copy).values == solve_program(program).values


def test_the_fingerprint_travels(program):
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        assert pool.apply(fingerprint_of, (program,)) == program.fingerprint


def test_a_fresh_process_makes_the_same_program(program):
    # Another hash seed: nothing may depend on the order of sets.
    code = "from tests.specimen import specimen; print(specimen().program().fingerprint)"
    for seed in ("1", "2"):
        root = Path(__file__).parents[2]
        made = subprocess.run(
            [sys.executable, "-W", "ignore", "-c", code],
            capture_output=True,
            text=True,
            check=True,
            cwd=root,
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": str(root)},
        )
        assert made.stdout.strip() == program.fingerprint


def other_matrix(program: LinearProgram) -> sp.csc_array:
    matrix = program.matrix.copy()
    matrix.data[0] = math.nextafter(matrix.data[0], math.inf)
    return matrix


def nudged(vector: np.ndarray) -> np.ndarray:
    other = vector.copy()
    place = int(np.flatnonzero(np.isfinite(other))[0])
    other[place] = math.nextafter(other[place], math.inf)
    return other


CHANGES = {
    "matrix": other_matrix,
    "row_lower": lambda p: nudged(p.row_lower),
    "row_upper": lambda p: nudged(p.row_upper),
    "column_lower": lambda p: nudged(p.column_lower),
    "column_upper": lambda p: np.where(np.arange(len(p.columns)) == 0, 1.0, p.column_upper),
    "integer": lambda p: np.arange(len(p.columns)) == 0,
    "rows": lambda p: (("renamed",), *p.rows[1:]),
    "columns": lambda p: (("renamed",), *p.columns[1:]),
    "stages": lambda p: p.stages[:-1],
}


@pytest.mark.parametrize("field", CHANGES)
def test_any_change_changes_the_fingerprint(program, field):
    assert replace(program, **{field: CHANGES[field](program)}).fingerprint != program.fingerprint


def test_every_part_of_a_stage_counts(program):
    last = program.stages[-1]
    for change in ({"name": "x"}, {"costs": last.costs + 1}, {"constant": 1.0}, {"sign": -last.sign}):
        other = program.with_stages([*program.stages[:-1], replace(last, **change)])
        assert other.fingerprint != program.fingerprint


def test_every_field_is_covered():
    assert {field.name for field in fields(LinearProgram)} == set(CHANGES)


def contents(program: LinearProgram) -> bytes:
    return pickle.dumps(program)


def test_with_methods_leave_the_program_alone(program):
    before = contents(program)
    row, column = program.rows[3], program.columns[3]
    others = [
        program.with_row_bounds({row: (-1.0, 5.0)}),
        program.with_column_bounds({column: (0.5, 0.75)}),
        program.with_row(("more",), np.ones(len(program.columns)), -math.inf, 9.0),
        program.with_stages([Stage("other", np.zeros(len(program.columns)), 0.0, 1.0)]),
        replace(program, integer=np.ones(len(program.columns), dtype=bool)).relaxed(),
        program.freed([3]),
    ]
    assert contents(program) == before
    assert (others[0].row_lower[3], others[0].row_upper[3]) == (-1.0, 5.0)
    assert (others[1].column_lower[3], others[1].column_upper[3]) == (0.5, 0.75)
    assert others[2].matrix.shape == (len(program.rows) + 1, len(program.columns))
    assert others[2].row_number["more",] == len(program.rows)
    assert others[3].stages[0].name == "other"
    assert not others[4].integer.any()
    assert (others[5].row_lower[3], others[5].row_upper[3]) == (-math.inf, math.inf)
    assert np.array_equal(np.delete(others[5].row_lower, 3), np.delete(program.row_lower, 3))


def test_an_unknown_label_is_a_key_error(program):
    with pytest.raises(KeyError):
        program.with_row_bounds({("nobody",): (0.0, 1.0)})
    with pytest.raises(KeyError):
        program.with_column_bounds({("nobody",): (0.0, 1.0)})


def test_the_program_is_the_model():
    """Rows, bounds and costs of the arrays at random points, against Pyomo's own value of each constraint."""
    plan = specimen().plan()
    m = build(resolve(plan, load_scenario(plan)))
    program, random = compile_lp(m), np.random.default_rng(5)
    x = random.uniform(0.0, 3.0, len(program.columns))
    for label, value in zip(program.columns, x, strict=True):
        m.component(label[0])[label[1:]].set_value(value, skip_validation=True)
    activity = program.matrix @ x
    for label, value, low, high in zip(program.rows, activity, program.row_lower, program.row_upper, strict=True):
        index = label[1:] if len(label) > 2 else label[1]
        constraint = m.component(label[0])[index]
        slack = constraint.slack()
        assert min(value - low, high - value) == pytest.approx(slack, abs=1e-9), label
    assert program.stages[0].value(x) == pytest.approx(m.goals.expr())
    for k, stage in enumerate(program.stages[1:]):
        assert stage.value(x) == pytest.approx(m.objective[k].expr())
    assert len(set(program.rows)) == len(program.rows)
    assert len(set(program.columns)) == len(program.columns)


def test_one_more_row_is_stacked_below():
    rng = np.random.default_rng(7)
    for _ in range(50):
        height, width = rng.integers(1, 6, 2)
        matrix = sp.csc_array(rng.integers(-1, 2, (height, width)).astype(float))
        row = rng.integers(-1, 2, width).astype(float)
        stacked = sp.csc_array(sp.vstack([matrix, sp.csc_array(row.reshape(1, -1))], format="csc"))
        found = _with_row(matrix, row)
        assert found.shape == stacked.shape
        for name in ("data", "indices", "indptr"):
            ours, theirs = getattr(found, name), getattr(stacked, name)
            assert ours.tolist() == theirs.tolist()
            assert ours.dtype == theirs.dtype
