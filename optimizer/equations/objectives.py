"""Objectives: goals first, then the scenario's list of weighted sums, each held while the next is optimised."""

from __future__ import annotations

from typing import Any

from optimizer.equations.equation import Model


def goal_shortfall(m: Model) -> Any:
    r"""The weighted sum of shortfalls, each divided by its own target, is made as small as it can be.

    .. math:: \min \sum_{i,y} w_{iy} (\sigma^-_{iy} + \sigma^+_{iy})

    :math:`w_{iy}` is the scenario's weight divided by the size of the target; for a ratio the shortfall stands in the
    numerator and is divided by target times base-year denominator. Only planned years count, not closing years.
    """
    return sum(m.goal_weight[i, y] * m.shortfall[i, y] for i, y in m.SHORTFALLS) + sum(
        m.goal_weight[i, y] * m.excess[i, y] for i, y in m.EXCESSES
    )


def weighted_quantities(m: Model, k: int) -> Any:
    r"""Stage :math:`k`: a weighted sum of quantities by year, discounted to the base year where the term says so.

    .. math:: \max \text{ or } \min \sum_{(q,y) \in \mathcal{O}_k} \omega_{kqy} Q_{qy}, \qquad
        \omega_{kqy} = \sum_{\text{terms}} \frac{\phi}{(1 + \delta)^{y - y_0}}

    A term has a weight :math:`\phi` and a discount rate :math:`\delta`. It counts in plan years and closing years, or
    in the years that it names.
    """
    return sum(m.objective_weight[k, q, y] * m.quantity[q, y] for q, y in m.OBJECTIVE_TERMS[k])
