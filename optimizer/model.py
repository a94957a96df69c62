"""The Pyomo model of an Instance: reads like the formulation."""

from __future__ import annotations

import pyomo.environ as pyo

from optimizer.declarations import declare
from optimizer.declarations.pyomo_components import PyomoDeclarations
from optimizer.equations import EQUATIONS, goal_shortfall, weighted_quantities
from optimizer.equations.equation import Model
from optimizer.instance import Instance


def build(instance: Instance, *, with_units: bool = False, mutable: bool = False) -> Model:
    """Sets, figures and variables, then one constraint an equation, then the stages of the objective in their order.

    ``with_units`` attaches abstract units so that ``assert_units_consistent`` can prove the algebra (slow). ``mutable``
    keeps the figures as nodes of the expressions, so that these can be differentiated by them.
    """
    m = pyo.ConcreteModel(name=f"{instance.plan.settings.plan}: {instance.scenario.scenario}")
    declare(PyomoDeclarations(m, instance, with_units=with_units, mutable=mutable), instance)
    for equation in EQUATIONS:
        setattr(m, equation.name, pyo.Constraint(getattr(m, equation.over), rule=equation.rule))
    add_objectives(m, instance)
    return m


def add_objectives(m: Model, instance: Instance) -> None:
    """The pre-emptive stage ``goals`` where the scenario has goals, then the scenario's own stages."""
    m.STAGES = pyo.Set(initialize=range(len(instance.scenario.objective)), ordered=True)
    if len(m.SHORTFALLS) or len(m.EXCESSES):
        m.goals = pyo.Objective(rule=goal_shortfall, sense=pyo.minimize)
    m.objective = pyo.Objective(m.STAGES, rule=weighted_quantities)
    for k, stage in enumerate(instance.scenario.objective):
        m.objective[k].sense = pyo.maximize if stage.sense == "maximise" else pyo.minimize
