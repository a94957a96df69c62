"""Effective operate and build vectors: what one unit of output, new capacity or project draws from each flow.

Numbers only; the algebra that uses them stands in ``optimizer.equations``. Every function returns a frame of
entries with the columns of ``ENTRY``: amounts in canonical units (flow unit per output unit, per capacity unit, or
per whole project), plus for what is given or added, minus for what is used, losses between source and use included.
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from model_data import Plan
from optimizer.frames import lookup

ENTRY = ["region", "activity", "project", "flow", "offset", "amount", "rate"]
_ROW = ["region", "activity", "vector", "flow", "direction", "offset"]


def chosen_options(plan: Plan, switches: Mapping[str, str]) -> dict[str, str]:
    """The option of every switch: the scenario's choice, else the default."""
    table = plan.table("switches")
    return lookup(table[table["default"] == "yes"], "switch", "option") | dict(switches)


def active_rows(frame: pd.DataFrame, options: Mapping[str, str]) -> pd.DataFrame:
    """Figure rows that hold under the options and have a value, with ``amount`` in canonical units."""
    chosen = frame["switch"].map(dict(options)).fillna("")
    kept = frame[((frame["switch"] == "") | (frame["option"] == chosen)) & frame["value"].notna()]
    return kept.assign(amount=kept["value"] * kept["scale"])


def operate_vectors(plan: Plan, active: pd.DataFrame, options: Mapping[str, str]) -> pd.DataFrame:
    """Entries per unit of output of each active (region, activity); ``rate`` is the yearly relative change."""
    own = _signed(plan, _regional(plan, active, options, "operate")).assign(project="")
    return _charged(plan, _with_trends(plan, own), options)


def build_vectors(plan: Plan, active: pd.DataFrame, options: Mapping[str, str]) -> pd.DataFrame:
    """Entries per unit of new capacity of each active (region, activity), spread over the spending profile."""
    own = _signed(plan, _regional(plan, active, options, "build")).assign(project="", rate=0.0)
    return _charged(plan, own, options)


def project_vectors(plan: Plan, projects: pd.DataFrame, options: Mapping[str, str]) -> pd.DataFrame:
    """Entries per whole project; a project's own rows for a flow replace those of its activity.

    ``projects`` has the columns project, region, activity, size (in capacity units).
    """
    places = projects[["project", "region", "activity"]]
    generic = _regional(plan, places[["region", "activity"]].drop_duplicates(), options, "build")
    inherited = places.merge(generic, on=["region", "activity"])
    own = places.merge(active_rows(plan.table("project_amounts"), options), on="project")
    replaced = pd.MultiIndex.from_frame(own[["project", "flow"]])
    kept = inherited[~pd.MultiIndex.from_frame(inherited[["project", "flow"]]).isin(replaced)]
    entries = _signed(plan, pd.concat([kept, own], ignore_index=True)).assign(rate=0.0)
    size = entries["project"].map(projects.set_index("project")["size"]).astype(float)
    entries["amount"] = entries["amount"].astype(float) * size
    return _charged(plan, entries, options)


def background_entries(plan: Plan, options: Mapping[str, str], years: tuple[int, ...]) -> pd.DataFrame:
    """Background items by year: columns region, item, industry, flow, year, amount.

    Final demand for a commodity counts minus, losses included; what adds to an account counts plus. A level stated for
    a year holds in that year; otherwise the base-year level grows at the item's rate.
    """
    rows = _in_every_region(plan, active_rows(plan.table("background"), options), ["item", "flow", "parameter", "year"])
    item = ["region", "item", "flow"]
    base = rows[(rows["parameter"] == "level") & rows["year"].isna()].set_index(item)
    growth = rows[rows["parameter"] == "growth"].groupby(item)["amount"].sum()
    rate = growth.reindex(base.index).fillna(0.0)
    stated = rows[(rows["parameter"] == "level") & rows["year"].notna()].set_index(item)
    # A region's own base-year level comes before a year's level for all regions.
    stated = stated[~(stated["general"] & stated.index.isin(base.index[~base["general"].astype(bool)]))]
    frames = []
    for year in years:
        grown = base.assign(amount=base["amount"] * (1.0 + rate) ** (year - plan.settings.base_year))
        here = stated[stated["year"] == year]
        frames.append(pd.concat([grown[~grown.index.isin(here.index)], here]).assign(year=year))
    entries = pd.concat(frames).reset_index() if frames else rows
    commodity = entries["flow"].map(_is_commodity(plan))
    entries["amount"] *= _losses(plan, entries).where(~commodity, -_losses(plan, entries))
    columns = ["region", "item", "industry", "flow", "year", "amount"]
    charged = _charges_on(plan, entries.assign(activity=""), options)
    return pd.concat([entries[columns], charged[columns]], ignore_index=True)


def _regional(plan: Plan, active: pd.DataFrame, options: Mapping[str, str], vector: str) -> pd.DataFrame:
    """Rows of ``amounts`` for each active (region, activity); a row for the region wins over one for all regions."""
    table = active_rows(plan.table("amounts"), options)
    rows = _in_every_region(plan, table[table["vector"] == vector], _ROW[1:])
    return rows.merge(active[["region", "activity"]], on=["region", "activity"])


def _in_every_region(plan: Plan, rows: pd.DataFrame, key: list[str]) -> pd.DataFrame:
    """Rows with a blank region repeated for every region that has no row of its own under the same key.

    Rows that differ only in their switch all stay: they add up. ``general`` says which rows came from a blank region.
    """
    regions = plan.table("regions")[["region"]]
    own = rows[rows["region"] != ""].assign(general=False)
    general = rows[rows["region"] == ""].drop(columns="region").merge(regions, how="cross").assign(general=True)
    key = ["region", *key]
    replaced = pd.MultiIndex.from_frame(general[key]).isin(pd.MultiIndex.from_frame(own[key]))
    return pd.concat([own, general[~replaced]], ignore_index=True)


def _signed(plan: Plan, rows: pd.DataFrame) -> pd.DataFrame:
    """Amounts with sign, losses and spending profile applied; one entry an offset."""
    spread = _spread(plan, rows)
    commodity = spread["flow"].map(_is_commodity(plan)).astype(bool)
    uses = (spread["direction"] == "uses") & commodity
    factor = (-_losses(plan, spread)).where(uses, 1.0)
    entries = spread.assign(amount=spread["amount"] * factor)
    return entries[[column for column in ENTRY if column in entries]]


def _spread(plan: Plan, rows: pd.DataFrame) -> pd.DataFrame:
    profiles = plan.table("spending_profiles")
    shares = profiles.assign(share=profiles["value"] * profiles["scale"])[["profile", "offset", "share"]]
    single = rows[rows["profile"] == ""].assign(share=1.0)
    single = single.assign(offset=single["offset"].fillna(0))
    profiled = rows[rows["profile"] != ""].drop(columns="offset").merge(shares, on="profile")
    spread = pd.concat([single, profiled], ignore_index=True)
    return spread.assign(amount=spread["amount"] * spread["share"], offset=spread["offset"].astype(int))


def _is_commodity(plan: Plan) -> dict[str, bool]:
    flows = plan.table("flows")
    return dict(zip(flows["flow"], flows["kind"] == "commodity", strict=True))


def _losses(plan: Plan, entries: pd.DataFrame) -> pd.Series:
    """1 + loss of the flow in the region: what must be supplied for one unit used."""
    figures = plan.table("flow_figures")
    rows = figures[(figures["parameter"] == "loss") & figures["value"].notna()]
    rows = _in_every_region(plan, rows.assign(amount=rows["value"] * rows["scale"]), ["flow", "parameter"])
    loss = rows.set_index(["region", "flow"])["amount"]
    place = pd.MultiIndex.from_frame(entries[["region", "flow"]])
    return pd.Series(1.0 + loss.reindex(place).fillna(0.0).to_numpy(), index=entries.index)


def _with_trends(plan: Plan, entries: pd.DataFrame) -> pd.DataFrame:
    """The yearly rate of each entry: the activity's own trend of the flow, else the trend of the flow for all."""
    trends = plan.table("trends")
    rate = trends.assign(rate=trends["value"] * trends["scale"]).set_index(["activity", "flow"])["rate"]
    own = rate.reindex(pd.MultiIndex.from_frame(entries[["activity", "flow"]])).to_numpy()
    general = rate.reindex(pd.MultiIndex.from_frame(entries.assign(activity="")[["activity", "flow"]])).to_numpy()
    return entries.assign(
        rate=pd.Series(own, index=entries.index).fillna(pd.Series(general, index=entries.index)).fillna(0.0)
    )


def _charged(plan: Plan, entries: pd.DataFrame, options: Mapping[str, str]) -> pd.DataFrame:
    """The entries and, beneath them, the accounts charged on them."""
    industry = lookup(plan.table("activities"), "activity", "industry")
    charged = _charges_on(plan, entries.assign(industry=entries["activity"].map(industry)), options)
    return pd.concat([entries[ENTRY], charged[ENTRY]], ignore_index=True)


def _charges_on(plan: Plan, entries: pd.DataFrame, options: Mapping[str, str]) -> pd.DataFrame:
    """Entries of charged accounts; the most specific charge applies: activity, then industry, then all."""
    charges = active_rows(plan.table("charges"), options)
    rows = charges.groupby(["account", "flow", "industry", "activity"], as_index=False)["amount"].sum()
    numbered = entries.assign(_entry=range(len(entries)))
    matched = numbered.merge(rows, on="flow", suffixes=("", "_charge"))
    fits = _fits(matched, "activity") & _fits(matched, "industry")
    specific = (matched["activity_charge"] != "") * 2 + (matched["industry_charge"] != "") * 1
    matched = matched.assign(specific=specific)[fits].sort_values("specific", ascending=False, kind="stable")
    best = matched.drop_duplicates(subset=["_entry", "account"])
    # A charge is on net use: what is given to the commodity balance counts against it.
    sign = best["flow"].map(_is_commodity(plan)).map({True: -1.0, False: 1.0}).astype(float)
    return best.assign(flow=best["account"], amount=best["amount"] * best["amount_charge"] * sign)


def _fits(matched: pd.DataFrame, column: str) -> pd.Series:
    charge = matched[f"{column}_charge"]
    return (charge == "") | (charge == matched[column])
