"""Migrations of the store: from any earlier version of its tables to this one."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Connection, text

from api.store.errors import StoreVersionError
from optimizer.words.language import Text

_LOCK = 4_205_106_010_775_321_601  # any number, the same for all services of one database
NEWER = Text(
    "数据库由更新版本的服务建立：请升级本服务，或改用另一个数据库。",
    "The database was made by a newer version of the service: install that version, or use another database.",
)


def configuration(connection: Connection) -> Config:
    """What alembic needs to know; its commands then work on this connection."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def upgrade(connection: Connection, revision: str = "head") -> None:
    """Brings the tables to a revision, in the transaction of a writer. Raises StoreVersionError."""
    if connection.dialect.name == "postgresql":  # SQLite has only one writer anyhow
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    try:
        command.upgrade(configuration(connection), revision)
    except CommandError as error:
        raise StoreVersionError(NEWER) from error
