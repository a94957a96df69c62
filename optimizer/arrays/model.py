"""The declarations of a program as columns, and its equations read from them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from optimizer.arrays.components import FigureReader, Reader, SetReader, SetsReader, VariableReader
from optimizer.arrays.expressions import Linear, Part, Relation, Rows, linear
from optimizer.declarations.component import Declarations, Domain
from optimizer.equations.equation import Equation
from optimizer.keys import Figures, Integers, Keys, MemberFigures, Members, Vector
from optimizer.program import INFINITY, Label


@dataclass(frozen=True, eq=False)
class Block:
    """The rows of one equation: entries (row within the block, column, coefficient), bounds and keys."""

    name: str
    keys: Keys
    row: Integers
    column: Integers
    coefficient: Vector
    lower: Vector
    upper: Vector


class ArrayModel(Declarations):
    """Stands where a rule expects the Pyomo model; its attributes are the declared sets, figures and variables."""

    def __init__(self) -> None:
        super().__init__()
        self._reader = Reader(self.names)
        self.labels: list[Label] = []
        self._domains: list[tuple[int, Domain]] = []

    def __getattr__(self, name: str) -> Any:
        """Components are attributes by name, which no static type can follow."""
        raise AttributeError(f"nothing is declared as {name!r}")

    # ------------------------------------------------------------------ what declarations add
    def set(self, name: str, members: Iterable[Any] | Keys) -> None:
        keys = members if isinstance(members, Keys) else self.names.keys(members)
        setattr(self, name, SetReader(self._reader, keys))

    def sets(self, name: str, members: Mapping[Any, Iterable[Any]] | Members) -> None:
        held = members if isinstance(members, Members) else self.names.members(members)
        setattr(self, name, SetsReader(self._reader, name, held))

    def figure(self, name: str, values: Mapping[Any, float] | Figures | MemberFigures) -> None:
        figures = self.names.figures(values) if isinstance(values, Mapping) else values
        setattr(self, name, FigureReader(self._reader, name, figures))

    def variable(self, name: str, index: Iterable[Any] | Keys, domain: Domain = Domain.NOT_NEGATIVE) -> None:
        keys = index if isinstance(index, Keys) else self.names.keys(index)
        setattr(self, name, VariableReader(self._reader, name, keys, len(self.labels)))
        self.labels += keys.tuples(name)
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
        none = np.empty(0, dtype=np.int64)
        if not len(keys):
            return Block(equation.name, keys, none, none, np.empty(0), np.empty(0), np.empty(0))
        rows = Rows(len(keys))
        found = self._read(rows, equation.rule, *(Part(rows, column) for column in keys.columns))
        if isinstance(found, Relation):
            return _related(equation.name, keys, rows, found)
        lower, body, upper = found
        return _between(equation.name, keys, rows, *(linear(side, self._reader.scope) for side in (lower, body, upper)))

    def costs(self, rule: Callable[..., Any], *index: Any) -> tuple[Vector, float]:
        """Coefficient of every column, and the constant, of an objective."""
        rows = Rows(1)
        expression = linear(self._read(rows, rule, *index), self._reader.scope)
        _, column, coefficient = expression.entries(rows)
        return np.bincount(column, coefficient, len(self.labels)).astype(float), float(expression.constant(rows)[0])

    def _read(self, rows: Rows, rule: Callable[..., Any], *index: Any) -> Any:
        self._reader.scope.rows = rows
        return rule(self, *index)


def _related(name: str, keys: Keys, rows: Rows, relation: Relation) -> Block:
    """Variables to the left and constants to the right, except where a row's variables are all on the right.

    Terms with a coefficient of zero count in this, as they do for Pyomo.
    """
    left, right = relation.left, relation.right
    row, column, coefficient = left.entries(rows)
    other_row, other_column, other_coefficient = right.entries(rows)
    turned = np.bincount(row, minlength=rows.size) == 0
    row = np.concatenate([row, other_row])
    column = np.concatenate([column, other_column])
    coefficient = np.concatenate([coefficient, -other_coefficient])
    sign = np.where(turned, -1.0, 1.0)
    side = sign * (right.constant(rows) - left.constant(rows)) + 0.0  # one zero, not two
    lower = side if relation.equality else np.where(turned, side, -INFINITY)
    upper = side if relation.equality else np.where(turned, INFINITY, side)
    return _block(name, keys, row, column, coefficient * sign[row], lower, upper)


def _between(name: str, keys: Keys, rows: Rows, lower: Linear, body: Linear, upper: Linear) -> Block:
    """A body between two figures, of which a row has one, or both where they are equal."""
    constant = body.constant(rows)
    least, most = lower.constant(rows) - constant + 0.0, upper.constant(rows) - constant + 0.0
    if np.any(np.isfinite(least) & np.isfinite(most) & (least != most)):
        raise ValueError(f"{name}: a row with two different bounds is two equations")
    return _block(name, keys, *body.entries(rows), least, most)


def _block(
    name: str, keys: Keys, row: Integers, column: Integers, coefficient: Vector, lower: Vector, upper: Vector
) -> Block:
    empty = np.flatnonzero(np.bincount(row, minlength=len(keys)) == 0)
    if len(empty):
        raise ValueError(f"{keys.take(empty[:1]).tuples(name)[0]}: a row without variables")
    return Block(name, keys, row, column, coefficient, lower, upper)
