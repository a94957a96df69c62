"""Every region at given prices of the linking rows: its least cost, and the points of its blocks that have it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from typing import Any

import numpy as np

from optimizer.attempts import run_usable
from optimizer.decomposition.blocks import Block, Split
from optimizer.decomposition.master import Proposal
from optimizer.decomposition.regions import Region, groups_of
from optimizer.program import INFINITY, LinearProgram, Stage, Vector
from optimizer.questions import UnfinishedError
from optimizer.run_result import Basis
from optimizer.runs import Runs
from optimizer.solver import Limits, Session
from optimizer.solver_options import DEVEX, PRIMAL
from optimizer.status import Status

# Programs that wait for a worker; more of them would only take memory.
_AT_ONCE = 64


class InfeasibleBlockError(ArithmeticError):
    """A region whose own rows contradict each other: so do those of the program."""


@dataclass(frozen=True)
class Asked:
    """A program of a region, costs, and where a run of a program of this shape ended before.

    ``dual``: that end is nearer to being dual feasible than feasible.
    """

    program: LinearProgram
    costs: Vector
    start: Any = None
    dual: bool = False


@dataclass(frozen=True)
class Told:
    """``direction``: of a program without end; ``end``: a basis (or the solver's own record of it) to start from."""

    status: Status
    x: Vector | None
    y: Vector | None
    direction: Vector | None
    end: Any = None


@dataclass(frozen=True)
class Priced:
    """A region at prices: ``least`` is what it costs there, ``y`` the multipliers of its own rows.

    Where the region has no end, ``least`` is minus infinity, and the proposals are parts of a direction.
    """

    least: float
    proposals: tuple[Proposal, ...]
    y: Vector


def ask(limits: Limits, asked: Asked, *, travels: bool = False) -> Told:
    """One run. Where it ``travels``, in another process or on another machine, all of it is plain arrays."""
    session = Session(asked.program)
    session.set_stage(Stage("priced", asked.costs, 0.0, 1.0))
    if asked.start is not None:
        if not asked.dual:
            session.set_options(PRIMAL)  # from one price to the next only costs differ
        if isinstance(asked.start, Basis):
            session.set_basis(asked.start)
        else:
            session.resume(asked.start)
    with session.options(DEVEX if asked.dual else {}):
        result = run_usable(session, limits)
    direction = session.direction() if result.status is Status.UNBOUNDED else None
    return Told(result.status, result.x, result.y, direction, result.basis if travels else result.solver_basis)


class Carrier:
    """Runs of small programs on threads of this process, or on any other executor of ``concurrent.futures``."""

    def __init__(self, pool: Executor, runs: Runs) -> None:
        self._pool, self._runs = pool, runs
        self._travels = not isinstance(pool, ThreadPoolExecutor)

    def all(self, asked: Iterable[Asked]) -> list[Told]:
        """Raises InfeasibleBlockError, and UnfinishedError where the limits end the work or a run fails."""
        limits = self._runs.left()
        if self._travels:
            limits = replace(limits, cancel=None)  # an event stays where it is
        told: list[Told] = []
        waiting = iter(asked)
        while some := list(islice(waiting, _AT_ONCE)):
            told += self._pool.map(partial(ask, limits, travels=self._travels), some)
        self._runs.solves += len(told)
        cancel = self._runs.left().cancel
        if cancel is not None and cancel.is_set():
            raise UnfinishedError(Status.CANCELLED, "a region")
        for one in told:
            if one.status is Status.INFEASIBLE:
                raise InfeasibleBlockError
            if one.status not in (Status.OPTIMAL, Status.UNBOUNDED):
                raise UnfinishedError(one.status, "a region")
        return told


class Pricing:
    """All regions; each starts from where it ended before, at first from where one that is like it did."""

    def __init__(self, split: Split, regions: Sequence[Region], carrier: Carrier) -> None:
        self._split, self.regions, self._carrier = split, regions, carrier
        self._programs = [region.program(split.program) for region in regions]
        self._ends: list[Any] = [None] * len(regions)

    def at(self, prices: Vector, stage: Stage | None) -> list[Priced]:
        """Without a stage, what regions cost themselves does not count. Raises as ``Carrier.all``."""
        costs = [self.costs(region, prices, stage) for region in self.regions]
        if self._ends[0] is None:
            self._begin(costs)
        told = self._carrier.all(Asked(*of) for of in zip(self._programs, costs, self._ends, strict=True))
        self._ends = [one.end or end for one, end in zip(told, self._ends, strict=True)]
        return [self._priced(*of) for of in zip(self.regions, costs, told, strict=True)]

    def _begin(self, costs: Sequence[Vector]) -> None:
        number = {id(region): k for k, region in enumerate(self.regions)}
        groups = [[number[id(region)] for region in group] for group in groups_of(self.regions)]
        firsts = self._carrier.all(Asked(self._programs[group[0]], costs[group[0]]) for group in groups)
        for group, first in zip(groups, firsts, strict=True):
            for k in group:
                self._ends[k] = first.end

    def costs(self, region: Region, prices: Vector, stage: Stage | None) -> Vector:
        priced: Vector = region.linking.T @ prices
        return -priced if stage is None else stage.costs[region.columns] - priced

    def end(self, k: int) -> Any:
        """Where the region ended last."""
        return self._ends[k]

    def proposals(self, region: Region, x: Vector, *, endless: bool = False) -> tuple[Proposal, ...]:
        """A point or a direction of a region as proposals of its blocks."""
        parts = self.by_block(region, x).items()
        return tuple(Proposal(k, part, endless) for k, part in parts if not endless or part.any())

    def by_block(self, region: Region, of_columns: Vector) -> dict[int, Vector]:
        """What belongs to the columns of a region, for each of its blocks."""
        edges = np.cumsum([len(self._split.blocks[k].columns) for k in region.blocks])[:-1]
        return dict(zip(region.blocks, np.split(of_columns, edges), strict=True))

    def _priced(self, region: Region, costs: Vector, told: Told) -> Priced:
        if told.status is Status.UNBOUNDED:
            if told.direction is None:
                raise UnfinishedError(Status.FAILED, "a region without end, in no direction that the solver could name")
            size = np.abs(told.direction).max()
            return Priced(-INFINITY, self.proposals(region, told.direction / size, endless=True), np.zeros(0))
        if told.x is None or told.y is None:
            raise UnfinishedError(Status.FAILED, "a region")
        return Priced(float(costs @ told.x), self.proposals(region, told.x), told.y)


def lies_in(block: Block, x: Vector, *, endless: bool, tolerance: float) -> bool:
    """Whether a point meets the block's own rows and bounds; of a direction, whether it may be followed without end."""
    program = block.program
    lower, upper, beside, above = program.row_lower, program.row_upper, program.column_lower, program.column_upper
    if endless:
        lower, upper, beside, above = (_homogeneous(bound) for bound in (lower, upper, beside, above))
    activity, size = program.matrix @ x, tolerance * (1.0 + abs(program.matrix) @ np.abs(x))
    room = tolerance * (1.0 + np.abs(x))
    inside = (activity >= lower - size) & (activity <= upper + size)
    within = (x >= beside - room) & (x <= above + room)
    return bool(inside.all() and within.all())


def _homogeneous(bound: Vector) -> Vector:
    return np.where(np.isfinite(bound), 0.0, bound)
