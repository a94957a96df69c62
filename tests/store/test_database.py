"""Opening databases: which URLs, with which promises, and what is said when something is wrong."""

import sqlite3
import stat
import threading
import time

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from api.store import errors
from api.store.database import Database
from api.store.ledger import Ledger
from api.store.records import Idempotency
from tests.store.specimen import answered, batch

ANN = "ann:secret" + "@"
AN_ANSWER = "INSERT INTO answer VALUES ('e', 'm', 's', 1, 1, 1, 'b')"


def value(database, statement):
    with database.read() as connection:
        return connection.execute(text(statement)).scalar_one()


# -------------------------------------------------------------------------------------------------------- URLs


@pytest.mark.parametrize(
    ("url", "part"),
    [
        ("", "cannot be read"),
        ("planopt.db", "cannot be read"),
        (f"mysql://{ANN}h/d", "'mysql' is not supported"),
        ("sqlite+aiosqlite:///x.db", "is not supported"),
        (f"postgresql+asyncpg://{ANN}h/d", "is not supported"),
        ("sqlite://", "path of a file"),
        ("sqlite:///:memory:", "path of a file"),
        ("sqlite:///x.db?mode=ro", "path of a file"),
        ("sqlite:////no/such/folder/x.db", "/no/such/folder does not exist"),
        (f"postgresql://{ANN}h", "names no database"),
        (f"postgresql://{ANN}h:port/d", "cannot be read"),
    ],
)
def test_a_url_that_cannot_be_used_is_refused_in_both_languages(url, part):
    with pytest.raises(errors.UnusableUrlError) as refusal:
        Database(url)
    text_ = refusal.value.text
    assert part in text_.en
    assert "数据库地址不可用" in text_.zh
    assert "secret" not in text_.en + text_.zh + str(refusal.value)


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_a_password_is_never_shown(scheme):
    database = Database(f"{scheme}://{ANN}host/db")
    assert database.url.drivername == "postgresql+psycopg"
    assert "secret" not in repr(database)


# ------------------------------------------------------------------------------------------------------ promises


def test_sqlite_keeps_its_promises_on_every_connection(new_url):
    database = Database(new_url("sqlite"))
    with database.read() as first, database.read() as second:
        for connection in (first, second):
            settings = {name: connection.execute(text(f"PRAGMA {name}")).scalar_one()
                        for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")}  # fmt: skip
            assert settings == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 30_000}
    database.close()


def test_postgresql_keeps_its_promises(new_url):
    database = Database(new_url("postgresql"))
    assert value(database, "SHOW synchronous_commit") == "on"
    assert value(database, "SHOW lock_timeout") == "30s"
    assert value(database, "SHOW idle_in_transaction_session_timeout") == "1min"
    database.close()


def test_options_in_a_url_are_kept(new_url):
    database = Database(new_url("postgresql") + "&options=-c%20work_mem%3D8MB")
    assert value(database, "SHOW work_mem") == "8MB"
    assert value(database, "SHOW lock_timeout") == "30s"
    database.close()


def test_what_fails_in_the_middle_leaves_no_trace(database):
    def fail():
        with database.write() as connection:
            connection.execute(text(AN_ANSWER))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert value(database, "SELECT count(*) FROM answer") == 0


def test_a_writer_that_waits_too_long_is_told_so(new_url):
    url = new_url("sqlite")
    other, patient = Database(url), Database(url, patience=0.1)
    with other.write(), pytest.raises(errors.StoreBusyError), patient.write():
        pass
    Ledger(patient).accept(batch(1))
    for database in (other, patient):
        database.close()


def test_threads_of_one_process_take_turns(new_url):
    """SQLite alone would make them poll, and refuse some of them."""
    database = Database(new_url("sqlite"), patience=0.05)
    ledger = Ledger(database)
    refused = []

    def work():
        try:
            for _ in range(5):
                with database.write():
                    time.sleep(0.01)
            ledger.accept(batch(1))
        except errors.StoreError as error:
            refused.append(error)

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert refused == []
    database.close()


def test_a_turn_that_does_not_come_is_not_waited_for_for_ever(new_url, monkeypatch):
    monkeypatch.setattr("api.store.database.PATIENCE", 0.05)
    database = Database(new_url("sqlite"))
    with database.write(), pytest.raises(errors.StoreBusyError), database.write():
        pass
    Ledger(database).accept(batch(1))
    database.close()


# ------------------------------------------------------------------------------------------------ what goes wrong


def test_a_file_that_is_no_database(tmp_path):
    path = tmp_path / "x.db"
    path.write_bytes(b"no database, whatever its name says; " * 100)
    with pytest.raises(errors.StoreError) as refusal:
        Database(f"sqlite:///{path}").upgrade()
    assert refusal.value.text == errors.BROKEN


def test_a_folder_in_the_place_of_the_file(tmp_path):
    with pytest.raises(errors.StoreUnavailableError):
        Database(f"sqlite:///{tmp_path}").upgrade()


def test_a_file_that_must_not_be_written(new_url):
    database = Database(new_url("sqlite"))
    with database.read() as connection:
        connection.execute(text("PRAGMA query_only=ON"))
    with pytest.raises(errors.StoreError) as refusal:  # the pool hands the same connection to whoever comes alone
        Ledger(database).accept(batch(1))
    assert refusal.value.text == errors.READ_ONLY
    database.close()


def test_a_server_that_is_not_there(tmp_path):
    database = Database(f"postgresql://{ANN}/db?host={tmp_path}")
    with pytest.raises(errors.StoreUnavailableError) as refusal:
        database.upgrade()
    assert "secret" not in str(refusal.value)


def test_a_fault_of_ours_is_not_hidden(database):
    with pytest.raises(Exception, match="no_such_table") as fault, database.read() as connection:
        connection.execute(text("SELECT * FROM no_such_table"))
    assert not isinstance(fault.value, errors.StoreError)


@pytest.mark.parametrize(
    ("state", "kind"),
    [
        ("53100", errors.StoreFullError),
        ("53300", errors.StoreBusyError),
        ("55P03", errors.StoreBusyError),
        ("40P01", errors.StoreBusyError),
        ("57P01", errors.StoreUnavailableError),
        ("08006", errors.StoreUnavailableError),
        ("58030", errors.StoreUnavailableError),
        ("25006", errors.StoreError),
        ("23505", None),
        ("42P01", None),
    ],
)
def test_what_postgresql_says_is_put_in_plain_words(state, kind):
    """By the codes of its documentation; most of these states cannot be brought about in a test."""
    said = type("Said", (Exception,), {"sqlstate": state})()
    found = errors.store_error(DBAPIError("SELECT", {}, said))
    assert (found and type(found)) == kind


def test_an_error_survives_the_way_between_processes():
    import pickle

    error = pickle.loads(pickle.dumps(errors.StoreFullError(errors.FULL)))  # noqa: S301  (our own bytes)
    assert (type(error), error.text) == (errors.StoreFullError, errors.FULL)


@pytest.mark.parametrize("crash", [False, True], ids=["restart", "crash"])
def test_a_server_that_comes_back_is_used_again(new_url, postgres, crash):
    """What was acknowledged is there; connections of the pool are made anew; a claim that was held is still held."""
    ledger = Ledger(Database(new_url("postgresql")))
    key = Idempotency.of("k", "ann", b"")
    run = ledger.accept(batch(2), key)
    claims = ledger.claim("a", 1, 60)
    postgres.stop(crash)
    with pytest.raises(errors.StoreUnavailableError):
        ledger.accept(batch(1))
    with pytest.raises(errors.StoreUnavailableError):
        ledger.run(run.id)
    postgres.start()
    assert ledger.accept(batch(2), key).id == run.id
    assert ledger.renew("a", claims, 60)[0].task == claims[0].task
    assert ledger.finish(claims[0], answered(1))
    assert len(ledger.runs().items) == 1
    ledger.database.close()


def test_a_server_that_was_restarted_while_nobody_asked_is_not_noticed(new_url, postgres):
    """Each connection of the pool is tried before it is used."""
    ledger = Ledger(Database(new_url("postgresql")))
    run = ledger.accept(batch(1))
    postgres.stop()
    postgres.start()
    assert ledger.run(run.id) == run
    ledger.database.close()


def test_a_server_that_goes_in_the_middle_of_a_transaction(new_url, postgres):
    ledger = Ledger(Database(new_url("postgresql")))

    def work():
        with ledger.database.write() as connection:
            connection.execute(text(AN_ANSWER))
            postgres.stop(crash=True)
            postgres.start()
            connection.execute(text("SELECT 1"))

    with pytest.raises(errors.StoreUnavailableError):
        work()
    assert value(ledger.database, "SELECT count(*) FROM answer") == 0
    ledger.database.close()


def test_a_backup_of_sqlite_is_a_store(new_url, tmp_path):
    """As the guide says: the backup of SQLite itself, while the service runs."""
    url = new_url("sqlite")
    ledger = Ledger(Database(url))
    run = ledger.accept(batch(1))
    with sqlite3.connect(ledger.database.url.database) as source, sqlite3.connect(tmp_path / "copy.db") as copy:
        source.backup(copy)
    assert stat.S_ISREG((tmp_path / "copy.db").stat().st_mode)
    restored = Database(f"sqlite:///{tmp_path / 'copy.db'}")
    restored.upgrade()
    assert Ledger(restored).run(run.id) == run
    for database in (ledger.database, restored):
        database.close()


def test_looking_for_work_reads_no_task_that_has_ended(database):
    """However many tasks there have been; the statements are those that the ledger really sends."""
    from sqlalchemy import event

    ledger, sent = Ledger(database), []
    ledger.accept(batch(3))
    event.listen(database.engine, "before_cursor_execute", lambda *call: sent.append(call[2:4]))
    ledger.claim("a", 1, 60)
    ledger.expire()
    ledger.backlog()
    looks = [(statement, given) for statement, given in sent
             if statement.startswith("SELECT") and "FROM task" in statement and "task.state" in statement
             and "task.id IN" not in statement]  # fmt: skip
    assert len(looks) == 4
    explain = "EXPLAIN QUERY PLAN " if database.on_sqlite else "EXPLAIN "
    with database.read() as connection:
        if not database.on_sqlite:
            connection.execute(text("SET LOCAL enable_seqscan = off"))  # which is right for three rows
        plans = ["\n".join(map(str, connection.exec_driver_sql(explain + look, given).all())) for look, given in looks]
    wanted = [("ix_task_waiting", "queued"), ("ix_task_held", "running")] * 2
    for (index, state), (look, _), plan in zip(wanted, looks, plans, strict=True):
        assert index in plan
        assert f"task.state = '{state}'" in look, "a plan for all states could not use the index"
