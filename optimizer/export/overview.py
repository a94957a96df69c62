"""The page that is read first: each indicator once, in its last year, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from model_data import Plan
from optimizer.scenario import IndicatorSetting
from optimizer.words.asked import Asked
from optimizer.words.choices import MET, STANDINGS, choice
from optimizer.words.language import Language
from optimizer.words.names import Names
from optimizer.words.requirements import SIGNS

COLUMNS = (
    "number", "indicator_name", "clause", "standing", "year",
    "sense", "asked", "unit", "stated", "reached", "met", "missed_by",
)  # fmt: skip

_FIGURES = ["asked", "reached", "missed_by"]
_NEEDED = {"indicator", *COLUMNS} - {"stated"}


def last_years(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame | None:
    """The last row of each indicator; None where there are none, or tables of that name say something else."""
    rows = tables.get("indicators")
    if rows is None or not len(rows) or not set(rows.columns) >= _NEEDED:
        return None
    return pd.DataFrame(rows.groupby("indicator", sort=False).tail(1))


def overview(
    tables: Mapping[str, pd.DataFrame], plan: Plan, scenario: Mapping[str, Any], language: Language
) -> pd.DataFrame | None:
    """A row an indicator, those outside the model last; None where the answer has no table of indicators.

    ``scenario``: what was solved, as in a document. Figures are in the unit in which the plan states the indicator;
    what the plan asks of a change (13 % a year) stands in ``stated``.
    """
    last = last_years(tables)
    if last is None:
        return None
    inside, asked = last["standing"] != "outside", _asked(plan, scenario, language)
    keys = [str(key) if known else "" for key, known in zip(last["indicator"], inside, strict=True)]
    units = [asked.unit(key) if key else (str(unit), 1.0) for key, unit in zip(keys, last["unit"], strict=True)]
    years = [int(year) if key else 0 for key, year in zip(keys, last["year"].fillna(0), strict=True)]
    scales = [scale for _, scale in units]
    last = last.assign(
        unit=[unit for unit, _ in units],
        stated=[asked.remark(key, year) if key else "" for key, year in zip(keys, years, strict=True)],
        **{figure: last[figure].astype(float) * scales for figure in _FIGURES},
    )
    last = last.assign(
        standing=[choice(STANDINGS, str(key), language) for key in last["standing"]],
        sense=[SIGNS.get(str(key), str(key)) for key in last["sense"]],
        met=[choice(MET, str(key), language) for key in last["met"].fillna("")],
        missed_by=last["missed_by"].where(last["missed_by"] != 0.0),
    )
    return pd.DataFrame(pd.concat([last[inside], last[~inside]])[list(COLUMNS)].reset_index(drop=True))


def _asked(plan: Plan, scenario: Mapping[str, Any], language: Language) -> Asked:
    changed = plan.with_figures(list(scenario["figures"])) if scenario.get("figures") else plan
    settings = {key: IndicatorSetting.model_validate(own) for key, own in scenario.get("indicators", {}).items()}
    return Asked(changed, settings, plan.settings.last_year, Names(plan, language))
