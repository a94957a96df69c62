"""Sets, figures and variables as a rule sees them when it is read for all of its indices at once."""

from __future__ import annotations

import operator
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from optimizer.arrays.expressions import Linear, Number, Part, Rows, Scope, Terms, parts_of
from optimizer.arrays.formulas import Fixed, Taken
from optimizer.keys import Figures, Integers, Keys, Members, Names, small


class Reader:
    """Turns what a rule writes into brackets into positions of keys."""

    def __init__(self, names: Names) -> None:
        self.names = names
        self.scope = Scope(Rows(1))

    def positions(self, name: str, keys: Keys, index: tuple[Any, ...]) -> Integers:
        """Where the keys have the index, row by row. Raises KeyError where a row's index is not there."""
        found = self.scope.rows.found
        if (keys, *index) not in found:
            taken = self._taken(keys, index)
            found[keys, *index] = self._searched(name, keys, index) if taken is None else taken
        return found[keys, *index]

    def _taken(self, keys: Keys, index: tuple[Any, ...]) -> Integers | None:
        """The positions, where the index is all parts of keys that were taken from the wanted ones."""
        first = index[0]
        if not isinstance(first, Part) or len(index) != first.keys.width:
            return None
        for place, part in enumerate(index):
            if not isinstance(part, Part) or (part.keys, part.rows, part.place) != (first.keys, first.rows, place):
                return None
        known = first.keys.within(keys)
        return None if known is None else self.scope.rows.spread(known, first.rows)

    def _searched(self, name: str, keys: Keys, index: tuple[Any, ...]) -> Integers:
        rows = self.scope.rows
        columns = [
            rows.spread(part.numbers, part.rows) if isinstance(part, Part) else self.names.number(part)
            for part in index
        ]
        found = keys.find(columns, rows.size)
        if found.size and found.min() < 0:
            row = int(np.argmin(found))
            wanted = (np.broadcast_to(column, rows.size)[row : row + 1] for column in columns)
            raise KeyError((name, *(self.names.atoms(number)[0] for number in wanted)))
        return found


def flat(index: Any) -> tuple[Any, ...]:
    """What stands in the brackets without inner brackets."""
    if not isinstance(index, tuple):
        return (index,)
    return tuple(part for item in index for part in flat(item))


@dataclass(frozen=True, eq=False)
class Loop:
    """What inner rows come from: a key's members, where they stand among all members, and the loop's own variable."""

    members: Members
    key: tuple[Any, ...]
    positions: Integers
    variable: tuple[Part, ...] = ()

    def places(self, members: Members, index: tuple[Any, ...]) -> Integers | None:
        """Places of a figure over the members in every row, where the index is the loop's own key and variable."""
        own = (*self.key, *self.variable)
        known = members is self.members and len(own) == len(index) and all(map(operator.is_, own, index))
        return self.positions if known else None


class SetReader:
    """A set of index tuples: a loop over it runs once, for all members in every row."""

    def __init__(self, reader: Reader, keys: Keys) -> None:
        self.reader, self.keys = reader, keys

    def __len__(self) -> int:
        return len(self.keys)

    def __iter__(self) -> Iterator[Any]:
        rows, count = self.reader.scope.rows, len(self.keys)
        positions = np.tile(np.arange(count, dtype=np.int32), rows.size)
        owner = np.repeat(np.arange(rows.size, dtype=np.int32), count)
        return inner_rows(self.reader, self.keys.take(positions), owner)


class SetsReader:
    """A set for every key."""

    def __init__(self, reader: Reader, name: str, members: Members) -> None:
        self.reader, self.name, self.members = reader, name, members

    def __getitem__(self, index: Any) -> Iterator[Any]:
        key = flat(index)
        place = self.reader.positions(self.name, self.members.keys, key)
        if not len(self.members.members):
            return iter(())
        starts = self.members.starts[place]
        counts = self.members.starts[place + 1] - starts
        owner = np.repeat(np.arange(len(place), dtype=np.int32), counts)
        positions = np.arange(len(owner), dtype=np.int32)
        positions += (starts - np.cumsum(counts) + counts).astype(np.int32)[owner]
        whence = Loop(self.members, key, positions)
        return inner_rows(self.reader, self.members.members.take(positions), owner, whence)


def inner_rows(reader: Reader, members: Keys, owner: Integers, whence: Loop | None = None) -> Iterator[Any]:
    """A loop that runs once, with its rows in scope; not at all where there is no member in any row."""
    if not len(owner):
        return
    outer = reader.scope.rows
    inner = Rows(len(owner), outer, owner)
    variable = parts_of(inner, members)
    inner.loop = whence and replace(whence, variable=variable)
    reader.scope.rows = inner
    try:
        yield variable if len(variable) > 1 else variable[0]
    finally:
        reader.scope.rows = outer
        inner.forget()


class FigureReader:
    """A number for every key."""

    def __init__(self, reader: Reader, name: str, figures: Figures) -> None:
        self.reader, self.name, self.figures = reader, name, figures

    def __getitem__(self, index: Any) -> Number:
        scope, key = self.reader.scope, flat(index)
        positions, loop = None, scope.rows.loop
        if isinstance(self.figures.keys, Members) and loop is not None:
            positions = loop.places(self.figures.keys, key)
        if positions is None:
            positions = self.reader.positions(self.name, self.figures.all_keys, key)
        return Number(scope, scope.rows, Taken(self.name, small(positions)))


class VariableReader:
    """A column of the program for every key; ``first`` is the column of the first."""

    def __init__(self, reader: Reader, name: str, keys: Keys, first: int) -> None:
        self.reader, self.name, self.keys, self.first = reader, name, keys, first

    def __getitem__(self, index: Any) -> Linear:
        scope = self.reader.scope
        columns = self.reader.positions(self.name, self.keys, flat(index)) + np.int32(self.first)
        return Linear(scope, (Terms(scope.rows, columns, Fixed(1.0, scope.rows.size)),))
