"""Small runs, and a clock that tests set."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from api.store.clock import Clock
from api.store.records import Document, NewRun, Outcome
from api.store.vocabulary import RunKind, TaskState

PROBLEM = {"code": "broken", "zh": "坏了", "en": "broken"}
CAUSE = {"code": "worker_died", "zh": "进程中断", "en": "the worker died"}


@dataclass
class Hands:
    """The hands of both clocks."""

    wall: datetime = datetime(2026, 5, 1, tzinfo=UTC)
    seconds: float = 1000.0

    def clock(self):
        return Clock(lambda: self.wall, lambda: self.seconds)

    def wait(self, seconds):
        self.seconds += seconds
        self.wall += timedelta(seconds=seconds)


def batch(size, kind=RunKind.BATCH, **more):
    payloads = [{"plan": "p", "question": {"kind": "what_if", "number": number}} for number in range(size)]
    return NewRun(kind, payloads, **more)


def answered(value):
    return Outcome(TaskState.SUCCEEDED, Document.of_json({"value": value}))


def failed():
    return Outcome(TaskState.FAILED, problem=PROBLEM)
