"""The master program: columns in no block, and how much of each proposal of every block is taken."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import scipy.sparse as sp

from optimizer.decomposition.blocks import Split
from optimizer.program import INFINITY, LinearProgram, Stage, Vector
from optimizer.questions import QuestionError, UnfinishedError
from optimizer.runs import Runs, no_best_value
from optimizer.solver import Session
from optimizer.status import Status


@dataclass(frozen=True)
class Proposal:
    """A point of a block, or a direction in which it is endless: its own costs, and what it adds to linking rows."""

    block: int
    x: Vector
    endless: bool
    cost: float
    adds: Vector


@dataclass(frozen=True)
class Mixture:
    """An optimum of the master: ``free`` columns, the share of each proposal, prices of linking rows and of blocks.

    ``missing``: by how much linking rows are still violated; zero once the proposals meet all of them.
    """

    value: float
    free: Vector
    shares: Vector
    prices: Vector
    worth: Vector
    missing: float


class Master:
    """Linking rows over free columns and proposals; the shares of the points of every block add up to one.

    Artificial columns make up for what the proposals cannot yet meet. ``mend`` minimises them alone (phase one);
    afterwards they are fixed at zero.
    """

    def __init__(self, split: Split, stage: Stage, runs: Runs) -> None:
        self._split, self._stage, self._runs = split, stage, runs
        self._linked, self._blocks = len(split.linking), len(split.blocks)
        self.proposals: list[Proposal] = []
        program = _bare(split)
        self._free, self._width = len(split.free), len(program.columns)
        self._session = Session(program)
        self._lower, self._upper = program.row_lower[: self._linked], program.row_upper[: self._linked]
        self._mending = True

    @property
    def mending(self) -> bool:
        return self._mending

    def add(self, proposals: Sequence[Proposal]) -> None:
        """Takes proposals up; they stay for good."""
        if not proposals:
            return
        linking = sp.csc_array(np.column_stack([proposal.adds for proposal in proposals]))
        many = len(proposals)
        points = np.array([k for k, proposal in enumerate(proposals) if not proposal.endless], dtype=int)
        which = np.array([proposals[k].block for k in points], dtype=int)
        ones = sp.csc_array((np.ones(len(points)), (which, points)), shape=(self._blocks, many))
        costs = np.zeros(many)  # set before every run
        matrix = sp.csc_array(sp.vstack([linking, ones], format="csc"))
        self._session.add_columns(costs, np.zeros(many), np.full(many, INFINITY), matrix)
        self.proposals += proposals

    def mixed(self) -> Mixture:
        """The best mixture of what there is.

        Raises UnfinishedError where the time is over or the solver fails, QuestionError where there is no best one.
        """
        costs = self._costs()
        self._session.set_stage(Stage(self._stage.name, costs, 0.0, 1.0))
        result = self._runs.run(self._session)
        if result.status is Status.UNBOUNDED:
            raise QuestionError([no_best_value(self._stage.name)])
        if result.x is None or result.y is None:
            raise UnfinishedError(result.status, "master program")
        artificial = result.x[self._free : self._width]
        return Mixture(
            float(costs @ result.x),
            result.x[: self._free],
            result.x[self._width :],
            result.y[: self._linked],
            result.y[self._linked :],
            float(artificial.sum()),
        )

    def mended(self) -> None:
        """From now on the artificial columns are zero and the stage's own costs count."""
        for column in range(self._free, self._width):
            self._session.set_column_bounds(column, 0.0, 0.0)
        self._mending = False

    def bound(self, prices: Vector, least: Sequence[float]) -> float:
        """A lower bound of the stage's costs: linking rows priced out, each block at its ``least`` (weak duality)."""
        at = np.where(prices > 0.0, self._lower, self._upper)
        rows = float(np.sum(prices * np.where(np.isfinite(at), at, 0.0)))
        program, free = self._split.program, self._split.free
        own = np.zeros(len(free)) if self._mending else self._stage.costs[free]
        d = own - self._split.of_free.T @ prices
        beside = np.where(d > 0.0, program.column_lower[free], program.column_upper[free])
        # A free column has no bound to rest on: its reduced cost is zero but for rounding.
        columns = float(np.sum(d * np.where(np.isfinite(beside), beside, 0.0)))
        return rows + columns + float(np.sum(least))

    def parts(self, mixture: Mixture) -> list[Vector]:
        """The point of every block that the mixture stands for."""
        parts = [np.zeros(len(block.columns)) for block in self._split.blocks]
        for proposal, share in zip(self.proposals, mixture.shares, strict=True):
            if share:
                parts[proposal.block] += share * proposal.x
        return parts

    def _costs(self) -> Vector:
        many = len(self.proposals)
        if self._mending:
            return np.concatenate([np.zeros(self._free), np.ones(self._width - self._free), np.zeros(many)])
        own = np.array([proposal.cost for proposal in self.proposals])
        return np.concatenate([self._stage.costs[self._split.free], np.zeros(self._width - self._free), own])


def _bare(split: Split) -> LinearProgram:
    """The master without proposals: linking rows, one row a block; free columns, artificial ones."""
    program, linked, blocks = split.program, len(split.linking), len(split.blocks)
    lower, upper = program.row_lower[split.linking], program.row_upper[split.linking]
    short, over = np.flatnonzero(np.isfinite(lower)), np.flatnonzero(np.isfinite(upper))
    signs = np.concatenate([np.ones(len(short)), -np.ones(len(over))])
    places = (np.concatenate([short, over]), np.arange(len(signs)))
    artificial = sp.csc_array((signs, places), shape=(linked, len(signs)))
    above = sp.hstack([split.of_free, artificial], format="csc")
    width = above.shape[1]
    return replace(
        program,
        stages=(),
        matrix=sp.csc_array(sp.vstack([above, sp.csc_array((blocks, width))], format="csc")),
        row_lower=np.concatenate([lower, np.ones(blocks)]),
        row_upper=np.concatenate([upper, np.ones(blocks)]),
        column_lower=np.concatenate([program.column_lower[split.free], np.zeros(len(signs))]),
        column_upper=np.concatenate([program.column_upper[split.free], np.full(len(signs), INFINITY)]),
        integer=np.zeros(width, dtype=bool),
        rows=(*(program.rows[k] for k in split.linking), *(("block", k) for k in range(blocks))),
        columns=(*(program.columns[k] for k in split.free), *(("artificial", k) for k in range(len(signs)))),
    )


