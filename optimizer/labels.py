"""Labels of rows or columns, made only where somebody reads one: columns of numbers until then."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, overload

from optimizer.columns import narrow
from optimizer.keys import Keys

Label = tuple[str | int, ...]


class Labels(Sequence[Label]):
    """In place of a tuple of labels, and equal to it. A block has one name: its labels are that and an index."""

    def __init__(self, blocks: Iterable[tuple[str, Keys]]) -> None:
        self._blocks = [(name, Keys(keys.names, tuple(map(narrow, keys.columns)))) for name, keys in blocks]
        self._length = sum(len(keys) for _, keys in self._blocks)

    @cached_property
    def made(self) -> tuple[Label, ...]:
        return tuple(label for name, keys in self._blocks for label in keys.tuples(name))

    @cached_property
    def digest(self) -> bytes:
        """SHA-256 over all labels."""
        return digest_of(self.made)

    @cached_property
    def numbers(self) -> Mapping[Label, int]:
        return numbers_of(self.made)

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
        return repr(self.made)

    def __reduce__(self) -> tuple[Any, ...]:
        return tuple, (self.made,)


def digest_of(labels: Sequence[Label]) -> bytes:
    """SHA-256 over all labels, the same for equal labels."""
    return labels.digest if isinstance(labels, Labels) else hashlib.sha256(repr(tuple(labels)).encode()).digest()


def numbers_of(labels: Sequence[Label]) -> Mapping[Label, int]:
    """The place of every label."""
    return labels.numbers if isinstance(labels, Labels) else {label: number for number, label in enumerate(labels)}
