"""Runs under one limit: what is cut short is told, and a run that leads nowhere is followed by others from nothing."""

import gc
import threading
import weakref
from contextlib import contextmanager
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from optimizer import Limits, Session, Status
from optimizer.attempts import run_anew, run_usable
from optimizer.questions import QuestionError, UnfinishedError
from optimizer.run_result import RawResult
from optimizer.runs import Runs, WarmProgram
from optimizer.solver import SolverError
from optimizer.solver_options import USUAL, little
from tests.optimizer.random_programs import program

BOUND = {"simplex_iteration_limit": 20_000}  # of small programs
PAIRS = [(0.0, 0.0), (0.0, 1.0), (1.0, 0.0), (1.0, 1.0)]
FOUND = RawResult(Status.OPTIMAL, np.ones(1), np.ones(1), None, None, 1.0, 0.0, 0)


class Stubborn:
    """A session that gives nothing usable until it has forgotten its basis that often; each run takes a second."""

    program = program([[1]], [-np.inf], [4], [-1])

    def __init__(self, first: RawResult, failures: int = 1):
        self.first, self.failures = first, failures
        self.forgotten, self.limits, self.chosen = 0, [], []

    def run(self, limits):
        self.limits.append(limits.seconds)
        return replace(self.first if self.forgotten < self.failures else FOUND, seconds=1.0, iterations=3)

    def forget(self):
        self.forgotten += 1

    @contextmanager
    def options(self, chosen):
        self.chosen.append(dict(chosen))
        yield


@pytest.mark.parametrize("status", [Status.OPTIMAL, Status.FAILED])
def test_a_run_without_a_point_is_repeated_from_nothing(status):
    session, runs = Stubborn(replace(FOUND, status=status, x=None)), Runs()
    assert runs.run(session).x is FOUND.x
    assert (session.forgotten, session.chosen, runs.solves) == (1, [{**USUAL, **BOUND}], 1)


def test_a_failure_of_all_ways_is_told():
    failed = replace(FOUND, status=Status.FAILED, x=None)
    with pytest.raises(UnfinishedError) as cut:
        Runs().run(Stubborn(failed, failures=100))
    assert cut.value.status is Status.FAILED


def test_the_last_way_has_no_bound_of_iterations():
    session = Stubborn(replace(FOUND, status=Status.FAILED, x=None), failures=100)
    run_anew(session, Limits())
    bounds = [options["simplex_iteration_limit"] for options in session.chosen]
    assert bounds == [*[20_000] * (len(bounds) - 1), USUAL["simplex_iteration_limit"]]


def test_who_has_no_patience_gets_the_first_way_alone():
    session = Stubborn(replace(FOUND, status=Status.FAILED, x=None), failures=100)
    assert run_anew(session, Limits(), most=7).status is Status.FAILED
    assert session.chosen == [{**USUAL, "simplex_iteration_limit": 7}]


def test_the_ways_from_nothing_differ_and_share_one_limit():
    session = Stubborn(replace(FOUND, status=Status.FAILED, x=None), failures=3)
    result = run_usable(session, Limits(10.0))
    assert result.status is Status.OPTIMAL
    assert (result.seconds, result.iterations) == (4.0, 12)
    assert session.limits == [10.0, 9.0, 8.0, 7.0]
    assert session.chosen[0] == {**USUAL, **BOUND}
    assert all(a != b for a, b in pairwise(session.chosen))


def large_numbers(seed):
    """Rows of a size of ten million; whether something is built, and how much of the rest."""
    draw = np.random.default_rng(seed)
    matrix = draw.uniform(0.1, 1.0, (6, 8)) * 10.0 ** draw.integers(0, 3, (6, 8))
    matrix[:, :2] *= 1e7
    costs = -draw.uniform(1.0, 2.0, 8) * np.array([1e7, 1e7, *[1.0] * 6])
    lp = program(matrix, [-np.inf] * 6, draw.uniform(1.0, 9.0, 6) * 1e7, costs)
    built = np.arange(8) < 2
    return replace(lp, integer=built, column_upper=np.where(built, 1.0, 1e7))


def least(lp):
    session = Session(lp)
    session.set_stage(lp.stages[0])
    return session.run(), run_usable(session, Limits())


def test_whole_numbers_are_found_where_rounding_exceeds_the_tolerance():
    refused = 0
    for seed in range(12):
        lp = large_numbers(seed)
        first, found = least(lp)
        refused += first.status is Status.FAILED
        fixed = [lp.relaxed().with_column_bounds({("column", 0): (a, a), ("column", 1): (b, b)}) for a, b in PAIRS]
        tried = [one.bound for one in (least(lp)[1] for lp in fixed) if one.status is Status.OPTIMAL]
        assert found.bound == pytest.approx(min(tried), rel=1e-9), seed
    assert refused  # else nothing of this was tried


def test_whole_numbers_are_searched_for_with_ever_more_tolerance():
    session = Stubborn(replace(FOUND, status=Status.FAILED, x=None), failures=100)
    session.program = large_numbers(0)
    run_anew(session, Limits())
    tolerances = [options["mip_feasibility_tolerance"] for options in session.chosen]
    assert tolerances == sorted(set(tolerances))
    assert tolerances[-1] == 1e-5


def test_usual_options_are_those_of_a_new_session():
    session = Session(program([[1]], [-np.inf], [4], [-1]))
    assert {name: session._highs.getOptionValue(name)[1] for name in USUAL} == USUAL


def test_a_run_that_takes_too_many_steps_is_followed_by_one_from_nothing():
    # A step is needed from 0 to 4, and none is allowed near the optimum; later runs stay near it.
    lp = program([[1, 1]], [-np.inf], [4], [-1, -2])
    session = Session(lp)
    session.set_stage(lp.stages[0])
    session.set_options({**little(1), "simplex_iteration_limit": 0, "presolve": "off"})
    assert session.run().status is Status.FAILED
    assert run_usable(session, Limits()).x == pytest.approx([0, 4])
    assert session._highs.getOptionValue("simplex_iteration_limit")[1] == 0
    assert session._highs.getOptionValue("dual_simplex_cost_perturbation_multiplier")[1] == 1e-3


def test_options_hold_for_the_runs_inside_only():
    lp = program([[1]], [-np.inf], [4], [-1])
    session = Session(lp)
    session.set_stage(lp.stages[0])
    before = session._highs.getOptionValue("solver")
    with session.options({"solver": "ipm"}):
        assert session._highs.getOptionValue("solver")[1] == "ipm"
        assert session.run().x == pytest.approx([4])
    assert session._highs.getOptionValue("solver") == before
    with pytest.raises(SolverError, match="no_such_option"), session.options({"no_such_option": 1}):
        pass


def test_infeasible_is_an_answer_of_a_run_and_none_of_an_optimum():
    nothing = program([[1], [1]], [5, -np.inf], [np.inf, 4], [1])
    assert Runs().run(Session(nothing)).status is Status.INFEASIBLE
    with pytest.raises(QuestionError, match="conflict"):
        WarmProgram(nothing, Runs()).optimum("the column")


def test_a_cancelled_question_is_told():
    cancel = threading.Event()
    cancel.set()
    lp = program(np.random.default_rng(1).integers(-3, 4, (60, 80)), [-np.inf] * 60, [50] * 60, [-1] * 80)
    session = Session(lp)
    session.set_stage(lp.stages[0])
    with pytest.raises(UnfinishedError) as cut:
        Runs(Limits(cancel=cancel)).run(session)
    assert cut.value.status is Status.CANCELLED


def test_a_session_that_nobody_holds_is_gone_at_once():
    # The solver's memory is not seen by the collector of cycles, which would come too late for large programs.
    lp = program([[1]], [-np.inf], [4], [-1])
    session = Session(lp)
    session.set_stage(lp.stages[0])
    session.run()
    gone = weakref.ref(session._highs)
    gc.disable()
    try:
        del session
        assert gone() is None
    finally:
        gc.enable()
