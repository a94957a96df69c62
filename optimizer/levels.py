"""The point of an answer as columns of numbers: what each variable is at, what each form comes to.

What depends on the structure only is kept by shape (see ``optimizer.shape``), as answers of one shape are many.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property, wraps
from typing import TypeVar

import numpy as np

from optimizer.derived import Same
from optimizer.forms import INDEX_COLUMNS, variable_labels
from optimizer.instance import Instance
from optimizer.keys import Integers, Vector
from optimizer.labels import Label, numbers_of
from optimizer.latest import ENTRIES, SHAPES, Latest
from optimizer.shape import Shape

T = TypeVar("T")


class Levels:
    """``of[kind]``: the variables of a kind in the order of their index, at the point ``x`` of a program's columns.

    What the program does not have counts 0; so does everything where there is no point.
    """

    def __init__(self, instance: Instance, columns: Sequence[Label], x: Vector | None) -> None:
        self._forms = instance.forms
        places = _PLACES.get(Same((instance.shape, columns)), lambda: _places(instance.shape, columns))
        known = np.append(np.zeros(len(columns)) if x is None else x, 0.0)
        self.of: dict[str, Vector] = {kind: known[place] for kind, place in places.items()}

    @cached_property
    def forms(self) -> Vector:
        """What every form comes to, by its number."""
        found = self._forms.constant.copy()
        for kind, entries in self._forms.entries.items():
            amounts = entries.amount * self.of[kind][entries.variable]
            found += np.bincount(entries.form, amounts, len(found))
        return found


_PLACES: Latest[Mapping[str, Integers]] = Latest(SHAPES, lambda key, _: len(key.tables[0].terms), ENTRIES)
_ABSENT = -1  # the place of the 0 after the last column


def _places(shape: Shape, columns: Sequence[Label]) -> Mapping[str, Integers]:
    """Which column each variable of a kind is."""
    number = numbers_of(columns)
    return {
        kind: np.array(
            [number.get(label, _ABSENT) for label in variable_labels(kind, shape.variables[kind])], dtype=np.int64
        )
        for kind in INDEX_COLUMNS
    }


def kept_by_shape(find: Callable[[Instance], T]) -> Callable[[Instance], T]:
    """For functions that read nothing of an instance but what its shape decides, names and units among it.

    What they give is shared: nobody changes it.
    """
    latest: Latest[T] = Latest(SHAPES, lambda shape, _: len(shape.terms), ENTRIES)

    @wraps(find)
    def found(instance: Instance) -> T:
        return latest.get(instance.shape, lambda: find(instance))

    return found
