"""From an Instance to its LinearProgram without an object for every element."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp

from optimizer.arrays.model import ArrayModel
from optimizer.collection import collection_paused
from optimizer.declarations import declare
from optimizer.equations import EQUATIONS, goal_shortfall, weighted_quantities
from optimizer.instance import Instance
from optimizer.keys import Integers
from optimizer.program import Label, LinearProgram, Stage, Vector
from optimizer.stopwatch import part


@part("build")
def assemble(instance: Instance) -> LinearProgram:
    """The program that ``compile_lp(build(instance))`` gives, equal in everything, built without Pyomo."""
    with collection_paused():
        return _assembled(instance)


def _assembled(instance: Instance) -> LinearProgram:
    m = ArrayModel()
    declare(m, instance)
    blocks = [m.rows_of(equation) for equation in EQUATIONS]
    starts = np.concatenate([[0], np.cumsum([len(block.keys) for block in blocks])])
    row = np.concatenate([block.row + start for block, start in zip(blocks, starts, strict=False)])
    column = np.concatenate([block.column for block in blocks])
    coefficient = np.concatenate([block.coefficient for block in blocks])
    rows: list[Label] = [label for block in blocks for label in block.keys.tuples(block.name)]
    lower, upper = m.bounds()
    return LinearProgram(
        stages=_stages(m, instance),
        matrix=_matrix(row, column, coefficient, (len(rows), len(m.labels))),
        row_lower=np.concatenate([block.lower for block in blocks]),
        row_upper=np.concatenate([block.upper for block in blocks]),
        column_lower=lower,
        column_upper=upper,
        integer=m.integer(),
        rows=tuple(rows),
        columns=tuple(m.labels),
    )


def _stages(m: ArrayModel, instance: Instance) -> tuple[Stage, ...]:
    """Goals first, where there are any, then the scenario's stages; always to be minimised."""
    stages = []
    if len(m.SHORTFALLS) or len(m.EXCESSES):
        stages.append(_stage("goals", 1.0, *m.costs(goal_shortfall)))
    for k, stage in enumerate(instance.scenario.objective):
        sign = -1.0 if stage.sense == "maximise" else 1.0
        stages.append(_stage(f"stage {k + 1}", sign, *m.costs(weighted_quantities, k)))
    return tuple(stages)


def _stage(name: str, sign: float, costs: Vector, constant: float) -> Stage:
    return Stage(name, sign * costs, sign * constant, sign)


def _matrix(row: Integers, column: Integers, coefficient: Vector, shape: tuple[int, int]) -> sp.csc_array:
    """Entries of the same place added up; what adds up to nothing left out."""
    small = np.int32  # what HiGHS takes
    matrix = sp.csc_array((coefficient, (row.astype(small), column.astype(small))), shape=shape)
    matrix.sum_duplicates()
    matrix.eliminate_zeros()
    return matrix
