"""Making a contradiction irreducible: whatever can be left out of it is left out.

The deletion filter (Chinneck and Dravnieks 1991) leaves out one member after the other; a member without which the rest
is feasible stays. Each contradiction that remains is proved by multipliers (Farkas), and members without a multiplier
go at once.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Protocol, TypeVar

import numpy as np
import numpy.typing as npt

from optimizer.attempts import run_anew, useless
from optimizer.program import LinearProgram, Vector
from optimizer.questions import UnfinishedError
from optimizer.run_result import Basis, RawResult
from optimizer.runs import Runs
from optimizer.solver import Session
from optimizer.status import Status

# A multiplier below this share of the largest is rounding.
NEGLIGIBLE = 1e-9
# More iterations than this from a warm basis mean that a cold start is faster.
STALLED = 3000

Member = TypeVar("Member")


class Contest(Protocol[Member]):
    """Something in which members can be enforced and relaxed, and that knows a proof where it is infeasible."""

    def enforce(self, members: Iterable[Member]) -> None: ...

    def relax(self, members: Iterable[Member]) -> None: ...

    def contradiction(self) -> Collection[Member] | None:
        """Members that contradict each other, among those enforced; None where what is enforced is feasible."""


def irreducible(contest: Contest[Member], candidates: Sequence[Member]) -> list[Member]:
    """The members of a contradiction none of which can be left out; they alone of the candidates stay enforced.

    The candidates are enforced and contradict each other, whatever else the contest holds.
    """
    kept, waiting = list[Member](), list(candidates)
    while waiting:
        member = waiting.pop(0)
        contest.relax([member])
        proof = contest.contradiction()
        if proof is None:
            contest.enforce([member])
            kept.append(member)
        else:
            contest.relax(other for other in waiting if other not in proof)
            waiting = [other for other in waiting if other in proof]
    return kept


class Prover:
    """A warm program without objective that is asked whether it is feasible, and why not."""

    def __init__(self, program: LinearProgram, runs: Runs) -> None:
        self._runs, self._rows = runs, len(program.rows)
        self._found: RawResult | None = None  # the last that has a point
        self._shares = Session(program.relaxed())
        self._whole = Session(program) if program.integer.any() else None

    def set_row_bounds(self, row: int, lower: float, upper: float) -> None:
        for session in self._sessions():
            session.set_row_bounds(row, lower, upper)

    def feasible(self) -> bool:
        return not any(self._infeasible(session) for session in self._sessions())

    @property
    def basis(self) -> Basis | None:
        """Where the program was last found feasible."""
        return None if self._found is None else self._found.basis

    def contradiction(self, *, patient: bool = True) -> Vector | None:
        """Multipliers of the rows that prove the program infeasible; None where it is feasible. Raises UnfinishedError.

        Where only whole projects make it infeasible there are no multipliers: every row then counts as part of it, and
        likewise, unless ``patient``, where the run stalls and may prove nothing.
        """
        result = self._run(self._shares, patient=patient)
        if useless(result):
            return np.ones(self._rows)
        if result.status is Status.INFEASIBLE:
            proof = self._shares.contradiction()
            return np.ones(self._rows) if proof is None else proof
        if self._whole is not None and self._infeasible(self._whole):
            return np.ones(self._rows)
        return None

    def _sessions(self) -> Iterable[Session]:
        return (self._shares,) if self._whole is None else (self._shares, self._whole)

    def _infeasible(self, session: Session) -> bool:
        return self._run(session).status is Status.INFEASIBLE

    def _run(self, session: Session, *, patient: bool = True) -> RawResult:
        result = checked(session, self._runs, STALLED, patient=patient)
        self._found = self._found if useless(result) or result.x is None else result
        return result


def checked(session: Session, runs: Runs, most: int | None = None, *, patient: bool = True) -> RawResult:
    """The next run: optimal with a point, infeasible or unbounded. Raises UnfinishedError where it was cut short.

    A warm start that fails, or takes more than ``most`` iterations, is followed by a cold one: degenerate programs can
    stall for a hundred thousand iterations on a basis that has nothing to do with them. Unless ``patient`` that one,
    too, takes ``most`` at most, and the result may say nothing (``attempts.useless``).
    """
    runs.solves += 1
    with session.options({} if most is None else {"simplex_iteration_limit": most}):
        result = session.run(runs.left())
    if useless(result):
        result = run_anew(session, runs.left(), most=None if patient else most)
    cut_short = (Status.TIME_LIMIT, Status.CANCELLED, *([Status.FAILED] if patient else []))
    if result.status in cut_short:
        raise UnfinishedError(result.status, "diagnosis")
    return result


def in_proof(proof: Vector) -> npt.NDArray[np.bool_]:
    """Which entries of a proof are more than rounding."""
    sizes = np.abs(proof)
    return np.asarray(sizes > NEGLIGIBLE * sizes.max(initial=0.0), dtype=np.bool_)
