"""The events of a run as a stream that can be resumed: from the ledger, so whichever process carries the run out."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator

from fastapi.sse import ServerSentEvent
from starlette.concurrency import run_in_threadpool

from api.store.errors import StoreUnavailableError
from api.store.ledger import Ledger
from api.store.vocabulary import EventKind

POLL = 0.3  # seconds between two looks
MOST = 500  # events of one look
LONGEST = 3600.0  # seconds; a client that still listens asks again, from the event that it has


async def stream(ledger: Ledger, run: str, after: int) -> AsyncIterator[ServerSentEvent]:
    """Every event after that number, as they happen, until the run has ended. Raises UnknownRunError."""
    until = time.monotonic() + LONGEST
    yield ServerSentEvent(retry=1000, comment="events")
    while time.monotonic() < until:
        try:
            found = await run_in_threadpool(ledger.events, run, after, MOST)
        except StoreUnavailableError:
            found = []
        for event in found:
            after = event.number
            data = {"at": event.at.isoformat(), **event.data}
            yield ServerSentEvent(data=data, event=str(event.kind), id=str(event.number))
            if event.kind is EventKind.FINISHED:
                return
        if len(found) < MOST:
            await asyncio.sleep(POLL)
