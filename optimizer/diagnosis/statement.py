"""The number that an indicator states, and what it means in each row that it binds."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from optimizer.program import INFINITY, Vector

# How the limit of a row follows from the number: limit = number × constant; (1 + number) × constant; or compounded.
Form = Literal["proportional", "change", "growth"]
FORMS: dict[str, Form] = {
    "level": "proportional",
    "ratio": "proportional",
    "level_change": "change",
    "ratio_change": "change",
    "growth": "growth",
    "ratio_growth": "growth",
}


@dataclass(frozen=True)
class Number:
    """A stated number and the limits ``asked`` that it sets, one a row; ``elapsed`` are years from the base year.

    Everything is canonical; ``scale`` is one unit of the plan's figure (``unit``) in canonical units. Where the plan
    states another number each year, ``by_year`` is set and the number is the common factor of all of them, which is 1.
    """

    form: Form
    sense: str
    stated: float
    asked: Vector
    elapsed: Vector
    unit: str
    scale: float
    by_year: bool = False

    @property
    def movable(self) -> bool:
        """Whether a larger number means larger limits, so that one number can be found that rows reach."""
        if self.form == "proportional":
            return bool(self.stated != 0.0 and np.all(self.asked / self.stated > 0.0)) or self._is_zero
        return self.stated > -1.0 and bool(np.all(self.asked > 0.0))

    @property
    def _is_zero(self) -> bool:
        return self.form == "proportional" and self.stated == 0.0

    def limits(self, number: float) -> Vector:
        """The limit of each row if this were the number."""
        if self._is_zero:
            return np.full(len(self.asked), number)
        if self.form == "proportional":
            return self.asked * (number / self.stated)
        factor = max(1.0 + number, 0.0) / (1.0 + self.stated)
        power = self.elapsed if self.form == "growth" else np.ones(len(self.asked))
        limits: Vector = self.asked * factor**power
        return limits

    def slopes(self, number: float) -> Vector:
        """How fast each limit grows with the number."""
        if self._is_zero:
            return np.ones(len(self.asked))
        base = self.stated if self.form == "proportional" else 1.0 + self.stated
        if self.form != "growth":
            return self.asked / base
        factor = max(1.0 + number, 0.0) / base
        slopes: Vector = self.asked / base * self.elapsed * factor ** (self.elapsed - 1.0)
        return slopes

    def reached(self, values: Vector) -> Vector:
        """The number that each row's value amounts to."""
        if self._is_zero:
            return values
        relative = values / self.asked
        if self.form == "proportional":
            return self.stated * relative
        power = 1.0 / self.elapsed if self.form == "growth" else np.ones(len(self.asked))
        rates: Vector = (1.0 + self.stated) * np.maximum(relative, 0.0) ** power - 1.0
        return rates

    def common(self, values: Vector, sense: str | None = None) -> float:
        """The most demanding number that every row's value meets."""
        reached = self.reached(values)
        return float(reached.max() if (sense or self.sense) == "<=" else reached.min())

    def size(self, number: float) -> float:
        """The change of the last row's limit relative to what is asked; absolute where nothing is."""
        asked = float(self.asked[-1])
        moved = abs(float(self.limits(number)[-1]) - asked)
        return moved / abs(asked) if asked else moved

    @property
    def steps(self) -> Vector:
        """How far each limit moves for a unit of relative change, to first order."""
        sizes = np.where(self.asked == 0.0, 1.0, np.abs(self.asked))
        steps: Vector = sizes * self.elapsed / self.elapsed[-1] if self.form == "growth" else sizes
        return steps

    def looser(self, number: float, by: float) -> float:
        """The number whose limits are looser by a share of what is asked (for "=" the number itself)."""
        if self.sense == "=" or not np.isfinite(number):
            return number
        away = -1.0 if self.sense == ">=" else 1.0
        return self.common(self.limits(number) + away * by * np.where(self.asked == 0.0, 1.0, np.abs(self.asked)))


@dataclass(frozen=True)
class Statement:
    """An indicator inside the model: its rows, and the columns of numerator and denominator of each."""

    indicator: str
    number: Number
    required: bool
    years: tuple[int, ...]
    rows: tuple[int, ...]
    numerators: tuple[int, ...]
    denominators: tuple[int, ...]  # empty where the indicator is no ratio

    @property
    def linear(self) -> bool:
        """Whether the best number is that of the point with the most slack: no ratio, and no rates of several years."""
        return not self.denominators and (self.number.form != "growth" or len(self.rows) == 1)

    def values(self, x: Vector, sense: str | None = None) -> Vector:
        """Value of quantity or ratio in each row; without a denominator any ratio counts as reached."""
        numerator: Vector = x[list(self.numerators)]
        if not self.denominators:
            return numerator
        denominator = x[list(self.denominators)]
        nothing = -INFINITY if (sense or self.number.sense) == "<=" else INFINITY
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio: Vector = np.where(denominator > 0.0, numerator / denominator, nothing)
        return ratio

    def part(self, places: list[int]) -> Statement:
        """The same with only the rows at these places."""
        number = replace(self.number, asked=self.number.asked[places], elapsed=self.number.elapsed[places])
        years, rows, numerators, denominators = (
            tuple(entries[k] for k in places if entries)
            for entries in (self.years, self.rows, self.numerators, self.denominators)
        )
        return Statement(self.indicator, number, self.required, years, rows, numerators, denominators)

    def plain(self) -> Statement:
        """The same with the number being the value of quantity or ratio itself."""
        number = replace(self.number, form="proportional", stated=float(self.number.asked[0]), scale=1.0)
        return replace(self, number=number)
