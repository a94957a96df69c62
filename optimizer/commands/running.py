"""Solving under a watch: progress on a terminal, a time limit, and Ctrl-C that stops the solver cleanly."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from model_data import Plan
from optimizer.answer import Answer, solve
from optimizer.commands.screen import progress
from optimizer.decomposition.method import Method
from optimizer.program import INFINITY
from optimizer.scenario import Scenario
from optimizer.solution import Progress
from optimizer.solver import Limits
from optimizer.words.language import Language


def watched_solve(
    plan: Plan, scenario: Scenario, seconds: float | None, language: Language, method: Method = Method.AUTOMATIC
) -> Answer:
    """The answer; status ``cancelled`` after Ctrl-C, with the best plan found so far if there is one.

    A second Ctrl-C raises KeyboardInterrupt.
    """
    with watched(seconds, language) as (limits, say):
        return solve(plan, scenario, limits, say, method=method)


@contextmanager
def watched(seconds: float | None, language: Language) -> Iterator[tuple[Limits, Progress]]:
    """Limits that Ctrl-C cancels, and a line of progress."""
    with cancel_on_interrupt() as cancel, progress(language) as say:
        yield Limits(INFINITY if seconds is None else seconds, cancel), say


@contextmanager
def cancel_on_interrupt() -> Iterator[threading.Event]:
    """An event that the first Ctrl-C sets; the second one interrupts as usual."""
    cancel = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield cancel
        return
    before = signal.getsignal(signal.SIGINT)

    def stop(_number: int, _frame: FrameType | None) -> None:
        cancel.set()
        signal.signal(signal.SIGINT, signal.default_int_handler)

    signal.signal(signal.SIGINT, stop)
    try:
        yield cancel
    finally:
        signal.signal(signal.SIGINT, before)
