"""Answers that were given, kept by the fingerprints of what they answer; the least recently used ones give way."""

from __future__ import annotations

import threading
from collections.abc import Iterable

from sqlalchemy import Connection, delete, func, insert, select, text, update

from api.store.database import Database
from api.store.records import Document
from api.store.tables import AnswerRow

MOST_BYTES = 256 * 2**20
_MOST_TOUCHED = 10_000


class Answers:
    """A bounded memory of answers. Losing one only means that it is computed again."""

    def __init__(self, database: Database, most_bytes: int = MOST_BYTES) -> None:
        """``most_bytes``: of all documents together, as they are stored."""
        self.database = database
        self.most_bytes = most_bytes
        # Reading would be writing if each use were written at once: uses are remembered until the next answer comes.
        self._touched: dict[str, None] = {}
        self._lock = threading.Lock()

    def get(self, etag: str) -> Document | None:
        query = select(AnswerRow.body, AnswerRow.media_type, AnswerRow.etag, AnswerRow.sha256, AnswerRow.size)
        with self.database.read() as connection:
            row = connection.execute(query.where(AnswerRow.etag == etag)).one_or_none()
        if row is None:
            return None
        with self._lock:
            self._touched.pop(etag, None)
            if len(self._touched) < _MOST_TOUCHED:
                self._touched[etag] = None
        return Document(*row)

    def put(self, document: Document) -> None:
        """Keeps it under its ETag, unless it is there already or larger than the whole memory."""
        if len(document.packed) > self.most_bytes:
            return
        with self._lock:
            touched, self._touched = self._touched, {}
        with self.database.write() as connection:
            if connection.dialect.name == "postgresql":  # one after the other, as on SQLite; readers are not disturbed
                connection.execute(text("LOCK TABLE answer IN SHARE ROW EXCLUSIVE MODE"))
            last = self._touch(connection, touched)
            if connection.execute(select(AnswerRow.etag).where(AnswerRow.etag == document.etag)).first() is None:
                connection.execute(insert(AnswerRow).values(_values(document, last + 1)))
            self._make_room(connection)

    def clear(self) -> int:
        """Forgets every answer; how many."""
        with self.database.write() as connection:
            return int(connection.execute(delete(AnswerRow)).rowcount)

    def _touch(self, connection: Connection, etags: Iterable[str]) -> int:
        """Writes down in which order answers were used; the last number that was given."""
        last: int = connection.execute(select(func.coalesce(func.max(AnswerRow.used), 0))).scalar_one()
        for etag in etags:
            last += 1
            connection.execute(update(AnswerRow).where(AnswerRow.etag == etag).values(used=last))
        return last

    def _make_room(self, connection: Connection) -> None:
        excess = connection.execute(select(func.coalesce(func.sum(AnswerRow.stored), 0))).scalar_one() - self.most_bytes
        if excess <= 0:
            return
        leaving = []
        for etag, stored in connection.execute(select(AnswerRow.etag, AnswerRow.stored).order_by(AnswerRow.used)):
            if excess <= 0:
                break
            leaving.append(etag)
            excess -= stored
        connection.execute(delete(AnswerRow).where(AnswerRow.etag.in_(leaving)))


def _values(document: Document, used: int) -> dict[str, object]:
    return {
        "etag": document.etag,
        "media_type": document.media_type,
        "sha256": document.sha256,
        "size": document.size,
        "stored": len(document.packed),
        "used": used,
        "body": document.packed,
    }
