"""Processes killed and stopped: the service while it accepts and while it solves, its workers, and by SIGTERM."""

import itertools
import os
import signal
import sys
import time
from pathlib import Path

import pytest

from api.store.database import Database
from api.store.ledger import Ledger
from tests.drills.checks import batch_request, deaths, nothing_left, run_request, settled
from tests.drills.service import Clients, until

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are found in /proc")
databases = pytest.mark.parametrize("url", ["sqlite", "postgresql"], indirect=True)
engines = pytest.mark.parametrize("engine", ["local", "dask"], indirect=True)


def mixed(runs, batches, size):
    """Requests by key."""
    single = {f"run {number}": run_request(number) for number in range(runs)}
    return single | {f"batch {number}": batch_request(size, number) for number in range(batches)}


def some_done(service, runs, more):
    """So many tasks more have succeeded, and there are still others."""

    def done():
        return sum(service.run(run)["counts"]["succeeded"] for run in runs)

    before, total = done(), sum(service.run(run)["counts"]["total"] for run in runs)
    assert before + more < total, "too few tasks for this drill"
    until(lambda: done() >= before + more, what=f"{more} tasks more than {before} of {total}")


def kill_a_worker(service):
    """One that works, if one does."""
    number = max(until(service.workers), key=_ticks)
    os.kill(number, signal.SIGKILL)
    return number


def _ticks(number):
    try:
        return sum(map(int, Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[11:13]))
    except OSError:
        return 0


def test_killed_while_accepting_a_worker_killed_then_stopped(make, url, record_property):
    """The small form of those that follow."""
    service = make(url).start()
    clients = Clients(service, mixed(6, 1, 40))
    until(lambda: len(clients.accepted) > 2)
    service.kill()
    nothing_left(service)
    service.start()
    runs = clients.wait()
    until(lambda: service.run(clients.accepted["batch 0"])["counts"]["running"])
    kill_a_worker(service)
    some_done(service, [clients.accepted["batch 0"]], 5)
    assert service.stop() == 0
    nothing_left(service)
    service.start()
    record_property("runs", settled(url, runs))


@pytest.mark.slow
@databases
def test_killed_while_accepting(make, url, record_property):
    service = make(url).start()
    clients = Clients(service, mixed(60, 4, 20), threads=8)
    for number in (3, 15, 30, 50):
        until(lambda number=number: len(clients.accepted) >= number, pause=0.01)
        service.kill()
        nothing_left(service)
        service.start()
    record_property("runs", settled(url, clients.wait()))


@pytest.mark.slow
@databases
@engines
def test_killed_while_solving(make, url, engine, record_property):
    service = make(url, **engine).start()
    clients = Clients(service, mixed(4, 2, 150))
    runs = clients.wait()
    for _ in range(3):
        some_done(service, runs, 20)
        service.kill()
        nothing_left(service)
        service.start()
    record_property("runs", settled(url, runs))


@pytest.mark.slow
@databases
def test_workers_killed(make, url, record_property):
    service = make(url, PLANOPT_API_WORKERS="2").start()
    runs = Clients(service, mixed(0, 2, 150)).wait()
    killed = {kill_a_worker(service)}
    for _ in range(5):
        some_done(service, runs, 30)
        killed.add(kill_a_worker(service))
    record_property("runs", settled(url, runs))
    assert len(killed) == 6
    assert 0 < max(deaths(url, runs)) < 3


@pytest.mark.slow
@databases
@engines
def test_stopped_during_a_batch(make, url, engine, record_property):
    service = make(url, **engine).start()
    runs = Clients(service, mixed(0, 2, 150)).wait()
    for _ in range(2):
        some_done(service, runs, 20)
        assert service.stop() == 0
        nothing_left(service)
        database = Database(url)
        assert Ledger(database).backlog().running == 0, "what was under way waits again"
        database.close()
        service.start()
    record_property("runs", settled(url, runs))
    assert set(deaths(url, runs)) == {0}, "a service that is stopped costs no task a life"


@pytest.mark.slow
def test_two_services_over_one_database_and_either_is_killed(server, make, record_property):
    services = [make(server.url()).start() for _ in range(2)]
    clients = [Clients(one, {f"of {number}": batch_request(2000, number)}) for number, one in enumerate(services)]
    runs = set.union(*(one.wait() for one in clients))
    assert Clients(services[0], clients[1].requests).wait() <= runs, "a key is one for all services"
    for service in itertools.chain(services, services):
        some_done(service, runs, 20)
        service.kill()
        nothing_left(service)
        time.sleep(1)
        service.start()
    record_property("runs", settled(server.url(), runs))
