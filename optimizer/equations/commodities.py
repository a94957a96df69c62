"""Commodities balance every year; trade and stocks stay within their limits."""

from __future__ import annotations

from typing import Any

from optimizer.equations.equation import Model, equation, linear_form


@equation(over="BALANCES")
def commodity_balance(m: Model, g: str, c: str, y: int) -> Any:
    r"""What is made, bought and taken from stock covers operation, construction, final demand, sales and the new stock.

    .. math:: \sum_{r,a,t} (\alpha^x_{\kappa rat} x_{rat} + \alpha^n_{\kappa rat} n_{rat})
        + \sum_{p,t} \alpha^v_{\kappa pt} v_{pt} + B_\kappa
        + \sum_{r \in \mathcal{M}_{gc}} m_{rcy} - \sum_{r \in \mathcal{E}_{gc}} e_{rcy}
        + \sum_{r \in \mathcal{R}_{gc}} (z_{rc,y-1} - z_{rcy}) \ge 0

    :math:`\kappa = (\text{balance}, g, c, y)`. An amount is what one unit of output or new capacity, or a project, of
    year :math:`t` gives (plus) or uses (minus) in year :math:`y`; what is used includes losses. :math:`B_\kappa` is
    final demand, a negative number. The place :math:`g` is the region, or all regions together for a pooled commodity.
    In the first year the initial stock :math:`z^0_{rcy}` stands for last year's.
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

    .. math:: z_{rcy} \ge \underline{z}_{rcy}
    """
    return m.stock[r, c, y] >= m.least_stock[r, c, y]
