"""Indicators and budgets of a plan under a scenario, resolved to a number for every year in which they hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from model_data import Plan
from model_data.canonical import budget_units
from model_data.units import factor
from optimizer.derived import Same, kept_by
from optimizer.frames import records
from optimizer.horizon import Horizon
from optimizer.latest import SHAPES, Latest
from optimizer.parameters import Parameters
from optimizer.scenario import BudgetSetting, IndicatorSetting, Scenario, Years


@dataclass(frozen=True)
class Target:
    """One indicator: ``asked[year]`` in the unit of the quantity, or of quantity / denominator where there is one."""

    indicator: str
    quantity: str
    denominator: str
    sense: str
    standing: str
    weight: float
    asked: Mapping[int, float]

    @property
    def has_row(self) -> bool:
        return self.standing in ("required", "goal")


@dataclass(frozen=True)
class Budget:
    """An upper limit on a quantity: by year, over the plan years together, or both."""

    budget: str
    quantity: str
    carry_over: bool
    by_year: Mapping[int, float]
    over_plan: float | None


def resolve_targets(
    plan: Plan, scenario: Scenario, horizon: Horizon, base_values: Mapping[str, float]
) -> tuple[Target, ...]:
    """Every indicator that names a quantity, with the scenario's changes applied.

    ``base_values``: the base-year value of each quantity, used where the plan states no base of its own.
    """
    figures, settings = tuple(base_values.items()), tuple(scenario.indicators.items())
    return _TARGETS.get(
        (Same(tuple(map(plan.held, _TABLES))), horizon, figures, settings),
        lambda: _resolved(plan, scenario.indicators, horizon, base_values),
    )


def _resolved(
    plan: Plan, settings: Mapping[str, IndicatorSetting], horizon: Horizon, base_values: Mapping[str, float]
) -> tuple[Target, ...]:
    rows, figures, scales, indices = _indicators(plan)
    return tuple(
        _target(row, settings.get(row.indicator, _AS_STATED), figures, scales, indices, horizon, base_values)
        for row in rows
    )


# Most questions change no target.
_TARGETS: Latest[tuple[Target, ...]] = Latest(SHAPES)
_TABLES = ("indicators", "indicator_figures", "indices")
_AS_STATED, _AS_BUDGETED = IndicatorSetting(), BudgetSetting()


@kept_by(*_TABLES)
def _indicators(plan: Plan) -> tuple[list[Any], Parameters, dict[str, float], dict[str, dict[int, float]]]:
    """Indicators with a quantity, their figures, the scale of each target, and every price index by year."""
    rows, figures = plan.table("indicators"), Parameters(plan.table("indicator_figures"), "indicator")
    return records(rows[rows["quantity"] != ""]), figures, _target_scales(plan), _indices(plan)


def _target(
    row: Any,
    setting: IndicatorSetting,
    figures: Parameters,
    scales: Mapping[str, float],
    indices: Mapping[str, Mapping[int, float]],
    horizon: Horizon,
    base_values: Mapping[str, float],
) -> Target:
    years = setting.years if setting.years is not None else parse_years(row.years)
    deflators = indices.get(setting.deflator or row.deflator, {})
    base = _base(row, figures, base_values)
    asked: dict[int, float] = {}
    for year in horizon.binding_years(years):
        limit_year = horizon.limit_year(year)
        stated = figures.get(row.indicator, "target", year=limit_year)
        if setting.target is not None:
            stated = setting.target * scales[row.indicator]
        if stated is not None:
            asked[year] = _limit(row.kind, stated, base, limit_year - horizon.base_year) / _at(deflators, limit_year)
    standing = setting.standing or row.standing
    return Target(row.indicator, row.quantity, row.denominator, row.sense, standing, setting.weight, asked)


def _limit(kind: str, stated: float, base: float, elapsed: int) -> float:
    """The number that the quantity (or ratio) is held against."""
    if kind in ("level_change", "ratio_change"):
        return base * (1.0 + stated)
    if kind in ("growth", "ratio_growth"):
        return base * (1.0 + stated) ** elapsed
    return stated


def _base(row: Any, figures: Parameters, base_values: Mapping[str, float]) -> float:
    own = figures.get(row.indicator, "base")
    if own is not None:
        return own
    numerator = base_values[row.quantity]
    if not row.denominator:
        return numerator
    denominator = base_values[row.denominator]
    return numerator / denominator if denominator else float("nan")


def parse_years(text: str) -> Years:
    """``each``, ``last`` or the stated years of a plan table."""
    if text == "each":
        return "each"
    if text == "last":
        return "last"
    return tuple(int(part) for part in text.split(";"))


def _target_scales(plan: Plan) -> dict[str, float]:
    rows = plan.table("indicator_figures")
    rows = rows[rows["parameter"] == "target"]
    return dict(zip(rows["indicator"], rows["scale"].astype(float), strict=True))


def _indices(plan: Plan) -> dict[str, dict[int, float]]:
    """Every price index by year."""
    series: dict[str, dict[int, float]] = {}
    rows = plan.table("indices")
    for row in records(rows[rows["value"].notna()]):
        series.setdefault(row.index, {})[int(row.year)] = float(row.value * row.scale)
    return series


def _at(series: Mapping[int, float], year: int) -> float:
    """The index of the year; beyond its last year it stays where it ended; 1 where there is no index."""
    if not series:
        return 1.0
    return series.get(year, series[max(series)] if year > max(series) else 1.0)


def resolve_budgets(plan: Plan, scenario: Scenario, horizon: Horizon) -> tuple[Budget, ...]:
    """Every budget that limits a quantity, with the scenario's factors; closing years repeat the last planned year."""
    amounts = _Amounts(plan, scenario.budgets, horizon)
    return tuple(
        Budget(
            row.budget,
            row.quantity,
            row.carry_over == "yes",
            {y: v for y in horizon.all if (v := amounts.of_year(row.budget, horizon.limit_year(y))) is not None},
            amounts.over_plan(row.budget),
        )
        for row in amounts.budgets
        if row.quantity
    )


@kept_by("budgets")
def _budgets(plan: Plan) -> list[Any]:
    return records(plan.table("budgets"))


@kept_by("budgets", "budget_figures", "quantities")
def _budget_figures(plan: Plan) -> tuple[Parameters, dict[str, str]]:
    """Figures of the budgets, and the unit of each budget."""
    units = budget_units({name: plan.table(name) for name in ("budgets", "budget_figures", "quantities")})
    return Parameters(plan.table("budget_figures"), "budget"), units


class _Amounts:
    """What budgets amount to, each in its own unit: a share is of a budget that may stand in another one."""

    def __init__(self, plan: Plan, settings: Mapping[str, BudgetSetting], horizon: Horizon) -> None:
        self._settings = settings
        self.budgets = _budgets(plan)
        self._figures, self._units = _budget_figures(plan)
        self._base_year = horizon.base_year
        self._plan_years = plan.settings.plan_years
        self._of = {row.budget: row.of for row in self.budgets}

    def of_year(self, budget: str, year: int) -> float | None:
        """The amount in a year, or None where it states none."""
        total, amount = self._setting(budget).total, self._in_proportion(budget, year)
        if total is None or amount is None:
            return amount
        planned = [self._in_proportion(budget, y) or 0.0 for y in self._plan_years]
        return total * amount / sum(planned) if any(planned) else total / len(planned)

    def _in_proportion(self, budget: str, year: int) -> float | None:
        setting, amount = self._setting(budget), self._stated(budget, year)
        return None if amount is None else amount * setting.factor * setting.by_year.get(year, 1.0)

    def _setting(self, budget: str) -> BudgetSetting:
        return self._settings.get(budget, _AS_BUDGETED)

    def _stated(self, budget: str, year: int) -> float | None:
        stated = self._figures.years(budget, "limit").get(year)
        if stated is not None:
            return stated
        base = self._figures.get(budget, "base")
        if base is not None:
            return base * (1.0 + (self._figures.get(budget, "growth") or 0.0)) ** (year - self._base_year)
        share = self._figures.get(budget, "share", year=year)
        return None if share is None else self._share(budget, share, self.of_year(self._of[budget], year))

    def over_plan(self, budget: str) -> float | None:
        """The limit over all plan years together, stated without a year."""
        stated, share = self._figures.years(budget, "limit").get(0), self._figures.get(budget, "share")
        if stated is None and share is not None:
            stated = self._share(budget, share, self.over_plan(self._of[budget]))
        if stated is None:
            return None
        setting = self._setting(budget)
        return stated * setting.factor if setting.total is None else setting.total

    def _share(self, budget: str, share: float, whole: float | None) -> float | None:
        if whole is None:
            return None
        return share * whole * factor(self._units[self._of[budget]], self._units[budget])
