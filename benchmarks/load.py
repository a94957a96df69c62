"""More than a service can do: what-ifs and batches at so many times its capacity, and what becomes of it.

    python -m benchmarks.load --times 10 --seconds 60

Capacity is measured first: as many what-ifs under way as the service has slots, each followed by the next. Then
requests begin at that rate times ``--times``, whether or not earlier ones have been answered, every twentieth of them a
batch. No two questions are the same, since what was asked before is looked up. Nothing but 200, 202, 429 and 503 may be
answered, and no connection may fail: else the exit code is 1.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import os
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2

from benchmarks.serving import Service, descendants, processor_seconds, service
from model_data import Plan, default_plan_path, load_plan

EXPECTED = {200, 202, 429, 503}
EVERY = 20  # requests, one of which is a batch
CASES = 20  # of a batch
AFTER = 10  # what-ifs when it is over
STARTING = 180.0  # seconds that a service may take, on a busy machine
CONNECTIONS = 500  # more would be refused by a usual limit of open files, here or there, and not by the service
IDLE = 0.05  # seconds of processor that processes at rest take in two
FAILED = 0  # in place of a status: there was no answer


@dataclass
class Found:
    """Seconds of what was sent, by address and status, and MB of the service and its workers meanwhile."""

    seconds: dict[str, dict[int, list[float]]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(list)))
    memory: list[tuple[float, float]] = field(default_factory=list)

    def statuses(self) -> dict[int, int]:
        counts: Counter[int] = Counter()
        for answered in self.seconds.values():
            counts.update({status: len(seconds) for status, seconds in answered.items()})
        return dict(sorted(counts.items()))

    def said(self) -> dict[str, dict[int, dict[str, float]]]:
        """For every kind and status: how many, and quantiles of the seconds."""
        return {
            kind: {status: _quantiles(seconds) for status, seconds in sorted(answered.items())}
            for kind, answered in self.seconds.items()
        }


def _quantiles(seconds: list[float]) -> dict[str, float]:
    ordered = sorted(seconds)
    at = {name: ordered[min(len(ordered) - 1, int(share * len(ordered)))] for name, share in QUANTILES.items()}
    return {"number": len(ordered), **{name: round(value, 4) for name, value in at.items()}}


QUANTILES = {"p50": 0.5, "p95": 0.95, "p99": 0.99, "most": 1.0}


def questions(plan: Plan) -> Iterator[dict[str, Any]]:
    """What-ifs that change one budget, each by another factor."""
    budget = plan.table("budget_figures")["budget"].iloc[0]
    for number in itertools.count():
        changes = {"budgets": {budget: {"factor": 1.2 + number * 1e-6}}}
        yield {"changes": changes, "tables": ["indicators"]}


class Load:
    """Requests to one service."""

    def __init__(self, client: httpx2.AsyncClient, plan: Plan) -> None:
        self._client, self._name, self._questions = client, plan.settings.plan, questions(plan)

    async def ask(self, found: Found) -> None:
        await self._send(found, "what-ifs", f"/v1/plans/{self._name}/what-ifs", next(self._questions))

    async def ask_many(self, found: Found) -> None:
        asked = [{"kind": "what_if", **one} for one in itertools.islice(self._questions, CASES)]
        batch = {"plan": self._name, "cases": {"kind": "questions", "questions": asked}}
        await self._send(found, "batches", "/v1/batches", batch)

    async def _send(self, found: Found, kind: str, address: str, body: dict[str, Any]) -> None:
        begun = time.perf_counter()
        try:
            status = (await self._client.post(address, json=body)).status_code
        except httpx2.TransportError:
            status = FAILED
        found.seconds[kind][status].append(time.perf_counter() - begun)

    async def capacity(self, slots: int, seconds: float) -> Found:
        """As many what-ifs under way as there are slots, for so long."""
        found, end = Found(), time.perf_counter() + seconds

        async def one_after_the_other() -> None:
            while time.perf_counter() < end:
                await self.ask(found)

        await asyncio.gather(*(one_after_the_other() for _ in range(slots)))
        return found

    async def overload(self, rate: float, seconds: float, running: Service) -> Found:
        """So many requests a second, begun when they are due."""
        found, begun = Found(), time.perf_counter()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(_watch(found, running, begun + seconds))
            for number in range(int(rate * seconds)):
                await asyncio.sleep(begun + number / rate - time.perf_counter())
                tasks.create_task(self.ask(found) if number % EVERY else self.ask_many(found))
        return found

    async def alone(self, number: int = AFTER) -> Found:
        """What-ifs one after the other, with nothing besides."""
        found = Found()
        for _ in range(number):
            await self.ask(found)
        return found

    async def cancel(self) -> int:
        """Cancels all runs that have not ended; how many."""
        number = 0
        while items := (await self._client.get("/v1/runs?state=queued&state=running&limit=1000")).json()["items"]:
            for run in items:
                await self._client.delete(run["links"]["self"])
            number += len(items)
            await asyncio.sleep(0.5)
        return number


async def _watch(found: Found, running: Service, end: float) -> None:
    while time.perf_counter() < end:
        found.memory.append(running.memory())
        await asyncio.sleep(0.5)


async def _ready(client: httpx2.AsyncClient) -> None:
    """Waits until the service says so: its processes have started."""
    until = time.perf_counter() + STARTING
    while (await client.get("/readyz")).status_code != httpx2.codes.OK and time.perf_counter() < until:
        await asyncio.sleep(0.2)


async def _at_rest(running: Service) -> None:
    """Waits until no process of the service computes any more."""
    until, spent = time.perf_counter() + STARTING, -IDLE
    while (now := _spent(running)) - spent >= IDLE and time.perf_counter() < until:
        spent = now
        await asyncio.sleep(2.0)


def _spent(running: Service) -> float:
    return processor_seconds(descendants(running.process.pid))


async def measured(running: Service, plan: Plan, times: float, seconds: float) -> dict[str, Any]:
    """Capacity, overload, and after: everything as the page has it."""
    limits = httpx2.Limits(max_connections=CONNECTIONS)
    async with httpx2.AsyncClient(base_url=running.address, timeout=180, limits=limits) as client:
        load = Load(client, plan)
        await _ready(client)
        before = await load.alone()
        slots = (await client.get("/readyz")).json()["free_slots"]
        length = max(3.0, seconds / 6)
        full = await load.capacity(slots, length)
        capacity = full.statuses().get(200, 0) / length
        await load.ask_many(Found())  # processes for batches start with the first of them, which is no growth
        await _at_rest(running)
        memory = running.memory()
        found = await load.overload(capacity * times, seconds, running)
        soon = await load.alone()
        cancelled = await load.cancel()
        after = await load.alone()
        return {
            "slots": slots,
            "capacity_per_second": round(capacity, 2),
            "statuses": found.statuses(),
            "seconds": {
                name: one.said()
                for name, one in (
                    ("alone", before),
                    ("every slot in use", full),
                    ("overload", found),
                    ("at once after", soon),
                    ("runs cancelled", after),
                )
            },
            "megabytes": {
                name: tuple(round(one) for one in each)
                for name, each in (
                    ("before", memory),
                    ("most", tuple(max(one) for one in zip(*found.memory, strict=True))),
                    ("after", running.memory()),
                )
            },
            "runs_cancelled": cancelled,
            "log": "".join(line for line in running.log.read_text().splitlines(True) if '"level": "error"' in line),
            "load_of_the_machine": [round(one, 1) for one in os.getloadavg()],
        }


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--plan", type=Path, default=default_plan_path())
    options.add_argument("--slots", type=int, default=os.cpu_count() or 1)
    options.add_argument("--times", type=float, default=10)
    options.add_argument("--seconds", type=float, default=60)
    options.add_argument("--max-queued", type=int, default=1000)
    chosen = options.parse_args()
    with service(chosen.plan, slots=chosen.slots, max_queued=chosen.max_queued) as running:
        found = asyncio.run(measured(running, load_plan(chosen.plan), chosen.times, chosen.seconds))
    print(json.dumps(found, indent=1))
    if unexpected := set(found["statuses"]) - EXPECTED:
        raise SystemExit(f"statuses that must not occur: {unexpected}")


if __name__ == "__main__":
    main()
