"""Sets and figures about what somebody decided: budgets, indicators, objectives."""

from __future__ import annotations

from typing import Any

from optimizer.declarations.component import Declarations
from optimizer.instance import Instance
from optimizer.program import INFINITY
from optimizer.targets import Target


def declare_budgets(d: Declarations, instance: Instance) -> None:
    years = instance.horizon.all
    span: dict[Any, list[int]] = {}
    limit: dict[Any, float] = {}
    for b in instance.budgets:
        for y in b.by_year:
            span[b.budget, y] = [t for t in years if t <= y and t in b.by_year] if b.carry_over else [y]
            limit[b.budget, y] = sum(b.by_year[t] for t in span[b.budget, y])
    over_plan = {b.budget: b.over_plan for b in instance.budgets if b.over_plan is not None}
    d.sets("BUDGETED", {b.budget: [b.quantity] for b in instance.budgets})
    d.set("YEARLY_BUDGETS", span)
    d.sets("BUDGET_SPAN", span)
    d.figure("budget_limit", limit)
    d.set("PLAN_BUDGETS", over_plan)
    d.figure("plan_budget_limit", over_plan)


def declare_indicators(d: Declarations, instance: Instance) -> None:
    rows = {
        (t.indicator, y): (t, asked)
        for t in instance.targets
        if t.has_row
        for y, asked in t.asked.items()
        if t.standing == "required" or y in instance.horizon.years
    }
    side = {k: 0.0 if t.denominator else asked for k, (t, asked) in rows.items()}
    d.set("TARGETS", rows)
    d.sets("NUMERATOR", {t.indicator: [t.quantity] for t in instance.targets})
    d.sets("DENOMINATOR", {t.indicator: [t.denominator] if t.denominator else [] for t in instance.targets})
    d.figure("ratio", {k: asked for k, (t, asked) in rows.items() if t.denominator})
    d.figure("indicator_lower", {k: side[k] if t.sense in (">=", "=") else -INFINITY for k, (t, _) in rows.items()})
    d.figure("indicator_upper", {k: side[k] if t.sense in ("<=", "=") else INFINITY for k, (t, _) in rows.items()})
    goals = {k: t for k, (t, _) in rows.items() if t.standing == "goal"}
    short = [k for k, t in goals.items() if t.sense in (">=", "=")]
    over = [k for k, t in goals.items() if t.sense in ("<=", "=")]
    for name, years, members in (("shortfall", "SHORT_YEARS", short), ("excess", "EXCESS_YEARS", over)):
        d.variable(name, members)
        d.sets(years, {k: [k[1]] if k in members else [] for k in rows})
    d.set("SHORTFALLS", short)
    d.set("EXCESSES", over)
    d.figure("goal_weight", {k: t.weight / _target_size(instance, t, rows[k][1]) for k, t in goals.items()})


def _target_size(instance: Instance, target: Target, asked: float) -> float:
    """What a shortfall is divided by: the target, for a ratio times the base-year denominator; 1 where that is 0."""
    size = abs(asked) * (abs(instance.base_values[target.denominator]) if target.denominator else 1.0)
    return size if size > 0.0 else 1.0


def declare_objectives(d: Declarations, instance: Instance) -> None:
    horizon = instance.horizon
    weights: dict[Any, float] = {}
    for k, stage in enumerate(instance.scenario.objective):
        for term in stage.terms:
            for y in horizon.counting_years(term.years):
                discounted = term.weight / (1.0 + term.discount_rate) ** (y - horizon.base_year)
                weights[k, term.quantity, y] = weights.get((k, term.quantity, y), 0.0) + discounted
    stages = range(len(instance.scenario.objective))
    d.sets("OBJECTIVE_TERMS", {k: [i[1:] for i in weights if i[0] == k] for k in stages})
    d.figure("objective_weight", weights)
