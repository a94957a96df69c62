"""Dask goes by the monotonic clock. Its messages wait, for milliseconds, until a time of day, and so do the heartbeats
of tornado's loop: where somebody sets the clock back by a day in that moment, they wait for that day.

Imported by the service, and by scheduler, workers and nannies as a preload.
"""

from __future__ import annotations

import time

import distributed.batched
from tornado.ioloop import IOLoop


def _now(_loop: IOLoop) -> float:
    return time.monotonic()


# There is no setting for either any more. Both compare and add only what they have read here themselves.
IOLoop.time = _now  # type: ignore[assignment,method-assign]  # not meant to be set
distributed.batched.time = time.monotonic  # type: ignore[attr-defined]  # what it has imported
