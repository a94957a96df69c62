"""Labels of rows or columns, made only where somebody reads one: columns of numbers until then."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, overload

import numpy as np

from optimizer.columns import Mask
from optimizer.keys import Integers, Keys, small

Label = tuple[str | int, ...]


class Labels(Sequence[Label]):
    """In place of a tuple of labels, and equal to it. A block has one name: its labels are that and an index."""

    def __init__(self, blocks: Iterable[tuple[str, Keys]]) -> None:
        self._blocks = [(name, Keys(keys.names, tuple(map(small, keys.columns)))) for name, keys in blocks]
        self._length = sum(len(keys) for _, keys in self._blocks)

    @cached_property
    def made(self) -> tuple[Label, ...]:
        return tuple(label for name, keys in self._blocks for label in keys.tuples(name))

    @cached_property
    def text(self) -> str:
        """As ``repr`` has it: part of every program's fingerprint, and the same for all of one structure."""
        return repr(self.made)

    @cached_property
    def digest(self) -> bytes:
        """SHA-256 over all labels."""
        return digest_of(self.made)

    @cached_property
    def numbers(self) -> Mapping[Label, int]:
        return numbers_of(self.made)

    def named(self, names: Collection[str]) -> Mask:
        """Which labels have one of these names."""
        return np.repeat([name in names for name, _ in self._blocks], [len(keys) for _, keys in self._blocks])

    def second_parts(self, names: Collection[str]) -> Integers:
        """A number for what stands behind the name, equal where that is equal; -1 where the name is none of these."""
        none = np.empty(0, dtype=np.int32)
        parts = (k.columns[0] if name in names else np.full(len(k), -1, dtype=np.int32) for name, k in self._blocks)
        return np.concatenate([none, *parts])

    def __len__(self) -> int:
        return self._length

    @overload
    def __getitem__(self, place: int) -> Label: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[Label, ...]: ...
    def __getitem__(self, place: int | slice) -> Label | tuple[Label, ...]:
        return self.made[place]

    def __iter__(self) -> Iterator[Label]:
        return iter(self.made)

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, Labels | tuple) and self.made == tuple(other))

    def __hash__(self) -> int:
        return hash(self.made)

    def __repr__(self) -> str:
        return self.text

    def __reduce__(self) -> tuple[Any, ...]:
        return tuple, (self.made,)


class _Longer(Labels):
    """Labels and one more; what is known of the first is not made again."""

    def __init__(self, labels: Labels, last: Label) -> None:
        self._labels, self._last, self._length = labels, last, len(labels) + 1

    @cached_property
    def made(self) -> tuple[Label, ...]:
        return (*self._labels.made, self._last)

    def named(self, names: Collection[str]) -> Mask:
        return np.append(self._labels.named(names), self._last[0] in names)

    def second_parts(self, names: Collection[str]) -> Integers:
        return second_parts_of(self.made, names)

    @cached_property
    def text(self) -> str:
        known = self._labels.text
        return f"{known[:-1]}, {self._last!r})" if len(self._labels) > 1 else repr(self.made)


def digest_of(labels: Sequence[Label]) -> bytes:
    """SHA-256 over all labels, the same for equal labels."""
    return labels.digest if isinstance(labels, Labels) else hashlib.sha256(repr(tuple(labels)).encode()).digest()


def named(labels: Sequence[Label], names: Collection[str]) -> Mask:
    """Which labels have one of these names."""
    if isinstance(labels, Labels):
        return labels.named(names)
    return np.array([label[0] in names for label in labels], dtype=bool)


def second_parts_of(labels: Sequence[Label], names: Collection[str]) -> Integers:
    """A number for what stands behind the name, equal where that is equal; -1 where the name is none of these."""
    if isinstance(labels, Labels):
        return labels.second_parts(names)
    known: dict[Any, int] = {}
    numbers = (known.setdefault(label[1], len(known)) if label[0] in names else -1 for label in labels)
    return np.fromiter(numbers, dtype=np.int32, count=len(labels))


def followed_by(labels: Sequence[Label], last: Label) -> Sequence[Label]:
    """The labels and one more."""
    return _Longer(labels, last) if isinstance(labels, Labels) else (*labels, last)


def numbers_of(labels: Sequence[Label]) -> Mapping[Label, int]:
    """The place of every label."""
    return labels.numbers if isinstance(labels, Labels) else {label: number for number, label in enumerate(labels)}
