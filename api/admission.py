"""Admission: work has so many places, and a request that finds none is refused before anything is done for it."""

from __future__ import annotations

import asyncio
import contextvars
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import Any, ParamSpec, Self, TypeVar

from fastapi.routing import APIRoute
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from api.errors import BusyError, UnreadableError
from optimizer.words.language import Text

P = ParamSpec("P")
T = TypeVar("T")
CUT = Text("请求正文未传完。", "The body broke off.")


class Places:
    """``most`` at once; ``full`` is what the next one is told."""

    def __init__(self, most: int, full: Text) -> None:
        self.most, self._full = most, full
        self._taken, self._lock = 0, threading.Lock()

    @property
    def free(self) -> int:
        return self.most - self._taken

    def take(self) -> Place:
        """A place, until its block has ended and with it what the place is lent to. Raises BusyError."""
        with self._lock:
            if self._taken >= self.most:
                raise BusyError(self._full, headers={"Retry-After": "1"})
            self._taken += 1
        return Place(self)

    def leave(self) -> None:
        with self._lock:
            self._taken -= 1


class Place:
    """Is free again when the block has ended, and the work that was begun in it, which may take longer."""

    def __init__(self, places: Places) -> None:
        self._places = places
        self._work: Future[Any] | None = None

    def lend(self, work: Future[Any]) -> None:
        """To the work that was begun last: where its caller gives up it goes on for a while."""
        self._work = work

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._work is None:
            self._places.leave()
        else:
            self._work.add_done_callback(lambda _: self._places.leave())


class AdmittedRoute(APIRoute):
    """Nothing is parsed, looked up or computed for a request without a place, but its body is awaited first.

    Otherwise a caller that sends slowly would hold a place with nothing.
    """

    def places(self, request: Request) -> Places:
        raise NotImplementedError

    async def known(self, request: Request) -> Response | None:  # noqa: ARG002 - for those who know something
        """The answer, where it can be had for less than a place."""
        return None

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def admitted(request: Request) -> Response:
            try:
                await request.body()
            except ClientDisconnect:
                raise UnreadableError(CUT) from None
            known = await self.known(request)
            if known is not None:
                return known
            with self.places(request).take() as request.state.place:
                return await handle(request)

        return admitted


class Counter(Places):
    """Where requests are served by a few threads of their own, so that they keep nothing else waiting.

    ``most`` are there at once, those who wait included: nobody waits longer than they take together.
    """

    def __init__(self, name: str, threads: int, most: int, full: Text) -> None:
        super().__init__(most, full)
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix=name)

    async def serve(self, work: Callable[P, T], *args: P.args, **keywords: P.kwargs) -> T:
        """What ``work`` returns, in one of the threads and in the context of the caller."""
        context = contextvars.copy_context()
        call = partial(context.run, partial(work, *args, **keywords))
        return await asyncio.get_running_loop().run_in_executor(self._threads, call)

    def close(self) -> None:
        self._threads.shutdown(wait=True)
