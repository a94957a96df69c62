"""Indicators asked and reached, one line an indicator and year that a reader has to see."""

from __future__ import annotations

import math
from typing import Any

from optimizer.answer import Answer
from optimizer.frames import records
from optimizer.words.choices import MET, STANDINGS, choice
from optimizer.words.language import Language, Text
from optimizer.words.names import amount, number, span
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
MISSED_IN = Text("{met}，{years}年未达到", "{met}; missed {years}")


def indicator_section(answer: Answer, language: Language, *, everything: bool) -> Section:
    """Every indicator that the model decides or watches; with ``everything`` also each year and those outside."""
    table = records(answer.indicators)
    rows = table if everything else _last_of_each(table)
    missed = {} if everything else _years_missed(table)
    requirements = Requirements(answer.instance, language)
    titles = (
        *text_columns(language, NUMBER, INDICATOR),
        *figure_columns(language, YEAR, ASKED, REACHED, MISSED),
        *text_columns(language, MET_TITLE, STANDING, CLAUSE),
    )
    cells = tuple(_cells(row, requirements, missed.get(row.indicator, []), language) for row in rows)
    return Section(TITLE.say(language), titles, cells, _remark(table, language))


def _last_of_each(rows: list[Any]) -> list[Any]:
    """The last year of each indicator inside the model."""
    return list({row.indicator: row for row in rows if row.standing != "outside"}.values())


def _years_missed(rows: list[Any]) -> dict[str, list[int]]:
    """Years before the last in which an indicator is missed."""
    last = {row.indicator: row.year for row in rows}
    missed: dict[str, list[int]] = {}
    for row in rows:
        if row.met == "no" and row.year != last[row.indicator]:
            missed.setdefault(row.indicator, []).append(int(row.year))
    return missed


def _cells(row: Any, requirements: Requirements, missed: list[int], language: Language) -> tuple[str, ...]:
    target = requirements.target(row.indicator)
    unit, scale = requirements.asked.unit(target.indicator) if target else (row.unit, 1.0)
    short = "" if math.isnan(row.missed_by) or row.missed_by == 0.0 else number(row.missed_by * scale)
    met = choice(MET, row.met, language)
    return (
        row.number,
        requirements.names.of("indicators", row.indicator),
        str(row.year) if target else "",
        f"{SIGNS[row.sense]} {amount(row.asked * scale, unit)}",
        number(row.reached * scale),
        short,
        MISSED_IN.say(language, met=met, years=span(missed)) if missed else met,
        choice(STANDINGS, row.standing, language),
        row.clause,
    )


def _remark(rows: list[Any], language: Language) -> str:
    standing = {row.indicator: row.standing for row in rows}
    missed = {row.indicator for row in rows if row.met == "no"}
    met = {row.indicator for row in rows if row.met == "yes" and row.standing != "outside"} - missed
    counts = {name: list(standing.values()).count(name) for name in STANDINGS}
    return REMARK.say(language, met=len(met), **counts)
