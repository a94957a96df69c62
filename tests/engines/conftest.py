"""Both engines, each with two slots."""

import time
from concurrent.futures import wait

import pytest

from tests.engines.cluster import Cluster


@pytest.fixture(scope="session")
def cluster(tmp_path_factory):
    found = Cluster(tmp_path_factory.mktemp("cluster"))
    yield found
    found.stop()


@pytest.fixture(params=["local", "dask"])
def make(request):
    """Makes an engine; closed at the end of the test."""
    made = []

    def build(**options):
        if request.param == "local":
            from api.engines.local import LocalEngine

            engine = LocalEngine(2, **options)
        else:
            from api.engines.dask import DaskEngine

            engine = DaskEngine(request.getfixturevalue("cluster").address, **options)
        made.append(engine)
        until(lambda: engine.slots == 2)
        return engine

    yield build
    for engine in made:
        engine.close()


@pytest.fixture
def engine(make):
    return make()


def until(true, seconds=240):
    """Waits until it is true."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.02)


def result(future, seconds=240):
    """Of a job that may not take longer."""
    wait([future], seconds)
    return future.result(timeout=0)
