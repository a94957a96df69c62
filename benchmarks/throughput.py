"""Batches through the service, on both engines, against a bare loop over the same programs in one process.

    python -m benchmarks.throughput --grid 100 --samples 1000 --engine local --engine dask

The grid is every plan year of as many variants of the default scenario (a factor on its budgets); samples draw every
budget figure over its range. The loop loads each scenario and solves it, and does nothing else. Two measures: cases a
second by the clock, which depends on what else the machine does, and processor seconds of all processes for each case.
"""

from __future__ import annotations

import argparse
import os
import time
from pathlib import Path
from typing import Any

import httpx2

from api.runs.expand import cases
from api.runs.schemas import NewBatch
from benchmarks.serving import descendants, processor_seconds, service
from model_data import Plan, default_plan_path, load_plan
from optimizer import load_scenario, solve
from optimizer.words.language import Language

END = ("succeeded", "partial", "failed", "cancelled")


def grid(plan: Plan, scenario: str, variants: int) -> dict[str, Any]:
    """Every plan year of so many variants: 5 years × 100 for a plan of five years."""
    budget = plan.table("budget_figures")["budget"].iloc[0]
    factors = [1 + number / (2 * variants) for number in range(variants)]
    named = [{"name": f"{factor:.4f}", "changes": {"budgets": {budget: {"factor": factor}}}} for factor in factors]
    years = list(plan.settings.plan_years)
    return {"kind": "grid", "scenarios": [scenario], "variants": named, "foresight": ["single_year"], "years": years}


def samples(plan: Plan, scenario: str, number: int) -> dict[str, Any]:
    """Every budget figure that has a range, drawn over it."""
    table = plan.table("budget_figures")
    rows = table[table["low"] < table["high"]]
    keys = rows[["budget", "parameter", "year"]].astype(object)
    figures = [
        {"table": "budget_figures"} | {key: value for key, value in row.items() if value == value and value != ""}
        for row in keys.where(keys.notna(), "").to_dict("records")
    ]
    return {"kind": "samples", "scenario": scenario, "samples": number, "figures": figures}


def looped(plan: Plan, batch: dict[str, Any], most: int) -> tuple[int, float, float]:
    """Cases, seconds by the clock and of the processor for at most so many cases, spread evenly over the batch."""
    asked = cases(plan, NewBatch.model_validate(batch), Language.EN)
    chosen = asked[:: max(1, len(asked) // most)][:most]
    wall, processor = time.perf_counter(), time.process_time()
    for case in chosen:
        question = case["question"]
        solve(plan, load_scenario(plan, question["scenario"], question["changes"]))
    return len(chosen), time.perf_counter() - wall, time.process_time() - processor


def served(engine: str, path: Path, batch: dict[str, Any]) -> tuple[dict[str, Any], float, float]:
    """The run at its end, seconds by the clock until then, and processor seconds of all processes."""
    with service(path, engine) as running, httpx2.Client(base_url=running.address, timeout=120) as client:
        warm = {"kind": "questions", "questions": [{"kind": "what_if"}] * 8}
        _ended(client, {"plan": batch["plan"], "cases": warm})  # so that workers are there and know the plan
        wall, processor = time.perf_counter(), processor_seconds(descendants(os.getpid()))
        run = _ended(client, batch)
        return run, time.perf_counter() - wall, processor_seconds(descendants(os.getpid())) - processor


def _ended(client: httpx2.Client, batch: dict[str, Any]) -> dict[str, Any]:
    accepted = client.post("/v1/batches", json=batch)
    accepted.raise_for_status()
    while (run := client.get(accepted.headers["location"]).json())["state"] not in END:
        time.sleep(1)
    return run


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--plan", type=Path, default=default_plan_path())
    options.add_argument("--scenario", help="the plan's default one if left out")
    options.add_argument("--grid", type=int, default=0, help="variants; each is solved for every plan year")
    options.add_argument("--samples", type=int, default=0)
    options.add_argument("--engine", action="append", choices=["local", "dask"], default=[])
    options.add_argument("--loop", type=int, default=100, help="most cases of the loop")
    chosen = options.parse_args()
    plan = load_plan(chosen.plan)
    scenario = chosen.scenario or plan.settings.default_scenario
    wanted = [grid(plan, scenario, chosen.grid)] * bool(chosen.grid)
    wanted += [samples(plan, scenario, chosen.samples)] * bool(chosen.samples)
    for own in wanted:
        batch = {"plan": plan.settings.plan, "cases": own}
        _say(own["kind"], "loop", "", *looped(plan, batch, chosen.loop))
        for engine in chosen.engine:
            run, wall, processor = served(engine, chosen.plan, batch)
            _say(own["kind"], engine, f"{run['state']} {run['counts']}", run["counts"]["total"], wall, processor)


def _say(kind: str, how: str, state: str, number: int, wall: float, processor: float) -> None:
    print(
        f"{kind} {how}: {number} cases in {wall:.1f} s, {number / wall:.2f}/s,"
        f" {1000 * processor / number:.1f} ms of processor each {state}", flush=True,
    )  # fmt: skip


if __name__ == "__main__":
    main()
