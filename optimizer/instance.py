"""The numbers of one program: plan, scenario and horizon resolved to what the equations read.

This module fetches numbers and writes no algebra; ``optimizer.equations`` writes algebra and fetches nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from model_data import Plan
from optimizer.collection import collection_paused
from optimizer.derived import kept_by
from optimizer.draws import draw_frame
from optimizer.forms import Forms
from optimizer.frames import figure_values
from optimizer.horizon import Horizon, plan_horizon
from optimizer.keys import Vector
from optimizer.parameters import Parameters
from optimizer.scenario import Scenario
from optimizer.shape import Shape, shape_of
from optimizer.stopwatch import part
from optimizer.structure import Project, modelled_projects, refuse_unserved
from optimizer.targets import Budget, Target, resolve_budgets, resolve_targets
from optimizer.vectors import chosen_options


@dataclass(frozen=True)
class Instance:
    """Everything the equations read, in canonical units.

    ``stated`` is the plan as it was given, ``plan`` the one with the figures that the scenario changes.
    """

    stated: Plan
    plan: Plan
    scenario: Scenario
    horizon: Horizon
    projects: tuple[Project, ...]
    shape: Shape  # all that does not depend on values
    values: Vector  # of every figure, in its canonical unit; not a number where nobody has it
    amounts: Vector  # of every draw
    forms: Forms
    base_values: Mapping[str, float]  # quantity -> value in the base year
    targets: tuple[Target, ...]
    budgets: tuple[Budget, ...]

    @property
    def active(self) -> tuple[tuple[str, str], ...]:
        """(region, activity)"""
        return self.shape.active

    @property
    def variables(self) -> Mapping[str, pd.DataFrame]:
        """The index frame of each kind of variable."""
        return self.shape.variables

    @cached_property
    def draws(self) -> pd.DataFrame:
        """All draws with names (see ``optimizer.draws``): first those of variables, then what is given."""
        return draw_frame(self.shape.draws, self.shape.coded.names, self.amounts)

    @property
    def flow_draws(self) -> pd.DataFrame:
        """What each variable draws from each flow."""
        return self.draws.iloc[: self.shape.draws.flow_draws]

    @property
    def background(self) -> pd.DataFrame:
        """What is given."""
        return self.draws.iloc[self.shape.draws.flow_draws :]

    @cached_property
    def known(self) -> Vector:
        """``values``, and 0 for what no figure stands for."""
        return np.append(self.values, 0.0)

    @cached_property
    def figures(self) -> Parameters:
        """Activity figures."""
        return _activity_figures(self.plan)

    @cached_property
    def flow_figures(self) -> Parameters:
        return _flow_figures(self.plan)

    @cached_property
    def decided_quantities(self) -> tuple[str, ...]:
        """Quantities that some row or objective names, in the order of the plan's table."""
        used = {term.quantity for stage in self.scenario.objective for term in stage.terms}
        used |= {budget.quantity for budget in self.budgets}
        for target in self.targets:
            if target.has_row:
                used |= {target.quantity, target.denominator}
        return tuple(q for q in self.plan.table("quantities")["quantity"] if q in used)


@kept_by("activity_figures")
def _activity_figures(plan: Plan) -> Parameters:
    return Parameters(plan.table("activity_figures"), "activity")


@kept_by("flow_figures")
def _flow_figures(plan: Plan) -> Parameters:
    return Parameters(plan.table("flow_figures"), "flow")


@part("resolve")
def resolve(plan: Plan, scenario: Scenario, horizon: Horizon | None = None) -> Instance:
    """Numbers for the scenario (its own horizon unless one is given).

    Raises DataError where a changed figure does not exist, ScenarioError where a project setting is impossible or
    something is demanded that nothing could serve.
    """
    stated = plan
    plan = plan.with_figures([dict(change) for change in scenario.figures]) if scenario.figures else plan
    horizon = horizon or plan_horizon(plan, scenario)
    projects = modelled_projects(plan, scenario, horizon)
    value, scale = figure_values(plan)
    values = value * scale
    with collection_paused():
        shape = shape_of(plan, horizon, chosen_options(plan, scenario.switches), projects, values)
        amounts = shape.draws.amounts(values)
        forms = shape.forms(values, amounts)
    refuse_unserved(scenario, forms, shape.variables)
    base_values = shape.base.of(values)
    targets = resolve_targets(plan, scenario, horizon, base_values)
    budgets = resolve_budgets(plan, scenario, horizon)
    return Instance(
        stated, plan, scenario, horizon, projects, shape, values, amounts, forms, base_values, targets, budgets
    )
