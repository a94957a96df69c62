"""Sets and figures about flows: the linear forms, trade and stocks, and the funds that pay."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import numpy as np

from optimizer.columns import Columns, Mask, narrow
from optimizer.declarations.capacities import taken
from optimizer.declarations.component import Declarations
from optimizer.frames import NONE
from optimizer.instance import Instance
from optimizer.keys import Figures, Keys, Members, Vector

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


def declare_forms(d: Declarations, instance: Instance, indices: Mapping[str, Keys]) -> None:
    """The forms of balances, funding and decided quantities; ``indices``: the index of every kind of variable."""
    forms, decided = instance.forms, set(instance.decided_quantities)
    listed = [k for k in forms.numbers if k[0] != "quantity" or k[2] in decided]
    keys = d.names.keys(listed)
    chosen = np.array([forms.numbers[k] for k in listed], dtype=np.int64)
    place = np.full(len(forms.numbers), -1, dtype=np.int64)
    place[chosen] = np.arange(len(chosen))
    d.figure("constant", Figures(keys, lambda other: other.forms.constant[chosen]))
    for kind, name in FORM_SETS.items():
        entries = forms.entries[kind]
        kept = place[entries.form] >= 0
        members = Members(keys, narrow(place[entries.form[kept]]), indices[kind].take(entries.variable[kept]))
        d.sets(name, members)
        d.figure(f"{kind}_amount", Figures(members, partial(_amounts, kind, kept)))
    # A balance in which nothing can move is left out; demand without any supply was refused before.
    traded = {flow for kind in ("buy", "sell", "stock") for flow in instance.variables[kind]["flow"].unique()}
    d.set("BALANCES", [k[1:] for k in listed if k[0] == "balance" and (k[2] in traded or forms.moves(k))])


def _amounts(kind: str, kept: Mask, instance: Instance) -> Vector:
    amount = instance.forms.entries[kind].amount
    return amount if kept.all() else amount[kept]


def declare_trade(d: Declarations, instance: Instance, indices: Mapping[str, Keys]) -> None:
    """``indices``: the index of every kind of variable."""
    shape, horizon, regions = instance.shape, instance.horizon, tuple(instance.plan.table("regions")["region"])
    places = sorted({k[1:3] for k in instance.forms.numbers if k[0] == "balance"})
    for name, kind in (("BUYERS", "buy"), ("SELLERS", "sell"), ("STORES", "stock")):
        traded = set(zip(instance.variables[kind]["region"], instance.variables[kind]["flow"], strict=True))
        d.sets(name, {(g, c): [r for r in ([g] if g else regions) if (r, c) in traded] for g, c in places})
    limits = [horizon.limit_year(y) for y in horizon.all]
    for name, kind, parameter, figure in (
        ("BUY_LIMITED", "buy", "buy_limit", "most_bought"),
        ("SELL_LIMITED", "sell", "sell_limit", "most_sold"),
        ("STOCK_LIMITED", "stock", "stock_limit", "most_stored"),
    ):
        number = shape.holding(parameter, _traded(instance, kind), limits).ravel()
        keys = indices[kind].take(number != NONE)
        d.set(name, keys)
        d.figure(figure, Figures(keys, taken(number[number != NONE])))
    stores, every = _traded(instance, "stock"), len(horizon.all)
    initial = np.full((len(stores), every), NONE)
    initial[:, :1] = shape.holding("initial_stock", stores, [0])
    d.figure("initial_stock", Figures(indices["stock"], taken(initial.ravel())))
    least = np.repeat(shape.holding("final_stock", stores, [0]), every)
    demanded = np.tile(np.array(horizon.all) == horizon.last_plan_year, len(stores)) & (least != NONE)
    d.set("FINAL_STOCK", indices["stock"].take(demanded))
    d.figure("least_stock", Figures(indices["stock"].take(demanded), taken(least[demanded])))


def _traded(instance: Instance, kind: str) -> Columns:
    """The places (region, flow) of a kind of trade; each has a variable for every year, one after the other."""
    return instance.shape.indices[kind].take(slice(None, None, len(instance.horizon.all)))


def declare_funds(d: Declarations, instance: Instance) -> None:
    serving: dict[str, list[str]] = {}
    for fund, industry, _ in instance.variables["fund"].itertuples(index=False, name=None):
        serving.setdefault(industry, [])
        if fund not in serving[industry]:
            serving[industry].append(fund)
    forms = instance.forms
    keys = [k for k in forms.keys("funding") if k[2] in serving or forms.moves(k)]
    d.set("FUNDED", [(k[2], k[3]) for k in keys])
    d.sets("SERVING", {k[2]: serving.get(k[2], []) for k in keys})
