"""How long the parts of one piece of work take, for whoever wants to know; costs nothing where nobody does."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

OTHER = "other"


class Stopwatch:
    """Every moment counts for the innermost part under way; ``seconds`` by part add up to the whole."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._part, self._since = OTHER, time.perf_counter()

    def turn_to(self, part: str) -> str:
        """From now on ``part`` counts; the part that counted before."""
        before, now = self._part, time.perf_counter()
        self.seconds[before] = self.seconds.get(before, 0.0) + now - self._since
        self._part, self._since = part, now
        return before


_running: ContextVar[Stopwatch | None] = ContextVar("stopwatch", default=None)


@contextmanager
def measured() -> Iterator[dict[str, float]]:
    """Seconds by part of what happens in the block, complete when it has ended."""
    watch = Stopwatch()
    token = _running.set(watch)
    try:
        yield watch.seconds
    finally:
        _running.reset(token)
        watch.turn_to(OTHER)


@contextmanager
def part(name: str) -> Iterator[None]:
    """What happens in the block counts for this part, but for parts of it that have names of their own."""
    watch = _running.get()
    if watch is None:
        yield
        return
    before = watch.turn_to(name)
    try:
        yield
    finally:
        watch.turn_to(before)
