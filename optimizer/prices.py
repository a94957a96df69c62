"""Exchange rates: what one more unit of a binding limit would bring, in plain units and with its valid range."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from optimizer.frames import lookup
from optimizer.instance import Instance
from optimizer.program import Label, LinearProgram, Vector
from optimizer.ranging import Range, Ranging
from optimizer.solution import Solution

COLUMNS = ["equation", "index", "bound", "unit", "price", "price_unit", "per_percent", "goals", "low", "high", "note"]
# A multiplier below this share of the largest is rounding, not a price.
_NEGLIGIBLE = 1e-9
# A range shorter than this, relative to the bound, is what the tolerance of a hold leaves, and no range.
_NO_ROOM = 1e-7
# Rows that define a quantity or balance capacities: their multipliers are values, not limits that somebody could move.
_DEFINITIONS = ("account", "capacity_balance")


def exchange_rates(instance: Instance, solution: Solution) -> pd.DataFrame:
    """One row for every binding row with a price, the dearest percent first.

    ``price`` is the change of the stated objective for one more unit of ``bound``; it holds while the bound stays
    between ``low`` and ``high``. For a ratio target the bound is an allowance of the numerator (0 as planned).
    ``per_percent`` is the change for one percent more of the target itself, comparable between rows. ``goals`` is the
    change of the goals' weighted shortfall for one more unit: with pre-emptive goals, ``price`` is what remains for the
    objective after the goals have moved. ``note`` says where the price holds on one side only: there the vertex is
    degenerate and the price is one of several.
    """
    if not solution.stages:
        return pd.DataFrame(columns=COLUMNS)
    program, rates = solution.program, _Units(instance)
    totals = total_multipliers(solution)
    prices = program.stages[-1].sign * totals[-1]
    goals = totals[0] if program.stages[0].name == "goals" else np.zeros(len(prices))
    reaches = _Reaches(solution, totals)
    activity = program.matrix @ solution.stages[-1].x
    rows = []
    for row in _priced_rows(solution, prices):
        label, price = program.rows[row], float(prices[row])
        bound, unit = _bound_met(program, row, float(activity[row])), rates.unit(label)
        reach = reaches.of_row(row)
        per_percent = price * rates.one_percent(label, bound, solution)
        limits = bound - reach.down, bound + reach.up
        head = label[0], label[1:], bound, unit, price, f"{rates.objective}/{unit}", per_percent, float(goals[row])
        rows.append((*head, *limits, _note(reach, bound)))
    frame = pd.DataFrame(rows, columns=COLUMNS)
    dearest = np.argsort(-np.abs(frame["per_percent"].to_numpy(dtype=float)), kind="stable")
    return frame.iloc[dearest].reset_index(drop=True)


def total_multipliers(solution: Solution) -> list[Vector]:
    """Per stage, the derivative of its minimised optimum by each row bound, holds of earlier stages moving along.

    When a bound moves, so does the optimum of every earlier stage, and with it the bound of that stage's hold row:
    dV_k/db = y_k + sum over j < k of y_k[hold j] * dV_j/db. The derivative by a hold row itself is its multiplier.
    """
    rows = len(solution.program.rows)
    plain = rows - len(solution.stages) + 1
    totals: list[Vector] = []
    for stage in solution.stages:
        total = np.zeros(rows)
        total[: len(stage.y)] = stage.y
        for number, earlier in enumerate(totals):
            total[:plain] += stage.y[plain + number] * earlier[:plain]
        totals.append(total)
    return totals


class _Reaches:
    """How far a row bound can move with every stage keeping its basis, holds moving along."""

    def __init__(self, solution: Solution, totals: list[Vector]) -> None:
        self._rangings = [Ranging(stage.program, stage.x, stage.basis) for stage in solution.stages]
        self._sizes = [len(stage.y) for stage in solution.stages]
        self._totals = totals
        self._plain = self._sizes[0]

    def of_row(self, row: int) -> Range:
        ranges = [self._at_stage(number, row) for number in range(len(self._sizes)) if row < self._sizes[number]]
        return Range(min(reach.down for reach in ranges), min(reach.up for reach in ranges))

    def _at_stage(self, number: int, row: int) -> Range:
        direction = np.zeros(self._sizes[number])
        direction[row] = 1.0
        if row < self._plain:
            direction[self._plain :] = [total[row] for total in self._totals[:number]]
        return self._rangings[number].along(direction)


def _priced_rows(solution: Solution, prices: Vector) -> list[int]:
    worth = np.abs(prices) > _NEGLIGIBLE * float(np.abs(prices).max(initial=0.0))
    labels = solution.program.rows
    return [int(row) for row in np.flatnonzero(worth) if labels[row][0] not in _DEFINITIONS]


def _bound_met(program: LinearProgram, row: int, activity: float) -> float:
    """The bound that the row stands on."""
    lower, upper = float(program.row_lower[row]), float(program.row_upper[row])
    return lower if abs(activity - lower) <= abs(activity - upper) else upper


def _note(reach: Range, bound: float) -> str:
    small = _NO_ROOM * (1.0 + abs(bound))
    if reach.down <= small and reach.up <= small:
        return "degenerate"
    if reach.down <= small:
        return "only upwards"
    return "only downwards" if reach.up <= small else ""


class _Units:
    """The unit of each row's bound, and the unit of the objective."""

    def __init__(self, instance: Instance) -> None:
        plan = instance.plan
        self._targets = {target.indicator: target for target in instance.targets}
        self._quantity = lookup(plan.table("quantities"), "quantity", "unit")
        self._flow = lookup(plan.table("flows"), "flow", "unit")
        self._output = lookup(plan.table("activities"), "activity", "output_unit")
        self._capacity = lookup(plan.table("activities"), "activity", "capacity_unit")
        self._budget = {budget.budget: budget.quantity for budget in instance.budgets}
        self._money = plan.settings.investment_account
        quantities = {term.quantity for term in instance.scenario.objective[-1].terms}
        self.objective = self._quantity[quantities.pop()] if len(quantities) == 1 else "1"

    def unit(self, label: Label) -> str:
        equation, first, second = str(label[0]), str(label[1]), str(label[2]) if len(label) > 2 else ""
        by_equation: dict[str, Any] = {
            "indicator": lambda: self._quantity[self._targets[first].quantity],
            "budget_year": lambda: self._quantity[self._budget[first]],
            "budget_plan": lambda: self._quantity[self._budget[first]],
            "commodity_balance": lambda: self._flow[second],
            "buy_limit": lambda: self._flow[second],
            "sell_limit": lambda: self._flow[second],
            "stock_limit": lambda: self._flow[second],
            "final_stock": lambda: self._flow[second],
            "output_limit": lambda: self._output[second],
            "output_floor": lambda: self._output[second],
            "output_ramp": lambda: self._output[second],
            "host_output_limit": lambda: self._output[second],
            "capacity_ramp": lambda: self._capacity[second],
            "capacity_limit": lambda: self._capacity[second],
            "build_limit": lambda: self._capacity[second],
            "host_capacity_limit": lambda: self._capacity[second],
            "funding": lambda: self._flow.get(self._money or "", "1"),
        }
        return str(by_equation[equation]()) if equation in by_equation else "1"

    def one_percent(self, label: Label, bound: float, solution: Solution) -> float:
        """One percent of the row's own target, in the unit of its bound."""
        target = self._targets.get(str(label[1])) if label[0] == "indicator" else None
        if target is None or not target.denominator or solution.x is None:
            return 0.01 * abs(bound)
        year = int(label[2])
        denominator = solution.x[solution.program.column_number["quantity", target.denominator, year]]
        return 0.01 * abs(target.asked[year] * float(denominator))
