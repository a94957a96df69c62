"""A long program with whole projects is cancelled while branch and bound goes on: it stops soon, and what it had found
is told as what it is.

The program: the shipped plan repeated for six regions, whose projects are built as a whole or not at all; no optimum is
proved within minutes.
"""

import statistics
import sys
import time

import pytest

from benchmarks.scaled import scaled_plan
from model_data import save_plan
from tests.drills.checks import settled
from tests.drills.service import until
from tests.drills.test_killed import engines

REGIONS, CANCELS = 6, 10
HARD = {"kind": "what_if", "scenario": "required_only", "changes": {"whole_projects": True}, "time_limit": 600}
pytestmark = [pytest.mark.slow, pytest.mark.skipif(sys.platform != "linux", reason="processes are found in /proc")]


@pytest.fixture(scope="module")
def hard_plan(tmp_path_factory):
    folder = tmp_path_factory.mktemp("plans") / "hard"
    save_plan(scaled_plan(REGIONS), folder)
    return folder


def is_solved(service, run):
    """Whether branch and bound has begun: the incumbent is told."""
    return service.run(run)["counts"]["running"] == 1


def cancelled(service, plan, after):
    """Seconds from asking to the end of the run, and the status of what is kept."""
    _, told = service.ask("POST", "/v1/runs", {"plan": plan, "question": HARD})
    run = told["id"]
    until(lambda: is_solved(service, run), pause=0.02)
    time.sleep(after)
    assert service.run(run)["state"] == "running"
    begun = time.monotonic()
    assert service.ask("DELETE", f"/v1/runs/{run}")[0] == 200
    until(lambda: service.run(run)["state"] == "cancelled", pause=0.01)
    seconds = time.monotonic() - begun
    status, document = service.ask("GET", f"/v1/runs/{run}/result")
    return run, seconds, document if status == 200 else None


@engines
def test_ten_cancels(make, url, engine, hard_plan, record_property):
    service = make(url, plan=hard_plan, **engine).start()
    name = service.ask("GET", "/v1/plans")[1]["items"][0]["plan"]
    found = [cancelled(service, name, 12.0 + 0.7 * number) for number in range(CANCELS)]
    seconds = [one for _, one, _ in found]
    incumbents = [document for _, _, document in found if document is not None]
    record_property("seconds", " ".join(f"{one:.2f}" for one in seconds))
    record_property("median and maximum", f"{statistics.median(seconds):.2f} {max(seconds):.2f}")
    record_property("incumbents", len(incumbents))
    for document in incumbents:
        assert document["status"] == "cancelled"
        assert "best plan found so far" in document["sentence"]
    record_property("runs", settled(url, {run for run, _, _ in found}, ("cancelled",)))
