"""What the service leans on goes away and comes back: cluster, PostgreSQL, disk."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from tests.drills.checks import deaths, settled
from tests.drills.service import NO_ANSWER, Clients, numbers, until
from tests.drills.test_killed import mixed, some_done

pytestmark = [pytest.mark.slow, pytest.mark.skipif(sys.platform != "linux", reason="processes are found in /proc")]


def cluster_workers(cluster):
    """The processes that nannies keep up; they are in one group."""
    return [number for number in numbers() if _is_worker(number, cluster)]


def _is_worker(number, cluster):
    try:
        command = Path(f"/proc/{number}/cmdline").read_bytes()
        return b"spawn_main" in command and os.getpgid(number) == cluster.workers.pid
    except OSError:
        return False


def test_workers_of_the_cluster_killed(make, url, clusters, record_property):
    cluster = clusters()
    service = make(url, PLANOPT_API_ENGINE="dask", PLANOPT_API_DASK_SCHEDULER=cluster.address).start()
    runs = Clients(service, mixed(0, 2, 150)).wait()
    for number in range(4):
        some_done(service, runs, 30)
        workers = until(lambda: cluster_workers(cluster))
        os.kill(workers[number % len(workers)], signal.SIGKILL)
    record_property("runs", settled(url, runs))
    assert 0 < max(deaths(url, runs)) < 3


def test_the_scheduler_killed_and_started_again(make, url, clusters, record_property):
    cluster = clusters()
    service = make(url, PLANOPT_API_ENGINE="dask", PLANOPT_API_DASK_SCHEDULER=cluster.address).start()
    runs = Clients(service, mixed(2, 2, 150)).wait()
    for _ in range(2):
        some_done(service, runs, 30)
        cluster.scheduler.kill()
        cluster.scheduler.wait()
        time.sleep(3)
        cluster.stop()  # as systemd would, which starts the parts that have ended again
        cluster = clusters(cluster.port)
    record_property("runs", settled(url, runs))


def sessions(server):
    """Processes of PostgreSQL that serve somebody."""
    with psycopg.connect(server.url()) as connection:
        found = connection.execute("SELECT pid FROM pg_stat_activity WHERE application_name = 'planopt'")
        return [number for (number,) in found]


def at_once(server):
    server.stop(crash=True)


def killed(server):
    """Every process, none of which can say or write anything."""
    parts = [number for number in numbers() if _parent(number) == server.process.pid]
    for number in (server.process.pid, *parts):
        with contextlib.suppress(ProcessLookupError):
            os.kill(number, signal.SIGKILL)
    server.process.wait()


def _parent(number):
    try:
        return int(Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return None


def one_session_killed(server):
    """PostgreSQL then ends all others and recovers by itself."""
    os.kill(until(lambda: sessions(server))[0], signal.SIGKILL)


@pytest.mark.parametrize(
    ("engine", "how"),
    [("local", at_once), ("dask", at_once), ("local", killed), ("local", one_session_killed)],
    indirect=["engine"],
)
def test_postgresql_ends_and_comes_back(server, make, engine, how, record_property):
    service = make(server.url(), **engine).start()
    clients = Clients(service, mixed(60, 3, 60))
    for number in (2, 20, 40):
        until(lambda number=number: len(clients.accepted) >= number, pause=0.02)
        how(server)
        for _ in range(3):
            with contextlib.suppress(*NO_ANSWER):
                assert service.ask("GET", "/v1/runs")[0] in (200, 503)
            time.sleep(1)
        if server.process.poll() is not None:
            server.start()
    record_property("runs", settled(server.url(), clients.wait()))
    assert set(clients.refusals) <= {503}
    assert service.process.poll() is None, "it was never started again"


@pytest.fixture
def disk(tmp_path):
    """A small disk of its own."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", folder]
    if os.geteuid() or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("only root can mount a small disk")
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)


def fill(folder):
    """To the last byte."""
    with contextlib.suppress(OSError), (folder / "filler").open("ab", buffering=0) as file:
        while True:
            file.write(bytes(4096))


def test_the_disk_is_full_while_results_are_written(disk, make, record_property):
    url = f"sqlite:///{disk / 'runs.sqlite3'}"
    service = make(url).start()
    clients = Clients(service, mixed(3, 2, 120))
    runs = clients.wait()
    some_done(service, runs, 10)
    fill(disk)
    until(lambda: "disk of the database is full" in service.file("log").read_text())
    fill(disk)
    before = [service.run(run)["counts"]["succeeded"] for run in runs]
    late = Clients(service, {"late": mixed(1, 0, 0)["run 0"]}, threads=1)
    until(lambda: len(late.refusals) > 2)
    assert set(late.refusals) <= set(Clients.LATER)
    assert [service.run(run)["counts"]["succeeded"] for run in runs] == before, "what was there can still be read"
    time.sleep(5)
    service.kill()
    service.launch()  # on a full disk it starts, or says why not; it breaks nothing
    with contextlib.suppress(subprocess.TimeoutExpired):
        assert service.process.wait(timeout=30) == 2
        assert "full" in service.file("log").read_text()
    if service.process.poll() is None:
        service.kill()
    (disk / "filler").unlink()
    service.start()
    record_property("runs", settled(url, runs | late.wait()))


def test_the_disk_is_full_for_a_while(disk, make, record_property):
    """The service lives on, and what had been found meanwhile is written."""
    url = f"sqlite:///{disk / 'runs.sqlite3'}"
    service = make(url).start()
    runs = Clients(service, mixed(3, 2, 120)).wait()
    for _ in range(2):
        some_done(service, runs, 10)
        fill(disk)
        until(lambda: "disk of the database is full" in service.file("log").read_text())
        time.sleep(30)  # longer than a lease
        (disk / "filler").unlink()
    record_property("runs", settled(url, runs))
