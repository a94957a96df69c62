"""From files to a solver that has the program: load, check, build and hand over, first solve; and memory."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Hashable, Mapping
from copy import copy
from pathlib import Path
from typing import Any

from benchmarks.cases import Case
from benchmarks.drivers import ORTOOLS, OTHERS, RAW, Driver
from benchmarks.registry import FLOOR, Contestant, Once, Outcome, phase, takes_part
from model_data import load_plan, save_plan
from model_data.frames import RawPlan, to_raw
from model_data.plan import assemble as checked
from model_data.schema import TABLE
from optimizer import Session, build, compile_lp, resolve, solve_program
from optimizer.arrays.assemble import assemble
from optimizer.arrays.assembly import Assembly
from optimizer.collection import collection_paused

ROOT = Path(__file__).resolve().parents[1]
# Starting a plan of a hundred regions from files takes the machine long enough.
FILES = 10

LOAD = phase("load", "Folder of a plan to a checked plan in memory")
CHECK = phase("check", "All rules of the data on tables in memory")
HAND_OVER = phase("hand-over", "Build, compile and hand over to HiGHS")
FIRST = phase("first solve", "First solve of all stages, nothing warm")
MEMORY = phase("memory", "Peak memory of compiling and handing over, process of its own")


@takes_part(LOAD, "ours", FILES)
def load(case: Case) -> Once:
    folder = case.folder() / "plan"
    save_plan(case.plan, folder)
    return lambda: Outcome(float(len(load_plan(folder).table("activity_figures"))))


@takes_part(CHECK, "ours", FILES)
def check(case: Case) -> Once:
    plan = case.plan
    tables = {name: to_raw(TABLE[name], plan.table(name)) for name in TABLE if len(plan.table(name))}
    raw = RawPlan(plan.settings.as_raw(), tables, dict(plan.scenario_texts))
    return lambda: Outcome(float(len(checked(raw).table("activity_figures"))))


# ------------------------------------------------------------------------------------------------- hand-over


@takes_part(HAND_OVER, "ours")
def ours(case: Case) -> Once:
    """From the resolved numbers of the model, in a structure that is known: what every question but the first pays."""
    instance = case.instance

    def once() -> Outcome:
        session = Session(assemble(instance))
        return Outcome(None, {"rows": len(session.program.rows), "entries": session.program.matrix.nnz})

    return once


@takes_part(HAND_OVER, "ours, a structure seen first")
def ours_anew(case: Case) -> Once:
    """The same with the equations read anew: which rows, columns and entries there are is found out, too."""
    instance = case.instance

    def once() -> Outcome:
        with collection_paused():
            program = Assembly(instance).program(instance)
        Session(program)
        return Outcome()

    return once


@takes_part(HAND_OVER, "ours, from the tables of a plan known before")
def ours_again(case: Case) -> Once:
    plan, scenario = case.plan, case.scenario

    def once() -> Outcome:
        Session(assemble(resolve(plan, scenario)))
        return Outcome()

    return once


@takes_part(HAND_OVER, "ours, from the tables with other figures")
def ours_changed(case: Case) -> Once:
    """As for a sample: every amount has another value, and who makes the plan out of it is not measured."""
    plan, scenario = case.plan, case.scenario
    amounts = plan.table("amounts")

    def once() -> Outcome:
        Session(assemble(resolve(changed, scenario)))
        return Outcome()

    changed = plan.with_figures(
        {"table": "amounts", **_key(row), "value": 1.001 * row["value"]}
        for row in amounts[amounts["value"].notna()].to_dict("records")
    )
    return once


def _key(row: Mapping[Hashable, Any]) -> dict[str, Any]:
    """What identifies a figure, without what is blank."""
    return {name: row[name] for name in TABLE["amounts"].key if str(row[name]) not in ("", "<NA>")}


@takes_part(HAND_OVER, "ours, from the tables of a plan seen first")
def ours_first(case: Case) -> Once:
    plan, scenario = case.plan, case.scenario

    def once() -> Outcome:
        Session(assemble(resolve(copy(plan), scenario)))  # a copy shares nothing that is kept
        return Outcome()

    return once


@takes_part(HAND_OVER, "ours, the Pyomo reference", 100)
def reference(case: Case) -> Once:
    instance = case.instance

    def once() -> Outcome:
        Session(compile_lp(build(instance)))
        return Outcome()

    return once


def _on_arrays(driver: Driver) -> Callable[[Case], Once]:
    def prepare(case: Case) -> Once:
        arrays = case.arrays

        def once() -> Outcome:
            driver.hand_over(arrays)
            return Outcome()

        return once

    return prepare


def _by_or_tools(case: Case) -> Once:
    path = case.folder() / "arrays.npz"
    case.arrays.save(path)

    def once() -> Outcome:
        told = own_process("benchmarks.drivers.ortools_glop", str(path))
        return Outcome(None, {}, told["cpu"], told["wall"])

    return once


def own_process(module: str, *arguments: str) -> dict[str, float]:
    """What a module of ours prints as JSON at its end."""
    command = [sys.executable, "-m", module, *arguments]
    environment = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"}
    done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, check=True)
    told: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return told


def _missing(driver: Driver) -> str:
    return "" if driver.is_installed else f"{driver.library} is not installed"


HAND_OVER.add(Contestant(FLOOR, _on_arrays(RAW)))
for _driver in OTHERS:
    HAND_OVER.add(Contestant(_driver.name, _on_arrays(_driver), _driver.most_regions, _missing(_driver)))
HAND_OVER.add(Contestant(ORTOOLS.name, _by_or_tools, ORTOOLS.most_regions, _missing(ORTOOLS)))


# ----------------------------------------------------------------------------------------------- first solve


@takes_part(FIRST, "ours", 10)
def first_solve(case: Case) -> Once:
    program = case.single
    return lambda: Outcome(solve_program(program).values[-1] * program.stages[-1].sign)


@takes_part(FIRST, FLOOR, 10)
def first_solve_raw(case: Case) -> Once:
    arrays = case.arrays
    return lambda: Outcome(RAW.optimum(RAW.hand_over(arrays)))


# ---------------------------------------------------------------------------------------------------- memory


def _memory(contestant: str) -> Callable[[Case], Once]:
    def prepare(case: Case) -> Once:
        path = case.folder() / "arrays.npz"
        case.arrays.save(path)

        def once() -> Outcome:
            return Outcome(None, own_process("benchmarks.memory", contestant, case.name, str(path)))

        return once

    return prepare


MEMORY.add(Contestant("ours", _memory("ours")))
MEMORY.add(Contestant(FLOOR, _memory("raw")))
