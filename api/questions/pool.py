"""Room for a few questions at once: bounded, with a deadline, stopped when nobody waits any more."""

from __future__ import annotations

import asyncio
import contextlib
import pickle
import time
import uuid
from collections.abc import Callable
from concurrent.futures import Future, wait
from dataclasses import replace
from functools import partial
from typing import Any

from starlette.concurrency import run_in_threadpool

from api.admission import Place, Places
from api.engines.engine import Engine, EngineError
from api.errors import BusyError, DeadlineError
from api.questions.alone import Answered, Asked, answered, there
from api.questions.kinds import WhatIf
from api.questions.registry import AnyQuestion
from model_data import Plan
from optimizer.words.language import Text

PATIENCE = 3.0  # seconds that what is told to stop has to say so, when the service ends
FRESH = 10.0  # seconds for which it is believed that processes answer, once one has
PULSE = 1.0  # seconds that a process has to answer when it is asked whether it is there
MUTE = Text("计算进程没有回应（可能正在启动）", "the processes for questions do not answer; they may be starting")
LOST = Text("计算此问题的进程已终止，请再试。", "The process that worked on the question has ended; try again.")


class Pool(Places):
    """As many questions as the engine has slots; one more is refused, none waits.

    Each has a process of its own, so that an answer takes what it takes alone, as long as there are processors.
    """

    def __init__(self, engine: Engine, deadline: float) -> None:
        slots = engine.slots
        full = Text(
            f"正在计算的问题已达上限（{slots} 个），请稍后再试。",
            f"{slots} questions are being answered, which is the limit; try again shortly.",
        )
        super().__init__(slots, full)
        self.deadline, self._engine = deadline, engine
        self._running: set[str] = set()
        self._given_up: set[str] = set()
        self._heard = float("-inf")  # when a process has answered last
        self._asked_whether_there: Future[None] | None = None
        # Told of everything that ends: the kind, how (a word of a closed vocabulary), and after how many seconds.
        self.ended: Callable[[str, str, float], None] = lambda *_: None

    async def ask(self, place: Place, plan: Plan, question: AnyQuestion) -> Answered:
        """The answer, from another process. Raises DeadlineError, BusyError and what the question is refused with.

        The place is free again when the work has really ended, not when its caller has given up.
        """
        asked = Asked(plan.fingerprint, question)
        try:
            async with asyncio.timeout(self.deadline):
                found = await self._asked(place, asked)
                if found is None:
                    content = await run_in_threadpool(pickle.dumps, plan)
                    found = await self._asked(place, replace(asked, content=content))
        except TimeoutError:
            detail = Text(
                f"在 {self.deadline:g} 秒内未得出结果，计算已停止。",
                f"There was no answer within {self.deadline:g} s; the computation is being stopped.",
            )
            raise DeadlineError(detail) from None
        except EngineError as error:
            raise BusyError(LOST, headers={"Retry-After": "1"}) from error
        if found is None:
            raise LookupError(f"plan {asked.plan} was sent and is not known")
        return found

    async def _asked(self, place: Place, asked: Asked) -> Answered | None:
        key, begun = uuid.uuid4().hex, time.perf_counter()
        self._running.add(key)  # before it can have begun: from now on it can be stopped
        future: Future[Answered | None] = self._engine.submit(answered, asked, key)
        place.lend(future)
        future.add_done_callback(partial(self._ended, key, asked.question.kind, begun))
        waited = asyncio.wrap_future(future)
        waited.add_done_callback(_seen)
        try:
            return await asyncio.shield(waited)
        finally:
            if not future.done():  # nobody waits for it any more
                self._stop(key)

    def _ended(self, key: str, kind: str, begun: float, future: Future[Answered | None]) -> None:
        """On a thread of the engine."""
        self._running.discard(key)
        error = future.exception()
        if not isinstance(error, EngineError):
            self._heard = time.monotonic()
        if error is None and future.result() is None:
            return
        stopped = key in self._given_up or isinstance(error, EngineError)
        self._given_up.discard(key)
        self.ended(kind, "stopped" if stopped else "refused" if error else "answered", time.perf_counter() - begun)

    def _stop(self, key: str) -> None:
        self._given_up.add(key)
        self._engine.kill(key)

    def pulse(self) -> Text | None:
        """What is wrong where no process answers; blocking for a moment, unless one has answered lately."""
        if time.monotonic() - self._heard < FRESH or self.free <= 0:
            return None
        if self._asked_whether_there is None or self._asked_whether_there.done():
            self._asked_whether_there = self._engine.submit(there, None, uuid.uuid4().hex)
        wait([self._asked_whether_there], PULSE)
        if not self._asked_whether_there.done() or self._asked_whether_there.exception() is not None:
            return MUTE
        self._heard = time.monotonic()
        return None

    def warm(self, plan: Plan) -> None:
        """Has every process solve the plan's default scenario: the first question does not wait for what is loaded."""
        asked = Asked(plan.fingerprint, WhatIf.model_validate({}), pickle.dumps(plan))
        for _ in range(self.most):
            self._engine.submit(answered, asked, uuid.uuid4().hex)

    def close(self) -> None:
        """Stops what is under way and waits for it."""
        for key in tuple(self._running):
            self._stop(key)
        until = time.monotonic() + PATIENCE
        while self._running and time.monotonic() < until:
            time.sleep(0.02)
        self._engine.close()


def _seen(future: asyncio.Future[Any]) -> None:
    """An exception is looked at, so that it counts as seen also where nobody waits for it any more."""
    with contextlib.suppress(asyncio.CancelledError):
        future.exception()
