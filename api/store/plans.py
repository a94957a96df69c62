"""Versions of plans in the database: a shelf that lasts, and that all services of one database share."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete, insert, select, text, update

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
        own = (PlanRow.name == plan, PlanRow.fingerprint == fingerprint)
        newest = select(PlanRow.fingerprint, PlanRow.stored_at, PlanRow.retired_at).where(PlanRow.name == plan)
        with self.database.write() as connection:
            if connection.dialect.name == "postgresql":  # numbers in the order of the commits, as on SQLite
                connection.execute(text("LOCK TABLE plan IN SHARE ROW EXCLUSIVE MODE"))
            last = connection.execute(newest.order_by(PlanRow.number.desc()).limit(1)).one_or_none()
            if last is not None and last.fingerprint == fingerprint and last.retired_at is None:
                return Version(plan, fingerprint, last.stored_at)
            stored = self.clock.now()
            connection.execute(delete(PlanRow).where(*own))
            values = {"name": plan, "fingerprint": fingerprint, "stored_at": stored, "stored_by": by}
            connection.execute(insert(PlanRow).values(**values, body=content))
        return Version(plan, fingerprint, stored)

    def retire(self, plan: str, fingerprint: str) -> None:
        """It keeps its place and its content, for runs that were asked of it."""
        own = (PlanRow.name == plan, PlanRow.fingerprint == fingerprint, PlanRow.retired_at.is_(None))
        with self.database.write() as connection:
            connection.execute(update(PlanRow).where(*own).values(retired_at=self.clock.now()))
