"""Alternatives in words: whether the best plan is the only one, and how far others can depart from it."""

from __future__ import annotations

from collections.abc import Iterator

from optimizer.alternatives import Alternatives
from optimizer.answer import Answer
from optimizer.frames import records
from optimizer.words.headline import headline, title
from optimizer.words.language import Language, Text
from optimizer.words.names import Names, percent, row_of_numbers
from optimizer.words.report import Report
from optimizer.words.section import Section, figure_columns, text_columns

UNIQUE = Text("最优方案是唯一的。", "The best plan is the only one.")
MANY = Text("最优方案不唯一：还有别的方案同样好。", "The best plan is not the only one: others are as good.")
FIXED = Text("项目按已定的整数方案固定。", "Projects stay as they were chosen.")
RANGES = {
    "industry": Text(
        "目标函数放弃至多{within}时，各行业投资的范围 ({unit})",
        "Investment by industry, giving up at most {within} ({unit})",
    ),
    "activity": Text(
        "目标函数放弃至多{within}时，各活动投资的范围 ({unit})",
        "Investment by activity, giving up at most {within} ({unit})",
    ),
    "project": Text(
        "目标函数放弃至多{within}时，各项目投资的范围 ({unit})",
        "Investment by project, giving up at most {within} ({unit})",
    ),
}
TABLES = {"industry": "industries", "activity": "activities", "project": "projects"}
NAME = {
    "industry": Text("行业", "Industry"),
    "activity": Text("活动", "Activity"),
    "project": Text("项目", "Project"),
}
OPTIMUM, LOW, HIGH = Text("最优方案", "Best plan"), Text("最少", "Least"), Text("最多", "Most")
SPAN = Text(
    "规划期合计；每一行的两端各自可达，不能同时都取。", "Over the plan years; each end can be reached, not all at once."
)
DIFFERENT = Text(
    "彼此差别最大的几个方案：各行业投资 ({unit})", "Plans that differ most: investment by industry ({unit})"
)
PLAN = Text("方案{place}", "Plan {place}")
ALONE = Text("在此范围内没有不同的方案。", "No other plan is that good.")


def alternatives_report(answer: Answer, found: Alternatives, language: Language) -> Report:
    lines = [*headline(answer, language), (UNIQUE if found.unique else MANY).say(language)]
    if found.projects_fixed:
        lines.append(FIXED.say(language))
    names = Names(answer.instance.plan, language)
    sections = (*_ranges(found, names), *_different(found, names))
    return Report(title(answer.instance, language), "", tuple(lines), sections, ())


def _ranges(found: Alternatives, names: Names) -> Iterator[Section]:
    language = names.language
    for spender, frame in found.ranges.groupby("by", sort=False):
        key, largest = str(spender), float(frame["high"].max())
        heading = RANGES[key].say(language, within=percent(found.epsilon), unit=frame["unit"].iloc[0])
        columns = (*text_columns(language, NAME[key]), *figure_columns(language, OPTIMUM, LOW, HIGH))
        rows = tuple(
            (names.of(TABLES[key], row.name), *row_of_numbers((row.optimum, row.low, row.high), largest))
            for row in records(frame)
        )
        yield Section(heading, columns, rows, SPAN.say(language))


def _different(found: Alternatives, names: Names) -> Iterator[Section]:
    if found.different.empty:
        return
    language = names.language
    table = found.different.pivot(index="industry", columns="plan", values="investment")
    table = table.loc[found.different["industry"].drop_duplicates()]
    heading = DIFFERENT.say(language, unit=found.ranges["unit"].iloc[0])
    if len(table.columns) == 1:
        yield Section(heading, remark=ALONE.say(language))
        return
    others = [Text(*(text.format(place=place) for text in PLAN)) for place in range(2, len(table.columns) + 1)]
    rows = tuple(
        (names.of("industries", str(name)), *row_of_numbers(values, float(table.to_numpy().max())))
        for name, values in zip(table.index, table.to_numpy(), strict=True)
    )
    columns = (*text_columns(language, NAME["industry"]), *figure_columns(language, OPTIMUM, *others))
    yield Section(heading, columns, rows)
