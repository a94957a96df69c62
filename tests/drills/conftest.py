"""A database of the drill's own, a service over it, and the Dask cluster where it is to have one.

At the end of the tests a table says how many drills were carried through, and with how many accepted runs.
"""

import pytest

from tests.databases import PostgresServer
from tests.drills.checks import check_alone, nothing_left
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
def make(request, tmp_path, url):
    """Makes services; at the end they stop as systemd stops them, before what they lean on, and nothing is left."""
    request.getfixturevalue("clusters")
    made = []

    def build(url, **settings):
        folder = tmp_path / f"service{len(made)}"
        folder.mkdir()
        made.append(Service(folder, url, **settings))
        return made[-1]

    yield build
    for service in made:
        if service.process and service.process.poll() is None:
            assert service.stop() == 0
        nothing_left(service)
    for url in {service.database for service in made}:
        check_alone(url)


@pytest.fixture
def clusters(tmp_path):
    """Makes clusters, one after the other, at the same port if it is given."""
    made = []

    def build(port=0, **more):
        folder = tmp_path / f"cluster{len(made)}"
        folder.mkdir()
        made.append(Cluster(folder, port=port, **more))
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


def pytest_terminal_summary(terminalreporter):
    """Of drills that have passed: those that counted their runs."""
    passed = [report for report in terminalreporter.stats.get("passed", ()) if report.when == "call"]
    runs = {report.nodeid: dict(report.user_properties).get("runs") for report in passed}
    drills = {name.partition("::")[2]: count for name, count in runs.items() if count is not None}
    if drills:
        terminalreporter.section("drills")
        for name, count in drills.items():
            terminalreporter.write_line(f"{count:6}  {name}")
        terminalreporter.write_line(f"{sum(drills.values()):6}  accepted runs in {len(drills)} drills")
