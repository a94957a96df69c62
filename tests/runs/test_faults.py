"""Any faults in any order: two dispatchers over one ledger, whose workers, engines, leases and database fail at will.

Afterwards every accepted run comes to its end, every task has one outcome, and every document answers its own question.
"""

import shutil
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from api.store.database import Database
from api.store.vocabulary import FINAL_RUN_STATES, FINAL_TASK_STATES, RunState, TaskState
from tests.runs.rig import GONE_ENGINE, LATE, LOST, STOPPED, FakeEngine, Rig
from tests.store.specimen import Hands

METHODS = ["claim", "renew", "finish_many", "give_back", "expire", "progress", "cancelling"]
_empty = []  # a database with tables, made once


def new_database(folder):
    if not _empty:
        _empty.append(Path(tempfile.mkdtemp()) / "empty.sqlite3")
        made = Database(f"sqlite:///{_empty[0]}")
        made.upgrade()
        made.close()
    shutil.copy(_empty[0], folder / "store.sqlite3")
    return Database(f"sqlite:///{folder / 'store.sqlite3'}")


class Faults(RuleBasedStateMachine):
    def __init__(self):
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.rig = Rig(new_database(Path(self.folder.name)), Hands())
        self.engines, self.dispatchers, self.ledgers = [None] * 2, [None] * 2, [None] * 2
        self.runs = {}  # the first number of each, and its size
        self.cancelled = set()
        self.begin(0)
        self.begin(1)

    def begin(self, which):
        self.engines[which] = FakeEngine()
        self.dispatchers[which], self.ledgers[which] = self.rig.dispatcher(self.engines[which])

    @initialize()
    def accept_something(self):
        self.accept_a_batch(4)

    @rule(size=st.integers(1, 6))
    def accept_a_batch(self, size):
        self.runs[self.rig.batch(size)] = size

    @rule()
    def accept_a_single_question(self):
        self.runs[self.rig.single()] = 1

    @rule(data=st.data())
    def cancel(self, data):
        run = data.draw(st.sampled_from(list(self.runs)))
        self.rig.ledger.cancel(run)
        self.cancelled.add(run)

    @rule(which=st.integers(0, 1), seconds=st.sampled_from([0.1, 1.0, 5.0, 11.0]))
    def turn(self, which, seconds):
        self.rig.hands.wait(seconds)
        self.dispatchers[which].turn()

    @precondition(lambda self: any(engine.jobs for engine in self.engines))
    @rule(data=st.data(), how=st.sampled_from(["answer", "answer", "miss", LOST, GONE_ENGINE, LATE, STOPPED]))
    def a_job_ends(self, data, how):
        engine = data.draw(st.sampled_from([engine for engine in self.engines if engine.jobs]))
        key = data.draw(st.sampled_from(list(engine.jobs)))
        if how == "answer":
            engine.answer(key, 0.1)
        elif how == "miss" and engine.jobs[key][0].content is None:
            engine.miss_the_plan(key)
        elif how != "miss":
            engine.end(key, how)

    @rule(which=st.integers(0, 1))
    def the_database_goes_or_comes(self, which):
        self.ledgers[which].down = not self.ledgers[which].down

    @rule(which=st.integers(0, 1), method=st.sampled_from(METHODS))
    def the_answer_of_a_commit_will_be_lost(self, which, method):
        self.ledgers[which].lose_answer_of = method

    @rule(which=st.integers(0, 1))
    def a_service_dies(self, which):
        self.begin(which)

    def teardown(self):
        try:
            self.heal()
            self.check()
        finally:
            self.rig.ledger.database.close()
            self.folder.cleanup()

    def heal(self):
        for ledger in self.ledgers:
            ledger.down, ledger.lose_answer_of = False, None
        for _ in range(300):
            self.rig.hands.wait(4.0)
            for engine, dispatcher in zip(self.engines, self.dispatchers, strict=True):
                dispatcher.turn()
                engine.answer_all(0.1)
            if all(self.rig.ledger.run(run).state in FINAL_RUN_STATES for run in self.runs):
                return

    def check(self):
        first = 0
        for run, size in self.runs.items():
            found, tasks = self.rig.ledger.run(run), self.rig.ledger.tasks(run, most=100).items
            assert found.state in FINAL_RUN_STATES
            assert found.counts.succeeded + found.counts.failed + found.counts.cancelled == size == len(tasks)
            assert {task.state for task in tasks} <= FINAL_TASK_STATES
            assert (found.state is RunState.CANCELLED) <= (run in self.cancelled)
            answered = [task.position for task in tasks if task.state is TaskState.SUCCEEDED]
            documents = {result.position: result.document.json() for result in self.rig.ledger.all_results(run)}
            assert documents == {position: {"number": first + position} for position in answered}
            assert all(task.problem for task in tasks if task.state is TaskState.FAILED)
            first += size


def test_every_accepted_run_ends_once_whatever_fails(full):
    chosen = settings(
        max_examples=300 if full else 10,
        stateful_step_count=40,
        deadline=None,
        derandomize=not full,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(Faults, settings=chosen)
