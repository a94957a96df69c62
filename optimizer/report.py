"""Tidy tables of an answer: one function a table, one row a fact, units in a column."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from model_data import Plan
from optimizer.derived import kept_by
from optimizer.frames import lookup, records
from optimizer.instance import Instance
from optimizer.levels import Levels, origins
from optimizer.program import Vector
from optimizer.targets import Target

# A target counts as met when it is missed by less than this share of itself, which is rounding to a reader.
MET_TOLERANCE = 1e-6
INDICATOR_COLUMNS = [
    "indicator",
    "number",
    "clause",
    "standing",
    "sense",
    "year",
    "asked",
    "reached",
    "unit",
    "met",
    "missed_by",
]


def quantity_table(instance: Instance, levels: Levels) -> pd.DataFrame:
    """quantity, year, value, unit: every quantity of the plan in the base year and each planned year."""
    units = lookup(instance.plan.table("quantities"), "quantity", "unit")
    years, numbers = instance.horizon.years, instance.forms.numbers
    planned = [[numbers["quantity", "", q, y] for y in years] for q in units]
    base = np.array([[instance.base_values[q]] for q in units], dtype=float).reshape(-1, 1)
    reached = levels.forms[np.array(planned, dtype=np.int64).reshape(len(units), len(years))]
    every = len(years) + 1
    return pd.DataFrame(
        {
            "quantity": [q for q in units for _ in range(every)],
            "year": np.tile([instance.horizon.base_year, *years], len(units)),
            "value": np.hstack([base, reached]).ravel(),
            "unit": [unit for unit in units.values() for _ in range(every)],
        }
    )


def indicator_table(instance: Instance, quantities: pd.DataFrame) -> pd.DataFrame:
    """Every indicator of the plan by year: asked, reached, met (yes, no, blank), missed_by in the indicator's unit.

    Those outside the model stand with the plan's own figure and nothing reached. Without a point (``quantities`` empty)
    nothing is reached.
    """
    reached = {
        (q, y): v for q, y, v in zip(quantities["quantity"], quantities["year"], quantities["value"], strict=True)
    }
    targets = {target.indicator: target for target in instance.targets}
    units = lookup(instance.plan.table("quantities"), "quantity", "unit")
    entries, stated = _indicators(instance.plan)
    rows: list[tuple[object, ...]] = []
    for entry in entries:
        head = (entry.indicator, entry.number, entry.clause)
        target = targets.get(str(entry.indicator))
        if target is not None:
            unit = _unit(target, units)
            rows += [
                (*head, target.standing, target.sense, y, *_outcome(target, y, reached, unit))
                for y in instance.horizon.years
                if y in target.asked
            ]
        elif entry.indicator in stated:
            figure = stated[entry.indicator]
            rows.append((*head, entry.standing, entry.sense, None, figure.value, None, figure.unit, "", None))
    frame = pd.DataFrame(rows, columns=INDICATOR_COLUMNS)
    return frame.astype({"year": "Int64", "asked": float, "reached": float, "missed_by": float})


@kept_by("indicators", "indicator_figures")
def _indicators(plan: Plan) -> tuple[list[Any], dict[str, Any]]:
    """All indicators, and the first target that is stated of each."""
    figures = plan.table("indicator_figures")
    stated = {row.indicator: row for row in reversed(records(figures[figures["parameter"] == "target"]))}
    return records(plan.table("indicators")), stated


def _unit(target: Target, units: Mapping[str, str]) -> str:
    unit = units[target.quantity]
    if not target.denominator:
        return unit
    return "1" if unit == units[target.denominator] else f"{unit}/{units[target.denominator]}"


def _outcome(target: Target, year: int, reached: Mapping[tuple[str, int], float], unit: str) -> tuple[object, ...]:
    asked, value = target.asked[year], reached.get((target.quantity, year))
    if value is None:
        return asked, None, unit, "", None
    if target.denominator:
        denominator = reached[target.denominator, year]
        value = value / denominator if denominator else float("nan")
    missed = max(_miss(target.sense, asked, value), 0.0)
    met = missed <= MET_TOLERANCE * max(1e-12, abs(asked))
    return asked, value, unit, "yes" if met else "no", 0.0 if met else missed


def _miss(sense: str, asked: float, value: float) -> float:
    return {">=": asked - value, "<=": value - asked, "=": abs(value - asked)}[sense]


def activity_table(instance: Instance, levels: Levels) -> pd.DataFrame:
    """region, industry, activity, year, output, output_unit, capacity, new_capacity, retired, capacity_unit."""
    activities, years = instance.plan.table("activities"), instance.horizon.years
    industry, output_unit, capacity_unit = (
        lookup(activities, "activity", column) for column in ("industry", "output_unit", "capacity_unit")
    )
    rows = [(region, activity, year) for region, activity in instance.active for year in years]
    planned = np.isin(instance.shape.indices["output"]["t"], years)
    stated = np.nan_to_num(_scheduled_retirement(instance))
    return pd.DataFrame(
        {
            "region": [region for region, _, _ in rows],
            "industry": [industry[activity] for _, activity, _ in rows],
            "activity": [activity for _, activity, _ in rows],
            "year": np.array([year for _, _, year in rows], dtype=np.int64),
            "output": levels.of["output"][planned],
            "output_unit": [output_unit[activity] for _, activity, _ in rows],
            "capacity": levels.of["capacity"][planned],
            "new_capacity": _new_capacity(instance, levels)[planned],
            "retired": levels.of["retire"][planned] + stated,
            "capacity_unit": [capacity_unit[activity] for _, activity, _ in rows],
        }
    )


def _scheduled_retirement(instance: Instance) -> Vector:
    """In each active place and planned year; not a number where none is stated."""
    shape, years = instance.shape, instance.horizon.years
    of = ("activity_figures", "retirement", shape.places, years, shape.has_value)
    return np.append(instance.values, np.nan)[shape.coded.numbers(*of, exact=True)].ravel()


def _new_capacity(instance: Instance, levels: Levels) -> Vector:
    """What is built, and projects that enter service, in each active place and year."""
    indices, sizes = instance.shape.indices, {p.project: p.size for p in instance.projects}
    operated, by_place = indices["output"], ("region", "activity", "t")
    size = np.array([sizes[name] for name in instance.variables["start"]["project"]], dtype=float)
    new: Vector = np.zeros(len(operated))
    for kind, capacity in (("build", levels.of["build"]), ("start", size * levels.of["start"])):
        new += np.bincount(indices[kind].place_in(operated, by_place), capacity, len(operated))
    return new


def account_table(instance: Instance, levels: Levels) -> pd.DataFrame:
    """flow, region, industry, activity, item, year, value, unit: what adds up to every account, by origin.

    Background items stand with their ``item`` and no activity. Investment before the first plan year is not counted.
    """
    flows, plan = instance.plan.table("flows"), instance.plan
    units = lookup(flows, "flow", "unit")
    accounts = frozenset(flow for flow, kind in lookup(flows, "flow", "kind").items() if kind == "account")
    industries = tuple(lookup(plan.table("activities"), "activity", "industry").items())
    found = origins(instance.shape, instance.horizon.years, accounts, industries)
    return found.names.assign(
        value=found.sums(instance.amounts, levels), unit=[units[flow] for flow in found.names["flow"].tolist()]
    )


def project_table(instance: Instance, levels: Levels) -> pd.DataFrame:
    """project, activity, size, unit, year, share: the share of each project that enters service in each year.

    Closing years are included, since what enters then is spent on in the plan.
    """
    units = lookup(instance.plan.table("activities"), "activity", "capacity_unit")
    frame, sizes = instance.variables["start"], {p.project: p.size for p in instance.projects}
    return pd.DataFrame(
        {
            "project": frame["project"],
            "activity": frame["activity"],
            "size": [sizes[project] for project in frame["project"].tolist()],
            "unit": [units[activity] for activity in frame["activity"].tolist()],
            "year": frame["t"].to_numpy(),
            "share": levels.of["start"],
        }
    )


def trade_table(instance: Instance, levels: Levels) -> pd.DataFrame:
    """region, flow, year, bought, sold, stock, unit."""
    units = lookup(instance.plan.table("flows"), "flow", "unit")
    kinds, years = ("buy", "sell", "stock"), instance.horizon.years
    traded = {kind: instance.variables[kind][["region", "flow", "t"]] for kind in kinds}
    at = {
        kind: dict(zip(zip(*(frame[c].tolist() for c in frame), strict=True), levels.of[kind].tolist(), strict=True))
        for kind, frame in traded.items()
    }
    places = dict.fromkeys((region, flow) for kind in kinds for region, flow, _ in at[kind])
    rows = [(r, f, y, *(at[kind].get((r, f, y), 0.0) for kind in kinds), units[f]) for r, f in places for y in years]
    return pd.DataFrame(rows, columns=["region", "flow", "year", "bought", "sold", "stock", "unit"])


def fund_table(instance: Instance, levels: Levels) -> pd.DataFrame:
    """fund, industry, year, value: money used, in the unit of the investment account."""
    frame = instance.variables["fund"]
    planned = frame["t"].isin(instance.horizon.years).to_numpy()
    named = frame[planned].rename(columns={"t": "year"}).reset_index(drop=True)
    return named.assign(value=levels.of["fund"][planned])


_GRADED = (
    "amounts",
    "project_amounts",
    "charges",
    "trends",
    "spending_profiles",
    "activity_figures",
    "flow_figures",
    "background",
    "hosts",
    "project_figures",
    "budget_figures",
)


def grade_table(instance: Instance) -> pd.DataFrame:
    """grade, figures, share: how the figures that the program rests on are graded."""
    counted, own = Counter(_grades(instance.plan)), instance.plan.table("indicator_figures")
    decided = {target.indicator for target in instance.targets}
    indicators = zip(own["indicator"].tolist(), own["grade"].tolist(), strict=True)
    counted.update(grade for indicator, grade in indicators if indicator in decided)
    counts = np.array([counted[grade] for grade in "ABCD"], dtype=np.int64)
    return pd.DataFrame({"grade": list("ABCD"), "figures": counts, "share": counts / max(counts.sum(), 1)})


@kept_by(*_GRADED)
def _grades(plan: Plan) -> Mapping[str, int]:
    """How many figures that somebody has carry each grade, those of indicators apart."""
    tables = [plan.table(name) for name in _GRADED]
    return Counter(grade for table in tables for grade in table.loc[table["value"].notna(), "grade"].tolist())
