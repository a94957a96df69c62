"""What happened, as rows of a program: each observation holds, or is missed by as little as can be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
import scipy.sparse as sp

from model_data import Plan
from model_data.units import compatible, factor
from optimizer.forms import FormKey
from optimizer.frames import lookup, records
from optimizer.instance import Instance
from optimizer.program import INFINITY, Label, LinearProgram, Stage, Vector
from optimizer.questions import Problem, problem, unknown_name
from optimizer.words.language import Text

DEVIATION_COLUMNS = ["what", "name", "year", "unit", "actual", "taken", "deviation"]
# A deviation smaller than this, relative to the actual, is rounding.
NEGLIGIBLE = 1e-7
# Actuals that no plan of the model can follow are followed to within this share above the least sum of deviations. A
# past that is consistent stays exact; but one that is not must not push the plan into the last corner of what is
# possible, where targets that would cost the past next to nothing are given up.
SLACK = 0.05
QUANTITY = Text("量", "quantity")
_ACTUAL = ["quantity", "year", "value"]


@dataclass(frozen=True)
class Observation:
    """``costs · x + constant`` was ``actual``; what it is of, and its size, by which a deviation is divided."""

    what: str  # quantity or project
    name: str
    year: int
    unit: str
    actual: float
    costs: Vector
    constant: float
    size: float


def known_actuals(plan: Plan, through: int, actuals: pd.DataFrame | None) -> tuple[pd.DataFrame, list[Problem]]:
    """Actuals of the plan years up to ``through`` (default: the plan's own), and all problems."""
    if actuals is None:
        rows, problems = _own_actuals(plan, through)
        return _passed(plan, rows, through), problems
    missing = [_missing(column) for column in _ACTUAL if column not in actuals]
    if missing:
        return pd.DataFrame(columns=_ACTUAL), missing
    rows = actuals[actuals["value"].notna()]
    quantities = plan.table("quantities")["quantity"].tolist()
    problems = [
        unknown_name("actuals", what=QUANTITY, name=q, known=quantities)
        for q in dict.fromkeys(rows["quantity"])
        if q not in quantities
    ]
    numbers = rows[["year", "value"]].apply(pd.to_numeric, errors="coerce")
    bad = ~np.isfinite(numbers.to_numpy(dtype=float)).all(axis=1) | (numbers["year"] % 1 != 0).to_numpy()
    problems += [
        problem("actuals", zh=f"{y}年{q}：{v}不是某年的数值", en=f"{q} of {y}: {v} is no number of a year")
        for q, y, v in _cells(rows.loc[bad, _ACTUAL])
    ]
    twice = rows.loc[rows.duplicated(_ACTUAL[:2]), _ACTUAL]
    problems += [problem("actuals", zh=f"{y}年{q}出现两次", en=f"{q} of {y} stands twice") for q, y, _ in _cells(twice)]
    scales, wrong = _scales(plan, rows)
    rows = rows.assign(year=numbers["year"], value=numbers["value"] * scales)
    return _passed(plan, rows[_ACTUAL], through), problems + wrong


def _passed(plan: Plan, rows: pd.DataFrame, through: int) -> pd.DataFrame:
    return rows[rows["year"].between(plan.settings.first_year, through)]


def _missing(column: str) -> Problem:
    return problem("actuals", zh=f"缺少“{column}”一列", en=f"the column {column!r} is missing")


def _scales(plan: Plan, rows: pd.DataFrame) -> tuple[list[float], list[Problem]]:
    """From each row's unit (blank: that of the quantity) to the quantity's, and units that do not fit."""
    units, scales, problems = lookup(plan.table("quantities"), "quantity", "unit"), [], []
    stated = rows["unit"].fillna("").astype(str).tolist() if "unit" in rows else [""] * len(rows)
    for quantity, unit in zip(rows["quantity"], stated, strict=True):
        own = units.get(quantity, unit)
        fits = not unit or compatible(unit, own)
        scales.append(factor(unit, own) if unit and fits else 1.0)
        if not fits:
            zh = f"{quantity}的单位是{own}；“{unit}”不是同类单位"
            en = f"{quantity} is measured in {own}; {unit!r} is no unit of the same kind"
            problems.append(problem("actuals", zh=zh, en=en))
    return scales, problems


def _cells(rows: pd.DataFrame) -> list[tuple[Any, ...]]:
    return list(rows.itertuples(index=False, name=None))


def _own_actuals(plan: Plan, through: int) -> tuple[pd.DataFrame, list[Problem]]:
    """The plan's table in canonical units. A quantity is of all regions: actuals of regions are added up.

    An actual of the whole stands before those of its regions. Regions that are not complete are a problem.
    """
    rows = plan.table("actuals").query("value == value")
    rows = rows.assign(value=rows["value"] * rows["scale"])
    regions = plan.table("regions")["region"].tolist()
    if len(regions) == 1:
        return rows[_ACTUAL], []
    whole, parts = rows[rows["region"] == ""], rows[rows["region"] != ""]
    stated = set(zip(whole["quantity"], whole["year"], strict=True))
    sums = parts.groupby(["quantity", "year"], sort=False)["value"].agg(["sum", "count"]).reset_index()
    sums = sums[~pd.Series(list(zip(sums["quantity"], sums["year"], strict=True)), dtype=object).isin(stated)]
    short = sums[(sums["count"] < len(regions)) & sums["year"].between(plan.settings.first_year, through)]
    problems = [
        problem(
            "actuals",
            zh=f"{row.year}年{row.quantity}只有{len(regions)}个地区中{row.known}个的实际数；请给出全部，或在不写地区的一行给出合计",
            en=f"{row.quantity} of {row.year} is known for {row.known} of {len(regions)} regions; give all of them, "
            "or the whole in a row without region",
        )
        for row in records(short.rename(columns={"count": "known"}))
    ]
    full = sums[sums["count"] == len(regions)].rename(columns={"sum": "value"})
    return pd.concat([whole[_ACTUAL], full[_ACTUAL]], ignore_index=True), problems


def form_vector(instance: Instance, program: LinearProgram, key: FormKey) -> Vector:
    """The coefficients of a form over the columns of the program."""
    vector = np.zeros(len(program.columns))
    for label, amount in instance.forms.terms(key):
        column = program.column_number.get(label)
        if column is not None:
            vector[column] += amount
    return vector


def observed_quantities(instance: Instance, program: LinearProgram, actuals: pd.DataFrame) -> list[Observation]:
    """``actuals``: rows quantity, year, value in the quantity's unit; each within the years of the program."""
    units = lookup(instance.plan.table("quantities"), "quantity", "unit")
    observations = []
    for row in records(actuals):
        key: FormKey = ("quantity", "", row.quantity, int(row.year))
        size = abs(float(row.value)) or abs(instance.base_values[row.quantity]) or 1.0
        named = "quantity", row.quantity, int(row.year), units[row.quantity], float(row.value)
        vector = form_vector(instance, program, key)
        observations.append(Observation(*named, vector, instance.forms.constants[key], size))
    return observations


def observed_start(program: LinearProgram, project: str, year: int) -> Observation:
    """The project entered service whole in that year."""
    vector = np.zeros(len(program.columns))
    vector[program.column_number["start", project, year]] = 1.0
    return Observation("project", project, year, "1", 1.0, vector, 0.0, 1.0)


def nearest(program: LinearProgram, observations: Sequence[Observation]) -> LinearProgram:
    """The program with one more stage, before all others: the least sum of relative deviations from what happened.

    Later stages may add SLACK to that sum.
    """
    if not observations:
        return program
    width, count = len(program.columns), len(observations)
    labels: list[Label] = [("observed", o.what, o.name, o.year) for o in observations]
    steps = sp.diags_array([o.size for o in observations])
    matrix = sp.vstack([program.matrix, sp.csc_array(np.array([o.costs for o in observations]))])
    # A deviation is measured in sizes of the actual: one column for too little, one for too much.
    deviations = sp.vstack([sp.csc_array((len(program.rows), 2 * count)), sp.hstack([steps, -steps])])
    asked = np.array([o.actual - o.constant for o in observations])
    stages = [replace(s, costs=np.append(s.costs, np.zeros(2 * count))) for s in program.stages]
    first = Stage("actuals", np.append(np.zeros(width), np.ones(2 * count)), 0.0, 1.0, SLACK)
    return replace(
        program,
        stages=(first, *stages),
        matrix=sp.csc_array(sp.hstack([matrix, deviations], format="csc")),
        rows=(*program.rows, *labels),
        row_lower=np.append(program.row_lower, asked),
        row_upper=np.append(program.row_upper, asked),
        columns=(*program.columns, *((side, *label) for side in ("below", "above") for label in labels)),
        column_lower=np.append(program.column_lower, np.zeros(2 * count)),
        column_upper=np.append(program.column_upper, np.full(2 * count, INFINITY)),
        integer=np.append(program.integer, np.zeros(2 * count, dtype=bool)),
    )


def deviations(observations: Sequence[Observation], x: Vector | None) -> pd.DataFrame:
    """DEVIATION_COLUMNS: what was observed, what the program could attain nearest to it, and by what share they differ.

    Without a point nothing is attained.
    """
    rows = []
    for o in observations:
        taken = float("nan") if x is None else float(o.costs @ x[: len(o.costs)]) + o.constant
        share = (taken - o.actual) / o.size
        share = 0.0 if abs(share) <= NEGLIGIBLE else share
        rows.append((o.what, o.name, o.year, o.unit, o.actual, taken, share))
    return pd.DataFrame(rows, columns=DEVIATION_COLUMNS)
