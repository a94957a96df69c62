"""A service as a process of its own, on a free port, with a database that goes with it; and a Dask cluster on loopback.

What they take is read from /proc, so on Linux only.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
ADDRESS = re.compile(r"http://[\d.]+:\d+")
TICKS, PAGE = os.sysconf("SC_CLK_TCK"), os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True)
class Service:
    """Where it listens, its process, and where its log is."""

    address: str
    process: subprocess.Popen[str]
    log: Path

    def memory(self) -> tuple[float, float]:
        """Resident MB of the service itself, and of the processes that it has started."""
        own = self.process.pid
        return resident(own), sum(resident(child) for child in descendants(own))


@contextmanager
def service(plan: Path, engine: str = "local", workers: int = 2, **settings: str | int) -> Iterator[Service]:
    """Serves the plan until the block ends. ``engine``: local or dask; ``settings`` by the names of their fields."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="planopt-bench-")))
        stated = {"engine": engine, "workers": workers, "log_format": "json", **settings}
        if engine == "dask":
            stated["dask_scheduler"] = stack.enter_context(cluster(folder, workers))
        own = {f"PLANOPT_API_{name.upper()}": str(value) for name, value in stated.items()}
        database = f"sqlite:///{(folder / 'runs.sqlite3').as_posix()}"
        command = ["api", "--plan", str(plan), "--port", "0", "--database", database]
        process = stack.enter_context(_process(command, folder / "service.log", own))
        address = next((found.group() for line in process.stdout or () if (found := ADDRESS.search(line))), None)
        if address is None:
            raise RuntimeError((folder / "service.log").read_text())
        yield Service(address, process, folder / "service.log")


@contextmanager
def cluster(folder: Path, workers: int) -> Iterator[str]:
    """The address of a scheduler with so many workers of one thread, all of them processes of their own."""
    file, log = folder / "scheduler.json", folder / "dask.log"
    scheduler = ["distributed.cli.dask_scheduler", "--no-dashboard", "--host", "127.0.0.1", "--port", "0"]
    with _process([*scheduler, "--scheduler-file", str(file)], log):
        until = time.monotonic() + 60
        while not file.exists() or not file.read_text():
            if time.monotonic() > until:
                raise RuntimeError(log.read_text())
            time.sleep(0.1)
        address = json.loads(file.read_text())["address"]
        worker = ["distributed.cli.dask_worker", address, "--no-dashboard", "--nthreads", "1", "--memory-limit", "0"]
        with _process([*worker, "--nworkers", str(workers), "--local-directory", str(folder)], log):
            yield address


@contextmanager
def _process(command: list[str], log: Path, own: dict[str, str] | None = None) -> Iterator[subprocess.Popen[str]]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PLANOPT_")}
    environment = clean | {"PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", "PYTHONUNBUFFERED": "1"} | (own or {})
    with log.open("a", encoding="utf-8") as errors:
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", *command],
            env=environment, stdout=subprocess.PIPE, stderr=errors, encoding="utf-8",
        )  # fmt: skip
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.communicate(timeout=60)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()


def descendants(pid: int) -> list[int]:
    """Processes below this one."""
    lists = Path(f"/proc/{pid}/task").glob("*/children")
    found = [int(child) for one in lists for child in _read(one).split()]
    return found + [below for child in found for below in descendants(child)]


def resident(pid: int) -> float:
    """Resident memory in MB; 0 for a process that is gone."""
    fields = _read(Path(f"/proc/{pid}/statm")).split()
    return int(fields[1]) * PAGE / 1e6 if fields else 0.0


def processor_seconds(pids: list[int]) -> float:
    """Seconds of processor that these processes have taken so far."""
    after_name = [_read(Path(f"/proc/{pid}/stat")).rpartition(")")[2].split() for pid in pids]
    return sum((int(fields[11]) + int(fields[12])) / TICKS for fields in after_name if fields)


def _read(file: Path) -> str:
    try:
        return file.read_text()
    except OSError:
        return ""
