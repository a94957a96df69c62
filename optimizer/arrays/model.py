"""The declarations of a program as columns, and its equations read from them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from optimizer.arrays.components import FigureReader, Reader, SetReader, SetsReader, VariableReader
from optimizer.arrays.expressions import Linear, Relation, Rows, linear, parts_of
from optimizer.arrays.formulas import Formula, Spread, Values
from optimizer.declarations.component import Declarations, Domain
from optimizer.equations.equation import Equation
from optimizer.keys import Figures, Integers, Keys, Members, Names, Vector, small
from optimizer.program import INFINITY


@dataclass(frozen=True, eq=False)
class Part:
    """Entries of a block: row within the block, column, and the sign and formula of the coefficients."""

    row: Integers
    column: Integers
    sign: float
    formula: Formula


@dataclass(frozen=True, eq=False)
class Block:
    """The rows of one equation; ``bounds`` gives lower and upper bounds from the figures."""

    name: str
    keys: Keys
    parts: list[Part]
    bounds: Callable[[Values], tuple[Vector, Vector]]


class ArrayModel(Declarations):
    """Stands where a rule expects the Pyomo model; its attributes are the declared sets, figures and variables."""

    def __init__(self, names: Names | None = None) -> None:
        super().__init__(names)
        self._reader = Reader(self.names)
        self.width = 0
        self.columns: list[tuple[str, Keys]] = []
        self.numbers: dict[str, Callable[[Any], Vector]] = {}  # of the figures by name
        self.sizes: dict[str, int] = {}
        self._domains: list[tuple[int, Domain]] = []

    def __getattr__(self, name: str) -> Any:
        """Components are attributes by name, which no static type can follow."""
        raise AttributeError(f"nothing is declared as {name!r}")

    # ------------------------------------------------------------------ what declarations add
    def set(self, name: str, members: Iterable[Any] | Keys) -> None:
        keys = members if isinstance(members, Keys) else self.names.keys(members)
        setattr(self, name, SetReader(self._reader, keys))

    def sets(self, name: str, members: Mapping[Any, Iterable[Any]] | Members) -> None:
        if not isinstance(members, Members):
            members = self.names.members(self.names.keys(members), members.values())
        setattr(self, name, SetsReader(self._reader, name, members))

    def figure(self, name: str, values: Mapping[Any, float] | Figures) -> None:
        figures = self.names.figures(values) if isinstance(values, Mapping) else values
        self.numbers[name], self.sizes[name] = figures.numbers, len(figures)
        setattr(self, name, FigureReader(self._reader, name, figures))

    def variable(self, name: str, index: Iterable[Any] | Keys, domain: Domain = Domain.NOT_NEGATIVE) -> None:
        keys = index if isinstance(index, Keys) else self.names.keys(index)
        setattr(self, name, VariableReader(self._reader, name, keys, self.width))
        self.columns.append((name, keys))
        self.width += len(keys)
        self._domains.append((len(keys), domain))

    # ------------------------------------------------------------------ what a program needs
    def bounds(self) -> tuple[Vector, Vector]:
        """Lower and upper bounds of all columns."""
        sides = {Domain.NOT_NEGATIVE: (0.0, INFINITY), Domain.REAL: (-INFINITY, INFINITY), Domain.BINARY: (0.0, 1.0)}
        counts = [count for count, _ in self._domains]
        lower, upper = (np.repeat([sides[domain][side] for _, domain in self._domains], counts) for side in (0, 1))
        return lower, upper

    def integer(self) -> npt.NDArray[np.bool_]:
        counts = [count for count, _ in self._domains]
        return np.repeat([domain is Domain.BINARY for _, domain in self._domains], counts)

    def rows_of(self, equation: Equation) -> Block:
        """The equation for every index of its set. Raises ValueError where a row has no variable."""
        keys: Keys = getattr(self, equation.over).keys
        if not len(keys):
            return Block(equation.name, keys, [], lambda _: (np.empty(0), np.empty(0)))
        rows = Rows(len(keys))
        found = self._read(rows, equation.rule, *parts_of(rows, keys))
        if isinstance(found, Relation):
            return _related(equation.name, keys, rows, found)
        lower, body, upper = found
        return _between(equation.name, keys, rows, *(linear(side, self._reader.scope) for side in (lower, body, upper)))

    def costs(self, rule: Callable[..., Any], *index: Any) -> tuple[list[tuple[Integers, Formula]], Formula]:
        """Columns and coefficients of the terms of an objective, and its constant."""
        rows = Rows(1)
        expression = linear(self._read(rows, rule, *index), self._reader.scope)
        return [(column, formula) for _, column, formula in expression.entries(rows)], expression.constant(rows)

    def _read(self, rows: Rows, rule: Callable[..., Any], *index: Any) -> Any:
        self._reader.scope.rows = rows
        try:
            return rule(self, *index)
        finally:
            rows.forget()


def _related(name: str, keys: Keys, rows: Rows, relation: Relation) -> Block:
    """Variables to the left and constants to the right, except where a row's variables are all on the right.

    Terms with a coefficient of zero count in this, as they do for Pyomo.
    """
    left, right = relation.left, relation.right
    parts = [Part(row, column, 1.0, formula) for row, column, formula in left.entries(rows)]
    turned = np.ones(rows.size, dtype=bool)
    for part in parts:
        turned[part.row] = False
    for row, column, formula in right.entries(rows):
        for side, sign in ((turned[row], 1.0), (~turned[row], -1.0)):
            if side.all():
                parts.append(Part(row, column, sign, formula))
            elif side.any():
                chosen = small(np.flatnonzero(side))
                parts.append(Part(row[chosen], column[chosen], sign, Spread(formula, chosen)))
    to_left, to_right, equality = left.constant(rows), right.constant(rows), relation.equality

    def bounds(figures: Values) -> tuple[Vector, Vector]:
        side = np.where(turned, -1.0, 1.0) * (to_right.of(figures) - to_left.of(figures)) + 0.0  # one zero, not two
        lower = side if equality else np.where(turned, side, -INFINITY)
        upper = side if equality else np.where(turned, INFINITY, side)
        return lower, upper

    return _block(name, keys, parts, bounds)


def _between(name: str, keys: Keys, rows: Rows, lower: Linear, body: Linear, upper: Linear) -> Block:
    """A body between two figures, of which a row has one, or both where they are equal."""
    least, middle, most = (side.constant(rows) for side in (lower, body, upper))

    def bounds(figures: Values) -> tuple[Vector, Vector]:
        constant = middle.of(figures)
        low, high = least.of(figures) - constant + 0.0, most.of(figures) - constant + 0.0
        if np.any(np.isfinite(low) & np.isfinite(high) & (low != high)):
            raise ValueError(f"{name}: a row with two different bounds is two equations")
        return low, high

    parts = [Part(row, column, 1.0, formula) for row, column, formula in body.entries(rows)]
    return _block(name, keys, parts, bounds)


def _block(name: str, keys: Keys, parts: list[Part], bounds: Callable[[Values], tuple[Vector, Vector]]) -> Block:
    filled = np.zeros(len(keys), dtype=bool)
    for part in parts:
        filled[part.row] = True
    if not filled.all():
        raise ValueError(f"{keys.take(np.flatnonzero(~filled)[:1]).tuples(name)[0]}: a row without variables")
    return Block(name, keys, parts, bounds)
