"""The two clocks of the store: the wall clock dates what is shown, the monotonic clock decides about leases."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Clock:
    """``now`` jumps when somebody sets the machine's clock; ``monotonic`` (seconds) never runs backwards."""

    now: Callable[[], datetime] = _utc_now
    monotonic: Callable[[], float] = time.monotonic
