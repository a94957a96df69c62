"""Tidy tables of an answer by columns: one function a table, one row a fact, units in a column."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from model_data import Plan
from optimizer.derived import kept_by
from optimizer.frames import read, records
from optimizer.instance import Instance
from optimizer.keys import Integers
from optimizer.levels import Levels, kept_by_shape
from optimizer.table import Table
from optimizer.targets import Target

# A target counts as met when it is missed by less than this share of itself, which is rounding to a reader.
MET_TOLERANCE = 1e-6
_INDICATORS = (
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
)
_FIGURES = ("asked", "reached", "missed_by")


def quantity_table(instance: Instance, levels: Levels) -> Table:
    """quantity, year, value, unit: every quantity of the plan in the base year and each planned year."""
    names, planned = _quantities(instance)
    base = np.array(
        [[instance.base_values[q]] for q in read(instance.plan, "quantities").column("quantity")], dtype=float
    )
    value = np.hstack([base.reshape(-1, 1), levels.forms[planned]]).ravel()
    return {"quantity": names["quantity"], "year": names["year"], "value": value, "unit": names["unit"]}


@kept_by_shape
def _quantities(instance: Instance) -> tuple[Table, Integers]:
    """What stands beside the values, and the form of each quantity (rows) in each planned year."""
    units = read(instance.plan, "quantities").by("quantity", "unit")
    years, numbers = instance.horizon.years, instance.forms.numbers
    planned = [[numbers["quantity", "", q, y] for y in years] for q in units]
    every = len(years) + 1
    names = {
        "quantity": [q for q in units for _ in range(every)],
        "year": np.tile([instance.horizon.base_year, *years], len(units)),
        "unit": [unit for unit in units.values() for _ in range(every)],
    }
    return names, np.array(planned, dtype=np.int64).reshape(len(units), len(years))


def indicator_table(instance: Instance, quantities: Table) -> Table:
    """Every indicator of the plan by year: asked, reached, met (yes, no, blank), missed_by in the indicator's unit.

    Those outside the model stand with the plan's own figure and nothing reached. Without a point (``quantities`` empty)
    nothing is reached.
    """
    reached = _reached(quantities)
    targets = {target.indicator: target for target in instance.targets}
    units = read(instance.plan, "quantities").by("quantity", "unit")
    entries, stated = _indicators(instance.plan)
    rows: list[tuple[object, ...]] = []
    for entry in entries:
        head = (entry.indicator, entry.number, entry.clause)
        target = targets.get(entry.indicator)
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
    columns: dict[str, Any] = {name: [row[place] for row in rows] for place, name in enumerate(_INDICATORS)}
    figures = {name: np.array(columns[name], dtype=float) for name in _FIGURES}
    return {**columns, **figures, "year": pd.array(columns["year"], dtype="Int64")}


def _reached(quantities: Table) -> Mapping[tuple[str, int], float]:
    if not quantities:
        return {}
    index = zip(quantities["quantity"], quantities["year"].tolist(), strict=True)
    return dict(zip(index, quantities["value"].tolist(), strict=True))


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


def grade_table(instance: Instance) -> Table:
    """grade, figures, share: how the figures that the program rests on are graded."""
    counted = sum((of_table(instance.plan) for of_table in _GRADES), start=Counter[str]())
    own, decided = read(instance.plan, "indicator_figures"), {target.indicator for target in instance.targets}
    indicators = zip(own.column("indicator"), own.column("grade"), strict=True)
    counted.update(grade for indicator, grade in indicators if indicator in decided)
    counts = np.array([counted[grade] for grade in "ABCD"], dtype=np.int64)
    return {"grade": list("ABCD"), "figures": counts, "share": counts / max(counts.sum(), 1)}


def _grades(table: str, plan: Plan) -> Counter[str]:
    """How many figures of the table that somebody has carry each grade."""
    frame = plan.table(table)
    return Counter(frame.loc[frame["value"].notna(), "grade"].tolist())


# Those of indicators apart.
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
_GRADES: list[Callable[[Plan], Counter[str]]] = [kept_by(table)(partial(_grades, table)) for table in _GRADED]
