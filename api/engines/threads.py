"""Jobs in threads of this process: nothing is started and nothing travels, but nothing can be ended by force either."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import Any

from api.engines import inside
from api.engines.engine import EngineLostError, Hear
from api.engines.inside import Done, Function


class ThreadEngine:
    """For a service inside another program, as in tests: its jobs share the lock of the interpreter."""

    def __init__(self, slots: int) -> None:
        self.slots, self.spare = slots, 0
        self._threads = ThreadPoolExecutor(slots, thread_name_prefix="job")

    def submit(
        self, function: Function, payload: Any, key: str, timeout: float | None = None, hear: Hear | None = None
    ) -> Future[Any]:
        """As every engine, but that ``timeout`` is left to the one who asks."""
        del timeout
        future: Future[Any] = Future()
        future.set_running_or_notify_cancel()
        done = self._threads.submit(inside.carry, function, payload, key, hear or _unheard)
        done.add_done_callback(partial(_ended, key, future))
        return future

    def kill(self, key: str) -> None:
        """Sets ``watch.cancel``; a job that does not look at it goes on."""
        inside.stop(key)

    def close(self) -> None:
        self._threads.shutdown(wait=True, cancel_futures=True)


def _ended(key: str, future: Future[Any], done: Future[Done]) -> None:
    if done.cancelled() or done.exception() is not None:
        future.set_exception(EngineLostError(f"{key} was not carried out"))
    elif (error := done.result().error) is not None:
        future.set_exception(error)
    else:
        future.set_result(done.result().result)


def _unheard(_news: Any) -> None:
    """Nobody wants to hear what the job tells."""
