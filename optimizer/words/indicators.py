"""Indicators asked and reached, one line an indicator and year that a reader has to see."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

from optimizer.answer import Answer
from optimizer.frames import records
from optimizer.words.choices import MET, STANDINGS, choice
from optimizer.words.language import Language, Text
from optimizer.words.names import NOTHING, amount, number
from optimizer.words.requirements import SIGNS, Requirements
from optimizer.words.section import Section, figure_columns, text_columns

TITLE = Text("指标：要求与结果", "Indicators: asked and reached")
NUMBER, INDICATOR, YEAR = Text("编号", "No."), Text("指标", "Indicator"), Text("年份", "Year")
ASKED, REACHED, MISSED = Text("要求", "Asked"), Text("结果", "Reached"), Text("差额", "Missed by")
MET_TITLE, STANDING, CLAUSE = Text("达到", "Met"), Text("地位", "Standing"), Text("条款", "Clause")
REMARK = Text(
    "必须{required}项、力争{goal}项、监测{monitored}项(达到{met}项)；另有{outside}项在模型之外。",
    "{required} required, {goal} goals, {monitored} monitored; {met} of them met. {outside} more stand outside.",
)
YEARLY = Text(
    " 逐年要求的指标只列末年和未达到的年份。", " Of yearly targets only the last year and years missed are shown."
)


def indicator_section(answer: Answer, language: Language, *, everything: bool) -> Section:
    """Every indicator that the model decides or watches; with ``everything`` also each year and those outside."""
    table = records(answer.indicators)
    rows = table if everything else list(_worth_seeing(table))
    requirements = Requirements(answer.instance, language)
    titles = (
        *text_columns(language, NUMBER, INDICATOR),
        *figure_columns(language, YEAR, ASKED, REACHED, MISSED),
        *text_columns(language, MET_TITLE, STANDING, CLAUSE),
    )
    return Section(
        TITLE.say(language),
        titles,
        tuple(_cells(row, requirements, language) for row in rows),
        _remark(table, language) + ("" if everything or len(rows) == len(table) else YEARLY.say(language)),
    )


def _worth_seeing(rows: list[Any]) -> Iterable[Any]:
    """Of each indicator inside the model the last year, and years in which it is missed."""
    last = {row.indicator: row.year for row in rows if row.standing != "outside"}
    return (row for row in rows if row.indicator in last and (row.met == "no" or row.year == last[row.indicator]))


def _cells(row: Any, requirements: Requirements, language: Language) -> tuple[str, ...]:
    target = requirements.target(row.indicator)
    unit, scale = requirements.asked.unit(target) if target else (row.unit, 1.0)
    missed = "" if math.isnan(row.missed_by) or row.missed_by == 0.0 else number(row.missed_by * scale)
    return (
        row.number,
        requirements.names.of("indicators", row.indicator),
        str(row.year) if target else "",
        f"{SIGNS[row.sense]} {amount(row.asked * scale, unit)}",
        number(row.reached * scale),
        missed,
        choice(MET, row.met, language) if target else NOTHING,
        choice(STANDINGS, row.standing, language),
        row.clause,
    )


def _remark(rows: list[Any], language: Language) -> str:
    standing = {row.indicator: row.standing for row in rows}
    missed = {row.indicator for row in rows if row.met == "no"}
    met = {row.indicator for row in rows if row.met == "yes"} - missed
    counts = {name: list(standing.values()).count(name) for name in STANDINGS}
    return REMARK.say(language, met=len(met), **counts)
