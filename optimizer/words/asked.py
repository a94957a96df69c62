"""How the plan states an indicator: its unit, and the change or the current money behind the figure that is held."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any, Self

import pandas as pd

from model_data import Plan
from optimizer.derived import kept_by
from optimizer.frames import records
from optimizer.instance import Instance
from optimizer.scenario import IndicatorSetting
from optimizer.words.language import Text
from optimizer.words.names import Names, amount, ratio_unit, reading_unit

CHANGE = Text("比{base}年{change}", "{change} on {base}")
YEARLY = Text("年均{change}", "{change} a year")
CURRENT = Text("当年价{stated}", "{stated} in money of the year")
_CHANGES = {"level_change": CHANGE, "ratio_change": CHANGE, "growth": YEARLY, "ratio_growth": YEARLY}


class Asked:
    """Units and remarks of the indicators of a plan whose figures are those that were solved.

    ``settings``: what the scenario changes of them; ``last_year``: whose limits hold in later years.
    """

    def __init__(self, plan: Plan, settings: Mapping[str, IndicatorSetting], last_year: int, names: Names) -> None:
        self._plan, self._settings, self._last_year, self._names = plan, settings, last_year, names

    @classmethod
    def of(cls, instance: Instance, names: Names) -> Self:
        return cls(instance.plan, instance.scenario.indicators, instance.horizon.years[-1], names)

    @cached_property
    def _rows(self) -> Mapping[str, Any]:
        return _rows(self._plan)

    @cached_property
    def _figures(self) -> Mapping[tuple[str, str], list[Any]]:
        """Figures by (indicator, parameter)."""
        return _figures(self._plan)

    @cached_property
    def _units(self) -> dict[str, tuple[str, float]]:
        return _units(self._plan)

    def unit(self, indicator: str) -> tuple[str, float]:
        """The unit in which a reader sees the indicator, and what one canonical unit is in it.

        That of the plan's own target or base where it measures the same (a change in % does not).
        """
        if indicator not in self._units:
            self._units[indicator] = self._unit(indicator)
        return self._units[indicator]

    def _unit(self, indicator: str) -> tuple[str, float]:
        row = self._rows[indicator]
        unit = self._names.unit("quantities", row.quantity)
        canonical = ratio_unit(unit, self._names.unit("quantities", row.denominator)) if row.denominator else unit
        kinds = ("target", "base") if row.kind not in _CHANGES else ("base",)
        stated = [figure.unit for kind in kinds for figure in self._figures.get((indicator, kind), [])]
        return reading_unit(canonical, stated)

    def remark(self, indicator: str, year: int) -> str:
        """−25% on 2005; 75 亿元 in money of the year; blank where the held figure is the stated one."""
        row, setting = self._rows[indicator], self._settings.get(indicator)
        figure = self._figure(indicator, min(year, self._last_year))
        if figure is None:
            return ""
        value = float(figure.value) if setting is None or setting.target is None else setting.target
        stated = amount(value, figure.unit)
        if row.kind in _CHANGES:
            change = stated if value < 0 else f"+{stated}"
            return _CHANGES[row.kind].say(self._names.language, base=self._plan.settings.base_year, change=change)
        deflated = row.deflator or (setting and setting.deflator)
        return CURRENT.say(self._names.language, stated=stated) if deflated else ""

    def _figure(self, indicator: str, year: int) -> Any:
        """The target figure of the year, else the one without year."""
        rows = self._figures.get((indicator, "target"), [])
        by_year = {0 if row.year is pd.NA else int(row.year): row for row in rows}
        return by_year.get(year, by_year.get(0))


@kept_by("indicators")
def _rows(plan: Plan) -> Mapping[str, Any]:
    return {row.indicator: row for row in records(plan.table("indicators"))}


@kept_by("indicator_figures")
def _figures(plan: Plan) -> Mapping[tuple[str, str], list[Any]]:
    found: dict[tuple[str, str], list[Any]] = {}
    for row in records(plan.table("indicator_figures")):
        found.setdefault((row.indicator, row.parameter), []).append(row)
    return found


@kept_by("indicators", "indicator_figures", "quantities")
def _units(plan: Plan) -> dict[str, tuple[str, float]]:  # noqa: ARG001 - filled where an indicator is asked for
    return {}
