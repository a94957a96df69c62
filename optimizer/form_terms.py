"""Which draws and background entries stand in which form: quantities, commodity balances, money by industry."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from model_data import Plan
from optimizer.coded import CodedPlan
from optimizer.columns import Columns, stacked
from optimizer.draws import Draws
from optimizer.frames import NONE, records
from optimizer.keys import Integers, Keys
from optimizer.quantities import quantity_terms

Place = tuple[str, str, str]  # family, region, name
# Of each term: the place of its form's key, and what it counts (see ``optimizer.quantities``).
FORM_TERM = ("form", "kind", "variable", "draw", "size_of", "minus")
_PLACE = ("family", "region", "name")


def form_keys(plan: Plan, coded: CodedPlan, years: tuple[int, ...]) -> Keys:
    """The key of every form: each place with all years, one after the other."""
    return coded.names.keys(_places(plan)).times(years)


def _places(plan: Plan) -> list[Place]:
    places: list[Place] = [("quantity", "", q) for q in plan.table("quantities")["quantity"]]
    places += _balances(plan)
    if len(plan.table("funds")):
        places += [("funding", "", industry) for industry in plan.table("industries")["industry"]]
    return places


def _balances(plan: Plan) -> list[Place]:
    flows, regions = plan.table("flows"), plan.table("regions")["region"].tolist()
    return [
        ("balance", region, row.flow)
        for row in records(flows[flows["kind"] == "commodity"])
        for region in ([""] if row.pooled == "yes" else regions)
    ]


def form_terms(
    plan: Plan, coded: CodedPlan, years: tuple[int, ...], draws: Draws, indices: Mapping[str, Columns]
) -> Columns:
    """Every term of every form: the columns of FORM_TERM; ``form`` is the place among ``form_keys``.

    Terms whose form is not among them are left out.
    """
    keys = coded.names.keys(_places(plan))
    places = Columns(dict(zip(_PLACE, keys.columns, strict=True)))
    quantities = quantity_terms(plan, coded, draws, indices)
    rows = draws.rows.but(draw=np.arange(len(draws.rows), dtype=np.int32), size_of=NONE, minus=0)
    parts = [
        _addressed(coded, "quantity", quantities.but(region=coded.blank), places, years),
        _addressed(coded, "balance", _on_commodities(coded, draws, rows), places, years),
        _addressed(coded, "funding", _on_money(plan, coded, draws, rows), places, years),
    ]
    return stacked(*parts)


def _on_commodities(coded: CodedPlan, draws: Draws, rows: Columns) -> Columns:
    """Addressed to the balance of the region, or of all regions where it is pooled."""
    entries = draws.entries
    of_commodity = coded.is_commodity(entries["flow"])
    rows = rows.take(of_commodity[rows["entry"]])
    pooled = coded.translated(entries["flow"], "flows", "pooled") == coded.number("yes")
    region: Integers = np.where(pooled, coded.blank, entries["region"])
    return rows.but(region=region[rows["entry"]], name=entries["flow"][rows["entry"]])


def _on_money(plan: Plan, coded: CodedPlan, draws: Draws, rows: Columns) -> Columns:
    """Draws on the investment account, addressed to the funding of their industry."""
    entries = draws.entries
    of_account = entries["flow"] == coded.number(plan.settings.investment_account)
    rows = rows.take((of_account & (entries["industry"] != coded.blank))[rows["entry"]])
    return rows.but(region=coded.blank, name=entries["industry"][rows["entry"]])


def _addressed(coded: CodedPlan, family: str, terms: Columns, places: Columns, years: tuple[int, ...]) -> Columns:
    """The terms with the number of their form: years follow each other."""
    place = terms.but(family=coded.number(family)).place_in(places, _PLACE)
    known = place >= 0
    form = place * len(years) + terms["year"] - years[0]
    return terms.but(form=form).only(FORM_TERM).take(known).narrow("kind", "minus")
