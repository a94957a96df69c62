"""What a scenario may say of a plan: names that exist, years of the plan, targets that can be decided."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator
from typing import TYPE_CHECKING, Any

import pandas as pd

from model_data import Plan
from optimizer.derived import kept_by
from optimizer.frames import read
from optimizer.questions import Problem, problem, unknown_name
from optimizer.words.language import Text

if TYPE_CHECKING:  # scenarios are checked when they are loaded
    from optimizer.scenario import IndicatorSetting, Scenario, Years

QUANTITY, INDICATOR = Text("量", "quantity"), Text("指标", "indicator")
PROJECT, BUDGET = Text("项目", "project"), Text("预算", "budget")
SWITCH, OPTION = Text("开关", "switch"), Text("选项", "option")
DEFLATOR = Text("价格指数", "deflator")
Where = tuple[str | int, ...]


def problems_of(plan: Plan, scenario: Scenario) -> list[Problem]:
    """Every problem of a scenario that is legal by itself."""
    return [
        *_names(plan, scenario),
        *_pointless(scenario),
        *_years(plan, scenario),
        *_way(plan, scenario),
        *_undecidable(plan, scenario),
    ]


def _names(plan: Plan, scenario: Scenario) -> Iterator[Problem]:
    """Names that the plan does not have."""
    known = {
        table: read(plan, table).distinct(key)
        for table, key in (
            ("quantities", "quantity"),
            ("indicators", "indicator"),
            ("projects", "project"),
            ("budgets", "budget"),
            ("index_names", "index"),
            ("switches", "switch"),
        )
    }
    for number, stage in enumerate(scenario.objective):
        for place, term in enumerate(stage.terms):
            where: Where = "objective", number, "terms", place, "quantity"
            yield from _unknown(where, QUANTITY, [term.quantity], known["quantities"])
    yield from _unknown(("indicators",), INDICATOR, scenario.indicators, known["indicators"])
    yield from _unknown(("projects",), PROJECT, scenario.projects, known["projects"])
    yield from _unknown(("budgets",), BUDGET, scenario.budgets, known["budgets"])
    yield from _unknown(("switches",), SWITCH, scenario.switches, known["switches"])
    yield from _options(plan, scenario)
    for name, setting in scenario.indicators.items():
        if setting.deflator:
            where = "indicators", name, "deflator"
            yield from _unknown(where, DEFLATOR, [setting.deflator], known["index_names"])


def _unknown(where: Where, what: Text, names: Iterable[str], known: frozenset[str]) -> Iterator[Problem]:
    """Where the names are keys, the place of each is its key."""
    for name in names:
        if name not in known:
            own = (*where, name) if isinstance(names, dict) else where
            yield unknown_name(*own, what=what, name=name, known=sorted(known))


def _options(plan: Plan, scenario: Scenario) -> Iterator[Problem]:
    options: dict[str, set[str]] = {}
    for switch, option in _rows(plan, "switches", "switch", "option"):
        options.setdefault(switch, set()).add(option)
    for name, option in scenario.switches.items():
        yield from _unknown(("switches", name), OPTION, [option], frozenset(options.get(name, (option,))))


def _years(plan: Plan, scenario: Scenario) -> Iterator[Problem]:
    """Years outside the plan."""
    first, last = plan.settings.first_year, plan.settings.last_year
    stated: list[tuple[Where, Years | tuple[int, ...] | None]] = [
        (("objective", number, "terms", place, "years"), term.years)
        for number, stage in enumerate(scenario.objective)
        for place, term in enumerate(stage.terms)
    ]
    stated += [(("indicators", name, "years"), setting.years) for name, setting in scenario.indicators.items()]
    stated += [(("budgets", name, "by_year"), tuple(setting.by_year)) for name, setting in scenario.budgets.items()]
    for where, years in stated:
        yield from (
            _outside(where, y, first, last) for y in years or () if isinstance(y, int) and not first <= y <= last
        )
    end = last + plan.settings.closing_years
    for name, setting in scenario.projects.items():
        year = setting.committed_year
        if year is not None and not first <= year <= end:
            yield _outside(("projects", name, "committed_year"), year, first, end)


def _outside(where: Where, year: int, first: int, last: int) -> Problem:
    return problem(*where, zh=f"{year}年不在{first}–{last}年之内", en=f"year {year} is outside {first}-{last}")


def _pointless(scenario: Scenario) -> Iterator[Problem]:
    """Stages of the objective that count nothing."""
    for number, stage in enumerate(scenario.objective):
        if not any(term.weight for term in stage.terms):
            yield problem(
                "objective",
                number,
                zh="各项权重都是0，什么也不计；请至少给出一个不为0的权重",
                en="every weight is 0, so it counts nothing; give at least one weight other than 0",
            )


def _way(plan: Plan, scenario: Scenario) -> Iterator[Problem]:
    """A target year that the foresight does not have, or lacks."""
    first, last, year = plan.settings.first_year, plan.settings.last_year, scenario.target_year
    if scenario.foresight == "single_year" and not first <= (year or 0) <= last:
        yield problem(
            "target_year",
            zh=f"foresight 为 single_year 时须给出{first}–{last}年中的一年",
            en=f"foresight single_year needs a year from {first} to {last}",
        )
    if scenario.foresight != "single_year" and year is not None:
        yield problem(
            "target_year",
            zh="只有 foresight 为 single_year 时才有；请删去",
            en="only foresight single_year has one; leave it out",
        )


def _undecidable(plan: Plan, scenario: Scenario) -> Iterator[Problem]:
    """Settings of indicators that have no quantity, or no target where they would have to bind."""
    targets = _target_years(plan)
    for row in _rows(plan, "indicators", "indicator", "quantity", "standing", "years"):
        indicator, quantity, standing, years = row
        setting = scenario.indicators.get(indicator)
        if setting is None:
            continue
        where = "indicators", indicator
        if not quantity:
            if setting.standing not in (None, "outside") or setting.target is not None:
                yield problem(
                    *where,
                    zh="模型中没有与它对应的量，只能不纳入(outside)",
                    en="the model has no quantity for it, so it stays outside",
                )
        elif setting.target is not None:
            if indicator not in targets:
                yield problem(
                    *where,
                    "target",
                    zh="规划中没有它的目标值，无从确定单位",
                    en="the plan has no figure for it whose unit the target could have",
                )
        elif missing := _without_target(plan, setting, standing, years, targets.get(indicator, frozenset())):
            shown = ", ".join(map(str, missing))
            yield problem(
                *where,
                zh=f"{shown}年没有目标值；请用 target 给出",
                en=f"no target for {shown}; give one with target = ...",
            )


def _rows(plan: Plan, table: str, *columns: str) -> Iterator[tuple[Any, ...]]:
    """Some columns row by row: every question is checked before it is looked up, so this costs next to nothing."""
    return zip(*(read(plan, table).column(column) for column in columns), strict=True)


@kept_by("indicator_figures")
def _target_years(plan: Plan) -> dict[str, set[int]]:
    """Of every indicator with figures of its target the years of those that have a value; 0 stands for every year."""
    years: dict[str, set[int]] = {}
    for name, parameter, year, value in _rows(plan, "indicator_figures", "indicator", "parameter", "year", "value"):
        if parameter == "target":
            own = years.setdefault(name, set())
            if not math.isnan(value):
                own.add(0 if year is pd.NA else year)
    return years


def _without_target(
    plan: Plan, setting: IndicatorSetting, standing: str, years: str, stated: Collection[int]
) -> list[int]:
    """Years in which the indicator would have to bind and has no target."""
    if (setting.standing or standing) not in ("required", "goal"):
        return []
    return [] if 0 in stated else [y for y in _plan_years(plan, setting.years or years) if y not in stated]


def _plan_years(plan: Plan, years: Years | str) -> tuple[int, ...]:
    if years == "each":
        return plan.settings.plan_years
    if years == "last":
        return (plan.settings.last_year,)
    return tuple(int(year) for year in (years.split(";") if isinstance(years, str) else years))
