"""Tables before and after, in words: investment by industry, projects by year, quantities over the years."""

from __future__ import annotations

from typing import Any

import pandas as pd

from optimizer.frames import records
from optimizer.words.language import Language, Text
from optimizer.words.names import NOTHING, Names, percent, row_of_numbers, signed
from optimizer.words.section import Section, figure_columns, text_columns

INVESTMENT = Text("各行业投资，规划期合计 ({unit})", "Investment by industry over the plan ({unit})")
PROJECTS = Text("投产份额有变的项目", "Projects that enter service differently")
INDUSTRY, PROJECT = Text("行业", "Industry"), Text("项目", "Project")
BEFORE, AFTER, DIFFERENCE = Text("原", "Before"), Text("新", "After"), Text("变动", "Difference")
YEARS = Text("{share}({year}年)", "{share} in {year}")
# A difference below this is rounding; a share below the other would read 0 %.
_ROUNDING = 1e-6
_SHOWN = 5e-4


def investment_table(rows: pd.DataFrame, names: Names) -> Section | None:
    """``rows``: industry, year, unit, before, after. None where nothing is invested."""
    if not len(rows):
        return None
    language = names.language
    sums = rows.groupby("industry", sort=False)[["before", "after"]].sum()
    largest = float(sums.to_numpy().max())
    cells = tuple(
        (names.of("industries", str(industry)), *row_of_numbers((before, after), largest), _change(before, after))
        for industry, (before, after) in zip(sums.index, sums.to_numpy().tolist(), strict=True)
    )
    columns = (*text_columns(language, INDUSTRY), *figure_columns(language, BEFORE, AFTER, DIFFERENCE))
    return Section(INVESTMENT.say(language, unit=rows["unit"].iloc[0]), columns, cells)


def _change(before: float, after: float) -> str:
    return "0" if abs(after - before) < _ROUNDING * max(1.0, abs(before)) else signed(after - before)


def project_table(rows: pd.DataFrame, names: Names) -> Section | None:
    """``rows``: project, year, unit, before, after (shares). None where every project enters as before."""
    language = names.language
    moved = rows[(rows["after"].fillna(0.0) - rows["before"].fillna(0.0)).abs() >= _SHOWN]["project"]
    cells = tuple(
        (
            names.of("projects", project),
            *(_entry(records(rows[rows["project"] == project]), side, language) for side in ("before", "after")),
        )
        for project in dict.fromkeys(moved)
    )
    if not cells:
        return None
    return Section(PROJECTS.say(language), text_columns(language, PROJECT, BEFORE, AFTER), cells)


def _entry(rows: list[Any], side: str, language: Language) -> str:
    """100% in 2009; 30% in 2009, 70% in 2010."""
    shares = [(int(row.year), float(getattr(row, side))) for row in rows]
    texts = [YEARS.say(language, share=percent(share), year=year) for year, share in shares if share >= _SHOWN]
    return ", ".join(texts) or NOTHING
