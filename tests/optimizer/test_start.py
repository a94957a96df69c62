"""Where a program starts: the same certified optimum in fewer steps, whatever the two programs have in common."""

import pickle
from dataclasses import replace

import numpy as np
import pytest

from model_data import default_plan_path, load_plan
from optimizer import load_scenario, make_program, solve_program
from optimizer.run_result import Basis
from optimizer.solver import Session
from optimizer.solver_options import ANY_COSTS, DEVEX, near
from optimizer.start import Ended, Start
from tests.specimen import specimen


@pytest.fixture(scope="module")
def plan():
    return load_plan(default_plan_path())


@pytest.fixture(scope="module")
def program(plan):
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
    again = solve_program(program, start=cold.start)
    same(again, cold)
    assert cold.iterations > 100
    assert again.iterations == 0
    np.testing.assert_allclose(again.x, cold.x, atol=1e-6)


def test_a_nearby_program_starts_near_its_end(program, cold):
    near = moved(program, 1.01)
    ordinary, found = solve_program(near), solve_program(near, start=cold.start)
    same(found, ordinary)
    assert found.iterations < ordinary.iterations / 4


def test_another_program_starts_anywhere(program, cold):
    """The start is of no use then, and does no harm."""
    plan = specimen().plan()
    other = make_program(plan, load_scenario(plan))[1]
    same(solve_program(other, start=cold.start), solve_program(other))
    same(solve_program(program, start=solve_program(other).start), cold)


def test_more_and_fewer_rows_and_columns(plan, program, cold):
    """A start of a program without some projects serves the one with them, and the other way round."""
    outside = {name: {"standing": "outside"} for name in plan.table("projects")["project"].iloc[4:6]}
    small = make_program(plan, load_scenario(plan, None, {"projects": outside}))[1]
    assert len(small.rows) < len(program.rows)
    assert len(small.columns) < len(program.columns)
    ordinary = solve_program(small)
    for one, other, reference in ((small, cold, ordinary), (program, ordinary, cold)):
        found = solve_program(one, start=other.start)
        same(found, reference)
        assert found.iterations < reference.iterations


def test_statuses_go_by_label():
    """Rows and columns in another order, one of each gone and one new; by hand."""
    ended = Ended((("a",), ("b",)), (("x",), ("y",), ("z",)), Basis(columns=status(1, 2, 0), rows=status(0, 1)))
    plan = specimen().plan()
    program = make_program(plan, load_scenario(plan))[1]
    program = narrowed(program, rows=(("b",), ("c",)), columns=(("z",), ("u",), ("x",), ("v",), ("w",)))
    basis = ended.basis_of(program)
    assert basis.rows.tolist() == [1, 1]  # as it was; new: basic
    # As they were: at the lower bound, and basic. New: at the bound that there is, or at zero.
    assert basis.columns.tolist() == [0, 0, 1, 2, 3]


def status(*numbers):
    return np.array(numbers, dtype=np.int8)


def narrowed(program, rows, columns):

    low = np.array([0.0, 1.0, 0.0, -np.inf, -np.inf])
    high = np.array([np.inf, np.inf, np.inf, 5.0, np.inf])
    return replace(program, rows=rows, columns=columns, column_lower=low, column_upper=high)


def test_what_has_no_optimum_is_no_start():
    plan = specimen().plan()
    program = make_program(plan, load_scenario(plan, None, {"budgets": {"plan": {"factor": 0.0}}}))[1]
    found = solve_program(program)
    assert found.status == "infeasible"
    assert found.start is None


def test_a_stage_of_another_name_starts_where_the_one_before_ended(program, cold):
    only_last = Start({program.stages[-1].name: cold.start.stages[program.stages[-1].name]})
    same(solve_program(program, start=only_last), cold)


def test_only_where_numbers_alone_differ_the_solver_stays_near(plan, program, cold, monkeypatch):
    chosen, ordinary = [], Session.options
    monkeypatch.setattr(Session, "options", lambda self, named: chosen.append(named) or ordinary(self, named))
    outside = {plan.table("projects")["project"].iloc[4]: {"standing": "outside"}}
    fewer = make_program(plan, load_scenario(plan, None, {"projects": outside}))[1]
    rows, earlier = len(program.rows), len(program.stages) - 1
    costs = [ANY_COSTS] * earlier  # from where the stage before ended, which is a plan
    nearby = [near(rows + stage, last=stage == earlier) for stage in range(earlier + 1)]  # a row more for each hold
    for other, options in ((moved(program, 1.01), nearby), (fewer, [DEVEX, *costs])):
        chosen.clear()
        solve_program(other, start=cold.start)
        assert chosen == options
    chosen.clear()
    solve_program(program)
    assert chosen == [{}, *costs]


def test_a_solution_travels_with_its_bases(cold):
    there = pickle.loads(pickle.dumps(cold))  # noqa: S301 - our own bytes
    for ours, theirs in zip(cold.stages, there.stages, strict=True):
        assert (ours.basis.rows == theirs.basis.rows).all()
        assert (ours.basis.columns == theirs.basis.columns).all()
    assert (there.basis.rows == cold.basis.rows).all()
