"""Tables of whole numbers by column: joins and filters over names that are numbered (see ``optimizer.coded``)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from optimizer.keys import Integers

Mask = npt.NDArray[np.bool_]
# Codes of combined columns stay below this; beyond it they are ranked anew.
_MOST_CODES = 2**40
_MOST_NARROW = 2**31 - 1


class Columns:
    """Columns of equal length, by name."""

    def __init__(self, columns: Mapping[str, Integers]) -> None:
        self._columns = dict(columns)

    def __len__(self) -> int:
        return len(next(iter(self._columns.values())))

    def __getitem__(self, name: str) -> Integers:
        return self._columns[name]

    def __contains__(self, name: str) -> bool:
        return name in self._columns

    def take(self, rows: Integers | Mask | slice) -> Columns:
        """The rows at these positions, or where a mask says so, or of a slice."""
        return Columns({name: column[rows] for name, column in self._columns.items()})

    def but(self, **changed: Integers | int) -> Columns:
        """The same with other or further columns; one number stands for all rows."""
        every = len(self)
        filled = {
            name: np.full(every, column, dtype=np.int32) if isinstance(column, int) else column
            for name, column in changed.items()
        }
        return Columns({**self._columns, **filled})

    def only(self, names: Iterable[str]) -> Columns:
        return Columns({name: self._columns[name] for name in names})

    def without(self, *names: str) -> Columns:
        return Columns({name: column for name, column in self._columns.items() if name not in names})

    def narrow(self, *flags: str) -> Columns:
        """The same in half the bytes, and ``flags``, numbers of a few things, in one: for what is kept."""
        kept = self._columns.items()
        return Columns({name: column.astype(np.int8) if name in flags else narrow(column) for name, column in kept})

    def join(self, other: Columns, on: Sequence[str]) -> Columns:
        """Every row with each row of the other that has the same numbers in ``on``, in the order of both."""
        own, others = _codes(self, other, on)
        order = np.argsort(others, kind="stable")
        sides = others[order]
        low, high = np.searchsorted(sides, own, "left"), np.searchsorted(sides, own, "right")
        counts = high - low
        ours = np.repeat(np.arange(len(own)), counts)
        ends = np.cumsum(counts)
        theirs = order[np.arange(len(ours)) + np.repeat(low - ends + counts, counts)]
        return Columns({**other.without(*on).take(theirs)._columns, **self.take(ours)._columns})

    def times(self, other: Columns) -> Columns:
        """Every row with every row of the other, which varies fastest."""
        ours, theirs = np.repeat(np.arange(len(self)), len(other)), np.tile(np.arange(len(other)), len(self))
        return Columns({**self.take(ours)._columns, **other.take(theirs)._columns})

    def place_in(self, other: Columns, on: Sequence[str]) -> Integers:
        """Where the other has the same numbers in ``on``, which occur there once; -1 where it does not."""
        own, others = _codes(self, other, on)
        found = np.full(max(own.max(initial=-1), others.max(initial=-1)) + 1, -1, dtype=np.int64)
        found[others] = np.arange(len(others))
        return found[own]

    def is_in(self, other: Columns, on: Sequence[str]) -> Mask:
        """Whether the other has the same numbers in ``on``."""
        return self.place_in(other, on) >= 0


def narrow(column: Integers) -> Integers:
    """The same numbers in half the bytes, where they fit."""
    fits = column.max(initial=0) <= _MOST_NARROW and -column.min(initial=0) <= _MOST_NARROW
    return column.astype(np.int32) if fits else column


def stacked(*parts: Columns) -> Columns:
    """The rows of all parts, with the columns of the first, which the others have, too."""
    return Columns({name: np.concatenate([part[name] for part in parts]) for name in parts[0]._columns})


def grouped(of: Columns, on: Sequence[str]) -> Integers:
    """The number of the group of each row; rows with the same numbers in ``on`` are one group."""
    return np.unique(_codes(of, of.take(np.empty(0, dtype=np.int64)), on)[0], return_inverse=True)[1].astype(np.int64)


def _codes(left: Columns, right: Columns, on: Sequence[str]) -> tuple[Integers, Integers]:
    """One number a row: equal where all numbers in ``on`` are."""
    codes, space = np.zeros(len(left) + len(right), dtype=np.int64), 1
    for name in on:
        ranks, count = _ranked(np.concatenate([left[name], right[name]]))
        codes, space = codes * count + ranks, space * count
        if space > _MOST_CODES:
            codes, space = _ranked_by_order(codes)
    if space > 16 * len(codes) + 4096:
        codes, _ = _ranked_by_order(codes)
    return codes[: len(left)], codes[len(left) :]


def _ranked(column: Integers) -> tuple[Integers, int]:
    """The rank of each number among those that occur, and how many do."""
    if not len(column):
        return column, 1
    least, most = int(column.min()), int(column.max())
    if most - least > 16 * len(column) + 4096:
        return _ranked_by_order(column)
    present = np.zeros(most - least + 1, dtype=bool)
    present[column - least] = True
    ranks = np.cumsum(present) - 1
    return ranks[column - least], int(ranks[-1]) + 1


def _ranked_by_order(column: Integers) -> tuple[Integers, int]:
    known, ranks = np.unique(column, return_inverse=True)
    return ranks.astype(np.int64), len(known)
