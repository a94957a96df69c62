"""One question has one answer, also where several plans are optimal: by verb, command, over HTTP, in a batch."""

import json
import subprocess
import sys
import time

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.plans.library import Library
from api.runs.works import Works, hire
from api.settings import Settings
from api.store.database import Database
from model_data import default_plan_path
from optimizer import load_scenario, solve, unchanged
from optimizer.documents.answer import answer_document
from optimizer.foresight import solve_windows
from optimizer.runs import Runs
from optimizer.unchanged import Kept
from optimizer.words.language import Language
from tests.api.conftest import HERE
from tests.house.source import ROOT

TABLES = ["quantities", "activities", "funds", "projects"]


@pytest.fixture(scope="module")
def library():
    return Library.load([default_plan_path()])


@pytest.fixture(scope="module")
def plan(library):
    return next(iter(library.values()))


@pytest.fixture(scope="module")
def changed(plan):
    """Percent by which a budget is larger, and the changes."""
    budget = plan.table("budgets")["budget"].iloc[0]
    return {percent: (budget, {"budgets": {budget: {"factor": 1.0 + percent / 100.0}}}) for percent in (1.0, 2.0)}


@pytest.fixture(scope="module")
def by_verb(plan, changed):
    """Each in a process that has solved nothing yet."""
    with pytest.MonkeyPatch.context() as patch:
        found = {}
        for percent, (_, changes) in changed.items():
            patch.setattr(unchanged, "KEPT", Kept())
            answer = solve(plan, load_scenario(plan, None, changes))
            found[percent] = json.loads(json.dumps(answer_document(answer, Language.EN, TABLES), ensure_ascii=False))
            del found[percent]["effort"]["seconds"]
        return found


@pytest.fixture(scope="module")
def client(library, tmp_path_factory):
    settings = Settings(workers=1)
    works = Works(settings, Database(f"sqlite:///{(tmp_path_factory.mktemp('db') / 'runs').as_posix()}"), hire)
    with TestClient(create_app(settings, library, works=works), base_url=HERE) as asked:
        yield asked


def test_elsewhere_another_plan_is_optimal(plan, changed, by_verb):
    """What the rule is for: from nothing another one of the optimal plans is found."""
    _, changes = changed[1.0]
    cold = solve_windows(plan, load_scenario(plan, None, changes), Runs())[-1].solution
    assert cold.objective == pytest.approx(by_verb[1.0]["objective"]["value"], rel=1e-9)
    start = solve(plan, load_scenario(plan, None, changes)).solution
    assert abs(start.x - cold.x).max() > 0.1


def test_the_command(changed, by_verb):
    for percent, (budget, _) in changed.items():
        words = ["solve", "--budget", f"{budget}={percent:+}", "--json", "--lang", "en"]
        done = subprocess.run(
            [sys.executable, "-m", "optimizer.cli", *words], cwd=ROOT, capture_output=True, text=True, check=True
        )
        found = json.loads(done.stdout)
        del found["effort"]["seconds"]
        for part in ("tables", "columns"):
            found[part] = {name: rows for name, rows in found[part].items() if name in TABLES}
        assert found == by_verb[percent]


def test_over_http_in_another_order(client, plan, changed, by_verb):
    for percent in reversed(changed):
        body = {"changes": changed[percent][1], "tables": TABLES}
        response = client.post(f"/v1/plans/{plan.settings.plan}/what-ifs", json=body)
        assert response.json() == by_verb[percent]


def test_in_a_batch(client, plan, changed, by_verb):
    variants = [{"name": str(percent), "changes": changes} for percent, (_, changes) in reversed(changed.items())]
    cases = {"kind": "grid", "variants": variants, "tables": TABLES}
    run = client.post("/v1/batches", json={"plan": plan.settings.plan, "cases": cases}).json()
    until = time.monotonic() + 120
    while run["state"] not in ("succeeded", "partial", "failed") and time.monotonic() < until:
        time.sleep(0.1)
        run = client.get(f"/v1/runs/{run['id']}").json()
    assert run["state"] == "succeeded"
    for table in TABLES:
        rows = client.get(f"{run['links']['results']}?table={table}&limit=1000").json()["rows"]
        for percent, document in by_verb.items():
            own = [row for row in rows if row["variant"] == str(percent)]
            assert [{key: row[key] for key in document["tables"][table][0]} for row in own] == document["tables"][table]
