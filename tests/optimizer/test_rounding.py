"""Optima that HiGHS refuses because it takes its tolerance absolutely: proved by what a certificate asks for."""

from dataclasses import replace
from unittest.mock import Mock

import highspy
import numpy as np
import pytest

from optimizer import Status
from optimizer.certificate import certify
from optimizer.rounding import _violation, optimal_but_for_rounding
from optimizer.solver import EXPLAINED, FEASIBILITY_TOLERANCE, Session
from tests.optimizer.random_programs import program

FEASIBLE = highspy.SolutionStatus.kSolutionStatusFeasible
REFUSED = (41, 64, 101, 105, 106, 141, 158, 163)  # of the first 200 draws, with HiGHS 1.15.1


def draw(seed):
    """Equations whose terms are of a size of up to a hundred million, which a point drawn at random meets."""
    random = np.random.default_rng(seed)
    width, height = int(random.integers(4, 25)), int(random.integers(3, 20))
    matrix = random.integers(-9, 10, (height, width)) * 10.0 ** random.integers(-1, 5, (height, width))
    matrix = matrix * (random.random((height, width)) < 0.5) / 7
    met = matrix @ (random.random(width) * 1e4 / 3)
    return matrix, met, random.random(width)


def solved(matrix, met, costs):
    lp = replace(program(matrix, met, met, costs), column_upper=np.full(len(costs), np.inf))
    session = Session(lp)
    session.set_stage(lp.stages[0])
    return lp, session, session.run()


def test_an_optimal_basis_is_an_optimum_where_only_rounding_is_violated():
    refused = 0
    for seed in REFUSED:
        matrix, met, costs = draw(seed)
        lp, session, found = solved(matrix, met, costs)
        refused += session._highs.getInfo().primal_solution_status != FEASIBLE
        assert found.status is Status.OPTIMAL
        beyond = np.abs(matrix @ found.x - met) / (1.0 + np.abs(matrix) @ np.abs(found.x))
        assert beyond.max() <= EXPLAINED
        assert found.x.min() >= -EXPLAINED * (1.0 + np.abs(found.x).max())
        assert certify(lp, lp.stages[0], found.x, found.y).holds
        # The same equations in other units, none larger than 1: nothing to refuse.
        units = np.abs(matrix).max(axis=1, keepdims=True)
        small = solved(matrix / units, met / units[:, 0], costs)[2]
        assert found.bound == pytest.approx(small.bound, rel=1e-7)
    assert refused >= len(REFUSED) // 2  # else nothing of this was tried


def test_nothing_else_is_taken_for_an_optimum():
    _, session, _ = solved(*draw(REFUSED[0]))
    assert optimal_but_for_rounding(session._highs, FEASIBILITY_TOLERANCE)
    assert not optimal_but_for_rounding(session._highs, 1e-20)  # beyond what rounding explains
    without = Mock(wraps=session._highs)
    without.getSolution.return_value = Mock(value_valid=True, dual_valid=False)
    assert not optimal_but_for_rounding(without, FEASIBILITY_TOLERANCE)  # no multipliers to prove it by
    session.forget()
    session.set_options({"simplex_iteration_limit": 0, "presolve": "off"})
    assert session.run().x is None  # cut short
    assert not optimal_but_for_rounding(session._highs, FEASIBILITY_TOLERANCE)
    lp = program([[1]], [2], [1], [1])
    contradiction = Session(lp)
    contradiction.set_stage(lp.stages[0])
    assert contradiction.run().status is Status.INFEASIBLE
    assert not optimal_but_for_rounding(contradiction._highs, FEASIBILITY_TOLERANCE)


def test_the_violation_decides_relative_to_the_size_of_its_terms():
    matrix, met, costs = draw(2139)
    _, session, found = solved(matrix, met, costs)
    x = np.array(session._highs.getSolution().col_value)
    beyond = np.abs(matrix @ x - met) / (1.0 + np.abs(matrix) @ np.abs(x))
    below = np.maximum(-x, 0.0) / (1.0 + np.abs(x))
    violation = max(beyond.max(), below.max())
    assert 5e-10 < violation < EXPLAINED
    assert found.status is Status.OPTIMAL
    assert optimal_but_for_rounding(session._highs, 1.01 * violation)
    assert not optimal_but_for_rounding(session._highs, 0.99 * violation)


def test_rows_that_came_later_count():
    # x + y = 2 and what came later, 3x - y >= 1: of a point (2, 0) the first is met, of (0, 2) the second is not.
    lp = program([[1.0, 1.0]], [2.0], [2.0], [1.0, 2.0])
    session = Session(lp)
    session.add_row([0, 1], [3.0, -1.0], 1.0, np.inf)
    held = session._highs.getLp()
    assert _violation(held, np.array([2.0, 0.0])) == 0.0
    assert _violation(held, np.array([0.0, 2.0])) == pytest.approx((1 + 2) / (1 + 2))
    assert _violation(held, np.array([3.0, -1.0])) == pytest.approx(1 / (1 + 1))  # y below zero
