"""Budgets: upper limits on a quantity by year or over the plan."""

from __future__ import annotations

from typing import Any

from optimizer.equations.equation import Model, equation


@equation(over="YEARLY_BUDGETS")
def budget_year(m: Model, b: str, y: int) -> Any:
    r"""A year's spending stays within its budget; where money may be carried over, so does the sum up to the year.

    .. math:: \sum_{q \in \mathcal{Q}_b} \sum_{t \in \mathcal{T}_{by}} Q_{qt} \le \overline{Q}_{by}

    :math:`\mathcal{T}_{by}` is the year itself or, with carry-over, every year up to it for which the budget is
    stated; :math:`\overline{Q}_{by}` adds up the budgets of these years. :math:`\mathcal{Q}_b` is the one quantity that
    is limited.
    """
    return sum(m.quantity[q, t] for q in m.BUDGETED[b] for t in m.BUDGET_SPAN[b, y]) <= m.budget_limit[b, y]


@equation(over="PLAN_BUDGETS")
def budget_plan(m: Model, b: str) -> Any:
    r"""Spending over all plan years together stays within the budget of the plan.

    .. math:: \sum_{q \in \mathcal{Q}_b} \sum_{y \in \mathcal{Y}} Q_{qy} \le \overline{Q}^\Sigma_b

    :math:`\mathcal{Y}` are the plan years, without closing years.
    """
    return sum(m.quantity[q, y] for q in m.BUDGETED[b] for y in m.PLAN_YEARS) <= m.plan_budget_limit[b]
