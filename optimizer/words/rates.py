"""Exchange rates in words: what binds, and what one more unit of it would bring."""

from __future__ import annotations

from typing import Any

from optimizer.answer import Answer
from optimizer.frames import records
from optimizer.words.choices import NOTES, choice
from optimizer.words.language import Language, Text
from optimizer.words.names import Names, amount, signed
from optimizer.words.objective import objective_unit
from optimizer.words.requirements import Requirements
from optimizer.words.section import Section, figure_columns, text_columns

TITLE = Text("什么在起约束作用，多给一点能换来什么", "What binds, and what more of it would bring")
ROW = Text("约束 (年份; 条款)", "Limit (year; clause)")
ONE = Text("限值变动", "Change of the limit")
BRINGS = Text("目标变动", "Objective")
PERCENT = Text("限值+1%时目标变动", "At +1 %")
HOLDS = Text("变动量有效范围", "Holds for changes of")
NOTE = Text("说明", "Note")
REMARK = Text(
    "按限值变动1%的影响从大到小列出{shown}条，共{count}条。下限提高是要求更严，故目标变动为负。",
    "{shown} of {count}, the dearest percent first. Raising a requirement (≥) makes it stricter: the objective falls.",
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
    titles = (
        *text_columns(language, ROW),
        *figure_columns(language, ONE, BRINGS, PERCENT, HOLDS),
        *text_columns(language, NOTE),
    )
    shown = priced[:most]
    remark = REMARK.say(language, shown=len(shown), count=len(priced)) if priced else NONE.say(language)
    if answer.solution.priced_with_projects_fixed:
        remark += " " + WHOLE.say(language)
    return Section(TITLE.say(language), titles, tuple(_cells(row, text, unit, language) for row, text in shown), remark)


def _cells(row: Any, text: str, unit: str, language: Language) -> tuple[str, ...]:
    return (
        text,
        f"+1 {row.unit}" if row.unit != "1" else "+1",
        _change(row.price, unit),
        _change(row.per_percent, unit),
        valid_range(row),
        choice(NOTES, row.note, language),
    )


def _change(value: float, unit: str) -> str:
    return amount(value, unit) if value < 0 else "+" + amount(value, unit)


def valid_range(row: Any) -> str:
    """How far the limit may move with the same price: -4.20 … +3.53."""
    return f"{signed(row.low - row.bound)} … {signed(row.high - row.bound)}"
