"""From derivatives by the model's figures to derivatives by the plan's figures: the chain rule, table by table.

Three ways lead from a figure of the plan into the model. It may stand there as it is (a utilisation, a growth limit);
it may be a factor of what variables draw from flows (an amount, a share of spending, a charge); or it may shape a
target or a budget. Dates are not numbers that can move by a little: they have no derivative here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from model_data import Plan
from optimizer.declarations import declare
from optimizer.declarations.component import Declarations, Domain
from optimizer.declarations.policy import declare_budgets, declare_indicators
from optimizer.forms import variable_labels
from optimizer.frames import NONE, figure_numbers, figure_values, records
from optimizer.instance import Instance
from optimizer.keys import Figures, Integers, Keys, Members
from optimizer.program import Vector
from optimizer.sensitivities import ModelFigure, StageSensitivity, model_sensitivities, stage_sensitivities
from optimizer.solution import Solution
from optimizer.targets import resolve_budgets, resolve_targets
from optimizer.vectors import chosen_options

# Relative step of a symmetric difference where a target or budget is a smooth function of a figure.
_STEP = 1e-5
_POLICY_TABLES = ("indicator_figures", "indices", "budget_figures")


@dataclass(frozen=True)
class _Figures:
    """Value and scale of every figure of the plan by its number."""

    value: Vector
    scale: Vector

    @property
    def canonical(self) -> Vector:
        return self.value * self.scale


def figure_slopes(instance: Instance, solution: Solution) -> Vector:
    """Derivative of the stated value by each figure of the plan, per unit in which the figure is stated.

    Indexed by figure number (see ``optimizer.frames``); zero where a figure plays no part.
    """
    figures = _Figures(*figure_values(instance.plan))
    stages = stage_sensitivities(instance, solution)
    derivatives = model_sensitivities(stages)
    slopes = np.zeros(len(figures.value))
    _add_direct(slopes, instance, figures, derivatives)
    _add_draws(slopes, instance, figures, stages)
    by_base = _add_policy(slopes, instance, derivatives)
    _add_base_year(slopes, instance, figures, by_base)
    return slopes


def _add_direct(
    slopes: Vector, instance: Instance, figures: _Figures, derivatives: Mapping[ModelFigure, float]
) -> None:
    """Figures that the model takes as they are: declared once more with figure numbers in place of values."""
    sizes = _size_numbers(instance.plan)
    projects = tuple(replace(p, size=float(sizes[p.project] + 1)) for p in instance.projects)
    numbers: Vector = np.arange(len(figures.value), dtype=float) + 1.0  # from 1, so that 0 means none
    figured = replace(instance, values=numbers, projects=projects)
    read = _FiguresOnly(figured)
    declare(read, figured)
    for figure, derivative in derivatives.items():
        if figure[0] in _DIRECT:
            number = int(read.values[figure]) - 1
            if number != NONE:
                slopes[number] += derivative * figures.scale[number]
    start = figure_numbers(instance.plan)["hosts"]
    for row, host in enumerate(records(instance.plan.table("hosts"))):
        slopes[start + row] += derivatives.get((f"{host.basis}_potential", host.activity, host.host), 0.0) * host.scale


_DIRECT = frozenset(
    {
        "inherited_capacity",
        "inherited_output",
        "scheduled_retirement",
        "utilisation",
        "utilisation_floor",
        "output_growth",
        "output_step",
        "capacity_growth",
        "capacity_step",
        "most_capacity",
        "most_build",
        "size",
        "most_bought",
        "most_sold",
        "most_stored",
        "initial_stock",
        "least_stock",
    }
)


def _size_numbers(plan: Plan) -> dict[str, int]:
    start = figure_numbers(plan)["project_figures"]
    rows = enumerate(records(plan.table("project_figures")))
    return {row.project: start + place for place, row in rows if row.parameter == "size"}


def _add_draws(slopes: Vector, instance: Instance, figures: _Figures, stages: tuple[StageSensitivity, ...]) -> None:
    """Figures that are factors of what variables draw from flows, and of background amounts."""
    terms, draws, amounts = instance.shape.terms, instance.shape.draws, instance.amounts
    worth = sum((stage.weight * _worth(instance, stage) for stage in stages), start=np.zeros(len(terms)))
    worth = worth * (1.0 - 2.0 * terms["minus"])
    sized = np.flatnonzero(terms["size_of"] != NONE)  # counted as new capacity
    sizes = terms["size_of"][sized]
    np.add.at(slopes, sizes, worth[sized] * figures.scale[sizes])
    drawn = np.flatnonzero(terms["draw"] != NONE)
    per_amount = np.bincount(terms["draw"][drawn], worth[drawn], len(amounts)).astype(float)
    per_value = draws.amounts(figures.canonical, of=figures.scale)
    np.add.at(slopes, draws.attribute("amount_of"), per_amount * per_value)
    whole = per_amount * amounts
    for column in (draws.attribute("share_of"), draws.attribute("charge_of"), draws.rows["level_of"]):
        _add(slopes, column, whole, figures.value)
    _add(slopes, draws.attribute("size_of"), whole, figures.value)
    _add(slopes, draws.attribute("loss_of"), whole, (1.0 + figures.canonical) / figures.scale)
    rate_of = np.append(draws.rates.first, NONE)[draws.attribute("rate")]
    grown = whole * draws.rows["elapsed"]
    _add(slopes, rate_of, grown, (1.0 + figures.canonical) / figures.scale)


def _add(slopes: Vector, number: Integers, amount: Vector, divisor: Vector) -> None:
    """Adds amount / divisor to the figure that each entry names, where it names one."""
    named = (number >= 0) & (amount != 0.0)
    np.add.at(slopes, number[named], amount[named] / divisor[number[named]])


def _worth(instance: Instance, stage: StageSensitivity) -> Vector:
    """What one unit of each term's amount is worth: the price of its form times the value of its variable."""
    terms, forms = instance.shape.terms, instance.forms
    price = np.array([stage.derivatives.get(("constant", *key), 0.0) for key in forms.numbers])
    prices = price[terms["form"]]
    values = np.ones(len(terms))
    for number, (kind, frame) in enumerate(instance.variables.items()):
        rows = np.flatnonzero((terms["kind"] == number) & (prices != 0.0))
        if len(rows):
            labels = variable_labels(kind, frame)
            values[rows] = [stage.values[labels[variable]] for variable in terms["variable"][rows].tolist()]
    worth: Vector = prices * values
    return worth


def _add_policy(slopes: Vector, instance: Instance, derivatives: Mapping[ModelFigure, float]) -> dict[str, float]:
    """Figures of targets, price indices and budgets, by symmetric differences of what the model reads from them.

    Gives the derivative by the base-year value of each quantity that some target is measured against.
    """
    start = figure_numbers(instance.plan)
    for table in _POLICY_TABLES:
        for row, value in _shaping(instance, table):
            if np.isfinite(value):
                step = _STEP * max(abs(value), _STEP)
                high, low = (
                    _policy_worth(instance, instance.plan.with_value_at(table, row, value + sign * step), derivatives)
                    for sign in (1.0, -1.0)
                )
                slopes[start[table] + row] += (high - low) / (2.0 * step)
    by_base = {}
    for quantity in _measured_against(instance):
        step = _STEP * max(abs(instance.base_values[quantity]), _STEP)
        high, low = (
            _policy_worth(
                instance, instance.plan, derivatives, {quantity: instance.base_values[quantity] + sign * step}
            )
            for sign in (1.0, -1.0)
        )
        by_base[quantity] = (high - low) / (2.0 * step)
    return by_base


def _shaping(instance: Instance, table: str) -> list[tuple[int, float]]:
    """Row and value of the figures in the table that may shape a row of the model."""
    frame = instance.plan.table(table)
    if table == "indicator_figures":
        held = {target.indicator for target in instance.targets if target.has_row}
        frame = frame[frame["indicator"].isin(held)]
    return list(zip(frame.index.tolist(), frame["value"].tolist(), strict=True))


def _measured_against(instance: Instance) -> set[str]:
    rows = [target for target in instance.targets if target.has_row]
    return {target.quantity for target in rows} | {target.denominator for target in rows if target.denominator}


def _policy_worth(
    instance: Instance,
    plan: Plan,
    derivatives: Mapping[ModelFigure, float],
    base: Mapping[str, float] | None = None,
) -> float:
    """Σ derivative × figure over what the model reads from targets and budgets."""
    base_values = {**instance.base_values, **(base or {})}
    targets = resolve_targets(plan, instance.scenario, instance.horizon, base_values)
    budgets = resolve_budgets(plan, instance.scenario, instance.horizon)
    changed = replace(instance, plan=plan, base_values=base_values, targets=targets, budgets=budgets)
    read = _FiguresOnly(changed)
    declare_budgets(read, changed)
    declare_indicators(read, changed)
    return sum(derivatives.get(figure, 0.0) * value for figure, value in read.values.items() if np.isfinite(value))


class _FiguresOnly(Declarations):
    """Takes down the figures that are declared, and nothing else."""

    def __init__(self, instance: Instance) -> None:
        super().__init__(instance.shape.coded.names)
        self._instance = instance
        self.values: dict[ModelFigure, float] = {}

    def set(self, name: str, members: Iterable[Any] | Keys) -> None:
        pass

    def sets(self, name: str, members: Mapping[Any, Iterable[Any]] | Members) -> None:
        pass

    def variable(self, name: str, index: Iterable[Any] | Keys, domain: Domain = Domain.NOT_NEGATIVE) -> None:
        pass

    def figure(self, name: str, values: Mapping[Any, float] | Figures) -> None:
        figures = self.names.figures(values) if isinstance(values, Mapping) else values
        numbers = figures.numbers(self._instance).tolist()
        self.values.update(zip(figures.all_keys.tuples(name), numbers, strict=True))


def _add_base_year(slopes: Vector, instance: Instance, figures: _Figures, by_base: Mapping[str, float]) -> None:
    """Figures that make up the base-year values which targets are measured against."""
    start = figure_numbers(instance.plan)
    options = chosen_options(instance.plan, instance.scenario.switches)
    for part in instance.plan.base_contributions(options):
        worth = by_base.get(part.quantity, 0.0) * part.amount
        if worth == 0.0:
            continue
        for table, row in part.entry.made_of:
            slopes[start[table] + row] += worth / figures.value[start[table] + row]
        if part.entry.loss_of is not None:
            number = start[part.entry.loss_of[0]] + part.entry.loss_of[1]
            slopes[number] += worth * figures.scale[number] / (1.0 + figures.canonical[number])
