"""A database of the drill's own, a service over it, and the Dask cluster where it is to have one."""

import pytest

from tests.databases import PostgresServer
from tests.drills.checks import nothing_left
from tests.drills.service import Service
from tests.engines.cluster import Cluster


@pytest.fixture
def url(request, tmp_path):
    """By ``parametrize(..., indirect=True)``; a PostgreSQL of its own, since drills are not kind to it."""
    if getattr(request, "param", "sqlite") == "sqlite":
        return f"sqlite:///{tmp_path / 'runs.sqlite3'}"
    return request.getfixturevalue("server").url()


@pytest.fixture
def server():
    found = PostgresServer(durable=True)
    yield found
    found.remove()


@pytest.fixture
def make(tmp_path):
    """Makes services; at the end they stop as systemd stops them, and nothing is left of them."""
    made = []

    def build(url, **settings):
        made.append(Service(tmp_path, url, **settings))
        return made[-1]

    yield build
    for service in made:
        if service.process and service.process.poll() is None:
            assert service.stop() == 0
        nothing_left(service)


@pytest.fixture
def clusters(tmp_path):
    """Makes clusters, one after the other, at the same port if it is given."""
    made = []

    def build(port=0):
        folder = tmp_path / f"cluster{len(made)}"
        folder.mkdir()
        made.append(Cluster(folder, port=port))
        return made[-1]

    yield build
    for cluster in made:
        cluster.stop()


@pytest.fixture
def engine(request, clusters):
    """Settings of the engine, by ``parametrize(..., indirect=True)``."""
    if getattr(request, "param", "local") == "local":
        return {}
    return {"PLANOPT_API_ENGINE": "dask", "PLANOPT_API_DASK_SCHEDULER": clusters().address}
