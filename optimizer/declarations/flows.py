"""Sets and figures about flows: the linear forms, trade and stocks, and the funds that pay."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import numpy as np

from optimizer.columns import Columns, Mask
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
    forms = instance.forms
    family, _, name, _ = forms.keys.columns
    decided = np.isin(name, d.names.numbers(instance.decided_quantities))
    chosen = np.flatnonzero((family != d.names.number("quantity")) | decided)
    keys = forms.keys.take(chosen)
    place = np.full(len(forms.keys), -1, dtype=np.int32)
    place[chosen] = np.arange(len(chosen))
    d.figure("constant", Figures(keys, lambda other: other.forms.constant[chosen]))
    for kind, sets in FORM_SETS.items():
        entries = forms.entries[kind]
        kept = place[entries.form] >= 0
        members = Members(keys, place[entries.form[kept]], indices[kind].take(entries.variable[kept]))
        d.sets(sets, members)
        d.figure(f"{kind}_amount", Figures(members, partial(_amounts, kind, kept)))
    # A balance in which nothing can move is left out; demand without any supply was refused before.
    traded = np.concatenate([indices[kind].columns[1] for kind in ("buy", "sell", "stock")])
    moves = np.isin(name, traded) | (forms.moving > 0)
    d.set("BALANCES", forms.keys.take((family == d.names.number("balance")) & moves).parts(1))


def _amounts(kind: str, kept: Mask, instance: Instance) -> Vector:
    amount = instance.forms.entries[kind].amount
    return amount if kept.all() else amount[kept]


def declare_trade(d: Declarations, instance: Instance, indices: Mapping[str, Keys]) -> None:
    """``indices``: the index of every kind of variable."""
    shape, horizon = instance.shape, instance.horizon
    places = _balanced(instance)
    for name, kind in (("BUYERS", "buy"), ("SELLERS", "sell"), ("STORES", "stock")):
        d.sets(name, _traders(places, _traded(instance, kind), shape.coded.blank))
    limits = [horizon.limit_year(y) for y in horizon.all]
    for name, kind, parameter, figure in (
        ("BUY_LIMITED", "buy", "buy_limit", "most_bought"),
        ("SELL_LIMITED", "sell", "sell_limit", "most_sold"),
        ("STOCK_LIMITED", "stock", "stock_limit", "most_stored"),
    ):
        number = shape.of_flows(parameter, _traded(instance, kind), limits).ravel()
        keys = indices[kind].take(number != NONE)
        d.set(name, keys)
        d.figure(figure, Figures(keys, taken(number[number != NONE])))
    stores, every = _traded(instance, "stock"), len(horizon.all)
    initial = np.full((len(stores), every), NONE, dtype=np.int32)
    initial[:, :1] = shape.of_flows("initial_stock", stores, [0])
    d.figure("initial_stock", Figures(indices["stock"], taken(initial.ravel())))
    least = np.repeat(shape.of_flows("final_stock", stores, [0]), every)
    demanded = np.tile(np.array(horizon.all) == horizon.last_plan_year, len(stores)) & (least != NONE)
    d.set("FINAL_STOCK", indices["stock"].take(demanded))
    d.figure("least_stock", Figures(indices["stock"].take(demanded), taken(least[demanded])))


def _traded(instance: Instance, kind: str) -> Keys:
    """The places (region, flow) of a kind of trade; each has a variable for every year, one after the other."""
    index, every = instance.shape.indices[kind], len(instance.horizon.all)
    return Keys(instance.shape.coded.names, (index["region"][::every], index["flow"][::every]))


def _balanced(instance: Instance) -> Keys:
    """The places (region, or blank for all, and flow) whose commodities balance."""
    keys = instance.forms.keys
    balances = keys.columns[0] == instance.shape.coded.number("balance")
    return keys.take(np.flatnonzero(balances)[:: len(instance.horizon.all)]).parts(1, 3)


def _traders(places: Keys, traded: Keys, everywhere: int) -> Members:
    """The regions that trade in each balance: its own, or all of them where it is pooled."""
    region, flow = places.columns
    own, pooled = np.flatnonzero(traded.find((region, flow), len(places)) >= 0), np.flatnonzero(region == everywhere)
    known = Columns(dict(zip(("region", "flow"), traded.columns, strict=True)))
    pairs = Columns({"flow": flow[pooled], "owner": pooled}).join(known, ["flow"])
    owner = np.concatenate([own, pairs["owner"]])
    order = np.argsort(owner, kind="stable")
    return Members(places, owner[order], Keys(places.names, (np.concatenate([region[own], pairs["region"]])[order],)))


def declare_funds(d: Declarations, instance: Instance) -> None:
    forms, index = instance.forms, instance.shape.indices["fund"].take(slice(None, None, len(instance.horizon.all)))
    family, _, name, _ = forms.keys.columns
    paid = (family == d.names.number("funding")) & (np.isin(name, index["industry"]) | (forms.moving > 0))
    d.set("FUNDED", forms.keys.take(paid).parts(2))
    serving: dict[str | int, list[str | int]] = {industry: [] for industry in d.names.atoms(np.unique(name[paid]))}
    for industry, fund in Keys(d.names, (index["industry"], index["fund"])).tuples():
        serving.setdefault(industry, []).append(fund)
    d.sets("SERVING", serving)
