"""A program whose rows may be violated at a price: what contradicts what, from points that are always feasible."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

import numpy as np
import scipy.sparse as sp

from optimizer.deletion import STALLED, checked, in_proof
from optimizer.program import INFINITY, LinearProgram, Stage, Vector
from optimizer.run_result import Basis
from optimizer.runs import Runs
from optimizer.solver import FEASIBILITY_TOLERANCE, Session
from optimizer.solver_options import DEVEX, DUAL, PRIMAL
from optimizer.status import Status

_AT_ZERO = 0  # a column's basis status, as HiGHS numbers them


class LeastViolation:
    """Rows of one warm continuous program; all are enforced at first. One that is relaxed is violated for nothing.

    What is enforced can hold together where the least total violation, each relative to the size of its row, is zero;
    else the multipliers of the rows prove that it cannot. Only costs change from run to run, so that the primal simplex
    method goes on from the last point: a proof becomes irreducible in half the time that it takes where bounds of rows
    come and go. ``basis``: one at which all else holds, or nearly. Raises UnfinishedError where a run is cut short.
    """

    def __init__(self, program: LinearProgram, rows: Sequence[int], runs: Runs, basis: Basis | None) -> None:
        self._runs, self._rows, self._width = runs, np.array(rows, dtype=int), len(program.columns)
        below = self._rows[np.isfinite(program.row_lower[self._rows])]
        above = self._rows[np.isfinite(program.row_upper[self._rows])]
        self._row = np.concatenate([below, above])  # of each violation
        self._prices = 1.0 / _sizes(program)[self._row]
        self._enforced = set(rows)
        self._session = Session(program)
        self._add_violations(np.repeat([1.0, -1.0], [len(below), len(above)]), len(program.rows))
        if basis is not None:
            at_zero = np.full(len(self._row), _AT_ZERO, dtype=np.int8)
            self._session.set_basis(Basis(np.concatenate([basis.columns, at_zero]), basis.rows))
            self._session.set_options(DEVEX)

    def enforce(self, members: Iterable[int]) -> None:
        self._enforced.update(members)

    def relax(self, members: Iterable[int]) -> None:
        self._enforced.difference_update(members)

    def contradiction(self) -> Collection[int] | None:
        """Rows that contradict each other, empty where rows contradict each other that cannot be violated."""
        priced = self._priced()
        costs = np.concatenate([np.zeros(self._width), np.where(priced, self._prices, 0.0)])
        self._session.set_stage(Stage("violation", costs, 0.0, 1.0))
        result = checked(self._session, self._runs, STALLED)
        self._session.set_options(PRIMAL)
        if result.x is None or result.y is None:
            return set()
        if np.all(result.x[self._width :][priced] <= FEASIBILITY_TOLERANCE):
            return None
        return self._enforced & set(self._rows[in_proof(result.y)[self._rows]].tolist())

    def confirmed(self) -> bool:
        """Whether what is enforced cannot hold where nothing of it may be violated: a proof of other multipliers.

        After it nothing else can be asked.
        """
        for violation in np.flatnonzero(self._priced()).tolist():
            self._session.set_column_bounds(self._width + violation, 0.0, 0.0)
        self._session.set_options(DUAL)
        return checked(self._session, self._runs, STALLED).status is Status.INFEASIBLE

    def _priced(self) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        return np.isin(self._row, list(self._enforced))

    def _add_violations(self, signs: Vector, rows: int) -> None:
        count = len(signs)
        entries = sp.csc_array((signs, self._row, np.arange(count + 1)), shape=(rows, count))
        self._session.add_columns(self._prices, np.zeros(count), np.full(count, INFINITY), entries)


def _sizes(program: LinearProgram) -> Vector:
    """The largest number in each row, bounds included; one where all are zero."""
    largest = abs(program.matrix).max(axis=1).toarray().ravel()
    for side in (program.row_lower, program.row_upper):
        largest = np.maximum(largest, np.where(np.isfinite(side), np.abs(side), 0.0))
    return np.where(largest > 0.0, largest, 1.0)
