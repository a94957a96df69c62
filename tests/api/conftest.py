"""A service over the two small plans, asked without a network; every answer is held to the OpenAPI description."""

import re

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.plans.library import Library
from api.settings import Settings
from tests.house.source import ROOT

PLANS = ROOT / "tests" / "plans"
HERE = "http://127.0.0.1"


@pytest.fixture(scope="session", autouse=True)
def data_folder(tmp_path_factory):
    """Services that are started by a test keep their data there, not in the user's folder."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("XDG_DATA_HOME", "LOCALAPPDATA"):
            patch.setenv(name, str(tmp_path_factory.mktemp("data")))
        yield


@pytest.fixture(scope="session")
def library():
    return Library.load([PLANS / "tiny", PLANS / "dynamic_input_output"])


@pytest.fixture(scope="session")
def tiny(library):
    return library["tiny"]


@pytest.fixture
def serve(library):
    """Starts a service with other settings; stopped at the end of the test."""
    started = []

    def start(**settings):
        client = TestClient(create_app(Settings(**settings), library), base_url=HERE)
        client.__enter__()
        started.append(client)
        return described(client)

    yield start
    for client in started:
        client.__exit__(None, None, None)


@pytest.fixture(scope="session")
def client(library):
    with TestClient(create_app(Settings(slots=8), library), base_url=HERE) as asked:
        yield described(asked)


def described(client):
    """The client with a check on every answer: its status and media type are in the OpenAPI description."""
    paths = client.app.openapi()["paths"]
    patterns = {path: re.compile(re.sub(r"\{\w+\}", "[^/]+", path)) for path in paths}

    def check(response):
        path = next((path for path, own in patterns.items() if own.fullmatch(response.request.url.path)), None)
        operation = paths.get(path, {}).get(response.request.method.lower())
        if operation is None:
            return
        documented = operation["responses"].get(str(response.status_code))
        assert documented, f"{path}: {response.status_code} is not described"
        if "content" in documented:
            assert response.headers["content-type"].split(";")[0] in documented["content"]

    client.event_hooks = {"request": [], "response": [check]}
    return client


@pytest.fixture
def ask(client):
    """Asks the tiny plan a what-if; bytes go as they are."""

    def post(question, plan="tiny", **headers):
        body = {"content": question} if isinstance(question, bytes) else {"json": question}
        headers = {"content-type": "application/json", **headers}
        return client.post(f"/v1/plans/{plan}/what-ifs", headers=headers, **body)

    return post
