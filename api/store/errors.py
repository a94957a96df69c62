"""What can go wrong in the store, in Chinese and English. None of these texts repeats a password or a statement."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from optimizer.words.language import Text


class StoreError(Exception):
    """The store could not do what was asked; nothing of it was written."""

    def __init__(self, text: Text) -> None:
        self.text = text
        super().__init__(text.en)

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        return type(self), (self.text,)


class UnusableUrlError(StoreError):
    """The address of the database is not one that the service can use."""


class StoreVersionError(StoreError):
    """The tables in the database are not those of this version of the service."""


class StoreUnavailableError(StoreError):
    """The database does not answer, or was lost on the way; the same can be asked again."""


class StoreBusyError(StoreUnavailableError):
    """Others hold the database for too long."""


class StoreFullError(StoreError):
    """No room is left on the disk of the database."""


class IdempotencyConflictError(StoreError):
    """The key was used before, with another body."""


class QueueFullError(StoreError):
    """As many tasks wait as may wait."""


class UnknownRunError(StoreError, LookupError):
    """There is no such run, or no longer."""


class IllegalMoveError(StoreError):
    """A state that cannot follow the present one."""


FULL = Text("数据库所在磁盘已满，未写入任何内容。", "The disk of the database is full; nothing was written.")
BUSY = Text("数据库正忙，请稍后再试。", "The database is busy; try again shortly.")
GONE = Text("数据库暂时不可用，请稍后再试。", "The database cannot be reached at present; try again shortly.")
READ_ONLY = Text("数据库不可写入：请检查文件权限。", "The database cannot be written: check the rights on its files.")
BROKEN = Text(
    "数据库文件已损坏或不是数据库：请从备份恢复。",
    "The file is damaged or is no database: restore it from a backup.",
)
_SQLITE: dict[str, tuple[type[StoreError], Text]] = {
    "SQLITE_FULL": (StoreFullError, FULL),
    "SQLITE_BUSY": (StoreBusyError, BUSY),
    "SQLITE_LOCKED": (StoreBusyError, BUSY),
    "SQLITE_IOERR": (StoreUnavailableError, GONE),
    "SQLITE_CANTOPEN": (StoreUnavailableError, GONE),
    "SQLITE_READONLY": (StoreError, READ_ONLY),
    "SQLITE_PERM": (StoreError, READ_ONLY),
    "SQLITE_CORRUPT": (StoreError, BROKEN),
    "SQLITE_NOTADB": (StoreError, BROKEN),
}
# Classes and codes of PostgreSQL's table of error codes (its documentation, appendix A).
_POSTGRESQL: dict[str, tuple[type[StoreError], Text]] = {
    "53100": (StoreFullError, FULL),
    "53": (StoreBusyError, BUSY),  # insufficient resources
    "55P03": (StoreBusyError, BUSY),  # lock not available
    "40": (StoreBusyError, BUSY),  # rolled back: serialization, deadlock
    "57": (StoreUnavailableError, GONE),  # operator intervention: shutdown, cancel
    "58": (StoreUnavailableError, GONE),  # system error
    "08": (StoreUnavailableError, GONE),  # connection
    "25006": (StoreError, READ_ONLY),
}


def store_error(error: DBAPIError | PoolTimeoutError) -> StoreError | None:
    """The error in plain words; None where it is a fault of ours that must be seen as it is."""
    if isinstance(error, PoolTimeoutError):
        return StoreBusyError(BUSY)
    sqlite = getattr(error.orig, "sqlite_errorname", None)
    if sqlite:
        # Extended codes have their cause at the end: SQLITE_IOERR_WRITE, SQLITE_BUSY_SNAPSHOT.
        found = next((kind for name, kind in _SQLITE.items() if sqlite.startswith(name)), None)
    else:
        state = getattr(error.orig, "sqlstate", None)
        found = _POSTGRESQL.get(state, _POSTGRESQL.get(state[:2])) if state else None
        if found is None and (error.connection_invalidated or _no_connection(error)):
            found = StoreUnavailableError, GONE
    return found[0](found[1]) if found else None


def _no_connection(error: DBAPIError) -> bool:
    """psycopg says by an OperationalError without a code that it has no connection."""
    return type(error.orig).__name__ in {"OperationalError", "ConnectionTimeout"} and not getattr(
        error.orig, "sqlstate", None
    )
