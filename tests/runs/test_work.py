"""What a worker does with a chunk, called in this process."""

import threading

import pytest

from api.engines.inside import Watch
from api.runs import work as module
from api.runs.work import Chunk, content_of, work
from api.store.vocabulary import TaskState
from model_data import load_plan
from optimizer import load_scenario, solve
from tests.house.source import ROOT

TINY = ROOT / "tests" / "plans" / "tiny"
ASKED = {"kind": "what_if", "scenario": "less_money"}


@pytest.fixture(scope="module")
def plan():
    return load_plan(TINY)


@pytest.fixture
def told():
    return []


@pytest.fixture
def do(plan, told, monkeypatch):
    """Works on questions about the tiny plan, as a worker that knows it."""
    monkeypatch.setattr(module, "_plans", module._Plans())
    monkeypatch.setattr(module, "TELL", 0.0)

    def call(*questions, cancelled=False, content=True, plan_of=plan):
        cancel = threading.Event()
        if cancelled:
            cancel.set()
        chunk = Chunk(plan_of.fingerprint, questions, 60.0, content_of(plan_of) if content else None)
        return work(chunk, Watch(cancel, told.append, lambda _: None))

    return call


def test_a_question_is_answered_as_the_optimizer_answers_it(do, plan):
    (outcome,) = do(ASKED).outcomes
    found = outcome.document.json()
    assert outcome.state is TaskState.SUCCEEDED
    assert found["objective"]["value"] == solve(plan, load_scenario(plan, "less_money")).objective


def test_an_infeasible_plan_is_an_answer(do):
    (outcome,) = do({"kind": "what_if", "changes": {"indicators": {"growth": {"target": 50}}}}).outcomes
    assert (outcome.state, outcome.document.json()["status"]) == (TaskState.SUCCEEDED, "infeasible")


def test_what_is_wrong_with_one_question_does_not_touch_the_others(do, monkeypatch):
    real = module.answer

    def answer(plan, question, limits, progress, *_):
        if question.scenario == "planning_base":
            raise ZeroDivisionError
        if question.scenario is None:
            raise MemoryError
        return real(plan, question, limits, progress)

    monkeypatch.setattr(module, "answer", answer)
    asked = [ASKED, {"kind": "what_if", "scenario": "nowhere"}, {"kind": "what_if", "scenario": "planning_base"},
             {"kind": "what_if"}, {"kind": "riddle"}, ASKED]  # fmt: skip
    outcomes = do(*asked).outcomes
    assert [outcome.state for outcome in outcomes] == ["succeeded", "failed", "failed", "failed", "failed", "succeeded"]
    refused, broken, too_large, unknown = (outcome.problem for outcome in outcomes[1:5])
    assert refused["code"] == unknown["code"] == "invalid_request"
    assert refused["zh"] != refused["en"]
    assert [fault["place"] for fault in refused["errors"]] == ["#/scenario"]
    assert [broken["code"], too_large["code"]] == ["internal", "out_of_memory"]


def test_a_plan_that_is_not_known_is_asked_for_and_then_kept(do):
    assert do(ASKED, content=False).outcomes is None
    assert do(ASKED).outcomes
    assert do(ASKED, content=False).outcomes


def test_only_the_last_plans_are_kept(do, plan):
    figure = {"table": "budget_figures", "budget": "investment", "parameter": "limit", "year": 2007}
    others = [plan.with_figures([{**figure, "value": value}]) for value in range(1, module.MOST_PLANS + 1)]
    do(ASKED)
    for other in others:
        do(ASKED, plan_of=other)
    assert do(ASKED, content=False).outcomes is None
    assert do(ASKED, content=False, plan_of=others[0]).outcomes


def test_what_is_cancelled_before_it_begins_is_not_begun(do, told):
    assert [outcome.state for outcome in do(ASKED, ASKED, cancelled=True).outcomes] == ["cancelled"] * 2
    assert told == []


def test_an_answer_that_was_cut_short_is_cancelled_with_what_there_is(do, monkeypatch):
    monkeypatch.setattr(module, "answer", lambda *_: {"status": "cancelled", "objective": {"value": 3.0}})
    (outcome,) = do(ASKED).outcomes
    assert outcome.state is TaskState.CANCELLED
    assert outcome.document.json()["objective"]["value"] == 3.0


def test_outcomes_and_incumbents_are_left_as_they_come(plan, monkeypatch):
    """Should the process be ended, what was left last is what there is."""
    monkeypatch.setattr(module, "_plans", module._Plans())
    left = []

    def answer(_plan, question, _limits, _progress, found):
        if question.scenario == "most_value":
            found({"status": "cancelled", "value": 1})
            found({"status": "cancelled", "value": 2})
        return {"status": "optimal", "value": 3}

    monkeypatch.setattr(module, "answer", answer)
    asked = (ASKED, {"kind": "what_if", "scenario": "most_value"})
    chunk = Chunk(plan.fingerprint, asked, 60.0, content_of(plan))
    worked = work(chunk, Watch(threading.Event(), lambda _: None, left.append))
    told = [[(str(one.state), one.document.json()["value"]) for one in some.outcomes] for some in left]
    done = ("succeeded", 3)
    assert told == [[done], [done, ("cancelled", 1)], [done, ("cancelled", 2)], [done, done]]
    assert left[-1].outcomes == worked.outcomes


def test_the_limit_of_a_question_goes_before_the_general_one(do, monkeypatch):
    seconds = []
    monkeypatch.setattr(module, "answer", lambda _p, _q, limits, *_: seconds.append(limits.seconds) or {"status": "x"})
    do(ASKED, {**ASKED, "time_limit": 5})
    assert seconds == [60.0, 5.0]


def test_it_tells_which_question_it_is_at(do, told):
    do(ASKED, ASKED)
    assert {number for number, _ in told} == {0, 1}
    assert all(isinstance(text, str) for _, text in told)


def test_a_case_is_what_it_is_in_whatever_order(do):
    """Each starts where its scenario without changes ended."""
    asked = [ASKED, *(ASKED | {"changes": {"budgets": {"investment": {"factor": f}}}} for f in (0.5, 1.1, 3.0))]
    asked = [one | {"tables": ["projects", "activities"]} for one in asked]
    alone = [do(one).outcomes[0].document.body for one in asked]
    assert [one.document.body for one in do(*asked[::-1]).outcomes] == alone[::-1]
