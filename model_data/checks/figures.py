"""Rules that every figure keeps by itself: a value or a note, a range around it, a unit that fits, a legal sign."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from model_data.checks.draft import Draft
from model_data.problems import Problem, Rule, Said
from model_data.units import CALENDAR_YEAR, DIMENSIONLESS, UnitError, factor

NO_NOTE = Rule(
    "no_note",
    "the value is blank and no note says why",
    "数值为空且没有备注说明",
    "Say in the note why nobody has the figure, or fill in the value in {unit}",
    "请在备注中说明缺数原因，或填写数值（{unit}）",
)
OUT_OF_RANGE = Rule(
    "out_of_range",
    "{value} is not between low {low} and high {high}",
    "{value} 不在低值 {low} 与高值 {high} 之间",
    "Make low <= value <= high; exchange low and high if they are the wrong way round",
    "请使 低值 <= 数值 <= 高值；若高低颠倒请对调",
)
WRONG_DIMENSION = Rule(
    "wrong_dimension",
    "{detail}, the unit of this figure",
    "{detail}，后者是该数的单位",
    "Write the value in {right}, or in a unit that converts to it",
    "请以 {right} 或可换算的单位填写",
)
ILLEGAL_SIZE = Rule(
    "illegal_size",
    "{number:g} {unit} is not legal for {what}",
    "{what} 不能为 {number:g} {unit}",
    "Write a number {right}",
    "请写 {right} 的数",
)
ILLEGAL_YEAR = Rule(
    "illegal_year",
    "{number:g} is no year for {what}",
    "{number:g} 不能作为 {what} 的年份",
    "Write a whole year from {first} to {last}; a project that cannot start by then is outside",
    "请写 {first} 至 {last} 的整年；届时不能开工的项目应列为 outside",
)

# Legal interval in canonical units: low end, high end, whether the ends themselves are legal; how it reads.
Bound = tuple[float, float, bool, str]
_INFINITE = float("inf")
NOT_NEGATIVE: Bound = (0.0, _INFINITE, True, ">= 0")
POSITIVE: Bound = (0.0, _INFINITE, False, "> 0")
SHARE: Bound = (0.0, 1.0, True, "0 … 1 (0 % … 100 %)")
CHANGE: Bound = (-1.0, 1.0, False, "-1 … 1 (-100 % … 100 %)")
TOTAL_CHANGE: Bound = (-1.0, 100.0, True, ">= -1 (-100 %)")

_BY_PARAMETER: Mapping[str, Mapping[str, Bound]] = {
    "activity_figures": {
        "utilisation": POSITIVE,
        "output_growth": CHANGE,
        "capacity_growth": CHANGE,
        **dict.fromkeys(
            (
                "base_capacity",
                "base_output",
                "utilisation_floor",
                "retirement",
                "output_step",
                "capacity_step",
                "capacity_limit",
                "build_limit",
            ),
            NOT_NEGATIVE,
        ),
    },
    "flow_figures": {
        "loss": SHARE,
        **dict.fromkeys(("buy_limit", "sell_limit", "initial_stock", "stock_limit", "final_stock"), NOT_NEGATIVE),
    },
    "background": {"growth": CHANGE},
    "project_figures": {"size": POSITIVE},
    "budget_figures": {"limit": NOT_NEGATIVE, "base": NOT_NEGATIVE, "growth": CHANGE, "share": SHARE},
}
_BY_TABLE: Mapping[str, Bound] = {
    "trends": CHANGE,
    "spending_profiles": SHARE,
    "hosts": NOT_NEGATIVE,
    "indices": POSITIVE,
}


def values_or_notes(draft: Draft) -> Iterator[Problem]:
    """A figure that nobody has says so in its note."""
    for name in draft.figure_tables:
        for row in draft.rows(name):
            if row.value != row.value and not row.note:
                yield NO_NOTE.at(name, row.Index, "value", unit=row.unit)


def ranges(draft: Draft) -> Iterator[Problem]:
    """low <= value <= high, as far as they are stated."""
    for table in draft.figure_tables:
        for row in draft.rows(table):
            stated = [number for number in (row.low, row.value, row.high) if number == number]
            if stated != sorted(stated):
                shown = {name: _shown(getattr(row, name)) for name in ("value", "low", "high")}
                yield OUT_OF_RANGE.at(table, row.Index, "value", **shown)
    for row in draft.rows("plausibility"):
        if row.low > row.high:
            yield OUT_OF_RANGE.at("plausibility", row.Index, "low", value=row.low, low=row.low, high=row.high)


def _shown(number: float) -> str:
    return "—" if number != number else f"{number:g}"


def dimensions(draft: Draft) -> Iterator[Problem]:
    """The unit of a figure measures what the tables around it imply."""
    for name in draft.figure_tables:
        for row, target in zip(draft.rows(name), draft.canonical(name), strict=True):
            if target is None:
                continue
            try:
                factor(row.unit, target)
            except UnitError as error:
                right = Said("% or 1", "% 或 1") if target == DIMENSIONLESS else target
                yield WRONG_DIMENSION.at(name, row.Index, "unit", detail=error, right=right)


def sizes(draft: Draft) -> Iterator[Problem]:
    """Capacities, limits and sizes are not negative, shares are shares, rates lie between -100 % and 100 %."""
    for name in draft.figure_tables:
        for row, scale in draft.with_scale(name):
            yield from _size(draft, name, row, scale)
    for row in draft.rows("base_totals") if "base_totals" in draft.figure_tables else ():
        if not 0 <= row.tolerance <= 1:
            values = {"number": row.tolerance, "unit": "", "what": "tolerance", "right": SHARE[3]}
            yield ILLEGAL_SIZE.at("base_totals", row.Index, "tolerance", **values)


def _size(draft: Draft, table: str, row: Any, scale: float) -> Iterator[Problem]:
    what, bound = _bound(draft, table, row)
    if bound is None or scale != scale:
        return
    for column in ("value", "low", "high"):
        number = getattr(row, column)
        if number == number and not _inside(number * scale, bound):
            values = {"number": number, "unit": row.unit, "what": what, "right": bound[3]}
            yield ILLEGAL_SIZE.at(table, row.Index, column, **values)


def _inside(number: float, bound: Bound) -> bool:
    low, high, closed, _ = bound
    return low <= number <= high if closed else low < number < high


def _bound(draft: Draft, table: str, row: Any) -> tuple[str, Bound | None]:
    if table in ("amounts", "project_amounts"):
        # What adds to an account may be negative: an abatement measure takes away.
        return f"{row.direction} {row.flow}", (NOT_NEGATIVE if row.direction in ("uses", "gives") else None)
    if table == "indicator_figures":
        indicator = draft.by_name("indicators").get(row.indicator)
        kind = indicator.kind if indicator and row.parameter == "target" and indicator.quantity else ""
        return row.indicator, {
            "growth": CHANGE,
            "ratio_growth": CHANGE,
            "level_change": TOTAL_CHANGE,
            "ratio_change": TOTAL_CHANGE,
        }.get(kind)
    if table in _BY_PARAMETER:
        return row.parameter, _BY_PARAMETER[table].get(row.parameter)
    return table, _BY_TABLE.get(table)


def calendar_years(draft: Draft) -> Iterator[Problem]:
    """Years given as values are whole and lie within the horizon."""
    if draft.settings is None:
        return
    first, last = draft.settings.base_year, draft.settings.years[-1]
    for name in {"activity_figures", "project_figures"} & set(draft.figure_tables):
        for row, value in draft.scaled(name):
            if row.unit == CALENDAR_YEAR and not (first <= value <= last and value == int(value)):
                what = row.parameter
                yield ILLEGAL_YEAR.at(name, row.Index, "value", number=value, what=what, first=first, last=last)
