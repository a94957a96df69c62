"""A search for whole projects that is cut short: what it found is told as that, with its bound, and is a plan."""

import threading
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import scipy.sparse as sp

from optimizer import Limits, LinearProgram, Status, incumbents, solve_program
from optimizer.answer import Answer
from optimizer.certificate import admissible
from optimizer.documents.answer import answer_document
from optimizer.incumbents import FIRST, SHARE, Incumbents
from optimizer.program import INFINITY, Stage
from optimizer.words.language import Language
from tests.optimizer.test_status import hard
from tests.plan_builder import Builder


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_while_the_search_goes_on_ever_better_plans_are_told(monkeypatch, sign):
    """``sign`` -1: the objective is stated as one to maximise."""
    monkeypatch.setattr(incumbents, "FIRST", 0.0)
    program, told = hard(), []
    program = replace(program, stages=(replace(program.stages[0], sign=sign, constant=5.0),))
    final = solve_program(program, Limits(2.0), found=told.append)
    assert final.status is Status.TIME_LIMIT
    assert told
    for one in (*told, final):
        assert one.certificate is None
        assert np.allclose(program.matrix @ one.x, program.row_lower, atol=1e-6)
        assert np.allclose(one.x[program.integer], np.round(one.x[program.integer]), atol=1e-6)
        assert 5.0 - 1e-6 <= sign * one.bound < sign * one.objective  # 5 and deviations, none of them below zero
        assert one.gap == pytest.approx(abs(one.objective - one.bound) / max(1.0, abs(one.objective)))
    assert {one.status for one in told} == {Status.CANCELLED}
    values = [sign * one.objective for one in (*told, final)]
    assert values == sorted(values, reverse=True)


def test_telling_begins_late_and_takes_a_small_share_of_the_time(monkeypatch):
    now, told = [100.0], []
    monkeypatch.setattr(incumbents, "time", SimpleNamespace(monotonic=lambda: now[0]))

    def tell(_x, bound):
        told.append(bound)
        now[0] += 0.5  # so long it takes
        raise ValueError  # HiGHS is spared

    def better(bound):
        found.keep(SimpleNamespace(mip_solution=np.zeros(2), mip_dual_bound=bound))

    found = Incumbents()
    found.watch(tell, None)
    found.begin()
    better(1)
    found.offer()
    assert told == []
    now[0] += FIRST
    found.offer()
    found.offer()  # it is known
    better(2)
    now[0] += 0.5 / SHARE - 0.6
    found.offer()
    better(3)
    assert told == [1]
    now[0] += 0.6
    found.offer()
    assert told == [1, 3]
    found.begin()
    assert found.best is None, "of another run"


def two_stages():
    """At most 3 of the first, which comes first, and 4 of both."""
    costs = {"first": [-1.0, 0.0], "second": [0.0, -1.0]}
    return LinearProgram(
        stages=tuple(Stage(name, np.array(each), 0.0, -1.0) for name, each in costs.items()),
        matrix=sp.csc_array(np.array([[1.0, 1.0]])),
        row_lower=np.array([0.0]),
        row_upper=np.array([4.0]),
        column_lower=np.zeros(2),
        column_upper=np.array([3.0, 9.0]),
        integer=np.array([True, False]),
        rows=(("row", 0),),
        columns=(("column", 0), ("column", 1)),
    )


def test_what_is_cut_short_before_its_last_stage_has_a_plan_has_that_of_the_stage_before():
    cancel = threading.Event()
    found = solve_program(
        two_stages(), Limits(60.0, cancel), progress=lambda name: cancel.set() if name == "second" else None
    )
    assert (found.status, found.values, found.x[0]) == (Status.CANCELLED, (3.0,), 3.0)
    assert (found.bound, found.gap, found.certificate) == (None, INFINITY, None)


@pytest.mark.parametrize(
    ("x", "is_one"),
    [([3.0, 1.0], True), ([3.0, 1.1], False), ([4.0, 0.0], False), ([2.5, 0.0], False), ([1.0, -0.1], False)],
)
def test_a_plan_meets_every_row_and_bound_and_is_whole(x, is_one):
    assert admissible(two_stages(), np.array(x)) is is_one


def told(language, **changes):
    plan = Builder().activity("mine", base_capacity=3).quantity("made", measure="output").scenario("maximise", "made")
    answer = plan.solve()
    solution = replace(answer.solution, status=Status.CANCELLED, certificate=None, **changes)
    return answer.objective, answer_document(Answer(answer.instance, solution), language, ())


@pytest.mark.parametrize(("language", "words"), [(Language.EN, "not proved the best"), (Language.ZH, "未证明为最优")])
def test_the_sentence_says_what_it_is_and_how_far_from_the_best(language, words):
    value, document = told(language, bound=12345.0, gap=0.25)
    assert document["status"] == "cancelled"
    assert (document["objective"]["value"], document["objective"]["bound"]) == (value, 12345.0)
    assert document["effort"]["gap"] == 0.25
    for part in (words, "12,345", "2.5e-01", Status.CANCELLED.sentence_zh if language is Language.ZH else "so far"):
        assert part in document["sentence"]


def test_without_a_bound_or_a_plan_the_sentence_says_so():
    _, document = told(Language.EN, bound=None, gap=INFINITY)
    assert "not proved the best" in document["sentence"]
    assert "not known" in document["sentence"]
    assert (document["objective"]["bound"], document["effort"]["gap"]) == (None, None)
    _, document = told(Language.EN, bound=None, gap=INFINITY, x=None)
    assert "No plan had been found yet" in document["sentence"]
