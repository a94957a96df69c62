"""Solving a LinearProgram stage by stage to a certified Solution."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from typing import Any

import numpy as np

from optimizer.attempts import run_usable, violates
from optimizer.certificate import GAP_TOLERANCE, VIOLATION_TOLERANCE, Certificate, admissible, certify, integrality
from optimizer.decomposition.choice import by_blocks
from optimizer.decomposition.method import Method
from optimizer.decomposition.solve import refuse_undecomposable, solve_by_blocks
from optimizer.decomposition.start import approach
from optimizer.holds import with_hold
from optimizer.program import INFINITY, LinearProgram, Stage, Vector
from optimizer.questions import QuestionError, UnfinishedError
from optimizer.run_result import Basics, Basis, RawResult, read_basis
from optimizer.solver import Limits, Session
from optimizer.solver_options import ANY_COSTS, DEVEX, Option, near
from optimizer.start import Ended, Start
from optimizer.status import Status
from optimizer.stopwatch import part

Progress = Callable[[str], None]
# A point may violate a row by a tenth of what its certificate allows, relative to the size of the row.
_DRIFT = 0.1 * VIOLATION_TOLERANCE


@dataclass(frozen=True)
class PricedStage:
    """The optimum of one stage: the program with the holds of the stages before it, a point, multipliers, a basis."""

    program: LinearProgram
    x: Vector
    y: Vector
    _solver_basis: Any = field(repr=False, compare=False)
    _basics: Basics | None = field(repr=False, compare=False)

    @cached_property
    def basis(self) -> Basis:
        """Read where somebody asks, as that of ``RawResult``: it takes as long as a run of few steps."""
        return read_basis(self._solver_basis)

    @property
    def basics(self) -> Basics:
        """Of the same basis."""
        return self.basis.basics if self._basics is None else self._basics

    def __getstate__(self) -> dict[str, Any]:
        """The record of the solver does not travel."""
        return {name: getattr(self, name) for name in ("program", "x", "y", "_basics")} | {"_solver_basis": self.basis}


@dataclass(frozen=True)
class Solution:
    """What was found for a program.

    ``program`` is the one that the last stage solved: the given program with one row ("hold", stage) for every stage
    before. ``x`` follows its columns; ``y`` and ``d`` are the multipliers of rows and columns for the minimised last
    stage, of the program with whole projects fixed where there are any (``priced_with_projects_fixed``). ``gap`` is
    the relative gap between the value and the best bound, zero for continuous programs, infinite where the last stage
    was cut short and no bound is known; ``bound`` is then None, and else what no plan has a better value than.
    ``stages`` holds the optimum of every stage of a continuous program, the last included; it is empty, and there is no
    basis, where the program was decomposed into so many ``blocks``.
    """

    status: Status
    program: LinearProgram
    values: tuple[float, ...] = ()
    x: Vector | None = None
    y: Vector | None = None
    d: Vector | None = None
    stages: tuple[PricedStage, ...] = ()
    certificate: Certificate | None = None
    gap: float = 0.0
    bound: float | None = None
    priced_with_projects_fixed: bool = False
    seconds: float = 0.0
    iterations: int = 0
    blocks: int = 0

    @property
    def objective(self) -> float | None:
        """The stated value of the last stage, if a point is known."""
        return None if self.x is None else self.program.stages[-1].value(self.x)

    @property
    def basis(self) -> Basis | None:
        """Of the last stage."""
        return self.stages[-1].basis if self.stages else None

    @property
    def start(self) -> Start | None:
        """Where a program that is like this one may start; None unless every stage has an optimum and its basis."""
        stages = self.program.stages
        if self.status is not Status.OPTIMAL or len(self.stages) != len(stages):
            return None
        ended = (Ended(one.program.rows, one.program.columns, one.basis) for one in self.stages)
        return Start({stage.name: one for stage, one in zip(stages, ended, strict=True)})


def solve_program(
    program: LinearProgram,
    limits: Limits | None = None,
    progress: Progress | None = None,
    start: Start | None = None,
    found: Callable[[Solution], Any] | None = None,
    method: Method = Method.AUTOMATIC,
) -> Solution:
    """Optimises the stages in their order, each held while the next is optimised, and certifies the result.

    With ``start`` every stage starts where that of the same name ended. The optimum is the same from wherever a run
    starts; which point is found may depend on it where several are optimal. ``found`` gets, now and then while branch
    and bound goes on, what the result would be if it were cancelled then. Programs of very many regions are decomposed
    (``decomposition.choice``) unless ``method`` says otherwise or there is a start. Raises QuestionError where it asks
    for blocks of a program that has none.
    """
    if (method is Method.BLOCKS or start is None) and by_blocks(program, method):
        return _decomposed(program, limits, progress)
    return _solved(program, limits or Limits(), progress, start, found)


def _decomposed(program: LinearProgram, limits: Limits | None, progress: Progress | None) -> Solution:
    """By its blocks, as near to the optimum as a certificate asks for."""
    refuse_undecomposable(program)
    try:
        found = solve_by_blocks(program, limits, gap=GAP_TOLERANCE, progress=progress)
    except UnfinishedError as error:
        return Solution(error.status, program, gap=INFINITY)
    except QuestionError:
        return Solution(Status.UNBOUNDED, program, gap=INFINITY)
    about = Solution(found.status, found.program, found.values, blocks=found.blocks, seconds=found.seconds)
    if found.x is None or found.y is None:
        return replace(about, gap=INFINITY)
    d = program.stages[-1].costs - found.program.matrix.T @ found.y
    bound = program.stages[-1].sign * found.bound
    solution = replace(about, x=found.x, y=found.y, d=d, gap=found.gap, bound=bound, iterations=found.rounds)
    return _certified(solution, 0.0)


@part("load")
def _solved(
    program: LinearProgram,
    limits: Limits,
    progress: Progress | None,
    start: Start | None,
    tell: Callable[[Solution], Any] | None,
) -> Solution:
    session, held = Session(program), program
    values: list[float] = []
    stages: list[PricedStage] = []
    iterations, known = 0, None
    seconds = approach(session, program, limits) if start is None else 0.0
    for stage in program.stages:
        if progress:
            progress(stage.name)
        session.set_stage(stage)
        options = _begin(session, start, stage, held)
        if tell:
            so_far = Solution(Status.CANCELLED, held, tuple(values), seconds=seconds, iterations=iterations)
            session.incumbents.watch(partial(_tell, tell, so_far), known)
        with session.options(options):
            drifted = partial(_drifted, held)
            result = run_usable(session, replace(limits, seconds=limits.seconds - seconds), drifted)
        seconds, iterations = seconds + result.seconds, iterations + result.iterations
        found = Solution(result.status, held, tuple(values), result.x, seconds=seconds, iterations=iterations)
        if result.status is not Status.OPTIMAL or result.x is None:
            return _cut_short(found, result.bound, known)
        values.append(stage.value(result.x))
        if result.y is not None and result.solver_basis is not None:
            stages.append(PricedStage(held, result.x, result.y, result.solver_basis, session.basics()))
        if stage is program.stages[-1]:
            found = replace(found, values=tuple(values), stages=tuple(stages))
            return _priced(found, program, result.x, result)
        held, known = _hold(session, held, stage, result.x), result.x
    raise ValueError("a program needs at least one stage")


def _drifted(held: LinearProgram, x: Vector) -> bool:
    return violates(held.matrix, held.row_lower, held.row_upper, x, _DRIFT)


def _begin(session: Session, start: Start | None, stage: Stage, held: LinearProgram) -> Mapping[str, Option]:
    """Where the stage starts, and how it goes on from there."""
    basis = None if start is None else start.basis(stage.name, held)
    if start is not None and basis is not None and start.fits(stage.name, held):
        session.set_basis(basis)
        return near(len(held.rows), last=stage is held.stages[-1])
    if stage is not held.stages[0] and not held.integer.any():
        return ANY_COSTS  # where the stage before ended is a plan of this one, too, and no optimum
    if basis is None:
        return {}
    session.set_basis(basis)
    return DEVEX


def _tell(tell: Callable[[Solution], Any], so_far: Solution, x: Vector, bound: float) -> None:
    tell(_cut_short(replace(so_far, x=x), bound, None))


def _cut_short(found: Solution, bound: float, known: Vector | None) -> Solution:
    """What there is where the time ran out or nobody waits: a point, if need be that of the stage before."""
    if found.status not in (Status.TIME_LIMIT, Status.CANCELLED):
        return replace(found, gap=INFINITY)
    program, x = found.program, found.x
    if x is None or not admissible(program, x):
        return replace(found, x=known, gap=INFINITY)
    stage = program.stages[-1]
    if len(found.values) < len(program.stages) - 1 or not math.isfinite(bound):
        return replace(found, gap=INFINITY)  # the bound, if any, is of an earlier stage
    return replace(found, gap=_gap(stage, x, bound), bound=stage.sign * bound)


def _hold(session: Session, program: LinearProgram, stage: Stage, x: Vector) -> LinearProgram:
    """The same row in the session and in the program."""
    held, used = with_hold(program, stage, x), np.flatnonzero(stage.costs)
    session.add_row(used, stage.costs[used], -np.inf, float(held.row_upper[-1]))
    return held


def _priced(found: Solution, program: LinearProgram, x: Vector, result: RawResult) -> Solution:
    """A program with whole projects is priced, stage by stage, with the projects fixed as found."""
    apart = integrality(program, x)
    if not program.integer.any():
        return _certified(replace(found, y=result.y, d=result.d), apart)
    whole = {program.columns[j]: (float(round(x[j])),) * 2 for j in np.flatnonzero(program.integer).tolist()}
    fixed = solve_program(program.relaxed().with_column_bounds(whole))
    if fixed.status is not Status.OPTIMAL:
        return replace(found, status=Status.UNCERTIFIED)
    whole_found = replace(
        fixed,
        gap=_gap(program.stages[-1], x, result.bound),
        priced_with_projects_fixed=True,
        seconds=found.seconds + fixed.seconds,
        iterations=found.iterations + fixed.iterations,
    )
    return _certified(whole_found, apart)


def _certified(found: Solution, apart: float) -> Solution:
    if found.x is None or found.y is None:
        return replace(found, status=Status.UNCERTIFIED)
    program = found.program
    certificate = replace(certify(program, program.stages[-1], found.x, found.y), integrality=apart)
    return replace(found, certificate=certificate, status=Status.OPTIMAL if certificate.holds else Status.UNCERTIFIED)


def _gap(stage: Stage, x: Vector, bound: float) -> float:
    reached = float(stage.costs @ x) + stage.constant
    return abs(reached - bound) / max(1.0, abs(reached))
