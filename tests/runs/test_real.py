"""Everything as it is: a ledger on SQLite, processes of this machine, the tiny plan; once also a Dask cluster."""

import os
import re
import signal
import time

import pytest

from api.engines.local import LocalEngine
from api.runs.dispatcher import Dispatcher
from api.runs.pace import Pace
from api.runs.work import content_of
from api.store.ledger import Ledger
from api.store.records import NewRun
from api.store.vocabulary import FINAL_RUN_STATES, RunKind, RunState
from model_data import load_plan
from optimizer import load_scenario, solve
from tests.engines.conftest import until
from tests.house.source import ROOT

TINY = ROOT / "tests" / "plans" / "tiny"
PACE = Pace(turn=0.05, lease=2.0, expire=0.5, patience=0.5)


@pytest.fixture(scope="module")
def plan():
    return load_plan(TINY)


@pytest.fixture
def begin(rig, plan):
    """A dispatcher that runs; closed at the end."""
    begun = []

    def start(engine=None):
        made = Dispatcher(
            Ledger(rig.ledger.database),
            engine or LocalEngine(2),
            {plan.fingerprint: content_of(plan)}.__getitem__,
            PACE,
        )
        made.start()
        begun.append(made)
        return made

    yield start
    for dispatcher in begun:
        dispatcher.close()


@pytest.fixture
def accept(rig, plan):
    def accept(*questions, kind=RunKind.BATCH):
        payloads = [{"plan": plan.fingerprint, "question": {"kind": "what_if", **question}} for question in questions]
        return rig.ledger.accept(NewRun(kind, payloads)).id

    return accept


def budget(value):
    figure = {"table": "budget_figures", "budget": "investment", "parameter": "limit", "year": 2007, "value": value}
    return {"changes": {"figures": [figure]}}


def finished(rig, run):
    until(lambda: rig.ledger.run(run).state in FINAL_RUN_STATES)
    return rig.ledger.run(run)


def test_a_batch_and_a_single_question(rig, begin, accept, plan):
    budgets = [10 + number / 10 for number in range(20)]
    batch = accept(*map(budget, budgets), {"scenario": "nowhere"})
    dispatcher = begin()
    single = accept({"scenario": "less_money"}, kind=RunKind.RUN)
    dispatcher.wake()
    assert finished(rig, single).state is RunState.SUCCEEDED
    found = finished(rig, batch)
    assert (found.state, found.counts.succeeded, found.counts.failed) == (RunState.PARTIAL, 20, 1)
    documents = [result.document.json() for result in rig.ledger.all_results(batch)]
    for number in (0, 19):
        expected = solve(plan, load_scenario(plan, None, budget(budgets[number])["changes"])).objective
        assert documents[number]["objective"]["value"] == pytest.approx(expected, rel=1e-9)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals")
def test_workers_that_are_killed_cost_time_and_nothing_else(rig, begin, accept, caplog):
    caplog.set_level("INFO")
    run = accept(*(budget(10 + number / 10) for number in range(30)))

    def workers():
        return re.findall(r"worker (\d+) begins", caplog.text)

    begin(LocalEngine(1))
    for number in (1, 2):
        until(lambda number=number: len(workers()) == number and rig.ledger.run(run).counts.running)
        os.kill(int(workers()[-1]), signal.SIGKILL)
    found = finished(rig, run)
    assert (found.state, found.counts.succeeded) == (RunState.SUCCEEDED, 30)


def test_a_dispatcher_that_ends_hands_over_to_the_next(rig, begin, accept):
    run = accept(*(budget(10 + number / 10) for number in range(30)))
    first = begin()
    until(lambda: rig.ledger.run(run).counts.succeeded > 0)
    first.close()
    stood = rig.ledger.run(run).counts
    assert (stood.running, stood.queued + stood.succeeded) == (0, 30)
    begin()
    assert finished(rig, run).counts.succeeded == 30
    assert {task.deaths for task in rig.ledger.tasks(run, most=100).items} == {0}


@pytest.mark.slow
def test_the_same_on_dask(rig, begin, accept, tmp_path):
    from api.engines.dask import DaskEngine
    from tests.engines.cluster import Cluster

    cluster = Cluster(tmp_path)
    try:
        run = accept(*(budget(10 + number / 10) for number in range(200)))
        begin(DaskEngine(cluster.address))
        begun = time.monotonic()
        assert finished(rig, run).counts.succeeded == 200
        print(f"{200 / (time.monotonic() - begun):.0f} questions a second")  # noqa: T201
    finally:
        cluster.stop()
