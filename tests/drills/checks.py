"""What must hold after every drill, whatever happened in it."""

import functools
from collections import Counter

import pytest
from sqlalchemy import text

from api.store.database import Database
from api.store.ledger import Ledger
from api.store.vocabulary import FINAL_RUN_STATES, EventKind, TaskState
from model_data import load_plan
from optimizer import load_scenario, solve
from tests.drills.service import TINY, until

ENDS = ("succeeded", "failed", "cancelled")
BELONGS = {
    "task without run": "SELECT count(*) FROM task LEFT JOIN run ON run.number = task.run WHERE run.number IS NULL",
    "result without task": "SELECT count(*) FROM result LEFT JOIN task ON task.id = result.task WHERE task.id IS NULL",
    "result of a task that goes on": "SELECT count(*) FROM result JOIN task ON task.id = result.task "
    "WHERE task.state IN ('queued', 'running', 'failed')",
    "success without result": "SELECT count(*) FROM task LEFT JOIN result ON task.id = result.task "
    "WHERE task.state = 'succeeded' AND result.task IS NULL",
    "key without run": "SELECT count(*) FROM idempotency LEFT JOIN run ON run.number = idempotency.run "
    "WHERE run.number IS NULL",
    "running without owner": "SELECT count(*) FROM task WHERE (state = 'running') <> (owner IS NOT NULL)",
    "ended run with an open task": "SELECT count(*) FROM run JOIN task ON task.run = run.number "
    "WHERE run.finished_at IS NOT NULL AND task.state IN ('queued', 'running')",
    "event without run": "SELECT count(*) FROM event LEFT JOIN run ON run.number = event.run WHERE run.number IS NULL",
}


def question(number):
    """One of twenty questions about the tiny plan."""
    changes = {"budgets": {"investment": {"factor": 0.9 + (number % 20) / 100}}}
    return {"kind": "what_if", "scenario": "less_money", "changes": changes, "tables": ["indicators"]}


@functools.cache
def expected(factor):
    """The optimum, found in this process."""
    plan = load_plan(TINY)
    changes = {"budgets": {"investment": {"factor": factor}}}
    return solve(plan, load_scenario(plan, "less_money", changes)).objective


def run_request(number):
    return "/v1/runs", {"plan": "tiny", "question": question(number)}


def batch_request(size, first=0):
    questions = [question(number) for number in range(first, first + size)]
    return "/v1/batches", {"plan": "tiny", "cases": {"kind": "questions", "questions": questions}}


def settled(url, runs, states=("succeeded",)):
    """Waits until every run has ended, then holds everything to what it must be; the number of runs."""
    database = Database(url)
    try:
        ledger = Ledger(database)
        until(lambda: all(ledger.run(run).state in FINAL_RUN_STATES for run in runs), pause=0.5, what="the end")
        check_database(database)
        assert {run.id for run in _all_runs(ledger)} == set(runs), "each accepted run is there, and no other"
        for run in runs:
            assert ledger.run(run).state in states, ledger.run(run)
            _check_counts(ledger, run)
            _check_events(ledger, run)
            _check_results(ledger, run)
        backlog = ledger.backlog()
        assert (backlog.queued, backlog.running) == (0, 0)
    finally:
        database.close()
    return len(runs)


def deaths(url, runs):
    """Of each task: how often its worker died."""
    database = Database(url)
    try:
        return [task.deaths for run in runs for task in Ledger(database).tasks(run, most=10_000).items]
    finally:
        database.close()


def check_alone(url):
    """When nobody uses it any more."""
    database = Database(url)
    try:
        check_database(database)
    finally:
        database.close()


def check_database(database):
    with database.read() as connection:
        if database.on_sqlite:
            assert connection.execute(text("PRAGMA integrity_check")).scalars().all() == ["ok"]
            assert connection.execute(text("PRAGMA foreign_key_check")).all() == []
        found = {what: connection.execute(text(query)).scalar_one() for what, query in BELONGS.items()}
    assert found == dict.fromkeys(BELONGS, 0)


def _all_runs(ledger):
    cursor = None
    while True:
        page = ledger.runs(cursor, most=200)
        yield from page.items
        if page.next is None:
            return
        cursor = page.next


def _check_counts(ledger, run):
    found = ledger.run(run)
    states = Counter(str(task.state) for task in _tasks(ledger, run))
    assert {state: getattr(found.counts, state) for state in ENDS} == {state: states[state] for state in ENDS}
    assert sum(states.values()) == found.counts.total
    assert found.finished_at is not None


def _tasks(ledger, run):
    return ledger.tasks(run, most=100_000).items


def _check_events(ledger, run):
    """Accepted first, finished last, numbers rise, and every task has come to its end once."""
    events = ledger.events(run, most=1_000_000)
    numbers = [event.number for event in events]
    assert numbers == sorted(set(numbers))
    kinds = [event.kind for event in events]
    assert (kinds[0], numbers[0], kinds[-1], numbers[-1]) == (
        EventKind.ACCEPTED, 1, EventKind.FINISHED, ledger.run(run).last_event,
    )  # fmt: skip
    assert kinds.count(EventKind.ACCEPTED) == kinds.count(EventKind.FINISHED) == 1
    gone = set(range(1, numbers[-1] + 1)) - set(numbers)
    assert len(gone) == 0 or any(kind is EventKind.PROGRESS for kind in kinds), "only reports of progress are replaced"
    ended = Counter()
    for event in events:
        if event.kind is EventKind.TASKS:
            for state, ranges in event.data["changed"].items():
                if state in ENDS:
                    ended.update((position, state) for low, high in ranges for position in range(low, high + 1))
    waiting_when_cancelled = {(task.position, str(task.state)) for task in _tasks(ledger, run)}
    assert ended == dict.fromkeys(waiting_when_cancelled, 1)


def _check_results(ledger, run):
    """The answers are right, not only there."""
    documents = {result.position: result.document.json() for result in ledger.all_results(run)}
    for task in _tasks(ledger, run):
        if task.state is not TaskState.SUCCEEDED:
            continue
        assert documents[task.position]["status"] == "optimal"
        changes = task.payload["question"].get("changes")
        if changes:
            optimum = expected(changes["budgets"]["investment"]["factor"])
            assert documents[task.position]["objective"]["value"] == pytest.approx(optimum, rel=1e-7)


def nothing_left(service, seconds=30):
    """No process of the service lives."""
    until(lambda: not service.processes(), seconds, what=f"the end of {service.processes()}")
