"""What runs need besides HTTP: the database with ledger, answers and plans, and whoever carries the runs out."""

from __future__ import annotations

import os
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from api.engines.engine import Engine
from api.engines.local import LocalEngine
from api.plans.library import Library
from api.runs.dispatcher import Dispatcher
from api.runs.pace import Pace
from api.runs.work import content_of
from api.settings import Settings
from api.store.answers import Answers
from api.store.database import Database
from api.store.ledger import Ledger
from api.store.plans import StoredShelf
from api.store.records import Idempotency, NewRun, Run


class Carrier(Protocol):
    """Claims tasks of the ledger and sees to it that they end; ``solved`` is told of each that was worked on."""

    solved: Callable[[str, str, float], None]

    def start(self) -> None: ...

    def wake(self) -> None:
        """There is something new: to claim, or to cancel."""

    def close(self) -> None:
        """Gives back what is under way, and leaves no process behind."""


Hire = Callable[[Ledger, Library, Settings], Carrier]


class Works:
    """The durable side of a service. With ``database`` it lasts; without, as long as the process.

    ``hire`` makes the carrier; None: nobody carries runs out here, as where another process of the same database does.
    """

    def __init__(self, settings: Settings, database: Database | None = None, hire: Hire | None = None) -> None:
        """Brings the tables of the database to this version. Raises StoreError."""
        self._settings, self._hire = settings, hire
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self.lasts = database is not None
        self.database = database or self._passing()
        self.database.upgrade()
        self.ledger = Ledger(self.database, most_queued=settings.max_queued)
        self.answers = Answers(self.database)
        self.shelf = StoredShelf(self.database)
        self._library: Library | None = None
        self._carrier: Carrier | None = None
        self._starting = threading.Lock()
        self.solved: Callable[[str, str, float], None] = lambda *_: None

    def _passing(self) -> Database:
        self._folder = tempfile.TemporaryDirectory(prefix="planopt-")
        return Database(f"sqlite:///{Path(self._folder.name).as_posix()}/runs.sqlite3")

    @property
    def carrier(self) -> Carrier | None:
        """Who carries runs out, once there was one to carry; readiness looks at it."""
        return self._carrier

    def start(self, library: Library) -> None:
        """A database that lasts may hold runs from before, so they go on at once; else with the first run."""
        self._library = library
        if self.lasts:
            self._wake()

    def accept(self, new: NewRun, idempotency: Idempotency | None) -> Run:
        """As ``Ledger.accept``."""
        run = self.ledger.accept(new, idempotency)
        self._wake()
        return run

    def cancel(self, run: str) -> Run:
        """As ``Ledger.cancel``."""
        found = self.ledger.cancel(run)
        self._wake()
        return found

    def _wake(self) -> None:
        with self._starting:
            if self._carrier is None and self._hire is not None and self._library is not None:
                self._carrier = self._hire(self.ledger, self._library, self._settings)
                self._carrier.solved = self.solved
                self._carrier.start()
        if self._carrier is not None:
            self._carrier.wake()

    def close(self) -> None:
        with self._starting:
            if self._carrier is not None:
                self._carrier.close()
            self.database.close()
            if self._folder is not None:
                self._folder.cleanup()


def hire(ledger: Ledger, library: Library, settings: Settings) -> Carrier:
    """The dispatcher, with the engine of the settings."""
    pace = Pace(retention=float(settings.retention))
    keep = Answers(ledger.database).put
    return Dispatcher(ledger, _engine(settings), lambda plan: content_of(library.by_fingerprint(plan)), pace, keep=keep)


def _engine(settings: Settings) -> Engine:
    if settings.engine == "local":
        # One more, for single questions: batches have what the setting says.
        memory = None if settings.worker_memory is None else settings.worker_memory * 2**20
        return LocalEngine((settings.workers or os.cpu_count() or 1) + 1, spare=1, memory=memory, behind=True)
    from api.engines.dask import DaskEngine  # noqa: PLC0415 - takes long to import, and few need it

    return DaskEngine(settings.dask_scheduler or "")
