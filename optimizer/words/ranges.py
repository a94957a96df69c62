"""Attainable ranges in words: what could be asked of each indicator, and how little or much it can be."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import pandas as pd

from optimizer.diagnosis.verb import Diagnosis
from optimizer.frames import records
from optimizer.words.asked import Asked
from optimizer.words.choices import STANDINGS, choice
from optimizer.words.language import Language, Text
from optimizer.words.names import NOTHING, Names, amount, number, rounded
from optimizer.words.requirements import SIGNS
from optimizer.words.section import Section, figure_columns, text_columns

TITLE = Text("每项指标能走多远 (其余必达要求不变)", "How far each target can go (all other requirements held)")
INDICATOR, STANDING = Text("指标 [条款]", "Indicator [clause]"), Text("地位", "Standing")
ASKED, BEST = Text("要求", "Asked"), Text("最严可要求到", "Most that could be asked")
LOWEST, HIGHEST, UNIT = (
    Text("{year}年最低", "Least in {year}"),
    Text("{year}年最高", "Most in {year}"),
    Text("单位", "Unit"),
)
REMARK = Text(
    "每一行各自成立，不能同时都走到头。“最严可要求到”须在该指标的全部年份、直至{last}年都守得住，因此可能不及{year}年一年的极值。",
    "Each row holds by itself, not all at once. What could be asked has to hold in every year of the indicator and "
    "until {last}, so it may fall short of the extreme of {year} alone.",
)
SHOWN = Text("另有{count}项监测指标；加 --all 列出全部。", "{count} more that are only monitored; --all shows all.")
_HELD = ("required", "goal")


def range_section(found: Diagnosis, language: Language, *, everything: bool) -> Section:
    """One row an indicator, in its last plan year."""
    horizon = found.instance.horizon
    last = found.ranges.drop_duplicates("indicator", keep="last")
    shown = last if everything else last[last["standing"].isin(_HELD)]
    year = horizon.last_plan_year
    columns = (
        *text_columns(language, INDICATOR, STANDING),
        *figure_columns(language, ASKED, BEST),
        *figure_columns(language, *(Text(*(t.format(year=year) for t in text)) for text in (LOWEST, HIGHEST))),
        *text_columns(language, UNIT),
    )
    remark = REMARK.say(language, last=horizon.all[-1], year=year)
    if len(shown) < len(last):
        remark += ("" if language is Language.ZH else " ") + SHOWN.say(language, count=len(last) - len(shown))
    return Section(TITLE.say(language), columns, tuple(_rows(found, shown, language)), remark)


def _rows(found: Diagnosis, shown: pd.DataFrame, language: Language) -> Iterator[tuple[str, ...]]:
    names = Names(found.instance.plan, language)
    asked = Asked.of(found.instance, names)
    for row in records(shown):
        unit, scale = asked.unit(row.indicator)
        clause = names.clause("indicators", row.indicator)
        yield (
            names.of("indicators", row.indicator) + (f" [{clause}]" if clause else ""),
            choice(STANDINGS, row.standing, language),
            f"{SIGNS[row.sense]} {amount(row.stated, row.stated_unit)}",
            _best(row),
            number(row.lowest * scale),
            number(row.highest * scale),
            unit,
        )


def _best(row: Any) -> str:
    """Rounded to the side on which it can be reached; a dash where equality is asked."""
    if math.isnan(row.attainable):
        return NOTHING
    return amount(rounded(row.attainable, up=row.sense == "<="), row.stated_unit)
