"""One database by its URL: SQLite for one machine, PostgreSQL for several. Transactions, limits and migrations."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, StatementError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from api.store.errors import BUSY, StoreBusyError, UnusableUrlError, store_error
from optimizer.words.language import Text

PATIENCE = 30.0  # seconds to wait for a lock, for a connection of the pool
POOL = {"pool_size": 8, "max_overflow": 8, "pool_timeout": PATIENCE}
_POSTGRESQL = {"postgresql", "postgres", "postgresql+psycopg"}
_WRITER = "planopt_writer"


class Database:
    """Where the store lives. ``read`` and ``write`` open transactions; both raise StoreError in plain words."""

    def __init__(self, url: str, patience: float = PATIENCE) -> None:
        """Raises UnusableUrlError. Nothing is opened before the first transaction."""
        self.url = checked_url(url)
        self.on_sqlite = self.url.get_backend_name() == "sqlite"
        self.engine = _sqlite(self.url, patience) if self.on_sqlite else _postgresql(self.url, patience)
        self._writer = self.engine.execution_options(**{_WRITER: True})
        # SQLite has one writer at a time and makes others poll; threads of one process take turns instead.
        self._turn = threading.Lock() if self.on_sqlite else None

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction that is committed at the end, durably, or leaves no trace."""
        with _plain_words(), _taking(self._turn), self._writer.begin() as connection:
            yield connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction that only looks."""
        with _plain_words(), self.engine.begin() as connection:
            yield connection

    def upgrade(self) -> None:
        """Brings the tables to this version; several services may do so at once.

        Raises StoreVersionError where the tables are newer than this version.
        """
        from api.store.migrations import upgrade  # noqa: PLC0415  (alembic takes longer to import than all the rest)

        with self.write() as connection:
            upgrade(connection)

    def close(self) -> None:
        self.engine.dispose()

    def __repr__(self) -> str:
        return f"Database({self.url.render_as_string(hide_password=True)!r})"


def checked_url(text: str) -> URL:
    """The URL with its driver. Raises UnusableUrlError, which never repeats a password."""
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        raise UnusableUrlError(_unusable(Text("无法读取", "it cannot be read"))) from None
    if url.drivername in _POSTGRESQL:
        if not url.database:
            raise UnusableUrlError(_unusable(Text("没有写明数据库名", "it names no database")))
        return url.set(drivername="postgresql+psycopg")
    if url.drivername != "sqlite":
        scheme = url.drivername[:40]
        raise UnusableUrlError(_unusable(Text(f"不支持“{scheme}”", f"{scheme!r} is not supported")))
    return _checked_file(url)


def _checked_file(url: URL) -> URL:
    if not url.database or url.database == ":memory:" or url.query:
        raise UnusableUrlError(
            _unusable(Text("SQLite 只接受文件路径", "SQLite takes the path of a file here and nothing else"))
        )
    folder = Path(url.database).parent
    if not folder.is_dir():
        raise UnusableUrlError(_unusable(Text(f"文件夹 {folder} 不存在", f"the folder {folder} does not exist")))
    return url


def _unusable(reason: Text) -> Text:
    return Text(
        f"数据库地址不可用：{reason.zh}。可用 sqlite:///文件路径 或 postgresql://主机/数据库（用户名与密码写在主机之前）。",
        f"The URL of the database cannot be used: {reason.en}."
        " Use sqlite:///path/of/file or postgresql://host/database, with user and password before the host.",
    )


@contextmanager
def _taking(turn: threading.Lock | None) -> Iterator[None]:
    if turn is None:
        yield
        return
    if not turn.acquire(timeout=PATIENCE):
        raise StoreBusyError(BUSY)
    try:
        yield
    finally:
        turn.release()


@contextmanager
def _plain_words() -> Iterator[None]:
    try:
        yield
    except (DBAPIError, PoolTimeoutError) as error:
        known = store_error(error)
        if known is None:
            raise
        raise known from error
    except StatementError as error:  # a value that is no JSON
        raise (error.orig if isinstance(error.orig, ValueError) else error) from None


def _sqlite(url: URL, patience: float) -> Engine:
    engine = create_engine(url, connect_args={"timeout": patience}, **POOL)

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # the driver opens no transactions of its own; `begin` below does
        _keep_a_log(connection, patience)
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA foreign_keys=ON")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # A writer that first reads and then finds another one ahead could only be refused: it takes its turn at once.
        writer = connection.get_execution_options().get(_WRITER, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writer else "BEGIN")

    return engine


def _keep_a_log(connection: Any, patience: float) -> None:
    """Write-ahead log, kept by the file from then on. SQLite does not wait for others here, so this does."""
    until = time.monotonic() + patience
    while connection.execute("PRAGMA journal_mode").fetchone() != ("wal",):
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except connection.OperationalError:
            if time.monotonic() > until:
                raise
            time.sleep(0.01)


def _postgresql(url: URL, patience: float) -> Engine:
    wait = int(patience * 1000)
    # Whatever the server is set to: a commit is on disk when it is acknowledged, and nobody waits for ever.
    options = f"-c synchronous_commit=on -c lock_timeout={wait} -c idle_in_transaction_session_timeout=60000"
    given = url.query.get("options")
    arguments = {
        "connect_timeout": 10,
        "application_name": "planopt",
        "options": f"{given} {options}" if given else options,
    }
    return create_engine(url, pool_pre_ping=True, pool_recycle=1800, connect_args=arguments, **POOL)
