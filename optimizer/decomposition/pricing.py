"""Every block at given prices of the linking rows: its least cost, and the point that has it."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from optimizer.decomposition.blocks import Block, Split
from optimizer.decomposition.master import Proposal
from optimizer.program import Stage, Vector
from optimizer.questions import UnfinishedError
from optimizer.runs import Runs
from optimizer.solver import Session
from optimizer.status import Status


class UnboundedBlockError(ArithmeticError):
    """A block that its own rows leave without limit: only the linking rows hold it. Solve the program as a whole."""


class InfeasibleBlockError(ArithmeticError):
    """A block whose own rows contradict each other: so do those of the program."""


@dataclass(frozen=True)
class Priced:
    """A block's optimum at prices: ``least`` is what it costs there, ``y`` the multipliers of its own rows."""

    least: float
    proposal: Proposal
    y: Vector


class Pricing:
    """One warm session a block, carried by threads: the solver releases the interpreter's lock."""

    def __init__(self, split: Split, stage: Stage, runs: Runs, pool: ThreadPoolExecutor) -> None:
        self._split, self._runs, self._pool = split, runs, pool
        self._costs = [stage.costs[block.columns] for block in split.blocks]
        self._sessions = list(pool.map(_session, split.blocks))

    def at(self, prices: Vector, *, mending: bool) -> list[Priced]:
        """All blocks; while ``mending`` their own costs do not count.

        Raises InfeasibleBlockError, UnboundedBlockError, UnfinishedError.
        """
        return list(self._pool.map(lambda k: self._one(k, prices, mending=mending), range(len(self._sessions))))

    def proposal(self, k: int, x: Vector) -> Proposal:
        """A point of the block as a proposal to the master."""
        return Proposal(k, x, float(self._costs[k] @ x), self._split.blocks[k].linking @ x)

    def _one(self, k: int, prices: Vector, *, mending: bool) -> Priced:
        block, session = self._split.blocks[k], self._sessions[k]
        own = np.zeros(len(block.columns)) if mending else self._costs[k]
        costs = own - block.linking.T @ prices
        session.set_stage(Stage("priced", costs, 0.0, 1.0))
        result = self._runs.run(session)
        if result.status is Status.INFEASIBLE:
            raise InfeasibleBlockError(f"block {k}")
        if result.status is Status.UNBOUNDED:
            raise UnboundedBlockError(f"block {k} has no least cost at the prices {np.abs(prices).max(initial=0.0):g}")
        if result.x is None or result.y is None:
            raise UnfinishedError(result.status, f"block {k}")
        return Priced(float(costs @ result.x), self.proposal(k, result.x), result.y)


def _session(block: Block) -> Session:
    session = Session(block.program)
    session.use_primal_simplex()  # from one price to the next only costs differ
    return session


def lies_in(block: Block, x: Vector, tolerance: float) -> bool:
    """Whether a point meets the block's own rows and bounds."""
    program = block.program
    activity = program.matrix @ x
    size = tolerance * (1.0 + abs(program.matrix) @ np.abs(x))
    inside = (activity >= program.row_lower - size) & (activity <= program.row_upper + size)
    beside = tolerance * (1.0 + np.abs(x))
    within = (x >= program.column_lower - beside) & (x <= program.column_upper + beside)
    return bool(inside.all() and within.all())


def known_points(split: Split, starts: Sequence[Sequence[Vector]], tolerance: float) -> list[tuple[int, Vector]]:
    """Points kept from an earlier solve that are still points of their blocks."""
    if len(starts) != len(split.blocks):
        return []
    return [
        (k, x)
        for k, (block, points) in enumerate(zip(split.blocks, starts, strict=True))
        for x in points
        if len(x) == len(block.columns) and lies_in(block, x, tolerance)
    ]
