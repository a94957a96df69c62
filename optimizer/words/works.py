"""What is built: investment and capacity by industry and year, projects."""

from __future__ import annotations

from typing import Any

import pandas as pd

from optimizer.answer import Answer
from optimizer.frames import records
from optimizer.words.language import Language, Text
from optimizer.words.names import Names, amount, percent, row_of_numbers
from optimizer.words.section import Section, figure_columns, text_columns

INVESTMENT = Text("各行业投资 ({unit})", "Investment by industry ({unit})")
INDUSTRY, TOTAL, OTHER = Text("行业", "Industry"), Text("合计", "Total"), Text("未分行业", "No industry")
CAPACITY = Text("能力变化", "Capacity that changes")
ACTIVITY, UNIT, NEW = Text("活动", "Activity"), Text("单位", "Unit"), Text("新增", "New")
UNCHANGED = Text("另有{count}项活动的能力没有新增或退出。", "{count} more activities keep their capacity.")
PROJECTS = Text("开工项目", "Projects that enter service")
PROJECT, SIZE, YEAR, SHARE = (
    Text("项目", "Project"),
    Text("规模", "Size"),
    Text("投产年份", "Year"),
    Text("份额", "Share"),
)
NOT_STARTED = Text("模型内其余{count}个项目不建。", "{count} more modelled projects are not built.")
LATER = Text(
    "{last}年以后投产的项目，支出从规划期内开始计。", " What enters after {last} is spent on from within the plan."
)
COMMITTED = Text("指定", "committed")
CLAUSE, STANDING = Text("条款", "Clause"), Text("地位", "Standing")
# Less new capacity, retirement or share of a project than this is rounding.
_NEGLIGIBLE = 1e-6
_LAST = {"": OTHER, TOTAL.en: TOTAL}


def investment_section(answer: Answer, language: Language) -> Section | None:
    """None where the plan names no account of investment."""
    account = answer.instance.plan.settings.investment_account
    if not account or answer.accounts.empty:
        return None
    names, years = Names(answer.instance.plan, language), list(answer.instance.horizon.years)
    spent = answer.accounts[answer.accounts["flow"] == account]
    table = spent.pivot_table(index="industry", columns="year", values="value", aggfunc="sum", fill_value=0.0)
    table = table.reindex(columns=years, fill_value=0.0)
    table = table[table.abs().max(axis=1) > _NEGLIGIBLE]
    table[TOTAL.en] = table.sum(axis=1)
    table.loc[TOTAL.en] = table.sum()
    order = [key for key in [*answer.instance.plan.table("industries")["industry"], "", TOTAL.en] if key in table.index]
    titles = {key: names.of("industries", key) for key in order} | {
        key: text.say(language) for key, text in _LAST.items()
    }
    largest = float(table.to_numpy().max())
    return Section(
        INVESTMENT.say(language, unit=names.unit("flows", account)),
        (*text_columns(language, INDUSTRY), *figure_columns(language, *years, TOTAL)),
        tuple((titles[key], *row_of_numbers(table.loc[key], largest)) for key in order),
    )


def capacity_section(answer: Answer, language: Language, *, everything: bool) -> Section:
    """Capacity of the base year and of each year, of the activities in which something enters or leaves service."""
    names, years = Names(answer.instance.plan, language), answer.instance.horizon.years
    rows, unchanged = [], 0
    for (region, activity), group in answer.activities.groupby(["region", "activity"], sort=False):
        moved = group[["new_capacity", "retired"]].abs().to_numpy().max() > _NEGLIGIBLE
        if everything or moved:
            rows.append(_capacity_cells(answer, names, str(region), str(activity), group))
        else:
            unchanged += 1
    titles = (
        *text_columns(language, INDUSTRY, ACTIVITY, UNIT),
        *figure_columns(language, answer.instance.horizon.base_year, *years, NEW),
    )
    remark = UNCHANGED.say(language, count=unchanged) if unchanged else ""
    return Section(CAPACITY.say(language), titles, tuple(rows), remark)


def _capacity_cells(answer: Answer, names: Names, region: str, activity: str, group: pd.DataFrame) -> tuple[str, ...]:
    name = names.of("activities", activity)
    base = answer.instance.figures.get(activity, "base_capacity", region) or 0.0
    return (
        names.of("industries", group["industry"].iloc[0]),
        f"{names.of('regions', region)} · {name}" if names.many_regions else name,
        group["capacity_unit"].iloc[0],
        *row_of_numbers([base, *group["capacity"], float(group["new_capacity"].sum())]),
    )


def project_section(answer: Answer, language: Language) -> Section:
    """Projects by the year in which they enter service; a share where the program builds part of one."""
    names = Names(answer.instance.plan, language)
    committed = {project.project for project in answer.instance.projects if project.committed}
    started = answer.projects[answer.projects["share"] > _NEGLIGIBLE].sort_values("year", kind="stable")
    rows = tuple(_project_cells(row, names, row.project in committed) for row in records(started))
    titles = (
        *text_columns(language, PROJECT, ACTIVITY),
        *figure_columns(language, SIZE, YEAR, SHARE),
        *text_columns(language, STANDING, CLAUSE),
    )
    idle = len(answer.instance.projects) - started["project"].nunique()
    remark = NOT_STARTED.say(language, count=idle) if idle else ""
    last = answer.instance.horizon.years[-1]
    if (started["year"] > last).any():
        remark += LATER.say(language, last=last)
    return Section(PROJECTS.say(language), titles, rows, remark)


def _project_cells(row: Any, names: Names, committed: bool) -> tuple[str, ...]:
    return (
        names.of("projects", row.project),
        names.of("activities", row.activity),
        amount(row.size, row.unit),
        str(row.year),
        percent(min(row.share, 1.0)),
        COMMITTED.say(names.language) if committed else "",
        names.clause("projects", row.project),
    )
