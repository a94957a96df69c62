"""Indicators: the plan's targets as rows, with a shortfall where a target is a goal."""

from __future__ import annotations

from typing import Any

from optimizer.equations.equation import Model, equation


@equation(over="TARGETS")
def indicator(m: Model, i: str, y: int) -> Any:
    r"""A target holds for a quantity, or for a quantity against its denominator; a goal may be missed by its shortfall.

    .. math:: \underline{T}_{iy} \le \sum_{q \in \mathcal{N}_i} Q_{qy} - \sum_{q' \in \mathcal{D}_i} \rho_{iy} Q_{q'y}
        + \sigma^-_{iy} - \sigma^+_{iy} \le \overline{T}_{iy}

    Level and growth targets have no denominator and stand on the right-hand side; for ratio targets :math:`\rho_{iy}`
    is the target and the right-hand side is zero, which is exact although the denominator is decided too. The sense of
    the target says which of the two bounds exists, and which of :math:`\sigma^-, \sigma^+` a goal has.
    """
    return (
        m.indicator_lower[i, y],
        sum(m.quantity[q, y] for q in m.NUMERATOR[i])
        - sum(m.ratio[i, y] * m.quantity[d, y] for d in m.DENOMINATOR[i])
        + sum(m.shortfall[i, t] for t in m.SHORT_YEARS[i, y])
        - sum(m.excess[i, t] for t in m.EXCESS_YEARS[i, y]),
        m.indicator_upper[i, y],
    )
