"""What is lost when the service, an idle worker or the scheduler dies, and what is there again afterwards."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from api.engines.dask import DaskEngine
from api.engines.engine import EngineLostError, StoppedError
from api.engines.local import LocalEngine
from tests.engines import jobs
from tests.engines.cluster import OPTIONS, Cluster
from tests.engines.conftest import result, until
from tests.engines.test_engines import Heard, alive

posix = pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals")


@pytest.fixture
def local():
    engine = LocalEngine(1)
    yield engine
    engine.close()


def test_a_process_is_started_with_the_first_job_that_finds_none_free():
    before = set(psutil.Process().children())

    def started():
        return {one.pid for one in set(psutil.Process().children()) - before if "spawn_main" in " ".join(one.cmdline())}

    engine = LocalEngine(2)
    try:
        assert (started(), engine.slots) == (set(), 2)
        first = result(engine.submit(jobs.process, None, "a"))
        assert result(engine.submit(jobs.process, None, "b")) == first
        assert started() == {first}
        held = engine.submit(jobs.listen, None, "held")
        assert started() | {result(engine.submit(jobs.process, None, "c"))} == started()
        assert len(started()) == 2
        engine.kill("held")
        result(held)
    finally:
        engine.close()
    assert started() == set()


@posix
@pytest.mark.parametrize("job", ["solve_hard", "be_deaf"])
@pytest.mark.parametrize("kind", ["local", "dask"])
def test_a_service_that_is_killed_leaves_nothing_that_works_on(request, kind, job):
    address = request.getfixturevalue("cluster").address if kind == "dask" else ""
    command = [sys.executable, "-m", "tests.engines.service", kind, address, job]
    with subprocess.Popen(
        command, env=os.environ | OPTIONS, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, encoding="utf-8"
    ) as service:
        try:
            worker = int(service.stdout.readline())
            assert alive(worker)
            until(lambda: works(worker) == (job == "solve_hard"))
        finally:
            service.kill()
    if (kind, job) == ("dask", "solve_hard"):  # the job ends; its worker is there for others
        until(lambda: not works(worker))
    else:
        until(lambda: not alive(worker))


def works(process):
    """Whether it used the processor in the last half second."""

    def used():
        stat = Path(f"/proc/{process}/stat").read_text()
        return sum(map(int, stat.rpartition(")")[2].split()[11:13]))

    before = used()
    time.sleep(0.5)
    return used() - before > 5  # hundredths of a second


def test_an_idle_worker_that_was_killed_is_replaced(local):
    os.kill(result(local.submit(jobs.process, None, "a")), signal.SIGKILL)
    time.sleep(0.5)  # until it is noticed
    assert result(local.submit(jobs.double, 1, "b")) == 2


def test_a_job_that_meets_a_dead_worker_is_not_lost_silently(local):
    """The moment before it is noticed: the job may get a new worker, or say that the engine lost it."""
    for number in range(3):
        os.kill(result(local.submit(jobs.process, None, f"first {number}")), signal.SIGKILL)
        future = local.submit(jobs.double, 1, f"second {number}")
        assert future.exception(240) is None or isinstance(future.exception(), EngineLostError)


@pytest.mark.skipif(sys.platform != "linux", reason="limits of memory are Linux's")
def test_a_job_that_wants_too_much_memory_fails_and_harms_nobody():
    engine = LocalEngine(1, memory=2 * 2**30)
    try:
        with pytest.raises(MemoryError):
            result(engine.submit(jobs.take, 4 * 2**30, "a"))
        assert result(engine.submit(jobs.double, 1, "b")) == 2
    finally:
        engine.close()


@posix
def test_the_others_on_a_worker_that_is_ended_are_stopped_and_not_lost(tmp_path):
    cluster = Cluster(tmp_path, workers=1, threads=2)
    engine = DaskEngine(cluster.address)
    try:
        until(lambda: engine.slots == 2)
        heard, other = Heard(), Heard()
        deaf = engine.submit(jobs.be_deaf, None, "deaf", hear=heard.append)
        listens = engine.submit(jobs.listen, None, "listens", hear=other.append)
        assert heard.began() == other.began()
        engine.kill("deaf")
        for future in (deaf, listens):  # neither has lost its worker: nothing is counted against it
            with pytest.raises(StoppedError):
                result(future)
    finally:
        engine.close()
        cluster.stop()


@posix
def test_a_scheduler_that_dies_loses_the_jobs_and_another_one_is_found(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    first = Cluster(tmp_path / "a", workers=1)
    engine = DaskEngine(first.address)
    try:
        until(lambda: engine.slots == 1)
        heard = Heard()
        lost = engine.submit(jobs.be_deaf, None, "a", hear=heard.append)
        worker = heard.began()
        first.scheduler.kill()
        with pytest.raises(EngineLostError):
            result(lost)
        until(lambda: engine.slots == 0)
        until(lambda: not alive(worker))
        with pytest.raises(EngineLostError):
            result(engine.submit(jobs.double, 1, "b"))
        second = Cluster(tmp_path / "b", workers=1, port=first.port)
        try:
            until(lambda: engine.slots == 1)
            heard = Heard()
            found = engine.submit(jobs.listen, None, "c", hear=heard.append)
            heard.began()
            engine.kill("c")
            assert result(found) is True
        finally:
            second.stop()
    finally:
        engine.close()
        first.stop()
