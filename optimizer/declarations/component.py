"""Adding sets, figures and variables to a Pyomo model, with abstract units where a proof is asked for.

Abstract units prove the algebra: every activity counts in ``output`` and ``capacity``, every flow and quantity in
``flow``, a project in shares. They make Pyomo slow, so a model is built without them unless it is to be proved.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

import pyomo.environ as pyo
from pyomo.core.base.units_container import PyomoUnitsContainer

from optimizer.equations.equation import Model

VARIABLE_UNITS = {
    "output": "output",
    "capacity": "capacity",
    "build": "capacity",
    "retire": "capacity",
    "start": "dimensionless",
    "buy": "flow",
    "sell": "flow",
    "stock": "flow",
    "fund": "flow",
    "quantity": "flow",
    "shortfall": "flow",
    "excess": "flow",
}
FIGURE_UNITS = {
    "inherited_capacity": "capacity",
    "inherited_output": "output",
    "scheduled_retirement": "capacity",
    "size": "capacity",
    "utilisation": "output/capacity",
    "utilisation_floor": "output/capacity",
    "output_step": "output",
    "capacity_step": "capacity",
    "most_capacity": "capacity",
    "most_build": "capacity",
    "capacity_potential": "dimensionless",
    "output_potential": "dimensionless",
    "constant": "flow",
    "initial_stock": "flow",
    "most_bought": "flow",
    "most_sold": "flow",
    "most_stored": "flow",
    "least_stock": "flow",
    "budget_limit": "flow",
    "plan_budget_limit": "flow",
    "indicator_lower": "flow",
    "indicator_upper": "flow",
    "output_amount": "flow/output",
    "capacity_amount": "flow/capacity",
    "build_amount": "flow/capacity",
    "retire_amount": "flow/capacity",
    "start_amount": "flow",
}


class Declarations:
    """Adds components to a model by name; one method a sort of component."""

    def __init__(self, m: Model, *, with_units: bool, mutable: bool) -> None:
        self.m = m
        self._units = _abstract_units() if with_units else None
        self._mutable = mutable or with_units  # Pyomo's figures with a unit are mutable

    def set(self, name: str, members: Iterable[Any]) -> None:
        setattr(self.m, name, pyo.Set(initialize=list(members)))

    def sets(self, name: str, members: Mapping[Any, Iterable[Any]]) -> None:
        """An indexed set; an index without members has the empty set."""
        lists = {index: list(values) for index, values in members.items()}
        setattr(self.m, name, pyo.Set(list(lists), initialize=lists))

    def figure(self, name: str, values: Mapping[Any, float]) -> None:
        declared = pyo.Param(
            list(values),
            initialize=dict(values),
            within=pyo.Any,
            units=self._unit(FIGURE_UNITS.get(name)),
            mutable=self._mutable,
        )
        setattr(self.m, name, declared)

    def variable(self, name: str, index: Iterable[Any], domain: Any = pyo.NonNegativeReals) -> None:
        setattr(self.m, name, pyo.Var(list(index), domain=domain, units=self._unit(VARIABLE_UNITS[name])))

    def _unit(self, expression: str | None) -> Any:
        if self._units is None or expression is None:
            return None
        factors = [getattr(self._units, part) for part in expression.split("/")]
        return factors[0] if len(factors) == 1 else factors[0] / factors[1]


@cache
def _abstract_units() -> PyomoUnitsContainer:
    """Pyomo's own container, since its checks look into no other; defined once a process."""
    pyo.units.load_definitions_from_strings([f"{name} = [{name}]" for name in ("output", "capacity", "flow")])
    return pyo.units
