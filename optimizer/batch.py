"""A batch of programs that differ in some figures of their plan: solved in turn, or on other processes.

Every program starts where that of the unchanged plan ended, whatever was solved before it: so what is found for it
depends neither on the others of the batch nor on the process that it came to.
"""

from __future__ import annotations

import pickle
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import CancelledError, Executor, Future
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

from model_data import DataError, Plan
from optimizer.foresight import make_program
from optimizer.levels import Levels
from optimizer.report import indicator_table, quantity_table
from optimizer.runs import Runs
from optimizer.scenario import Scenario, ScenarioError
from optimizer.softened import required_first
from optimizer.solution import Progress, solve_program
from optimizer.solver import Limits
from optimizer.start import Start
from optimizer.status import Status

Changes = Sequence[Mapping[str, Any]]  # as a scenario states figures
REFUSED = "refused"
# Programs that one task of an executor solves; a task that has begun is not stopped.
_TASK = 16
_KEPT = 2  # questions that a process of an executor keeps
_POLL = 0.2  # seconds between two looks at whether the question was cancelled


@dataclass(frozen=True)
class Outcome:
    """One program: its status (or ``refused``), objective, and whether each target of each year holds.

    ``problem`` says why there is no optimum. ``held`` is empty then.
    """

    status: str
    objective: float = float("nan")
    held: Mapping[tuple[str, int], bool] = field(default_factory=dict)
    problem: str = ""


@dataclass(frozen=True)
class Question:
    """A plan whose figures stand, and a scenario without figures of its own, whose required targets come first."""

    plan: Plan
    scenario: Scenario

    _start: list[Start | None] = field(default_factory=list, repr=False, compare=False)

    def start(self, limits: Limits) -> Start | None:
        """Where the program of the unchanged plan ended; None where it has no optimum or is solved by branching."""
        if not self._start:
            instance, program = make_program(self.plan, self.scenario)
            found = None
            if not program.integer.any():
                solution = solve_program(required_first(instance, program), limits)
                if solution.status in (Status.CANCELLED, Status.TIME_LIMIT):
                    return None
                found = solution.start
            self._start.append(found)
        return self._start[0]

    def __getstate__(self) -> dict[str, Any]:
        """What travels to another process; where to start is found anew there."""
        return {"plan": self.plan, "scenario": self.scenario, "_start": []}

    def outcome(self, changes: Changes, limits: Limits) -> Outcome:
        """Never raises for what the changed figures make of the plan."""
        try:
            plan = self.plan.with_figures([dict(change) for change in changes]) if changes else self.plan
            instance, program = make_program(plan, self.scenario)
        except (DataError, ScenarioError) as error:
            return Outcome(REFUSED, problem=str(error))
        solution = solve_program(required_first(instance, program), limits, start=self.start(limits))
        if solution.status is not Status.OPTIMAL or solution.x is None or solution.objective is None:
            return Outcome(solution.status.value, problem=solution.status.sentence_en)
        levels = Levels(instance, solution.program.columns, solution.x)
        table = indicator_table(instance, quantity_table(instance, levels))
        rows = zip(*(table[name] for name in ("indicator", "year", "standing", "met")), strict=True)
        held = {(i, y): met == "yes" for i, y, standing, met in rows if standing in ("required", "goal") and met}
        return Outcome(solution.status.value, solution.objective, held)


def in_turn(
    question: Question, batch: Sequence[Changes], limits: Limits, progress: Progress | None = None
) -> list[Outcome]:
    """The outcome of each; ``limits`` are for all. What is cancelled, or out of time, has that status."""
    outcomes, runs = [], Runs(limits)
    for number, changes in enumerate(batch, start=1):
        if progress:
            progress(f"{number} of {len(batch)}")
        stopped, left = limits.cancel is not None and limits.cancel.is_set(), runs.left()
        if stopped or left.seconds <= 0.0:
            outcomes.append(_unsolved(Status.CANCELLED if stopped else Status.TIME_LIMIT))
        else:
            outcomes.append(question.outcome(changes, left))
    return outcomes


def on_executor(
    question: Question, batch: Sequence[Changes], limits: Limits, executor: Executor, progress: Progress | None = None
) -> list[Outcome]:
    """As ``in_turn``. Tasks that have not begun when the question is cancelled are not begun."""
    theirs, begun = replace(limits, cancel=None), time.monotonic()  # an event does not travel
    parts = [batch[start : start + _TASK] for start in range(0, len(batch), _TASK)]
    content = pickle.dumps(question)
    futures = [executor.submit(_elsewhere, content, part, theirs, begun) for part in parts]
    outcomes: list[Outcome] = []
    for part, future in zip(parts, futures, strict=True):
        outcomes += _awaited(future, len(part), limits, futures)
        if progress:
            progress(f"{len(outcomes)} of {len(batch)}")
    return outcomes


def _elsewhere(content: bytes, batch: Sequence[Changes], limits: Limits, begun: float) -> list[Outcome]:
    """``begun``: when the question was asked, by the monotonic clock, which all processes of a machine share."""
    left = limits.seconds - (time.monotonic() - begun)
    return in_turn(_question(content), batch, replace(limits, seconds=max(left, 0.0)))


@lru_cache(maxsize=_KEPT)
def _question(content: bytes) -> Question:
    """Read once a process, so that what is known of a plan is known to all of its tasks."""
    found: Question = pickle.loads(content)  # noqa: S301 - written above, by the process that we work for
    return found


def _awaited(
    future: Future[list[Outcome]], size: int, limits: Limits, futures: Sequence[Future[list[Outcome]]]
) -> list[Outcome]:
    while True:
        if limits.cancel is not None and limits.cancel.is_set():
            for waiting in futures:
                waiting.cancel()
        try:
            return future.result(timeout=_POLL)
        except TimeoutError:
            if future.done():  # the worker's own
                raise
        except CancelledError:
            return [_unsolved(Status.CANCELLED)] * size


def _unsolved(status: Status) -> Outcome:
    return Outcome(status.value, problem=status.sentence_en)
