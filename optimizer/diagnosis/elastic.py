"""The program in which groups may give way, each by one relative change that loosens all its rows together."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import scipy.sparse as sp

from optimizer.certificate import integrality
from optimizer.deletion import STALLED, checked
from optimizer.diagnosis.open_plan import Group
from optimizer.diagnosis.statement import Statement
from optimizer.program import Label, LinearProgram, Stage, Vector
from optimizer.runs import Runs
from optimizer.solver import Session
from optimizer.solver_options import DUAL, PRIMAL, SHARES
from optimizer.status import Status

# Denominators of ratio targets are taken from the last point and the program solved again, at most so often.
_PASSES = 6
# A change smaller than this is rounding.
NEGLIGIBLE = 1e-9


@dataclass(frozen=True)
class Given:
    """A point, and how far each group has given way in it; ``total`` is the weighted sum."""

    x: Vector
    sizes: Mapping[Label, float]
    total: float


class Elastic:
    """Groups that are allowed to give way do so at the cost of their weight; the others do not."""

    def __init__(
        self,
        program: LinearProgram,
        groups: Sequence[Group],
        statements: Mapping[str, Statement],
        weights: Mapping[Label, float],
        runs: Runs,
    ) -> None:
        self.groups, self._statements, self._weights, self._runs = groups, statements, weights, runs
        self._width = len(program.columns)
        self._columns = _columns(program, groups)
        self._program = _elastic(program, groups, self._columns)
        self._shares = Session(_opened(self._program.relaxed(), self._columns))
        self._whole = Session(self._program) if program.integer.any() else None
        self._session = Session(self._with_whole_commitments())
        costs = np.zeros(len(self._program.columns))
        for group, columns in self._columns.items():
            costs[[column for column, _ in columns]] = weights.get(group.label, 1.0)
        self._session.set_stage(Stage("change", costs, 0.0, 1.0))
        self._allowed: set[Group] = set()
        self._at: Any = None  # where the last question ended

    def _with_whole_commitments(self) -> LinearProgram:
        """A commitment is kept or given up: there is nothing between that a scenario could say."""
        integer = self._program.integer.copy()
        integer[[column for group, columns in self._columns.items() if group.most == 1.0 for column, _ in columns]] = (
            True
        )
        return replace(self._program, integer=integer)

    def allow(self, groups: Collection[Group]) -> None:
        """Exactly these groups may give way from now on."""
        self.enforce(self._allowed - set(groups))
        self.relax(set(groups) - self._allowed)

    def enforce(self, members: Iterable[Group]) -> None:
        self._bound(members, give_way=False)

    def relax(self, members: Iterable[Group]) -> None:
        self._bound(members, give_way=True)

    def _bound(self, groups: Iterable[Group], *, give_way: bool) -> None:
        for group in list(groups):
            (self._allowed.add if give_way else self._allowed.discard)(group)
            for column, _ in self._columns[group]:
                for session in (self._session, self._whole):
                    if session is not None:
                        session.set_column_bounds(column, 0.0, group.most if give_way else 0.0)

    def contradiction(self) -> Collection[Group] | None:
        """Groups one of which at least must give way besides those allowed; None where nobody else has to.

        Empty where no change of any group could help. Raises UnfinishedError.

        All may give way, the groups allowed for nothing. What the others have to at least is zero where nobody else has
        to; else the multipliers of the rows prove it, and those of groups without any say nothing. Only costs change
        from question to question, so that the primal simplex method goes on from the last point.
        """
        held = frozenset(self.groups) - self._allowed
        columns = [column for group in held for column, _ in self._columns[group]]
        costs = np.zeros(len(self._program.columns))
        costs[columns] = 1.0
        self._shares.set_stage(Stage("change", costs, 0.0, 1.0))
        result = checked(self._shares, self._runs, None if self._at is None else STALLED)
        self._shares.set_options(PRIMAL)
        self._at = result.solver_basis or self._at
        if result.x is None or result.y is None:
            return frozenset()
        if np.any(result.x[columns] > NEGLIGIBLE):
            y = result.y
            return frozenset(g for g in held if sum(abs(y[r] * m) for r, m in g.moves.items()) > NEGLIGIBLE) or held
        if self._whole is not None and checked(self._whole, self._runs).status is Status.INFEASIBLE:
            return held  # there are no multipliers where whole projects alone make it infeasible
        return None

    def feasible_with(self, column: int, lower: float, upper: float) -> bool:
        """Whether the groups allowed make the program feasible with these bounds of a column, for this question."""
        own, at = (float(self._program.column_lower[column]), float(self._program.column_upper[column])), self._at
        self._bound_column(column, lower, upper)
        try:
            with self._shares.options(DUAL):
                return self.contradiction() is None
        finally:
            self._bound_column(column, *own)
            if at is not None:
                self._shares.resume(at)  # the end of this question may not be feasible for the next one
                self._at = at

    def _bound_column(self, column: int, lower: float, upper: float) -> None:
        for session in (self._shares, self._whole):
            if session is not None:
                session.set_column_bounds(column, lower, upper)

    def least_change(self, start: Vector | None = None) -> Given:
        """The least weighted sum of relative changes of the groups allowed, which must make the program feasible.

        A ratio gives way in its numerator; what this means for the ratio depends on the denominator, which is decided
        too. So every step is divided by the denominator of the last point (first: of ``start``, else of the base year)
        until the sum falls no further. Where ratios move this is a local least: a sum of ratios is not convex.
        """
        if start is not None:
            self._adapt(start)
        best = self._solve()
        with self._session.options(PRIMAL):  # where steps alone differ
            for _ in range(_PASSES if self._adapt(best.x) else 0):
                again = self._solve()
                if again.total >= best.total * (1.0 - NEGLIGIBLE):
                    break
                best = again
                self._adapt(best.x)
        return best

    def _solve(self) -> Given:
        with self._session.options(SHARES):  # most commitments are kept, or given up, without being told to be whole
            result = checked(self._session, self._runs, STALLED)
        if result.x is not None and integrality(self._session.program, result.x) > NEGLIGIBLE:
            result = checked(self._session, self._runs)
        if result.status is not Status.OPTIMAL or result.x is None:
            raise ValueError("the groups allowed do not make the program feasible")
        x = result.x
        sizes = {group.label: self._size(group, x) for group in self.groups if group in self._allowed}
        sizes = {label: size for label, size in sizes.items() if size > NEGLIGIBLE}
        return Given(
            x[: self._width], sizes, sum(self._weights.get(label, 1.0) * size for label, size in sizes.items())
        )

    def _size(self, group: Group, x: Vector) -> float:
        given = float(sum(x[column] for column, _ in self._columns[group]))
        if group.kind != "indicator" or given <= NEGLIGIBLE:
            return given if given > NEGLIGIBLE else 0.0
        number = self._statements[group.name].number
        if not number.movable:
            return given
        return number.size(number.common(self._statements[group.name].values(x)))

    def _adapt(self, x: Vector) -> bool:
        """Puts the point's denominators into the steps of ratio targets that may give way; False: there are none."""
        found = False
        for group in self._allowed:
            statement = self._statements.get(group.name) if group.kind == "indicator" else None
            if statement is None or not statement.denominators:
                continue
            found = True
            steps = statement.number.steps * np.maximum(x[list(statement.denominators)], NEGLIGIBLE)
            for column, sign in self._columns[group]:
                for row, step in zip(statement.rows, steps.tolist(), strict=True):
                    if row in group.moves:
                        self._session.set_coefficient(row, column, sign * step)
        return found


def _columns(program: LinearProgram, groups: Sequence[Group]) -> dict[Group, list[tuple[int, float]]]:
    """The columns of each group, with the sign by which they count in its rows: two where equality is asked."""
    next_column, columns = len(program.columns), dict[Group, list[tuple[int, float]]]()
    for group in groups:
        rows = list(group.moves)
        signs = [1.0] if np.isfinite(program.row_lower[rows]).any() else []
        signs += [-1.0] if np.isfinite(program.row_upper[rows]).any() else []
        columns[group] = [(next_column + k, sign) for k, sign in enumerate(signs)]
        next_column += len(signs)
    return columns


def _opened(program: LinearProgram, columns: Mapping[Group, list[tuple[int, float]]]) -> LinearProgram:
    """All groups may give way."""
    most = {program.columns[column]: (0.0, group.most) for group, of in columns.items() for column, _ in of}
    return program.with_column_bounds(most)


def _elastic(
    program: LinearProgram, groups: Sequence[Group], columns: Mapping[Group, list[tuple[int, float]]]
) -> LinearProgram:
    entries = [
        (row, column - len(program.columns), sign * move)
        for group in groups
        for column, sign in columns[group]
        for row, move in group.moves.items()
    ]
    labels = [("change", k, *group.label) for group in groups for k, _ in enumerate(columns[group])]
    rows, places, values = zip(*entries, strict=True) if entries else ((), (), ())
    extra = sp.csc_array((values, (rows, places)), shape=(len(program.rows), len(labels)))
    none = np.zeros(len(labels))
    return replace(
        program,
        matrix=sp.csc_array(sp.hstack([program.matrix, extra], format="csc")),
        columns=(*program.columns, *labels),
        column_lower=np.append(program.column_lower, none),
        column_upper=np.append(program.column_upper, none),
        integer=np.append(program.integer, none.astype(bool)),
    )
