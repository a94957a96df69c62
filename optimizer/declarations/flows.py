"""Sets and figures about flows: the linear forms, trade and stocks, and the funds that pay."""

from __future__ import annotations

from optimizer.declarations.component import Declarations
from optimizer.instance import Instance

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


def declare_forms(d: Declarations, instance: Instance) -> None:
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
    """A balance in which nothing can move; demand without any supply was refused before."""
    traded = any((instance.variables[kind]["flow"] == key[2]).any() for kind in ("buy", "sell", "stock"))
    return not traded and not instance.forms.moves(key)


def declare_trade(d: Declarations, instance: Instance) -> None:
    figures, horizon = instance.flow_figures, instance.horizon
    places = {k[1:3] for k in instance.forms.constants if k[0] == "balance"}
    regions = tuple(instance.plan.table("regions")["region"])
    for name, kind in (("BUYERS", "buy"), ("SELLERS", "sell"), ("STORES", "stock")):
        traded = set(zip(instance.variables[kind]["region"], instance.variables[kind]["flow"], strict=True))
        d.sets(name, {(g, c): [r for r in regions if g in ("", r) and (r, c) in traded] for g, c in sorted(places)})
    for name, kind, parameter, figure in (
        ("BUY_LIMITED", "buy", "buy_limit", "most_bought"),
        ("SELL_LIMITED", "sell", "sell_limit", "most_sold"),
        ("STOCK_LIMITED", "stock", "stock_limit", "most_stored"),
    ):
        index = instance.variables[kind][["region", "flow", "t"]].itertuples(index=False, name=None)
        values = {(r, c, y): figures.get(c, parameter, r, horizon.limit_year(y)) for r, c, y in index}
        stated = {k: v for k, v in values.items() if v is not None}
        d.set(name, stated)
        d.figure(figure, stated)
    stocks, first = list(instance.variables["stock"].itertuples(index=False, name=None)), horizon.all[0]
    d.figure(
        "initial_stock", {(r, c, y): (figures.get(c, "initial_stock", r) or 0.0) * (y == first) for r, c, y in stocks}
    )
    least = {(r, c, y): figures.get(c, "final_stock", r) for r, c, y in stocks if y == horizon.last_plan_year}
    d.set("FINAL_STOCK", [k for k, v in least.items() if v is not None])
    d.figure("least_stock", {k: v for k, v in least.items() if v is not None})


def declare_funds(d: Declarations, instance: Instance) -> None:
    serving: dict[str, list[str]] = {}
    for fund, industry, _ in instance.variables["fund"].itertuples(index=False, name=None):
        serving.setdefault(industry, [])
        if fund not in serving[industry]:
            serving[industry].append(fund)
    forms = instance.forms
    keys = [
        k for k in forms.keys("funding") if k[2] in serving or any(by_key.get(k) for by_key in forms.indices.values())
    ]
    d.set("FUNDED", [(k[2], k[3]) for k in keys])
    d.sets("SERVING", {k[2]: serving.get(k[2], []) for k in keys})
