"""A mid-term evaluation in words: how far the model follows what happened, what is lost, what delays cost."""

from __future__ import annotations

from typing import Any

from optimizer.evaluation import Evaluation
from optimizer.frames import records
from optimizer.observed import SLACK
from optimizer.words.changed_tables import PROJECT, investment_table, project_table
from optimizer.words.choices import MET, STANDINGS, choice
from optimizer.words.headline import conflict_section, status_sentence, title
from optimizer.words.language import Language, Text
from optimizer.words.names import NOTHING, Names, amount, number, percent, precise, signed, with_unit
from optimizer.words.objective import objective_unit
from optimizer.words.report import Report
from optimizer.words.requirements import SIGNS, Requirements
from optimizer.words.section import Section, figure_columns, text_columns

THROUGH = Text(
    "截至{year}年已发生的按实际固定，其余重新规划。", "Years to {year} are as they happened; the rest is planned anew."
)
NOTHING_PASSED = Text("尚无已过年份：各年均重新规划。", "No year has passed: every year is planned.")
NOTHING_KNOWN = Text(
    "截至{year}年没有任何实际数：各年均重新规划。",
    "Nothing is known of the years to {year}, no actual figure and no start: every year is planned.",
)
ORIGINAL = Text(
    "原方案目标函数：{value}；新方案：{new}。", "The objective of the original plan is {value}, of the new one {new}."
)
LOST = Text(
    "不再能达到的指标：必须{required}项，力争{goals}项。",
    "Targets that are missed: {required} required, {goals} goals.",
)
ACTUALS = Text("实际与模型最接近的方案", "What happened, and the nearest that the model can do")
WHAT, YEAR = Text("量或项目", "Quantity or project"), Text("年份", "Year")
ACTUAL, TAKEN, DEVIATION = Text("实际", "Actual"), Text("取值", "Taken"), Text("偏差", "Deviation")
FOLLOWED = Text("模型与全部实际相符。", "The model follows everything that happened.")
NEARLY = Text(
    "模型无法与全部实际相符：各项相对偏差之和取最小，再留出其{slack}的余地，以免为接近过去而放弃今后的指标。",
    "No plan of the model follows all of it: the sum of relative deviations is the least there is, and {slack} of it "
    "more, so that targets are not given up for the last bit of the past.",
)
TARGETS = Text("{year}年以后达不到的指标", "Targets after {year} that are missed")
INDICATOR, ASKED, REACHED = Text("指标", "Indicator"), Text("要求", "Asked"), Text("结果", "Reached")
MISSED, SHARE = Text("差额", "Missed by"), Text("占要求", "Share")
STANDING, BEFORE = Text("地位", "Standing"), Text("原方案", "Original plan")
NONE_LOST = Text("没有：必须和力争的指标都能达到。", "None: required targets and goals are all met.")
DELAYS = Text("推迟的代价 (目标函数，{unit})", "What delays cost (objective in {unit})")
COST, REQUIRED, GOALS = (
    Text("代价", "Cost"),
    Text("必须指标缺口", "Required missed"),
    Text("力争目标缺口", "Goals missed"),
)
ALL_DELAYS = Text("全部推迟合计", "All delays together")
DELAYS_REMARK = Text(
    "由撤销该项推迟重新求解得出；缺口为各指标相对缺口之和：推迟时，括号内为不推迟时。缺口先于目标函数，缺口变大时代价可为负。",
    "Found by solving again without the delay. Missed: sums of relative shortfalls with the delay, in brackets "
    "without it. They come before the objective, so a cost can be negative where more is missed.",
)


def evaluation_report(found: Evaluation, language: Language) -> Report:
    instance = found.answer.instance
    names = Names(instance.plan, language)
    sections = (
        conflict_section(found.answer, language),
        _deviations(found, names),
        _lost(found, language),
        _delays(found, names),
        investment_table(found.investment, names),
        project_table(found.projects, names),
    )
    told = tuple(section for section in sections if section is not None)
    return Report(title(found.original.instance, language), "", tuple(_lines(found, names)), told, ())


def _lines(found: Evaluation, names: Names) -> list[str]:
    language, passed = names.language, found.through >= found.answer.instance.horizon.years[0]
    known = NOTHING_KNOWN if found.deviations.empty else THROUGH
    unit = objective_unit(found.answer.instance.scenario.objective[-1], names)
    values = [
        NOTHING if answer.objective is None else with_unit(precise(answer.objective), unit)
        for answer in (found.original, found.answer)
    ]
    counts = found.lost["standing"].value_counts()
    return [
        (known if passed else NOTHING_PASSED).say(language, year=found.through),
        status_sentence(found.answer, language),
        ORIGINAL.say(language, value=values[0], new=values[1]),
        LOST.say(language, required=counts.get("required", 0), goals=counts.get("goal", 0)),
    ]


def _deviations(found: Evaluation, names: Names) -> Section | None:
    rows = records(found.deviations)
    if not rows:
        return None
    language = names.language
    columns = (*text_columns(language, WHAT, YEAR), *figure_columns(language, ACTUAL, TAKEN, DEVIATION))
    cells = tuple(
        (
            names.of("projects" if row.what == "project" else "quantities", row.name),
            str(row.year),
            amount(row.actual, row.unit),
            number(row.taken),
            _share(row.deviation),
        )
        for row in rows
    )
    exact = not found.deviations["deviation"].abs().max() > 0.0
    remark = FOLLOWED.say(language) if exact else NEARLY.say(language, slack=percent(SLACK))
    return Section(ACTUALS.say(language), columns, cells, remark)


def _share(value: float) -> str:
    return number(value) if value != value or value == 0.0 else ("+" if value > 0 else "") + percent(value)


def _lost(found: Evaluation, language: Language) -> Section:
    requirements = Requirements(found.answer.instance, language)
    heading, rows = TARGETS.say(language, year=found.through), records(found.lost)
    if not rows:
        return Section(heading, remark=NONE_LOST.say(language))
    columns = (
        *text_columns(language, INDICATOR, YEAR),
        *figure_columns(language, ASKED, REACHED, MISSED, SHARE),
        *text_columns(language, STANDING, BEFORE),
    )
    return Section(heading, columns, tuple(_target(row, requirements, language) for row in rows))


def _target(row: Any, requirements: Requirements, language: Language) -> tuple[str, ...]:
    target = requirements.target(row.indicator)
    unit, scale = requirements.asked.unit(target.indicator) if target else (row.unit, 1.0)
    return (
        requirements.names.of("indicators", row.indicator),
        str(row.year),
        f"{SIGNS[row.sense]} {amount(row.asked * scale, unit)}",
        number(row.reached * scale),
        number(row.missed_by * scale),
        percent(row.share),
        choice(STANDINGS, row.standing, language),
        choice(MET, row.met_before, language),
    )


def _delays(found: Evaluation, names: Names) -> Section | None:
    if not len(found.delays):
        return None
    language = names.language
    unit = objective_unit(found.answer.instance.scenario.objective[-1], names)
    columns = (*text_columns(language, PROJECT), *figure_columns(language, COST, REQUIRED, GOALS))
    cells = tuple(
        (
            names.of("projects", row.project) if row.project else ALL_DELAYS.say(language),
            signed(row.cost),
            f"{percent(row.missed)} ({percent(row.missed_without)})",
            f"{percent(row.goals_missed)} ({percent(row.goals_missed_without)})",
        )
        for row in records(found.delays)
    )
    return Section(DELAYS.say(language, unit=unit), columns, cells, DELAYS_REMARK.say(language))
