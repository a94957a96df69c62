"""Contradictions: irreducible sets of policy rows that no plan can meet together.

Policy rows are what somebody decided: targets, budgets, commitments. All other rows are taken as given, so that a
conflict is told in the plan's own words. Where even without any policy row nothing is feasible the conflict is
structural, and names the limits and balances that contradict each other.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from optimizer.deletion import Prover, in_proof, irreducible
from optimizer.least_violation import LeastViolation
from optimizer.program import INFINITY, Label, LinearProgram
from optimizer.run_result import Basis
from optimizer.runs import Runs
from optimizer.solver import Limits
from optimizer.start import Start

POLICY_EQUATIONS = ("indicator", "budget_year", "budget_plan", "project_once", "commitment", "final_stock")
# Rows that say what something is; to leave them out says nothing to a reader.
DEFINITIONS = ("account", "funding", "capacity_balance")


@dataclass(frozen=True)
class Conflict:
    """Rows that contradict each other; ``structural`` where even without any policy row nothing is feasible."""

    rows: tuple[Label, ...]
    structural: bool = False


class RowContest:
    """Rows of one warm program that can be enforced or relaxed; all are enforced at first."""

    def __init__(self, program: LinearProgram, rows: Sequence[int], runs: Runs) -> None:
        self._program, self._rows = program, np.array(rows, dtype=int)
        self._enforced = set(rows)
        self._prover = Prover(program, runs)

    def enforce(self, members: Iterable[int]) -> None:
        for row in members:
            self._enforced.add(row)
            self._prover.set_row_bounds(row, float(self._program.row_lower[row]), float(self._program.row_upper[row]))

    def relax(self, members: Iterable[int]) -> None:
        for row in members:
            self._enforced.discard(row)
            self._prover.set_row_bounds(row, -INFINITY, INFINITY)

    def feasible(self) -> bool:
        return self._prover.feasible()

    @property
    def basis(self) -> Basis | None:
        return self._prover.basis

    def contradiction(self, *, patient: bool = True) -> Collection[int] | None:
        """As ``Contest``; unless ``patient``, all that is enforced where that is hard to say, feasible or not."""
        proof = self._prover.contradiction(patient=patient)
        if proof is None:
            return None
        return self._enforced & set(self._rows[in_proof(proof)[self._rows]].tolist())


def policy_rows(program: LinearProgram) -> list[int]:
    """Numbers of the rows that somebody decided. An uncommitted project's limit of one is not a decision."""
    return [
        number
        for number, label in enumerate(program.rows)
        if label[0] in POLICY_EQUATIONS and (label[0] != "project_once" or np.isfinite(program.row_lower[number]))
    ]


def find_conflict(
    program: LinearProgram,
    among: Iterable[int] | None = None,
    limits: Limits | None = None,
    start: Start | None = None,
) -> Conflict | None:
    """One irreducible conflict among the policy rows (or the given ones); None where the program is feasible.

    ``start``: where a program like this one ended. Which conflict is found, of several, may depend on it.
    """
    runs, rows = Runs(limits), policy_rows(program) if among is None else list(among)
    near = None if start is None else start.basis(program.stages[0].name, program)
    kept = None if near is None else _by_least_violation(program, rows, runs, near)
    if kept is None:
        kept = next(_disjoint(program, rows, runs), None)
    return None if kept is None else _conflict(program, kept, runs)


def find_conflicts(
    program: LinearProgram, among: Iterable[int] | None = None, limits: Limits | None = None
) -> tuple[Conflict, ...]:
    """Irreducible conflicts that share no statement; without all their statements the program is feasible.

    A statement is a row, or all years of one indicator: its target is one number. The fewer statements, the earlier: so
    what cannot be met by itself comes first. Where the rows that are no policy contradict each other, one structural
    conflict comes last. Raises UnfinishedError.
    """
    runs, rows = Runs(limits), policy_rows(program) if among is None else list(among)
    found = [_conflict(program, kept, runs) for kept in _disjoint(program, rows, runs)]
    return tuple(sorted(found, key=lambda one: (one.structural, len({_statement(label) for label in one.rows}))))


def _conflict(program: LinearProgram, kept: Sequence[int], runs: Runs) -> Conflict:
    return Conflict(_labels(program, kept)) if kept else Conflict(_structural(program, runs), structural=True)


def _disjoint(program: LinearProgram, rows: Sequence[int], runs: Runs) -> Iterator[list[int]]:
    """Irreducible sets of the rows, each relaxed before the next is sought; an empty one if other rows contradict."""
    contest, waiting = RowContest(program, rows, runs), list(rows)
    contest.relax(rows)
    if not contest.feasible():
        yield []
        return
    basis = contest.basis
    contest.enforce(rows)  # from a feasible basis a proof takes a fraction of the time
    while (proof := contest.contradiction(patient=False)) is not None:
        others = [row for row in rows if row not in proof]
        kept = _by_least_violation(program.freed(others), [row for row in waiting if row in proof], runs, basis)
        if kept is None:
            proof = contest.contradiction()
            if proof is None:
                return
            contest.relax(row for row in rows if row not in proof)
            kept = irreducible(contest, [row for row in waiting if row in proof])
        yield kept
        if not kept:
            return
        told = {_statement(program.rows[row]) for row in kept}
        waiting = [row for row in waiting if _statement(program.rows[row]) not in told]
        contest.relax(row for row in rows if row not in waiting)
        contest.enforce(waiting)


def _by_least_violation(
    program: LinearProgram, rows: Sequence[int], runs: Runs, basis: Basis | None
) -> list[int] | None:
    """Those of the rows without which they would not contradict each other; None where this way finds none."""
    if program.integer.any():
        return None
    contest = LeastViolation(program, rows, runs, basis)
    proof = contest.contradiction()
    if proof is None:
        return None
    contest.relax(row for row in rows if row not in proof)
    kept = irreducible(contest, [row for row in rows if row in proof])
    return kept if contest.confirmed() else None


def _statement(label: Label) -> Label:
    return label[:2] if label[0] == "indicator" else label


def _structural(program: LinearProgram, runs: Runs) -> tuple[Label, ...]:
    """The limits and balances that contradict each other without any policy row; definitions only as a last resort."""
    policy = policy_rows(program)
    freed = program.freed(policy)
    physical = sorted(set(range(len(program.rows))) - set(policy))
    limits = [row for row in physical if program.rows[row][0] not in DEFINITIONS]
    for rows in (limits, physical):
        kept = next(_disjoint(freed, rows, runs), [])
        if kept:
            return _labels(program, kept)
    return ()


def _labels(program: LinearProgram, rows: Iterable[int]) -> tuple[Label, ...]:
    return tuple(program.rows[row] for row in rows)
