"""What is found in some tables of a plan, kept for the plans that have these very tables.

A plan with other values of some figures shares all its other tables with the plan that it was made from.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TypeVar

from model_data import Plan
from optimizer.latest import Latest

T = TypeVar("T")
_MOST = 4


class Same:
    """Tables that are equal only where they are the same objects; they live as long as this does."""

    def __init__(self, tables: tuple[object, ...]) -> None:
        self.tables, self._ids = tables, tuple(map(id, tables))

    def __hash__(self) -> int:
        return hash(self._ids)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Same) and self._ids == other._ids


def kept_by(*tables: str) -> Callable[[Callable[[Plan], T]], Callable[[Plan], T]]:
    """For functions that read these tables of a plan and nothing else. What they give is shared: nobody changes it."""

    def decorated(find: Callable[[Plan], T]) -> Callable[[Plan], T]:
        latest: Latest[T] = Latest(_MOST)

        @wraps(find)
        def found(plan: Plan) -> T:
            return latest.get(Same(tuple(plan.held(name) for name in tables)), lambda: find(plan))

        return found

    return decorated
