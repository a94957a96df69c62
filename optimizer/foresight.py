"""Ways to solve a plan: all years at once, year after year, or one year as the target year."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from model_data import Plan
from optimizer.arrays.assemble import assemble
from optimizer.bases import Bases
from optimizer.decomposition.method import Method
from optimizer.horizon import Horizon, myopic_horizons
from optimizer.instance import Instance, resolve
from optimizer.program import Label, LinearProgram
from optimizer.questions import MYOPIC, refuse
from optimizer.scenario import Scenario
from optimizer.solution import Progress, Solution, solve_program
from optimizer.solver import Limits
from optimizer.status import Status

# What a year decides; capacities and quantities follow from it.
DECISIONS = ("output", "build", "retire", "start", "buy", "sell", "stock", "fund")


@dataclass(frozen=True)
class Solved:
    """The instance and program that were solved last, and what came out."""

    instance: Instance
    program: LinearProgram
    solution: Solution


def make_program(plan: Plan, scenario: Scenario, horizon: Horizon | None = None) -> tuple[Instance, LinearProgram]:
    """Resolve and assemble; ``compile_lp(build(instance))`` gives the same program by way of Pyomo."""
    instance = resolve(plan, scenario, horizon)
    return instance, assemble(instance)


def single_program(plan: Plan, scenario: Scenario) -> tuple[Instance, LinearProgram]:
    """The program of a scenario. Raises QuestionError where the answer comes from a sequence of programs."""
    refuse([MYOPIC] if scenario.foresight == "myopic" else [])
    return make_program(plan, scenario)


def solve_with_foresight(
    plan: Plan,
    scenario: Scenario,
    limits: Limits | None = None,
    progress: Progress | None = None,
    bases: Bases | None = None,
    found: Callable[[Solved], Any] | None = None,
    method: Method = Method.AUTOMATIC,
) -> Solved:
    """Solves the scenario in the way that it asks for, from the nearest of ``bases`` where any are given.

    Myopic: one window a plan year, each with the decisions of earlier years fixed, and with what is under construction
    (money already spent on capacity that enters later) fixed too. An infeasible window ends the sequence. ``found``
    gets what there would be if the search for whole projects were cancelled then, ``method`` says in which way the
    programs are solved (see ``solve_program`` for both).
    """
    if scenario.foresight != "myopic":
        instance, program = make_program(plan, scenario)
        tell = _telling(found, instance, program)
        return Solved(instance, program, solve_program(program, limits, progress, bases, tell, method))
    decided: dict[Label, float] = {}
    for horizon in myopic_horizons(plan):
        if progress:
            progress(str(horizon.years[-1]))
        instance, program = make_program(plan, scenario, horizon)
        program = program.with_column_bounds(
            {label: (v, v) for label, v in decided.items() if label in program.column_number}
        )
        tell = _telling(found, instance, program)
        solved = Solved(instance, program, solve_program(program, limits, progress, bases, tell, method))
        if solved.solution.status is not Status.OPTIMAL:
            return solved
        decided = dict(_handed_on(solved))
    return solved


def _telling(
    found: Callable[[Solved], Any] | None, instance: Instance, program: LinearProgram
) -> Callable[[Solution], Any] | None:
    return None if found is None else lambda solution: found(Solved(instance, program, solution))


def _handed_on(solved: Solved) -> Iterable[tuple[Label, float]]:
    """Decisions of the window's years, and later capacity on which money has been spent in them."""
    instance, x = solved.instance, solved.solution.x
    last = instance.horizon.years[-1]
    begun = _under_construction(instance, last)
    for label, value in zip(solved.program.columns, () if x is None else x, strict=True):
        if label[0] in DECISIONS and (int(label[-1]) <= last or label in begun):
            yield label, max(float(value), 0.0)


def _under_construction(instance: Instance, last: int) -> set[Label]:
    """Variables of capacity that enters after ``last`` and draws on some flow in ``last`` or before."""
    draws = instance.flow_draws
    late = draws[(draws["t"] > last) & (draws["year"] <= last) & draws["kind"].isin(("build", "start"))]
    builds = late[late["kind"] == "build"]
    starts = late[late["kind"] == "start"]
    labels: set[Label] = set(zip(builds["kind"], builds["region"], builds["activity"], builds["t"], strict=True))
    return labels | set(zip(starts["kind"], starts["project"], starts["t"], strict=True))
