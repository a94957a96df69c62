"""Room for a few what-ifs at once: bounded, with a deadline, stopped when nobody waits any more."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from api.errors import BusyError, DeadlineError
from optimizer.words.language import Text

T = TypeVar("T")


class Pool:
    """Threads, since HiGHS releases the interpreter's lock. What is full refuses; nothing queues."""

    def __init__(self, slots: int, deadline: float) -> None:
        self.slots, self.deadline = slots, deadline
        self._threads = ThreadPoolExecutor(slots, thread_name_prefix="what-if")
        self._running: set[threading.Event] = set()
        # Told of everything that ends: how (a word of a closed vocabulary), and after how many seconds.
        self.ended: Callable[[str, float], None] = lambda *_: None

    @property
    def free(self) -> int:
        return self.slots - len(self._running)

    async def run(self, work: Callable[[threading.Event], T]) -> T:
        """What ``work`` returns; it gets the event that tells it to stop. Raises BusyError, DeadlineError.

        A slot is free again when the work has really ended, not when its caller has given up.
        """
        if self.free <= 0:
            detail = Text(
                f"正在计算的问题已达上限（{self.slots} 个），请稍后再试。",
                f"{self.slots} questions are being answered, which is the limit; try again shortly.",
            )
            raise BusyError(detail, headers={"Retry-After": "1"})
        cancel, begun = threading.Event(), time.perf_counter()
        self._running.add(cancel)
        future = asyncio.get_running_loop().run_in_executor(self._threads, work, cancel)
        future.add_done_callback(lambda done: self._ended(cancel, done, time.perf_counter() - begun))
        try:
            return await asyncio.wait_for(asyncio.shield(future), self.deadline)
        except TimeoutError:
            detail = Text(
                f"在 {self.deadline:g} 秒内未得出结果，计算已停止。",
                f"There was no answer within {self.deadline:g} s; the computation is being stopped.",
            )
            raise DeadlineError(detail) from None
        finally:
            cancel.set()

    def _ended(self, cancel: threading.Event, done: asyncio.Future[T], seconds: float) -> None:
        self._running.discard(cancel)
        # An exception is looked at, so that it counts as seen also where nobody waits for it any more.
        failed = done.cancelled() or done.exception() is not None
        self.ended("stopped" if cancel.is_set() else "refused" if failed else "answered", seconds)

    def close(self) -> None:
        """Stops what is under way and waits for it."""
        for cancel in tuple(self._running):
            cancel.set()
        self._threads.shutdown(wait=True, cancel_futures=True)
