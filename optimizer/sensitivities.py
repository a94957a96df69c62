"""Derivatives of the optimum by every figure of the model, from the solution at hand (the envelope theorem).

For min c·x subject to rows, the optimum moves with a figure θ as the Lagrangian does at fixed point and multipliers:
dz/dθ = ∂(c·x)/∂θ + y·∂(b - Ax)/∂θ. The Lagrangian is written down once, from the model's own expressions, and
differentiated backwards; no equation is stated a second time. Earlier stages are held, so their optima move too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyomo.environ as pyo
from pyomo.core.expr.calculus.diff_with_pyomo import reverse_ad

from optimizer.equations.equation import Model
from optimizer.instance import Instance
from optimizer.model import build
from optimizer.program import Label
from optimizer.solution import PricedStage, Solution

# The component (a Param of the model) and its index.
ModelFigure = tuple[Any, ...]


@dataclass(frozen=True)
class StageSensitivity:
    """Derivatives of one stage's Lagrangian by the figures of the model, at its point; ``weight`` is its part in the
    derivative of the stated value of the last stage."""

    weight: float
    derivatives: Mapping[ModelFigure, float]
    values: Mapping[Label, float]


def stage_sensitivities(instance: Instance, solution: Solution) -> tuple[StageSensitivity, ...]:
    """One a stage. The stated value moves with a figure by the sum of weight × derivative over the stages.

    When a figure moves the optimum of an earlier stage, the bound of its hold row moves by as much: the weight of a
    stage is the multiplier of its hold in every later stage times the weight of that stage.
    """
    m = build(instance, mutable=True)
    objectives = _objectives(m)
    plain = len(solution.program.rows) - len(solution.stages) + 1
    weights = [0.0] * (len(solution.stages) - 1) + [solution.program.stages[-1].sign]
    for number in reversed(range(len(weights))):
        for earlier, held in enumerate(solution.stages[number].y[plain:]):
            weights[earlier] += weights[number] * float(held)
    found = []
    for number, stage in enumerate(solution.stages):
        lagrangian = _lagrangian(m, stage, objectives[: number + 1], plain)
        values = dict(zip(stage.program.columns, stage.x.tolist(), strict=True))
        found.append(StageSensitivity(weights[number], _differentiated(m, lagrangian), values))
    return tuple(found)


def model_sensitivities(stages: tuple[StageSensitivity, ...]) -> dict[ModelFigure, float]:
    """Derivative of the stated value of the last stage by each figure of the model, (name, *index) -> number."""
    total: dict[ModelFigure, float] = {}
    for stage in stages:
        for figure, derivative in stage.derivatives.items():
            total[figure] = total.get(figure, 0.0) + stage.weight * derivative
    return total


def _objectives(m: Model) -> list[Any]:
    """The minimised expressions of the stages, in their order."""
    data = [*m.component_data_objects(pyo.Objective, sort=False)]
    return [o.expr if o.sense == pyo.minimize else -o.expr for o in data]


def _lagrangian(m: Model, stage: PricedStage, objectives: list[Any], plain: int) -> Any:
    """Costs + Σ y (bound - row) at the stage's point; a hold row is -y times the costs that it holds."""
    _place(m, stage)
    terms = [objectives[-1]]
    terms += [-float(y) * held for y, held in zip(stage.y[plain:], objectives, strict=False)]
    for row in np.flatnonzero(stage.y[:plain]):
        y, constraint = float(stage.y[row]), _data(m, stage.program.rows[int(row)])
        bound, other = (constraint.lower, constraint.upper)[:: 1 if y > 0.0 else -1]
        terms.append(y * ((other if bound is None else bound) - constraint.body))  # rounding may have the wrong sign
    return pyo.quicksum(terms)


def _place(m: Model, stage: PricedStage) -> None:
    for label, value in zip(stage.program.columns, stage.x.tolist(), strict=True):
        _data(m, label).set_value(value, skip_validation=True)


def _data(m: Model, label: Label) -> Any:
    component = getattr(m, str(label[0]))
    return component[label[1:] if len(label) > 2 else label[1]] if len(label) > 1 else component


def _differentiated(m: Model, expression: Any) -> dict[ModelFigure, float]:
    derivatives = reverse_ad(expression)
    found: dict[ModelFigure, float] = {}
    for parameter in m.component_objects(pyo.Param):
        for index in parameter:
            derivative = derivatives.get(parameter[index])
            if derivative:
                found[(parameter.local_name, *(index if isinstance(index, tuple) else (index,)))] = float(derivative)
    return found
