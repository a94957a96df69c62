"""Solving a LinearProgram stage by stage to a certified Solution."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from optimizer.attempts import run_usable
from optimizer.bases import Bases
from optimizer.certificate import Certificate, certify, integrality
from optimizer.program import LinearProgram, Stage, Vector
from optimizer.solver import Basis, Limits, RawResult, Session
from optimizer.status import Status

# A stage that has been optimised is held within this, relative to its value, while later stages are optimised.
HOLD_TOLERANCE = 1e-9

Progress = Callable[[str], None]


@dataclass(frozen=True)
class PricedStage:
    """The optimum of one stage: the program with the holds of the stages before it, a point, multipliers, a basis."""

    program: LinearProgram
    x: Vector
    y: Vector
    basis: Basis


@dataclass(frozen=True)
class Solution:
    """What was found for a program.

    ``program`` is the one that the last stage solved: the given program with one row ("hold", stage) for every stage
    before. ``x`` follows its columns; ``y`` and ``d`` are the multipliers of rows and columns for the minimised last
    stage, of the program with whole projects fixed where there are any (``priced_with_projects_fixed``). ``gap`` is
    the relative gap between the value and the best bound, zero for continuous programs. ``stages`` holds the optimum of
    every stage of a continuous program, the last included.
    """

    status: Status
    program: LinearProgram
    values: tuple[float, ...] = ()
    x: Vector | None = None
    y: Vector | None = None
    d: Vector | None = None
    basis: Basis | None = None
    stages: tuple[PricedStage, ...] = ()
    certificate: Certificate | None = None
    gap: float = 0.0
    priced_with_projects_fixed: bool = False
    seconds: float = 0.0
    iterations: int = 0

    @property
    def objective(self) -> float | None:
        """The stated value of the last stage, if a point is known."""
        return None if self.x is None else self.program.stages[-1].value(self.x)


def solve_program(
    program: LinearProgram, limits: Limits | None = None, progress: Progress | None = None, bases: Bases | None = None
) -> Solution:
    """Optimises the stages in their order, each held while the next is optimised, and certifies the result.

    With ``bases`` every stage starts where the nearest program that was solved before ended, and where this one ends is
    kept there (see ``optimizer.bases``).
    """
    starts = () if bases is None else bases.nearest(program)
    found = _solved(program, limits or Limits(), progress, starts)
    if bases is not None and found.status is Status.OPTIMAL and len(found.stages) == len(program.stages):
        bases.keep(program, tuple(stage.basis for stage in found.stages))
    return found


def _solved(program: LinearProgram, limits: Limits, progress: Progress | None, starts: Sequence[Basis]) -> Solution:
    session, held = Session(program), program
    values: list[float] = []
    stages: list[PricedStage] = []
    seconds, iterations = 0.0, 0
    for number, stage in enumerate(program.stages):
        if progress:
            progress(stage.name)
        session.set_stage(stage)
        if number < len(starts) and _fits(starts[number], held):
            session.set_basis(starts[number])
        result = run_usable(session, replace(limits, seconds=limits.seconds - seconds))
        seconds, iterations = seconds + result.seconds, iterations + result.iterations
        found = Solution(result.status, held, tuple(values), result.x, seconds=seconds, iterations=iterations)
        if result.status is not Status.OPTIMAL or result.x is None:
            return replace(found, gap=_gap(stage, result))
        values.append(stage.value(result.x))
        if result.y is not None and result.basis is not None:
            stages.append(PricedStage(held, result.x, result.y, result.basis))
        if stage is program.stages[-1]:
            found = replace(found, values=tuple(values), stages=tuple(stages))
            return _priced(found, program, result.x, result)
        held = _hold(session, held, stage, result.x)
    raise ValueError("a program needs at least one stage")


def _fits(basis: Basis, program: LinearProgram) -> bool:
    return len(basis.columns) == len(program.columns) and len(basis.rows) == len(program.rows)


def _hold(session: Session, program: LinearProgram, stage: Stage, x: Vector) -> LinearProgram:
    """The same row in the session and in the program."""
    held, used = with_hold(program, stage, x), np.flatnonzero(stage.costs)
    session.add_row(used, stage.costs[used], -np.inf, float(held.row_upper[-1]))
    return held


def with_hold(program: LinearProgram, stage: Stage, x: Vector) -> LinearProgram:
    """One more row that keeps the stage at the value it has at x, but for its slack."""
    reached = float(stage.costs @ x)
    most = reached + HOLD_TOLERANCE * max(1.0, abs(reached)) + stage.slack * abs(reached)
    return program.with_row(("hold", stage.name), stage.costs, -np.inf, most)


def _priced(found: Solution, program: LinearProgram, x: Vector, result: RawResult) -> Solution:
    """A program with whole projects is priced, stage by stage, with the projects fixed as found."""
    apart = integrality(program, x)
    if not program.integer.any():
        return _certified(replace(found, y=result.y, d=result.d, basis=result.basis), apart)
    whole = {program.columns[j]: (float(round(x[j])),) * 2 for j in np.flatnonzero(program.integer)}
    fixed = solve_program(program.relaxed().with_column_bounds(whole))
    if fixed.status is not Status.OPTIMAL:
        return replace(found, status=Status.UNCERTIFIED)
    whole_found = replace(
        fixed,
        gap=_gap(program.stages[-1], result),
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


def _gap(stage: Stage, result: RawResult) -> float:
    if result.x is None:
        return float("inf")
    reached = float(stage.costs @ result.x) + stage.constant
    return abs(reached - result.bound) / max(1.0, abs(reached))
