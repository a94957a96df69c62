"""Rounds between the master and the regions until value and bound of a stage meet."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from optimizer.decomposition.blocks import Split
from optimizer.decomposition.master import Master, Mixture, Proposal
from optimizer.decomposition.pricing import Carrier, Priced, Pricing, lies_in
from optimizer.decomposition.regions import Mean, Region
from optimizer.decomposition.sample import sample_prices
from optimizer.decomposition.seeds import Begun, begun, explicit, master_basis, shares
from optimizer.decomposition.start import taken_together
from optimizer.holds import most_held
from optimizer.program import INFINITY, LinearProgram, Stage, Vector
from optimizer.questions import QuestionError, UnfinishedError
from optimizer.run_result import Basis, read_basis
from optimizer.runs import Runs, no_best_value
from optimizer.status import Status

Progress = Callable[[str], None]

# Regions that stand in the master as they are: one in so many, at most so many.
_ONE_IN, _MOST_WITHIN = 4, 8
# Without a mean: share of the best prices in those that are asked. Prices that find nothing bring it down by steps.
_SMOOTHING, _STEP = 0.8, 0.2
# What is still missing at the end of a stage makes penalties dearer, so many times; then it alone counts.
_DEARER, _TIMES = 10.0, 4
# What may still be missing, relative to the largest bound of a linking row.
_MET = 1e-9
_IMPROVES = 1e-10
_FEASIBLE = 1e-9


@dataclass(frozen=True)
class Reached:
    """The end of a stage: value and bound of its costs without constant; no point where rows cannot be met."""

    value: float
    bound: float
    x: Vector | None = None
    y: Vector | None = None


@dataclass(frozen=True)
class _Best:
    """The best bound so far, the prices that gave it, and the regions' own multipliers there."""

    bound: float = -INFINITY
    prices: Vector | None = None
    parts: tuple[Vector, ...] = ()


class Rounds:
    """One master and its regions through all stages."""

    def __init__(
        self,
        parts: Split,
        regions: Sequence[Region],
        gap: float,
        runs: Runs,
        carrier: Carrier,
        progress: Progress | None,
    ) -> None:
        self.program: LinearProgram = parts.program
        self._split, self._gap, self._runs, self._carrier, self._progress = parts, gap, runs, carrier, progress
        self._regions = regions
        self._pricing = Pricing(parts, regions, carrier)
        size = np.abs(parts.program.row_upper[parts.linking])
        self._met = _MET * (1.0 + float(size[np.isfinite(size)].max(initial=0.0)))
        self._best = self._before = _Best()  # and that of the stage while what is missing alone counts
        self._raised = 0
        self._mending = False  # what is missing alone counts
        self._smoothing = 0.0
        self.count = 0

    @property
    def proposals(self) -> tuple[Proposal, ...]:
        return tuple(self._master.proposals)

    def begin(self, stage: Stage, mean: Mean | None, weights: Sequence[float], kept: Sequence[Proposal]) -> None:
        """The first proposals: points of shares and at the prices of the mean, or of a sample, and what was kept."""
        linked = len(self._split.linking)
        start = None
        if mean is not None:
            one = taken_together(mean.program.stages, weights) if len(weights) > 1 else mean.program.stages[0]
            start = begun(mean, one, linked, self._runs)
        if start is None:
            self._begin_without_mean(stage, kept)
        else:
            self._begin_from(start, stage, kept)

    def _begin_from(self, start: Begun, stage: Stage, kept: Sequence[Proposal]) -> None:
        most = min(_MOST_WITHIN, len(self._regions) // _ONE_IN)
        within = explicit(start.mean.groups, most)
        self._master = Master(self._split, within, start.penalties, self._runs)
        self._master.add(self._still_in(kept))
        priced = self._pricing.at(start.prices, stage)
        place = {id(region): k for k, region in enumerate(self._regions)}

        def alone(region: Region) -> Basis:
            return read_basis(self._pricing.end(place[id(region)]))

        for region, x in shares(self._split, start, stage, self._carrier, alone):
            self._master.add(self._pricing.proposals(region, x))
        self._take(priced)
        squares = [alone(region) for region in within]
        self._remember(start.prices, stage, priced)
        self._master.begin(*master_basis(self._split, start, within, squares))

    def _begin_without_mean(self, stage: Stage, kept: Sequence[Proposal]) -> None:
        linked = len(self._split.linking)
        self._master = Master(self._split, [], np.zeros(linked), self._runs)
        self._mending, self._smoothing = True, _SMOOTHING
        self._master.add(self._still_in(kept))
        self._take(self._pricing.at(np.zeros(linked), None))
        prices = sample_prices(self._split, stage, self._runs)
        if prices is not None:
            self._take(self._pricing.at(prices, stage))

    def _still_in(self, kept: Sequence[Proposal]) -> list[Proposal]:
        """What earlier questions left that still lies in its block."""
        blocks = self._split.blocks
        return [
            old
            for old in kept
            if old.block < len(blocks)
            and len(old.x) == len(blocks[old.block].columns)
            and lies_in(blocks[old.block], old.x, endless=old.endless, tolerance=_FEASIBLE)
        ]

    def hold(self, number: int, stage: Stage, x: Vector) -> None:
        """The stage stays at what it reached. Its row is one of the last of the program and of the linking rows."""
        most, holds = most_held(stage, x), len(self.program.stages) - 1
        self._master.hold(len(self._split.linking) - holds + number, most)
        upper = self.program.row_upper.copy()
        upper[len(upper) - holds + number] = most
        self.program = replace(self.program, row_upper=upper)

    def solve(self, stage: Stage) -> Reached:
        """Rounds until value and bound are within the gap. Raises QuestionError where the stage has no end."""
        if self.count:
            self._best = _Best()
        while True:
            counted = None if self._mending else stage
            mixture = self._master.mixed(counted)
            if mixture.value is None:
                if self._mending or self._master.fixed:
                    raise QuestionError([no_best_value(stage.name)])
                self._mend()  # penalties may be too low to hold what has an end
                continue
            self._tell(stage, mixture.value)
            if self._mending and mixture.short <= self._met:
                self._fix()
                continue
            if not self._within(mixture.value) and self._improved(mixture, counted):
                continue
            if self._mending:
                return Reached(mixture.value, self._best.bound)
            if mixture.short > self._met:
                self._dearer(mixture)
            elif not self._master.fixed:
                self._master.mended()
            else:
                return self._reached(mixture)

    def _mend(self) -> None:
        self._mending, self._before, self._best = True, self._best, _Best()

    def _fix(self) -> None:
        self._master.mended()
        self._mending, self._best = False, self._before

    def _dearer(self, mixture: Mixture) -> None:
        """What is missing costs more; where that has not helped, it alone counts."""
        self._raised += 1
        if self._raised > _TIMES:
            self._mend()
        else:
            self._master.raise_penalties(mixture.missing > 0.0, _DEARER)

    def _tell(self, stage: Stage, value: float) -> None:
        self.count += 1
        if self._progress:
            self._progress(f"{stage.name}: {self.count}, {value:.6g} >= {self._best.bound:.6g}")

    def _within(self, value: float) -> bool:
        if self._mending:  # what is missing is bounded away from zero: nothing will ever meet the rows
            return self._best.bound > self._met
        return value - self._best.bound <= self._gap * (1.0 + abs(value))

    def _improved(self, mixture: Mixture, stage: Stage | None) -> bool:
        """Asks the regions until one has something better; False where none has at the master's own prices."""
        best = self._best.prices
        share = self._smoothing if best is not None else 0.0
        while True:
            asked = mixture.prices if best is None else share * best + (1.0 - share) * mixture.prices
            priced = self._pricing.at(asked, stage)
            self._remember(asked, stage, priced)
            if self._take(priced, mixture, stage):
                return True
            if share <= 0.0 or self._within(mixture.value or 0.0):
                return False
            share = max(0.0, share - _STEP)

    def _take(self, priced: Sequence[Priced], mixture: Mixture | None = None, stage: Stage | None = None) -> bool:
        """Gives the master what was proposed; with a mixture, only what has negative reduced costs at its prices."""
        offered: list[Proposal] = []
        for region, one in zip(self._regions, priced, strict=True):
            if mixture is None:
                offered += one.proposals
                continue
            costs = self._pricing.by_block(region, self._pricing.costs(region, mixture.prices, stage))
            offered += [each for each in one.proposals if _better(each, costs[each.block], mixture)]
        many = len(self._master.proposals)
        self._master.add(offered)
        return len(self._master.proposals) > many

    def _remember(self, prices: Vector, stage: Stage | None, priced: Sequence[Priced]) -> None:
        bound = self._master.bound(prices, stage, [one.least for one in priced])
        if bound > self._best.bound:
            self._best = _Best(bound, prices, tuple(one.y for one in priced))

    def _reached(self, mixture: Mixture) -> Reached:
        if self._best.prices is None or mixture.value is None:
            raise UnfinishedError(Status.FAILED, "the decomposition")
        y = np.zeros(len(self._split.program.rows))
        y[self._split.linking] = self._best.prices
        for region, part in zip(self._regions, self._best.parts, strict=True):
            y[region.rows] = part
        return Reached(mixture.value, self._best.bound, self._master.point(mixture), y)


def _better(one: Proposal, costs: Vector, mixture: Mixture) -> bool:
    """Whether the proposal has negative reduced cost at the master's prices."""
    cost, worth = float(costs @ one.x), 0.0 if one.endless else float(mixture.worth[one.block])
    return cost - worth < -_IMPROVES * (1.0 + abs(cost) + abs(worth))
