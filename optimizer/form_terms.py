"""Which draws and background entries stand in which form: quantities, commodity balances, money by industry."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from model_data import Plan
from optimizer.forms import FormKey
from optimizer.frames import lookup, records
from optimizer.keys import Integers
from optimizer.quantities import TERM

Place = tuple[str, str, str]  # family, region, name


def form_keys(plan: Plan, years: tuple[int, ...]) -> list[FormKey]:
    """The key of every form: each place with all years, one after the other."""
    places: list[Place] = [("quantity", "", q) for q in plan.table("quantities")["quantity"]]
    places += _balances(plan)
    if len(plan.table("funds")):
        places += [("funding", "", industry) for industry in plan.table("industries")["industry"]]
    return [(*place, year) for place in places for year in years]


def _balances(plan: Plan) -> list[Place]:
    flows, regions = plan.table("flows"), plan.table("regions")["region"].tolist()
    return [
        ("balance", region, row.flow)
        for row in records(flows[flows["kind"] == "commodity"])
        for region in ([""] if row.pooled == "yes" else regions)
    ]


def form_terms(
    plan: Plan, keys: Sequence[FormKey], quantities: pd.DataFrame, flow_draws: pd.DataFrame, background: pd.DataFrame
) -> pd.DataFrame:
    """Every term of every form: form (the place of its key), the columns of TERM but the year, and factor.

    ``keys`` are those of ``form_keys``; terms whose form is not among them are left out. Kind ``constant`` is
    background.
    """
    given = background.assign(kind="constant")
    terms = _numbered(keys, "quantity", quantities, [""] * len(quantities), quantities["name"].tolist())
    frames = [terms, *(_balance_terms(plan, keys, rows) for rows in (flow_draws, given))]
    account, industry = plan.settings.investment_account, lookup(plan.table("activities"), "activity", "industry")
    money = flow_draws[flow_draws["flow"] == account]
    spent = given[(given["flow"] == account) & (given["industry"] != "")]
    for rows, names in ((money, money["activity"].map(industry).tolist()), (spent, spent["industry"].tolist())):
        frames.append(_numbered(keys, "funding", rows, [""] * len(rows), names))
    both = pd.concat(frames, ignore_index=True)
    return both.assign(factor=both["factor"].fillna(1.0))


def _balance_terms(plan: Plan, keys: Sequence[FormKey], rows: pd.DataFrame) -> pd.DataFrame:
    """Rows on commodities, addressed to the balance of the region, or of all regions where it is pooled."""
    flows = plan.table("flows")
    kinds, pooled = lookup(flows, "flow", "kind"), lookup(flows, "flow", "pooled")
    rows = rows[rows["flow"].map(kinds) == "commodity"]
    names = rows["flow"].tolist()
    places = ["" if pooled[name] == "yes" else region for name, region in zip(names, rows["region"], strict=True)]
    return _numbered(keys, "balance", rows, places, names)


def _numbered(
    keys: Sequence[FormKey], family: str, rows: pd.DataFrame, places: Iterable[str], names: Iterable[str]
) -> pd.DataFrame:
    """The rows with the number of their form, found by the first year of the place: years follow each other."""
    first = keys[0][3] if keys else 0
    starts = {key[1:3]: number for number, key in enumerate(keys) if key[0] == family and key[3] == first}
    none = -1
    start: Integers = np.array([starts.get(place, none) for place in zip(places, names, strict=True)], dtype=np.int64)
    known = start != none
    columns = [column for column in (*TERM, "factor") if column in rows]
    years = rows["year"].to_numpy(dtype=np.int64)
    addressed: pd.DataFrame = rows[columns].assign(form=start + years - first)[known]
    return addressed.drop(columns="year")
