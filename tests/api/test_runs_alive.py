"""Runs on the engine of the service itself: carried out, cancelled, watched, and kept from one service to the next."""

import time

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.plans.library import Library
from api.questions.pool import Pool
from api.runs.works import Works, hire
from api.settings import Settings
from api.store.database import Database
from model_data.archive import write_plan_bytes
from optimizer import load_scenario, solve
from tests.api.conftest import HERE, described
from tests.api.test_runs import LIMIT, WHAT_IF, events

FINAL = ("succeeded", "partial", "failed", "cancelled")


@pytest.fixture
def start(library, tmp_path):
    """Services one after the other over one database."""

    def begin():
        settings = Settings(workers=1)
        works = Works(settings, Database(f"sqlite:///{(tmp_path / 'runs.sqlite3').as_posix()}"), hire)
        app = create_app(settings, Library(list(library.values())), works=works)
        return TestClient(app, base_url=HERE)

    return begin


def ended(client, run):
    until = time.monotonic() + 120
    while time.monotonic() < until:
        found = client.get(f"/v1/runs/{run}").json()
        if found["state"] in FINAL:
            return found
        time.sleep(0.1)
    raise AssertionError(f"{found} did not end")


def test_runs_are_carried_out_and_kept_from_one_service_to_the_next(start, tiny):
    changed = tiny.with_figures([LIMIT | {"value": 5}])
    with start() as client:
        described(client)
        upload = {"content": write_plan_bytes(changed, "archive"), "headers": {"content-type": "application/zip"}}
        assert client.post("/v1/plans", **upload).status_code == 201
        first = client.post("/v1/runs", json={"plan": "tiny", "question": WHAT_IF}).json()["id"]
        told = events(client, first)
        assert (told[0][1], told[-1][1]) == ("accepted", "finished")
        expected = solve(changed, load_scenario(changed, "less_money")).objective
        assert client.get(f"/v1/runs/{first}/result").json()["objective"]["value"] == expected
        cases = {"kind": "grid", "scenarios": ["most_value"], "years": [2006, 2007, 2008], "tables": ["indicators"]}
        second = client.post("/v1/batches", json={"plan": "tiny", "version": tiny.fingerprint, "cases": cases}).json()
    with start() as client:
        described(client)
        assert client.get("/v1/plans/tiny").json()["fingerprint"] == changed.fingerprint
        assert client.get(f"/v1/runs/{first}/result").json()["objective"]["value"] == expected
        run = ended(client, second["id"])
        assert (run["state"], run["counts"]["succeeded"]) == ("succeeded", 3)
        rows = client.get(run["links"]["results"]).json()["rows"]
        changes = {"foresight": "single_year", "target_year": 2008}
        assert rows[-1]["objective"] == solve(tiny, load_scenario(tiny, "most_value", changes)).objective
        waiting = {"kind": "questions", "questions": [WHAT_IF] * 200}
        third = client.post("/v1/batches", json={"plan": "tiny", "cases": waiting}).json()["id"]
        client.delete(f"/v1/runs/{third}")
        assert ended(client, third)["state"] == "cancelled"


def test_a_question_that_a_run_answered_is_not_computed_again(start, monkeypatch):
    question = WHAT_IF | {"language": "zh"}
    with start() as client:
        run = client.post("/v1/runs", json={"plan": "tiny", "question": question}).json()["id"]
        assert ended(client, run)["state"] == "succeeded"
        result = client.get(f"/v1/runs/{run}/result").json()
        monkeypatch.setattr(Pool, "ask", lambda *_: pytest.fail("computed again"))
        asked = {name: value for name, value in question.items() if name != "kind"}
        answered = client.post("/v1/plans/tiny/what-ifs", json=asked)
        assert (answered.status_code, answered.json()) == (200, result)
        assert answered.headers["content-language"] == "zh"
