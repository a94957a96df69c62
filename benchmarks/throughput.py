"""Batches in processes and through the service, on both engines, against a bare loop over the same programs.

    python -m benchmarks.throughput --grid 100 --samples 10000 --loop 1000 --engine local --engine dask

The grid is every plan year of as many variants of the default scenario (a factor on its budgets); samples draw every
budget figure over its range, with ``--figures all`` every figure that has a range and is no date. The loop gets
finished programs, spread evenly over the batch, and does nothing but hand them over and run them, in as many processes:
once from nothing, once from the basis of the unchanged program. Figures for each case: seconds by the clock over all
processes at once, which say little where the machine does other work, and seconds of the processor.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from pathlib import Path
from typing import Any

import httpx2

from api.runs.expand import cases
from api.runs.schemas import NewBatch
from benchmarks import bare
from benchmarks.serving import descendants, processor_seconds, service
from model_data import TABLE, Plan, default_plan_path, load_plan
from model_data.units import CALENDAR_YEAR
from optimizer import LinearProgram, load_scenario, make_program, solve_program
from optimizer.batch import Changes, Question, on_executor
from optimizer.softened import required_first
from optimizer.solver import Limits
from optimizer.uncertainty import draw
from optimizer.unchanged import unchanged
from optimizer.words.language import Language

END = ("succeeded", "partial", "failed", "cancelled")
# Tables of figures by which programs differ in coefficients as well as in bounds.
ALL = ("amounts", "activity_figures", "budget_figures", "flow_figures", "charges", "background")
_WARM = 64  # samples that are solved before anything is counted, so that every process knows the plan


def grid(plan: Plan, scenario: str, variants: int) -> dict[str, Any]:
    """Every plan year of so many variants: 5 years × 100 for a plan of five years."""
    budget = plan.table("budget_figures")["budget"].iloc[0]
    factors = [1 + number / (2 * variants) for number in range(variants)]
    named = [{"name": f"{factor:.4f}", "changes": {"budgets": {budget: {"factor": factor}}}} for factor in factors]
    years = list(plan.settings.plan_years)
    return {"kind": "grid", "scenarios": [scenario], "variants": named, "foresight": ["single_year"], "years": years}


def samples(plan: Plan, scenario: str, number: int, tables: Sequence[str] = ("budget_figures",)) -> dict[str, Any]:
    """Every figure of the tables that has a range and is no date, drawn over it."""
    figures = [{"table": name} | key for name in tables for key in _uncertain(plan, name)]
    return {"kind": "samples", "scenario": scenario, "samples": number, "figures": figures}


def _uncertain(plan: Plan, name: str) -> Iterator[dict[str, Any]]:
    rows = plan.table(name)
    rows = rows[(rows["low"] < rows["high"]) & (rows["low"] > 0) & (rows["unit"] != CALENDAR_YEAR)]
    keys = rows[list(TABLE[name].key)].astype(object)
    for row in keys.where(keys.notna(), "").to_dict("records"):
        yield {str(column): cell for column, cell in row.items() if cell != ""}


# --------------------------------------------------------------------------------------------------- bare and in turn


Programs = Callable[[int], LinearProgram]  # by number of the case; -1 is what the others depart from


def looped(programs: Programs, chosen: Sequence[int], executor: Executor, processes: int, *, warm: bool) -> bare.Loop:
    """Programs are made a few at a time, which is not counted."""
    origin = solve_program(programs(-1)).start if warm else None
    whole = bare.Loop([], 0.0, 0.0)
    for start in range(0, len(chosen), _AT_ONCE):
        made = (programs(number) for number in chosen[start : start + _AT_ONCE])
        some = [bare.finished(one, origin) for one in made]
        part = bare.on_processes(some, executor, processes)
        whole = bare.Loop(whole.values + part.values, whole.wall + part.wall, whole.processor + part.processor)
    return whole


_AT_ONCE = 100


def asked_programs(plan: Plan, batch: dict[str, Any]) -> tuple[Programs, int]:
    """Those of a batch as the service gets it, and how many."""
    asked = cases(plan, NewBatch.model_validate(batch), Language.EN)

    def program(number: int) -> LinearProgram:
        stated = asked[max(number, 0)]["question"]
        scenario = load_scenario(plan, stated["scenario"], stated["changes"])
        return make_program(plan, (unchanged(plan, scenario) or scenario) if number < 0 else scenario)[1]

    return program, len(asked)


def sampled_programs(question: Question, batch: Sequence[Changes]) -> Programs:
    """Those of the verb ``sample``: required targets come first."""

    def program(number: int) -> LinearProgram:
        plan = question.plan if number < 0 else question.plan.with_figures([dict(one) for one in batch[number]])
        return required_first(*make_program(plan, question.scenario))

    return program


def drawn(plan: Plan, asked: dict[str, Any]) -> tuple[Question, list[Changes]]:
    """What the verb ``sample`` solves for the same figures."""
    scenario = load_scenario(plan, asked["scenario"])
    how: Any = {"samples": asked["samples"], "method": "latin_hypercube", "seed": 0}
    figures, values = draw(plan, scenario, asked["figures"], **how)
    points = [[{**f.key, "value": v} for f, v in zip(figures, row, strict=True)] for row in values.tolist()]
    return Question(plan, scenario), points


def in_processes(question: Question, batch: Sequence[Changes], executor: Executor) -> tuple[float, float]:
    """Seconds by the clock and of the processor of all processes."""
    wall, processor = time.perf_counter(), processor_seconds(descendants(os.getpid()))
    on_executor(question, batch, Limits(), executor)
    return time.perf_counter() - wall, processor_seconds(descendants(os.getpid())) - processor


# ------------------------------------------------------------------------------------------------ through the service


def served(engine: str, path: Path, batch: dict[str, Any], processes: int) -> tuple[str, float, float, float]:
    """How the run ended, seconds by the clock, and processor seconds of all processes and until it was accepted."""
    with service(path, engine, processes) as running, httpx2.Client(base_url=running.address, timeout=600) as client:
        warm = {"kind": "questions", "questions": [{"kind": "what_if"}] * 8}
        _ended(client, {"plan": batch["plan"], "cases": warm})  # so that workers are there and know the plan
        wall, processor = time.perf_counter(), processor_seconds(descendants(os.getpid()))
        accepted = client.post("/v1/batches", json=batch)
        accepted.raise_for_status()
        until = processor_seconds(descendants(os.getpid())) - processor
        run = _ended(client, batch, accepted)
        spent = processor_seconds(descendants(os.getpid())) - processor
        return f"{run['state']} {run['counts']}", time.perf_counter() - wall, spent, until


def _ended(client: httpx2.Client, batch: dict[str, Any], accepted: Any = None) -> Any:
    accepted = accepted or client.post("/v1/batches", json=batch)
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
    options.add_argument("--figures", choices=["budgets", "all"], default="budgets", help="that samples draw")
    options.add_argument("--engine", action="append", choices=["local", "dask"], default=[])
    options.add_argument("--loop", type=int, default=100, help="most cases of each loop, 0: all")
    options.add_argument("--processes", type=int, default=2)
    chosen = options.parse_args()
    plan = load_plan(chosen.plan)
    scenario = chosen.scenario or plan.settings.default_scenario
    tables = ("budget_figures",) if chosen.figures == "budgets" else ALL
    with ProcessPoolExecutor(chosen.processes, mp_context=multiprocessing.get_context("spawn")) as executor:
        list(executor.map(bare.in_turn, [()] * chosen.processes))
        if chosen.samples:
            asked = samples(plan, scenario, chosen.samples, tables)
            _verb(plan, asked, executor, chosen)
            _service(plan, asked, executor, chosen)
        if chosen.grid:
            _service(plan, grid(plan, scenario, chosen.grid), executor, chosen)


def _verb(plan: Plan, asked: dict[str, Any], executor: Executor, chosen: argparse.Namespace) -> None:
    """Samples in processes, without the service."""
    question, batch = drawn(plan, asked)
    floors = _floors("samples, required first", sampled_programs(question, batch), len(batch), executor, chosen)
    on_executor(question, batch[:_WARM], Limits(), executor)
    _say("samples, required first", "ours, in processes", len(batch), *in_processes(question, batch, executor), floors)


def _service(plan: Plan, asked: dict[str, Any], executor: Executor, chosen: argparse.Namespace) -> None:
    batch = {"plan": plan.settings.plan, "cases": asked}
    programs, count = asked_programs(plan, batch)
    floors = _floors(asked["kind"], programs, count, executor, chosen)
    for engine in chosen.engine:
        state, wall, processor, until = served(engine, chosen.plan, batch, chosen.processes)
        _say(asked["kind"], f"service, {engine}", count, wall, processor, floors)
        print(f"  {state}; accepted after {until:.2f} s of the processor", flush=True)


def _floors(
    kind: str, programs: Programs, count: int, executor: Executor, chosen: argparse.Namespace
) -> list[tuple[float, float]]:
    """Seconds for each case by the clock and of the processor: from nothing, and from a basis."""
    most = chosen.loop or count
    some = range(0, count, max(1, count // most))[:most]
    floors = []
    for warm, name in ((False, "bare loop, from nothing"), (True, "bare loop, from a basis")):
        loop = looped(programs, some, executor, chosen.processes, warm=warm)
        _say(kind, name, len(some), loop.wall, loop.processor, [])
        floors.append((loop.wall / len(some), loop.processor / len(some)))
    return floors


def _say(kind: str, how: str, number: int, wall: float, processor: float, floors: list[tuple[float, float]]) -> None:
    ratios = "; ".join(f"{wall / number / w:.2f} by the clock, {processor / number / p:.2f} of it" for w, p in floors)
    print(
        f"{kind}, {how}: {number} cases in {wall:.1f} s, {number / wall:.2f}/s, {1000 * wall / number:.1f} ms each,"
        f" {1000 * processor / number:.1f} ms of processor each{'; to the loops: ' if floors else ''}{ratios}",
        flush=True,
    )  # fmt: skip


if __name__ == "__main__":
    main()
