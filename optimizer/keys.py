"""Index tuples by column: how sets and figures that grow with the plan are held without an object for every element."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, reduce
from typing import Any

import numpy as np
import numpy.typing as npt

Atom = str | int
Integers = npt.NDArray[np.signedinteger[Any]]
Vector = npt.NDArray[np.float64]
# A table of all combinations is looked up directly up to this many times the keys that exist, else a sorted list.
_SPARSE = 8
_SMALL = 4096
_ABSENT = -(2**59)
_NEW = threading.Lock()


def small(column: Integers) -> Integers:
    """In four bytes: for rows, columns and names of a program, of which HiGHS takes no more than fit."""
    return column.astype(np.int32, copy=False)


class Names:
    """The names and years of one program, numbered as they are met."""

    def __init__(self) -> None:
        self._numbers: dict[Atom, int] = {}

    def __len__(self) -> int:
        return len(self._numbers)

    def number(self, atom: Atom) -> int:
        known = self._numbers.get(atom)
        if known is None:
            with _NEW:  # several threads may number the names of one plan
                known = self._numbers.setdefault(atom, len(self._numbers))
        return known

    def numbers(self, column: Sequence[Atom]) -> Integers:
        for atom in dict.fromkeys(column):
            self.number(atom)
        return np.fromiter(map(self._numbers.__getitem__, column), np.int64, len(column))

    def keys(self, members: Iterable[Any]) -> Keys:
        """Keys of plain names and years, or of tuples of them."""
        listed = list(members)
        if not listed:
            return Keys(self, ())
        columns = zip(*listed, strict=True) if isinstance(listed[0], tuple) else [listed]
        return Keys(self, tuple(self.numbers(list(column)) for column in columns))

    def figures(self, values: Mapping[Any, float]) -> Figures:
        """Figures that are the same for every instance."""
        vector = np.array(list(values.values()), dtype=float)
        return Figures(self.keys(values), lambda _: vector)

    def members(self, keys: Keys, sets: Iterable[Iterable[Any]]) -> Members:
        """The keys with a set for each."""
        listed = [list(members) for members in sets]
        owner = np.repeat(np.arange(len(listed)), [len(members) for members in listed])
        return Members(keys, owner, self.keys(member for members in listed for member in members))

    def atoms(self, column: Integers) -> list[Atom]:
        """The names or years behind the numbers."""
        known = np.empty(len(self._numbers), dtype=object)
        known[:] = list(self._numbers)
        atoms: list[Atom] = known[column].tolist()
        return atoms


class Keys:
    """Index tuples in their order; ``columns[i][k]`` is the number of the i-th part of the k-th tuple."""

    def __init__(self, names: Names, columns: tuple[Integers, ...]) -> None:
        self.names, self._columns = names, columns

    def __len__(self) -> int:
        return len(self._columns[0]) if self._columns else 0

    @property
    def columns(self) -> tuple[Integers, ...]:
        return self._columns

    @property
    def width(self) -> int:
        """How many parts a key has."""
        return len(self._columns)

    def take(self, positions: npt.NDArray[Any]) -> Keys:
        """The keys at these positions, or where a mask says so."""
        return _Taken(self, small(np.flatnonzero(positions) if positions.dtype == bool else positions))

    def within(self, others: Keys) -> Integers | None:
        """Where these keys stand among the others, if they were taken from them, else None."""
        return np.arange(len(self), dtype=np.int32) if self is others else None

    def parts(self, first: int, end: int | None = None) -> Keys:
        """Some parts of every key."""
        return Keys(self.names, self.columns[first:end])

    def beside(self, other: Keys) -> Keys:
        """Each key followed by the other's key at the same position."""
        return Keys(self.names, (*self.columns, *other.columns))

    def times(self, atoms: Sequence[Atom]) -> Keys:
        """Every key with every one of the names or years, which come last and vary fastest."""
        last = np.tile(self.names.numbers(atoms), len(self))
        return Keys(self.names, (*(np.repeat(column, len(atoms)) for column in self.columns), last))

    def tuples(self, *head: Atom) -> list[tuple[Atom, ...]]:
        """Every key as a tuple, ``head`` before it."""
        columns = [self.names.atoms(column) for column in self.columns]
        return list(zip(*([part] * len(self) for part in head), *columns, strict=True))

    def plain(self) -> list[Any]:
        """Every key as Pyomo has it: a tuple, or the name itself where there is only one part."""
        return self.names.atoms(self.columns[0]) if len(self.columns) == 1 else self.tuples()

    def find(self, columns: Sequence[Integers | int], count: int) -> Integers:
        """The position of each of ``count`` wanted keys; -1 where there is none. A number stands for a whole column."""
        if not len(self) or not count:
            return np.full(count, -1, dtype=np.int32)
        found = self._finder.find(columns)
        return found if found.shape else np.full(count, found)

    @cached_property
    def _finder(self) -> _Finder:
        return _Finder(self)


class _Taken(Keys):
    """Keys that know where they stood among others; they have columns only once somebody looks at them."""

    def __init__(self, source: Keys, positions: Integers) -> None:
        super().__init__(source.names, ())
        self._source, self._positions = source, positions

    def __len__(self) -> int:
        return len(self._positions)

    @property
    def columns(self) -> tuple[Integers, ...]:
        if not self._columns:
            self._columns = tuple(column[self._positions] for column in self._source.columns)
        return self._columns

    @property
    def width(self) -> int:
        return self._source.width

    def within(self, others: Keys) -> Integers | None:
        if self._source is others:
            return self._positions
        if self is others:
            return super().within(others)
        known = self._source.within(others)
        return None if known is None else known[self._positions]


class _Finder:
    """Positions by key. Parts are ranked among those that occur, so that a key becomes one number, from 1 on."""

    def __init__(self, keys: Keys) -> None:
        ranked = [_ranks(column, len(keys.names)) for column in keys.columns]
        space, self._parts = 1, list[Integers]()
        for ranks, count in reversed(ranked):
            self._parts.insert(0, np.where(ranks < 0, _ABSENT, ranks * space))  # makes the whole code negative
            space *= count
        self._parts[0] += 1
        codes = self._codes(keys.columns)
        self._table: Integers | None = None
        if space <= max(_SPARSE * len(keys), _SMALL):
            self._table = np.full(space + 1, -1, dtype=np.int32)
            self._table[codes] = np.arange(len(keys))
        else:
            self._order = np.argsort(codes, kind="stable").astype(np.int32)
            self._sorted = codes[self._order]

    def find(self, columns: Sequence[Integers | int]) -> Integers:
        codes = self._codes(columns)
        if self._table is not None:
            return self._table.take(codes, mode="clip")  # below 1: nothing
        place = np.minimum(np.searchsorted(self._sorted, codes), len(self._sorted) - 1)
        return np.where(self._sorted[place] == codes, self._order[place], -1)

    def _codes(self, columns: Sequence[Integers | int]) -> Integers:
        """One number a key; below 0 where a part occurs in no key."""
        parts = zip(self._parts, columns, strict=True)
        return reduce(np.add, (codes.take(column, mode="clip") for codes, column in parts))  # later names: in no key


def _ranks(column: Integers, count: int) -> tuple[Integers, int]:
    """Rank of every number among those that occur in the column, -1 for others and at the end; how many occur."""
    present = np.zeros(count + 1, dtype=bool)
    present[column] = True
    ranks = np.cumsum(present)
    return np.where(present, ranks - 1, -1), int(ranks[-1])


@dataclass(frozen=True, eq=False)
class Members:
    """A set for every key: ``members`` at k belongs to the key at ``owner[k]``; owners come in the keys' order."""

    keys: Keys
    owner: Integers
    members: Keys

    @cached_property
    def starts(self) -> Integers:
        """Where the members of each key begin; one more at the end."""
        counts = np.bincount(self.owner, minlength=len(self.keys))
        return np.concatenate([[0], np.cumsum(counts)])

    def mapping(self) -> dict[Any, list[Any]]:
        members = self.members.plain()
        starts = self.starts.tolist()
        return {key: members[starts[k] : starts[k + 1]] for k, key in enumerate(self.keys.plain())}

    @cached_property
    def pairs(self) -> Keys:
        """Every key with each of its members; made only where somebody asks for it."""
        return self.keys.take(self.owner).beside(self.members)


@dataclass(frozen=True, eq=False)
class Figures:
    """A number for every key, or for every member of every key, as soon as there is an instance to take it from."""

    keys: Keys | Members
    numbers: Callable[[Any], Vector]

    def __len__(self) -> int:
        return len(self.keys.members if isinstance(self.keys, Members) else self.keys)

    @property
    def all_keys(self) -> Keys:
        return self.keys.pairs if isinstance(self.keys, Members) else self.keys
