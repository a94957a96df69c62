"""Sets, figures and variables of the Pyomo model, filled from an Instance.

Abstract units prove the algebra: every activity counts in ``output`` and ``capacity``, every flow and quantity in
``flow``, a project in shares. ``UNITS`` is attached only where a proof is asked for, since it makes Pyomo slow.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pyomo.environ as pyo
from pyomo.core.base.units_container import PyomoUnitsContainer

from optimizer.equations.equation import Model
from optimizer.forms import INDEX_COLUMNS
from optimizer.instance import Instance
from optimizer.program import INFINITY

FORM_SETS = {
    "output": "OUTPUTS",
    "capacity": "CAPACITIES",
    "build": "BUILDS",
    "retire": "RETIREMENTS",
    "start": "STARTS",
    "buy": "PURCHASES",
    "sell": "SALES",
    "stock": "STOCKS",
    "fund": "FUNDS",
}
VARIABLE_UNITS = {
    "output": "output",
    "capacity": "capacity",
    "build": "capacity",
    "retire": "capacity",
    "start": "dimensionless",
    "buy": "flow",
    "sell": "flow",
    "stock": "flow",
    "fund": "flow",
    "quantity": "flow",
    "shortfall": "flow",
    "excess": "flow",
}
FIGURE_UNITS = {
    "inherited_capacity": "capacity",
    "inherited_output": "output",
    "scheduled_retirement": "capacity",
    "size": "capacity",
    "utilisation": "output/capacity",
    "utilisation_floor": "output/capacity",
    "output_step": "output",
    "capacity_step": "capacity",
    "most_capacity": "capacity",
    "most_build": "capacity",
    "capacity_potential": "dimensionless",
    "output_potential": "dimensionless",
    "constant": "flow",
    "initial_stock": "flow",
    "most_bought": "flow",
    "most_sold": "flow",
    "most_stored": "flow",
    "least_stock": "flow",
    "budget_limit": "flow",
    "plan_budget_limit": "flow",
    "indicator_lower": "flow",
    "indicator_upper": "flow",
    "output_amount": "flow/output",
    "capacity_amount": "flow/capacity",
    "build_amount": "flow/capacity",
    "retire_amount": "flow/capacity",
    "start_amount": "flow",
}


class Declarations:
    """Adds components to a model by name; one method a sort of component."""

    def __init__(self, m: Model, with_units: bool) -> None:
        self.m = m
        self._units = _abstract_units() if with_units else None

    def set(self, name: str, members: Iterable[Any]) -> None:
        setattr(self.m, name, pyo.Set(initialize=list(members)))

    def sets(self, name: str, members: Mapping[Any, Iterable[Any]]) -> None:
        """An indexed set; an index without members has the empty set."""
        lists = {index: list(values) for index, values in members.items()}
        setattr(self.m, name, pyo.Set(list(lists), initialize=lists))

    def figure(self, name: str, values: Mapping[Any, float]) -> None:
        declared = pyo.Param(
            list(values), initialize=dict(values), within=pyo.Any, units=self._unit(FIGURE_UNITS.get(name))
        )
        setattr(self.m, name, declared)

    def variable(self, name: str, index: Iterable[Any], domain: Any = pyo.NonNegativeReals) -> None:
        setattr(self.m, name, pyo.Var(list(index), domain=domain, units=self._unit(VARIABLE_UNITS[name])))

    def _unit(self, expression: str | None) -> Any:
        if self._units is None or expression is None:
            return None
        factors = [getattr(self._units, part) for part in expression.split("/")]
        return factors[0] if len(factors) == 1 else factors[0] / factors[1]


def _abstract_units() -> PyomoUnitsContainer:
    units = PyomoUnitsContainer()
    for name in ("output", "capacity", "flow"):
        units.load_definitions_from_strings([f"{name} = [{name}]"])
    return units


def declare(m: Model, instance: Instance, with_units: bool) -> None:
    """All sets, figures and variables that the equations read."""
    d = Declarations(m, with_units)
    _years(d, instance)
    _variables(d, instance)
    _forms(d, instance)
    _capacity(d, instance)
    _growth(d, instance)
    _hosts(d, instance)
    _projects(d, instance)
    _trade(d, instance)
    _funds(d, instance)
    _budgets(d, instance)
    _indicators(d, instance)
    _objectives(d, instance)


def _years(d: Declarations, instance: Instance) -> None:
    years = instance.horizon.all
    d.set("PLAN_YEARS", instance.horizon.years)
    d.sets("PREVIOUS", {y: [t] if t else [] for t, y in zip((0, *years), years, strict=False)})


def _variables(d: Declarations, instance: Instance) -> None:
    binary = instance.scenario.whole_projects
    for kind, columns in INDEX_COLUMNS.items():
        frame = instance.variables[kind][list(columns)]
        index = list(frame.itertuples(index=False, name=None))
        d.variable(kind, index, pyo.Binary if kind == "start" and binary else pyo.NonNegativeReals)
    quantities = [(q, y) for q in instance.decided_quantities for y in instance.horizon.all]
    d.set("QUANTITIES", quantities)
    d.variable("quantity", quantities, pyo.Reals)


def _forms(d: Declarations, instance: Instance) -> None:
    forms = instance.forms
    decided = set(instance.decided_quantities)
    keys = [k for k in forms.constants if k[3] in instance.horizon.all and (k[0] != "quantity" or k[2] in decided)]
    d.figure("constant", {k: forms.constants[k] for k in keys})
    wanted = set(keys)
    for kind, name in FORM_SETS.items():
        d.sets(name, {k: forms.indices[kind].get(k, ()) for k in keys})
        d.figure(f"{kind}_amount", {i: v for i, v in forms.amounts[kind].items() if i[:4] in wanted})
    d.set("BALANCES", [k[1:] for k in keys if k[0] == "balance" and not _vacuous(instance, k)])


def _vacuous(instance: Instance, key: tuple[str, str, str, int]) -> bool:
    """A balance in which nothing moves and nothing is demanded."""
    moves = any(by_key.get(key) for by_key in instance.forms.indices.values())
    return not moves and instance.forms.constants[key] == 0.0


def _capacity(d: Declarations, instance: Instance) -> None:
    figures, first = instance.figures, instance.horizon.all[0]
    operated = [(r, a, y) for r, a in instance.active for y in instance.horizon.all]
    limit_year = instance.horizon.limit_year
    d.set("OPERATED", operated)

    def inherited(parameter: str) -> dict[Any, float]:
        return {(r, a, y): (figures.get(a, parameter, r) or 0.0) if y == first else 0.0 for r, a, y in operated}

    d.figure("inherited_capacity", inherited("base_capacity"))
    d.figure("inherited_output", inherited("base_output"))
    d.figure("scheduled_retirement", {(r, a, y): figures.exact(a, "retirement", r, y) for r, a, y in operated})
    d.figure("utilisation", {(r, a, y): figures.get(a, "utilisation", r, limit_year(y)) or 0.0 for r, a, y in operated})
    builds = set(d.m.build.keys())
    d.sets("BUILD_YEARS", {k: [k[2]] if k in builds else [] for k in operated})
    for name, parameter, figure in (
        ("MUST_RUN", "utilisation_floor", "utilisation_floor"),
        ("CAPACITY_LIMITED", "capacity_limit", "most_capacity"),
        ("BUILD_LIMITED", "build_limit", "most_build"),
    ):
        stated = _stated(instance, parameter, builds if name == "BUILD_LIMITED" else operated)
        d.set(name, stated)
        d.figure(figure, stated)


def _stated(instance: Instance, parameter: str, index: Iterable[tuple[str, str, int]]) -> dict[Any, float]:
    """The figure wherever the plan states it."""
    get, limit_year = instance.figures.get, instance.horizon.limit_year
    values = {(r, a, y): get(a, parameter, r, limit_year(y)) for r, a, y in sorted(index)}
    return {k: v for k, v in values.items() if v is not None}


def _growth(d: Declarations, instance: Instance) -> None:
    operated = [(r, a, y) for r, a in instance.active for y in instance.horizon.all]
    for what in ("output", "capacity"):
        growth = _stated(instance, f"{what}_growth", operated)
        steps = _stated(instance, f"{what}_step", operated)
        d.set(f"{what.upper()}_RAMPED", growth)
        d.figure(f"{what}_growth", growth)
        d.figure(f"{what}_step", {k: steps.get(k, 0.0) for k in growth})


def _hosts(d: Declarations, instance: Instance) -> None:
    rows = instance.plan.table("hosts")
    for basis in ("output", "capacity"):
        here = rows[rows["basis"] == basis]
        potential = dict(
            zip(zip(here["activity"], here["host"], strict=True), here["value"] * here["scale"], strict=True)
        )
        add_ons = {a for a, _ in potential}
        hosted = [(r, a) for r, a in instance.active if a in add_ons]
        hosts = {(r, a): [h for b, h in potential if b == a and (r, h) in instance.active] for r, a in hosted}
        d.set(f"HOSTED_{basis.upper()}", [(r, a, y) for r, a in hosted for y in instance.horizon.all])
        d.sets(f"{basis.upper()}_HOSTS", hosts)
        d.figure(f"{basis}_potential", potential)


def _projects(d: Declarations, instance: Instance) -> None:
    years, modelled = instance.horizon.all, {p.project for p in instance.projects}
    startable = [p for p in instance.projects if p.years]
    d.set("PROJECTS", [p.project for p in startable])
    d.figure("size", {p.project: p.size for p in instance.projects})
    d.figure("least_started", {p.project: 1.0 if p.committed else -INFINITY for p in startable})
    d.sets("START_YEARS", {p.project: p.years for p in startable})
    d.sets("STARTED", {(p.project, y): [t for t in p.years if t <= y] for p in instance.projects for y in years})
    d.set(
        "REQUIREMENTS",
        [(p.project, q, y) for p in instance.projects for q in p.requires for y in p.years if q in modelled],
    )
    entering: dict[Any, list[str]] = {(r, a, y): [] for r, a in instance.active for y in years}
    for p in instance.projects:
        for y in p.years:
            entering[p.region, p.activity, y].append(p.project)
    d.sets("ENTERING", entering)


def _trade(d: Declarations, instance: Instance) -> None:
    figures, horizon = instance.flow_figures, instance.horizon
    places = {(g, c) for g, c, _ in d.m.BALANCES} | {k[1:3] for k in instance.forms.constants if k[0] == "balance"}
    regions = tuple(instance.plan.table("regions")["region"])
    for name, kind in (("BUYERS", "buy"), ("SELLERS", "sell"), ("STORES", "stock")):
        traded = set(zip(instance.variables[kind]["region"], instance.variables[kind]["flow"], strict=True))
        d.sets(name, {(g, c): [r for r in regions if g in ("", r) and (r, c) in traded] for g, c in sorted(places)})
    for name, kind, parameter, figure in (
        ("BUY_LIMITED", "buy", "buy_limit", "most_bought"),
        ("SELL_LIMITED", "sell", "sell_limit", "most_sold"),
        ("STOCK_LIMITED", "stock", "stock_limit", "most_stored"),
    ):
        index = getattr(d.m, kind).keys()
        values = {(r, c, y): figures.get(c, parameter, r, horizon.limit_year(y)) for r, c, y in index}
        stated = {k: v for k, v in values.items() if v is not None}
        d.set(name, stated)
        d.figure(figure, stated)
    stocks, first = list(d.m.stock.keys()), horizon.all[0]
    d.figure(
        "initial_stock", {(r, c, y): (figures.get(c, "initial_stock", r) or 0.0) * (y == first) for r, c, y in stocks}
    )
    least = {(r, c, y): figures.get(c, "final_stock", r) for r, c, y in stocks if y == horizon.last_plan_year}
    d.set("FINAL_STOCK", [k for k, v in least.items() if v is not None])
    d.figure("least_stock", {k: v for k, v in least.items() if v is not None})


def _funds(d: Declarations, instance: Instance) -> None:
    serving: dict[str, list[str]] = {}
    for fund, industry, _ in d.m.fund.keys():
        serving.setdefault(industry, [])
        if fund not in serving[industry]:
            serving[industry].append(fund)
    forms = instance.forms
    keys = [
        k for k in forms.keys("funding") if k[2] in serving or any(by_key.get(k) for by_key in forms.indices.values())
    ]
    d.set("FUNDED", [(k[2], k[3]) for k in keys])
    d.sets("SERVING", {k[2]: serving.get(k[2], []) for k in keys})


def _budgets(d: Declarations, instance: Instance) -> None:
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


def _indicators(d: Declarations, instance: Instance) -> None:
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


def _target_size(instance: Instance, target: Any, asked: float) -> float:
    """What a shortfall is divided by: the target, for a ratio times the base-year denominator; 1 for a target of zero."""
    size = abs(asked) * (abs(instance.base_values[target.denominator]) if target.denominator else 1.0)
    return size if size > 0.0 else 1.0


def _objectives(d: Declarations, instance: Instance) -> None:
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
