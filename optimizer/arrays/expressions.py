"""What a rule computes with when it is read for all of its indices at once: columns of numbers and of linear terms.

Every column belongs to ``Rows``: one entry a row. A loop of a rule makes inner rows, each of which belongs to a row
outside the loop; where the loop ends, what it has gathered counts as a sum.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from optimizer.arrays.formulas import Combined, Fixed, Formula, Spread, Summed, Total, scaled
from optimizer.keys import Integers, Keys


@dataclass(eq=False)
class Scope:
    """The rows that are looked at now: those of the innermost loop."""

    rows: Rows


@dataclass(eq=False)
class Rows:
    """``size`` rows; row k of a loop belongs to the row ``owner[k]`` of ``outer``; ``loop`` is what it runs over.

    ``found``: what was looked up for these rows, by keys and index.
    """

    size: int
    outer: Rows | None = None
    owner: Integers | None = None
    loop: Any = None
    found: dict[tuple[Any, ...], Integers] = field(default_factory=dict)

    def forget(self) -> None:
        """Ends what would otherwise be circles, which keep the columns of a loop."""
        self.loop = None
        self.found.clear()

    def inside(self, other: Rows) -> bool:
        rows: Rows | None = self
        while rows is not None and rows is not other:
            rows = rows.outer
        return rows is other

    def owners(self, other: Rows) -> Integers | None:
        """The row of ``other`` that each row belongs to; None where both are the same. Raises TypeError."""
        owner, rows = None, self
        while rows is not other:
            if rows.outer is None or rows.owner is None:
                raise TypeError("a loop's variable or sum is used where it has no meaning")
            owner = rows.owner if owner is None else rows.owner[owner]
            rows = rows.outer
        return owner

    def spread(self, column: Integers, other: Rows) -> Integers:
        """A column of ``other`` repeated for these rows."""
        owner = self.owners(other)
        return column if owner is None else column[owner]

    def repeated(self, formula: Formula, other: Rows) -> Formula:
        """Numbers of ``other`` repeated for these rows."""
        owner = self.owners(other)
        return formula if owner is None else Spread(formula, owner)

    def summed(self, formula: Formula, other: Rows) -> Formula:
        """Numbers of these rows added up for the rows of ``other``."""
        owner = self.owners(other)
        return formula if owner is None else Summed(formula, owner, other.size)


@dataclass(frozen=True, eq=False)
class Part:
    """One part of an index in every row: a part of the keys that the rows go through."""

    rows: Rows
    keys: Keys
    place: int

    @property
    def numbers(self) -> Integers:
        """The numbers of names or years."""
        return self.keys.columns[self.place]


def parts_of(rows: Rows, keys: Keys) -> tuple[Part, ...]:
    """All parts of the keys that the rows go through."""
    return tuple(Part(rows, keys, place) for place in range(keys.width))


class _Algebra:
    """What figures and linear terms have in common: everything follows from plus, times a figure, and comparison."""

    scope: Scope

    def plus(self, other: Any) -> Any:
        raise NotImplementedError

    def times(self, other: Any) -> Any:
        raise NotImplementedError

    def __add__(self, other: Any) -> Any:
        return self.plus(other)

    def __radd__(self, other: Any) -> Any:
        return self.plus(other)

    def __neg__(self) -> Any:
        return self.times(-1.0)

    def __sub__(self, other: Any) -> Any:
        return self.plus(-other)

    def __rsub__(self, other: Any) -> Any:
        return (-self).plus(other)

    def __mul__(self, other: Any) -> Any:
        return self.times(other)

    def __rmul__(self, other: Any) -> Any:
        return self.times(other)

    def __le__(self, other: Any) -> Relation:
        return Relation(self.linear, linear(other, self.scope), equality=False)

    def __ge__(self, other: Any) -> Relation:
        return Relation(linear(other, self.scope), self.linear, equality=False)

    def __eq__(self, other: object) -> Relation:  # type: ignore[override]  # an equation, as in Pyomo
        return Relation(self.linear, linear(other, self.scope), equality=True)

    __hash__ = None  # type: ignore[assignment]  # what is compared by equations has no hash

    @property
    def linear(self) -> Linear:
        raise NotImplementedError


class Number(_Algebra):
    """A column of figures, or of what is reckoned from them."""

    def __init__(self, scope: Scope, rows: Rows, values: Formula) -> None:
        self.scope, self.rows, self.values = scope, rows, values

    def plus(self, other: Any) -> Any:
        if isinstance(other, Linear):
            return self.linear.plus(other)
        return self._with(other, "+")

    def times(self, other: Any) -> Any:
        return other.times(self) if isinstance(other, Linear) else self._with(other, "*")

    def _with(self, other: Any, operation: str) -> Number:
        own = self.settled()
        if not isinstance(other, Number):
            return Number(self.scope, own.rows, Combined(operation, own.values, Fixed(float(other), own.rows.size)))
        given = other.settled()
        rows = own.rows if own.rows.inside(given.rows) else given.rows
        left, right = rows.repeated(own.values, own.rows), rows.repeated(given.values, given.rows)
        return Number(self.scope, rows, Combined(operation, left, right))

    def settled(self) -> Number:
        """Added up, where the loop that gave it has ended."""
        now = self.scope.rows
        if self.rows is now or not self.rows.inside(now):
            return self
        return Number(self.scope, now, self.rows.summed(self.values, now))

    @property
    def linear(self) -> Linear:
        settled = self.settled()
        return Linear(self.scope, (), ((settled.rows, settled.values),))


@dataclass(frozen=True, eq=False)
class Terms:
    """One term a row: a column of the program, and its coefficient."""

    rows: Rows
    columns: Integers
    coefficients: Formula


class Linear(_Algebra):
    """Terms and constants, each on rows of its own; all that belong to one row are added up."""

    def __init__(
        self, scope: Scope, terms: tuple[Terms, ...], constants: tuple[tuple[Rows, Formula], ...] = ()
    ) -> None:
        self.scope, self.terms, self.constants = scope, terms, constants

    def plus(self, other: Any) -> Linear:
        other = linear(other, self.scope)
        return Linear(self.scope, (*self.terms, *other.terms), (*self.constants, *other.constants))

    def times(self, other: Any) -> Linear:
        if isinstance(other, Linear):
            raise TypeError("a product of variables is not linear")
        number = linear_factor(other, self.scope)
        terms = (
            Terms(t.rows, t.columns, scaled(t.coefficients, t.rows.repeated(number.values, number.rows)))
            for t in self.terms
        )
        constants = ((rows, scaled(own, rows.repeated(number.values, number.rows))) for rows, own in self.constants)
        return Linear(self.scope, tuple(terms), tuple(constants))

    @property
    def linear(self) -> Linear:
        return self

    def constant(self, rows: Rows) -> Total:
        """The constants, added up for each of the rows."""
        parts = (
            inner.summed(values, rows) if inner.inside(rows) else rows.repeated(values, inner)
            for inner, values in self.constants
        )
        return Total(tuple(parts), rows.size)

    def entries(self, rows: Rows) -> list[tuple[Integers, Integers, Formula]]:
        """Row, column and coefficient of the terms, those with a coefficient of zero included; one part a term."""
        owners = (term.rows.owners(rows) for term in self.terms)
        return [
            (np.arange(rows.size, dtype=np.int32) if owner is None else owner, term.columns, term.coefficients)
            for owner, term in zip(owners, self.terms, strict=True)
        ]


def linear(value: Any, scope: Scope) -> Linear:
    """A linear expression, a figure or a plain number as linear expression."""
    if isinstance(value, Linear):
        return value
    if isinstance(value, int) and value == 0:  # where every sum begins
        return Linear(scope, ())
    return linear_factor(value, scope).linear


def linear_factor(value: Any, scope: Scope) -> Number:
    """A figure or a plain number as figure."""
    if isinstance(value, Number):
        return value.settled()
    return Number(scope, scope.rows, Fixed(float(value), scope.rows.size))


@dataclass(frozen=True, eq=False)
class Relation:
    """left = right, or left <= right."""

    left: Linear
    right: Linear
    equality: bool = field(kw_only=True)
