"""Every outcome has its status: none is an exception, none passes for another."""

import threading
import time
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import scipy.sparse as sp

from optimizer import Limits, LinearProgram, Session, Status, load_scenario, solve, solve_program, solver
from optimizer.program import Stage
from tests.plan_builder import Builder


def test_optimal_and_nothing_else_has_a_certificate():
    answer = Builder().activity("mine", base_capacity=1).quantity("made", measure="output").scenario("maximise", "made")
    solution = answer.solve().solution
    assert solution.status is Status.OPTIMAL
    assert solution.certificate.holds


@pytest.mark.parametrize(("pointless", "status"), [(1, Status.OPTIMAL), (2, Status.OPTIMAL), (5, Status.FAILED)])
def test_an_optimum_without_a_point_is_none(monkeypatch, pointless, status):
    # The solver may stop at an optimum of the scaled program that the given one does not take.
    runs, run = [], Session.run

    def stopped(self, limits=None):
        runs.append(run(self, limits))
        return replace(runs[-1], x=None) if len(runs) <= pointless else runs[-1]

    monkeypatch.setattr(Session, "run", stopped)
    forgotten, forget = [], Session.forget

    def forgets(self):
        forgotten.append(self)
        forget(self)

    monkeypatch.setattr(Session, "forget", forgets)
    answer = Builder().activity("mine", base_capacity=1).quantity("made", measure="output").scenario("maximise", "made")
    solution = answer.solve().solution
    assert (solution.status, len(runs), len(forgotten)) == (status, min(pointless + 1, 5), min(pointless, 4))
    assert (solution.objective is None) == (status is Status.FAILED)


def test_unbounded():
    b = Builder().activity("mine", earliest_build=2006).quantity("made", measure="output").scenario("maximise", "made")
    answer = b.solve()
    assert answer.status is Status.UNBOUNDED
    assert answer.objective is None
    assert answer.exchange_rates.empty
    assert answer.conflict is None


def test_infeasible():
    b = Builder().activity("mine", base_capacity=1).quantity("made", measure="output").scenario("maximise", "made")
    answer = b.indicator("more", "level", "made", ">=", 2).solve()
    assert answer.status is Status.INFEASIBLE
    assert answer.objective is None
    assert answer.values == {}
    assert answer.table("quantities").empty
    assert answer.table("indicators")["reached"].isna().all()


def hard(size: int = 50) -> LinearProgram:
    """A market split: 5 rows of random weights, each to be halved as nearly as can be; far beyond any patience."""
    random = np.random.default_rng(7)
    weights = random.integers(0, 100, size=(5, size)).astype(float)
    matrix = sp.csc_array(np.hstack([weights, np.eye(5), -np.eye(5)]))
    half = np.floor(weights.sum(axis=1) / 2)
    columns = size + 10
    return LinearProgram(
        stages=(Stage("apart", np.concatenate([np.zeros(size), np.ones(10)]), 0.0, 1.0),),
        matrix=matrix,
        row_lower=half,
        row_upper=half,
        column_lower=np.zeros(columns),
        column_upper=np.concatenate([np.ones(size), np.full(10, np.inf)]),
        integer=np.arange(columns) < size,
        rows=tuple(("row", number) for number in range(5)),
        columns=tuple(("column", number) for number in range(columns)),
    )


def admissible(program: LinearProgram, x: np.ndarray) -> bool:
    activity = program.matrix @ x
    whole = x[program.integer]
    return bool(np.allclose(activity, program.row_lower, atol=1e-6) and np.allclose(whole, np.round(whole), atol=1e-6))


def test_the_time_limit_is_kept_and_the_incumbent_shown_as_such():
    program = hard()
    started = time.monotonic()
    solution = solve_program(program, Limits(seconds=1.0))
    assert time.monotonic() - started < 3.0
    assert solution.status is Status.TIME_LIMIT
    assert solution.certificate is None
    assert solution.x is not None
    assert admissible(program, solution.x)
    assert solution.gap > 0


@pytest.mark.parametrize(("limit", "pace"), [(0.5, 0.25), (6.0, 4.0)])
def test_the_limit_goes_by_the_monotonic_clock_and_not_by_the_time_of_day(monkeypatch, limit, pace):
    """HiGHS goes by the time of day: here the two go at different paces, as where somebody sets it meanwhile."""
    program, begun = hard(), time.monotonic()
    monkeypatch.setattr(solver, "time", SimpleNamespace(monotonic=lambda: pace * time.monotonic()))
    solution = solve_program(program, Limits(seconds=limit))
    assert solution.status is Status.TIME_LIMIT
    assert 1.4 < time.monotonic() - begun < 5.0


def test_cancelling_stops_within_a_second():
    program, cancel = hard(), threading.Event()
    asked = []

    def ask() -> None:
        asked.append(time.monotonic())
        cancel.set()

    timer = threading.Timer(1.0, ask)
    timer.start()
    solution = solve_program(program, Limits(seconds=60.0, cancel=cancel))
    assert asked, "the program was not hard enough"
    assert time.monotonic() - asked[0] < 1.0
    assert solution.status is Status.CANCELLED
    assert solution.certificate is None
    assert solution.x is None or admissible(program, solution.x)


def test_what_was_cancelled_before_it_began_is_cancelled():
    cancel = threading.Event()
    cancel.set()
    plan = (
        Builder()
        .activity("mine", base_capacity=1)
        .quantity("made", measure="output")
        .scenario("maximise", "made")
        .plan()
    )
    answer = solve(plan, load_scenario(plan), Limits(cancel=cancel))
    assert answer.status is Status.CANCELLED


def test_no_time_at_all():
    plan = (
        Builder()
        .activity("mine", base_capacity=1)
        .quantity("made", measure="output")
        .scenario("maximise", "made")
        .plan()
    )
    answer = solve(plan, load_scenario(plan), Limits(seconds=0.0))
    assert answer.status in (Status.TIME_LIMIT, Status.OPTIMAL)
    assert (answer.status is Status.OPTIMAL) == (answer.solution.certificate is not None)


@pytest.mark.parametrize("foresight", ["perfect", "myopic"])
def test_progress_names_stages_and_years(foresight):
    b = Builder().activity("mine", base_capacity=1).quantity("made", measure="output").scenario("maximise", "made")
    b.scenarios["base"]["foresight"] = foresight
    plan, heard = b.plan(), []
    solve(plan, load_scenario(plan), progress=heard.append)
    assert "stage 1" in heard
    assert (foresight == "myopic") == ("2007" in heard)


def test_every_status_has_its_sentences():
    for status in Status:
        assert status.sentence_en.endswith(".")
        assert status.sentence_zh.endswith("。")
