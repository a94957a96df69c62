"""Commodities balance every year; trade and stocks stay within their limits."""

from __future__ import annotations

from typing import Any

from optimizer.equations.equation import Model, equation, linear_form


@equation(over="BALANCES")
def commodity_balance(m: Model, g: str, c: str, y: int) -> Any:
    r"""What is made, bought and carried over covers what operation, construction and final demand use, sales and the new stock.

    .. math:: \sum_{a,t} \alpha_{cat}\, x_{at} + \sum_{a,t} \beta_{cat}\, b_{at} + \sum_{p,t} \gamma_{cpt}\, s_{pt}
        + m_{cy} + z_{c,y-1} \ge e_{cy} + z_{cy} + F_{cy}

    :math:`\alpha, \beta, \gamma` are what one unit of output, new capacity or project gives (plus) or uses (minus) in year
    y at its offset from year t. g is the region, or all regions together for a pooled commodity.
    """
    return (
        linear_form(m, "balance", g, c, y)
        + sum(m.buy[r, c, y] for r in m.BUYERS[g, c])
        - sum(m.sell[r, c, y] for r in m.SELLERS[g, c])
        + sum(m.initial_stock[r, c, y] - m.stock[r, c, y] for r in m.STORES[g, c])
        + sum(m.stock[r, c, t] for r in m.STORES[g, c] for t in m.PREVIOUS[y])
        >= 0
    )


@equation(over="BUY_LIMITED")
def buy_limit(m: Model, r: str, c: str, y: int) -> Any:
    r"""Purchases from outside stay within their limit.

    .. math:: m_{rcy} \le \overline{m}_{rcy}
    """
    return m.buy[r, c, y] <= m.most_bought[r, c, y]


@equation(over="SELL_LIMITED")
def sell_limit(m: Model, r: str, c: str, y: int) -> Any:
    r"""Sales to the outside stay within their limit.

    .. math:: e_{rcy} \le \overline{e}_{rcy}
    """
    return m.sell[r, c, y] <= m.most_sold[r, c, y]


@equation(over="STOCK_LIMITED")
def stock_limit(m: Model, r: str, c: str, y: int) -> Any:
    r"""The stock carried into the next year stays within the store.

    .. math:: z_{rcy} \le \overline{z}_{rcy}
    """
    return m.stock[r, c, y] <= m.most_stored[r, c, y]


@equation(over="FINAL_STOCK")
def final_stock(m: Model, r: str, c: str, y: int) -> Any:
    r"""The last plan year leaves at least the stated stock.

    .. math:: z_{rcy} \ge \underline{z}_{rc}
    """
    return m.stock[r, c, y] >= m.least_stock[r, c, y]
