"""How the plan states an indicator: its unit, and the change or the current money behind the figure that is held."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import pandas as pd

from optimizer.frames import records
from optimizer.instance import Instance
from optimizer.targets import Target
from optimizer.words.language import Text
from optimizer.words.names import Names, amount, ratio_unit, reading_unit

CHANGE = Text("比{base}年{change}", "{change} on {base}")
YEARLY = Text("年均{change}", "{change} a year")
CURRENT = Text("当年价{stated}", "{stated} in money of the year")
_CHANGES = {"level_change": CHANGE, "ratio_change": CHANGE, "growth": YEARLY, "ratio_growth": YEARLY}


class Asked:
    """Units and remarks of the indicators of one instance."""

    def __init__(self, instance: Instance, names: Names) -> None:
        self._instance, self._names = instance, names

    @cached_property
    def _rows(self) -> dict[str, Any]:
        return {row.indicator: row for row in records(self._instance.plan.table("indicators"))}

    @cached_property
    def _figures(self) -> dict[tuple[str, str], list[Any]]:
        """Figures by (indicator, parameter)."""
        found: dict[tuple[str, str], list[Any]] = {}
        for row in records(self._instance.plan.table("indicator_figures")):
            found.setdefault((row.indicator, row.parameter), []).append(row)
        return found

    def unit(self, target: Target) -> tuple[str, float]:
        """The unit in which a reader sees the indicator, and what one canonical unit is in it.

        That of the plan's own target or base where it measures the same (a change in % does not).
        """
        unit = self._names.unit("quantities", target.quantity)
        canonical = ratio_unit(unit, self._names.unit("quantities", target.denominator)) if target.denominator else unit
        kinds = ("target", "base") if self._rows[target.indicator].kind not in _CHANGES else ("base",)
        stated = [row.unit for kind in kinds for row in self._figures.get((target.indicator, kind), [])]
        return reading_unit(canonical, stated)

    def remark(self, target: Target, year: int) -> str:
        """−25% on 2005; 75 亿元 in money of the year; blank where the held figure is the stated one."""
        row, instance = self._rows[target.indicator], self._instance
        setting = instance.scenario.indicators.get(target.indicator)
        figure = self._figure(target.indicator, instance.horizon.limit_year(year))
        if figure is None:
            return ""
        value = float(figure.value) if setting is None or setting.target is None else setting.target
        stated = amount(value, figure.unit)
        if row.kind in _CHANGES:
            change = stated if value < 0 else f"+{stated}"
            return _CHANGES[row.kind].say(self._names.language, base=instance.horizon.base_year, change=change)
        deflated = row.deflator or (setting and setting.deflator)
        return CURRENT.say(self._names.language, stated=stated) if deflated else ""

    def _figure(self, indicator: str, year: int) -> Any:
        """The target figure of the year, else the one without year."""
        rows = self._figures.get((indicator, "target"), [])
        by_year = {0 if row.year is pd.NA else int(row.year): row for row in rows}
        return by_year.get(year, by_year.get(0))
