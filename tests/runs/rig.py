"""A dispatcher turned by hand: an engine whose jobs end when a test says so, a clock that the test sets."""

from concurrent.futures import Future
from itertools import count

from api.engines.engine import EngineLostError, OverdueError, StoppedError, WorkerLostError
from api.runs.dispatcher import Dispatcher
from api.runs.pace import Pace
from api.runs.work import Worked
from api.store.errors import FULL, GONE, StoreFullError, StoreUnavailableError
from api.store.ledger import Ledger
from api.store.records import Document, NewRun, Outcome
from api.store.vocabulary import RunKind, TaskState

PACE = Pace(turn=0.001, patience=0.0, grace=0.0)


class FakeEngine:
    """Jobs begin at once and end by ``answer`` or ``lose``."""

    def __init__(self, slots=3):
        self.slots, self.spare, self.jobs, self.killed, self.closed = slots, 0, {}, [], False
        self.sent = []  # the chunks, in order

    def submit(self, _function, payload, key, timeout=None, hear=None):
        future = Future()
        self.sent.append(payload)
        self.jobs[key] = (payload, future, hear, timeout)
        return future

    def kill(self, key):
        self.killed.append(key)

    def close(self):
        self.closed = True
        for key in list(self.jobs):
            self.end(key, EngineLostError("closed"))

    def numbers(self, key):
        return [question["number"] for question in self.jobs[key][0].questions]

    def answer(self, key, seconds=1.0, outcomes=None):
        """With the number of each question, unless outcomes are given."""
        numbers = self.numbers(key)
        found = outcomes or [answered(number) for number in numbers]
        self.jobs.pop(key)[1].set_result(Worked(tuple(found), seconds))

    def miss_the_plan(self, key):
        self.jobs.pop(key)[1].set_result(Worked(None))

    def end(self, key, error):
        self.jobs.pop(key)[1].set_exception(error)

    def answer_all(self, seconds=1.0):
        for key in list(self.jobs):
            self.answer(key, seconds)


class Flaky:
    """The ledger, which cannot be reached while ``down``; whose answer is lost once after the deed is done; or which
    has no room for one thing and counts how often it is asked for it."""

    def __init__(self, ledger):
        self._ledger, self.down, self.lose_answer_of = ledger, False, None
        self.no_room_for, self.refused = None, 0

    def __getattr__(self, name):
        method = getattr(self._ledger, name)

        def call(*arguments):
            if self.down:
                raise StoreUnavailableError(GONE)
            if self.no_room_for == name:
                self.refused += 1
                raise StoreFullError(FULL)
            answer = method(*arguments)
            if self.lose_answer_of == name:
                self.lose_answer_of = None
                raise StoreUnavailableError(GONE)
            return answer

        return call


class Rig:
    """One ledger with one dispatcher after the other, or several together."""

    def __init__(self, database, hands):
        self.hands, self._names = hands, count()
        self.ledger = Ledger(database, hands.clock())
        self.contents = {"p": b"plan"}

    def dispatcher(self, engine, pace=PACE):
        """And what it has for a ledger."""
        flaky = Flaky(Ledger(self.ledger.database, self.hands.clock()))
        made = Dispatcher(flaky, engine, self.contents.__getitem__, pace, lambda: self.hands.seconds)
        return made, flaky

    def batch(self, size, kind=RunKind.BATCH, plan="p", **more):
        numbers = [next(self._names) for _ in range(size)]
        payloads = [{"plan": plan, "question": {"number": number, **more}} for number in numbers]
        return self.ledger.accept(NewRun(kind, payloads)).id

    def single(self, **more):
        return self.batch(1, RunKind.RUN, **more)

    def states(self, run):
        return [task.state for task in self.ledger.tasks(run, most=1000).items]


def answered(number):
    return Outcome(TaskState.SUCCEEDED, Document.of_json({"number": number}))


LOST, GONE_ENGINE = WorkerLostError("died"), EngineLostError("gone")
STOPPED, LATE = StoppedError("stopped"), OverdueError("too long")
