"""Solving a LinearProgram stage by stage to a certified Solution."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from optimizer.certificate import Certificate, certify, integrality
from optimizer.program import LinearProgram, Stage, Vector
from optimizer.solver import Basis, Limits, RawResult, Session
from optimizer.status import Status

# A stage that has been optimised is held within this, relative to its value, while later stages are optimised.
HOLD_TOLERANCE = 1e-9

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Solution:
    """What was found for a program.

    ``program`` is the one that the last stage solved: the given program with one row ("hold", stage) for every stage
    before. ``x`` follows its columns; ``y`` and ``d`` are the multipliers of rows and columns for the minimised last
    stage, of the program with whole projects fixed where there are any (``priced_with_projects_fixed``). ``gap`` is
    the relative gap between the value and the best bound, zero for continuous programs.
    """

    status: Status
    program: LinearProgram
    values: tuple[float, ...] = ()
    x: Vector | None = None
    y: Vector | None = None
    d: Vector | None = None
    basis: Basis | None = None
    certificate: Certificate | None = None
    gap: float = 0.0
    priced_with_projects_fixed: bool = False
    seconds: float = 0.0
    iterations: int = 0

    @property
    def objective(self) -> float | None:
        """The stated value of the last stage, if a point is known."""
        return None if self.x is None else self.program.stages[-1].value(self.x)


def solve_program(program: LinearProgram, limits: Limits | None = None, progress: Progress | None = None) -> Solution:
    """Optimises the stages in their order, each held while the next is optimised, and certifies the result."""
    session, held = Session(program), program
    values: list[float] = []
    seconds, iterations = 0.0, 0
    limits = limits or Limits()
    for stage in program.stages:
        if progress:
            progress(stage.name)
        session.set_stage(stage)
        result = session.run(replace(limits, seconds=limits.seconds - seconds))
        seconds, iterations = seconds + result.seconds, iterations + result.iterations
        found = Solution(result.status, held, tuple(values), result.x, seconds=seconds, iterations=iterations)
        if result.status is not Status.OPTIMAL or result.x is None:
            return replace(found, gap=_gap(stage, result))
        values.append(stage.value(result.x))
        if stage is program.stages[-1]:
            return _priced(replace(found, values=tuple(values)), result.x, result)
        held = _hold(session, held, stage, result.x)
    raise ValueError("a program needs at least one stage")


def _hold(session: Session, program: LinearProgram, stage: Stage, x: Vector) -> LinearProgram:
    """One more row that keeps the stage at the value it has at x."""
    reached = float(stage.costs @ x)
    most = reached + HOLD_TOLERANCE * max(1.0, abs(reached))
    used = np.flatnonzero(stage.costs)
    session.add_row(used, stage.costs[used], -np.inf, most)
    return program.with_row(("hold", stage.name), stage.costs, -np.inf, most)


def _priced(found: Solution, x: Vector, result: RawResult) -> Solution:
    """Multipliers and certificate; a program with whole projects is priced with the projects fixed."""
    program, stage = found.program, found.program.stages[-1]
    if not program.integer.any():
        return _certified(replace(found, y=result.y, d=result.d, basis=result.basis), program, 0.0)
    whole = {program.columns[j]: (float(round(x[j])),) * 2 for j in np.flatnonzero(program.integer)}
    fixed = program.relaxed().with_column_bounds(whole)
    session = Session(fixed)
    session.set_stage(stage)
    priced = session.run()
    if priced.status is not Status.OPTIMAL:
        return replace(found, status=Status.UNCERTIFIED)
    apart = integrality(program, x)
    found = replace(
        found,
        program=fixed,
        x=priced.x,
        y=priced.y,
        d=priced.d,
        basis=priced.basis,
        gap=_gap(stage, result),
        priced_with_projects_fixed=True,
    )
    return _certified(found, fixed, apart)


def _certified(found: Solution, program: LinearProgram, apart: float) -> Solution:
    if found.x is None or found.y is None:
        return replace(found, status=Status.UNCERTIFIED)
    certificate = replace(certify(program, program.stages[-1], found.x, found.y), integrality=apart)
    return replace(found, certificate=certificate, status=Status.OPTIMAL if certificate.holds else Status.UNCERTIFIED)


def _gap(stage: Stage, result: RawResult) -> float:
    if result.x is None:
        return float("inf")
    reached = float(stage.costs @ result.x) + stage.constant
    return abs(reached - result.bound) / max(1.0, abs(reached))
