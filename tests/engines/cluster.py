"""A Dask cluster on loopback for tests: scheduler and workers as processes of their own."""

import json
import os
import signal
import subprocess
import sys
import time

from tests.databases import _die_with_parent
from tests.house.source import ROOT

OPTIONS = {
    # A worker that dies loses its task at once; the ledger counts attempts, not Dask.
    "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "0",
    # As in deploy/dask.env: no part waits for a time of day.
    **{f"DASK_DISTRIBUTED__{part}__PRELOAD": "api.engines.steady" for part in ("SCHEDULER", "WORKER", "NANNY")},
    "PYTHONPATH": str(ROOT),
}


class Cluster:
    """``workers`` processes, kept up by a nanny. ``prefix`` stands before each command."""

    def __init__(self, folder, workers=2, port=0, host="127.0.0.1", prefix=(), environment=None, threads=1):
        self.folder, self.file = folder, folder / "scheduler.json"
        self._prefix, self._environment = list(prefix), os.environ | OPTIONS | (environment or {})
        self.scheduler = self._start("scheduler", "--host", host, "--port", str(port),
                                     "--scheduler-file", str(self.file))  # fmt: skip
        until = time.monotonic() + 60
        while not self.file.exists() or not self.file.read_text():
            assert self.scheduler.poll() is None, self.log("scheduler")
            assert time.monotonic() < until, self.log("scheduler")
            time.sleep(0.05)
        self.address = json.loads(self.file.read_text())["address"]
        self.workers = self._start("worker", self.address, "--nthreads", str(threads), "--nworkers", str(workers),
                                   "--memory-limit", "0", "--host", host, "--local-directory", str(folder))  # fmt: skip

    def _start(self, part, *options):
        with (self.folder / f"{part}.log").open("ab") as log:
            how = {
                "env": self._environment, "cwd": self.folder, "stdout": log, "stderr": log,
                "start_new_session": True, "preexec_fn": _die_with_parent,  # only asks the kernel for a signal
            }  # fmt: skip
            command = [*self._prefix, sys.executable, "-m", f"distributed.cli.dask_{part}", "--no-dashboard", *options]
            return subprocess.Popen(command, **how)

    def log(self, part):
        return (self.folder / f"{part}.log").read_text()

    @property
    def port(self):
        return int(self.address.rpartition(":")[2])

    def stop(self):
        for process in (self.workers, self.scheduler):
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
