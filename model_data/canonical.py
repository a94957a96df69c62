"""The canonical unit of every figure: the unit in which equations want it, as the tables around it imply.

Each function gives one text per row of its table, None where any unit will do or where a broken reference (reported
elsewhere) leaves the unit open.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pandas as pd

from model_data.units import CALENDAR_YEAR, DIMENSIONLESS, UnitError, factor, quotient

Frames = Mapping[str, pd.DataFrame]
Units = list[str | None]

_CAPACITY = ("base_capacity", "retirement", "capacity_step", "capacity_limit", "build_limit")
_OUTPUT = ("base_output", "output_step")
_PER_CAPACITY = ("utilisation", "utilisation_floor")
_CHANGES = ("level_change", "growth", "ratio_change", "ratio_growth")


def canonical_units(table: str, frames: Frames) -> Units:
    """The canonical unit of each row of a figure table."""
    if table in _BY_TABLE:
        return _BY_TABLE[table](frames)
    return [_ANY.get(table)] * len(frames[table])


def scales(units: pd.Series, canonical: Units) -> list[float]:
    """Factor from each row's unit to its canonical unit; 1 where any unit will do, NaN where it does not fit."""
    return [_scale(str(unit), target) for unit, target in zip(units.tolist(), canonical, strict=True)]


def _scale(unit: str, target: str | None) -> float:
    if target is None or target == CALENDAR_YEAR:
        return 1.0
    try:
        return factor(unit, target)
    except UnitError:
        return float("nan")


def _lookup(frames: Frames, table: str, key: str, column: str) -> dict[str, str]:
    return dict(zip(frames[table][key].tolist(), frames[table][column].tolist(), strict=True))


def _per(numerator: str | None, denominator: str | None) -> str | None:
    return quotient(numerator, denominator) if numerator and denominator else None


def _amounts(frames: Frames) -> Units:
    flows = _lookup(frames, "flows", "flow", "unit")
    by = {
        "operate": _lookup(frames, "activities", "activity", "output_unit"),
        "build": _lookup(frames, "activities", "activity", "capacity_unit"),
    }
    rows = frames["amounts"]
    return [
        _per(flows.get(flow), by.get(vector, {}).get(activity))
        for flow, vector, activity in zip(rows["flow"], rows["vector"], rows["activity"], strict=True)
    ]


def _capacity_of_project(frames: Frames) -> dict[str, str | None]:
    capacity = _lookup(frames, "activities", "activity", "capacity_unit")
    return {
        project: capacity.get(activity)
        for project, activity in _lookup(frames, "projects", "project", "activity").items()
    }


def _project_amounts(frames: Frames) -> Units:
    flows, capacity = _lookup(frames, "flows", "flow", "unit"), _capacity_of_project(frames)
    rows = frames["project_amounts"]
    return [
        _per(flows.get(flow), capacity.get(project))
        for flow, project in zip(rows["flow"], rows["project"], strict=True)
    ]


def _charges(frames: Frames) -> Units:
    flows = _lookup(frames, "flows", "flow", "unit")
    rows = frames["charges"]
    return [
        _per(flows.get(account), flows.get(flow)) for account, flow in zip(rows["account"], rows["flow"], strict=True)
    ]


def _activity_figures(frames: Frames) -> Units:
    output = _lookup(frames, "activities", "activity", "output_unit")
    capacity = _lookup(frames, "activities", "activity", "capacity_unit")

    def unit(activity: str, parameter: str) -> str | None:
        if parameter in _CAPACITY:
            return capacity.get(activity)
        if parameter in _OUTPUT:
            return output.get(activity)
        if parameter in _PER_CAPACITY:
            return _per(output.get(activity), capacity.get(activity))
        return {"output_growth": DIMENSIONLESS, "capacity_growth": DIMENSIONLESS, "earliest_build": CALENDAR_YEAR}.get(
            parameter
        )

    rows = frames["activity_figures"]
    return [unit(*row) for row in zip(rows["activity"], rows["parameter"], strict=True)]


def _flow_figures(frames: Frames) -> Units:
    flows = _lookup(frames, "flows", "flow", "unit")
    rows = frames["flow_figures"]
    return [
        DIMENSIONLESS if parameter == "loss" else flows.get(flow)
        for flow, parameter in zip(rows["flow"], rows["parameter"], strict=True)
    ]


def _background(frames: Frames) -> Units:
    flows = _lookup(frames, "flows", "flow", "unit")
    rows = frames["background"]
    return [
        DIMENSIONLESS if parameter == "growth" else flows.get(flow)
        for flow, parameter in zip(rows["flow"], rows["parameter"], strict=True)
    ]


def _hosts(frames: Frames) -> Units:
    output = _lookup(frames, "activities", "activity", "output_unit")
    capacity = _lookup(frames, "activities", "activity", "capacity_unit")
    by = {"output": (output, output), "capacity": (capacity, capacity)}
    rows = frames["hosts"]
    return [
        _per(by[basis][0].get(activity), by[basis][1].get(host)) if basis in by else None
        for activity, host, basis in zip(rows["activity"], rows["host"], rows["basis"], strict=True)
    ]


def _project_figures(frames: Frames) -> Units:
    capacity = _capacity_of_project(frames)
    rows = frames["project_figures"]
    return [
        capacity.get(project) if parameter == "size" else CALENDAR_YEAR
        for project, parameter in zip(rows["project"], rows["parameter"], strict=True)
    ]


def budget_units(frames: Frames) -> dict[str, str]:
    """The unit of each budget: of its quantity, of the budget it is a share of, or of its own first figure."""
    quantity = _lookup(frames, "quantities", "quantity", "unit")
    budgets = frames["budgets"]
    own = {budget: quantity.get(name, "") for budget, name in zip(budgets["budget"], budgets["quantity"], strict=True)}
    figures = frames["budget_figures"]
    for budget, parameter, unit in zip(figures["budget"], figures["parameter"], figures["unit"], strict=True):
        if parameter in ("limit", "base") and not own.get(budget):
            own[budget] = unit
    parent = _lookup(frames, "budgets", "budget", "of")
    return {budget: _inherited(budget, own, parent) for budget in own}


def _inherited(budget: str, own: Mapping[str, str], parent: Mapping[str, str]) -> str:
    """The first unit along the chain of parents; a chain that comes back to itself has none."""
    for _ in own:
        if own.get(budget):
            return own[budget]
        budget = parent.get(budget, "")
    return ""


def _budget_figures(frames: Frames) -> Units:
    units = budget_units(frames)
    rows = frames["budget_figures"]
    return [
        (units.get(budget) or None) if parameter in ("limit", "base") else DIMENSIONLESS
        for budget, parameter in zip(rows["budget"], rows["parameter"], strict=True)
    ]


def _indicator_figures(frames: Frames) -> Units:
    quantity = _lookup(frames, "quantities", "quantity", "unit")
    units: dict[str, dict[str, str | None]] = {}
    for row in frames["indicators"].itertuples(index=False):
        level = quantity.get(str(row.quantity))
        if str(row.kind).startswith("ratio"):
            level = _per(level, quantity.get(str(row.denominator)))
        target = DIMENSIONLESS if row.kind in _CHANGES else level
        outside = row.standing == "outside" and not row.quantity
        units[str(row.indicator)] = {} if outside else {"target": target, "base": level}
    rows = frames["indicator_figures"]
    return [
        units.get(indicator, {}).get(parameter)
        for indicator, parameter in zip(rows["indicator"], rows["parameter"], strict=True)
    ]


def _of_quantity(table: str) -> Callable[[Frames], Units]:
    def units(frames: Frames) -> Units:
        quantity = _lookup(frames, "quantities", "quantity", "unit")
        return [quantity.get(name) for name in frames[table]["quantity"]]

    return units


_ANY: dict[str, str | None] = {
    "trends": DIMENSIONLESS,
    "spending_profiles": DIMENSIONLESS,
    "indices": DIMENSIONLESS,
    "context": None,
}
_BY_TABLE: dict[str, Callable[[Frames], Units]] = {
    "amounts": _amounts,
    "project_amounts": _project_amounts,
    "charges": _charges,
    "activity_figures": _activity_figures,
    "flow_figures": _flow_figures,
    "background": _background,
    "hosts": _hosts,
    "project_figures": _project_figures,
    "budget_figures": _budget_figures,
    "indicator_figures": _indicator_figures,
    "base_totals": _of_quantity("base_totals"),
    "actuals": _of_quantity("actuals"),
}

# What the unit of a figure must measure, for notes and the data reference.
UNIT_NOTES = {
    "amounts": "operate: flow unit / output unit; build: flow unit / capacity unit",
    "project_amounts": "flow unit / capacity unit of the project's activity",
    "charges": "account unit / flow unit",
    "trends": "1 or %",
    "spending_profiles": "1 or %",
    "activity_figures": "capacity unit, output unit, or output unit / capacity unit (utilisation); growth: 1 or %; "
    "earliest_build: 年份",
    "flow_figures": "flow unit; loss: 1 or %",
    "background": "level: flow unit; growth: 1 or %",
    "hosts": "output unit / output unit of the host (basis output), capacity unit / capacity unit (basis capacity)",
    "project_figures": "size: capacity unit; years: 年份",
    "budget_figures": "limit and base: unit of the budget's quantity; growth and share: 1 or %",
    "indicator_figures": "level and base: unit of the quantity; ratio: its unit / unit of the denominator; "
    "changes and growth: 1 or %",
    "indices": "1 or %",
    "base_totals": "unit of the quantity",
    "actuals": "unit of the quantity",
    "context": "any unit",
}
