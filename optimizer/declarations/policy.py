"""Sets and figures about what somebody decided: budgets, indicators, objectives."""

from __future__ import annotations

from functools import partial
from typing import Any

from optimizer.declarations.component import Declarations
from optimizer.instance import Instance
from optimizer.program import INFINITY
from optimizer.targets import Target


def declare_budgets(d: Declarations, instance: Instance) -> None:
    d.sets("BUDGETED", {b.budget: [b.quantity] for b in instance.budgets})
    spans = _spans(instance)
    d.set("YEARLY_BUDGETS", spans)
    d.sets("BUDGET_SPAN", spans)
    d.mapped("budget_limit", instance, _limits)
    d.set("PLAN_BUDGETS", _limits_over_plan(instance))
    d.mapped("plan_budget_limit", instance, _limits_over_plan)


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
    d.set("TARGETS", rows)
    d.sets("NUMERATOR", {t.indicator: [t.quantity] for t in instance.targets})
    d.sets("DENOMINATOR", {t.indicator: [t.denominator] if t.denominator else [] for t in instance.targets})
    d.mapped("ratio", instance, _ratios)
    d.mapped("indicator_lower", instance, partial(_sides, (">=", "="), -INFINITY))
    d.mapped("indicator_upper", instance, partial(_sides, ("<=", "="), INFINITY))
    goals = {k: t for k, (t, _) in rows.items() if t.standing == "goal"}
    short = [k for k, t in goals.items() if t.sense in (">=", "=")]
    over = [k for k, t in goals.items() if t.sense in ("<=", "=")]
    for name, years, members in (("shortfall", "SHORT_YEARS", short), ("excess", "EXCESS_YEARS", over)):
        d.variable(name, members)
        d.sets(years, {k: [k[1]] if k in members else [] for k in rows})
    d.set("SHORTFALLS", short)
    d.set("EXCESSES", over)
    d.mapped("goal_weight", instance, _goal_weights)


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
    d.mapped("objective_weight", instance, _objective_weights)


def _objective_weights(instance: Instance) -> dict[Any, float]:
    horizon = instance.horizon
    weights: dict[Any, float] = {}
    for k, stage in enumerate(instance.scenario.objective):
        for term in stage.terms:
            for y in horizon.counting_years(term.years):
                discounted = term.weight / (1.0 + term.discount_rate) ** (y - horizon.base_year)
                weights[k, term.quantity, y] = weights.get((k, term.quantity, y), 0.0) + discounted
    return weights
