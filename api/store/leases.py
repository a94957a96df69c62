"""When a lease has run out: a process has seen the same heartbeat for the whole lease, on its own monotonic clock.

No clock of another machine is asked, and none that somebody can set: docs/decisions, leases without wall clocks.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass, field

from sqlalchemy import Connection, select

from api.store.tables import HELD, TaskRow

Beat = tuple[str | None, int, int]  # owner, attempt, heartbeat


@dataclass(frozen=True)
class Sighting:
    """A running task as it was seen."""

    task: int
    beat: Beat
    lease: float


def sightings(connection: Connection) -> list[Sighting]:
    """Every running task."""
    columns = (TaskRow.id, TaskRow.owner, TaskRow.attempt, TaskRow.beat, TaskRow.lease)
    rows = connection.execute(select(*columns).where(HELD))
    return [Sighting(task, (owner, attempt, beat), lease or 0.0) for task, owner, attempt, beat, lease in rows]


@dataclass
class Watch:
    """What one process remembers of the heartbeats that it has seen."""

    _first: dict[int, tuple[Beat, float]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def expired(self, seen: Iterable[Sighting], before: float, after: float) -> dict[int, Beat]:
        """The tasks whose heartbeat has stood still for their lease.

        ``before`` and ``after`` are monotonic times around the look: a heartbeat was first seen at the latest when
        that look ended, and was last seen at the earliest when this one began.
        """
        with self._lock:
            first, self._first = self._first, {}
            stopped = {}
            for one in seen:
                beat, since = first.get(one.task, (one.beat, after))
                if beat != one.beat:
                    since = after
                self._first[one.task] = one.beat, since
                if before - since >= one.lease:
                    stopped[one.task] = one.beat
            return stopped
