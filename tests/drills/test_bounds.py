"""What is held back, taken away or cut off: the lock of the database, memory, the plan, the network."""

import os
import signal
import subprocess
import sys
import time

import pytest

from benchmarks.scaled import scaled_plan
from model_data import save_plan
from tests.drills.checks import nothing_left, settled
from tests.drills.network import Network
from tests.drills.service import TINY, Clients, until
from tests.drills.test_killed import mixed, some_done

pytestmark = [pytest.mark.slow, pytest.mark.skipif(sys.platform != "linux", reason="processes are found in /proc")]
HOLD = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=60)
connection.execute("BEGIN IMMEDIATE")
print("held", flush=True)
sys.stdin.readline()
"""


def test_another_process_holds_the_lock_of_sqlite(make, url, record_property):
    """Longer than anybody waits for it, and longer than a lease; then again, and the holder is killed."""
    service = make(url).start()
    runs = Clients(service, mixed(3, 2, 150)).wait()
    for number in range(2):
        some_done(service, runs, 20)
        command = [sys.executable, "-c", HOLD, url.removeprefix("sqlite:///")]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
            assert holder.stdout.readline() == b"held\n"
            late = Clients(service, {f"late {number}": mixed(1, 0, 0)["run 0"]}, threads=1)
            until(lambda late=late: late.refusals, pause=1)
            time.sleep(5)
            assert service.ask("GET", "/v1/runs")[0] == 200, "what is there can be read"
            holder.send_signal(signal.SIGKILL)
        assert set(late.refusals) == {503}
        runs |= late.wait()
    record_property("runs", settled(url, runs))


def test_a_question_wants_more_memory_than_a_worker_may_have(make, url, tmp_path, record_property):
    """It fails with its reason, and others are answered."""
    save_plan(scaled_plan(40), tmp_path / "large")
    plans = os.pathsep.join(map(str, (TINY, tmp_path / "large")))
    service = make(url, plan=None, PLANOPT_API_PLANS=plans, PLANOPT_API_WORKER_MEMORY="720").start()
    (large,) = {item["plan"] for item in service.ask("GET", "/v1/plans")[1]["items"]} - {"tiny"}
    hungry = {"plan": large, "question": {"kind": "what_if"}}
    cases = {"plan": large, "cases": {"kind": "questions", "questions": [{"kind": "what_if"}] * 2}}
    failing = Clients(service, {"a": ("/v1/runs", hungry), "b": ("/v1/batches", cases)}).wait()
    runs = Clients(service, mixed(3, 1, 60)).wait()
    record_property("runs", settled(url, failing | runs, ("succeeded", "failed")))
    for run in failing:
        problems = [task["problem"]["code"] for task in service.ask("GET", f"/v1/runs/{run}/tasks")[1]["items"]]
        assert set(problems) <= {"out_of_memory", "worker_lost"}
        assert problems
    assert all(service.run(run)["state"] == "succeeded" for run in runs)


def test_the_plan_of_waiting_tasks_is_no_longer_among_the_settings(make, url, tmp_path, record_property):
    """What was answered stays; what waited fails with its reason."""
    service = make(url).start()
    runs = Clients(service, mixed(4, 1, 200)).wait()
    some_done(service, runs, 20)
    service.kill()
    nothing_left(service)
    save_plan(scaled_plan(1), tmp_path / "other")
    service.plan = tmp_path / "other"
    service.start()
    record_property("runs", settled(url, runs, ("succeeded", "failed", "partial")))
    found = [task for run in runs for task in service.ask("GET", f"/v1/runs/{run}/tasks")[1]["items"]]
    assert {task["problem"]["code"] for task in found if task["state"] == "failed"} == {"unknown_plan"}
    assert sum(task["state"] == "succeeded" for task in found) >= 20


@pytest.fixture
def network():
    made = Network()
    yield made
    made.remove()


def test_the_network_to_the_cluster_is_cut(make, url, clusters, network, record_property):
    """Nothing is refused and nothing arrives, for longer than a lease."""
    cluster = clusters(host=network.there, prefix=network.inside)
    service = make(url, PLANOPT_API_ENGINE="dask", PLANOPT_API_DASK_SCHEDULER=cluster.address).start()
    runs = Clients(service, mixed(3, 2, 150)).wait()
    for seconds in (3, 40):
        some_done(service, runs, 20)
        network.cut()
        time.sleep(seconds)
        network.mend()
    record_property("runs", settled(url, runs))
