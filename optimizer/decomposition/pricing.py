"""Every block at given prices of the linking rows: its least cost, and the point that has it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from optimizer.decomposition.blocks import Block, Split
from optimizer.decomposition.master import Proposal
from optimizer.program import INFINITY, Stage, Vector
from optimizer.questions import UnfinishedError
from optimizer.runs import Runs
from optimizer.solver import Session
from optimizer.status import Status


class InfeasibleBlockError(ArithmeticError):
    """A block whose own rows contradict each other: so do those of the program."""


@dataclass(frozen=True)
class Priced:
    """A block at prices: ``least`` is what it costs there, ``y`` the multipliers of its own rows.

    Where the block has no end, ``least`` is minus infinity and the proposal a direction; there are no multipliers.
    """

    least: float
    proposal: Proposal
    y: Vector | None


class Pricing:
    """One warm session a block, carried by threads: the solver releases the interpreter's lock."""

    def __init__(self, split: Split, stage: Stage, runs: Runs, pool: ThreadPoolExecutor) -> None:
        self._split, self._runs, self._pool = split, runs, pool
        self._costs = [stage.costs[block.columns] for block in split.blocks]
        self._sessions = list(pool.map(_session, split.blocks))

    def at(self, prices: Vector, *, mending: bool) -> list[Priced]:
        """All blocks; while ``mending`` their own costs do not count.

        Raises InfeasibleBlockError, UnfinishedError.
        """
        return list(self._pool.map(lambda k: self._one(k, prices, mending=mending), range(len(self._sessions))))

    def proposal(self, k: int, x: Vector, *, endless: bool = False) -> Proposal:
        """A point or direction of the block as a proposal to the master."""
        return Proposal(k, x, endless, float(self._costs[k] @ x), self._split.blocks[k].linking @ x)

    def _one(self, k: int, prices: Vector, *, mending: bool) -> Priced:
        block, session = self._split.blocks[k], self._sessions[k]
        own = np.zeros(len(block.columns)) if mending else self._costs[k]
        costs = own - block.linking.T @ prices
        session.set_stage(Stage("priced", costs, 0.0, 1.0))
        result = self._runs.run(session)
        if result.status is Status.INFEASIBLE:
            raise InfeasibleBlockError(f"block {k}")
        if result.status is Status.UNBOUNDED:
            return self._endless(k)
        if result.x is None or result.y is None:
            raise UnfinishedError(result.status, f"block {k}")
        return Priced(float(costs @ result.x), self.proposal(k, result.x), result.y)

    def _endless(self, k: int) -> Priced:
        ray = self._sessions[k].direction()
        if ray is None:
            raise UnfinishedError(Status.FAILED, f"block {k}: unbounded, in no direction that the solver could name")
        return Priced(-INFINITY, self.proposal(k, ray / np.abs(ray).max(), endless=True), None)


def _session(block: Block) -> Session:
    session = Session(block.program)
    session.use_primal_simplex()  # from one price to the next only costs differ
    return session


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
