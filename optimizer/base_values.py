"""Base-year values of quantities as products of figures: which figures they are made of depends on structure only."""

from __future__ import annotations

from array import array
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from model_data import Plan
from optimizer.columns import narrow
from optimizer.frames import NONE, figure_numbers
from optimizer.keys import Integers, Vector

# An amount, the output that it belongs to, and the charge on it.
_FACTORS = 3
_NO_FACTORS = [NONE] * _FACTORS


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
    owner, sign, made_of, loss_of = array("q"), array("d"), array("q"), array("q")
    for part in plan.base_contributions(options):
        numbers = [start[table] + row for table, row in part.entry.made_of]
        loss = part.entry.loss_of
        owner.append(place[part.quantity])
        sign.append(part.sign)
        made_of.extend((numbers + _NO_FACTORS)[:_FACTORS])
        loss_of.append(NONE if loss is None else start[loss[0]] + loss[1])
    factors = np.array(made_of, dtype=np.int64).reshape(len(owner), _FACTORS)
    return BaseValues(quantities, narrow(np.array(owner)), np.array(sign), narrow(factors), narrow(np.array(loss_of)))
