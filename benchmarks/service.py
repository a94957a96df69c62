"""What users wait for: the command line, and a what-if over HTTP with the service in threads of this process."""

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
from optimizer.stopwatch import OTHER

COMMAND = phase("command line", "planopt solve, Python's start included")
REQUEST = phase("request", "What-ifs over HTTP on one connection")
_PATIENCE = 60.0


@takes_part(COMMAND, "ours, answer kept", 1)
def kept(case: Case) -> Once:
    ask = _command(case, keep=True)
    ask([])
    return lambda: ask([])


@takes_part(COMMAND, "ours, other budgets", 1)
def changed(case: Case) -> Once:
    """Each time another question; where the scenario ended without changes is kept."""
    ask, percents = _command(case, keep=True), iter(range(1, 10**6))
    ask([])
    return lambda: ask(_percent_more(case, 0.01 * next(percents)))


@takes_part(COMMAND, "ours, other budgets, nothing kept", 1)
def changed_fresh(case: Case) -> Once:
    ask, percents = _command(case, keep=False), iter(range(1, 10**6))
    return lambda: ask(_percent_more(case, 0.01 * next(percents)))


@takes_part(COMMAND, "ours, nothing kept", 1)
def fresh(case: Case) -> Once:
    ask = _command(case, keep=False)
    return lambda: ask([])


def _percent_more(case: Case, percent: float) -> list[str]:
    return [word for name in case.own_budgets for word in ("--budget", f"{name}={percent:+.2f}")]


def _command(case: Case, *, keep: bool) -> Callable[[list[str]], Outcome]:
    folder = case.folder()
    save_plan(case.plan, folder / "plan")
    cache = str(folder / "cache") if keep else "off"
    environment = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", "PLANOPT_CACHE": cache}
    command = [sys.executable, "-P", "-m", "optimizer.cli", "solve", str(folder / "plan")]

    def ask(more: list[str]) -> Outcome:
        subprocess.run([*command, *more], env=environment, cwd=folder, stdout=subprocess.DEVNULL, check=True)
        return Outcome()

    return ask


@takes_part(REQUEST, "ours", 1)
def requests(case: Case) -> Once:
    return _requests(case, {})


@takes_part(REQUEST, "ours, no exchange rates", 1)
def requests_without_rates(case: Case) -> Once:
    return _requests(case, {"tables": ["indicators", "quantities", "projects"]})


@takes_part(REQUEST, "ours, asked before", 1)
def requests_again(case: Case) -> Once:
    return _requests(case, {}, again=True)


def _requests(case: Case, stated: dict[str, Any], *, again: bool = False) -> Once:
    """Milliseconds that are waited for, of which solving, and the share of the rest that the answers explain."""
    ask = _asking(case, stated)
    ask(0.0)
    places = iter(range(10**6))

    def once() -> Outcome:
        seed = 0.0 if again else 1e-6 * next(places)
        shares = near_shares(Sizes.what_ifs)
        for share in shares if again else ():
            ask(share)
        asked = [ask(share + seed) for share in shares]
        rest = sum(waited - parts.get("solve", 0.0) for waited, parts in asked)
        explained = sum(sum(parts.values()) - parts.get("solve", 0.0) for _, parts in asked)
        return Outcome(
            None,
            {
                "p50 ms": statistics.median(waited for waited, _ in asked),
                "most ms": max(waited for waited, _ in asked),
                "explained": explained / rest,
                **{f"{name} ms": statistics.median(parts.get(name, 0.0) for _, parts in asked) for name in asked[0][1]},
            },
        )

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


def _asking(case: Case, stated: dict[str, Any]) -> Callable[[float], tuple[float, dict[str, float]]]:
    """Sends a what-if to a service that runs until the phase is over: milliseconds, and those that its answer names."""
    folder = case.folder()
    port = case.opened.enter_context(served(case, folder))
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_PATIENCE)
    case.opened.callback(connection.close)

    def ask(share: float) -> tuple[float, dict[str, float]]:
        changes = {"budgets": {name: {"factor": 1.0 + share} for name in case.own_budgets}}
        path = f"/v1/plans/{case.plan.settings.plan}/what-ifs"
        question = json.dumps({"changes": changes} | stated)
        started = time.perf_counter()
        try:
            answer = _sent(connection, path, question)
        except ConnectionError:  # the service does not keep it while others take their turn
            connection.close()
            answer = _sent(connection, path, question)
        body = answer.read()
        waited = 1000.0 * (time.perf_counter() - started)
        if answer.status != http.HTTPStatus.OK:
            raise RuntimeError(f"{answer.status}: {body!r}")
        return waited, _parts(answer.headers["Server-Timing"])

    return ask


def _sent(connection: http.client.HTTPConnection, path: str, question: str) -> http.client.HTTPResponse:
    connection.request("POST", path, question, {"content-type": "application/json"})
    return connection.getresponse()


def _parts(header: str) -> dict[str, float]:
    """Milliseconds by the parts that a header Server-Timing names; what it leaves open is none."""
    named = (one.partition(";dur=") for one in header.split(", "))
    return {name: float(milliseconds) for name, _, milliseconds in named if name not in ("total", OTHER)}


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
