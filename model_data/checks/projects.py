"""Rules of projects, of activities in the base year, and of the closing years."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from model_data.checks.draft import Draft, parts
from model_data.checks.money import CIRCLE, circles
from model_data.problems import Problem, Rule, Said, nearest

INCOMPLETE = Rule(
    "incomplete_project",
    "the project {project} is modelled and has no {what}",
    "项目 {project} 为模型内项目，但没有 {what}",
    "Fill in {right}, or make the project outside with the reason",
    "请填写 {right}，或将项目改为 outside 并说明原因",
)
NEEDS_REASON = Rule(
    "needs_reason",
    "the project {project} is outside without a reason",
    "项目 {project} 在模型外但没有原因",
    "Say in the column reason why {project} is outside",
    "请在 reason 列说明 {project} 为何在模型外",
)
TOO_EARLY = Rule(
    "committed_too_early",
    "{project} is committed for {committed:g}, before its earliest year {earliest:g}",
    "{project} 承诺于 {committed:g} 年投产，早于最早年份 {earliest:g}",
    "Write a committed year of {earliest:g} or later, or an earlier earliest_year",
    "承诺年份应不早于 {earliest:g}，或将 earliest_year 提前",
)
NEVER_MET = Rule(
    "requirement_outside",
    "{project} requires {required}, which is outside the model",
    "{project} 以模型外项目 {required} 为前置",
    "Make {required} modelled, or take it out of requires",
    "请将 {required} 纳入模型，或从 requires 中删去",
)
NO_UTILISATION = Rule(
    "no_utilisation",
    "{activity} has capacity and no utilisation",
    "{activity} 有能力但没有利用率",
    "Add a row with activity {activity} and parameter utilisation",
    "请为 {activity} 增加 parameter 为 utilisation 的行",
)
OVERUSED = Rule(
    "base_output_over_capacity",
    "the base output {output:g} of {activity} is more than utilisation x capacity = {most:g}",
    "{activity} 的基年产出 {output:g} 大于 利用率×能力 = {most:g}",
    "Correct one of base_output (at most {most:g} {unit}), base_capacity, utilisation",
    "请改正 base_output（至多 {most:g} {unit}）、base_capacity 或 utilisation",
)
FLOOR_ABOVE = Rule(
    "floor_above_utilisation",
    "the utilisation floor of {activity} is {floor:g}, above its utilisation {most:g}",
    "{activity} 的利用率下限 {floor:g} 高于利用率 {most:g}",
    "Write a floor of at most {most:g} {unit}",
    "下限应不大于 {most:g} {unit}",
)
SHORT_CLOSING = Rule(
    "short_closing",
    "the longest lead time is {lead} years ({where}) and there are {years} closing years",
    "最长提前期为 {lead} 年（{where}），而延续年数为 {years}",
    "Write closing_years = {lead} or more, so that the model goes on investing in the last plan years",
    "请写 closing_years = {lead} 或以上，使末期投资不致中断",
)

_SLACK = 0.01  # base output may exceed utilisation x capacity by this share: both are rounded in the sources
_SIZES = {"size": "规模", "earliest_year": "最早年份"}


def projects(draft: Draft) -> Iterator[Problem]:
    """A modelled project has place, activity, size and earliest year; what it requires is modelled; no circles."""
    figures = _project_figures(draft)
    by_name = draft.by_name("projects")
    for row in draft.rows("projects"):
        if row.standing == "modelled":
            yield from _incomplete(draft, row, figures)
            for required in parts(row.requires):
                if required in by_name and by_name[required].standing == "outside":
                    yield NEVER_MET.at("projects", row.Index, "requires", project=row.project, required=required)
        elif row.standing == "outside" and not row.reason:
            yield NEEDS_REASON.at("projects", row.Index, "reason", project=row.project)
    for chain in circles({name: parts(row.requires) for name, row in by_name.items()}):
        names = ", ".join(chain[:-1])
        yield CIRCLE.at("projects", by_name[chain[0]].Index, "requires", chain=" -> ".join(chain), names=names)
    for row, committed in draft.scaled("project_figures"):
        earliest = figures.get((row.project, "earliest_year"))
        if row.parameter == "committed_year" and earliest is not None and committed < earliest:
            values = {"project": row.project, "committed": committed, "earliest": earliest}
            yield TOO_EARLY.at("project_figures", row.Index, "value", **values)


def _project_figures(draft: Draft) -> dict[tuple[str, str], float]:
    return {(row.project, row.parameter): value for row, value in draft.scaled("project_figures")}


def _incomplete(draft: Draft, row: Any, figures: dict[tuple[str, str], float]) -> Iterator[Problem]:
    for column, zh, table in (("region", "地区", "regions"), ("activity", "活动", "activities")):
        if not getattr(row, column):
            right = f"{column}: {nearest(row.project, draft.names(table))}"
            yield INCOMPLETE.at("projects", row.Index, column, project=row.project, what=Said(column, zh), right=right)
    if "project_figures" in draft.unreadable:
        return
    for parameter, zh in _SIZES.items():
        if (row.project, parameter) not in figures:
            row_wanted = Said(
                f"a row of project_figures with project {row.project} and parameter {parameter}",
                f"project_figures 中 project 为 {row.project}、parameter 为 {parameter} 的一行",
            )
            values = {"project": row.project, "what": Said(parameter, zh), "right": row_wanted}
            yield INCOMPLETE.at("projects", row.Index, "project", **values)


def capacities(draft: Draft) -> Iterator[Problem]:
    """What has capacity has a utilisation; base output fits into it; a floor lies below it."""
    figures = {
        (row.region, row.activity, row.parameter, row.year): (row, value)
        for row, value in draft.scaled("activity_figures")
    }
    stated = {(row.activity, row.parameter) for row, _ in figures.values()}

    def utilisation(region: str, activity: str, year: int | None) -> float | None:
        for key in ((region, year), ("", year), (region, None), ("", None)):
            found = figures.get((key[0], activity, "utilisation", key[1]))
            if found:
                return found[1]
        return None

    for (region, activity, parameter, year), (row, value) in figures.items():
        most = utilisation(region, activity, year)
        unit = draft.by_name("activities")[activity].output_unit if activity in draft.by_name("activities") else ""
        if parameter == "base_capacity" and (activity, "utilisation") not in stated:
            yield NO_UTILISATION.at("activity_figures", row.Index, "activity", activity=activity)
        elif parameter == "base_output" and most is not None:
            capacity = figures.get((region, activity, "base_capacity", None)) or figures.get(
                ("", activity, "base_capacity", None)
            )
            limit = most * (capacity[1] if capacity else 0.0)
            if value > limit * (1 + _SLACK):
                values = {"activity": activity, "output": value, "most": limit, "unit": unit}
                yield OVERUSED.at("activity_figures", row.Index, "value", **values)
        elif parameter == "utilisation_floor" and most is not None and value > most:
            values = {"activity": activity, "floor": value, "most": most, "unit": row.unit}
            yield FLOOR_ABOVE.at("activity_figures", row.Index, "value", **values)


def closing_years(draft: Draft) -> Iterator[Problem]:
    """There are at least as many closing years as the longest lead time of a build vector."""
    if draft.settings is None:
        return
    profiles: dict[str, int] = defaultdict(int)
    for row in draft.rows("spending_profiles"):
        profiles[row.profile] = max(profiles[row.profile], -(row.offset or 0))
    leads = [
        (max(-(row.offset or 0), profiles.get(row.profile, 0)), table, row)
        for table in ("amounts", "project_amounts")
        for row in draft.rows(table)
        if table == "project_amounts" or row.vector == "build"
    ]
    lead, table, row = max(leads, key=lambda found: found[0], default=(0, "", None))
    years = draft.settings.closing_years
    if row is not None and lead > years:
        where = Said(f"{table}, row {row.Index}", f"{table} 第 {row.Index} 行")
        yield SHORT_CLOSING.at("plan.toml", None, "closing_years", lead=lead, where=where, years=years)
