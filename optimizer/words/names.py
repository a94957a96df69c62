"""Names, clauses and figures as a reader writes them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property

from model_data import Plan
from model_data.schema import TABLE
from model_data.units import DIMENSIONLESS, compatible, factor, quotient
from optimizer.frames import read
from optimizer.words.language import Language

NOTHING = "—"
# Decimals by size: about four digits that count, thousands without decimals.
_DECIMALS = ((1000.0, 0), (100.0, 1), (1.0, 2), (0.001, 4))
_ROUNDING = 1e-9  # relative: a figure this close to a whole number is one
_NOTHING_LEFT = 5e-9  # a figure this small is zero to a reader
_SMALLER_PREFIX = {"亿": "万", "万": ""}


class Names:
    """The plan's names in one language: ``of("activities", key)``; the key itself where the plan has no name."""

    def __init__(self, plan: Plan, language: Language) -> None:
        self.plan, self.language = plan, language
        self._columns: dict[tuple[str, str], Mapping[str, str]] = {}

    def of(self, table: str, key: str) -> str:
        own, other = ("name_zh", "name_en") if self.language is Language.ZH else ("name_en", "name_zh")
        return self._look_up(table, own, key) or self._look_up(table, other, key) or key

    def clause(self, table: str, key: str) -> str:
        """The clause of the plan document; blank where the table has none."""
        return self._look_up(table, "clause", key)

    def unit(self, table: str, key: str) -> str:
        return self._look_up(table, "unit", key)

    def _look_up(self, table: str, column: str, key: str) -> str:
        if (table, column) not in self._columns:
            rows = read(self.plan, table)
            self._columns[table, column] = rows.by(TABLE[table].key[0], column) if column in rows else {}
        return self._columns[table, column].get(key, "")

    @cached_property
    def many_regions(self) -> bool:
        """Whether a region has to be named at all."""
        return len(read(self.plan, "regions").column("region")) > 1

    @property
    def title(self) -> str:
        settings = self.plan.settings
        return settings.name_zh if self.language is Language.ZH else settings.name_en


def number(value: float | None) -> str:
    """A figure as a reader writes it: 12,346; 370.9; 2.10; 0.0540. A dash where there is none."""
    if value is None or math.isnan(value):
        return NOTHING
    if math.isinf(value):
        return "∞" if value > 0 else "-∞"
    size = abs(value)
    if size < _NOTHING_LEFT:
        return "0"
    if not _DECIMALS[-1][0] <= size < 1e15:
        return f"{value:.2e}"
    if abs(value - round(value)) < _ROUNDING * size:
        return f"{value:,.0f}"
    return f"{value:,.{_decimals(size)}f}"


def rounded(value: float, *, up: bool) -> float:
    """The figure as ``number`` writes it, but rounded up or down: for limits on whose one side nothing holds."""
    if not math.isfinite(value) or abs(value) < _DECIMALS[-1][0]:
        return value
    digits = _decimals(abs(value))
    steps = value * 10.0**digits
    whole = math.ceil(steps - _ROUNDING * abs(steps)) if up else math.floor(steps + _ROUNDING * abs(steps))
    return round(whole / 10.0**digits, digits)


def _decimals(size: float) -> int:
    return next((digits for least, digits in _DECIMALS if size >= least), 4)


def row_of_numbers(values: Iterable[float], largest: float | None = None) -> list[str]:
    """Figures that are read together: as many decimals as the largest of them (or of their table) needs."""
    known = list(values)
    digits = _decimals(max((abs(value) for value in known), default=0.0) if largest is None else abs(largest))
    return ["0" if abs(value) < 0.5 * 10.0**-digits else f"{value:,.{digits}f}" for value in known]


def precise(value: float) -> str:
    """Seven digits that count, for the value of an objective."""
    return f"{value:,.7g}"


def percent(share: float) -> str:
    """82.9%, 100%."""
    return f"{100.0 * share:.1f}".removesuffix(".0") + "%"


def signed(value: float) -> str:
    """The same with a sign: a change."""
    text = number(value)
    return text if text in ("0", NOTHING) or value < 0 or math.isinf(value) else f"+{text}"


def amount(value: float | None, unit: str) -> str:
    """A figure with its unit; a percentage right after it, a pure number without a unit."""
    return with_unit(number(value), unit)


def with_unit(text: str, unit: str) -> str:
    """A figure that is already written, with its unit."""
    if unit == DIMENSIONLESS or text == NOTHING:
        return text
    return f"{text}{unit}" if unit in ("%", "‰") else f"{text} {unit}"


def span(years: Sequence[int]) -> str:
    """2006–2008 for consecutive years, else 2006, 2008."""
    if len(years) > 1 and list(years) == list(range(years[0], years[-1] + 1)):
        return f"{years[0]}–{years[-1]}"
    return ", ".join(str(year) for year in years)


def ratio_unit(numerator: str, denominator: str) -> str:
    """The unit of a ratio with large prefixes cancelled: 万tce per 亿元 reads tce/万元."""
    if numerator == denominator:
        return DIMENSIONLESS
    while numerator[0] in _SMALLER_PREFIX and denominator[0] in _SMALLER_PREFIX:
        numerator, denominator = (_SMALLER_PREFIX[unit[0]] + unit[1:] for unit in (numerator, denominator))
    return quotient(numerator, denominator)


def reading_unit(canonical: str, stated: Sequence[str]) -> tuple[str, float]:
    """The first stated unit that measures the same, else the canonical one; and what one canonical unit is in it."""
    for unit in stated:
        if compatible(unit, canonical):
            return unit, factor(canonical, unit)
    return canonical, 1.0
