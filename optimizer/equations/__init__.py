"""The model's table of contents: every equation, in the order of the formulation page."""

from optimizer.equations.accounts import account, funding
from optimizer.equations.budgets import budget_plan, budget_year
from optimizer.equations.capacity import (
    build_limit,
    capacity_balance,
    capacity_limit,
    capacity_ramp,
    host_capacity_limit,
    host_output_limit,
    output_floor,
    output_limit,
    output_ramp,
)
from optimizer.equations.commodities import buy_limit, commodity_balance, final_stock, sell_limit, stock_limit
from optimizer.equations.equation import Equation
from optimizer.equations.indicators import indicator
from optimizer.equations.objectives import goal_shortfall, weighted_quantities
from optimizer.equations.projects import project_once, project_requires

EQUATIONS: tuple[Equation, ...] = (
    capacity_balance,
    output_limit,
    output_floor,
    output_ramp,
    capacity_ramp,
    capacity_limit,
    build_limit,
    project_once,
    project_requires,
    host_output_limit,
    host_capacity_limit,
    commodity_balance,
    buy_limit,
    sell_limit,
    stock_limit,
    final_stock,
    account,
    funding,
    budget_year,
    budget_plan,
    indicator,
)

__all__ = ["EQUATIONS", "Equation", "goal_shortfall", "weighted_quantities"]
