"""``python -m api`` as a process of its own."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request

import pytest
from typer.testing import CliRunner

from api import __main__ as service
from api.settings import Settings
from api.store.answers import Answers
from api.store.database import Database
from api.store.ledger import Ledger
from api.store.records import Document
from model_data import load_plan
from optimizer import load_scenario, solve
from optimizer.commands.exit_codes import ExitCode
from optimizer.words.language import Language
from optimizer.words.report import report
from tests.api.conftest import PLANS
from tests.api.serving import entries as log_entries
from tests.house.source import ROOT
from tests.store import specimen

TINY = ["--plan", str(PLANS / "tiny")]
INFEASIBLE = {"indicators": {"growth": {"target": 50}}}
ADDRESS = re.compile(r"http://[\d.:\[\]]+(?=[\s (/])")


def environment(**more):
    """The environment without our variables; the modules are those under test, installed or not."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PLANOPT_")}
    return clean | {"PYTHONUTF8": "1", "PYTHONPATH": str(ROOT), "PLANOPT_LANG": "en"} | more


def command(*arguments):
    return [sys.executable, "-P", "-m", "api", *arguments]


def run(*arguments, **more):
    return subprocess.run(
        command(*arguments), env=environment(**more), capture_output=True, encoding="utf-8", timeout=120, check=False
    )


@pytest.fixture
def start():
    """Starts the service on a free port; returns the process and its address. Killed at the end, if need be."""
    processes = []

    def begin(*arguments, **more):
        process = subprocess.Popen(
            command(*TINY, "--port", "0", *arguments), env=environment(**more), stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, encoding="utf-8",
        )  # fmt: skip
        processes.append(process)
        alarm = threading.Timer(120, process.kill)
        alarm.start()
        address = next((found.group() for line in process.stdout if (found := ADDRESS.search(line))), None)
        alarm.cancel()
        assert address, process.stderr.read()
        return process, address

    yield begin
    for process in processes:
        process.kill()
        process.communicate()


def fetch(address, body=None):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(address, data, {"Content-Type": "application/json"})  # noqa: S310 - own address
    with urllib.request.urlopen(request, timeout=60) as response:  # noqa: S310
        return json.load(response)


def ready(address):
    """What it says once it is ready: first, processes for questions are started beside it."""
    until = time.monotonic() + 120
    while True:
        try:
            return fetch(f"{address}/readyz")
        except urllib.error.HTTPError as error:
            if error.code != 503 or time.monotonic() > until:
                raise
            time.sleep(0.1)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_answers_and_leaves_nothing_behind(start, number):
    process, address = start()
    plan = load_plan(PLANS / "tiny")
    assert ready(address)["plans"] == ["tiny"]
    found = fetch(f"{address}/v1/plans/tiny/what-ifs", {"scenario": "less_money"})
    assert found["objective"]["value"] == solve(plan, load_scenario(plan, "less_money")).objective
    process.send_signal(number)
    rest, errors = process.communicate(timeout=30)
    assert process.returncode == 0
    assert rest.strip() == "Stopped."
    entries = log_entries(errors)
    requests = [(entry["method"], entry["route"], entry["status"]) for entry in entries if entry["event"] == "request"]
    requests = [request for request in requests if request != ("GET", "/readyz", 503)]  # while processes were started
    assert requests == [("POST", "/v1/plans/{plan}/what-ifs", 200)]
    assert [entry["signal"] for entry in entries if "signal" in entry] == [number.name]
    host, port = address.removeprefix("http://").split(":")
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((host, int(port)), timeout=5)


def test_the_answer_is_printed_as_planopt_solve_prints_it(tiny):
    done = run(*TINY, "--no-serve")
    assert (done.returncode, done.stderr) == (0, "")
    expected = report(solve(tiny, load_scenario(tiny)), Language.EN)
    said = [expected.title, *expected.headline, *(section.title for section in expected.sections)]
    assert len(said) > 5
    assert [line for line in said if line not in done.stdout] == []
    assert "http" not in done.stdout


@pytest.fixture
def called(monkeypatch):
    """Calls the command in this process; returns its exit code and what it printed."""

    def call(*arguments, **variables):
        for name in [name for name in os.environ if name.startswith("PLANOPT_")]:
            monkeypatch.delenv(name)
        for name, value in ({"PLANOPT_LANG": "en"} | variables).items():
            monkeypatch.setenv(name, value)
        done = CliRunner().invoke(service.app, arguments)
        assert done.exception is None or isinstance(done.exception, SystemExit)
        return done.exit_code, done.output

    return call


def test_the_answer_is_printed_in_chinese(called):
    code, said = called(*TINY, "--no-serve", PLANOPT_LANG="zh")
    assert code == 0
    assert "示例规划" in said


def test_without_serving_an_infeasible_plan_has_the_exit_code_of_planopt_solve(called, monkeypatch):
    monkeypatch.setattr(service, "load_scenario", lambda plan: load_scenario(plan, None, INFEASIBLE))
    code, said = called(*TINY, "--no-serve")
    assert code == ExitCode.INFEASIBLE
    assert "contradict each other" in said


def test_a_port_in_use_is_said(called):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        code, said = called(*TINY, "--port", str(taken.getsockname()[1]))
    assert code == ExitCode.USAGE
    assert "Cannot listen on" in said
    assert "--port" in said


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals")
def test_where_nobody_chose_the_port_the_next_free_one_is_taken(monkeypatch, capsys):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        monkeypatch.setattr(Settings.model_fields["port"], "default", port)
        Settings.model_rebuild(force=True)
        try:
            with service._listen(Settings(), Language.EN) as listening:
                other = listening.getsockname()[1]
        finally:
            monkeypatch.undo()
            Settings.model_rebuild(force=True)
    assert port < other < port + service.NEXT_PORTS
    assert f"Port {port} is in use; taking {other}" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["--host", "192.0.2.1"], 2, "access keys"),
        (["--port", "70000"], 2, "port"),
        (["--plan", "nowhere"], 3, "no plan"),
        ([*TINY, *TINY], 2, "two plans"),
        (["--colour"], 2, "colour"),
    ],
)
def test_what_cannot_be_served_is_refused(called, arguments, code, said):
    found, printed = called(*arguments, "--no-serve")
    assert found == code
    assert said in printed


def test_an_unknown_variable_is_refused(called):
    code, said = called("--no-serve", PLANOPT_API_PROT="1")
    assert code == ExitCode.USAGE
    assert "PLANOPT_API_PORT" in said


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals")
def test_it_stops_at_once_also_with_a_connection_open(start):
    process, address = start()
    host, port = address.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port))) as idle:
        idle.sendall(b"POST /v1/plans/tiny/what-ifs HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100\r\n\r\n{")
        time.sleep(0.2)
        begun = time.monotonic()
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)
    assert process.returncode == 0
    assert time.monotonic() - begun < 10


def test_an_operator_forgets_runs_and_answers_at_once(called, tmp_path):
    url = f"sqlite:///{tmp_path}/planopt.sqlite3"
    database = Database(url)
    database.upgrade()
    ledger, answers = Ledger(database), Answers(database)
    ended = ledger.cancel(ledger.accept(specimen.batch(2)).id)
    waiting = ledger.accept(specimen.batch(1))
    answers.put(Document.of(b"{}", etag="asked before"))

    def left():
        return {run.id for run in ledger.runs().items}, answers.get("asked before") is not None

    assert called("purge", PLANOPT_API_DATABASE=url)[1].startswith("Forgot 0 runs that ended more than 90 days ago")
    assert left() == ({ended.id, waiting.id}, True)
    assert called("purge", "--days", "0", PLANOPT_API_DATABASE=url)[0] == 0
    assert left() == ({waiting.id}, True)
    assert "1 个保存的答案" in called("purge", "--answers", PLANOPT_API_DATABASE=url, PLANOPT_LANG="zh")[1]
    assert left() == ({waiting.id}, False)
    assert called("purge", "--days", "-1", PLANOPT_API_DATABASE=url)[0] == ExitCode.USAGE
    database.close()
