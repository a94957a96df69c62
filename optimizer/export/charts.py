"""What a workbook draws: the figures of each chart as a table, whose first column names the places on its axis."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd

from model_data import Plan
from optimizer.export.overview import last_years
from optimizer.words.language import Language, Text
from optimizer.words.names import Names
from optimizer.words.requirements import SIGNS

INVESTMENT = Text("各行业投资", "Investment by industry")
INDICATORS = Text("指标完成度：结果占要求的百分比(要求为100)", "Indicators: reached in percent of what is asked")
REACHED = Text("结果", "reached")


@dataclass(frozen=True)
class Chart:
    """``figures``: a column of names, then one column a series; ``unit`` is that of the values."""

    title: str
    unit: str
    kind: Literal["stacked", "bars"]
    figures: pd.DataFrame


def charts(tables: Mapping[str, pd.DataFrame], plan: Plan, language: Language) -> list[Chart]:
    """The charts for which the answer has figures."""
    found = [_investment(tables, plan, language), _indicators(tables, plan, language)]
    return [chart for chart in found if chart is not None]


def _investment(tables: Mapping[str, pd.DataFrame], plan: Plan, language: Language) -> Chart | None:
    """Year by industry, what is drawn from the investment account."""
    account, rows = plan.settings.investment_account, tables.get("accounts")
    if rows is None or not len(rows) or not account:
        return None
    rows = rows[rows["flow"] == account]
    if not len(rows):
        return None
    names = Names(plan, language)
    by = rows.assign(series=[names.of("industries", str(key)) for key in rows["industry"]])
    table = by.pivot_table("value", "year", "series", aggfunc="sum", sort=False, fill_value=0.0).sort_index()
    figures = table.reset_index().astype({"year": str}).rename(columns={"year": ""})
    return Chart(INVESTMENT.say(language), str(rows["unit"].iloc[0]), "stacked", pd.DataFrame(figures))


def _indicators(tables: Mapping[str, pd.DataFrame], plan: Plan, language: Language) -> Chart | None:
    """Each indicator in its last year, where both figures are known."""
    rows = last_years(tables)
    if rows is None:
        return None
    last = rows[rows["asked"].notna() & rows["reached"].notna() & (rows["asked"] != 0)]
    if not len(last):
        return None
    names = Names(plan, language)
    share = 100.0 * last["reached"].astype(float) / last["asked"].astype(float)
    figures = pd.DataFrame(
        {
            "": [_label(names, row) for row in last.itertuples()],
            REACHED.say(language): share.to_list(),
        }
    )
    return Chart(INDICATORS.say(language), "%", "bars", figures)


def _label(names: Names, row: Any) -> str:
    """Growth ≥ 2010: whether more or less than 100 is asked for, and when."""
    return f"{names.of('indicators', str(row.indicator))} {SIGNS.get(str(row.sense), '')} {row.year}"
