"""One group alone: whether its change can make a program feasible, and the least change that does, exactly."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from optimizer.diagnosis.changes import (
    OUTWARD,
    Change,
    changes_of,
    commitment_change,
    target_at,
    target_change,
)
from optimizer.diagnosis.elastic import Elastic
from optimizer.diagnosis.fractional import CommonNumber, best_ratio
from optimizer.diagnosis.open_plan import Group, OpenPlan
from optimizer.diagnosis.statement import Statement
from optimizer.program import Label, LinearProgram
from optimizer.runs import Runs


class Alone:
    """Asks one group after the other, over a program in which some rows of the open plan are held."""

    def __init__(
        self,
        opened: OpenPlan,
        program: LinearProgram,
        groups: Sequence[Group],
        weights: Mapping[Label, float],
        runs: Runs,
    ) -> None:
        self._opened, self._program, self._runs = opened, program, runs
        held = np.isfinite(program.row_lower) | np.isfinite(program.row_upper)
        self._statements = {
            name: statement.part(places)
            for name, statement in opened.statements.items()
            if (places := [k for k, row in enumerate(statement.rows) if held[row]])
        }
        self._elastic = Elastic(program, groups, self._statements, weights, runs)
        self._common = CommonNumber(program, runs)

    def changes(self, groups: Iterable[Group]) -> list[Change]:
        """The change of each group that suffices alone; the others are left out. Raises UnfinishedError."""
        return [change for group in groups if (change := self.change(group)) is not None]

    def change(self, group: Group) -> Change | None:
        self._elastic.allow([group])
        if self._elastic.contradiction() is not None:
            return None
        if group.kind == "project":
            return commitment_change(self._opened, group.name, self._nearest_year(group))
        if group.kind == "indicator" and self._statements[group.name].number.movable:
            return self._target(group, self._statements[group.name])
        return changes_of(self._opened, [group], self._elastic.least_change())[0]

    def _target(self, group: Group, statement: Statement) -> Change:
        number = statement.number
        if number.sense == "=":
            return self._equal(group, statement)
        reached = self._best(statement, number.sense)
        if not np.isfinite(reached):
            given = self._elastic.least_change()
            return target_change(self._opened, statement, given.x, given.sizes[group.label])
        return target_at(self._opened, statement, number.looser(reached, OUTWARD))

    def _equal(self, group: Group, statement: Statement) -> Change:
        """The number nearest to the stated one: with one row an end of its range, else what least change reaches."""
        if len(statement.rows) == 1:
            stated = statement.number.stated
            ends = [self._best(statement, sense) for sense in ("<=", ">=")]
            return target_at(self._opened, statement, min(ends, key=lambda end: abs(end - stated)))
        given = self._elastic.least_change()
        return target_change(self._opened, statement, given.x, given.sizes[group.label])

    def _best(self, statement: Statement, sense: str) -> float:
        """One ratio by Charnes and Cooper, anything else by common numbers."""
        single = len(statement.rows) == 1 and statement.denominators and not self._program.integer.any()
        if not single:
            return self._common.best(statement, sense)
        program = self._program.freed(statement.rows)
        numerator, denominator = statement.numerators[0], statement.denominators[0]
        ratio = best_ratio(program, numerator, denominator, largest=sense == ">=", runs=self._runs)
        return float("nan") if ratio is None else float(statement.number.reached(np.array([ratio]))[0])

    def _nearest_year(self, group: Group) -> int | None:
        """The year nearest to the committed one (later before earlier) in which the project can start; None: none."""
        committed = self._opened.committed[group.name]
        columns = {
            int(label[-1]): column
            for column, label in enumerate(self._program.columns)
            if label[:2] == ("start", group.name) and label[-1] in self._opened.instance.horizon.years
        }
        for year in sorted(set(columns) - {committed}, key=lambda y: (abs(y - committed), -y)):
            upper = float(self._program.column_upper[columns[year]])
            if self._elastic.feasible_with(columns[year], 1.0, max(upper, 1.0)):
                return year
        return None
