"""The master program: columns in no block, a few regions as they are, and shares of what the other blocks propose.

Regions that stand in it as they are can bear what is left over by the others, whose proposals are few. Without them
there are no prices worth asking at for many rounds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from optimizer.decomposition.blocks import Numbers, Split
from optimizer.decomposition.regions import Region, bare
from optimizer.program import INFINITY, LinearProgram, Stage, Vector
from optimizer.questions import UnfinishedError
from optimizer.run_result import Basis
from optimizer.runs import Runs
from optimizer.solver import Session
from optimizer.solver_options import PRIMAL
from optimizer.status import Status


@dataclass(frozen=True)
class Proposal:
    """A point of a block, or a direction in which it is endless."""

    block: int
    x: Vector
    endless: bool


@dataclass(frozen=True)
class Mixture:
    """An optimum of the master: its columns, prices of linking rows, and what a share of each block is worth.

    ``value`` is None where the master has no end. ``missing``: by how much each linking row is still violated.
    """

    value: float | None
    columns: Vector
    prices: Vector
    worth: Vector
    missing: Vector

    @property
    def short(self) -> float:
        return float(self.missing.sum())


class Master:
    """Linking rows over free columns, regions and proposals; the shares of the points of every block add up to one.

    Artificial columns make up for what the proposals cannot yet meet, at a penalty; with ``stage`` None only what they
    make up counts. ``mended`` fixes them at zero.
    """

    def __init__(self, split: Split, within: Sequence[Region], penalties: Vector, runs: Runs) -> None:
        self._split, self._within, self._runs = split, within, runs
        self._linked, self._free = len(split.linking), len(split.free)
        self._lower, self._upper = split.program.row_lower[split.linking], split.program.row_upper[split.linking]
        self._row_of = self._rows_of_blocks()
        self.proposals: list[Proposal] = []
        self._penalties = penalties.copy()
        self._artificial = _artificial(self._lower, self._upper)
        program = self._program()
        self._rows, self._width = len(program.rows), len(program.columns)
        self._session = Session(program)
        self.fixed = False

    def _rows_of_blocks(self) -> Numbers:
        """The row in which the shares of a block add up to one; -1 for blocks of regions that stand here themselves."""
        row_of = np.zeros(len(self._split.blocks), dtype=np.intp)
        for region in self._within:
            row_of[list(region.blocks)] = -1
        first = self._linked + sum(len(region.rows) for region in self._within)
        row_of[row_of == 0] = first + np.arange(np.count_nonzero(row_of == 0))
        return row_of

    def _program(self) -> LinearProgram:
        split, whole = self._split, self._split.program
        shares = np.count_nonzero(self._row_of >= 0)
        own = sp.block_diag([sp.csc_array((0, 0)), *(r.own for r in self._within)], format="csc")
        sums = self._artificial.shape[1]
        top = sp.hstack([split.of_free, self._artificial, *(r.linking for r in self._within)], format="csc")
        below = sp.hstack([sp.csc_array((own.shape[0], self._free + sums)), own], format="csc")
        matrix = sp.csc_array(sp.vstack([top, below, sp.csc_array((shares, top.shape[1]))], format="csc"))
        rows = np.concatenate([split.linking, *(r.rows for r in self._within)])
        columns = np.concatenate([np.zeros(0, dtype=np.intp), *(r.columns for r in self._within)])
        ones = np.ones(shares)
        return bare(
            matrix,
            (np.append(whole.row_lower[rows], ones), np.append(whole.row_upper[rows], ones)),
            (
                np.concatenate([whole.column_lower[split.free], np.zeros(sums), whole.column_lower[columns]]),
                np.concatenate([whole.column_upper[split.free], np.full(sums, INFINITY), whole.column_upper[columns]]),
            ),
        )

    def add(self, proposals: Sequence[Proposal]) -> None:
        """Takes up proposals of blocks that do not stand here themselves; they stay for good."""
        new = [one for one in proposals if self._row_of[one.block] >= 0]
        if not new:
            return
        rows, values, starts = [], [], [0]
        for one in new:
            adds = self._split.blocks[one.block].linking @ one.x
            used = np.flatnonzero(adds)
            rows += [used, np.full(int(not one.endless), self._row_of[one.block])]
            values += [adds[used], np.ones(int(not one.endless))]
            starts.append(starts[-1] + len(used) + int(not one.endless))
        matrix = sp.csc_array((np.concatenate(values), np.concatenate(rows), starts), shape=(self._rows, len(new)))
        nothing = np.zeros(len(new))  # costs are set before every run
        self._session.add_columns(nothing, nothing, np.full(len(new), INFINITY), matrix)
        self.proposals += new

    def begin(self, columns: Sequence[npt.NDArray[np.int8]], rows: Sequence[npt.NDArray[np.int8]]) -> None:
        """Starts from statuses of free columns and of each region within, and of their rows; of every other block the
        first proposal is taken."""
        firsts = {one.block: k for k, one in reversed(list(enumerate(self.proposals)))}
        taken = np.zeros(len(self.proposals), dtype=np.int8)
        taken[list(firsts.values())] = 1
        artificial = np.zeros(self._artificial.shape[1], dtype=np.int8)
        shares = np.zeros(np.count_nonzero(self._row_of >= 0), dtype=np.int8)
        first, *others = columns
        self._session.set_basis(
            Basis(np.concatenate([first, artificial, *others, taken]), np.concatenate([*rows, shares]))
        )

    def mixed(self, stage: Stage | None) -> Mixture:
        """The best mixture of what there is. Raises UnfinishedError where the time is over or the solver fails."""
        costs = self._costs(stage)
        self._session.set_stage(Stage("master", costs, 0.0, 1.0))
        result = self._runs.run(self._session)
        self._session.set_options(PRIMAL)  # from now on there are only more columns, other costs, and rows that hold
        if result.status is Status.UNBOUNDED:
            nothing = np.zeros(0)
            return Mixture(None, nothing, nothing, nothing, nothing)
        if result.x is None or result.y is None:
            raise UnfinishedError(result.status, "master program")
        worth = np.where(self._row_of >= 0, result.y[self._row_of], 0.0)
        made_up = result.x[self._free : self._free + self._artificial.shape[1]]
        missing = abs(self._artificial) @ np.maximum(made_up, 0.0)
        return Mixture(float(costs @ result.x), result.x, result.y[: self._linked], worth, missing)

    def raise_penalties(self, rows: npt.NDArray[np.bool_], by: float) -> None:
        self._penalties[rows] *= by

    def mended(self) -> None:
        """From now on nothing makes up for what is missing."""
        for column in range(self._free, self._free + self._artificial.shape[1]):
            self._session.set_column_bounds(column, 0.0, 0.0)
        self.fixed = True

    def hold(self, place: int, most: float) -> None:
        """An upper bound of one of the linking rows, which the mixture at hand meets."""
        self._upper = self._upper.copy()
        self._upper[place] = most
        self._session.set_row_bounds(place, -INFINITY, most)

    def bound(self, prices: Vector, stage: Stage | None, least: Sequence[float]) -> float:
        """A lower bound of the stage's costs: linking rows priced out, each region at its ``least`` (weak duality)."""
        at = np.where(prices > 0.0, self._lower, self._upper)
        if not np.isfinite(at[np.abs(prices) > _NO_PRICE * (1.0 + np.abs(prices).max(initial=0.0))]).all():
            return -INFINITY
        rows = float(np.sum(prices * np.where(np.isfinite(at), at, 0.0)))
        program, free = self._split.program, self._split.free
        d = (np.zeros(len(free)) if stage is None else stage.costs[free]) - self._split.of_free.T @ prices
        beside = np.where(d > 0.0, program.column_lower[free], program.column_upper[free])
        # A free column has no bound to rest on: its reduced cost is zero but for rounding.
        columns = float(np.sum(d * np.where(np.isfinite(beside), beside, 0.0)))
        return rows + columns + float(np.sum(least))

    def point(self, mixture: Mixture) -> Vector:
        """The columns of the whole program that the mixture stands for."""
        x = np.zeros(len(self._split.program.columns))
        x[self._split.free] = mixture.columns[: self._free]
        first = self._free + self._artificial.shape[1]
        for region in self._within:
            x[region.columns] = mixture.columns[first : first + len(region.columns)]
            first += len(region.columns)
        for proposal, share in zip(self.proposals, self._shares(mixture.columns[self._width :]), strict=True):
            if share:
                x[self._split.blocks[proposal.block].columns] += share * proposal.x
        return x

    def _shares(self, found: Vector) -> Vector:
        """No share below zero, and those of the points of a block adding up to one: what the solver's tolerance leaves
        would be as many times as large as the numbers of a proposal."""
        shares = np.maximum(found, 0.0)
        of = np.array([-1 if one.endless else one.block for one in self.proposals], dtype=np.intp)
        points = of >= 0
        total = np.bincount(of[points], shares[points], len(self._split.blocks))
        shares[points] /= total[of[points]]
        return shares

    def _costs(self, stage: Stage | None) -> Vector:
        many, sums = len(self.proposals), self._artificial.shape[1]
        if stage is None:
            others = np.zeros(self._width - self._free - sums + many)
            return np.concatenate([np.zeros(self._free), np.ones(sums), others])
        penalties = np.zeros(sums) if self.fixed else abs(self._artificial).T @ self._penalties
        within = [stage.costs[region.columns] for region in self._within]
        blocks = self._split.blocks
        own = np.array([float(stage.costs[blocks[one.block].columns] @ one.x) for one in self.proposals])
        return np.concatenate([stage.costs[self._split.free], penalties, *within, own])


# Prices below this share of the largest are rounding.
_NO_PRICE = 1e-9


def _artificial(lower: Vector, upper: Vector) -> sp.csc_array:
    """A column for each bound of a row, by which it can be missed."""
    short, over = np.flatnonzero(np.isfinite(lower)), np.flatnonzero(np.isfinite(upper))
    signs = np.concatenate([np.ones(len(short)), -np.ones(len(over))])
    places = (np.concatenate([short, over]), np.arange(len(signs)))
    return sp.csc_array((signs, places), shape=(len(lower), len(signs)))
