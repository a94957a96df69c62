"""Quantities (accounts added up, capacities, trade) and the money that pays for them."""

from __future__ import annotations

from typing import Any

from optimizer.equations.equation import Model, equation, linear_form


@equation(over="QUANTITIES")
def account(m: Model, q: str, y: int) -> Any:
    r"""A quantity is its background plus what operation, construction and projects add to it.

    .. math:: Q_{qy} = B_{qy} + \sum_{a,t} \alpha_{qat}\, x_{at} + \sum_{a,t} \beta_{qat}\, b_{at} + \sum_{p,t} \gamma_{qpt}\, s_{pt}
        + \dots

    Quantities may also sum capacities, retirements, trade, stocks and funds. Spending falls in the years of the
    spending profile; what falls before the first plan year is sunk and not counted.
    """
    return m.quantity[q, y] == linear_form(m, "quantity", "", q, y)


@equation(over="FUNDED")
def funding(m: Model, i: str, y: int) -> Any:
    r"""The investment of an industry is paid by the funds that may serve it.

    .. math:: \sum_{s \in S_i} f_{siy} = I_{iy}
    """
    return sum(m.fund[s, i, y] for s in m.SERVING[i]) == linear_form(m, "funding", "", i, y)
