"""Sets and figures about what somebody decided: budgets, indicators, objectives."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from optimizer.declarations.component import Declarations
from optimizer.instance import Instance
from optimizer.keys import Members
from optimizer.program import INFINITY
from optimizer.targets import Target


def declare_budgets(d: Declarations, instance: Instance) -> None:
    d.sets("BUDGETED", {b.budget: [b.quantity] for b in instance.budgets})
    spans, over_plan = _spans(instance), d.names.keys(_limits_over_plan(instance))
    yearly = d.names.keys(spans)
    d.set("YEARLY_BUDGETS", yearly)
    d.sets("BUDGET_SPAN", d.names.members(yearly, spans.values()))
    d.mapped("budget_limit", yearly, _limits)
    d.set("PLAN_BUDGETS", over_plan)
    d.mapped("plan_budget_limit", over_plan, _limits_over_plan)


def _spans(instance: Instance) -> dict[Any, list[int]]:
    """The years whose money each yearly budget is about."""
    years = instance.horizon.all
    return {
        (b.budget, y): [t for t in years if t <= y and t in b.by_year] if b.carry_over else [y]
        for b in instance.budgets
        for y in b.by_year
    }


def _limits(instance: Instance) -> dict[Any, float]:
    by_year = {b.budget: b.by_year for b in instance.budgets}
    return {(b, y): sum(by_year[b][t] for t in span) for (b, y), span in _spans(instance).items()}


def _limits_over_plan(instance: Instance) -> dict[Any, float]:
    return {b.budget: b.over_plan for b in instance.budgets if b.over_plan is not None}


def declare_indicators(d: Declarations, instance: Instance) -> None:
    rows = _rows(instance)
    keys = d.names.keys(rows)
    d.set("TARGETS", keys)
    d.sets("NUMERATOR", {t.indicator: [t.quantity] for t in instance.targets})
    d.sets("DENOMINATOR", {t.indicator: [t.denominator] if t.denominator else [] for t in instance.targets})
    d.mapped("ratio", d.names.keys(_ratios(instance)), _ratios)
    d.mapped("indicator_lower", keys, partial(_sides, (">=", "="), -INFINITY))
    d.mapped("indicator_upper", keys, partial(_sides, ("<=", "="), INFINITY))
    goals = {k: t for k, (t, _) in enumerate(rows.values()) if t.standing == "goal"}
    years = keys.parts(-1)
    for name, sets, missed, senses in (
        ("shortfall", "SHORT_YEARS", "SHORTFALLS", (">=", "=")),
        ("excess", "EXCESS_YEARS", "EXCESSES", ("<=", "=")),
    ):
        members = np.array([k for k, t in goals.items() if t.sense in senses], dtype=np.int32)
        d.variable(name, keys.take(members))
        d.set(missed, keys.take(members))
        d.sets(sets, Members(keys, members, years.take(members)))
    d.mapped("goal_weight", keys.take(np.array(list(goals), dtype=np.int32)), _goal_weights)


def _rows(instance: Instance) -> dict[Any, tuple[Target, float]]:
    """Target and asked number of every row of an indicator; goals only count in planned years."""
    return {
        (t.indicator, y): (t, asked)
        for t in instance.targets
        if t.has_row
        for y, asked in t.asked.items()
        if t.standing == "required" or y in instance.horizon.years
    }


def _ratios(instance: Instance) -> dict[Any, float]:
    return {k: asked for k, (t, asked) in _rows(instance).items() if t.denominator}


def _sides(senses: tuple[str, ...], absent: float, instance: Instance) -> dict[Any, float]:
    """The right-hand side of the rows of these senses, 0 for ratios, which stand on the left; ``absent`` of others."""
    return {
        k: absent if t.sense not in senses else 0.0 if t.denominator else asked
        for k, (t, asked) in _rows(instance).items()
    }


def _goal_weights(instance: Instance) -> dict[Any, float]:
    rows = _rows(instance).items()
    return {k: t.weight / _target_size(instance, t, asked) for k, (t, asked) in rows if t.standing == "goal"}


def _target_size(instance: Instance, target: Target, asked: float) -> float:
    """What a shortfall is divided by: the target, for a ratio times the base-year denominator; 1 where that is 0."""
    size = abs(asked) * (abs(instance.base_values[target.denominator]) if target.denominator else 1.0)
    return size if size > 0.0 else 1.0


def declare_objectives(d: Declarations, instance: Instance) -> None:
    weights, stages = _objective_weights(instance), range(len(instance.scenario.objective))
    d.sets("OBJECTIVE_TERMS", {k: [i[1:] for i in weights if i[0] == k] for k in stages})
    d.mapped("objective_weight", d.names.keys(weights), _objective_weights)


def _objective_weights(instance: Instance) -> dict[Any, float]:
    horizon = instance.horizon
    weights: dict[Any, float] = {}
    for k, stage in enumerate(instance.scenario.objective):
        for term in stage.terms:
            for y in horizon.counting_years(term.years):
                discounted = term.weight / (1.0 + term.discount_rate) ** (y - horizon.base_year)
                weights[k, term.quantity, y] = weights.get((k, term.quantity, y), 0.0) + discounted
    return weights
