"""Where a scenario with changes starts: where the scenario as the plan states it ended, solved from nothing.

So an answer is a function of plan, scenario and changes alone, also where several plans are optimal: whoever asks, in
whatever order, and whatever the process has solved before. Where a scenario ended is kept, for it takes much longer to
find than what a change of it moves; what is kept, on disk, too, is what would be found again.

A scenario starts from nothing where it has no changes or the plan has none of its name; where whole projects are
decided, by branching, or the program is decomposed, from which no basis comes; and where the scenario without changes
has no optimum. Of myopic windows each starts where the same window ended.
"""

from __future__ import annotations

import os
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from pydantic import ValidationError

from model_data import DataError, Plan
from optimizer.decomposition.choice import by_blocks
from optimizer.decomposition.method import Method
from optimizer.foresight import Solved, solve_windows
from optimizer.identity import own_digest
from optimizer.kept_starts import read, written
from optimizer.program import LinearProgram
from optimizer.questions import UnfinishedError
from optimizer.runs import Runs
from optimizer.scenario import Scenario, ScenarioError, stated_scenario
from optimizer.solution import Progress
from optimizer.solver import Limits, SolverError
from optimizer.start import Start
from optimizer.status import Status
from optimizer.store import Store, store_of

# Scenarios whose ends are kept, and how many statuses of rows and columns all of them may have (about 100 bytes each).
MOST, MOST_STATUSES = 32, 1_000_000
_CUT_SHORT = (Status.TIME_LIMIT, Status.CANCELLED)
Key = tuple[str, str]


class Kept:
    """Where scenarios ended, window by window, by plan and scenario: the latest ones, and more of them in a store.

    Safe between threads, and between processes that share the store.
    """

    def __init__(self, store: Store | None = None) -> None:
        self._known: OrderedDict[Key, Sequence[Start]] = OrderedDict()
        self._store, self._lock = store, threading.Lock()

    def get(self, key: Key) -> Sequence[Start] | None:
        with self._lock:
            if key in self._known:
                self._known.move_to_end(key)
                return self._known[key]
        starts = self._read(key)
        if starts is not None:
            self._remember(key, starts)
        return starts

    def keep(self, key: Key, starts: Sequence[Start]) -> None:
        self._remember(key, starts)
        if self._store is not None:
            with suppress(OSError):
                self._store.put(_name(key), written(starts))

    def _read(self, key: Key) -> Sequence[Start] | None:
        """What another process has kept; None where there is nothing that can be read."""
        if self._store is None:
            return None
        with suppress(OSError, ValueError, KeyError, TypeError):
            content = self._store.get(_name(key))
            return None if content is None else read(content)
        return None

    def _remember(self, key: Key, starts: Sequence[Start]) -> None:
        with self._lock:
            self._known[key] = starts
            self._known.move_to_end(key)
            while len(self._known) > 1 and (len(self._known) > MOST or self._statuses() > MOST_STATUSES):
                self._known.popitem(last=False)

    def _statuses(self) -> int:
        return sum(start.size for starts in self._known.values() for start in starts)


KEPT = Kept(store_of(os.environ))


def solve_from_unchanged(
    plan: Plan,
    scenario: Scenario,
    limits: Limits | None = None,
    progress: Progress | None = None,
    found: Callable[[Solved], Any] | None = None,
    method: Method = Method.AUTOMATIC,
) -> Solved:
    """The window that was solved last; see ``solve_windows``. ``limits`` are for everything together.

    Where the time runs out before the scenario without changes is solved, the answer is that it ran out.
    """
    runs, origin = Runs(limits), unchanged(plan, scenario)

    def starts(program: LinearProgram) -> Sequence[Start]:
        if origin is None or origin == scenario or by_blocks(program, method):
            return ()
        key = _key(plan, origin)
        known = KEPT.get(key)
        return _solved(key, plan, origin, runs, progress) if known is None else known

    windows = solve_windows(plan, scenario, runs, progress, starts, found, method)
    if origin == scenario and not windows[-1].solution.blocks:
        _remembered(_key(plan, scenario), windows)
    return windows[-1]


def unchanged(plan: Plan, scenario: Scenario) -> Scenario | None:
    """The scenario as the plan states it, over the same years; None where there is none to start from."""
    if scenario.whole_projects:
        return None
    try:
        stated = stated_scenario(plan, scenario.scenario)
    except (ScenarioError, ValidationError):  # the changes may have put right what cannot be used
        return None
    way = {name: getattr(scenario, name) for name in ("foresight", "target_year", "whole_projects")}
    return None if stated is None else stated.model_copy(update=way)


def _solved(key: Key, plan: Plan, origin: Scenario, runs: Runs, progress: Progress | None) -> Sequence[Start]:
    """Raises UnfinishedError where time runs out or nobody waits any more."""
    try:
        windows = solve_windows(plan, origin, runs, progress, method=Method.WHOLE)
    except (DataError, ScenarioError, SolverError, OverflowError):
        windows = ()
    status = windows[-1].solution.status if windows else Status.FAILED
    if status in _CUT_SHORT:
        raise UnfinishedError(status, f"scenario {origin.scenario} without changes")
    return _remembered(key, windows)


def _remembered(key: Key, windows: Sequence[Solved]) -> Sequence[Start]:
    """Those of the windows before the first without an optimum; not kept where the last was cut short."""
    ended = [window.solution.start for window in windows]
    starts = tuple(start for start in ended if start is not None)
    if not windows or windows[-1].solution.status not in _CUT_SHORT:
        KEPT.keep(key, starts)
    return starts


def _name(key: Key) -> str:
    """In a store that other versions of the program share."""
    return repr(("ended", *key, own_digest()))


def _key(plan: Plan, origin: Scenario) -> Key:
    return plan.fingerprint, origin.model_dump_json()
