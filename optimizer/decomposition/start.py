"""A basis to start the simplex method from, put together from the mean region and from every region by itself.

The program of the mean region (``regions.mean_program``) has prices near those of the whole, and its optimal basis says
which linking rows bind. Every region has an optimal basis of its own at these prices. Put together they are a basis of
the whole that is nearly dual feasible: one region takes over the columns by which the mean meets the binding rows, and
the dual simplex method has only to set right what that region cannot bear alone.

Several stages are taken together as one, each weighted by more than what its hold costs the last stage of the mean
program: the optimum of that is nearly always the lexicographic one. Then the stages themselves are solved from there,
so nothing depends on whether it was.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from optimizer.decomposition.blocks import Split, regions_named, split
from optimizer.decomposition.regions import Mean, Region, groups_of, mean_program, regions_of
from optimizer.holds import most_held
from optimizer.program import INFINITY, LinearProgram, Stage, Vector
from optimizer.questions import UnfinishedError
from optimizer.run_result import Basis, RawResult
from optimizer.runs import Runs
from optimizer.solver import Limits, Session
from optimizer.solver_options import DEVEX, PRIMAL
from optimizer.status import Status

# With fewer regions the whole is solved as fast from nothing (docs/decisions/0032).
LEAST_REGIONS = 3
# The means must be this much smaller than the whole.
_SMALL = 0.5
# An earlier stage counts so much more than its hold costs the last one.
_MORE = 2.0

Statuses = npt.NDArray[np.int8]


def approach(session: Session, program: LinearProgram, limits: Limits) -> float:
    """Brings a session of the program near its optimum where regions are many and alike; seconds that it took.

    Does nothing for programs of few regions, of regions unlike each other, or with whole projects, nor where the mean
    region has no optimum or the limits end the work: then the session starts from nothing.
    """
    began = time.monotonic()
    if not program.integer.any() and regions_named(program) >= LEAST_REGIONS:
        runs = Runs(limits)
        try:
            begun = _begun(program, runs)
            if begun is not None:
                _run(session, *begun, runs)
        except UnfinishedError:
            session.forget()
    return time.monotonic() - began


def _run(session: Session, stage: Stage, basis: Basis, runs: Runs) -> None:
    session.set_stage(stage)
    session.set_basis(basis)
    with session.options(DEVEX):
        status = runs.run(session).status
    if status is Status.OPTIMAL:
        session.set_options(PRIMAL)  # the stages differ in their costs, and the rows that hold them are met
    elif status is Status.UNBOUNDED:
        session.forget()


def _begun(program: LinearProgram, runs: Runs) -> tuple[Stage, Basis] | None:
    """All stages as one, and a basis near its optimum."""
    parts = split(program)
    mean = mean_of(parts, regions_of(parts), program.stages)
    if mean is None:
        return None
    weights = stage_weights(mean.program, runs)
    if weights is None:
        return None
    session, linked = Session(mean.program), len(parts.linking)
    session.set_stage(taken_together(mean.program.stages, weights))
    result = runs.run(session)
    if result.y is None or result.basis is None:
        return None
    stage = taken_together(program.stages, weights)
    basis = _assembled(parts, mean, stage, result.y[:linked], result.basis, runs)
    return None if basis is None else (stage, basis)


def mean_of(parts: Split, regions: Sequence[Region], stages: Sequence[Stage]) -> Mean | None:
    """The program of the mean regions; None where regions are so unlike each other that it is no smaller."""
    groups = groups_of(regions)
    return mean_program(parts, groups, stages) if are_alike(parts, groups) else None


def are_alike(parts: Split, groups: Sequence[Sequence[Region]]) -> bool:
    """Whether the means of the groups are much smaller than the whole."""
    return sum(len(group[0].columns) for group in groups) <= _SMALL * len(parts.program.columns)


def stage_weights(program: LinearProgram, runs: Runs) -> list[float] | None:
    """What a unit of each stage weighs in the last one, by the multipliers of its hold; None without an optimum."""
    session, held, result = Session(program), len(program.rows), None
    for number, stage in enumerate(program.stages):
        session.set_stage(stage)
        result = runs.run(session)
        if result.x is None:
            return None
        if number < len(program.stages) - 1:
            used = np.flatnonzero(stage.costs)
            session.add_row(used, stage.costs[used], -INFINITY, most_held(stage, result.x))
            session.set_options(PRIMAL)
    if result is None or result.y is None:
        return None
    return [*(_MORE * abs(float(price)) for price in result.y[held:]), 1.0]


def taken_together(stages: Sequence[Stage], weights: Sequence[float]) -> Stage:
    """One stage in place of several."""
    costs = np.sum([weight * stage.costs for weight, stage in zip(weights, stages, strict=True)], axis=0)
    return replace(stages[-1], costs=costs, constant=0.0)


def _assembled(
    parts: Split, mean: Mean, stage: Stage, prices: Vector, basis: Basis, runs: Runs
) -> Basis | None:
    """The basis of the whole; ``basis`` is that of the mean program at these prices."""
    program, linked, free = parts.program, len(parts.linking), len(parts.free)
    columns, rows = (np.zeros(len(labels), dtype=np.int8) for labels in (program.columns, program.rows))
    columns[parts.free], rows[parts.linking] = basis.columns[:free], basis.rows[:linked]
    for group, (own_columns, own_rows) in zip(mean.groups, mean.places(free, linked), strict=True):
        before = None
        for region in group:
            before = _priced(parts, region, stage, prices, before, runs)
            if before.basis is None:
                return None
            columns[region.columns], rows[region.rows] = before.basis.columns, before.basis.rows
        columns[group[0].columns], rows[group[0].rows] = basis.columns[own_columns], basis.rows[own_rows]
    return Basis(columns, rows)


def _priced(
    parts: Split, region: Region, stage: Stage, prices: Vector, before: RawResult | None, runs: Runs
) -> RawResult:
    """A region by itself at prices of the linking rows, from where one that is like it ended."""
    session = Session(region.program(parts.program))
    session.set_stage(Stage("priced", stage.costs[region.columns] - region.linking.T @ prices, 0.0, 1.0))
    if before is not None:
        session.resume(before.solver_basis)
    return runs.run(session)
