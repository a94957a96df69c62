"""Where accounts come from: which draws add up to each of them, by origin."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from optimizer.draws import draw_frame
from optimizer.forms import INDEX_COLUMNS
from optimizer.frames import read
from optimizer.instance import Instance
from optimizer.keys import Integers, Vector
from optimizer.levels import Levels, kept_by_shape
from optimizer.table import Table

_ORIGIN = ["flow", "region", "industry", "activity", "item", "year"]


@dataclass(frozen=True, eq=False)
class Origins:
    """A row of ``names`` for every origin in every year.

    ``draws``: numbers of the draws that count, each with its kind, variable (-1 for what is given) and ``origin``.
    """

    names: Table
    units: list[str]
    draws: Integers
    kinds: Mapping[str, Integers]  # which of them are at the level of a variable of the kind
    variables: Integers
    origin: Integers

    def sums(self, amounts: Vector, levels: Levels) -> Vector:
        """The amount of each origin."""
        level = np.ones(len(self.draws))
        for kind, here in self.kinds.items():
            level[here] = levels.of[kind][self.variables[here]]
        return np.bincount(self.origin, amounts[self.draws] * level, len(self.units)).astype(float)


@kept_by_shape
def origins(instance: Instance) -> Origins:
    """The draws on the accounts in the years of the plan by origin."""
    shape, flows = instance.shape, read(instance.plan, "flows")
    accounts = [flow for flow, kind in flows.by("flow", "kind").items() if kind == "account"]
    every = draw_frame(shape.draws, shape.coded.names, np.zeros(len(shape.draws.rows)))
    here = np.flatnonzero(every["year"].isin(instance.horizon.years) & every["flow"].isin(accounts))
    rows, given = every.iloc[here], here >= shape.draws.flow_draws
    industry = rows["activity"].map(dict(read(instance.plan, "activities").by("activity", "industry")))
    named = rows.assign(
        industry=rows["industry"].where(given, industry),
        item=rows["item"].where(given, ""),
        activity=rows["activity"].where(~given, ""),
    )
    origin = np.asarray(named.groupby(_ORIGIN, sort=False).ngroup(), dtype=np.int64)
    names = named[_ORIGIN].drop_duplicates()
    kind = np.where(given, "", rows["kind"])
    unit = flows.by("flow", "unit")
    return Origins(
        {name: names[name].to_numpy() if name == "year" else names[name].tolist() for name in _ORIGIN},
        [unit[flow] for flow in names["flow"].tolist()],
        here,
        {name: np.flatnonzero(kind == name) for name in INDEX_COLUMNS},
        rows["variable"].to_numpy(dtype=np.int64),
        origin,
    )
