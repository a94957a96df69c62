"""Keys in the database of the service."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import insert, select, update

from api.access.keys import StoredKey, digest, new_key
from api.access.roles import Role
from api.store.database import Database
from api.store.tables import KeyRow


@dataclass(frozen=True)
class ListedKey:
    """A key as it is listed: everything but the key."""

    key: StoredKey
    created_at: datetime
    revoked_at: datetime | None


class Keys:
    """The keys of a database; the tables are brought to this version before the first look."""

    def __init__(self, database: Database) -> None:
        self._database, self._upgrading, self._upgraded = database, threading.Lock(), False

    def active(self) -> Sequence[StoredKey]:
        """Every key that was not revoked."""
        return [listed.key for listed in self.listed() if listed.revoked_at is None]

    def listed(self) -> list[ListedKey]:
        """Every key that ever was, the oldest first."""
        self._upgrade()
        with self._database.read() as connection:
            rows = connection.execute(select(KeyRow.__table__).order_by(KeyRow.created_at, KeyRow.number)).all()
        return [
            ListedKey(StoredKey(row.number, row.name, Role(row.role), row.digest), row.created_at, row.revoked_at)
            for row in rows
        ]

    def add(self, name: str, role: Role) -> tuple[str, StoredKey]:
        """A new key, which nobody can see again, and what is kept of it."""
        self._upgrade()
        key = new_key()
        stored = StoredKey(digest(key)[:12], name, role, digest(key))
        with self._database.write() as connection:
            row = {"number": stored.number, "name": name, "role": str(role), "digest": stored.digest}
            connection.execute(insert(KeyRow).values(**row, created_at=datetime.now(UTC), revoked_at=None))
        return key, stored

    def revoke(self, number: str) -> bool:
        """Whether there was such a key that still held."""
        self._upgrade()
        held = (KeyRow.number == number) & KeyRow.revoked_at.is_(None)
        with self._database.write() as connection:
            return connection.execute(update(KeyRow).where(held).values(revoked_at=datetime.now(UTC))).rowcount == 1

    def _upgrade(self) -> None:
        with self._upgrading:
            if not self._upgraded:
                self._database.upgrade()
                self._upgraded = True
