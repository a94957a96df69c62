"""What was made last is kept, and made anew where it is asked for no more."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Any, Generic, TypeVar

T = TypeVar("T")


# Shapes of programs for which something is kept: each year of a plan of ten by itself, and two more.
SHAPES = 12
# Entries that all of these may have together, of each kind of thing that grows with them; one is kept in any case.
ENTRIES = 20_000_000


class Latest(Generic[T]):
    """The latest things by key, at most ``most`` of them and no more than fit into ``space``, but one in any case.

    ``size`` is of key and thing, for both are held. Threads may share it; two that ask at the same time may both make
    one.
    """

    def __init__(self, most: int, size: Callable[[Any, T], int] = lambda *_: 0, space: int = 0) -> None:
        self._most, self._size, self._space, self._lock = most, size, space, Lock()
        self._kept: OrderedDict[Hashable, T] = OrderedDict()

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        made = make()
        with self._lock:
            found = self._kept.setdefault(key, made)
            self._kept.move_to_end(key)
            while len(self._kept) > 1 and self._is_full:
                self._kept.popitem(last=False)
            return found

    @property
    def _is_full(self) -> bool:
        return len(self._kept) > self._most or sum(self._size(*one) for one in self._kept.items()) > self._space
