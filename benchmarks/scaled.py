"""Plans of many regions, made in memory from a plan of one region with seeded variation.

Every region has the activities, background items and projects of the original. What measures the size of a region
(capacities, base output, limits in absolute numbers, background, project sizes) varies by up to VARIATION: one factor a
region and activity, so that output still fits capacity, one a region and background item. Factors average to one over
the regions, so that targets which the original just reaches stay within reach. What the original states for an activity
wherever it is (amounts, trends, prices) stays common to all regions.

Quantities add up all regions. Budgets and targets in absolute numbers are multiplied by the number of regions, and the
relative ones are measured against the sum: all of them are shared and tie the regions together.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd
import tomli_w

from model_data import TABLE, Plan, default_plan_path, load_plan

VARIATION = 0.05
# Parameters that measure the size of a region.
_SIZES = (
    "base_capacity", "base_output", "capacity_limit", "build_limit", "retirement", "output_step", "capacity_step",
    "level", "buy_limit", "sell_limit", "stock_limit", "initial_stock", "final_stock",
)  # fmt: skip
# What the factor of a region belongs to, by table.
_BEARER = {"activity_figures": "activity", "flow_figures": "flow", "background": "item"}
# What measures the original against other statistics, and says nothing of a plan that is made up.
_LEFT_OUT = ("base_totals", "actuals", "plausibility")
_PER_PROJECT = ("projects", "project_figures", "project_amounts", "quantity_terms")
_ABSOLUTE_KINDS = ("level",)


def scaled_plan(regions: int, seed: int = 0, original: Plan | None = None) -> Plan:
    """The plan (default: the shipped one) of one region repeated for so many regions, each a little different.

    The same seed gives the same plan; one region gives the original's own figures. The plan is not checked again;
    tests check that one of a few regions passes every rule. Raises ValueError for an original of more regions.
    """
    plan = original or load_plan(default_plan_path())
    frames = {name: plan.table(name) for name in TABLE}
    own = frames["regions"]["region"].tolist()
    if len(own) != 1:
        raise ValueError(f"a plan of one region is wanted, not of {len(own)}")
    names = [own[0], *(f"{own[0]}_{number:04d}" for number in range(2, regions + 1))]
    random = np.random.default_rng(seed)
    frames["regions"] = frames["regions"].loc[[0] * regions].assign(region=names)
    for table, bearer in _BEARER.items():
        frames[table] = _regional(frames[table], bearer, names, random)
    for table in _PER_PROJECT:
        frames[table] = _per_project(table, frames[table], names, random)
    frames["budget_figures"] = multiplied(
        frames["budget_figures"], frames["budget_figures"]["parameter"].isin(["limit", "base"]), regions
    )
    frames["indicator_figures"] = multiplied(
        frames["indicator_figures"], _absolute(frames["indicators"], frames["indicator_figures"]), regions
    )
    for table in _LEFT_OUT:
        frames[table] = frames[table].iloc[:0]
    numbered = {name: frame.reset_index(drop=True) for name, frame in frames.items()}
    texts = {name: _scenario(content, names) for name, content in plan.scenarios.items()}
    settings = replace(plan.settings, plan=f"{plan.settings.plan}_{regions}")
    return Plan(settings, MappingProxyType(texts), MappingProxyType(numbered))


def repeated_projects(plan: Plan, times: int, seed: int = 0) -> dict[str, pd.DataFrame]:
    """The tables of a plan of one region with every project so many times, each time a little larger or smaller."""
    frames = {name: plan.table(name) for name in TABLE}
    own, random = frames["regions"]["region"].tolist(), np.random.default_rng(seed)
    for table in _PER_PROJECT:
        frames[table] = _per_project(table, frames[table], own * times, random).reset_index(drop=True)
    return frames


def _suffixed(name: str, place: int) -> str:
    """The name of a project in a region; in the first one it keeps its own."""
    return name if place == 0 or not name else f"{name}_{place + 1:04d}"


def _factors(regions: int, count: int, random: np.random.Generator) -> Any:
    """So many factors for every region, each averaging to one over the regions."""
    drawn = 1.0 + VARIATION * (2.0 * random.random((regions, count)) - 1.0)
    return drawn / drawn.mean(axis=0)


def _regional(frame: pd.DataFrame, bearer: str, names: list[str], random: np.random.Generator) -> pd.DataFrame:
    """Rows that measure a region's size for every region, with its own factor; other rows for all as they are."""
    sized = frame["parameter"].isin(_SIZES)
    rows, others = frame[sized], frame[~sized]
    codes, bearers = pd.factorize(rows[bearer])
    factors = _factors(len(names), len(bearers), random)
    repeated = pd.concat([rows] * len(names)).assign(region=np.repeat(np.array(names, dtype=object), len(rows)))
    repeated = repeated.astype({"region": frame["region"].dtype})
    by = np.concatenate([own[codes] for own in factors])
    return pd.concat([others, repeated.assign(**_by_factor(repeated, by))])


def _per_project(table: str, frame: pd.DataFrame, names: list[str], random: np.random.Generator) -> pd.DataFrame:
    """Rows that name a project for every region; others once."""
    rows, others = frame[frame["project"] != ""], frame[frame["project"] == ""]
    copies, factors = [], _factors(len(names), len(rows), random)
    for place, region in enumerate(names):
        copy = rows.assign(project=[_suffixed(name, place) for name in rows["project"]])
        if table == "projects":
            requires = [";".join(_suffixed(p.strip(), place) for p in text.split(";")) for text in rows["requires"]]
            copy = copy.assign(region=region, requires=requires)
        elif table == "quantity_terms":
            copy = copy.assign(term=rows["term"] + 1000 * place)
        elif table == "project_figures":
            copy = copy.assign(**_by_factor(copy, np.where(rows["parameter"] == "size", factors[place], 1.0)))
        copies.append(copy)
    return pd.concat([others, *copies]).astype(frame.dtypes.to_dict())


def _by_factor(frame: pd.DataFrame, factor: Any) -> dict[str, pd.Series]:
    """Value and range, multiplied."""
    return {column: frame[column] * factor for column in ("value", "low", "high")}


def multiplied(frame: pd.DataFrame, chosen: pd.Series, by: float) -> pd.DataFrame:
    return frame.assign(**_by_factor(frame, np.where(chosen, by, 1.0)))


def _absolute(indicators: pd.DataFrame, figures: pd.DataFrame) -> pd.Series:
    """Which figures of indicators are sums over the regions: levels, and the bases of what is no ratio."""
    kind = figures["indicator"].map(dict(zip(indicators["indicator"], indicators["kind"], strict=True)))
    base = (figures["parameter"] == "base") & ~kind.str.startswith("ratio")
    return base | ((figures["parameter"] == "target") & kind.isin(_ABSOLUTE_KINDS))


def _scenario(content: Mapping[str, Any], names: list[str]) -> str:
    """The scenario with its settings of projects, and its figures of a region's size, for every region."""
    projects = {
        _suffixed(name, place): setting
        for name, setting in content.get("projects", {}).items()
        for place in range(len(names))
    }
    figures = [stated for figure in content.get("figures", ()) for stated in _everywhere(figure, names)]
    return tomli_w.dumps({**content, **({"projects": projects} if projects else {}), "figures": figures})


def _everywhere(figure: Mapping[str, Any], names: list[str]) -> list[dict[str, Any]]:
    if figure.get("table") in _BEARER and figure.get("parameter") in _SIZES:
        return [{**figure, "region": name} for name in names]
    if "project" in figure:
        return [{**figure, "project": _suffixed(figure["project"], place)} for place in range(len(names))]
    return [dict(figure)]
