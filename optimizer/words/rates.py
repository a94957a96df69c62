"""Exchange rates in words: what binds, and what one more unit of it would bring."""

from __future__ import annotations

from typing import Any

from model_data.units import DIMENSIONLESS, quotient
from optimizer.answer import Answer
from optimizer.frames import records
from optimizer.words.choices import NOTES, choice
from optimizer.words.language import Language, Text
from optimizer.words.names import Names, signed, with_unit
from optimizer.words.objective import objective_unit
from optimizer.words.requirements import Requirements
from optimizer.words.section import Section, figure_columns, text_columns

TITLE = Text("什么在起约束作用，多给一点能换来什么", "What binds, and what more of it would bring")
ROW = Text("约束 (年份; 条款)", "Limit (year; clause)")
ONE = Text("增加1个单位，目标变动", "One unit more brings")
PERCENT = Text("增加1%，目标变动", "1 % more brings")
GOALS = Text("1个单位的目标缺口变动", "Shortfall of goals per unit")
HOLDS = Text("变动量有效范围", "For changes of")
NOTE = Text("说明", "Note")
REMARK = Text(
    "列出{shown}条，共{count}条，按1%的影响从大到小，退化点的价格排在最后。提高要求(≥)即更严。",
    "{shown} of {count}, the dearest percent first, degenerate prices last. Raising a requirement (≥) tightens it.",
)
GOALS_FIRST = Text(
    "先顾目标缺口，再顾目标函数。", "Goals come first: the objective pays where a limit lets them come closer."
)
NONE = Text("没有带价格的约束。", "No limit has a price.")
WHOLE = Text("项目按已定的整数方案固定后的价格。", "Prices with the projects fixed as decided.")


def rate_rows(answer: Answer, language: Language) -> list[tuple[Any, str]]:
    """Each row of the exchange-rate table with its requirement as a sentence."""
    requirements = Requirements(answer.instance, language)
    return [(row, requirements.of((row.equation, *row.index)).sentence) for row in records(answer.exchange_rates)]


def rate_section(answer: Answer, language: Language, most: int) -> Section:
    """The dearest limits that somebody could move: those of which one percent has an effect."""
    unit = objective_unit(answer.instance.scenario.objective[-1], Names(answer.instance.plan, language))
    priced = [(row, text) for row, text in rate_rows(answer, language) if row.per_percent]
    shown = sorted(priced, key=lambda pair: pair[0].note == "degenerate")[:most]
    goals = any(row.goals for row, _ in shown)
    titles = (
        *text_columns(language, ROW),
        *figure_columns(language, ONE, *([GOALS] if goals else []), PERCENT, HOLDS),
        *text_columns(language, NOTE),
    )
    remark = REMARK.say(language, shown=len(shown), count=len(priced)) if priced else NONE.say(language)
    if goals:
        remark += " " + GOALS_FIRST.say(language)
    if answer.solution.priced_with_projects_fixed:
        remark += " " + WHOLE.say(language)
    cells = tuple(_cells(row, text, unit, language, goals=goals) for row, text in shown)
    return Section(TITLE.say(language), titles, cells, remark)


def _cells(row: Any, text: str, unit: str, language: Language, *, goals: bool) -> tuple[str, ...]:
    return (
        text,
        _change(row.price, quotient(unit, row.unit) if row.unit != DIMENSIONLESS else unit),
        *([signed(row.goals)] if goals else []),
        _change(row.per_percent, unit),
        valid_range(row),
        choice(NOTES, row.note, language),
    )


def _change(value: float, unit: str) -> str:
    return with_unit(signed(value), unit)


def valid_range(row: Any) -> str:
    """How far the limit may move with the same price: -4.20 … +3.53."""
    return f"{signed(row.low - row.bound)} … {signed(row.high - row.bound)}"
