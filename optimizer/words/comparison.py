"""A comparison in words: the difference of the objective, what it comes from, and what else differs."""

from __future__ import annotations

from typing import Any

from model_data import Plan
from model_data.schema import TABLE
from optimizer.answer import Answer
from optimizer.changes import AS_IN_PLAN, Change
from optimizer.comparison import Comparison
from optimizer.frames import records
from optimizer.instance import Instance
from optimizer.scenario import Scenario
from optimizer.words.changed_tables import AFTER, BEFORE, DIFFERENCE, investment_table, project_table
from optimizer.words.choices import MET, choice
from optimizer.words.departures import setting_in_words, whole_setting_in_words
from optimizer.words.headline import headline, title
from optimizer.words.language import Language, Text
from optimizer.words.names import Names, number, percent, signed, with_unit
from optimizer.words.objective import objective_unit
from optimizer.words.report import Report
from optimizer.words.requirements import Requirements
from optimizer.words.section import Section, figure_columns, text_columns

FROM, TO = Text("原：{title}", "From: {title}"), Text("新：{title}", "To: {title}")
WHOLE = Text("目标函数变动：{difference}。", "The objective changes by {difference}.")
GOALS = Text(
    "力争目标缺口合计由{before}变为{after}；力争目标先于目标函数，缺口不同时目标函数不宜直接相比。",
    "The shortfall of goals goes from {before} to {after} in sum. Goals come before the objective: where they are "
    "missed differently, the objectives alone say little.",
)
NO_DIFFERENCE = Text("至少一方没有最优方案，变动无从归因。", "One of the two has no optimum, so nothing is attributed.")
PARTS = Text("变动从何而来 ({unit})", "What the difference comes from ({unit})")
CHANGE = Text("改动", "Change")
EFFECT, RANGE = Text("作用", "Effect"), Text("先改/后改", "First / last")
GOAL_EFFECT = Text("目标缺口", "Goals missed")
PARTS_REMARK = Text(
    "作用取两种顺序的平均：由上而下逐项改动，与由下而上逐项改动。",
    "An effect is the mean over two orders of making the changes: as listed, and the other way round.",
)
TOGETHER = Text("(与上行合计)", "(with the line above)")
AS_STATED = Text("按规划", "as in the plan")
NOTHING_CHANGED = Text("没有改动。", "Nothing was changed.")
INDICATORS = Text("达到情况或结果有变的指标", "Indicators that are reached differently")
INDICATOR, YEAR, MET_TITLE = Text("指标", "Indicator"), Text("年份", "Year"), Text("达到", "Met")
MOST_CHANGES = 0.001  # of what was reached: smaller movements of an indicator are left out
Sides = tuple[Instance, Instance]
KINDS = {"indicator": "indicators", "budget": "budgets", "project": "projects"}
FIGURES = Text("{count}个数改动", "{count} figures changed")
WHOLE_SETTINGS = ("objective", "foresight", "whole_projects")
WHAT = {
    "switch": Text("核算方式", "Accounting"),
    "objective": Text("目标函数", "Objective"),
    "foresight": Text("各年如何决策", "How years are decided"),
    "whole_projects": Text("项目能否拆分", "Whether projects can be split"),
    "plan": Text("规划的行和设置", "Rows and settings of the plan"),
}


def comparison_report(a: Answer, b: Answer, found: Comparison, language: Language) -> Report:
    names = Names(b.instance.plan, language)
    unit = objective_unit(b.instance.scenario.objective[-1], names)
    lines = [FROM.say(language, title=title(a.instance, language)), *headline(a, language)]
    lines += [TO.say(language, title=title(b.instance, language)), *headline(b, language)]
    lines += _difference(found, unit, language)
    sections = (
        _parts(found, names, unit, (a.instance, b.instance)),
        _indicators(found, b, language),
        investment_table(found.investment, names),
        project_table(found.projects, names),
    )
    return Report(names.title, "", tuple(lines), tuple(s for s in sections if s is not None), ())


def _difference(found: Comparison, unit: str, language: Language) -> list[str]:
    if found.difference is None:
        return [NO_DIFFERENCE.say(language)]
    lines = [WHOLE.say(language, difference=with_unit(signed(found.difference), unit))]
    if max(found.goals) > 0.0:
        before, after = (percent(share) for share in found.goals)
        lines.append(GOALS.say(language, before=before, after=after))
    return lines


def _parts(found: Comparison, names: Names, unit: str, sides: Sides) -> Section:
    language, rows = names.language, records(found.parts)
    heading = PARTS.say(language, unit=unit)
    if not rows:
        return Section(heading, remark=NOTHING_CHANGED.say(language))
    with_goals = max(found.goals) > 0.0 or bool(found.parts["goals"].abs().max() > 0.0)
    columns = (
        *text_columns(language, CHANGE),
        *figure_columns(language, EFFECT, RANGE, *((GOAL_EFFECT,) if with_goals else ())),
    )
    firsts = {row.part: k for k, row in reversed(list(enumerate(rows)))}
    told = [_told(change, names, sides) for change in found.changes]
    cells = tuple(_part(row, told[k], language, with_goals, first=firsts[row.part] == k) for k, row in enumerate(rows))
    return Section(heading, columns, cells, PARTS_REMARK.say(language))


def _part(row: Any, told: str, language: Language, with_goals: bool, *, first: bool) -> tuple[str, ...]:
    if not first:
        return (f"{told} {TOGETHER.say(language)}", "", "", *(("",) if with_goals else ()))
    range_of = f"{signed(row.effect_forwards)} / {signed(row.effect_backwards)}"
    return (told, signed(row.effect), range_of, *((_share(row.goals),) if with_goals else ()))


def _share(value: float) -> str:
    if value != value:  # nothing is known
        return number(value)
    return "0" if abs(value) < 1e-9 else ("+" if value > 0 else "") + percent(value)


def _told(change: Change, names: Names, sides: Sides) -> str:
    """What was changed, by the plan's names, and what it was and is."""
    if change.kind == "figures":
        table = Text(TABLE[change.name].zh, TABLE[change.name].en).say(names.language)
        return f"{table}: {FIGURES.say(names.language, count=len(change.figures))}"
    texts = zip((change.before, change.after), sides, strict=True)
    before, after = (_side(change, text, names, side.scenario) for text, side in texts)
    return f"{_name(change, names, sides[0].plan)}: {before} → {after}"


def _name(change: Change, names: Names, first: Plan) -> str:
    """Rows of figures are those of the first plan."""
    if change.kind in KINDS:
        return names.of(KINDS[change.kind], change.name)
    if change.kind == "figure":
        ((table, row, _),) = change.figures
        figure = first.figure_at(table, row)
        return figure.name_zh if names.language is Language.ZH else figure.name_en
    return WHAT[change.kind].say(names.language)


def _side(change: Change, text: str, names: Names, scenario: Scenario) -> str:
    """A setting in words; the name of a switch's option."""
    if text == AS_IN_PLAN:
        return AS_STATED.say(names.language)
    if change.kind in KINDS:
        return setting_in_words(names.plan, scenario, KINDS[change.kind], change.name, names.language)
    if change.kind in WHOLE_SETTINGS:
        return whole_setting_in_words(names.plan, scenario, change.kind, names.language)
    if change.kind != "switch":
        return text
    options = names.plan.table("switches")
    option = options[(options["switch"] == change.name) & (options["option"] == text)]
    column = "name_zh" if names.language is Language.ZH else "name_en"
    return str(option[column].iloc[0]) if len(option) else text


def _indicators(found: Comparison, answer: Answer, language: Language) -> Section | None:
    """Indicators inside the model whose last year is met differently or reached at another number."""
    requirements = Requirements(answer.instance, language)
    last = {row.indicator: row for row in records(found.indicators) if row.standing_after != "outside"}
    rows = [row for row in last.values() if row.met_before != row.met_after or _moved(row)]
    if not rows:
        return None
    columns = (
        *text_columns(language, INDICATOR, YEAR),
        *figure_columns(language, BEFORE, AFTER, DIFFERENCE),
        *text_columns(language, MET_TITLE),
    )
    return Section(INDICATORS.say(language), columns, tuple(_indicator(row, requirements, language) for row in rows))


def _moved(row: Any) -> bool:
    return bool(abs(row.difference) > MOST_CHANGES * max(abs(row.reached_before), 1e-12))


def _indicator(row: Any, requirements: Requirements, language: Language) -> tuple[str, ...]:
    target = requirements.target(row.indicator)
    unit, scale = requirements.asked.unit(target.indicator) if target else (row.unit, 1.0)
    met = [choice(MET, str(side), language) for side in (row.met_before, row.met_after)]
    return (
        requirements.names.of("indicators", row.indicator),
        str(row.year),
        number(row.reached_before * scale),
        with_unit(number(row.reached_after * scale), unit),
        signed(row.difference * scale),
        met[0] if met[0] == met[1] else " → ".join(met),
    )
