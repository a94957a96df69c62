"""What the tables say of the base year: every quantity, from base output, capacity and background, bottom up.

Amounts at offset 0 count; nothing is built, traded or funded in the base year as far as the tables know. The
frames are those of a plan, figure tables with their column ``scale``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

Frames = Mapping[str, pd.DataFrame]
Options = Mapping[str, str]
FigureRow = tuple[str, int]


@dataclass(frozen=True)
class Entry:
    """An amount of a flow (in its unit): plus for what is given or added, minus for what is used, losses included.

    It is ``sign`` times the figures in ``made_of``, in canonical units, times 1 + the loss.
    """

    flow: str
    region: str
    activity: str
    industry: str
    item: str
    amount: float
    made_of: tuple[FigureRow, ...] = ()  # the figures (table, row) that the amount is proportional to
    loss_of: FigureRow | None = None  # the loss that the amount covers
    sign: float = 1.0


@dataclass(frozen=True)
class Contribution:
    """What one entry adds to a quantity in the base year."""

    quantity: str
    amount: float
    entry: Entry
    sign: float  # of the entry and of the quantity's term together


def default_options(frames: Frames) -> dict[str, str]:
    """The default option of every switch."""
    return {row.switch: row.option for row in _rows(frames, "switches") if row.default == "yes"}


def base_year_values(frames: Frames, base_year: int, options: Options | None = None) -> dict[str, float]:
    """The value of each quantity in the base year, in its unit, under the options (default: the plan's own)."""
    totals = dict.fromkeys(frames["quantities"]["quantity"].tolist(), 0.0)
    for part in base_year_contributions(frames, base_year, options):
        totals[part.quantity] = totals.get(part.quantity, 0.0) + part.amount
    return totals


def base_year_contributions(frames: Frames, base_year: int, options: Options | None = None) -> Iterator[Contribution]:
    """What the base-year values are added up from, each with the figures behind it."""
    chosen = {**default_options(frames), **(options or {})}
    by_flow: dict[str, list[Entry]] = defaultdict(list)
    for entry in base_year_entries(frames, base_year, chosen):
        by_flow[entry.flow].append(entry)
    sources = {"output": _levels(frames, "base_output"), "capacity": _levels(frames, "base_capacity")}
    admits = _Filter(frames)
    for term in _rows(frames, "quantity_terms"):
        entries = by_flow.get(term.flow, []) if term.measure == "account" else sources.get(term.measure, [])
        sign = -1.0 if term.sign == "minus" else 1.0
        for entry in entries:
            if admits(term, entry):
                yield Contribution(term.quantity, sign * entry.amount, entry, sign * entry.sign)


def base_year_entries(frames: Frames, base_year: int, options: Options) -> list[Entry]:
    """All that activities, final demand and background add to or take from flows, and the accounts charged on it."""
    own = [*_operation(frames, options), *_background(frames, base_year, options)]
    return [*own, *_charged(frames, own, options)]


def _rows(frames: Frames, table: str) -> Iterator[Any]:
    return frames[table].itertuples()


def _active(frames: Frames, table: str, options: Options) -> list[Any]:
    """The figures that hold under the options and have a value."""
    return [row for row in _rows(frames, table) if row.value == row.value and row.option == options.get(row.switch, "")]


def _by_region(frames: Frames, rows: Iterable[Any], key: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
    """Each row with every region it holds in; a region's own row comes before one for all regions."""
    listed = list(rows)
    own = {(row.region, *(getattr(row, name) for name in key)) for row in listed if row.region}
    for row in listed:
        for region in [row.region] if row.region else frames["regions"]["region"].tolist():
            if row.region or (region, *(getattr(row, name) for name in key)) not in own:
                yield region, row


def _levels(frames: Frames, parameter: str) -> list[Entry]:
    """Base output or base capacity of every activity, as entries without flow."""
    industry = _column(frames, "activities", "industry")
    stated = [row for row in _rows(frames, "activity_figures") if row.parameter == parameter and row.value == row.value]
    return [
        Entry(
            "",
            region,
            row.activity,
            industry.get(row.activity, ""),
            "",
            row.value * row.scale,
            made_of=(("activity_figures", row.Index),),
        )
        for region, row in _by_region(frames, stated, ("activity",))
    ]


def _operation(frames: Frames, options: Options) -> Iterator[Entry]:
    output = {(entry.region, entry.activity): entry for entry in _levels(frames, "base_output")}
    supplied = _Losses(frames)
    rows = [row for row in _active(frames, "amounts", options) if row.vector == "operate" and not _number(row.offset)]
    for region, row in _by_region(frames, rows, ("activity", "flow", "direction")):
        made = output.get((region, row.activity))
        if made is not None:
            uses = row.direction == "uses"
            amount = (-supplied(region, row.flow) if uses else 1.0) * row.value * row.scale * made.amount
            made_of = (("amounts", row.Index), *made.made_of)
            loss_of = supplied.figure(region, row.flow) if uses else None
            sign = -1.0 if uses else 1.0
            yield Entry(row.flow, region, row.activity, made.industry, "", amount, made_of, loss_of, sign)


def _background(frames: Frames, base_year: int, options: Options) -> Iterator[Entry]:
    kind = _column(frames, "flows", "kind")
    supplied = _Losses(frames)
    levels = [row for row in _active(frames, "background", options) if row.parameter == "level"]
    stated = {(row.region, row.item, row.flow) for row in levels if _number(row.year) == base_year}
    rows = [
        row
        for row in levels
        if _number(row.year) == base_year or (not _number(row.year) and (row.region, row.item, row.flow) not in stated)
    ]
    for region, row in _by_region(frames, rows, ("item", "flow")):
        uses = kind.get(row.flow) == "commodity"
        amount = (-supplied(region, row.flow) if uses else 1.0) * row.value * row.scale
        loss_of = supplied.figure(region, row.flow) if uses else None
        made_of, sign = (("background", row.Index),), -1.0 if uses else 1.0
        yield Entry(row.flow, region, "", row.industry, row.item, amount, made_of, loss_of, sign)


def _charged(frames: Frames, entries: Iterable[Entry], options: Options) -> Iterator[Entry]:
    """Accounts charged on net use of a commodity and on what is added to an account."""
    kind = _column(frames, "flows", "kind")
    charges: dict[str, list[Any]] = defaultdict(list)
    for row in _active(frames, "charges", options):
        charges[row.flow].append(row)
    for entry in entries:
        sign = -1.0 if kind.get(entry.flow) == "commodity" else 1.0
        for row in _most_specific(charges[entry.flow], entry):
            amount = sign * entry.amount * row.value * row.scale
            made_of = (*entry.made_of, ("charges", row.Index))
            yield replace(entry, flow=row.account, amount=amount, made_of=made_of, sign=sign * entry.sign)


def _most_specific(charges: Iterable[Any], entry: Entry) -> list[Any]:
    """The charges that fit the entry; of each account those for the activity, else for the industry, else for all."""
    fitting = [c for c in charges if c.activity in ("", entry.activity) and c.industry in ("", entry.industry)]
    rank = {id(c): 2 * bool(c.activity) + bool(c.industry) for c in fitting}
    most: dict[str, int] = {}
    for charge in fitting:
        most[charge.account] = max(rank[id(charge)], most.get(charge.account, 0))
    return [charge for charge in fitting if rank[id(charge)] == most[charge.account]]


class _Losses:
    """1 + loss of a flow in a region: what must be supplied for one unit used."""

    def __init__(self, frames: Frames) -> None:
        rows = [row for row in _rows(frames, "flow_figures") if row.parameter == "loss" and row.value == row.value]
        self._loss = {(region, row.flow): row for region, row in _by_region(frames, rows, ("flow",))}

    def __call__(self, region: str, flow: str) -> float:
        row = self._loss.get((region, flow))
        return 1.0 if row is None else 1.0 + float(row.value * row.scale)

    def figure(self, region: str, flow: str) -> FigureRow | None:
        row = self._loss.get((region, flow))
        return None if row is None else ("flow_figures", row.Index)


class _Filter:
    """Whether a term of a quantity admits an entry."""

    def __init__(self, frames: Frames) -> None:
        self._sector = _column(frames, "industries", "sector")
        tags = _column(frames, "activities", "tags")
        self._tags = {activity: {tag.strip() for tag in text.split(";")} for activity, text in tags.items()}

    def __call__(self, term: Any, entry: Entry) -> bool:
        return (
            not term.project
            and term.region in ("", entry.region)
            and term.activity in ("", entry.activity)
            and term.item in ("", entry.item)
            and term.industry in ("", entry.industry)
            and term.sector in ("", self._sector.get(entry.industry, ""))
            and (not term.tag or term.tag in self._tags.get(entry.activity, ()))
        )


def _column(frames: Frames, table: str, column: str) -> dict[str, str]:
    """A column of an entity table by the name in its first column."""
    frame = frames[table]
    return dict(zip(frame[frame.columns[0]].tolist(), frame[column].tolist(), strict=True))


def _number(value: Any) -> int:
    """An integer cell; 0 where it is blank."""
    return 0 if value is None or value is pd.NA or value != value else int(value)
