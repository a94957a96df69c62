"""Linear forms over the variables: the one shape in which numbers reach the equations.

A form is a constant plus amounts times variables, identified by a key (family, region, name, year). Three families
exist: ``balance`` (what a commodity balance gains and loses), ``quantity`` (a named quantity of the plan) and
``funding`` (the money that an industry draws).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
import scipy.sparse as sp

from optimizer.keys import Integers, Vector

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


@dataclass(frozen=True, eq=False)
class Entries:
    """What one kind of variable counts in forms: numbers of form and variable, and the amount; form by form."""

    form: Integers
    variable: Integers
    amount: Vector

    def of(self, form: int) -> slice:
        """Where the entries of a form stand."""
        return slice(*np.searchsorted(self.form, [form, form + 1]).tolist())


@dataclass(frozen=True, eq=False)
class Forms:
    """``numbers[key]`` of every form; ``constant`` by number; ``entries`` by kind of variable.

    ``variables`` holds the index frame of each kind: the number of a variable is its row there.
    """

    numbers: Mapping[FormKey, int]
    constant: Vector
    entries: Mapping[str, Entries]
    variables: Mapping[str, pd.DataFrame]

    @cached_property
    def constants(self) -> dict[FormKey, float]:
        return dict(zip(self.numbers, self.constant.tolist(), strict=True))

    @cached_property
    def moving(self) -> Integers:
        """How many variables count in each form."""
        return sum(
            (np.bincount(entries.form, minlength=len(self.numbers)) for entries in self.entries.values()),
            start=np.zeros(len(self.numbers), dtype=np.int64),
        )

    def keys(self, family: str) -> list[FormKey]:
        return [key for key in self.numbers if key[0] == family]

    def moves(self, key: FormKey) -> bool:
        """Whether any variable counts in the form."""
        return bool(self.moving[self.numbers[key]])

    def terms(self, key: FormKey) -> Iterator[tuple[Index, float]]:
        """Label (kind, *index) and amount of every variable that counts in the form."""
        for kind, entries in self.entries.items():
            here = entries.of(self.numbers[key])
            labels = self._labels[kind]
            for variable, amount in zip(entries.variable[here].tolist(), entries.amount[here].tolist(), strict=True):
                yield labels[variable], amount

    def evaluate(self, key: FormKey, values: Mapping[Index, float]) -> float:
        """The form at ``values``, which maps (kind, *index) to a number; what is absent counts 0."""
        constant = float(self.constant[self.numbers[key]])
        return sum((amount * values.get(label, 0.0) for label, amount in self.terms(key)), start=constant)

    @cached_property
    def _labels(self) -> dict[str, list[Index]]:
        return {kind: variable_labels(kind, frame) for kind, frame in self.variables.items()}


def variable_labels(kind: str, frame: pd.DataFrame) -> list[Index]:
    """(kind, *index) of every variable of a kind."""
    columns = (frame[column].tolist() for column in INDEX_COLUMNS[kind])
    return list(zip([kind] * len(frame), *columns, strict=True))


def collect_forms(keys: list[FormKey], terms: pd.DataFrame, variables: Mapping[str, pd.DataFrame]) -> Forms:
    """Forms for ``keys`` (all of them, also where no term exists).

    ``terms``: columns form (the place of its key), kind, variable (its row in the frame of the kind) and amount; kind
    ``constant`` has no variable. Terms of the same variable in the same form are added.
    """
    kinds = terms["kind"].to_numpy(dtype=object)
    form, variable = (terms[column].to_numpy(dtype=np.int64) for column in ("form", "variable"))
    amount = terms["amount"].to_numpy(dtype=float)
    given = kinds == "constant"
    entries = {}
    for kind in INDEX_COLUMNS:
        here = kinds == kind
        shape = (len(keys), len(variables[kind]))
        summed = sp.csr_array((amount[here], (form[here], variable[here])), shape=shape)
        summed.eliminate_zeros()
        summed.sort_indices()
        owner = np.repeat(np.arange(len(keys)), np.diff(summed.indptr))
        entries[kind] = Entries(owner, summed.indices.astype(np.int64), summed.data)
    constant = np.bincount(form[given], amount[given], len(keys)).astype(float)
    return Forms({key: number for number, key in enumerate(keys)}, constant, entries, variables)
