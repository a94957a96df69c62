"""Linear forms over the variables: the one shape in which numbers reach the equations.

A form is a constant plus amounts times variables, identified by a key (family, region, name, year). Three families
exist: ``balance`` (what a commodity balance gains and loses), ``quantity`` (a named quantity of the plan) and
``funding`` (the money that an industry draws).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from optimizer.columns import narrow
from optimizer.keys import Integers, Keys, Vector

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
    """``constant`` by the number of the form; ``entries`` by kind of variable."""

    pattern: FormPattern
    constant: Vector
    entries: Mapping[str, Entries]
    signature: tuple[bytes, ...]  # equal where entries of the same pattern cancel

    @property
    def numbers(self) -> Mapping[FormKey, int]:
        """The number of every form."""
        return self.pattern.numbers

    @property
    def keys(self) -> Keys:
        """The keys in the order of their numbers."""
        return self.pattern.keys

    @cached_property
    def constants(self) -> dict[FormKey, float]:
        return dict(zip(self.numbers, self.constant.tolist(), strict=True))

    @cached_property
    def moving(self) -> Integers:
        """How many variables count in each form."""
        return sum(
            (np.bincount(entries.form, minlength=len(self.keys)) for entries in self.entries.values()),
            start=np.zeros(len(self.keys), dtype=np.int64),
        )

    @property
    def still(self) -> list[tuple[FormKey, float]]:
        """Keys and constants, other than 0, of the forms in which no variable counts."""
        rows = np.flatnonzero((self.constant != 0.0) & (self.moving == 0))
        keys: list[Any] = self.keys.take(rows).tuples()
        return list(zip(keys, self.constant[rows].tolist(), strict=True))

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
        return {kind: variable_labels(kind, frame) for kind, frame in self.pattern.variables.items()}


def variable_labels(kind: str, frame: pd.DataFrame) -> list[Index]:
    """(kind, *index) of every variable of a kind."""
    columns = (frame[column].tolist() for column in INDEX_COLUMNS[kind])
    return list(zip([kind] * len(frame), *columns, strict=True))


class FormPattern:
    """Which terms add up to which entry of which form: structure only, the same for all values of the figures.

    ``form``, ``kind`` (by its place in INDEX_COLUMNS; beyond them what is given) and ``variable`` of every term.
    ``variables`` holds the index frame of each kind: the number of a variable is its row there.
    """

    def __init__(
        self,
        keys: Keys,
        form: Integers,
        kind: Integers,
        variable: Integers,
        variables: Mapping[str, pd.DataFrame],
    ) -> None:
        self.keys, self.variables = keys, variables
        self._given = np.flatnonzero(kind == len(INDEX_COLUMNS))
        self._form_given = form[self._given]
        self._groups = {
            name: _grouped(form, variable, np.flatnonzero(kind == number), len(variables[name]))
            for number, name in enumerate(INDEX_COLUMNS)
        }

    @cached_property
    def numbers(self) -> Mapping[FormKey, int]:
        keys: list[Any] = self.keys.tuples()
        return {key: number for number, key in enumerate(keys)}

    def forms(self, amount: Vector) -> Forms:
        """``amount`` of every term; terms of the same variable in the same form are added, what cancels is left out."""
        constant = np.bincount(self._form_given, amount[self._given], len(self.keys)).astype(float)
        found = {name: group.entries(amount) for name, group in self._groups.items()}
        entries = {name: entries for name, (entries, _) in found.items()}
        return Forms(self, constant, entries, tuple(kept for _, kept in found.values()))


@dataclass(frozen=True, eq=False)
class _Groups:
    """Terms of one kind of variable, entry by entry; where the terms of each entry start, None where each has one."""

    terms: Integers
    starts: Integers | None
    pattern: Entries  # without amounts

    def entries(self, amount: Vector) -> tuple[Entries, bytes]:
        """The entries, and which of the pattern they are: blank for all."""
        form, variable, summed = self.pattern.form, self.pattern.variable, amount[self.terms]
        if self.starts is not None:
            summed = np.add.reduceat(summed, self.starts)
        kept = summed != 0.0
        if kept.all():
            return Entries(form, variable, summed), b""
        return Entries(form[kept], variable[kept], summed[kept]), np.packbits(kept).tobytes()


def _grouped(form: Integers, variable: Integers, terms: Integers, variables: int) -> _Groups:
    space = max(variables, 1)
    code = form[terms].astype(np.int64) * space + variable[terms]
    order = np.argsort(code, kind="stable")
    code = code[order]
    starts = np.flatnonzero(np.diff(code, prepend=-1))
    pattern = Entries(narrow(code[starts] // space), narrow(code[starts] % space), np.empty(0))
    return _Groups(narrow(terms[order]), None if len(starts) == len(terms) else narrow(starts), pattern)
