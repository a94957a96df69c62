"""A real service as a process of its own, what its users say to it over HTTP, and every process that it starts."""

import http.client
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
import uuid
from pathlib import Path

from tests.databases import _die_with_parent
from tests.house.source import ROOT

TINY = ROOT / "tests" / "plans" / "tiny"
ADDRESS = re.compile(r"http://127\.0\.0\.1:(\d+)")
PATIENCE = 300.0  # seconds for what must come at last
MARK = "DRILL_OF"
NO_ANSWER = (OSError, http.client.HTTPException, ValueError)


def until(true, seconds=PATIENCE, pause=0.1, what="it"):
    """What it gives, once it is true."""
    end = time.monotonic() + seconds
    while not (found := true()):
        assert time.monotonic() < end, f"{what} never came"
        time.sleep(pause)
    return found


class Service:
    """``python -m api`` over one database, started again after each death. Whatever it starts bears its mark."""

    def __init__(self, folder, database, plan=TINY, **settings):
        self.mark, self.port, self.process = uuid.uuid4().hex, None, None
        self.database, self.plan = database, plan  # no plan: the one that the settings name
        self._folder, self._starts = folder, 0
        self._environment = {name: value for name, value in os.environ.items() if not name.startswith("PLANOPT_")} | {
            "PYTHONUTF8": "1",
            "PYTHONPATH": str(ROOT),
            "PLANOPT_LANG": "en",
            "PLANOPT_CACHE": "off",
            "PLANOPT_API_DATABASE": database,
            "PLANOPT_API_RATE": "1000000",
            "PLANOPT_API_WORKERS": "1",
            MARK: self.mark,
            **settings,
        }

    def launch(self):
        """Only starts the process."""
        self._starts += 1
        command = [sys.executable, "-P", "-m", "api", "--port", "0"]
        command += ["--plan", str(self.plan)] if self.plan else []
        with self.file("out").open("wb") as out, self.file("log").open("wb") as log:
            how = {
                "env": self._environment, "stdout": out, "stderr": log, "cwd": self._folder,
                "preexec_fn": _die_with_parent,  # only asks the kernel for a signal
            }  # fmt: skip
            self.process = subprocess.Popen(command, **how)

    def start(self):
        self.launch()
        found = until(lambda: ADDRESS.search(self.file("out").read_text()) or self.process.poll() is not None)
        assert found is not True, self.file("log").read_text()
        self.port = int(found[1])
        return self

    def file(self, kind):
        return self._folder / f"service{self._starts}.{kind}"

    def kill(self):
        """As kill -9 does; what it had started is given a few seconds to notice."""
        self.port = None
        self.process.kill()
        self.process.wait()

    def stop(self):
        """As systemd does; its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=120)

    def ask(self, method, path, body=None, timeout=60, **headers):
        """Status and document. Raises one of NO_ANSWER."""
        if self.port is None:
            raise ConnectionRefusedError("it is being started again")
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            content = None if body is None else json.dumps(body)
            connection.request(method, path, content, {"Content-Type": "application/json", **headers})
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        finally:
            connection.close()

    def run(self, run):
        return until(lambda: self._found(f"/v1/runs/{run}"))

    def _found(self, path):
        try:
            status, found = self.ask("GET", path)
        except NO_ANSWER:
            return None
        assert status in (200, 503), found
        return found if status == 200 else None

    def processes(self):
        """Process id and command line of everything that was started by this service and lives."""
        return {number: command for number, command in marked(self.mark) if number != os.getpid()}

    def workers(self):
        return [number for number, command in self.processes().items() if "spawn_main" in command]


def numbers():
    """Ids of all processes."""
    return [int(folder.name) for folder in Path("/proc").iterdir() if folder.name.isdigit()]


def marked(mark):
    """Processes whose environment has the mark, with their command lines."""
    sign = f"{MARK}={mark}".encode()
    for number in numbers():
        folder = Path(f"/proc/{number}")
        try:
            if sign in (folder / "environ").read_bytes():
                yield number, (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:  # it has ended, or is another's
            continue


class Clients:
    """Threads that post requests with idempotency keys, each again until it is accepted."""

    LATER = (429, 503, 507)

    def __init__(self, service, requests, threads=4):
        self.accepted, self.refusals, self.faults = {}, [], []
        self._service, self._waiting = service, list(requests.items())
        self.requests, self._lock = requests, threading.Lock()
        self._threads = [threading.Thread(target=self._post_all, daemon=True) for _ in range(threads)]
        for thread in self._threads:
            thread.start()

    def _post_all(self):
        while True:
            with self._lock:
                if not self._waiting:
                    return
                key, request = self._waiting.pop(0)
            try:
                self.accepted[key] = until(lambda key=key, request=request: self._post(key, *request), pause=0.2)
            except Exception as error:  # noqa: BLE001 - told at the end
                self.faults.append((key, repr(error)))

    def _post(self, key, path, body):
        try:
            status, found = self._service.ask("POST", path, body, **{"Idempotency-Key": key})
        except NO_ANSWER:
            return None
        if status == 202:
            return found["id"]
        self.refusals.append(status)
        assert status in self.LATER, found
        return None

    def wait(self):
        """Everything is accepted, and asking once more makes nothing new."""
        for thread in self._threads:
            thread.join(PATIENCE)
        assert self.faults == []
        assert self.accepted.keys() == self.requests.keys()
        for key, request in self.requests.items():
            assert self._post(key, *request) == self.accepted[key]
        assert len(set(self.accepted.values())) == len(self.requests)
        return set(self.accepted.values())
