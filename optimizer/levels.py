"""The point of an answer as columns of numbers: what each variable is at, what each form comes to.

What depends on the structure only is kept by shape (see ``optimizer.shape``), as answers of one shape are many.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
import pandas as pd

from optimizer.draws import draw_frame
from optimizer.forms import INDEX_COLUMNS, variable_labels
from optimizer.instance import Instance
from optimizer.keys import Integers, Vector
from optimizer.program import Label
from optimizer.shape import Shape

# Shapes for which something is kept.
_KEPT = 4
ORIGIN = ["flow", "region", "industry", "activity", "item", "year"]


class Levels:
    """``of[kind]``: the variables of a kind in the order of their index; what ``values`` does not have counts 0."""

    def __init__(self, instance: Instance, values: Mapping[Label, float]) -> None:
        self._forms = instance.forms
        self.of: dict[str, Vector] = {
            kind: np.array([values.get(label, 0.0) for label in labels], dtype=float)
            for kind, labels in _labels(instance.shape).items()
        }

    @cached_property
    def forms(self) -> Vector:
        """What every form comes to, by its number."""
        found = self._forms.constant.copy()
        for kind, entries in self._forms.entries.items():
            amounts = entries.amount * self.of[kind][entries.variable]
            found += np.bincount(entries.form, amounts, len(found))
        return found


@lru_cache(maxsize=_KEPT)
def _labels(shape: Shape) -> dict[str, list[Label]]:
    return {kind: variable_labels(kind, shape.variables[kind]) for kind in INDEX_COLUMNS}


@dataclass(frozen=True, eq=False)
class Origins:
    """Where accounts come from: a row of ``names`` for every origin in every year.

    ``draws``: numbers of the draws that count, each with its kind, variable (-1 for what is given) and ``origin``.
    """

    names: pd.DataFrame
    draws: Integers
    kinds: Mapping[str, Integers]  # which of them are at the level of a variable of the kind
    variables: Integers
    origin: Integers

    def sums(self, amounts: Vector, levels: Levels) -> Vector:
        """The amount of each origin."""
        level = np.ones(len(self.draws))
        for kind, here in self.kinds.items():
            level[here] = levels.of[kind][self.variables[here]]
        return np.bincount(self.origin, amounts[self.draws] * level, len(self.names)).astype(float)


@lru_cache(maxsize=_KEPT)
def origins(
    shape: Shape, years: tuple[int, ...], accounts: frozenset[str], industries: tuple[tuple[str, str], ...]
) -> Origins:
    """The draws on the accounts in these years by origin; ``industries``: every activity with its industry."""
    every = draw_frame(shape.draws, shape.coded.names, np.zeros(len(shape.draws.rows)))
    here = np.flatnonzero(every["year"].isin(years) & every["flow"].isin(accounts))
    rows, given = every.iloc[here], here >= shape.draws.flow_draws
    industry = rows["industry"].where(given, rows["activity"].map(dict(industries)))
    named = rows.assign(
        industry=industry, item=rows["item"].where(given, ""), activity=rows["activity"].where(~given, "")
    )
    origin = np.asarray(named.groupby(ORIGIN, sort=False).ngroup(), dtype=np.int64)
    kind = np.where(given, "", rows["kind"])
    return Origins(
        named[ORIGIN].drop_duplicates().reset_index(drop=True),
        here,
        {name: np.flatnonzero(kind == name) for name in INDEX_COLUMNS},
        rows["variable"].to_numpy(dtype=np.int64),
        origin,
    )
