"""A long program with whole projects is cancelled at any time of its life: it has ended soon, its process works no
more, what it had found is told as what it is, and others are not disturbed.

The program: the shipped plan repeated for six regions, whose projects are built as a whole or not at all; no optimum is
proved within minutes. With ``--full`` a table says how long each cancel took.
"""

import statistics
import sys
import time
from contextlib import suppress
from dataclasses import dataclass

import psutil
import pytest

from benchmarks.scaled import scaled_plan
from model_data import save_plan
from tests.drills.checks import deaths, settled
from tests.drills.service import until
from tests.drills.test_killed import engines

REGIONS = 6
HARD = {"kind": "what_if", "scenario": "required_only", "changes": {"whole_projects": True}, "time_limit": 600}
EASY = {"kind": "what_if", "scenario": "required_only", "tables": ["indicators"]}
# Seconds after which it is cancelled: while a process starts, it is set up, in presolve, at the root, in the search.
MOMENTS = (0.0, 0.3, 0.8, 1.3, 2.0, 3.0, 5.0, 8.0, 12.0, 20.0)
MOST = 5.0  # seconds that are asserted; a second is promised, to machines that are not busy with other tests
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are found in /proc")


@dataclass(frozen=True)
class Cancelled:
    """``seconds`` until the run was seen as cancelled, ``working`` until no process worked on it any more."""

    run: str
    after: float
    seconds: float
    working: float
    document: dict | None


@pytest.fixture(scope="module")
def hard_plan(tmp_path_factory):
    folder = tmp_path_factory.mktemp("plans") / "hard"
    save_plan(scaled_plan(REGIONS), folder)
    return folder


def used():
    """Seconds of processor by process, of every worker of the service or of the cluster."""
    found = {}
    for process in psutil.Process().children(recursive=True):
        with suppress(psutil.Error):
            if "spawn_main" in " ".join(process.cmdline()):
                times = process.cpu_times()
                found[process.pid] = times.user + times.system
    return found


def calm():
    """Whether no worker works for a moment; those that have just started have loaded what they need then."""
    before = used()
    time.sleep(0.6)
    after = used()
    return before.keys() == after.keys() and all(after[one] - before[one] < 0.05 for one in before)


def accepted(service, plan, question):
    return service.ask("POST", "/v1/runs", {"plan": plan, "question": question})[1]["id"]


def cancelled(service, plan, after):
    run = accepted(service, plan, HARD)
    time.sleep(after)
    before = used()
    asked = time.monotonic()
    assert service.ask("DELETE", f"/v1/runs/{run}")[0] == 200
    seconds = working = 0.0
    while not seconds or time.monotonic() < asked + working + 0.6:
        time.sleep(0.05)
        now, at = used(), time.monotonic() - asked
        if not seconds and service.run(run)["state"] == "cancelled":
            seconds = at
        if any(now.get(one, 0.0) > before[one] + 0.015 for one in before):
            working = at
        before = {one: now[one] for one in before if one in now}
        assert at < 60
    status, document = service.ask("GET", f"/v1/runs/{run}/result")
    return Cancelled(run, after, seconds, working, document if status == 200 else None)


@engines
def test_cancels(make, url, engine, hard_plan, full, record_property, capsys):
    service = make(url, plan=hard_plan, **engine).start()
    name = service.ask("GET", "/v1/plans")[1]["items"][0]["plan"]
    found, others = [], []
    for number in range(30 if full else 2):
        until(calm, pause=0.1)
        others += [accepted(service, name, EASY)] if number % 10 == 1 else []
        moment = MOMENTS[number % len(MOMENTS)] if full else (1.0, 8.0)[number]
        found.append(cancelled(service, name, moment))
    record_property("runs", settled(url, {one.run for one in found} | set(others), ("cancelled", "succeeded")))
    assert {service.run(run)["state"] for run in others} == {"succeeded"}
    assert set(deaths(url, others)) == {0}
    if full:
        with capsys.disabled():
            show(found)
    for one in found:
        assert max(one.seconds, one.working) < MOST, one
        if one.document is not None:
            check_incumbent(one.document)


def check_incumbent(document):
    value, bound = document["objective"]["value"], document["objective"]["bound"]
    assert (document["status"], document["certificate"]) == ("cancelled", None)
    if value is None:  # the solver listened, and had nothing yet
        assert "No plan had been found yet" in document["sentence"]
        return
    assert "not proved the best" in document["sentence"]
    assert bound is None or value <= bound
    assert value > 0
    assert document["tables"]["projects"]


def show(found):
    rows = [" after  cancelled  working  gap of the incumbent"]
    for one in sorted(found, key=lambda one: one.after):
        gap = "none" if one.document is None else one.document["effort"]["gap"]
        rows.append(f"{one.after:6.1f} {one.seconds:10.2f} {one.working:8.2f}  {gap}")
    for what in ("seconds", "working"):
        each = [getattr(one, what) for one in found]
        rows.append(f"{what}: median {statistics.median(each):.2f}, at most {max(each):.2f}")
    sys.stdout.write("\n" + "\n".join(rows) + "\n")
