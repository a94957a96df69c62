"""Many regions at once, each method in a process of its own: ``python -m benchmarks.many METHOD CASE``."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from benchmarks.cases import CASES, Case
from benchmarks.memory import peak
from benchmarks.phases import own_process
from benchmarks.registry import Contestant, Once, Outcome, phase

FROM = 10
HIPO, IPX, SIMPLEX = "HiPO, no crossover", "IPX, no crossover", "dual simplex"
BLOCKS, MEAN, AGAIN = "ours, by blocks", "ours, from the mean region", "ours, by blocks, asked again"
# Beyond so many regions a method takes tens of minutes.
MOST = {HIPO: 1000, BLOCKS: 1000, AGAIN: 100, IPX: 100, MEAN: 100, SIMPLEX: 10}
# What is asked again: a share more of every budget.
MORE = 0.01
SECONDS = 1800.0

MANY = phase("many regions", "First solve of the last stage, each method in a process of its own", HIPO)


def by_blocks(case: Case) -> dict[str, float]:
    from optimizer.decomposition.solve import solve_by_blocks  # noqa: PLC0415  # a contestant's libraries are its own
    from optimizer.questions import UnfinishedError  # noqa: PLC0415
    from optimizer.solver import Limits  # noqa: PLC0415

    program = case.single
    try:
        found = solve_by_blocks(program, Limits(SECONDS))
    except UnfinishedError:
        return {"unfinished": 1.0}
    facts = {"gap": found.gap, "rounds": found.rounds, "blocks": found.blocks, "proved": float(found.proved)}
    return {"answer": program.stages[-1].sign * found.values[-1], **facts}


def from_the_mean(case: Case) -> dict[str, float]:
    from optimizer.decomposition.method import Method  # noqa: PLC0415
    from optimizer.solution import solve_program  # noqa: PLC0415
    from optimizer.solver import Limits  # noqa: PLC0415

    program = case.single
    found = solve_program(program, Limits(SECONDS), method=Method.WHOLE)
    if found.certificate is None:
        return {"unfinished": 1.0}
    facts = {"gap": found.certificate.gap, "proved": float(found.certificate.holds)}
    return {"answer": program.stages[-1].sign * found.values[-1], **facts}


def again(case: Case) -> dict[str, float]:
    """Budgets with a little more money, from the proposals of the first solve, whose time does not count."""
    from optimizer.decomposition.solve import solve_by_blocks  # noqa: PLC0415
    from optimizer.solver import Limits  # noqa: PLC0415

    first = solve_by_blocks(case.single, Limits(SECONDS))
    other = case.parametric.at(MORE)
    cpu, wall = time.process_time(), time.perf_counter()
    found = solve_by_blocks(other, Limits(SECONDS), start=first)
    facts = {"gap": found.gap, "rounds": found.rounds, "proved": float(found.proved)}
    return {**facts, "cpu": time.process_time() - cpu, "wall": time.perf_counter() - wall}


def as_a_whole(method: str, case: Case) -> dict[str, float]:
    from benchmarks.drivers import raw  # noqa: PLC0415

    highs = raw.hand_over(case.arrays)
    for option, value in {"solver": method, "run_crossover": "off", "time_limit": SECONDS}.items():
        if str(highs.setOptionValue(option, value)) != "HighsStatus.kOk":
            return {"refused": 1.0}
    highs.run()
    info = highs.getInfo()
    if str(highs.getModelStatus()) != "HighsModelStatus.kOptimal":
        return {"unfinished": 1.0}
    return {"answer": float(info.objective_function_value), "gap": float(info.primal_dual_objective_error)}


METHODS: dict[str, Callable[[Case], dict[str, float]]] = {
    HIPO: partial(as_a_whole, "hipo"),
    BLOCKS: by_blocks,
    AGAIN: again,
    MEAN: from_the_mean,
    IPX: partial(as_a_whole, "ipx"),
    SIMPLEX: partial(as_a_whole, "simplex"),
}


def main(method: str, name: str) -> None:
    case = CASES[name]()
    _ = case.arrays
    cpu, wall = time.process_time(), time.perf_counter()
    facts = METHODS[method](case)
    spent: dict[str, Any] = {"cpu": time.process_time() - cpu, "wall": time.perf_counter() - wall}
    print(json.dumps(spent | facts | {"peak MB": peak()}))


def _prepare(method: str) -> Callable[[Case], Once]:
    def prepare(case: Case) -> Once:
        def once() -> Outcome:
            told = own_process("benchmarks.many", method, case.name)
            facts = {name: value for name, value in told.items() if name not in ("answer", "cpu", "wall")}
            return Outcome(told.get("answer"), facts, told["cpu"], told["wall"])

        return once

    return prepare


for _method in METHODS:
    MANY.add(Contestant(_method, _prepare(_method), MOST[_method], least_regions=FROM))

if __name__ == "__main__":
    main(*sys.argv[1:])
