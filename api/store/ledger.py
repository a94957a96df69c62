"""The ledger: the truth about runs, tasks and results. Every method is one transaction, durable when it returns."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from api.store import accepting, holding, reading
from api.store.clock import Clock
from api.store.database import Database
from api.store.leases import Watch, sightings
from api.store.reading import RunFilter
from api.store.records import Backlog, Claim, Event, Idempotency, NewRun, Outcome, Page, Result, Run, Task
from api.store.tables import RunRow
from api.store.vocabulary import FINAL_RUN_STATES, Priority, TaskState

LEASE_LOST: Mapping[str, Any] = {
    "code": "worker_lost",
    "zh": "处理此任务的进程三次中断，未再重试。",
    "en": "The process that worked on this task was lost three times; it was not tried again.",
}
_PURGED_TOGETHER = 20


class Ledger:
    """Safe to use from many threads, and from many processes over one database.

    Every method raises StoreError where the database cannot do it; then nothing was written, except that the answer to
    a commit can be lost on the way (StoreUnavailableError): the same call again is harmless.
    """

    def __init__(self, database: Database, clock: Clock | None = None, most_queued: int | None = None) -> None:
        self.database = database
        self.clock = clock or Clock()
        self.most_queued = most_queued
        self._watch = Watch()

    def accept(self, new: NewRun, idempotency: Idempotency | None = None) -> Run:
        """A new run; or the one that this key was used for before, ``replayed``.

        Raises IdempotencyConflictError, QueueFullError, ValueError (no task, payload that is no JSON).
        """
        if not new.payloads:
            raise ValueError("a run has at least one task")
        try:
            return self._accept(new, idempotency)
        except IntegrityError:  # another process has accepted the same key a moment ago
            if idempotency is None:
                raise
            return self._accept(new, idempotency)

    def _accept(self, new: NewRun, idempotency: Idempotency | None) -> Run:
        with self.database.write() as connection:
            found = accepting.replayed(connection, idempotency) if idempotency else None
            if found:
                return replace(reading.run(connection, found), replayed=True)
            accepting.check_room(connection, len(new.payloads), self.most_queued)
            return reading.run(connection, accepting.insert_run(connection, self.clock, new, idempotency))

    def claim(self, owner: str, most: int, lease: float, only: Priority | None = None) -> list[Claim]:
        """Up to ``most`` waiting tasks for ``owner``, who must renew them within ``lease`` seconds."""
        with self.database.write() as connection:
            return holding.claim(connection, self.clock, owner, most, lease, only)

    def renew(self, owner: str, claims: Sequence[Claim], lease: float) -> list[Claim]:
        """The claims that are still the owner's, with new deadlines; lost ones are missing.

        Where ``cancelled`` is set the run is to be cancelled: stop the work and finish with what there is.
        """
        own = [claim for claim in claims if claim.owner == owner]
        with self.database.write() as connection:
            return holding.renew(connection, self.clock, own, lease)

    def finish(self, claim: Claim, outcome: Outcome) -> bool:
        """Writes state and result together. False: too late, the task is another's or ended; nothing was written."""
        return self.finish_many([(claim, outcome)])[0]

    def finish_many(self, outcomes: Sequence[tuple[Claim, Outcome]]) -> list[bool]:
        """As ``finish`` for each, in one transaction."""
        with self.database.write() as connection:
            return holding.finish(connection, self.clock, outcomes)

    def give_back(self, claims: Sequence[Claim], cause: Mapping[str, Any] | None = None) -> None:
        """The tasks wait again; claims that came too late are passed over.

        Without a cause (graceful shutdown) it does not count. With one (``{"code", "zh", "en"}``: the worker died) it
        counts, and the third time the task fails with that cause as its problem.
        """
        with self.database.write() as connection:
            tasks = list(holding.held(connection, claims).values())
            holding.release(connection, self.clock, tasks, cause)

    def expire(self) -> list[int]:
        """Takes tasks from claimants whose heartbeat has stood still for their lease; the tasks that were taken.

        They wait again, after the third time they fail. To be called every few seconds: what was never seen before
        has its whole lease from now on.
        """
        before = self.clock.monotonic()
        with self.database.read() as connection:
            seen = sightings(connection)
        stopped = self._watch.expired(seen, before, self.clock.monotonic())
        if not stopped:
            return []
        with self.database.write() as connection:
            locked = holding.lock(connection, list(stopped))
            tasks = [task for task in locked if (task.owner, task.attempt, task.beat) == stopped[task.id]]
            holding.release(connection, self.clock, tasks, LEASE_LOST)
        return [task.id for task in tasks]

    def look_anew(self) -> None:
        """After the database was away: nobody could renew meanwhile, so every claimant has its whole lease again."""
        self._watch = Watch()

    def cancel(self, run_id: str) -> Run:
        """Waiting tasks are cancelled at once, running ones when their claimants hear of it. Again: no difference.

        A task that ends before it hears of it keeps its result. Raises UnknownRunError.
        """
        with self.database.write() as connection:
            holding.cancel(connection, self.clock, reading.run_number(connection, run_id))
            return reading.run(connection, run_id)

    def cancelling(self, runs: Collection[str]) -> frozenset[str]:
        """Those of the runs that are to be cancelled."""
        with self.database.read() as connection:
            return reading.cancelling(connection, runs)

    def progress(self, claim: Claim, fraction: float | None, note: Any = None) -> bool:
        """What a task reports while it runs, ``note`` any JSON. False: it came too late."""
        with self.database.write() as connection:
            return holding.progress(connection, self.clock, claim, fraction, note)

    def run(self, run_id: str) -> Run:
        """Raises UnknownRunError, as do all that follow."""
        with self.database.read() as connection:
            return reading.run(connection, run_id)

    def runs(self, cursor: int | None = None, filters: RunFilter | None = None, most: int = 50) -> Page[Run]:
        """The newest first, from the cursor of the page before."""
        with self.database.read() as connection:
            return reading.runs(connection, cursor, most, filters or RunFilter())

    def tasks(
        self, run_id: str, cursor: int | None = None, most: int = 50, states: Collection[TaskState] = ()
    ) -> Page[Task]:
        """The tasks of a run in order."""
        with self.database.read() as connection:
            return reading.tasks(connection, run_id, cursor, most, states)

    def result(self, run_id: str, position: int = 0) -> Result | None:
        """The document of one task; None while there is none."""
        with self.database.read() as connection:
            items = reading.results(connection, run_id, position - 1, 1).items
        return items[0] if items and items[0].position == position else None

    def results(self, run_id: str, cursor: int | None = None, most: int = 200) -> Page[Result]:
        """The documents of a run in the order of its tasks."""
        with self.database.read() as connection:
            return reading.results(connection, run_id, cursor, most)

    def all_results(self, run_id: str) -> Iterator[Result]:
        """Every document of a run, fetched page by page."""
        cursor: int | None = None
        while True:
            page = self.results(run_id, cursor)
            yield from page.items
            if page.next is None:
                return
            cursor = page.next

    def events(self, run_id: str, after: int = 0, most: int = 500) -> list[Event]:
        """What happened after the event of that number."""
        with self.database.read() as connection:
            return reading.events(connection, run_id, after, most)

    def backlog(self) -> Backlog:
        """What waits and what is held."""
        with self.database.read() as connection:
            return reading.backlog(connection)

    def purge(self, retention: timedelta) -> int:
        """Forgets runs that ended longer ago, with all that belongs to them; how many."""
        before = self.clock.now() - retention
        old = (RunRow.state.in_(list(FINAL_RUN_STATES)), RunRow.finished_at < before)
        purged = 0
        while True:
            with self.database.write() as connection:
                query = select(RunRow.number).where(*old).order_by(RunRow.number).limit(_PURGED_TOGETHER)
                numbers = list(connection.execute(query).scalars())
                connection.execute(delete(RunRow).where(RunRow.number.in_(numbers)))
            purged += len(numbers)
            if len(numbers) < _PURGED_TOGETHER:
                return purged
