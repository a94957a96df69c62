"""Named quantities as linear forms: each term of ``quantity_terms`` selects variables by measure and filters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from operator import eq
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from model_data import Plan
from optimizer.forms import INDEX_COLUMNS
from optimizer.frames import NONE, lookup, records
from optimizer.keys import Integers

_FILTERS = ("region", "activity", "project", "item", "fund", "industry")
TERM = ["kind", "year", "variable", "amount", "draw"]


def draws(
    entries: pd.DataFrame, kind: str, places: pd.DataFrame, base_year: int, years: tuple[int, ...]
) -> pd.DataFrame:
    """Every draw on a flow: an entry of a vector in each year t of its variable, and the year in which it falls.

    ``places`` holds the admissible variables: the index columns of ``kind`` (t included); ``variable`` is the row in
    it; ``years`` are the years that count. ``entries`` are those of ``optimizer.vectors``, whose yearly rate counts
    from the base year.
    """
    index = [column for column in INDEX_COLUMNS[kind] if column != "t"]
    rows = entries.merge(places.assign(variable=range(len(places))), on=index, suffixes=("", "_place"))
    elapsed = rows["t"] - base_year
    grown = (1.0 + rows["rate"]) ** elapsed
    rows = rows.assign(kind=kind, year=rows["t"] + rows["offset"], elapsed=elapsed)
    rows = rows.assign(amount=rows["amount"] * grown, per_value=rows["per_value"] * grown)
    return rows[rows["year"].isin(years)]


def quantity_terms(plan: Plan, sources: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """All terms of all quantities: the columns of TERM, factor (plus or minus one) and name (of the quantity).

    ``sources`` gives by measure the frame of candidate rows; background comes as kind ``constant``.
    """
    attributes = Attributes.of(plan)
    rows = records(plan.table("quantity_terms"))
    frames = [
        _terms([row for row in rows if row.measure == measure], source, attributes)
        for measure, source in sources.items()
    ]
    return pd.concat(frames, ignore_index=True)


def _terms(rows: list[Any], source: pd.DataFrame, attributes: Attributes) -> pd.DataFrame:
    """The terms of one measure."""
    candidates = _Candidates(source, attributes)
    chosen = [candidates.of(row) for row in rows]
    which = np.repeat(np.arange(len(rows)), [len(positions) for positions in chosen])
    sign = np.array([-1.0 if row.sign == "minus" else 1.0 for row in rows])[which]
    name = np.array([row.quantity for row in rows], dtype=object)[which]
    taken = source[TERM].take(np.concatenate([*chosen, np.empty(0, dtype=np.int64)]))
    return taken.assign(amount=taken["amount"].to_numpy(dtype=float) * sign, factor=sign, name=name)


@dataclass(frozen=True)
class Attributes:
    """What filters know of an activity or an industry."""

    industry: Mapping[str, str]  # of an activity
    sector: Mapping[str, str]  # of an industry
    tags: Mapping[str, frozenset[str]]  # of an activity

    @classmethod
    def of(cls, plan: Plan) -> Attributes:
        activities = plan.table("activities")
        tags = {
            name: frozenset(part.strip() for part in text.split(";"))
            for name, text in lookup(activities, "activity", "tags").items()
        }
        sector = lookup(plan.table("industries"), "industry", "sector")
        return cls(lookup(activities, "activity", "industry"), sector, tags)


class _Candidates:
    """The rows of one measure, found by what a term asks of them. A column that is not there is blank."""

    def __init__(self, source: pd.DataFrame, attributes: Attributes) -> None:
        self._source, self._attributes = source, attributes
        self._coded: dict[str, tuple[Integers, list[str]]] = {}
        self._by_flow = source.groupby("flow", sort=False).indices if "flow" in source else {}

    def of(self, row: Any) -> Integers:
        """Positions of the rows that a term of a quantity counts."""
        attributes = self._attributes
        every = np.arange(len(self._source))
        rows: Integers = np.asarray(self._by_flow.get(row.flow, every[:0])) if row.flow else every
        for column in _FILTERS:
            if wanted := getattr(row, column):
                rows = self._where(rows, column, partial(eq, wanted))
        if row.sector:
            rows = self._where(rows, "industry", lambda name: attributes.sector.get(name) == row.sector)
        if row.tag:
            rows = self._where(rows, "activity", lambda name: row.tag in attributes.tags.get(name, ()))
        return rows

    def _where(self, rows: Integers, column: str, fits: Callable[[str], bool]) -> Integers:
        if column not in self._source:
            return rows[:0]
        if column not in self._coded:
            coded, known = pd.factorize(self._source[column])
            self._coded[column] = coded.astype(np.int64), list(known)
        codes, names = self._coded[column]
        fitting: npt.NDArray[np.bool_] = np.array([fits(name) for name in names], dtype=bool)
        kept: Integers = rows[fitting[codes[rows]]]
        return kept


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
    industry = lookup(plan.table("activities"), "activity", "industry")

    def counted(kind: str) -> pd.DataFrame:
        frame = variables[kind]
        if "activity" in frame:
            frame = frame.assign(industry=frame["activity"].map(industry))
        return frame.assign(kind=kind, year=frame["t"], amount=1.0, draw=NONE, variable=range(len(frame)))

    drawn = flow_draws.assign(industry=flow_draws["activity"].map(industry), item="")
    sources = {"account": pd.concat([drawn, background.assign(kind="constant", project="")], ignore_index=True)}
    sources |= {kind: counted(kind) for kind in variables if kind != "start"}
    starts = counted("start")
    starts = starts.assign(amount=starts["project"].map(dict(sizes)).astype(float))
    sources["build"] = pd.concat([sources["build"].assign(project=""), starts], ignore_index=True)
    return sources
