"""Effective operate and build vectors: what one unit of output, new capacity or project draws from each flow.

Numbers only; the algebra that uses them stands in ``optimizer.equations``. Every function returns a frame of
entries with the columns of ``ENTRY``: amounts in canonical units (flow unit per output unit, per capacity unit, or
per whole project), plus for what is given or added, minus for what is used, losses between source and use included.

An entry remembers the figures that it is made of: the columns of ``TRACE`` hold their numbers (see
``optimizer.frames``), NONE where no such figure takes part. ``per_value`` is the amount that one unit of the figure in
``amount_of`` would give.
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from model_data import Plan
from optimizer.frames import NONE, lookup, numbered

TRACE = ["amount_of", "share_of", "loss_of", "rate_of", "charge_of"]
ENTRY = ["region", "activity", "project", "flow", "offset", "amount", "per_value", "rate", *TRACE]
_UNREAD = ["clause", "unit", "low", "high", "grade", "evidence", "source", "note"]  # left out, since copying takes time
_ROW = ["region", "activity", "vector", "flow", "direction", "offset"]


def chosen_options(plan: Plan, switches: Mapping[str, str]) -> dict[str, str]:
    """The option of every switch: the scenario's choice, else the default."""
    table = plan.table("switches")
    return lookup(table[table["default"] == "yes"], "switch", "option") | dict(switches)


def active_rows(plan: Plan, table: str, options: Mapping[str, str]) -> pd.DataFrame:
    """Figures of a table that hold under the options and have a value, with ``amount`` in canonical units."""
    frame = numbered(plan, table).drop(columns=_UNREAD)
    chosen = [options.get(name, "") for name in frame["switch"]]
    kept = frame[((frame["switch"] == "") | (frame["option"] == chosen)) & frame["value"].notna()]
    return _scaled(kept.assign(amount=kept["value"], per_value=1.0, amount_of=kept["number"]), kept["scale"])


def _scaled(entries: pd.DataFrame, factor: pd.Series) -> pd.DataFrame:
    return entries.assign(amount=entries["amount"] * factor, per_value=entries["per_value"] * factor)


def operate_vectors(plan: Plan, active: pd.DataFrame, options: Mapping[str, str]) -> pd.DataFrame:
    """Entries per unit of output of each active (region, activity); ``rate`` is the yearly relative change."""
    own = _signed(plan, _regional(plan, active, options, "operate")).assign(project="")
    return _charged(plan, _with_trends(plan, own), options)


def build_vectors(plan: Plan, active: pd.DataFrame, options: Mapping[str, str]) -> pd.DataFrame:
    """Entries per unit of new capacity of each active (region, activity), spread over the spending profile."""
    own = _signed(plan, _regional(plan, active, options, "build")).assign(project="", rate=0.0, rate_of=NONE)
    return _charged(plan, own, options)


def project_vectors(plan: Plan, projects: pd.DataFrame, options: Mapping[str, str]) -> pd.DataFrame:
    """Entries per whole project; a project's own rows for a flow replace those of its activity.

    ``projects`` has the columns project, region, activity, size (in capacity units).
    """
    places = projects[["project", "region", "activity"]]
    generic = _regional(plan, places[["region", "activity"]].drop_duplicates(), options, "build")
    inherited = places.merge(generic, on=["region", "activity"])
    own = places.merge(active_rows(plan, "project_amounts", options), on="project")
    replaced = pd.MultiIndex.from_frame(own[["project", "flow"]])
    kept = inherited[~pd.MultiIndex.from_frame(inherited[["project", "flow"]]).isin(replaced)]
    entries = _signed(plan, pd.concat([kept, own], ignore_index=True)).assign(rate=0.0, rate_of=NONE)
    size = entries["project"].map(projects.set_index("project")["size"]).astype(float)
    return _charged(plan, _scaled(entries, size), options)


def background_entries(plan: Plan, options: Mapping[str, str], years: tuple[int, ...]) -> pd.DataFrame:
    """Background items by year: columns region, item, industry, flow, year, amount.

    Final demand for a commodity counts minus, losses included; what adds to an account counts plus. A level stated for
    a year holds in that year; otherwise the base-year level grows at the item's rate.
    """
    rows = _in_every_region(plan, active_rows(plan, "background", options), ["item", "flow", "parameter", "year"])
    item = ["region", "item", "flow"]
    base = rows[(rows["parameter"] == "level") & rows["year"].isna()].set_index(item)
    growth = (
        rows[rows["parameter"] == "growth"]
        .groupby(item)[["amount", "number"]]
        .agg({"amount": "sum", "number": "first"})
    )
    growth = growth.reindex(base.index)
    base = base.assign(rate=growth["amount"].fillna(0.0), rate_of=growth["number"].fillna(NONE).astype(int))
    stated = rows[(rows["parameter"] == "level") & rows["year"].notna()].set_index(item)
    # A region's own base-year level comes before a year's level for all regions.
    stated = stated.assign(rate=0.0, rate_of=NONE)
    stated = stated[~(stated["general"] & stated.index.isin(base.index[~base["general"].astype(bool)]))]
    frames = []
    for year in years:
        grown = _scaled(base, (1.0 + base["rate"]) ** (year - plan.settings.base_year))
        here = stated[stated["year"] == year]
        frames.append(pd.concat([grown[~grown.index.isin(here.index)], here]).assign(year=year))
    entries = pd.concat(frames).reset_index().assign(share_of=NONE, charge_of=NONE, activity="")
    commodity = entries["flow"].map(_is_commodity(plan)).astype(bool)
    entries = _with_losses(plan, entries, commodity)
    columns = ["region", "item", "industry", "activity", "flow", "year", "amount", "per_value", "rate", *TRACE]
    charged = _charges_on(plan, entries, options)
    return pd.concat([entries[columns], charged[columns]], ignore_index=True)


def _regional(plan: Plan, active: pd.DataFrame, options: Mapping[str, str], vector: str) -> pd.DataFrame:
    """Rows of ``amounts`` for each active (region, activity); a row for the region wins over one for all regions."""
    table = active_rows(plan, "amounts", options)
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
    entries = _with_losses(plan, spread, (spread["direction"] == "uses") & commodity).assign(charge_of=NONE)
    return entries[[column for column in ENTRY if column in entries]]


def _spread(plan: Plan, rows: pd.DataFrame) -> pd.DataFrame:
    profiles = numbered(plan, "spending_profiles")
    shares = profiles.assign(share=profiles["value"] * profiles["scale"], share_of=profiles["number"])
    single = rows[rows["profile"] == ""].assign(share=1.0, share_of=NONE)
    single = single.assign(offset=single["offset"].fillna(0))
    profiled = rows[rows["profile"] != ""].drop(columns="offset")
    profiled = profiled.merge(shares[["profile", "offset", "share", "share_of"]], on="profile")
    spread = pd.concat([single, profiled], ignore_index=True)
    return _scaled(spread, spread["share"]).assign(offset=spread["offset"].astype(int))


def _with_losses(plan: Plan, entries: pd.DataFrame, uses: pd.Series) -> pd.DataFrame:
    """What is used counts minus, and 1 + loss of the flow in the region must be supplied for one unit of it."""
    figures = numbered(plan, "flow_figures")
    rows = figures[(figures["parameter"] == "loss") & figures["value"].notna()]
    rows = _in_every_region(plan, rows.assign(amount=rows["value"] * rows["scale"]), ["flow", "parameter"])
    loss = rows.set_index(["region", "flow"])[["amount", "number"]]
    met = loss.reindex(pd.MultiIndex.from_frame(entries[["region", "flow"]])).set_axis(entries.index)
    used = _scaled(entries, (-1.0 - met["amount"].fillna(0.0)).where(uses, 1.0))
    return used.assign(loss_of=met["number"].where(uses).fillna(NONE).astype(int))


def _is_commodity(plan: Plan) -> dict[str, bool]:
    flows = plan.table("flows")
    return dict(zip(flows["flow"], flows["kind"] == "commodity", strict=True))


def _with_trends(plan: Plan, entries: pd.DataFrame) -> pd.DataFrame:
    """The yearly rate of each entry: the activity's own trend of the flow, else the trend of the flow for all."""
    trends = numbered(plan, "trends")
    rates = trends.assign(rate=trends["value"] * trends["scale"]).set_index(["activity", "flow"])[["rate", "number"]]
    own = rates.reindex(pd.MultiIndex.from_frame(entries[["activity", "flow"]])).set_axis(entries.index)
    general = rates.reindex(pd.MultiIndex.from_frame(entries.assign(activity="")[["activity", "flow"]]))
    met = own.fillna(general.set_axis(entries.index))
    return entries.assign(
        rate=met["rate"].fillna(0.0), rate_of=met["number"].where(met["rate"].notna(), NONE).astype(int)
    )


def _charged(plan: Plan, entries: pd.DataFrame, options: Mapping[str, str]) -> pd.DataFrame:
    """The entries and, beneath them, the accounts charged on them."""
    industry = lookup(plan.table("activities"), "activity", "industry")
    charged = _charges_on(plan, entries.assign(industry=entries["activity"].map(industry)), options)
    return pd.concat([entries[ENTRY], charged[ENTRY]], ignore_index=True)


def _charges_on(plan: Plan, entries: pd.DataFrame, options: Mapping[str, str]) -> pd.DataFrame:
    """Entries of charged accounts; the most specific charge applies: activity, then industry, then all."""
    charges = active_rows(plan, "charges", options)
    rows = charges[["account", "flow", "industry", "activity", "amount", "number"]]
    matched = entries.assign(_entry=range(len(entries))).merge(rows, on="flow", suffixes=("", "_charge"))
    matched = matched[_fits(matched, "activity") & _fits(matched, "industry")]
    specific = (matched["activity_charge"] != "") * 2 + (matched["industry_charge"] != "") * 1
    most = specific.groupby([matched["_entry"], matched["account"]]).transform("max")
    best = matched[specific == most]
    # A charge is on net use: what is given to the commodity balance counts against it.
    sign = best["flow"].map(_is_commodity(plan)).map({True: -1.0, False: 1.0}).astype(float)
    charged = _scaled(best, best["amount_charge"] * sign)
    return charged.assign(
        flow=best["account"], charge_of=best["number_charge" if "number_charge" in best else "number"]
    )


def _fits(matched: pd.DataFrame, column: str) -> pd.Series:
    charge = matched[f"{column}_charge"]
    return (charge == "") | (charge == matched[column])
