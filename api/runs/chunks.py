"""Claims put together into jobs for an engine: one run and one plan each, about a second of work."""

from __future__ import annotations

import itertools
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum

from api.store.records import Claim
from api.store.vocabulary import Priority

SECONDS = 1.0  # of work in a chunk
MOST = 100  # questions in a chunk
_REMEMBERED = 1000  # runs whose pace is known
_numbers = itertools.count(1)


class Why(Enum):
    """Why a job was told to stop."""

    CANCELLED = "its run is to be cancelled"
    LOST = "its tasks are another's"
    CLOSING = "the service stops"


@dataclass(eq=False)
class Job:
    """Claims that travel together. What cancels a run may stop the whole job, since a job belongs to one run."""

    claims: tuple[Claim, ...]
    with_plan: bool = False  # the plan travels along, because a worker did not know it
    why: Why | None = None
    key: str = field(default_factory=lambda: f"job {next(_numbers)}")

    @property
    def run(self) -> str:
        return self.claims[0].run

    @property
    def plan(self) -> str:
        return str(self.claims[0].payload["plan"])

    @property
    def priority(self) -> Priority:
        return self.claims[0].priority


class Sizes:
    """How many questions of a run make about a second of work, as measured."""

    def __init__(self, seconds: float = SECONDS, most: int = MOST) -> None:
        self._wanted, self._most = seconds, most
        self._each: OrderedDict[str, float] = OrderedDict()
        self.latest = 1  # the size for the run that was measured last

    def measured(self, run: str, questions: int, seconds: float) -> None:
        each = seconds / questions
        known = self._each.pop(run, each)
        self._each[run] = (known + each) / 2
        while len(self._each) > _REMEMBERED:
            self._each.popitem(last=False)
        self.latest = self.of(run)

    def of(self, run: str) -> int:
        """One, until something is known of the run."""
        each = self._each.get(run)
        if each is None:
            return 1
        return max(1, min(self._most, int(self._wanted / max(each, self._wanted / self._most))))


def jobs_of(claims: Sequence[Claim], sizes: Sizes) -> Iterator[Job]:
    """The claims in their order. A task whose worker has died before goes alone, since it may be the cause."""
    for _, group in itertools.groupby(claims, key=lambda one: (one.run, one.payload["plan"], one.deaths > 0)):
        together = list(group)
        size = 1 if together[0].deaths or together[0].priority is Priority.INTERACTIVE else sizes.of(together[0].run)
        yield from (Job(tuple(together[start : start + size])) for start in range(0, len(together), size))
