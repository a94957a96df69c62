"""What users wait for: the command line, and a what-if over HTTP with the service in a thread of this process."""

from __future__ import annotations

import http.client
import json
import os
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from api.app import create_app
from api.plans.library import Library
from api.serving.server import Server
from api.settings import Settings
from benchmarks.cases import Case, near_shares
from benchmarks.phases import ROOT
from benchmarks.questions import Sizes
from benchmarks.registry import FLOOR, Once, Outcome, phase, takes_part
from benchmarks.warm import RawStages
from model_data import save_plan

COMMAND = phase("command line", "planopt solve, Python's start included")
REQUEST = phase("request", "What-ifs over HTTP on one connection")
_PATIENCE = 60.0


@takes_part(COMMAND, "ours, answer kept", 1)
def kept(case: Case) -> Once:
    return _command(case, keep=True)


@takes_part(COMMAND, "ours, nothing kept", 1)
def fresh(case: Case) -> Once:
    return _command(case, keep=False)


def _command(case: Case, *, keep: bool) -> Once:
    folder = case.folder()
    save_plan(case.plan, folder / "plan")
    cache = str(folder / "cache") if keep else "off"
    environment = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", "PLANOPT_CACHE": cache}
    command = [sys.executable, "-P", "-m", "optimizer.cli", "solve", str(folder / "plan")]

    def once() -> Outcome:
        subprocess.run(command, env=environment, cwd=folder, stdout=subprocess.DEVNULL, check=True)
        return Outcome()

    if keep:
        once()
    return once


@takes_part(REQUEST, "ours", 1)
def requests(case: Case) -> Once:
    ask = _asking(case)
    ask(0.0)
    places = iter(range(10**6))

    def once() -> Outcome:
        seed = 1e-6 * next(places)  # no question is asked twice
        waited = []
        for share in near_shares(Sizes.what_ifs):
            started = time.perf_counter()
            ask(share + seed)
            waited.append(1000.0 * (time.perf_counter() - started))
        return Outcome(None, {"p50 ms": statistics.median(waited), "most ms": max(waited)})

    return once


@takes_part(REQUEST, FLOOR, 1)
def solved_only(case: Case) -> Once:
    at = RawStages(case.whole).at
    at(0.0)

    def once() -> Outcome:
        for share in near_shares(Sizes.what_ifs):
            at(share)
        return Outcome()

    return once


def _asking(case: Case) -> Callable[[float], dict[str, Any]]:
    """Sends a what-if to a service that runs until the phase is over."""
    folder = case.folder()
    port = case.opened.enter_context(served(case, folder))
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_PATIENCE)
    case.opened.callback(connection.close)
    budgets = case.plan.table("budgets")
    own = budgets.loc[budgets["of"] == "", "budget"].tolist()

    def ask(share: float) -> dict[str, Any]:
        changes = {"budgets": {name: {"factor": 1.0 + share} for name in own}}
        path = f"/v1/plans/{case.plan.settings.plan}/what-ifs"
        connection.request("POST", path, json.dumps({"changes": changes}), {"content-type": "application/json"})
        answer = connection.getresponse()
        body: dict[str, Any] = json.loads(answer.read())
        if answer.status != http.HTTPStatus.OK:
            raise RuntimeError(f"{answer.status}: {body}")
        return body

    return ask


@contextmanager
def served(case: Case, folder: Path) -> Iterator[int]:
    """The port of a service with the plan of the case."""
    settings = Settings(database=f"sqlite:///{(folder / 'bench.sqlite3').as_posix()}")
    server = Server(create_app(settings, Library([case.plan])), settings)
    listening = socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    end = time.monotonic() + _PATIENCE
    while not server.started and time.monotonic() < end:
        time.sleep(0.01)
    try:
        yield listening.getsockname()[1]
    finally:
        server.should_exit = True
        thread.join(_PATIENCE)
