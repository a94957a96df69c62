"""Declarations as components of a Pyomo model, with abstract units where a proof is asked for (which makes it slow)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

import pyomo.environ as pyo
from pyomo.core.base.units_container import PyomoUnitsContainer

from optimizer.declarations.component import FIGURE_UNITS, VARIABLE_UNITS, Declarations, Domain
from optimizer.equations.equation import Model
from optimizer.keys import Figures, Keys, Members

_DOMAINS = {Domain.NOT_NEGATIVE: pyo.NonNegativeReals, Domain.REAL: pyo.Reals, Domain.BINARY: pyo.Binary}


class PyomoDeclarations(Declarations):
    """Adds components to a Pyomo model by name; figures are those of the instance."""

    def __init__(self, m: Model, instance: Any = None, *, with_units: bool, mutable: bool) -> None:
        super().__init__(None if instance is None else instance.shape.coded.names)
        self.m, self._instance = m, instance
        self._units = _abstract_units() if with_units else None
        self._mutable = mutable or with_units  # Pyomo's figures with a unit are mutable

    def set(self, name: str, members: Iterable[Any] | Keys) -> None:
        setattr(self.m, name, pyo.Set(initialize=_plain(members)))

    def sets(self, name: str, members: Mapping[Any, Iterable[Any]] | Members) -> None:
        mapping = members.mapping() if isinstance(members, Members) else members
        lists = {index: list(values) for index, values in mapping.items()}
        setattr(self.m, name, pyo.Set(list(lists), initialize=lists))

    def figure(self, name: str, values: Mapping[Any, float] | Figures) -> None:
        mapping = (
            dict(values)
            if isinstance(values, Mapping)
            else dict(zip(values.all_keys.plain(), values.numbers(self._instance).tolist(), strict=True))
        )
        declared = pyo.Param(
            list(mapping),
            initialize=mapping,
            within=pyo.Any,
            units=self._unit(FIGURE_UNITS.get(name)),
            mutable=self._mutable,
        )
        setattr(self.m, name, declared)

    def variable(self, name: str, index: Iterable[Any] | Keys, domain: Domain = Domain.NOT_NEGATIVE) -> None:
        declared = pyo.Var(_plain(index), domain=_DOMAINS[domain], units=self._unit(VARIABLE_UNITS[name]))
        setattr(self.m, name, declared)

    def _unit(self, expression: str | None) -> Any:
        if self._units is None or expression is None:
            return None
        factors = [getattr(self._units, part) for part in expression.split("/")]
        return factors[0] if len(factors) == 1 else factors[0] / factors[1]


def _plain(members: Iterable[Any] | Keys) -> list[Any]:
    return members.plain() if isinstance(members, Keys) else list(members)


@cache
def _abstract_units() -> PyomoUnitsContainer:
    """Pyomo's own container, since its checks look into no other; defined once a process."""
    pyo.units.load_definitions_from_strings([f"{name} = [{name}]" for name in ("output", "capacity", "flow")])
    return pyo.units
