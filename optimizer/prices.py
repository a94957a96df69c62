"""Exchange rates: what one more unit of a binding limit would bring, in plain units and with its valid range."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from optimizer.frames import lookup
from optimizer.instance import Instance
from optimizer.program import Label
from optimizer.ranging import Range, Ranging
from optimizer.solution import Solution

COLUMNS = ["equation", "index", "bound", "unit", "price", "price_unit", "per_percent", "low", "high", "note"]
# A multiplier below this share of the largest is rounding, not a price.
_NEGLIGIBLE = 1e-9
# Rows that define a quantity or balance capacities: their multipliers are values, not limits that somebody could move.
_DEFINITIONS = ("account", "capacity_balance")


def exchange_rates(instance: Instance, solution: Solution) -> pd.DataFrame:
    """One row for every binding row with a price, the dearest percent first.

    ``price`` is the change of the stated objective for one more unit of ``bound``; it holds while the bound stays
    between ``low`` and ``high``. For a ratio target the bound is an allowance of the numerator (0 as planned).
    ``per_percent`` is the change for one percent more of the target itself, comparable between rows. ``note`` says
    where the price holds on one side only: there the vertex is degenerate and the price is one of several.
    """
    if solution.y is None or solution.basis is None or solution.x is None:
        return pd.DataFrame(columns=COLUMNS)
    program, sign = solution.program, solution.program.stages[-1].sign
    largest = float(np.abs(solution.y).max(initial=0.0))
    priced = [
        row
        for row in np.flatnonzero(np.abs(solution.y) > _NEGLIGIBLE * largest)
        if program.rows[row][0] not in _DEFINITIONS
    ]
    ranging = Ranging(program, solution.x, solution.basis)
    rates = _Units(instance)
    rows = []
    for row in priced:
        label, price = program.rows[row], sign * float(solution.y[row])
        bound = float(program.row_lower[row] if solution.y[row] > 0.0 else program.row_upper[row])
        reach = ranging.of_row(int(row))
        rows.append(
            (
                label[0],
                label[1:],
                bound,
                rates.unit(label),
                price,
                f"{rates.objective}/{rates.unit(label)}",
                price * rates.one_percent(label, bound, solution),
                bound - reach.down,
                bound + reach.up,
                _note(reach, bound),
            )
        )
    frame = pd.DataFrame(rows, columns=COLUMNS)
    return frame.iloc[np.argsort(-np.abs(frame["per_percent"].to_numpy(dtype=float)), kind="stable")].reset_index(
        drop=True
    )


def _note(reach: Range, bound: float) -> str:
    small = 1e-9 * (1.0 + abs(bound))
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
