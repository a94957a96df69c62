"""Base-year values of quantities as products of figures: which figures they are made of depends on structure only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from model_data import Plan
from optimizer.frames import NONE, figure_numbers
from optimizer.keys import Integers, Vector


@dataclass(frozen=True, eq=False)
class BaseValues:
    """Each quantity is the sum of its parts; a part is its sign times its figures times 1 + its loss."""

    quantities: tuple[str, ...]
    owner: Integers  # the quantity of each part
    sign: Vector
    made_of: Integers  # numbers of figures, parts × factors; NONE where there are fewer
    loss_of: Integers

    def of(self, values: Vector) -> dict[str, float]:
        """The value of each quantity in its unit, from the canonical value of every figure."""
        one, none = np.append(values, 1.0), np.append(values, 0.0)
        amounts = self.sign * one[self.made_of].prod(axis=1) * (1.0 + none[self.loss_of])
        totals = np.bincount(self.owner, amounts, len(self.quantities)).astype(float)
        return dict(zip(self.quantities, totals.tolist(), strict=True))


def base_values(plan: Plan, options: Mapping[str, str]) -> BaseValues:
    """The parts of what the plan's tables say of the base year."""
    start = figure_numbers(plan)
    quantities = tuple(plan.table("quantities")["quantity"].tolist())
    place = {quantity: number for number, quantity in enumerate(quantities)}
    parts = plan.base_contributions(options)
    factors = max((len(part.entry.made_of) for part in parts), default=1)
    made_of = np.full((len(parts), factors), NONE, dtype=np.int64)
    loss_of = np.full(len(parts), NONE, dtype=np.int64)
    for k, part in enumerate(parts):
        numbers = [start[table] + row for table, row in part.entry.made_of]
        made_of[k, : len(numbers)] = numbers
        if part.entry.loss_of is not None:
            loss_of[k] = start[part.entry.loss_of[0]] + part.entry.loss_of[1]
    owner = np.array([place[part.quantity] for part in parts], dtype=np.int64)
    return BaseValues(quantities, owner, np.array([part.sign for part in parts]), made_of, loss_of)
