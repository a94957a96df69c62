"""Labels of rows or columns, made only where somebody reads one: columns of numbers until then."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, overload

from optimizer.keys import Keys, small

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

    @cached_property
    def text(self) -> str:
        known = self._labels.text
        return f"{known[:-1]}, {self._last!r})" if len(self._labels) > 1 else repr(self.made)


def digest_of(labels: Sequence[Label]) -> bytes:
    """SHA-256 over all labels, the same for equal labels."""
    return labels.digest if isinstance(labels, Labels) else hashlib.sha256(repr(tuple(labels)).encode()).digest()


def followed_by(labels: Sequence[Label], last: Label) -> Sequence[Label]:
    """The labels and one more."""
    return _Longer(labels, last) if isinstance(labels, Labels) else (*labels, last)


def numbers_of(labels: Sequence[Label]) -> Mapping[Label, int]:
    """The place of every label."""
    return labels.numbers if isinstance(labels, Labels) else {label: number for number, label in enumerate(labels)}
