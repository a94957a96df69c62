"""Versions of plans in the database: a shelf that lasts, and that all services of one database share."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from sqlalchemy import Connection, delete, insert, select, text, update

from api.plans.shelf import Version
from api.store.clock import Clock
from api.store.database import Database
from api.store.tables import PlanRow


class StoredShelf:
    """What `api.plans.shelf.Shelf` asks for. A version is never changed; it can be retired, and brought back."""

    def __init__(self, database: Database, clock: Clock | None = None) -> None:
        self.database = database
        self.clock = clock or Clock()

    def versions(self) -> Sequence[Version]:
        """Every version, oldest first, retired ones included."""
        columns = (PlanRow.name, PlanRow.fingerprint, PlanRow.stored_at, PlanRow.retired_at)
        with self.database.read() as connection:
            rows = connection.execute(select(*columns).order_by(PlanRow.number)).all()
        return [Version(name, fingerprint, stored, retired=retired is not None)
                for name, fingerprint, stored, retired in rows]  # fmt: skip

    def content(self, fingerprint: str) -> bytes | None:
        """The bytes of a version, retired or not."""
        with self.database.read() as connection:
            query = select(PlanRow.body).where(PlanRow.fingerprint == fingerprint).limit(1)
            return connection.execute(query).scalar_one_or_none()

    def add(self, plan: str, fingerprint: str, content: bytes, by: str = "") -> Version:
        """The version as the newest one of its plan; content that is there, retired or not, is moved to the end."""
        with self._in_turn() as connection:
            return self._add(connection, _last(connection, plan), Version(plan, fingerprint), content, by)

    def add_after(self, last: str | None, plan: str, fingerprint: str, content: bytes) -> Version | None:
        """As ``add``, where the plan's version stored last is still ``last`` (None: there is none); else nothing.

        So that no service undoes what another has just changed.
        """
        with self._in_turn() as connection:
            found = _last(connection, plan)
            if last != (found and found.fingerprint):
                return None
            return self._add(connection, found, Version(plan, fingerprint), content, "")

    @contextmanager
    def _in_turn(self) -> Iterator[Connection]:
        with self.database.write() as connection:
            if connection.dialect.name == "postgresql":  # numbers in the order of the commits, as on SQLite
                connection.execute(text("LOCK TABLE plan IN SHARE ROW EXCLUSIVE MODE"))
            yield connection

    def _add(self, connection: Connection, last: Version | None, new: Version, content: bytes, by: str) -> Version:
        if last is not None and last.fingerprint == new.fingerprint and not last.retired:
            return last
        stored = self.clock.now()
        own = (PlanRow.name == new.plan, PlanRow.fingerprint == new.fingerprint)
        connection.execute(delete(PlanRow).where(*own))
        values = {"name": new.plan, "fingerprint": new.fingerprint, "stored_at": stored, "stored_by": by}
        connection.execute(insert(PlanRow).values(**values, body=content))
        return replace(new, stored=stored)

    def retire(self, plan: str, fingerprint: str) -> None:
        """It keeps its place and its content, for runs that were asked of it."""
        own = (PlanRow.name == plan, PlanRow.fingerprint == fingerprint, PlanRow.retired_at.is_(None))
        with self.database.write() as connection:
            connection.execute(update(PlanRow).where(*own).values(retired_at=self.clock.now()))


def _last(connection: Connection, plan: str) -> Version | None:
    """The plan's version that was stored last, retired or not."""
    query = select(PlanRow.fingerprint, PlanRow.stored_at, PlanRow.retired_at).where(PlanRow.name == plan)
    row = connection.execute(query.order_by(PlanRow.number.desc()).limit(1)).one_or_none()
    return None if row is None else Version(plan, row[0], row[1], retired=row[2] is not None)
