"""Many at once, and some of them killed."""

import subprocess
import sys
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select

from api.plans.library import Library
from api.store import holding
from api.store.database import Database
from api.store.errors import IdempotencyConflictError
from api.store.ledger import Ledger
from api.store.plans import StoredShelf
from api.store.records import Idempotency
from api.store.tables import IdempotencyRow, ResultRow, RunRow, TaskRow
from api.store.vocabulary import RunState, TaskState
from tests.house.source import ROOT
from tests.store.specimen import answered, batch, failed

THREADS = 4


@pytest.fixture
def start(database_url):
    started = []

    def run(what, name):
        command = [sys.executable, "-m", "tests.store.working", what, database_url, name]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        process = subprocess.Popen(command, cwd=ROOT, text=True, **pipes)
        started.append(process)
        return process

    yield run
    for process in started:
        process.kill()
        process.wait()
        process.stdout.close()
        process.stdin.close()


def at_once(function, count=THREADS):
    """What the function returns in each of several threads that start together."""
    gate = threading.Barrier(count)

    def call(number):
        gate.wait()
        return function(number)

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(call, range(count)))


def test_no_task_is_claimed_twice_by_threads(database, full):
    size = 400 if full else 60
    run = Ledger(database).accept(batch(size))

    def work(number):
        ledger, mine = Ledger(database), []
        while claims := ledger.claim(f"t{number}", 3, 60):
            assert all(ledger.finish_many([(claim, answered(number)) for claim in claims]))
            mine += [(claim.task, claim.attempt) for claim in claims]
        return mine

    claimed = [claim for mine in at_once(work) for claim in mine]
    assert Counter(claimed) == {(task.id, 1): 1 for task in Ledger(database).tasks(run.id, most=size).items}
    assert Ledger(database).run(run.id).state == RunState.SUCCEEDED


def test_no_task_is_claimed_twice_by_processes(database, start):
    ledger = Ledger(database)
    runs = [ledger.accept(batch(30)) for _ in range(2)]
    workers = [start("claim_all", f"p{number}") for number in range(3)]
    lines = [line.split() for worker in workers for line in worker.communicate(timeout=60)[0].splitlines()]
    assert [worker.returncode for worker in workers] == [0, 0, 0]
    assert Counter(task for task, _, _ in lines) == {
        str(task.id): 1 for run in runs for task in ledger.tasks(run.id).items
    }
    assert {(attempt, good) for _, attempt, good in lines} == {("1", "True")}
    assert {ledger.run(run.id).state for run in runs} == {RunState.SUCCEEDED}


def test_a_claimant_passes_over_what_another_is_just_taking(new_url):
    """On PostgreSQL; SQLite lets one write at a time."""
    database = Database(new_url("postgresql"))
    ledger = Ledger(database)
    ledger.accept(batch(5))
    ledger.claim("a", 1, 60)  # the run is running from now on, and needs no lock to be started
    with database.write() as connection:
        taking = holding.claim(connection, ledger.clock, "a", 2, 60, None)
        (meanwhile,) = ThreadPoolExecutor(1).map(lambda _: ledger.claim("b", 5, 60), [None], timeout=10)
    assert [claim.position for claim in taking] == [1, 2]
    assert [claim.position for claim in meanwhile] == [3, 4]
    database.close()


def test_one_outcome_of_many_at_once_is_written(database):
    ledger = Ledger(database)
    run = ledger.accept(batch(1))
    (claim,) = ledger.claim("a", 1, 60)
    written = at_once(lambda number: Ledger(database).finish(claim, answered(number)))
    assert sum(written) == 1
    assert ledger.result(run.id).document.json() == {"value": written.index(True)}


def test_one_key_makes_one_run_however_many_ask_at_once(database):
    key = Idempotency.of("k", "ann", b"body")
    runs = at_once(lambda _: Ledger(database).accept(batch(2), key), 6)
    assert len({run.id for run in runs}) == 1
    assert sorted(run.replayed for run in runs) == [False] + [True] * 5
    assert count(database, RunRow) == 1


def test_one_key_takes_one_of_two_bodies_asked_at_once(database):
    def ask(number):
        try:
            return Ledger(database).accept(batch(1), Idempotency.of("k", "ann", b"body %d" % (number % 2))).id
        except IdempotencyConflictError:
            return None

    answers = at_once(ask)
    assert {answers[0], answers[2]} != {answers[1], answers[3]}
    assert None in answers
    assert len(set(answers) - {None}) == count(database, RunRow) == 1


def test_cancelling_renewing_finishing_and_giving_back_at_once_wait_for_nobody_for_ever(database, full):
    """Locks are taken in one order everywhere; else PostgreSQL would report deadlocks here."""
    runs = [Ledger(database).accept(batch(12)) for _ in range(12 if full else 4)]

    def work(number):
        ledger = Ledger(database)
        while claims := ledger.claim(f"t{number}", 4, 60):
            held = ledger.renew(f"t{number}", claims[::-1], 60)
            ledger.progress(held[0], 0.5)
            ledger.give_back(held[:1], {"code": "died", "zh": "", "en": ""})
            ledger.finish_many([(claim, failed() if claim.position % 5 else answered(1)) for claim in held[::-1]])
            ledger.cancel(runs[(claims[0].task + number) % len(runs)].id)

    at_once(work)
    ended = [Ledger(database).run(run.id) for run in runs]
    assert all(run.finished_at and run.counts.queued == run.counts.running == 0 for run in ended)
    check_consistency(database)


@pytest.mark.parametrize("after", [1, 7])
def test_killed_while_accepting(database, start, after):
    """What was acknowledged is there in full; what was not is there in full or not at all."""
    process = start("accept_for_ever", "x")
    acknowledged = dict(process.stdout.readline().split() for _ in range(after))
    process.kill()
    rest = process.communicate()[0].splitlines(keepends=True)
    acknowledged |= dict(line.split() for line in rest if line.endswith("\n"))
    assert process.returncode != 0
    ledger = Ledger(database)
    for key, run in acknowledged.items():
        again = ledger.accept(batch(20), Idempotency.of(key, "ann", b""))
        assert (again.id, again.replayed) == (run, True)
    assert len(acknowledged) <= count(database, RunRow) <= len(acknowledged) + 1
    assert count(database, IdempotencyRow) == count(database, RunRow)
    assert count(database, TaskRow) == 20 * count(database, RunRow)
    check_consistency(database)


def test_killed_while_finishing(database, start):
    ledger = Ledger(database)
    run = ledger.accept(batch(2000))
    process = start("finish_for_ever", "x")
    acknowledged = [process.stdout.readline().split() for _ in range(20)]
    process.kill()
    acknowledged += [line.split() for line in process.communicate()[0].splitlines(keepends=True) if line[-1] == "\n"]
    assert process.returncode != 0
    assert {good for _, good in acknowledged} == {"True"}
    counts = ledger.run(run.id).counts
    assert counts.succeeded >= len(acknowledged)
    assert counts.queued > 0, "it was killed in the middle"
    assert counts.running <= 5
    check_consistency(database)
    done = {task.id for task in ledger.tasks(run.id, most=2000, states=[TaskState.SUCCEEDED]).items}
    assert {int(task) for task, _ in acknowledged} <= done


def test_services_that_change_a_plan_at_once_lose_no_change(database, start):
    processes = [start("change_plan", name) for name in ("left", "right")]
    assert [process.stdout.readline() for process in processes] == ["ready\n"] * 2
    for process in processes:
        print("go", file=process.stdin, flush=True)
    told = "".join(process.communicate(timeout=120)[0] for process in processes).split()
    assert [process.returncode for process in processes] == [0, 0]
    assert len(told) == 12
    library = Library([])
    library.shelf = StoredShelf(database)
    assert set(told) < set(library["tiny"].scenarios)
    assert len(library.versions("tiny")) == 12


def test_several_services_bring_an_empty_database_up_together(new_empty_url, full):
    size = 5 if full else 2
    command = [sys.executable, "-m", "tests.store.working", "upgrade", new_empty_url, ""]
    processes = [subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True) for _ in range(size)]
    try:
        assert [process.communicate(timeout=60)[1] for process in processes] == [""] * size
    finally:
        for process in processes:
            process.kill()
            process.wait()
    database = Database(new_empty_url)
    assert count(database, RunRow) == size
    database.close()


def count(database, table):
    with database.read() as connection:
        return connection.execute(select(func.count()).select_from(table)).scalar_one()


def check_consistency(database):
    """Counts are those of the tasks; a result belongs to a task that ended; states of runs follow from their tasks."""
    ledger = Ledger(database)
    with database.read() as connection:
        ended = connection.execute(select(TaskRow.state).join(ResultRow, ResultRow.task == TaskRow.id)).scalars().all()
    assert set(ended) <= {TaskState.SUCCEEDED, TaskState.CANCELLED}
    for run in ledger.runs().items:
        states = Counter(task.state for task in ledger.tasks(run.id, most=10_000).items)
        assert {state: getattr(run.counts, state) for state in TaskState if getattr(run.counts, state)} == states
        assert len(list(ledger.all_results(run.id))) == states[TaskState.SUCCEEDED]
        over = not states[TaskState.QUEUED] and not states[TaskState.RUNNING]
        assert (run.finished_at is not None) == over
        assert [event.number for event in ledger.events(run.id, most=10_000)][-1] == run.last_event
