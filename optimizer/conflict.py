"""Contradictions: an irreducible set of policy rows that no plan can meet together.

Policy rows are what somebody decided: targets, budgets, commitments. All other rows are taken as given, so that a
conflict is told in the plan's own words. An elastic program (least total violation of the policy rows) finds a small
candidate by its multipliers; a deletion filter makes it irreducible: without any one member the rest is feasible.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import scipy.sparse as sp

from optimizer.program import INFINITY, Label, LinearProgram, Stage
from optimizer.solver import RawResult, Session
from optimizer.status import Status

POLICY_EQUATIONS = ("indicator", "budget_year", "budget_plan", "project_once", "final_stock")
# A least total violation above this, with every policy row in units of its own size, proves infeasibility.
VIOLATION = 1e-6


@dataclass(frozen=True)
class Conflict:
    """Rows that contradict each other; ``structural`` where even without any policy row nothing is feasible."""

    rows: tuple[Label, ...]
    structural: bool = False


class ElasticProgram:
    """The program in which each policy row may be violated at a cost; a row can be enforced or relaxed."""

    def __init__(self, program: LinearProgram, policy: Sequence[int]) -> None:
        self._place = {row: place for place, row in enumerate(policy)}
        self._width = len(program.columns)
        self._session = Session(_elastic(program, policy))
        self._costs = self._session.program.stages[0].costs.copy()
        self.enforce(())

    def relax(self, rows: Iterable[int]) -> None:
        """Violating these policy rows costs nothing from now on."""
        self._set_cost(rows, 0.0)

    def enforce(self, rows: Iterable[int]) -> None:
        """Violating these policy rows costs again."""
        self._set_cost(rows, 1.0)

    def _set_cost(self, rows: Iterable[int], cost: float) -> None:
        for row in rows:
            place = self._width + 2 * self._place[row]
            self._costs[place : place + 2] = cost
        self._session.set_stage(Stage("violation", self._costs, 0.0, 1.0))

    def least_violation(self) -> tuple[float, RawResult]:
        """Least total violation of the rows that are enforced; infinite where the other rows contradict themselves."""
        result = self._session.run()
        if result.status is not Status.OPTIMAL or result.x is None:
            return INFINITY, result
        return float(np.dot(self._costs, result.x)), result


def _elastic(program: LinearProgram, policy: Sequence[int]) -> LinearProgram:
    """Two more columns a policy row: what it falls short by and what it exceeds by, in units of the row's own size."""
    size = np.array([_row_size(program, row) for row in policy])
    rows = np.repeat(np.array(policy, dtype=int), 2)
    signs = np.tile([1.0, -1.0], len(policy)) * np.repeat(size, 2)
    extra = sp.csc_array((signs, (rows, np.arange(2 * len(policy)))), shape=(len(program.rows), 2 * len(policy)))
    width, more = len(program.columns), 2 * len(policy)
    costs = np.concatenate([np.zeros(width), np.ones(more)])
    labels = [(kind, *program.rows[row]) for row in policy for kind in ("short of", "beyond")]
    return replace(
        program.relaxed(),
        matrix=sp.csc_array(sp.hstack([program.matrix, extra], format="csc")),
        stages=(Stage("violation", costs, 0.0, 1.0),),
        columns=(*program.columns, *labels),
        column_lower=np.concatenate([program.column_lower, np.zeros(more)]),
        column_upper=np.concatenate([program.column_upper, np.full(more, INFINITY)]),
        integer=np.zeros(width + more, dtype=bool),
    )


def _row_size(program: LinearProgram, row: int) -> float:
    """The row's own target where it has one, else the largest coefficient: 1 MW and 1 亿元 are not the same."""
    bounds = [abs(float(b)) for b in (program.row_lower[row], program.row_upper[row]) if np.isfinite(b) and b != 0.0]
    if bounds:
        return max(bounds)
    by_row = program.matrix.tocsr()
    entries: list[float] = by_row.data[by_row.indptr[row] : by_row.indptr[row + 1]].tolist()
    return max(map(abs, entries), default=1.0)


def policy_rows(program: LinearProgram) -> list[int]:
    """Numbers of the rows that somebody decided. An uncommitted project's limit of one is not a decision."""
    return [
        number
        for number, label in enumerate(program.rows)
        if label[0] in POLICY_EQUATIONS and (label[0] != "project_once" or np.isfinite(program.row_lower[number]))
    ]


def find_conflict(program: LinearProgram, among: Iterable[int] | None = None) -> Conflict | None:
    """One irreducible conflict among the policy rows (or the given ones); None where the program is feasible."""
    policy = list(policy_rows(program) if among is None else among)
    elastic = ElasticProgram(program, policy)
    violation, result = elastic.least_violation()
    if violation == INFINITY:
        return Conflict((), structural=True)
    if violation <= VIOLATION:
        return None
    candidates = _with_multiplier(policy, result)
    others = [row for row in policy if row not in candidates]
    elastic.relax(others)
    if elastic.least_violation()[0] <= VIOLATION:  # a multiplier was lost to rounding: filter them all
        elastic.enforce(others)
        candidates = policy
    kept = _deletion_filter(elastic, candidates)
    return Conflict(tuple(program.rows[row] for row in kept))


def _with_multiplier(policy: list[int], result: RawResult) -> list[int]:
    """Rows that carry the proof: by duality those with a multiplier contradict each other already."""
    if result.y is None:
        return policy
    largest = float(np.abs(result.y[policy]).max(initial=0.0))
    return [row for row in policy if abs(result.y[row]) > 1e-9 * largest]


def _deletion_filter(elastic: ElasticProgram, candidates: list[int]) -> list[int]:
    kept = []
    for row in candidates:
        elastic.relax([row])
        violation, _ = elastic.least_violation()
        if violation <= VIOLATION:
            elastic.enforce([row])
            kept.append(row)
    return kept
