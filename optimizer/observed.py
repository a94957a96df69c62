"""What happened, as rows of a program: each observation holds, or is missed by as little as can be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
import scipy.sparse as sp

from model_data import Plan
from optimizer.forms import FormKey
from optimizer.frames import lookup, records
from optimizer.instance import Instance
from optimizer.program import INFINITY, Label, LinearProgram, Stage, Vector
from optimizer.questions import unknown

DEVIATION_COLUMNS = ["what", "name", "year", "unit", "actual", "taken", "deviation"]
# A deviation smaller than this, relative to the actual, is rounding.
NEGLIGIBLE = 1e-7
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


def known_actuals(plan: Plan, through: int, actuals: pd.DataFrame | None) -> tuple[pd.DataFrame, list[str]]:
    """Actuals of the plan years up to ``through`` (default: the plan's own), and all problems."""
    rows = _own_actuals(plan) if actuals is None else actuals
    missing = [f"actuals: the column {column!r} is missing" for column in _ACTUAL if column not in rows]
    if missing:
        return pd.DataFrame(columns=_ACTUAL), missing
    rows = rows.loc[rows["value"].notna(), _ACTUAL]
    quantities = plan.table("quantities")["quantity"].tolist()
    problems = [
        unknown("actuals: quantity", q, quantities) for q in dict.fromkeys(rows["quantity"]) if q not in quantities
    ]
    numbers = rows[["year", "value"]].apply(pd.to_numeric, errors="coerce")
    bad = ~np.isfinite(numbers.to_numpy(dtype=float)).all(axis=1) | (numbers["year"] % 1 != 0).to_numpy()
    problems += [f"actuals: {q} of {y}: {v} is no number of a year" for q, y, v in _cells(rows[bad])]
    problems += [f"actuals: {q} of {y} stands twice" for q, y, _ in _cells(rows[rows.duplicated(_ACTUAL[:2])])]
    rows = rows.assign(year=numbers["year"], value=numbers["value"])
    return rows[rows["year"].between(plan.settings.first_year, through)], problems


def _cells(rows: pd.DataFrame) -> list[tuple[Any, ...]]:
    return list(rows.itertuples(index=False, name=None))


def _own_actuals(plan: Plan) -> pd.DataFrame:
    """The plan's table in canonical units; quantities are of all regions, so one of several regions says nothing."""
    rows = plan.table("actuals")
    whole = rows["region"] == "" if len(plan.table("regions")) > 1 else rows["region"].notna()
    return rows[whole].assign(value=rows["value"] * rows["scale"])[_ACTUAL]


def form_vector(instance: Instance, program: LinearProgram, key: FormKey) -> Vector:
    """The coefficients of a form over the columns of the program."""
    vector = np.zeros(len(program.columns))
    for kind, by_key in instance.forms.indices.items():
        for index in by_key.get(key, ()):
            column = program.column_number.get((kind, *index))
            if column is not None:
                vector[column] += instance.forms.amounts[kind][(*key, *index)]
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
    """The program with one more stage, before all others: the least sum of relative deviations from what happened."""
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
    first = Stage("actuals", np.append(np.zeros(width), np.ones(2 * count)), 0.0, 1.0)
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
