"""The tables that migrations make are those of the code, from wherever one starts."""

import contextlib
import sqlite3
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text

from api.store.database import Database
from api.store.errors import StoreVersionError
from api.store.keys import Keys
from api.store.ledger import Ledger
from api.store.migrations import configuration, upgrade
from api.store.vocabulary import RunState
from tests.house.source import ROOT
from tests.store.specimen import batch


def revisions():
    """Oldest first."""
    script = ScriptDirectory(str(ROOT / "api" / "store" / "migrations"))
    return [revision.revision for revision in reversed(list(script.walk_revisions()))]


@pytest.mark.parametrize("earlier", [None, *revisions()])
def test_from_nothing_and_from_every_earlier_revision(new_empty_url, earlier):
    database = Database(new_empty_url)
    if earlier:
        with database.write() as connection:
            upgrade(connection, earlier)
            assert connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one() == earlier
    database.upgrade()
    with database.write() as connection:
        command.check(configuration(connection))  # raises where tables and migrations differ
    Ledger(database).accept(batch(1))
    database.close()


def test_the_check_sees_a_difference(new_url):
    database = Database(new_url("sqlite"))
    with database.write() as connection:
        connection.execute(text("ALTER TABLE run ADD COLUMN spare INTEGER"))
        with pytest.raises(Exception, match="New upgrade operations"):
            command.check(configuration(connection))
    database.close()


def test_constraints_are_those_of_the_tables(new_empty_url):
    """Which the comparison of alembic leaves out."""
    from api.store.tables import Base

    database = Database(new_empty_url)
    database.upgrade()
    found = inspect(database.engine)
    for name, table in Base.metadata.tables.items():
        declared = {str(constraint.name) for constraint in table.constraints if "ck_" in str(constraint.name)}
        assert {constraint["name"] for constraint in found.get_check_constraints(name)} == declared
        keys = {tuple(key["constrained_columns"]): key["options"] for key in found.get_foreign_keys(name)}
        assert keys == {tuple(key.column_keys): {"ondelete": key.ondelete} for key in table.foreign_key_constraints}
    database.close()


def test_twice_is_once(database):
    run = Ledger(database).accept(batch(1))
    database.upgrade()
    assert Ledger(database).run(run.id) == run


def test_a_migration_that_fails_leaves_no_trace(new_empty_url, monkeypatch):
    from alembic.operations import Operations

    plain, made = Operations.create_table, []

    def broken(self, name, *columns, **options):
        made.append(name)
        if len(made) == 4:
            raise RuntimeError
        return plain(self, name, *columns, **options)

    database = Database(new_empty_url)
    monkeypatch.setattr("alembic.op.create_table", lambda *a, **k: broken(Operations, *a, **k), raising=True)
    with pytest.raises(Exception):  # noqa: B017, PT011
        database.upgrade()
    assert inspect(database.engine).get_table_names() == []
    monkeypatch.undo()
    database.upgrade()
    database.close()


def test_a_database_of_a_newer_version_is_refused(new_empty_url):
    database = Database(new_empty_url)
    database.upgrade()
    with database.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreVersionError) as refusal:
        database.upgrade()
    assert "更新版本" in refusal.value.text.zh
    with database.read() as connection:
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one() == "9999"
    database.close()


def test_migrations_travel_in_the_wheel(tmp_path):
    command_ = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", tmp_path]
    subprocess.run(command_, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    folder = ROOT / "api" / "store" / "migrations"
    files = {path.relative_to(ROOT).as_posix() for path in folder.rglob("*") if path.suffix in {".py", ".mako"}}
    assert len(files) > len(revisions())
    assert files <= names


def test_what_an_earlier_version_wrote_is_there_after_the_change(tmp_path):
    """The file is the dump of a database of revision 0001: a batch of two, one answered, one in somebody's hands."""
    path = tmp_path / "old.sqlite3"
    with contextlib.closing(sqlite3.connect(path)) as old:
        old.executescript(Path(__file__).with_name("written_by_revision_0001.sql").read_text(encoding="utf-8"))
    database = Database(f"sqlite:///{path}")
    database.upgrade()
    ledger = Ledger(database)
    (run,) = ledger.runs().items
    assert (run.plan, run.state, run.counts.succeeded) == ("tiny", RunState.RUNNING, 1)
    assert ledger.result(run.id, 0).document.json() == {"value": 7}
    assert [event.kind for event in ledger.events(run.id)] == ["accepted", "started", "tasks"]
    ledger.cancel(run.id)
    assert Keys(database).active() == []
    database.close()
