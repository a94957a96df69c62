"""Runs under one limit: what is cut short is told, and a basis that leads nowhere is given up once."""

import threading
from dataclasses import replace

import numpy as np
import pytest

from optimizer import Limits, Session, Status
from optimizer.questions import QuestionError, UnfinishedError
from optimizer.runs import Runs, WarmProgram
from optimizer.solver import RawResult
from tests.optimizer.random_programs import program

FOUND = RawResult(Status.OPTIMAL, np.ones(1), np.ones(1), np.zeros(1), None, 1.0, 0.0, 0)


class Stubborn:
    """A session that gives no point until it has forgotten its basis."""

    def __init__(self, first: RawResult, then: RawResult = FOUND):
        self.result, self.then, self.forgotten = first, then, 0

    def run(self, _limits):
        return self.result

    def forget(self):
        self.forgotten += 1
        self.result = self.then


@pytest.mark.parametrize("status", [Status.OPTIMAL, Status.FAILED])
def test_a_run_without_a_point_is_repeated_from_nothing(status):
    session, runs = Stubborn(replace(FOUND, status=status, x=None)), Runs()
    assert runs.run(session) is FOUND
    assert (session.forgotten, runs.solves) == (1, 1)


def test_a_second_failure_is_told():
    failed = replace(FOUND, status=Status.FAILED, x=None)
    with pytest.raises(UnfinishedError) as cut:
        Runs().run(Stubborn(failed, failed))
    assert cut.value.status is Status.FAILED


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
