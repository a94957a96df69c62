"""The published plan against the optimum, in words."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd

from optimizer.diagnosis.changes import YEAR as YEAR_UNIT
from optimizer.frames import records
from optimizer.publication import Published
from optimizer.words.headline import title
from optimizer.words.language import Language, Text
from optimizer.words.names import NOTHING, Names, amount, number, percent, precise, with_unit
from optimizer.words.objective import objective_unit
from optimizer.words.report import Report
from optimizer.words.section import Section, figure_columns, text_columns

OPTIMUM = Text(
    "不含规划另定事项的最优方案：{optimum}；最接近规划原文的可行方案：{nearest}，低{loss}。",
    "The best plan without the decisions that only the published plan makes: {optimum}; the feasible plan nearest to "
    "it: {nearest}, {loss} less.",
)
KEPT = Text("规划原文可以全部实现。", "The plan can be carried out as published.")
VIOLATED = Text(
    "各项目按规划建设时，至少要违反什么", "What is violated at least where every project is built as published"
)
VIOLATED_REMARK = Text(
    "各项相对变动之和最小；预算按年计。", "With the least sum of relative changes; budgets year by year."
)
BLOCKED = Text(
    "无论放宽什么，下列项目不能同时按规划建设：{names}。",
    "Whatever gives way, these cannot be built together: {names}.",
)
GIVEN_UP = Text("最接近规划、又不超预算的方案放弃什么", "What the nearest plan within the budgets gives up")
GIVEN_UP_REMARK = Text(
    "指标按相对变动计，项目放弃按整个计。", "Targets count by their relative change, a project given up as a whole."
)
DECISIONS = Text(
    "规划的各项决定及其代价 (目标函数，{unit})", "Each published decision and what it costs (objective in {unit})"
)
WHAT, YEAR = Text("事项", "What"), Text("年份", "Year")
PUBLISHED, NEEDED, CHANGE = Text("规划", "Published"), Text("改为", "Becomes"), Text("变动", "Change")
NEAREST, BEST = Text("最接近方案", "Nearest plan"), Text("最优方案", "Optimum")
COST, GAIN = (
    Text("单独加于最优方案的代价", "Cost, alone on the optimum"),
    Text("从最接近方案中取消的得益", "Gain, released"),
)
IMPOSSIBLE, DROPPED = Text("无方案", "no plan"), Text("不按此年建设", "not in that year")
DECISIONS_REMARK = Text(
    "代价：只把这一项加到最优方案上；得益：只从最接近规划的方案中取消这一项。各项争用同样的资金，不能相加。",
    "Cost: this decision alone is imposed on the optimum. Gain: it alone is released from the nearest plan. They "
    "share the same money and do not add up.",
)
MORE = Text("未列出的另有{count}项：两者皆为零。", " {count} more decisions cost nothing either way.")
TABLES = {"indicator": "indicators", "budget": "budgets", "project": "projects"}
# In units of the objective: less is the rounding of a repaired plan.
_NOTHING = 1e-3


def published_report(found: Published, language: Language, *, everything: bool = False) -> Report:
    """With ``everything`` decisions that cost nothing are shown, too."""
    instance = found.nearest.instance
    names = Names(instance.plan, language)
    unit = objective_unit(instance.scenario.objective[-1], names)
    best, nearest = (answer.objective or 0.0 for answer in (found.optimum, found.nearest))
    values = {"optimum": best, "nearest": nearest, "loss": abs(best - nearest)}
    lines = [OPTIMUM.say(language, **{name: with_unit(precise(value), unit) for name, value in values.items()})]
    if found.given_up.empty:
        lines.append(KEPT.say(language))
    sections = (
        _changes(found.violations, VIOLATED, VIOLATED_REMARK, names) or _blocked(found, names),
        _changes(found.given_up, GIVEN_UP, GIVEN_UP_REMARK, names),
        _decisions(found.decisions, names, unit, everything),
    )
    told = tuple(section for section in sections if section is not None)
    return Report(title(found.instance, language), "", tuple(lines), told, ())


def _blocked(found: Published, names: Names) -> Section | None:
    if not found.blocked:
        return None
    told = ", ".join(names.of("projects", str(name)) for _, name in found.blocked)
    return Section(VIOLATED.say(names.language), remark=BLOCKED.say(names.language, names=told))


def _changes(rows: pd.DataFrame, heading: Text, remark: Text, names: Names) -> Section | None:
    if rows.empty:
        return None
    language = names.language
    columns = (*text_columns(language, WHAT, YEAR), *figure_columns(language, PUBLISHED, NEEDED, CHANGE))
    cells = tuple(
        (
            names.of(TABLES[row.kind], row.name),
            "" if pd.isna(row.year) else str(row.year),
            _figure(row.before, row.unit),
            DROPPED.say(language) if math.isnan(row.after) else _figure(row.after, row.unit),
            "" if row.kind == "project" else percent(row.size),
        )
        for row in records(rows)
    )
    return Section(heading.say(language), columns, cells, remark.say(language))


def _figure(value: float, unit: str) -> str:
    """A year stands without thousands and without its unit."""
    if unit != YEAR_UNIT:
        return amount(value, unit)
    return NOTHING if math.isnan(value) else f"{value:.0f}"


def _decisions(table: pd.DataFrame, names: Names, unit: str, everything: bool) -> Section:
    language = names.language
    rows = records(table)
    shown = [row for row in rows if everything or row.cost > _NOTHING or not row.gain <= _NOTHING]
    columns = (*text_columns(language, WHAT), *figure_columns(language, PUBLISHED, NEAREST, BEST, COST, GAIN))
    cells = tuple(_decision(row, names) for row in shown)
    remark, more = DECISIONS_REMARK.say(language), len(rows) - len(shown)
    remark += MORE.say(language, count=more) if more else ""
    return Section(DECISIONS.say(language, unit=unit), columns if cells else (), cells, remark)


def _decision(row: Any, names: Names) -> tuple[str, ...]:
    return (
        names.of(TABLES[row.kind], row.name),
        *(_figure(value, row.unit) for value in (row.published, row.nearest, row.optimum)),
        IMPOSSIBLE.say(names.language) if math.isinf(row.cost) else _worth(row.cost),
        _worth(row.gain),
    )


def _worth(value: float) -> str:
    return "0" if abs(value) < _NOTHING else number(value)
