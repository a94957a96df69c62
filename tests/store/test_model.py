"""The ledger against a model of it: any moves in any order, by good and by late claimants, under jumping clocks."""

from dataclasses import dataclass, field
from datetime import timedelta

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from api.store.database import Database
from api.store.ledger import LEASE_LOST, Ledger
from api.store.records import Outcome
from api.store.vocabulary import MOST_DEATHS, EventKind, Priority, RunKind, RunState, TaskState
from tests.store.specimen import CAUSE, Hands, answered, batch, failed

OPEN = {TaskState.QUEUED, TaskState.RUNNING}
OWNERS = ["a", "b"]
LEASE = 10.0


@dataclass
class ModelTask:
    """A task as it ought to be."""

    id: int
    run: str
    position: int
    priority: int
    state: TaskState = TaskState.QUEUED
    owner: str | None = None
    attempt: int = 0
    deaths: int = 0
    beat: int = 0
    document: object = None
    problem: object = None
    ends: int = 0


@dataclass
class ModelRun:
    tasks: list[ModelTask]
    cancelling: bool = False
    ends: list[str] = field(default_factory=list)


class LedgerMachine(RuleBasedStateMachine):
    """Every rule does the same to the ledger and to the model."""

    url = ""

    def __init__(self):
        super().__init__()
        self.database = Database(self.url)
        with self.database.write() as connection:
            connection.exec_driver_sql("DELETE FROM run")
        self.hands = Hands()
        self.restart()
        self.runs, self.tasks, self.claims = {}, {}, []

    def teardown(self):
        self.drain()
        self.database.close()

    # ----------------------------------------------------------------------------------------------- the rules

    @rule()
    def restart(self):
        """The process that watches leases starts anew and knows of no heartbeat."""
        self.ledger = Ledger(self.database, self.hands.clock())
        self.seen = {}

    @initialize()
    def first(self):
        self.accept_run(2, False)

    @rule(size=st.integers(1, 3), interactive=st.booleans())
    def accept(self, size, interactive):
        self.accept_run(size, interactive)

    def accept_run(self, size, interactive):
        run = self.ledger.accept(batch(size, RunKind.RUN if interactive else RunKind.BATCH))
        priority = Priority.INTERACTIVE if interactive else Priority.BATCH
        tasks = [ModelTask(t.id, run.id, t.position, priority) for t in self.ledger.tasks(run.id).items]
        self.runs[run.id] = ModelRun(tasks)
        self.tasks.update({task.id: task for task in tasks})

    @rule(owner=st.sampled_from(OWNERS), most=st.integers(1, 3))
    def claim(self, owner, most):
        self.claim_some(owner, most)

    def claim_some(self, owner, most):
        waiting = [task for task in self.tasks.values() if task.state is TaskState.QUEUED]
        expected = sorted(waiting, key=lambda task: (task.priority, task.id))[:most]
        claims = self.ledger.claim(owner, most, LEASE)
        assert [claim.task for claim in claims] == [task.id for task in expected]
        for task, claim in zip(expected, claims, strict=True):
            task.state, task.owner, task.beat, task.attempt = TaskState.RUNNING, owner, 0, task.attempt + 1
            assert (claim.attempt, claim.deaths) == (task.attempt, task.deaths)
        self.claims += claims

    @precondition(lambda self: self.claims)
    @rule(data=st.data())
    def renew(self, data):
        chosen = self.draw_claims(data)
        owner = data.draw(st.sampled_from(OWNERS))
        held = self.ledger.renew(owner, chosen, LEASE)
        good = [claim for claim in chosen if claim.owner == owner and self.holds(claim)]
        assert [(claim.task, claim.attempt) for claim in held] == [(claim.task, claim.attempt) for claim in good]
        for claim in held:
            self.tasks[claim.task].beat += 1
            assert claim.cancelled == self.runs[claim.run].cancelling
            assert claim.deadline == self.hands.seconds + LEASE

    @precondition(lambda self: self.claims)
    @rule(data=st.data(), kind=st.sampled_from(["answered", "failed", "cancelled"]))
    def finish(self, data, kind):
        """By any claim that there ever was: those that came too late change nothing."""
        chosen = self.draw_claims(data)
        outcome = {"answered": answered(len(self.claims)), "failed": failed(),
                   "cancelled": Outcome(TaskState.CANCELLED)}[kind]  # fmt: skip
        expected = [self.holds(claim) for claim in chosen]
        assert self.ledger.finish_many([(claim, outcome) for claim in chosen]) == expected
        for claim, good in zip(chosen, expected, strict=True):
            if good:
                self.end(self.tasks[claim.task], outcome.state, outcome.document, outcome.problem)

    @precondition(lambda self: self.claims)
    @rule(data=st.data(), cause=st.sampled_from([None, CAUSE]))
    def give_back(self, data, cause):
        chosen = self.draw_claims(data)
        good = [self.tasks[claim.task] for claim in chosen if self.holds(claim)]
        self.ledger.give_back(chosen, cause)
        for task in good:
            self.release(task, cause)

    @rule(seconds=st.sampled_from([0.0, 4.0, LEASE, 3 * LEASE]))
    def expire(self, seconds):
        self.expire_after(seconds)

    def expire_after(self, seconds):
        """A claimant that crashed is one that renews no more: nothing happens before its lease is over."""
        self.hands.wait(seconds)
        running = {t.id: (t.owner, t.attempt, t.beat) for t in self.tasks.values() if t.state is TaskState.RUNNING}
        self.seen = {
            task: self.seen[task] if self.seen.get(task, (None,))[0] == beat else (beat, self.hands.seconds)
            for task, beat in running.items()
        }
        stopped = [task for task, (_, since) in self.seen.items() if self.hands.seconds - since >= LEASE]
        assert sorted(self.ledger.expire()) == sorted(stopped)
        for task in stopped:
            self.release(self.tasks[task], LEASE_LOST)

    @rule(hours=st.sampled_from([-30, -1, 1, 30]))
    def clock_jumps(self, hours):
        self.hands.wall += timedelta(hours=hours)

    @rule(data=st.data())
    def cancel(self, data):
        run = data.draw(st.sampled_from(list(self.runs)))
        self.ledger.cancel(run)
        model = self.runs[run]
        if any(task.state in OPEN for task in model.tasks):
            model.cancelling = True
            for task in model.tasks:
                if task.state is TaskState.QUEUED:
                    self.end(task, TaskState.CANCELLED)

    # -------------------------------------------------------------------------------------- what the model knows

    def draw_claims(self, data):
        places = st.integers(0, len(self.claims) - 1)
        return [self.claims[-1 - i] for i in data.draw(st.lists(places, min_size=1, max_size=4, unique=True))]

    def holds(self, claim):
        task = self.tasks[claim.task]
        return (task.state, task.owner, task.attempt) == (TaskState.RUNNING, claim.owner, claim.attempt)

    def end(self, task, state, document=None, problem=None):
        assert task.state in OPEN
        task.state, task.owner, task.document, task.problem, task.ends = state, None, document, problem, task.ends + 1

    def release(self, task, cause):
        task.deaths += cause is not None
        if self.runs[task.run].cancelling:
            self.end(task, TaskState.CANCELLED)
        elif cause is not None and task.deaths >= MOST_DEATHS:
            self.end(task, TaskState.FAILED, problem=cause)
        else:
            task.state, task.owner = TaskState.QUEUED, None

    def state_of(self, run):
        states = {task.state for task in run.tasks}
        if states & OPEN:
            return RunState.RUNNING if any(task.attempt for task in run.tasks) else RunState.QUEUED
        if TaskState.CANCELLED in states:
            return RunState.CANCELLED
        if states == {TaskState.FAILED}:
            return RunState.FAILED
        return RunState.PARTIAL if TaskState.FAILED in states else RunState.SUCCEEDED

    # ----------------------------------------------------------------------------------------- what always holds

    @invariant()
    def ledger_and_model_agree(self):
        for name, model in self.runs.items():
            run = self.ledger.run(name)
            assert (run.state, run.cancelling) == (self.state_of(model), model.cancelling)
            for state in TaskState:
                assert getattr(run.counts, state) == sum(task.state is state for task in model.tasks)
            tasks = self.ledger.tasks(name).items
            assert [(t.state, t.attempt, t.deaths, t.problem) for t in tasks] == [
                (t.state, t.attempt, t.deaths, t.problem) for t in model.tasks
            ]
            documents = {result.position: result.document for result in self.ledger.all_results(name)}
            assert documents == {task.position: task.document for task in model.tasks if task.document}
            self.check_events(name, run)

    def check_events(self, name, run):
        events = self.ledger.events(name)
        assert [event.number for event in events] == list(range(1, run.last_event + 1))
        finished = [event for event in events if event.kind is EventKind.FINISHED]
        over = run.finished_at is not None
        assert len(finished) == over
        if over:
            assert events[-1] is finished[0]
            assert finished[0].data["state"] == run.state
        ends = [(state, first, last) for event in events if event.kind is EventKind.TASKS
                for state, pairs in event.data["changed"].items() if state != TaskState.QUEUED
                for first, last in pairs]  # fmt: skip
        told = sorted(position for _, first, last in ends for position in range(first, last + 1))
        assert told == sorted(t.position for t in self.runs[name].tasks if t.state not in OPEN), "each end told once"

    def drain(self):
        """Everything that was accepted comes to its end, once."""
        for _ in range(2):
            self.expire_after(2 * LEASE)
        while any(task.state is TaskState.QUEUED for task in self.tasks.values()):
            self.claim_some("a", 3)
            for claim in self.claims[-3:]:
                if self.holds(claim):
                    assert self.ledger.finish(claim, answered("last"))
                    self.end(self.tasks[claim.task], TaskState.SUCCEEDED, answered("last").document)
        self.ledger_and_model_agree()
        assert all(task.ends == 1 for task in self.tasks.values())
        backlog = self.ledger.backlog()
        assert (backlog.queued, backlog.running, backlog.open_runs) == (0, 0, 0)


def test_any_moves_in_any_order(database_url, full):
    machine = type("Machine", (LedgerMachine,), {"url": database_url})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=300 if full else 8,
            stateful_step_count=50 if full else 30,
            deadline=None,
            derandomize=not full,
            suppress_health_check=list(HealthCheck),
        ),
    )
