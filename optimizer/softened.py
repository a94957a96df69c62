"""Required targets as goals of the first rank: a question that asks which of them hold, and by how much others fail."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import scipy.sparse as sp

from optimizer.answer import Answer
from optimizer.frames import records
from optimizer.instance import Instance
from optimizer.program import INFINITY, Label, LinearProgram, Stage

LOST_COLUMNS = [
    "indicator", "number", "clause", "standing", "year", "sense", "asked", "reached", "unit", "missed_by", "share",
    "met_before",
]  # fmt: skip


def required_targets(instance: Instance) -> frozenset[str]:
    """Names of the targets that the scenario requires."""
    return frozenset(target.indicator for target in instance.targets if target.standing == "required")


def required_first(instance: Instance, program: LinearProgram) -> LinearProgram:
    """The program in which required targets may be missed, at the cost of stages before all others.

    First the weighted sum of their shortfalls in plan years is made as small as it can be, each divided by its own
    target (for a ratio times the base-year denominator), then that in closing years. Where all targets can hold, they
    do, and the program decides what it decided before.
    """
    missed = list(_missed(instance, program))
    if not missed:
        return program
    count, last = len(missed), instance.horizon.years[-1]
    sizes = np.array([one.sign * one.size for one in missed])
    more = sp.csc_array((sizes, ([one.row for one in missed], range(count))), shape=(len(program.rows), count))
    late = np.array([int(one.label[-1]) > last for one in missed])
    weights = np.array([one.weight for one in missed])
    none = np.zeros(len(program.columns))
    ranks = [
        Stage(name, np.append(none, np.where(counts, weights, 0.0)), 0.0, 1.0)
        for name, counts in (("required", ~late), ("afterwards", late))
        if counts.any()
    ]
    stages = [replace(stage, costs=np.append(stage.costs, np.zeros(count))) for stage in program.stages]
    return replace(
        program,
        stages=(*ranks, *stages),
        matrix=sp.csc_array(sp.hstack([program.matrix, more], format="csc")),
        columns=(*program.columns, *(one.label for one in missed)),
        column_lower=np.append(program.column_lower, np.zeros(count)),
        column_upper=np.append(program.column_upper, np.full(count, INFINITY)),
        integer=np.append(program.integer, np.zeros(count, dtype=bool)),
    )


@dataclass(frozen=True)
class _Missed:
    """A column of how far a row is missed, in sizes of the target."""

    label: Label
    row: int
    sign: float
    size: float
    weight: float


def _missed(instance: Instance, program: LinearProgram) -> Iterator[_Missed]:
    for target in instance.targets:
        if target.standing != "required":
            continue
        base = abs(instance.base_values[target.denominator]) if target.denominator else 1.0
        for year, asked in target.asked.items():
            row = program.row_number.get(("indicator", target.indicator, year))
            if row is None:
                continue
            size = abs(asked) * base or 1.0
            for side, bound, sign in (("below", program.row_lower, 1.0), ("above", program.row_upper, -1.0)):
                if np.isfinite(bound[row]):
                    yield _Missed(("missed", side, target.indicator, year), row, sign, size, target.weight)


def lost_targets(answer: Answer, original: Answer, required: frozenset[str], through: int) -> pd.DataFrame:
    """LOST_COLUMNS: targets after ``through`` that the answer misses, with their standing in the scenario as it was."""
    before = {(row.indicator, row.year): row.met for row in records(original.indicators)}
    rows = answer.indicators
    rows = rows[(rows["met"] == "no") & (rows["year"] > through) & rows["standing"].isin(["required", "goal"])]
    standing = rows["indicator"].map(lambda name: "required" if name in required else "goal")
    share = rows["missed_by"] / rows["asked"].abs()
    met = [before.get((row.indicator, row.year), "") for row in records(rows)]
    return rows.assign(standing=standing, share=share, met_before=met)[LOST_COLUMNS].reset_index(drop=True)
