"""Tidy tables of an answer: one function a table, one row a fact, units in a column."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from optimizer.forms import variable_labels
from optimizer.frames import lookup, records
from optimizer.instance import Instance
from optimizer.program import Label, Vector
from optimizer.targets import Target

Values = Mapping[Label, float]

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


def quantity_table(instance: Instance, values: Values) -> pd.DataFrame:
    """quantity, year, value, unit: every quantity of the plan in the base year and each planned year."""
    units = lookup(instance.plan.table("quantities"), "quantity", "unit")
    base, years = instance.horizon.base_year, instance.horizon.years
    rows = [(q, base, instance.base_values[q], unit) for q, unit in units.items()]
    rows += [
        (q, y, instance.forms.evaluate(("quantity", "", q, y), values), unit)
        for q, unit in units.items()
        for y in years
    ]
    order = list(units)
    frame = pd.DataFrame(rows, columns=["quantity", "year", "value", "unit"])
    place = frame["quantity"].map({q: k for k, q in enumerate(order)})
    return frame.assign(_place=place).sort_values(["_place", "year"]).drop(columns="_place").reset_index(drop=True)


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
    figures = instance.plan.table("indicator_figures").query("parameter == 'target'")
    stated = {row.indicator: row for row in reversed(records(figures))}
    rows: list[tuple[object, ...]] = []
    for entry in records(instance.plan.table("indicators")):
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


def activity_table(instance: Instance, values: Values) -> pd.DataFrame:
    """region, industry, activity, year, output, output_unit, capacity, new_capacity, retired, capacity_unit."""
    activities = {row.activity: row for row in records(instance.plan.table("activities"))}
    entering = _projects_entering(instance, values)
    rows = []
    for region, activity in instance.active:
        entry = activities[activity]
        head, units = (region, entry.industry, activity), (entry.output_unit, entry.capacity_unit)
        for y in instance.horizon.years:
            index = (region, activity, y)
            new = values.get(("build", *index), 0.0) + entering.get(index, 0.0)
            rows.append(
                (
                    *head,
                    y,
                    values[("output", *index)],
                    units[0],
                    values[("capacity", *index)],
                    new,
                    values[("retire", *index)] + instance.figures.exact(activity, "retirement", region, y),
                    units[1],
                )
            )
    columns = [
        "region",
        "industry",
        "activity",
        "year",
        "output",
        "output_unit",
        "capacity",
        "new_capacity",
        "retired",
        "capacity_unit",
    ]
    return pd.DataFrame(rows, columns=columns)


def _projects_entering(instance: Instance, values: Values) -> dict[Label, float]:
    entering: dict[Label, float] = {}
    for p in instance.projects:
        for y in p.years:
            index = (p.region, p.activity, y)
            entering[index] = entering.get(index, 0.0) + p.size * values[("start", p.project, y)]
    return entering


def account_table(instance: Instance, values: Values) -> pd.DataFrame:
    """flow, region, industry, activity, item, year, value, unit: what adds up to every account, by origin.

    Background items stand with their ``item`` and no activity. Investment before the first plan year is not counted.
    """
    flows = instance.plan.table("flows")
    kinds, units = lookup(flows, "flow", "kind"), lookup(flows, "flow", "unit")
    years = instance.horizon.years
    draws = instance.flow_draws
    draws = draws[draws["year"].isin(years)]
    draws = draws[draws["flow"].map(kinds) == "account"]
    level = _levels(instance, values, draws)
    industry = lookup(instance.plan.table("activities"), "activity", "industry")
    decided = draws.assign(value=draws["amount"] * level, item="", industry=draws["activity"].map(industry))
    given = instance.background[instance.background["year"].isin(years)].assign(activity="")
    given = given[given["flow"].map(kinds) == "account"].rename(columns={"amount": "value"})
    columns = ["flow", "region", "industry", "activity", "item", "year"]
    both = pd.concat([decided[[*columns, "value"]], given[[*columns, "value"]]], ignore_index=True)
    table = both.groupby(columns, sort=False)["value"].sum().reset_index()
    return table.assign(unit=table["flow"].map(units))


def _levels(instance: Instance, values: Values, draws: pd.DataFrame) -> Vector:
    """The value of the variable behind each draw."""
    kinds, numbers = draws["kind"].to_numpy(dtype=object), draws["variable"].to_numpy()
    levels = np.zeros(len(draws))
    for kind in set(kinds):
        by_number = np.array([values[label] for label in variable_labels(kind, instance.variables[kind])])
        levels[kinds == kind] = by_number[numbers[kinds == kind]]
    return levels


def project_table(instance: Instance, values: Values) -> pd.DataFrame:
    """project, activity, size, unit, year, share: the share of each project that enters service in each year.

    Closing years are included, since what enters then is spent on in the plan.
    """
    units = lookup(instance.plan.table("activities"), "activity", "capacity_unit")
    rows = [
        (p.project, p.activity, p.size, units[p.activity], y, values[("start", p.project, y)])
        for p in instance.projects
        for y in p.years
    ]
    return pd.DataFrame(rows, columns=["project", "activity", "size", "unit", "year", "share"])


def trade_table(instance: Instance, values: Values) -> pd.DataFrame:
    """region, flow, year, bought, sold, stock, unit."""
    units = lookup(instance.plan.table("flows"), "flow", "unit")
    places = pd.concat(
        [instance.variables[kind][["region", "flow"]] for kind in ("buy", "sell", "stock")]
    ).drop_duplicates()
    rows = [
        (r, f, y, *(values.get((kind, r, f, y), 0.0) for kind in ("buy", "sell", "stock")), units[f])
        for r, f in places.itertuples(index=False)
        for y in instance.horizon.years
    ]
    return pd.DataFrame(rows, columns=["region", "flow", "year", "bought", "sold", "stock", "unit"])


def fund_table(instance: Instance, values: Values) -> pd.DataFrame:
    """fund, industry, year, value: money used, in the unit of the investment account."""
    frame = instance.variables["fund"]
    frame = frame[frame["t"].isin(instance.horizon.years)]
    rows = [
        (s, i, y, values[("fund", s, i, y)]) for s, i, y in frame[["fund", "industry", "t"]].itertuples(index=False)
    ]
    return pd.DataFrame(rows, columns=["fund", "industry", "year", "value"])


def grade_table(instance: Instance) -> pd.DataFrame:
    """grade, figures, share: how the figures that the program rests on are graded."""
    tables = (
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
    grades = pd.concat([instance.plan.table(name).query("value == value")["grade"] for name in tables])
    decided = {target.indicator for target in instance.targets}
    own = instance.plan.table("indicator_figures")
    grades = pd.concat([grades, own.loc[own["indicator"].isin(decided), "grade"]])
    counts = grades.value_counts().reindex(list("ABCD"), fill_value=0)
    return pd.DataFrame(
        {"grade": counts.index, "figures": counts.to_numpy(), "share": counts.to_numpy() / max(counts.sum(), 1)}
    )
