"""From the Pyomo model to a LinearProgram: the reference that ``optimizer.arrays`` is proved against."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pyomo.environ as pyo
import scipy.sparse as sp
from pyomo.repn.plugins.standard_form import LinearStandardFormCompiler

from optimizer.equations.equation import Model
from optimizer.program import INFINITY, Label, LinearProgram, Stage


def compile_lp(m: Model) -> LinearProgram:
    """Arrays and labels of a built model.

    Columns stand in the order of the model's declarations, rows in the order of EQUATIONS. A column that no row and
    no objective uses is kept, so that every variable of the model has a value in every answer.
    """
    variables = [v for component in m.component_objects(pyo.Var) for v in component.values()]
    form = LinearStandardFormCompiler().write(m, mixed_form=True, set_sense=None, column_order=variables)
    number = {id(v): k for k, v in enumerate(variables)}
    place = np.array([number[id(v)] for v in form.columns], dtype=np.int64)
    bounding = np.flatnonzero(np.isfinite(form.rhs))  # a one-sided row comes a second time, with an infinite bound
    rows = [form.rows[number] for number in bounding]
    senses, sides = (
        np.array([row.bound_type for row in rows]),
        np.asarray(form.rhs)[bounding],
    )  # 0: equality, 1: upper, -1: lower
    return LinearProgram(
        stages=_stages(form, place, len(variables)),
        matrix=_widened(form.A.tocsr()[bounding], place, len(variables)),
        row_lower=np.where(senses == 1, -INFINITY, sides + 0.0),  # one zero, not two
        row_upper=np.where(senses == -1, INFINITY, sides + 0.0),
        column_lower=np.array([-INFINITY if v.lb is None else float(v.lb) for v in variables]),
        column_upper=np.array([INFINITY if v.ub is None else float(v.ub) for v in variables]),
        integer=np.array([v.is_integer() for v in variables], dtype=bool),
        rows=tuple(_label(row.constraint) for row in rows),
        columns=tuple(_label(v) for v in variables),
    )


def _label(data: Any) -> Label:
    """Component name and index of a row or column."""
    index = data.index()
    name = data.parent_component().local_name
    if index is None:
        return (name,)
    return (name, *index) if isinstance(index, tuple) else (name, index)


def _stages(form: Any, place: npt.NDArray[np.int64], width: int) -> tuple[Stage, ...]:
    costs = _widened(form.c, place, width).toarray()
    return tuple(
        Stage(
            "goals" if label[0] == "goals" else f"stage {int(label[1]) + 1}", sign * row, sign * float(constant), sign
        )
        for label, sign, row, constant in (
            (_label(objective), 1.0 if objective.sense == pyo.minimize else -1.0, row, constant)
            for objective, row, constant in zip(form.objectives, costs, form.c_offset, strict=True)
        )
    )


def _widened(matrix: Any, place: npt.NDArray[np.int64], width: int) -> sp.csc_array:
    """The matrix with its columns at ``place`` among ``width`` columns."""
    coo = sp.coo_array(matrix)
    shape = (matrix.shape[0], width)
    indices = coo.row.astype(np.int32), place[coo.col].astype(np.int32)  # what HiGHS takes
    wide = sp.csc_array((coo.data, indices), shape=shape)
    wide.sort_indices()
    return wide
