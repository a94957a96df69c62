"""Linear forms over the variables: the one shape in which numbers reach the equations.

A form is a constant plus amounts times variables, identified by a key (family, region, name, year). Three families
exist: ``balance`` (what a commodity balance gains and loses), ``quantity`` (a named quantity of the plan) and
``funding`` (the money that an industry draws).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

FormKey = tuple[str, str, str, int]
Index = tuple[str | int, ...]

INDEX_COLUMNS: dict[str, tuple[str, ...]] = {
    "output": ("region", "activity", "t"),
    "capacity": ("region", "activity", "t"),
    "build": ("region", "activity", "t"),
    "retire": ("region", "activity", "t"),
    "start": ("project", "t"),
    "buy": ("region", "flow", "t"),
    "sell": ("region", "flow", "t"),
    "stock": ("region", "flow", "t"),
    "fund": ("fund", "industry", "t"),
}
_KEY = ["family", "place", "name", "year"]


@dataclass(frozen=True)
class Forms:
    """``constants[key]``, and per variable kind ``indices[kind][key]`` with ``amounts[kind][(*key, *index)]``."""

    constants: Mapping[FormKey, float]
    indices: Mapping[str, Mapping[FormKey, list[Index]]]
    amounts: Mapping[str, Mapping[Index, float]]

    def keys(self, family: str) -> list[FormKey]:
        return [key for key in self.constants if key[0] == family]

    def moves(self, key: FormKey) -> bool:
        """Whether any variable counts in the form."""
        return any(by_key.get(key) for by_key in self.indices.values())

    def evaluate(self, key: FormKey, values: Mapping[tuple[str | int, ...], float]) -> float:
        """The form at ``values``, which maps (kind, *index) to a number; what is absent counts 0."""
        total = self.constants[key]
        for kind, by_key in self.indices.items():
            amounts = self.amounts[kind]
            for index in by_key.get(key, ()):
                total += amounts[(*key, *index)] * values.get((kind, *index), 0.0)
        return total


def collect_forms(keys: list[FormKey], terms: pd.DataFrame) -> Forms:
    """Forms for ``keys`` (all of them, also where no term exists).

    ``terms``: columns family, place, name, year, kind, amount and the index columns of the kinds; kind "constant" has
    no index. Terms with the same index are added.
    """
    known = dict.fromkeys(keys, 0.0)
    constants = terms[terms["kind"] == "constant"]
    for *key, amount in constants.groupby(_KEY, sort=False)["amount"].sum().reset_index().itertuples(index=False):
        if tuple(key) in known:
            known[tuple(key)] = float(amount)
    indices: dict[str, dict[FormKey, list[Index]]] = {}
    amounts: dict[str, dict[Index, float]] = {}
    for kind, columns in INDEX_COLUMNS.items():
        rows = terms[terms["kind"] == kind]
        summed = rows.groupby([*_KEY, *columns], sort=False)["amount"].sum()
        by_key: dict[FormKey, list[Index]] = {}
        kept: dict[Index, float] = {}
        for label, amount in zip(summed.index, summed.to_numpy(), strict=True):
            key = label[:4]
            if amount != 0.0 and key in known:
                by_key.setdefault(key, []).append(label[4:])
                kept[label] = float(amount)
        indices[kind], amounts[kind] = by_key, kept
    return Forms(known, indices, amounts)
