"""What one more unit would bring, in plain units: of a limit, with its valid range, and of what the plan has inside."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from model_data import Plan
from optimizer.derived import kept_by
from optimizer.frames import lookup
from optimizer.instance import Instance
from optimizer.program import INFINITY, Label, LinearProgram, Vector
from optimizer.ranging import Ranges, Ranging
from optimizer.solution import Solution
from optimizer.table import Table

# A multiplier below this share of the largest is rounding, not a price.
_NEGLIGIBLE = 1e-9
# A range shorter than this, relative to the bound, is what the tolerance of a hold leaves, and no range.
_NO_ROOM = 1e-7
# By whether the price stops at once below, and above.
_NOTES = {
    (False, False): "",
    (True, False): "only upwards",
    (False, True): "only downwards",
    (True, True): "degenerate",
}
# Rows that define a quantity or balance capacities: their multipliers are values, not limits that somebody could move.
_DEFINITIONS = ("account", "capacity_balance")
# Rows that hold one variable against others: without a figure of their own (a bound of 0) they are no limits either.
_INNER = (
    "output_limit", "output_floor", "output_ramp", "host_output_limit", "capacity_ramp", "host_capacity_limit",
    "project_requires", "commodity_balance", "funding",
)  # fmt: skip
_OF_FLOWS = ("commodity_balance", "buy_limit", "sell_limit", "stock_limit", "final_stock")
_OF_OUTPUT = ("output_limit", "output_floor", "output_ramp", "host_output_limit")
_OF_CAPACITY = ("capacity_ramp", "capacity_limit", "build_limit", "host_capacity_limit")

Numbers = npt.NDArray[np.int64]


def exchange_rates(instance: Instance, solution: Solution) -> Table:
    """One row for every binding limit with a price, the dearest percent first.

    ``price`` is the change of the stated objective for one more unit of ``bound``; it holds while the bound stays
    between ``low`` and ``high``. For a ratio target the bound is an allowance of the numerator (0 as planned).
    ``per_percent`` is the change for one percent more of the target itself, comparable between rows. ``goals`` is the
    change of the goals' weighted shortfall for one more unit: with pre-emptive goals, ``price`` is what remains for the
    objective after the goals have moved. ``note`` says where the price holds on one side only: there the vertex is
    degenerate and the price is one of several.
    """
    if not solution.stages:
        return {}
    program, rates, priced = solution.program, _Units(instance), _priced(solution)
    rows = priced.rows[~_inner(program, priced.rows)]
    labels = [program.rows[row] for row in rows.tolist()]
    bounds = _bounds_met(program, solution.stages[-1].x, rows)
    per_percent = priced.price[rows] * rates.one_percent(labels, bounds, solution)
    dearest = np.argsort(-np.abs(per_percent), kind="stable")
    reaches = _reaches(solution, priced.totals, rows)
    rows, bounds, labels = rows[dearest], bounds[dearest], [labels[place] for place in dearest.tolist()]
    down, up = reaches.down[dearest], reaches.up[dearest]
    return {
        **_rows(labels, rates),
        "bound": bounds,
        "price": priced.price[rows],
        "per_percent": per_percent[dearest],
        "goals": priced.goals[rows],
        "low": bounds - down,
        "high": bounds + up,
        "note": _notes(Ranges(down, up), bounds),
    }


def inner_prices(instance: Instance, solution: Solution) -> Table:
    """What one more unit would bring where no figure limits it, the dearest first: of capacity, growth, goods, funds.

    One row for every binding row with a price that holds variables of the plan against each other: ``price`` and
    ``goals`` as in ``exchange_rates``. At a degenerate vertex a price may be one of several.
    """
    if not solution.stages:
        return {}
    program, rates, priced = solution.program, _Units(instance), _priced(solution)
    rows = priced.rows[_inner(program, priced.rows)]
    rows = rows[np.argsort(-np.abs(priced.price[rows]), kind="stable")]
    labels = [program.rows[row] for row in rows.tolist()]
    return {**_rows(labels, rates), "price": priced.price[rows], "goals": priced.goals[rows]}


def _rows(labels: Sequence[Label], rates: _Units) -> Table:
    """What the rows are called, and in which units."""
    units = [rates.unit(label) for label in labels]
    return {
        "equation": [label[0] for label in labels],
        "index": np.fromiter((label[1:] for label in labels), dtype=object, count=len(labels)),
        "unit": units,
        "price_unit": [f"{rates.objective}/{unit}" for unit in units],
    }


@dataclass(frozen=True)
class _Priced:
    """Rows that have a price; of every row its price, and what it does to the goals."""

    totals: list[Vector]  # see ``total_multipliers``
    price: Vector
    goals: Vector
    rows: Numbers


def _priced(solution: Solution) -> _Priced:
    stages, totals = solution.program.stages, total_multipliers(solution)
    price = stages[-1].sign * totals[-1]
    goals = totals[0] if stages[0].name == "goals" else np.zeros(len(price))
    worth = np.flatnonzero(np.abs(price) > _NEGLIGIBLE * float(np.abs(price).max(initial=0.0)))
    labels = solution.program.rows
    rows = [row for row in worth.tolist() if labels[row][0] not in _DEFINITIONS]
    return _Priced(totals, price, goals, np.array(rows, dtype=np.int64))


def _inner(program: LinearProgram, rows: Numbers) -> npt.NDArray[np.bool_]:
    """Which of the rows hold variables against each other, and state no figure."""
    bounds = np.stack([program.row_lower[rows], program.row_upper[rows]])
    stated = np.any(np.isfinite(bounds) & (bounds != 0.0), axis=0)
    kinds = [program.rows[row][0] in _INNER for row in rows.tolist()]
    inner: npt.NDArray[np.bool_] = np.array(kinds, dtype=bool) & ~stated
    return inner


def total_multipliers(solution: Solution) -> list[Vector]:
    """Per stage, the derivative of its minimised optimum by each row bound, holds of earlier stages moving along.

    When a bound moves, so does the optimum of every earlier stage, and with it the bound of that stage's hold row:
    dV_k/db = y_k + sum over j < k of y_k[hold j] * dV_j/db. The derivative by a hold row itself is its multiplier.
    """
    rows = len(solution.program.rows)
    plain = rows - len(solution.stages) + 1
    totals: list[Vector] = []
    for stage in solution.stages:
        total = np.zeros(rows)
        total[: len(stage.y)] = stage.y
        for number, earlier in enumerate(totals):
            total[:plain] += stage.y[plain + number] * earlier[:plain]
        totals.append(total)
    return totals


def _reaches(solution: Solution, totals: list[Vector], rows: Numbers) -> Ranges:
    """How far the bound of each row can move with every stage keeping its basis, holds moving along."""
    plain = len(solution.stages[0].y)
    down, up = np.full(len(rows), INFINITY), np.full(len(rows), INFINITY)
    for number, stage in enumerate(solution.stages):
        here = np.flatnonzero(rows < len(stage.y))  # the holds of later stages are no rows of this one
        moves = _moves(len(stage.y), plain, rows[here], totals[:number])
        found = Ranging(stage.program, stage.x, stage.basics).along(moves)
        down[here], up[here] = np.minimum(down[here], found.down), np.minimum(up[here], found.up)
    return Ranges(down, up)


def _moves(size: int, plain: int, rows: Numbers, totals: list[Vector]) -> sp.csr_array:
    """A column for every row that moves: one for itself, and for every hold what its stage then comes to."""
    along = np.array([np.where(rows < plain, total[rows], 0.0) for total in totals]).reshape(len(totals), len(rows))
    hold, move = np.nonzero(along)
    every = np.arange(len(rows))
    places = np.concatenate([rows, plain + hold]), np.concatenate([every, move])
    return sp.csr_array((np.concatenate([np.ones(len(rows)), along[hold, move]]), places), shape=(size, len(rows)))


def _bounds_met(program: LinearProgram, x: Vector, rows: Numbers) -> Vector:
    """The bound that each row stands on."""
    activity, lower, upper = (program.matrix @ x)[rows], program.row_lower[rows], program.row_upper[rows]
    return np.where(np.abs(activity - lower) <= np.abs(activity - upper), lower, upper)


def _notes(reaches: Ranges, bounds: Vector) -> list[str]:
    small = _NO_ROOM * (1.0 + np.abs(bounds))
    fixed_below, fixed_above = reaches.down <= small, reaches.up <= small
    return [_NOTES[below, above] for below, above in zip(fixed_below.tolist(), fixed_above.tolist(), strict=True)]


@kept_by("flows", "activities", "quantities")
def _stated_units(plan: Plan) -> tuple[dict[str, str], ...]:
    """Units by flow, of output and of capacity by activity, and by quantity."""
    activities = plan.table("activities")
    return (
        lookup(plan.table("flows"), "flow", "unit"),
        lookup(activities, "activity", "output_unit"),
        lookup(activities, "activity", "capacity_unit"),
        lookup(plan.table("quantities"), "quantity", "unit"),
    )


class _Units:
    """The unit of each row's bound, and the unit of the objective."""

    def __init__(self, instance: Instance) -> None:
        plan = instance.plan
        flow, output, capacity, quantity = _stated_units(plan)
        budget = {budget.budget: quantity[budget.quantity] for budget in instance.budgets}
        money = flow.get(plan.settings.investment_account or "", "1")
        self._targets = {target.indicator: target for target in instance.targets}
        # Where in the label stands what the unit goes by, and the unit by it.
        self._units: dict[str, tuple[int, dict[str, str]]] = {
            "indicator": (1, {target.indicator: quantity[target.quantity] for target in instance.targets}),
            "funding": (0, {"funding": money}),
            **dict.fromkeys(("budget_year", "budget_plan"), (1, budget)),
            **dict.fromkeys(_OF_FLOWS, (2, flow)),
            **dict.fromkeys(_OF_OUTPUT, (2, output)),
            **dict.fromkeys(_OF_CAPACITY, (2, capacity)),
        }
        quantities = {term.quantity for term in instance.scenario.objective[-1].terms}
        self.objective = quantity[quantities.pop()] if len(quantities) == 1 else "1"

    def unit(self, label: Label) -> str:
        place, units = self._units.get(str(label[0]), (0, {}))
        return units.get(str(label[place]), "1") if units else "1"

    def one_percent(self, labels: Sequence[Label], bounds: Vector, solution: Solution) -> Vector:
        """One percent of each row's own target, in the unit of its bound."""
        own = 0.01 * np.abs(bounds)
        numbers, x = solution.program.column_number, solution.stages[-1].x
        for place, label in enumerate(labels):
            target = self._targets.get(str(label[1])) if label[0] == "indicator" else None
            if target is not None and target.denominator:
                year = int(label[2])
                denominator = float(x[numbers["quantity", target.denominator, year]])
                own[place] = 0.01 * abs(target.asked[year] * denominator)
        return own
