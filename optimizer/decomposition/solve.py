"""Dantzig-Wolfe: the program of many regions solved by prices, with a proven bound.

The master mixes proposals of the regions so that the linking rows hold; its prices ask every region for a better
proposal; the regions' answers give a lower bound (Lagrange), which with the master's value gives the gap. It begins
from the prices of the mean region, from points in which every region has its share, and with a few regions in the
master as they are; what is missing may be made up for at a penalty, which keeps prices near those of the beginning.

Where regions are unlike each other there is no mean. Then prices are smoothed towards those of the best bound
(Wentges), since prices of a master with few proposals swing wildly.

Sources: Dantzig and Wolfe, Decomposition principle for linear programs (1960); penalties: du Merle, Villeneuve,
Desrosiers and Hansen, Stabilized column generation (1999); smoothing, and what to do with prices that find nothing:
Pessoa, Sadykov, Uchoa and Vanderbeck, Automation and combination of linear-programming based stabilization techniques
in column generation (2018).
"""

from __future__ import annotations

import os
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace

from optimizer.certificate import VIOLATION_TOLERANCE, Certificate, certify
from optimizer.decomposition.blocks import falls_apart, split
from optimizer.decomposition.master import Proposal
from optimizer.decomposition.pricing import Carrier, InfeasibleBlockError
from optimizer.decomposition.regions import regions_of
from optimizer.decomposition.rounds import Progress, Reached, Rounds
from optimizer.decomposition.start import mean_of, stage_weights, taken_together
from optimizer.program import INFINITY, LinearProgram, Stage, Vector
from optimizer.questions import Problem, problem, refuse
from optimizer.runs import Runs
from optimizer.solver import Limits
from optimizer.status import Status

GAP = 1e-6


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
    pool: Executor | None = None,
    start: Decomposed | None = None,
    progress: Progress | None = None,
) -> Decomposed:
    """All stages of a continuous program, each within ``gap``, by its blocks (``decomposition.blocks.split``).

    ``start``: an answer about a program with the same blocks; its proposals are kept where they still lie in them.
    ``pool`` carries the regions: threads, processes, or the executor of a Dask client; without it, ``workers`` threads
    (default: one a core). The status is infeasible where no mixture meets the linking rows, with a positive bound on
    what is missing, or where a region alone has no point. Raises QuestionError (whole projects, fewer than two blocks,
    a gap that is not positive, an objective without limit), and UnfinishedError where the limits end the work.
    """
    refuse([*_undecomposable(program), *_wrong_gap(gap)])
    runs = Runs(limits)
    kept = start.proposals if start else ()
    with ExitStack() as stack:
        carried = pool or stack.enter_context(ThreadPoolExecutor(workers or os.cpu_count() or 1))
        try:
            found = _stages(program, gap, kept, runs, Carrier(carried, runs), progress)
        except InfeasibleBlockError:
            found = Decomposed(Status.INFEASIBLE, program, gap, proposals=kept)
    return replace(found, solves=runs.solves, seconds=runs.seconds)


def refuse_undecomposable(program: LinearProgram) -> None:
    """Raises QuestionError, about the method, for whole projects and for a program of one block."""
    refuse(one.inside("method") for one in _undecomposable(program))


def _undecomposable(program: LinearProgram) -> list[Problem]:
    problems = []
    if program.integer.any():
        zh = "整体建设的项目不能分解：请允许项目部分建设"
        problems.append(problem(zh=zh, en="whole projects cannot be decomposed: ask with shares of projects"))
    if not falls_apart(program):
        zh = "该规划只有一个整体，分解没有意义：请直接求解"
        problems.append(problem(zh=zh, en="the program does not fall into blocks: solve it as a whole"))
    return problems


def _wrong_gap(gap: float) -> list[Problem]:
    if gap > 0.0:
        return []
    return [problem(zh=f"间隙 {gap} 必须大于零", en=f"the gap must be more than zero, not {gap}")]


def _stages(
    program: LinearProgram,
    gap: float,
    kept: tuple[Proposal, ...],
    runs: Runs,
    carrier: Carrier,
    progress: Progress | None,
) -> Decomposed:
    """One stage after the other on the same proposals; several are taken together first where there is a mean."""
    stages, held = program.stages, program
    for stage in stages[:-1]:
        held = held.with_row(("hold", stage.name), stage.costs, -INFINITY, INFINITY)
    parts = split(held)
    regions = regions_of(parts)
    mean = mean_of(parts, regions, stages)
    weights = None if mean is None else stage_weights(mean.program, runs)
    before = [taken_together(stages, weights)] if weights and len(stages) > 1 else []
    rounds = Rounds(parts, regions, gap, runs, carrier, progress)
    rounds.begin(before[0] if before else stages[0], mean if weights else None, weights or [], kept)
    found = Decomposed(Status.INFEASIBLE, program, gap, blocks=len(parts.blocks), linking=len(parts.linking))
    for number, stage in enumerate((*before, *stages), start=-len(before)):
        reached = rounds.solve(stage)
        found = replace(found, rounds=rounds.count, proposals=rounds.proposals)
        if reached.x is None or reached.y is None:
            return replace(found, bound=reached.bound)
        if number >= 0:
            found = replace(found, values=(*found.values, stage.value(reached.x)))
        if 0 <= number < len(stages) - 1:
            rounds.hold(number, stage, reached.x)
        if number == len(stages) - 1:
            found = _ended(found, rounds.program, stage, reached)
    return found


def _ended(found: Decomposed, program: LinearProgram, stage: Stage, reached: Reached) -> Decomposed:
    x, y = reached.x, reached.y
    return replace(
        found,
        status=Status.OPTIMAL,
        program=program,
        x=x,
        y=y,
        bound=reached.bound + stage.constant,
        gap=max(reached.value - reached.bound, 0.0) / (1.0 + abs(reached.value)),
        certificate=None if x is None or y is None else certify(program, stage, x, y),
    )
