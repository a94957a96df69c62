"""Batches: programs that start where another ended find what they find from nothing, in whatever order and process."""

import pickle
import threading
import time

import pytest

from optimizer import Limits, load_scenario
from optimizer.batch import Question, _elsewhere, _question, in_turn
from optimizer.foresight import make_program
from optimizer.softened import required_first
from optimizer.solution import solve_program
from optimizer.uncertainty import draw
from tests.plan_builder import Builder


def mills(whole: bool = False) -> Question:
    """Two ways to make flour that share money and grain, and a goal that money may miss: starts matter here."""
    b = Builder(last=2008).commodity("grain", "buy").commodity("flour", "sell").account("money").account("worth")
    for name, cost, use, worth in (("stone", 1.0, 1.2, 1.0), ("steel", 3.0, 1.05, 1.4)):
        b.activity(name, earliest_build=2006).amount(name, "uses", "grain", use, low=1.0, high=1.5)
        b.amount(name, "gives", "flour", 1.0).amount(name, "adds", "worth", worth, low=0.8, high=1.6)
        b.amount(name, "adds", "money", cost, vector="build", low=0.5, high=4.0)
    b.add("flow_figures", flow="grain", parameter="buy_limit", value=30, low=20, high=40)
    b.add("budgets", budget="purse", quantity="money")
    b.add("budget_figures", budget="purse", parameter="limit", value=10, low=5, high=20)
    b.indicator("enough", "level", "worth", ">=", 25, standing="required")
    if whole:
        b.project("dam", "steel", size=4, earliest_year=2006)
    plan = b.scenario("maximise", "worth", whole_projects=whole).plan()
    return Question(plan, load_scenario(plan))


FIGURES = (
    {"table": "budget_figures", "budget": "purse", "parameter": "limit"},
    {"table": "flow_figures", "flow": "grain", "parameter": "buy_limit"},
    {"table": "amounts", "activity": "stone", "vector": "operate", "direction": "uses", "flow": "grain"},
    {"table": "amounts", "activity": "steel", "vector": "operate", "direction": "adds", "flow": "worth"},
    {"table": "amounts", "activity": "steel", "vector": "build", "direction": "adds", "flow": "money"},
)


def points(question: Question, samples: int = 6):
    figures, drawn = draw(question.plan, question.scenario, FIGURES, samples=samples, method="latin_hypercube", seed=3)
    return [[{**f.key, "value": v} for f, v in zip(figures, row, strict=True)] for row in drawn.tolist()]


def test_a_start_does_not_change_what_is_found():
    question = mills()
    batch = points(question)
    for changes, outcome in zip(batch, in_turn(question, batch, Limits()), strict=True):
        instance, program = make_program(question.plan.with_figures(changes), question.scenario)
        cold = solve_program(required_first(instance, program))
        assert outcome.status == cold.status
        assert outcome.objective == pytest.approx(cold.objective, rel=1e-9)
    assert len({round(outcome.objective, 6) for outcome in in_turn(question, batch, Limits())}) == len(batch)


def test_the_unchanged_program_is_solved_at_its_start():
    question = mills()
    program = required_first(*make_program(question.plan, question.scenario))
    assert solve_program(program).iterations > 0
    assert solve_program(program, start=question.start(Limits())).iterations == 0


def test_what_was_solved_before_does_not_count():
    question = mills()
    batch = points(question)
    alone = [mills().outcome(changes, Limits()) for changes in batch]
    assert in_turn(question, batch, Limits()) == alone
    assert in_turn(question, batch[::-1], Limits()) == alone[::-1]


def test_a_process_reads_a_question_once():
    question = mills()
    batch, content = points(question, 2), pickle.dumps(question)
    there = _elsewhere(content, batch, Limits(), time.monotonic())
    assert there == in_turn(question, batch, Limits())
    assert _question(content) is _question(bytes(bytearray(content)))
    assert _question(content).start(Limits()) is _question(content).start(Limits())


def test_a_start_that_was_cut_short_is_not_remembered():
    question, cancel = mills(), threading.Event()
    cancel.set()
    assert question.start(Limits(cancel=cancel)) is None
    assert question.start(Limits()) is not None


def test_whole_projects_have_no_start():
    assert mills(whole=True).start(Limits()) is None
