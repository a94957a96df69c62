"""Sets, figures and variables of a program, filled from an Instance."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from optimizer.declarations.capacities import declare_capacity, declare_growth, declare_hosts, declare_projects
from optimizer.declarations.component import Declarations, Domain
from optimizer.declarations.flows import declare_forms, declare_funds, declare_trade
from optimizer.declarations.policy import declare_budgets, declare_indicators, declare_objectives
from optimizer.forms import INDEX_COLUMNS
from optimizer.instance import Instance
from optimizer.keys import Keys, small

__all__ = ["declare"]


def declare(d: Declarations, instance: Instance) -> None:
    """All sets, figures and variables that the equations read; names are numbered as in the instance's shape."""
    indices = _indices(d, instance)
    _years(d, instance)
    _variables(d, instance, indices)
    declare_forms(d, instance, indices)
    declare_capacity(d, instance, indices)
    declare_growth(d, instance, indices)
    declare_hosts(d, instance)
    declare_projects(d, instance, indices)
    declare_trade(d, instance, indices)
    declare_funds(d, instance)
    declare_budgets(d, instance)
    declare_indicators(d, instance)
    declare_objectives(d, instance)


def _indices(d: Declarations, instance: Instance) -> dict[str, Keys]:
    """The index of every kind of variable. Kinds of the same variables have the same keys."""
    shape, years = instance.shape, instance.horizon.all
    of_year = np.zeros(max(years) + 1, dtype=np.int64)
    of_year[list(years)] = d.names.numbers(years)
    keys = dict[int, Keys]()
    for kind, columns in INDEX_COLUMNS.items():
        index = shape.indices[kind]
        if id(index) not in keys:
            parts = (of_year[index["t"]] if name == "t" else index[name] for name in columns)
            keys[id(index)] = Keys(d.names, tuple(map(small, parts)))
    return {kind: keys[id(shape.indices[kind])] for kind in INDEX_COLUMNS}


def _years(d: Declarations, instance: Instance) -> None:
    years = instance.horizon.all
    d.set("PLAN_YEARS", instance.horizon.years)
    d.sets("PREVIOUS", {y: [t] if t else [] for t, y in zip((0, *years), years, strict=False)})


def _variables(d: Declarations, instance: Instance, indices: Mapping[str, Keys]) -> None:
    binary = instance.scenario.whole_projects
    for kind, index in indices.items():
        d.variable(kind, index, Domain.BINARY if kind == "start" and binary else Domain.NOT_NEGATIVE)
    quantities = [(q, y) for q in instance.decided_quantities for y in instance.horizon.all]
    d.set("QUANTITIES", quantities)
    d.variable("quantity", quantities, Domain.REAL)
