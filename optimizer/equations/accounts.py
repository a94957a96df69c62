"""Quantities (accounts added up, capacities, trade) and the money that pays for them."""

from __future__ import annotations

from typing import Any

from optimizer.equations.equation import Model, equation, linear_form


@equation(over="QUANTITIES")
def account(m: Model, q: str, y: int) -> Any:
    r"""A quantity is its background plus what operation, construction and projects add to it.

    .. math:: Q_{qy} = B_\kappa
        + \sum_{r,a,t} (\alpha^x_{\kappa rat} x_{rat} + \alpha^K_{\kappa rat} K_{rat}
        + \alpha^n_{\kappa rat} n_{rat} + \alpha^d_{\kappa rat} d_{rat})
        + \sum_{p,t} \alpha^v_{\kappa pt} v_{pt}
        + \sum_{r,c,t} (\alpha^m_{\kappa rct} m_{rct} + \alpha^e_{\kappa rct} e_{rct} + \alpha^z_{\kappa rct} z_{rct})
        + \sum_{s,j,t} \alpha^f_{\kappa sjt} f_{sjt}

    :math:`\kappa = (\text{quantity}, q, y)`. An amount is what one unit of the variable in year :math:`t` adds to the
    quantity in year :math:`y`, charges included; :math:`B_\kappa` is the background. Spending falls in the years of the
    spending profile; what falls before the first plan year is sunk and not counted.
    """
    return m.quantity[q, y] == linear_form(m, "quantity", "", q, y)


@equation(over="FUNDED")
def funding(m: Model, j: str, y: int) -> Any:
    r"""The investment of an industry is paid by the funds that may serve it.

    .. math:: \sum_{s \in \mathcal{S}_j} f_{sjy} = B_\kappa
        + \sum_{r,a,t} (\alpha^x_{\kappa rat} x_{rat} + \alpha^n_{\kappa rat} n_{rat})
        + \sum_{p,t} \alpha^v_{\kappa pt} v_{pt}

    :math:`\kappa = (\text{funding}, j, y)`: what the activities, projects and background items of the industry draw
    from the account that the plan's settings name.
    """
    return sum(m.fund[s, j, y] for s in m.SERVING[j]) == linear_form(m, "funding", "", j, y)
