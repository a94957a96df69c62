"""Ways to solve a plan: all years at once, year after year, or one year as the target year."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from model_data import Plan
from optimizer.arrays.assemble import assemble
from optimizer.decomposition.method import Method
from optimizer.horizon import Horizon, myopic_horizons
from optimizer.instance import Instance, resolve
from optimizer.program import INFINITY, Label, LinearProgram
from optimizer.questions import MYOPIC, UnfinishedError, refuse
from optimizer.runs import Runs
from optimizer.scenario import Scenario
from optimizer.solution import Progress, Solution, solve_program
from optimizer.start import Start
from optimizer.status import Status

# Where windows start, as far as it is known, once it is clear which program the first one has.
Starts = Callable[[LinearProgram], Sequence[Start]]
# What a year decides; capacities and quantities follow from it.
DECISIONS = ("output", "build", "retire", "start", "buy", "sell", "stock", "fund")


@dataclass(frozen=True)
class Solved:
    """The instance and program that were solved last, what came out, and where it had started."""

    instance: Instance
    program: LinearProgram
    solution: Solution
    start: Start | None = None


def make_program(plan: Plan, scenario: Scenario, horizon: Horizon | None = None) -> tuple[Instance, LinearProgram]:
    """Resolve and assemble; ``compile_lp(build(instance))`` gives the same program by way of Pyomo."""
    instance = resolve(plan, scenario, horizon)
    return instance, assemble(instance)


def single_program(plan: Plan, scenario: Scenario) -> tuple[Instance, LinearProgram]:
    """The program of a scenario. Raises QuestionError where the answer comes from a sequence of programs."""
    refuse([MYOPIC] if scenario.foresight == "myopic" else [])
    return make_program(plan, scenario)


def solve_windows(
    plan: Plan,
    scenario: Scenario,
    runs: Runs,
    progress: Progress | None = None,
    starts: Starts = lambda _: (),
    found: Callable[[Solved], Any] | None = None,
    method: Method = Method.AUTOMATIC,
) -> tuple[Solved, ...]:
    """Solves the scenario in the way that it asks for: one window of all years, or, myopic, one a plan year.

    Of myopic windows each has the decisions of earlier years fixed, and what is under construction (money already spent
    on capacity that enters later), too. One without an optimum is the last. ``starts`` is asked once what is wrong with
    the scenario itself would have been said; where it is cut short, so is the answer. ``found`` gets what there would
    be if the search for whole projects were cancelled then, ``method`` says in which way the programs are solved (see
    ``solve_program`` for both). ``runs`` has the limits of everything together.
    """
    done: list[Solved] = []
    known: Sequence[Start] = ()
    for number, horizon in enumerate(_horizons(plan, scenario)):
        if progress and horizon:
            progress(str(horizon.years[-1]))
        instance, program = make_program(plan, scenario, horizon)
        if done:
            decided = _handed_on(done[-1])
            program = program.with_column_bounds({k: (v, v) for k, v in decided if k in program.column_number})
        else:
            try:
                known = starts(program)
            except UnfinishedError as cut:
                return (Solved(instance, program, Solution(cut.status, program, gap=INFINITY)),)
        start, tell = known[number] if number < len(known) else None, _telling(found, instance, program)
        solution = solve_program(program, runs.left(), progress, start, tell, method)
        done.append(Solved(instance, program, solution, start))
        if solution.status is not Status.OPTIMAL:
            break
    return tuple(done)


def _horizons(plan: Plan, scenario: Scenario) -> Sequence[Horizon | None]:
    """None: the scenario's own."""
    return myopic_horizons(plan) if scenario.foresight == "myopic" else (None,)


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
