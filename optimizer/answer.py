"""An Answer: what a planner reads, taken from an Instance and its Solution."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from model_data import Plan
from optimizer import report, report_places
from optimizer.conflict import Conflict, find_conflict
from optimizer.decomposition.method import Method
from optimizer.instance import Instance
from optimizer.levels import Levels
from optimizer.prices import exchange_rates, inner_prices
from optimizer.program import Label
from optimizer.scenario import Scenario
from optimizer.solution import Progress, Solution
from optimizer.solver import Limits
from optimizer.status import Status
from optimizer.stopwatch import part
from optimizer.table import Table, frame_of
from optimizer.unchanged import solve_from_unchanged

# Every table with its columns, which stay where it has no rows.
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "indicators": (
        "indicator", "number", "clause", "standing", "sense", "year", "asked", "reached", "unit", "met", "missed_by",
    ),
    "quantities": ("quantity", "year", "value", "unit"),
    "activities": (
        "region", "industry", "activity", "year", "output", "output_unit", "capacity", "new_capacity", "retired",
        "capacity_unit",
    ),
    "accounts": ("flow", "region", "industry", "activity", "item", "year", "value", "unit"),
    "projects": ("project", "activity", "size", "unit", "year", "share"),
    "trade": ("region", "flow", "year", "bought", "sold", "stock", "unit"),
    "funds": ("fund", "industry", "year", "value"),
    "exchange_rates": (
        "equation", "index", "bound", "unit", "price", "price_unit", "per_percent", "goals", "low", "high", "note",
    ),
    "inner_prices": ("equation", "index", "unit", "price", "price_unit", "goals"),
    "grades": ("grade", "figures", "share"),
}  # fmt: skip
TABLES = tuple(COLUMNS)


@dataclass(frozen=True)
class Answer:
    """Status, objective, certificate and tables (see ``optimizer.report``), or the first conflict.

    Tables of values are empty where no point is known; ``indicators`` then still says what is asked.
    """

    instance: Instance
    solution: Solution
    conflict: Conflict | None = None

    @property
    def status(self) -> Status:
        return self.solution.status

    @property
    def objective(self) -> float | None:
        return self.solution.objective

    @cached_property
    def values(self) -> Mapping[Label, float]:
        """Every column of the program by label; empty where no point is known."""
        x = self.solution.x
        return {} if x is None else dict(zip(self.solution.program.columns, x.tolist(), strict=True))

    @cached_property
    def levels(self) -> Levels:
        """The values of the variables as columns of numbers."""
        return Levels(self.instance, self.solution.program.columns, self.solution.x)

    def columns(self, name: str) -> Table:
        """One of ``TABLES`` by columns (see ``optimizer.table``). Raises KeyError."""
        if name not in TABLES:
            raise KeyError(f"an answer has no table {name!r}; it has {', '.join(TABLES)}")
        if name not in self._columns:
            found = _MADE[name](self)
            made = {column: found[column] if found else _without_rows(column) for column in COLUMNS[name]}
            told = self.solution.x is not None or name in _WITHOUT_POINT
            self._columns[name] = made if told else {key: column[:0] for key, column in made.items()}
        return self._columns[name]

    @cached_property
    def _columns(self) -> dict[str, Table]:
        return {}

    def table(self, name: str) -> pd.DataFrame:
        """One of ``TABLES`` by name. Raises KeyError."""
        if name not in TABLES:
            raise KeyError(f"an answer has no table {name!r}; it has {', '.join(TABLES)}")
        frame: pd.DataFrame = getattr(self, name)
        return frame

    def _frame(self, name: str) -> pd.DataFrame:
        return frame_of(self.columns(name))

    @cached_property
    def quantities(self) -> pd.DataFrame:
        return self._frame("quantities")

    @cached_property
    def indicators(self) -> pd.DataFrame:
        return self._frame("indicators")

    @cached_property
    def activities(self) -> pd.DataFrame:
        return self._frame("activities")

    @cached_property
    def accounts(self) -> pd.DataFrame:
        return self._frame("accounts")

    @cached_property
    def projects(self) -> pd.DataFrame:
        return self._frame("projects")

    @cached_property
    def trade(self) -> pd.DataFrame:
        return self._frame("trade")

    @cached_property
    def funds(self) -> pd.DataFrame:
        return self._frame("funds")

    @cached_property
    def exchange_rates(self) -> pd.DataFrame:
        return self._frame("exchange_rates")

    @cached_property
    def inner_prices(self) -> pd.DataFrame:
        return self._frame("inner_prices")

    @cached_property
    def grades(self) -> pd.DataFrame:
        return self._frame("grades")


_NUMBERS = ("bound", "price", "per_percent", "goals", "low", "high")
_WITHOUT_POINT = ("indicators", "exchange_rates", "inner_prices", "grades")
# Tables of rows of the program, each with what its equation is of in ``index``.
OF_ROWS = ("exchange_rates", "inner_prices")
_MADE: Mapping[str, Callable[[Answer], Table]] = {
    "indicators": lambda answer: report.indicator_table(answer.instance, answer.columns("quantities")),
    "quantities": lambda answer: report.quantity_table(answer.instance, answer.levels),
    "activities": lambda answer: report_places.activity_table(answer.instance, answer.levels),
    "accounts": lambda answer: report_places.account_table(answer.instance, answer.levels),
    "projects": lambda answer: report_places.project_table(answer.instance, answer.levels),
    "trade": lambda answer: report_places.trade_table(answer.instance, answer.levels),
    "funds": lambda answer: report_places.fund_table(answer.instance, answer.levels),
    "exchange_rates": lambda answer: exchange_rates(answer.instance, answer.solution),
    "inner_prices": lambda answer: inner_prices(answer.instance, answer.solution),
    "grades": lambda answer: report.grade_table(answer.instance),
}


def _without_rows(column: str) -> Any:
    """A column of ``OF_ROWS`` where no row has a price, of the type that it has with some."""
    return np.empty(0) if column in _NUMBERS else []


def solve(
    plan: Plan,
    scenario: Scenario,
    limits: Limits | None = None,
    progress: Progress | None = None,
    found: Callable[[Answer], Any] | None = None,
    method: Method = Method.AUTOMATIC,
) -> Answer:
    """The answer to a scenario of a plan, whoever asks and whatever was asked before (see ``optimizer.unchanged``).

    Raises DataError or ScenarioError where plan or scenario are unusable. An infeasible plan is an answer like any
    other: its status says so and ``conflict`` names the rows that contradict each other. ``found`` gets, now and then
    while whole projects are decided, what the answer would be if it were cancelled then. Plans of very many regions are
    decomposed unless ``method`` says otherwise (see ``optimizer.decomposition.choice``).
    """
    tell = None if found is None else lambda so_far: found(Answer(so_far.instance, so_far.solution))
    solved = solve_from_unchanged(plan, scenario, limits, progress, tell, method)
    conflict = None
    if solved.solution.status is Status.INFEASIBLE:
        with part("conflict"):
            conflict = find_conflict(solved.program, start=solved.start)
    return Answer(solved.instance, solved.solution, conflict)
