"""The ledger of assumptions in words: what the answer would gain or lose over each figure's range."""

from __future__ import annotations

from typing import Any

from optimizer.answer import Answer
from optimizer.assumptions import Ledger
from optimizer.frames import records
from optimizer.words.choices import EVIDENCE, choice
from optimizer.words.headline import headline, title
from optimizer.words.language import Language, Text
from optimizer.words.names import Names, amount, number, percent, signed
from optimizer.words.objective import objective_unit
from optimizer.words.report import Report
from optimizer.words.section import Section, figure_columns, text_columns

TITLE = Text(
    "哪些数据最影响结果 (目标函数变动，{unit})",
    "On which figures the answer rests (effects on the objective in {unit})",
)
FIGURE, GRADE = Text("数据 (来源；条款)", "Figure (source; clause)"), Text("等级", "Grade")
VALUE, RANGE = Text("数值", "Value"), Text("范围", "Range")
LOW, HIGH = Text("取下限", "At low"), Text("取上限", "At high")
TRUE_LOW, TRUE_HIGH = Text("下限实算", "Low, solved"), Text("上限实算", "High, solved")
FIRST_ORDER = Text(
    "影响按一阶估计，只在所得方案附近成立；加 --solve-again 按上下限重新求解。",
    "Effects are to first order and hold near the solution; --solve-again solves at both ends.",
)
AND_TRUE = Text(
    "影响按一阶估计，只在所得方案附近成立；“实算”为重新求解的结果(—：该处没有方案)。",
    "Effects are to first order and hold near the solution; those solved again are true (—: no plan there).",
)
SHOWN = Text("列出{shown}项，共{count}项有影响。", "{shown} of {count} figures that matter.")
NONE = Text("没有带范围的数据影响结果。", "No figure with a range matters.")
MIX = Text("影响幅度按数据等级：{shares}。", "Swings by grade: {shares}.")
ONE_GRADE = Text("{grade} {share}({count}个)", "{grade} {share} ({count} figures)")
FIRST = Text(
    "最值得先查清的数据：{figure}(依据：{evidence})。", "Worth finding out first: {figure} (evidence: {evidence})."
)


def ledger_report(answer: Answer, found: Ledger, language: Language, most: int, solved_again: int = 0) -> Report:
    """The first ``most`` figures; those of which the first ``solved_again`` were also solved at both ends."""
    return Report(
        title(answer.instance, language),
        "",
        headline(answer, language),
        (_section(answer, found, language, max(most, solved_again), solved_again),),
        tuple(_closing(found, language)),
    )


def _section(answer: Answer, found: Ledger, language: Language, most: int, solved_again: int) -> Section:
    unit = objective_unit(answer.instance.scenario.objective[-1], Names(answer.instance.plan, language))
    shown = records(found.figures.head(most))
    titles = (
        *text_columns(language, FIGURE),
        *figure_columns(language, VALUE, RANGE),
        *text_columns(language, GRADE),
        *figure_columns(language, LOW, HIGH, *((TRUE_LOW, TRUE_HIGH) if solved_again else ())),
    )
    remark = SHOWN.say(language, shown=len(shown), count=len(found.figures)) if shown else NONE.say(language)
    if shown:
        remark += ("" if language is Language.ZH else " ") + (AND_TRUE if solved_again else FIRST_ORDER).say(language)
    rows = tuple(
        (*_cells(row, language), *(_solved(row, tried=place < solved_again) if solved_again else ()))
        for place, row in enumerate(shown)
    )
    return Section(TITLE.say(language, unit=unit), titles, rows, remark)


def _solved(row: Any, *, tried: bool) -> tuple[str, ...]:
    return (signed(row.true_low), signed(row.true_high)) if tried else ("", "")


def _cells(row: Any, language: Language) -> tuple[str, ...]:
    origin = "; ".join(part for part in (row.source, row.clause) if part)
    return (
        f"{_name(row, language)} ({origin})" if origin else _name(row, language),
        amount(row.value, row.unit),
        f"{number(row.low)} … {number(row.high)}",
        row.grade,
        signed(row.effect_low),
        signed(row.effect_high),
    )


def _name(row: Any, language: Language) -> str:
    return str(row.name_zh if language is Language.ZH else row.name_en)


def _closing(found: Ledger, language: Language) -> list[str]:
    if found.figures.empty:
        return []
    shares = ", ".join(
        ONE_GRADE.say(language, grade=row.grade, share=percent(row.share), count=row.figures)
        for row in records(found.grades)
    )
    lines = [MIX.say(language, shares=shares)]
    for row in records(found.worth_finding_out().head(1)):
        evidence = choice(EVIDENCE, row.evidence, language)
        lines.append(FIRST.say(language, figure=_name(row, language), evidence=evidence))
    return lines
