"""What declarations are made of: sets, figures and variables, added by name to whatever takes them.

Two things take them: the Pyomo model (``optimizer.declarations.pyomo_components``) and columns of arrays
(``optimizer.arrays``). What grows with the regions of a plan is handed over by columns (see ``optimizer.keys``), the
rest as plain dictionaries.

Abstract units prove the algebra: every activity counts in ``output`` and ``capacity``, every flow and quantity in
``flow``, a project in shares.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from enum import Enum
from typing import Any

import numpy as np

from optimizer.keys import Figures, Keys, Members, Names

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


class Domain(Enum):
    """The values that a variable may have."""

    NOT_NEGATIVE = "not negative"
    REAL = "real"
    BINARY = "0 or 1"


class Declarations(ABC):
    """Takes sets, figures and variables by name; one method a sort of component.

    Sets and variables are the same for all instances of one structure; figures are functions of an instance.
    """

    def __init__(self, names: Names | None = None) -> None:
        self.names = names or Names()

    def mapped(self, name: str, keys: Keys, of: Callable[[Any], Mapping[Any, float]]) -> None:
        """A number for every key, from a function of an instance that gives them in the order of the keys."""
        self.figure(name, Figures(keys, lambda instance: np.array(list(of(instance).values()), dtype=float)))

    @abstractmethod
    def set(self, name: str, members: Iterable[Any] | Keys) -> None:
        """A set of names, years or tuples of them."""

    @abstractmethod
    def sets(self, name: str, members: Mapping[Any, Iterable[Any]] | Members) -> None:
        """A set for every index; an index without members has the empty set."""

    @abstractmethod
    def figure(self, name: str, values: Mapping[Any, float] | Figures) -> None:
        """A number for every index; a mapping is for figures that no instance changes."""

    @abstractmethod
    def variable(self, name: str, index: Iterable[Any] | Keys, domain: Domain = Domain.NOT_NEGATIVE) -> None:
        """A variable for every index."""
