"""Points to begin with: every region with its share of what the mean regions take of the linking rows.

At one price all regions of a kind go to the same corner, and no mixture of corners meets the rows. With its share of
the mean's optimum each finds a point near its own part in the optimum of the whole.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from optimizer.decomposition.blocks import Split
from optimizer.decomposition.pricing import Asked, Carrier
from optimizer.decomposition.regions import Mean, Region, bare
from optimizer.program import INFINITY, Stage, Vector
from optimizer.run_result import Basis
from optimizer.runs import Runs
from optimizer.solver import Session

# What is missing counts so much more than it is worth, and a little where it is worth nothing.
DEARER = 2.0
# Regions that share what the mean of as many takes: each finds a better point the more there are.
TOGETHER = 15
_LITTLE = 1e-3

Statuses = npt.NDArray[np.int8]


@dataclass(frozen=True)
class Begun:
    """An optimum of the mean program: prices of the linking rows, a basis, and its columns."""

    mean: Mean
    x: Vector
    prices: Vector
    basis: Basis

    @property
    def penalties(self) -> Vector:
        """What missing a linking row may cost."""
        worth = np.abs(self.prices)
        typical = float(np.median(worth[worth > 0.0])) if worth.any() else 1.0
        return DEARER * worth + _LITTLE * typical


def begun(mean: Mean, stage: Stage, linked: int, runs: Runs) -> Begun | None:
    """None where the mean program has no optimum; ``stage`` has its costs."""
    session = Session(mean.program)
    session.set_stage(stage)
    result = runs.run(session)
    if result.x is None or result.y is None or result.basis is None:
        return None
    return Begun(mean, result.x, result.y[:linked], result.basis)


def shares(
    split: Split, begin: Begun, stage: Stage, carrier: Carrier, alone: Callable[[Region], Basis]
) -> list[tuple[Region, Vector]]:
    """A point of every region, some at a time. ``alone``: where a region ended by itself at the prices of the mean."""
    places = begin.mean.places(len(split.free), len(split.linking))
    batches = [
        (batch, len(batch) / len(group), place)
        for group, place in zip(begin.mean.groups, places, strict=True)
        for batch in _batches(group)
    ]
    told = carrier.all(_asked(split, begin, *of, stage, alone) for of in batches)
    found: list[tuple[Region, Vector]] = []
    for (batch, _, _), one in zip(batches, told, strict=True):
        if one.x is not None:
            edges = np.cumsum([len(split.free), *(len(region.columns) for region in batch)])
            found += zip(batch, np.split(one.x, edges)[1:-1], strict=True)
    return found


def _batches(group: list[Region]) -> list[list[Region]]:
    """All of about the same size."""
    edges = np.linspace(0, len(group), -(-len(group) // TOGETHER) + 1).round().astype(int).tolist()
    return [group[slice(*pair)] for pair in pairwise(edges)]


def _asked(
    split: Split,
    begin: Begun,
    batch: list[Region],
    share: float,
    place: tuple[slice, slice],
    stage: Stage,
    alone: Callable[[Region], Basis],
) -> Asked:
    """The mean program with these regions in place of their group, everything shared out, other groups as they are.

    It starts as the whole does in ``start``: the first region takes the mean's part.
    """
    whole, linked, free = split.program, len(split.linking), len(split.free)
    inside = begin.mean.program.matrix[:linked, :]
    others = inside @ begin.x - inside[:, :free] @ begin.x[:free] - inside[:, place[0]] @ begin.x[place[0]]
    sums = sp.hstack([sp.identity(linked), -sp.identity(linked)], format="csc")
    top = sp.hstack([split.of_free, *(region.linking for region in batch), sums], format="csc")
    own = sp.block_diag([region.own for region in batch], format="csc")
    beside = [sp.csc_array((own.shape[0], width)) for width in (free, 2 * linked)]
    matrix = sp.csc_array(sp.vstack([top, sp.hstack([beside[0], own, beside[1]])], format="csc"))
    none, endless = np.zeros(2 * linked), np.full(2 * linked, INFINITY)
    rows = np.concatenate([region.rows for region in batch])
    columns = np.concatenate([region.columns for region in batch])

    def shared(bound: Vector) -> Vector:
        return np.concatenate([(bound[split.linking] - others) * share, bound[rows]])

    program = bare(
        matrix,
        (shared(whole.row_lower), shared(whole.row_upper)),
        (
            np.concatenate([whole.column_lower[split.free] * share, whole.column_lower[columns], none]),
            np.concatenate([whole.column_upper[split.free] * share, whole.column_upper[columns], endless]),
        ),
    )
    costs = np.concatenate([stage.costs[split.free], stage.costs[columns], begin.penalties, begin.penalties])
    mean, ends = begin.basis, [alone(region) for region in batch[1:]]
    start = Basis(
        np.concatenate(
            [mean.columns[:free], mean.columns[place[0]], *(end.columns for end in ends), none.astype(np.int8)]
        ),
        np.concatenate([mean.rows[:linked], mean.rows[place[1]], *(end.rows for end in ends)]),
    )
    return Asked(program, costs, start, dual=True)


def explicit(groups: Sequence[Sequence[Region]], most: int) -> list[Region]:
    """Some regions of every group, the largest groups first; of many regions, not more than ``most``."""
    largest = sorted(groups, key=len, reverse=True)
    longest = max(map(len, groups), default=0)
    return [group[k] for k in range(longest) for group in largest if k < len(group)][:most]


def master_basis(split: Split, begin: Begun, within: Sequence[Region], squares: Sequence[Basis]) -> tuple[
    list[Statuses], list[Statuses]
]:
    """Statuses to begin the master from: those of the mean, the first region of each group taking its group's part.

    ``squares``: what the regions have by themselves.
    """
    free, linked = len(split.free), len(split.linking)
    part = {
        id(group[0]): place
        for group, place in zip(begin.mean.groups, begin.mean.places(free, linked), strict=True)
    }
    columns, rows = [begin.basis.columns[:free]], [begin.basis.rows[:linked]]
    for region, square in zip(within, squares, strict=True):
        place = part.get(id(region))
        columns.append(square.columns if place is None else begin.basis.columns[place[0]])
        rows.append(square.rows if place is None else begin.basis.rows[place[1]])
    return columns, rows

