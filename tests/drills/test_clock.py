"""Somebody sets the clock of the machine, by hours and by weeks, forwards and backwards, while runs go on."""

import subprocess
import sys

import pytest

from tests.drills.checks import deaths, nothing_left, settled
from tests.drills.service import Clients
from tests.drills.test_killed import mixed, some_done
from tests.drills.wall_clock import DAY, WallClock

pytestmark = [pytest.mark.slow, pytest.mark.skipif(sys.platform != "linux", reason="the loader is told by LD_PRELOAD")]
PROGRAM = """
import time
begun = time.monotonic()
print(time.time(), begun)
time.sleep(0.2)
print(time.monotonic() - begun)
"""


@pytest.fixture
def clock(tmp_path):
    return WallClock(tmp_path)


def test_only_the_wall_clock_is_set(clock):
    def told():
        command = [sys.executable, "-c", PROGRAM]
        found = subprocess.run(command, env=clock.environment, capture_output=True, text=True, check=True)
        return [float(word) for word in found.stdout.split()]

    right = told()
    clock.set_ahead(-3 * DAY)
    wall, monotonic, slept = told()
    assert -3 * DAY <= wall - right[0] < 60 - 3 * DAY
    assert 0 < monotonic - right[1] < 60
    assert 0.2 <= slept < 30


@pytest.mark.parametrize(
    ("url", "engine"), [("sqlite", "local"), ("postgresql", "local"), ("sqlite", "dask")], indirect=["url"]
)
def test_the_clock_is_set_while_runs_go_on(make, url, engine, clusters, clock, record_property):
    settings = {}
    if engine == "dask":
        cluster = clusters(environment=clock.environment)
        settings = {"PLANOPT_API_ENGINE": "dask", "PLANOPT_API_DASK_SCHEDULER": cluster.address}
    service = make(url, **clock.environment, **settings).start()
    runs = Clients(service, mixed(4, 2, 150)).wait()
    for ahead in (2 * DAY, -30 * DAY, 3600):
        some_done(service, runs, 20)
        clock.set_ahead(ahead)
    some_done(service, runs, 20)
    service.kill()
    nothing_left(service)
    clock.set_ahead(-DAY)
    service.start()
    record_property("runs", settled(url, runs))
    assert max(deaths(url, runs)) < 3
