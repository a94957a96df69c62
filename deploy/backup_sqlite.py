"""A copy of the service's SQLite database while the service runs: ``python backup_sqlite.py DATABASE FOLDER [KEEP]``.

The copy is one moment of the database, checked and on disk before it gets its name. The KEEP newest are kept (14).
"""

import os
import sqlite3
import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path


def back_up(database: Path, folder: Path, keep: int = 14) -> Path:
    """The copy. Raises sqlite3.Error where the database cannot be read or the copy is not sound, and leaves none."""
    name = f"{database.stem}-{datetime.now(UTC):%Y%m%dT%H%M%S%fZ}.sqlite3"
    unfinished, copy = folder / f".{name}", folder / name
    try:
        _copy(database, unfinished)
        unfinished.rename(copy)
    finally:
        unfinished.unlink(missing_ok=True)
    for old in sorted(folder.glob(f"{database.stem}-*.sqlite3"))[:-keep]:
        old.unlink()
    return copy


def _copy(database: Path, target: Path) -> None:
    target.touch(mode=0o600)
    with closing(sqlite3.connect(f"{database.resolve().as_uri()}?mode=ro", uri=True, timeout=60)) as source:
        source.execute("VACUUM INTO ?", [str(target)])
    with closing(sqlite3.connect(target)) as copied:
        found = [row[0] for row in copied.execute("PRAGMA integrity_check")]
        found += [f"foreign key of {row[0]}" for row in copied.execute("PRAGMA foreign_key_check")]
    if found != ["ok"]:
        raise sqlite3.DatabaseError("; ".join(found[:5]))
    with target.open("rb") as written:
        os.fsync(written.fileno())


if __name__ == "__main__":
    if len(sys.argv) not in (3, 4):
        sys.exit(__doc__)
    sys.stdout.write(f"{back_up(Path(sys.argv[1]), Path(sys.argv[2]), *map(int, sys.argv[3:]))}\n")
