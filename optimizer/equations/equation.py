"""An equation of the model: one function, one name, one index set."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

# A ConcreteModel, or what stands for it where a rule is read by columns (optimizer.arrays); components are attributes
# by name, which no static type can follow.
Model: TypeAlias = Any


@dataclass(frozen=True)
class Equation:
    """``rule(m, *index)`` for every index in the model's set ``over``; the docstring is the formulation page's text."""

    name: str
    over: str
    rule: Callable[..., Any]

    @property
    def text(self) -> str:
        return self.rule.__doc__ or ""


def equation(over: str) -> Callable[[Callable[..., Any]], Equation]:
    """Declares a rule as an equation over the named index set of the model."""

    def declare(rule: Callable[..., Any]) -> Equation:
        return Equation(rule.__name__, over, rule)

    return declare


def linear_form(m: Model, family: str, place: str, name: str, year: int) -> Any:
    """Constant plus amounts times variables of the form with this key (see ``optimizer.forms``)."""
    k = (family, place, name, year)
    return (
        m.constant[k]
        + sum(m.output_amount[k, i] * m.output[i] for i in m.OUTPUTS[k])
        + sum(m.capacity_amount[k, i] * m.capacity[i] for i in m.CAPACITIES[k])
        + sum(m.build_amount[k, i] * m.build[i] for i in m.BUILDS[k])
        + sum(m.retire_amount[k, i] * m.retire[i] for i in m.RETIREMENTS[k])
        + sum(m.start_amount[k, i] * m.start[i] for i in m.STARTS[k])
        + sum(m.buy_amount[k, i] * m.buy[i] for i in m.PURCHASES[k])
        + sum(m.sell_amount[k, i] * m.sell[i] for i in m.SALES[k])
        + sum(m.stock_amount[k, i] * m.stock[i] for i in m.STOCKS[k])
        + sum(m.fund_amount[k, i] * m.fund[i] for i in m.FUNDS[k])
    )
