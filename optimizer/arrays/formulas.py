"""How numbers of a program follow from the figures of an instance: written down once, reckoned for every instance."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from optimizer.keys import Integers, Vector

Values = Mapping[str, Vector]  # of every figure by name


class Formula(ABC):
    """A column of numbers."""

    @abstractmethod
    def of(self, figures: Values) -> Vector:
        """The numbers; whoever asks does not change them."""


@dataclass(frozen=True, eq=False)
class Fixed(Formula):
    """One number, whatever the figures are."""

    value: float
    size: int

    def of(self, figures: Values) -> Vector:  # noqa: ARG002  # the same for all
        return np.full(self.size, self.value)


@dataclass(frozen=True, eq=False)
class Taken(Formula):
    """A figure at the positions of its keys."""

    figure: str
    positions: Integers

    def of(self, figures: Values) -> Vector:
        return figures[self.figure][self.positions]


@dataclass(frozen=True, eq=False)
class Spread(Formula):
    """Numbers of outer rows for each row of a loop."""

    formula: Formula
    owner: Integers

    def of(self, figures: Values) -> Vector:
        return self.formula.of(figures)[self.owner]


@dataclass(frozen=True, eq=False)
class Summed(Formula):
    """Numbers of a loop's rows added up for the outer ones."""

    formula: Formula
    owner: Integers
    size: int

    def of(self, figures: Values) -> Vector:
        return np.bincount(self.owner, self.formula.of(figures), self.size).astype(float)


@dataclass(frozen=True, eq=False)
class Combined(Formula):
    """Two columns added (+) or multiplied (*)."""

    operation: str
    left: Formula
    right: Formula

    def of(self, figures: Values) -> Vector:
        left = self.left.of(figures)
        right = self.right.value if isinstance(self.right, Fixed) else self.right.of(figures)
        return left + right if self.operation == "+" else left * right


@dataclass(frozen=True, eq=False)
class Total(Formula):
    """Columns added up, one after the other; nothing where there are none."""

    parts: tuple[Formula, ...]
    size: int

    def of(self, figures: Values) -> Vector:
        total = np.zeros(self.size)
        for part in self.parts:
            total += part.of(figures)
        return total


def scaled(formula: Formula, by: Formula) -> Formula:
    """The product; a factor of one is left out, and two fixed numbers are one."""
    if isinstance(formula, Fixed) and isinstance(by, Fixed):
        return Fixed(formula.value * by.value, formula.size)
    if isinstance(formula, Fixed) and formula.value == 1.0:
        return by
    return Combined("*", formula, by)
