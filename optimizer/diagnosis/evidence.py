"""The plan's own figures behind a requirement: what states it, and how well each of them is known."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pandas as pd

from model_data import Figure
from optimizer.frames import lookup, records
from optimizer.instance import Instance
from optimizer.program import Label
from optimizer.vectors import chosen_options

Place = tuple[str, int]  # table, row
# How the base year enters a target: kinds that state a change of it.
_CHANGES = frozenset(("level_change", "ratio_change", "growth", "ratio_growth"))


class Evidence:
    """Looks up the figures that state requirements of one instance.

    A target: its number, the base year it is measured against, the price index by which it is deflated. A budget: its
    amount, and those of the budgets of which it is a share. A commitment: the project's size, year and investment. What
    the scenario states itself is no figure of the plan. Coefficients of technologies stand behind every row, and are
    not listed.
    """

    def __init__(self, instance: Instance) -> None:
        self._instance, self._plan = instance, instance.plan

    def figures(self, label: Label) -> tuple[Figure, ...]:
        """The figures behind one row of the program; none for rows that nobody decided."""
        kind = str(label[0])
        if kind == "indicator":
            places = self._target(str(label[1]), int(label[2]))
        elif kind in ("budget_year", "budget_plan"):
            places = self._budget(str(label[1]), int(label[2]) if kind == "budget_year" else None)
        elif kind in ("project_once", "commitment"):
            places = self._project(str(label[1]))
        else:
            places = iter(())
        found = (self._plan.figure_at(*place) for place in dict.fromkeys(places))
        return tuple(figure for figure in found if figure.value is not None)

    def behind(self, labels: Iterable[Label]) -> tuple[Figure, ...]:
        """The figures behind several rows, each once."""
        found = {(figure.table, *figure.key.items()): figure for label in labels for figure in self.figures(label)}
        return tuple(found.values())

    def worst_grade(self, labels: Iterable[Label]) -> str:
        """The lowest grade of the figures behind the rows; blank where the plan has none."""
        return max((figure.grade for figure in self.behind(labels)), default="")

    def _target(self, indicator: str, year: int) -> Iterator[Place]:
        instance, limit_year = self._instance, self._instance.horizon.limit_year(year)
        setting = instance.scenario.indicators.get(indicator)
        own = self._rows("indicator_figures", indicator=indicator, parameter="target")
        if setting is None or setting.target is None:
            dated = [row for row in own if self._year("indicator_figures", row) == limit_year]
            stated = dated or [row for row in own if self._year("indicator_figures", row) is None]
            yield from (("indicator_figures", row) for row in stated)
        declared = next(row for row in records(self._plan.table("indicators")) if row.indicator == indicator)
        if declared.kind in _CHANGES:
            yield from self._base(indicator, declared.quantity, declared.denominator)
        if index := (setting and setting.deflator) or declared.deflator:
            rows = self._rows("indices", index=index)
            yield from (("indices", row) for row in rows if self._year("indices", row) == limit_year)

    def _base(self, indicator: str, quantity: str, denominator: str) -> Iterator[Place]:
        stated = self._rows("indicator_figures", indicator=indicator, parameter="base")
        yield from (("indicator_figures", row) for row in stated)
        if stated:
            return
        for part in self._plan.base_contributions(chosen_options(self._plan, self._instance.scenario.switches)):
            if part.quantity in (quantity, denominator):
                yield from part.entry.made_of

    def _budget(self, budget: str, year: int | None) -> Iterator[Place]:
        """Its own figures of that year, and all those of the budgets of which it is a share."""
        setting = self._instance.scenario.budgets.get(budget)
        if setting is not None and setting.total is not None:
            return
        for row in self._rows("budget_figures", budget=budget):
            if year is None or self._year("budget_figures", row) in (None, year):
                yield "budget_figures", row
        if whole := lookup(self._plan.table("budgets"), "budget", "of")[budget]:
            yield from self._budget(whole, year)

    def _project(self, project: str) -> Iterator[Place]:
        setting = self._instance.scenario.projects.get(project)
        from_plan = setting is None or setting.committed_year is None
        for parameter in ("size", "committed_year") if from_plan else ("size",):
            for row in self._rows("project_figures", project=project, parameter=parameter):
                yield "project_figures", row
        account = self._plan.settings.investment_account
        yield from (("project_amounts", row) for row in self._rows("project_amounts", project=project, flow=account))

    def _rows(self, table: str, **key: str) -> list[int]:
        frame = self._plan.table(table).reset_index(drop=True)
        for column, value in key.items():
            frame = frame[frame[column] == value]
        return [int(row) for row in frame.index]

    def _year(self, table: str, row: int) -> int | None:
        year = self._plan.table(table)["year"].iloc[row]
        return None if year is pd.NA else int(year)
