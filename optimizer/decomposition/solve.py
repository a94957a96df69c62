"""Dantzig-Wolfe: the program of many regions solved by prices, with a proven bound.

The master mixes proposals of the blocks so that the linking rows hold; its prices ask every block for a better
proposal; the blocks' answers give a lower bound (Lagrange), which with the master's value gives the gap. Prices are
smoothed towards those of the best bound (Wentges), since prices of a master with few proposals swing wildly.

Source: Dantzig and Wolfe, Decomposition principle for linear programs (1960); smoothing, and what to do with prices
that find nothing: Pessoa, Sadykov, Uchoa and Vanderbeck, Automation and combination of linear-programming based
stabilization techniques in column generation (2018).
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np

from optimizer.certificate import VIOLATION_TOLERANCE, Certificate, certify
from optimizer.decomposition.blocks import Split, split
from optimizer.decomposition.master import Master, Mixture, Proposal
from optimizer.decomposition.pricing import InfeasibleBlockError, Priced, Pricing, lies_in
from optimizer.decomposition.sample import sample_prices
from optimizer.holds import with_hold
from optimizer.program import INFINITY, LinearProgram, Stage, Vector
from optimizer.questions import QuestionError, UnfinishedError, problem
from optimizer.runs import Runs
from optimizer.solution import Progress
from optimizer.solver import Limits
from optimizer.status import Status

GAP = 1e-6
# Share of the best prices in those that are asked; a price that finds nothing brings it down step by step.
SMOOTHING = 0.8
# What the artificial columns may still make up, relative to the largest bound of a linking row.
_MET = 1e-9
_IMPROVES = 1e-10
_FEASIBLE = 1e-9


@dataclass(frozen=True)
class Decomposed:
    """What was found. ``x`` and ``y`` follow the program with the holds of earlier stages, as in ``Solution``.

    ``values``: stated, one a stage; ``gap``: of the last stage, between its value and ``bound``, relative.
    ``proposals``: those of all blocks, for the next question about the same blocks. ``certificate`` is recomputed from
    the matrices of the whole; its gap is that of the decomposition, so ``proved`` compares it with the gap asked for.
    """

    status: Status
    program: LinearProgram
    asked_gap: float
    values: tuple[float, ...] = ()
    x: Vector | None = None
    y: Vector | None = None
    bound: float = -INFINITY
    gap: float = INFINITY
    certificate: Certificate | None = None
    proposals: tuple[Proposal, ...] = ()
    blocks: int = 0
    linking: int = 0
    rounds: int = 0
    solves: int = 0
    seconds: float = 0.0

    @property
    def proved(self) -> bool:
        """Feasible, dual feasible, and within the gap, by the matrices alone."""
        proof = self.certificate
        return proof is not None and (
            max(proof.primal_violation, proof.dual_violation) <= VIOLATION_TOLERANCE and proof.gap <= self.asked_gap
        )


def solve_by_blocks(
    program: LinearProgram,
    limits: Limits | None = None,
    *,
    gap: float = GAP,
    workers: int | None = None,
    start: Decomposed | None = None,
    progress: Progress | None = None,
) -> Decomposed:
    """All stages of a continuous program, each within ``gap``, by its blocks (``decomposition.blocks.split``).

    ``start``: an answer about a program with the same blocks; its proposals are kept where they still lie in them.
    ``workers`` threads carry the blocks (default: one a core). The status is infeasible where no mixture meets the
    linking rows, with a positive bound on what is missing, or where a block alone has no point. Raises QuestionError
    (whole projects, fewer than two blocks, a gap that is not positive, an objective without limit), and UnfinishedError
    where the limits end the work.
    """
    _refuse(program, gap)
    runs = Runs(limits)
    found = Decomposed(Status.FAILED, program, gap, proposals=start.proposals if start else ())
    with ThreadPoolExecutor(workers or os.cpu_count() or 1) as pool:
        for stage in program.stages:
            try:
                found = _Stage(found, stage, runs, pool, progress).solve()
            except InfeasibleBlockError:
                return replace(found, status=Status.INFEASIBLE, solves=runs.solves, seconds=runs.seconds)
            if found.status is not Status.OPTIMAL or found.x is None:
                break
            if stage is not program.stages[-1]:
                found = replace(found, program=with_hold(found.program, stage, found.x))
    return replace(found, solves=runs.solves, seconds=runs.seconds)


def _refuse(program: LinearProgram, gap: float) -> None:
    problems = []
    if program.integer.any():
        zh = "整体建设的项目不能分解：请允许项目部分建设"
        problems.append(problem(zh=zh, en="whole projects cannot be decomposed: ask with shares of projects"))
    if not gap > 0.0:
        problems.append(problem(zh=f"间隙 {gap} 必须大于零", en=f"the gap must be more than zero, not {gap}"))
    if len(split(program).blocks) < 2:
        zh = "该规划只有一个整体，分解没有意义：请直接求解"
        problems.append(problem(zh=zh, en="the program does not fall into blocks: solve it as a whole"))
    if problems:
        raise QuestionError(problems)


@dataclass(frozen=True)
class _Best:
    """The best bound so far, the prices that gave it, and the blocks' own multipliers there."""

    bound: float = -INFINITY
    prices: Vector | None = None
    parts: tuple[Vector, ...] = ()


class _Stage:
    """One stage, the stages before it held by rows of the program."""

    def __init__(
        self, before: Decomposed, stage: Stage, runs: Runs, pool: ThreadPoolExecutor, progress: Progress | None
    ) -> None:
        self._before, self._runs, self._progress = before, runs, progress
        self._split: Split = split(before.program)
        width = len(before.program.columns)
        self._stage = replace(stage, costs=stage.costs[:width])
        self._pricing = Pricing(self._split, self._stage, runs, pool)
        self._master = Master(self._split, self._stage, runs)
        self._best = _Best()
        self._rounds = 0
        size = np.abs(before.program.row_upper[self._split.linking])
        self._met = _MET * (1.0 + float(size[np.isfinite(size)].max(initial=0.0)))

    def solve(self) -> Decomposed:
        self._master.add(self._kept())
        nothing = np.zeros(len(self._split.linking))
        self._take(self._pricing.at(nothing, mending=True))
        begin = sample_prices(self._split, self._stage, self._runs)
        first = [] if begin is None else self._pricing.at(begin, mending=False)
        self._take(first)
        while True:
            mixture = self._master.mixed()
            if self._master.mending and mixture.missing <= self._met:
                self._master.mended()
                self._best = _Best()
                if begin is not None:
                    self._remember(begin, first)
                continue
            self._tell(mixture)
            if self._within(mixture.value) or not self._improved(mixture):
                return self._found(mixture)

    def _kept(self) -> list[Proposal]:
        """What earlier questions left that still lies in its block, with what it costs and adds today."""
        blocks = self._split.blocks
        return [
            self._pricing.proposal(old.block, old.x, endless=old.endless)
            for old in self._before.proposals
            if old.block < len(blocks)
            and len(old.x) == len(blocks[old.block].columns)
            and lies_in(blocks[old.block], old.x, endless=old.endless, tolerance=_FEASIBLE)
        ]

    def _tell(self, mixture: Mixture) -> None:
        self._rounds += 1
        if self._progress:
            self._progress(f"{self._stage.name}: {self._rounds}, {mixture.value:.6g} >= {self._best.bound:.6g}")

    def _within(self, value: float) -> bool:
        if self._master.mending:  # what is missing is bounded away from zero: nothing will ever meet the rows
            return self._best.bound > self._met
        return value - self._best.bound <= self._before.asked_gap * (1.0 + abs(value))

    def _improved(self, mixture: Mixture) -> bool:
        """Asks the blocks until one of them has something better; False where none has at the master's own prices."""
        share = SMOOTHING if self._best.prices is not None else 0.0
        step = 1.0 - SMOOTHING
        while True:
            asked = mixture.prices if self._best.prices is None else (
                share * self._best.prices + (1.0 - share) * mixture.prices
            )
            priced = self._pricing.at(asked, mending=self._master.mending)
            self._remember(asked, priced)
            if self._take([one for one in priced if self._better(one, mixture)]):
                return True
            if share == 0.0 or self._within(mixture.value):
                return False
            share = max(0.0, share - step)

    def _better(self, one: Priced, mixture: Mixture) -> bool:
        """Whether the proposal has negative reduced cost at the master's prices."""
        proposal = one.proposal
        cost = 0.0 if self._master.mending else proposal.cost
        worth = 0.0 if proposal.endless else float(mixture.worth[proposal.block])
        reduced = cost - float(mixture.prices @ proposal.adds) - worth
        return reduced < -_IMPROVES * (1.0 + abs(cost) + abs(worth))

    def _take(self, priced: Sequence[Priced]) -> bool:
        self._master.add([one.proposal for one in priced])
        return bool(priced)

    def _remember(self, prices: Vector, priced: Sequence[Priced]) -> None:
        bound = self._master.bound(prices, [one.least for one in priced])
        if bound > self._best.bound:
            self._best = _Best(bound, prices, tuple(one.y for one in priced if one.y is not None))

    def _found(self, mixture: Mixture) -> Decomposed:
        program, before = self._split.program, self._before
        found = replace(
            before,
            proposals=tuple(self._master.proposals),
            blocks=len(self._split.blocks),
            linking=len(self._split.linking),
            rounds=before.rounds + self._rounds,
        )
        if self._master.mending:
            return replace(found, status=Status.INFEASIBLE, x=None, y=None, bound=self._best.bound)
        if self._best.prices is None:
            raise UnfinishedError(Status.FAILED, self._stage.name)
        x = self._split.assemble(mixture.free, self._master.parts(mixture))
        y = self._split.assemble_prices(self._best.prices, self._best.parts)
        reached = mixture.value
        return replace(
            found,
            status=Status.OPTIMAL,
            values=(*before.values, self._stage.value(x)),
            x=x,
            y=y,
            bound=self._best.bound + self._stage.constant,
            gap=max(reached - self._best.bound, 0.0) / (1.0 + abs(reached)),
            certificate=certify(program, self._stage, x, y),
        )
