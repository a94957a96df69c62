"""The events of a run as a stream that can be resumed: from the ledger, so whichever process carries the run out."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator

from fastapi.sse import ServerSentEvent
from starlette.concurrency import run_in_threadpool

from api.store.errors import StoreUnavailableError
from api.store.ledger import Ledger
from api.store.records import Event
from api.store.vocabulary import FINAL_RUN_STATES, EventKind

POLL = 0.3  # seconds between two looks
MOST = 500  # events of one look
LONGEST = 3600.0  # seconds; a client that still listens asks again, from the event that it has


async def stream(ledger: Ledger, run: str, after: int) -> AsyncIterator[ServerSentEvent]:
    """Every event after that number, as they happen, until the run has ended. Raises UnknownRunError."""
    until = time.monotonic() + LONGEST
    yield ServerSentEvent(retry=1000, comment="events")
    while time.monotonic() < until:
        try:
            ended, found = await run_in_threadpool(_look, ledger, run, after)
        except StoreUnavailableError:
            ended, found = False, []
        for event in found:
            after = event.number
            data = {"at": event.at.isoformat(), **event.data}
            yield ServerSentEvent(data=data, event=str(event.kind), id=str(event.number))
            if event.kind is EventKind.FINISHED:
                return
        if ended and not found:  # the caller had the last event already
            return
        if len(found) < MOST:
            await asyncio.sleep(POLL)


def _look(ledger: Ledger, run: str, after: int) -> tuple[bool, list[Event]]:
    """Whether the run had ended, and then its events: in this order, so that the end of a run is not missed."""
    ended = ledger.run(run).state in FINAL_RUN_STATES
    return ended, list(ledger.events(run, after, MOST))
