"""Budgets: upper limits on a quantity by year or over the plan."""

from __future__ import annotations

from typing import Any

from optimizer.equations.equation import Model, equation


@equation(over="YEARLY_BUDGETS")
def budget_year(m: Model, b: str, y: int) -> Any:
    r"""A year's spending stays within its budget; where money may be carried over, so does the sum up to the year.

    .. math:: \sum_{t \in T_{by}} Q_{qt} \le \sum_{t \in T_{by}} \overline{Q}_{bt}, \qquad
        T_{by} = \{y\} \text{ or } \{t \le y\}
    """
    return sum(m.quantity[q, t] for q in m.BUDGETED[b] for t in m.BUDGET_SPAN[b, y]) <= m.budget_limit[b, y]


@equation(over="PLAN_BUDGETS")
def budget_plan(m: Model, b: str) -> Any:
    r"""Spending over all plan years together stays within the budget of the plan.

    .. math:: \sum_{y} Q_{qy} \le \overline{Q}_{b}
    """
    return sum(m.quantity[q, y] for q in m.BUDGETED[b] for y in m.PLAN_YEARS) <= m.plan_budget_limit[b]
