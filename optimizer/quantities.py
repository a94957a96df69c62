"""Named quantities as linear forms: each term of ``quantity_terms`` selects variables by measure and filters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from model_data import Plan
from optimizer.forms import INDEX_COLUMNS
from optimizer.frames import lookup, records

_COLUMNS = [
    "kind",
    "region",
    "activity",
    "project",
    "flow",
    "fund",
    "industry",
    "item",
    "t",
    "year",
    "amount",
    "draw",
    "factor",
]


def draws(
    entries: pd.DataFrame, kind: str, places: pd.DataFrame, base_year: int, years: tuple[int, ...]
) -> pd.DataFrame:
    """Every draw on a flow: an entry of a vector in each year t of its variable, and the year in which it falls.

    ``places`` holds the admissible variables: the index columns of ``kind`` (t included); ``years`` are the years
    that count. ``entries`` are those of ``optimizer.vectors``, whose yearly rate counts from the base year.
    """
    index = [column for column in INDEX_COLUMNS[kind] if column != "t"]
    rows = entries.merge(places, on=index, suffixes=("", "_place"))
    elapsed = rows["t"] - base_year
    grown = (1.0 + rows["rate"]) ** elapsed
    rows = rows.assign(kind=kind, year=rows["t"] + rows["offset"], elapsed=elapsed)
    rows = rows.assign(amount=rows["amount"] * grown, per_value=rows["per_value"] * grown)
    return rows[rows["year"].isin(years)]


def quantity_terms(plan: Plan, sources: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """All terms of all quantities: columns of a form term, family ``quantity``; background comes as kind ``constant``.

    ``sources`` gives by measure the frame of candidate rows (kind, index columns, year, amount).
    """
    attributes = _attributes(plan)
    frames = [_term(row, sources[row.measure], attributes) for row in records(plan.table("quantity_terms"))]
    terms = pd.concat(frames, ignore_index=True)
    return terms.assign(family="quantity", place="")


def _term(row: Any, source: pd.DataFrame, attributes: pd.DataFrame) -> pd.DataFrame:
    rows = source[source["flow"] == row.flow] if row.flow else source
    for column in ("region", "activity", "project", "item", "fund"):
        if wanted := getattr(row, column):
            rows = rows[rows[column] == wanted]
    if row.industry:
        rows = rows[rows["industry"] == row.industry]
    if row.sector:
        industries = set(attributes.loc[attributes["sector"] == row.sector, "industry"])
        rows = rows[rows["industry"].isin(industries)]
    if row.tag:
        tagged = {a for a, tags in zip(attributes["activity"], attributes["tags"], strict=True) if row.tag in tags}
        rows = rows[rows["activity"].isin(tagged)]
    sign = -1.0 if row.sign == "minus" else 1.0
    return rows[_COLUMNS].assign(amount=rows["amount"] * sign, factor=sign, name=row.quantity)


def _attributes(plan: Plan) -> pd.DataFrame:
    """Sector, industry and tags of every activity, and every industry once without activity (for background items)."""
    sectors = plan.table("industries")[["industry", "sector"]]
    activities = plan.table("activities")[["activity", "industry", "tags"]]
    tags = activities["tags"].map(lambda text: frozenset(part.strip() for part in text.split(";")))
    return activities.assign(tags=tags).merge(sectors, on="industry", how="outer").fillna({"activity": "", "tags": ""})


def measure_sources(
    plan: Plan,
    flow_draws: pd.DataFrame,
    background: pd.DataFrame,
    variables: Mapping[str, pd.DataFrame],
    sizes: Mapping[str, float],
) -> dict[str, pd.DataFrame]:
    """The candidate rows of each measure.

    ``flow_draws``: draws of all vectors; ``background``: items by year; ``variables``: index frame of each kind;
    ``sizes``: size of each project, so that a project counts as new capacity of its activity.
    """
    constants = background.assign(kind="constant", t=background["year"])
    sources = {"account": pd.concat([flow_draws, constants], ignore_index=True)}
    for kind, frame in variables.items():
        sources[kind] = frame.assign(kind=kind, year=frame["t"], amount=1.0)
    starts = variables["start"].assign(kind="start", year=variables["start"]["t"])
    starts = starts.assign(amount=starts["project"].map(dict(sizes)).astype(float))
    sources["build"] = pd.concat([sources["build"], starts], ignore_index=True)
    industry = lookup(plan.table("activities"), "activity", "industry")
    return {measure: _complete(frame, industry) for measure, frame in sources.items() if measure != "start"}


def _complete(frame: pd.DataFrame, industry: Mapping[str, str]) -> pd.DataFrame:
    """All columns present; blank where a column does not apply; the industry follows from the activity."""
    full = frame.reindex(columns=_COLUMNS)
    text = [column for column in _COLUMNS if column not in ("t", "year", "amount", "draw", "factor")]
    full = full.astype(dict.fromkeys(text, object))
    full["industry"] = full["industry"].fillna(full["activity"].map(dict(industry)))
    full[text] = full[text].fillna("")
    return full
