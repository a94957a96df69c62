"""Effective operate and build vectors: what one unit of output, new capacity or project draws from each flow.

Structure only: an entry names the figures that it is made of by their numbers (see ``optimizer.frames``), NONE where no
such figure takes part, and ``optimizer.draws`` multiplies them. So the entries hold for all plans that state the same
figures, whatever their values are. The columns of ``ENTRY`` are

- region, activity, project, item, industry, flow: numbers of names, blank where there is none,
- offset: years from the variable's year to that of the entry,
- amount_of, share_of (of a spending profile), charge_of, size_of (of a project), rate (of yearly change, a group of
  figures; see ``Rates``),
- loss_of and used: what is used counts minus, and for one unit of it 1 + loss must be supplied,
- sign: of a charge, which is on net use: what is given to a commodity balance counts against it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from model_data import Plan
from optimizer.coded import CodedPlan
from optimizer.columns import Columns, Mask, grouped, stacked
from optimizer.derived import kept_by
from optimizer.frames import NONE, lookup
from optimizer.keys import Integers

NAMES = ("region", "activity", "project", "item", "industry", "flow")
_FIGURES = ("amount_of", "share_of", "loss_of", "charge_of", "size_of", "rate")
ENTRY = (*NAMES, "offset", *_FIGURES, "used", "sign")
_ROW = ("region", "activity", "flow", "direction", "offset", "profile", "amount_of")


def chosen_options(plan: Plan, switches: Mapping[str, str]) -> dict[str, str]:
    """The option of every switch: the scenario's choice, else the default."""
    return _usual_options(plan) | dict(switches)


@kept_by("switches")
def _usual_options(plan: Plan) -> dict[str, str]:
    table = plan.table("switches")
    return lookup(table[table["default"] == "yes"], "switch", "option")


@dataclass(frozen=True, eq=False)
class Rates:
    """Yearly rates of change: each is the sum of the figures whose ``group`` it is; ``first`` names one of them."""

    group: Integers
    number: Integers
    first: Integers


class Vectors:
    """The entries of a plan's vectors under the options of its switches; ``has_value``: which figures have one."""

    def __init__(self, coded: CodedPlan, options: Mapping[str, str], has_value: Mask) -> None:
        self._coded, self._blank = coded, coded.blank
        self._options, self._has_value = options, has_value
        self._regions = coded.table("regions").only(["region"])
        self._charges = self._stated("charges").only(["account", "flow", "industry", "activity", "amount_of"])
        losses = self._stated("flow_figures")
        losses = losses.take(losses["parameter"] == coded.number("loss"))
        self._losses = self._in_every_region(losses, ["flow"])
        self._trends = self._stated("trends")
        growth = self._stated("background")
        growth = growth.take(growth["parameter"] == coded.number("growth"))
        self._growth = self._in_every_region(growth, ["item", "flow"])

    @property
    def rates(self) -> Rates:
        """The trends, one a group, and after them the growth of background items."""
        trends, groups = len(self._trends), grouped(self._growth, ["region", "item", "flow"])
        group = np.concatenate([np.arange(trends), trends + groups])
        number = np.concatenate([self._trends["amount_of"], self._growth["amount_of"]])
        first = np.unique(group, return_index=True)[1]
        return Rates(group, number, number[first])

    def operate(self, places: Columns) -> Columns:
        """Entries per unit of output of each place (region, activity)."""
        rows = self._regional(places, "operate").but(project=self._blank, size_of=NONE)
        return self._with_charges(self._with_trends(self._signed(rows)))

    def build(self, places: Columns) -> Columns:
        """Entries per unit of new capacity of each place (region, activity), spread over the spending profile."""
        return self._with_charges(self._signed(self._regional(places, "build").but(project=self._blank, size_of=NONE)))

    def projects(self, projects: Columns) -> Columns:
        """Entries per whole project; a project's own rows for a flow replace those of its activity.

        ``projects`` has the columns project, region, activity, size_of.
        """
        generic = self._regional(projects, "build")
        inherited = projects.join(generic, ["region", "activity"])
        own = projects.join(self._stated("project_amounts"), ["project"])
        kept = inherited.take(~inherited.is_in(own, ["project", "flow"]))
        columns = (*_ROW, "project", "size_of")
        return self._with_charges(self._signed(stacked(kept.only(columns), own.only(columns))))

    def background(self, years: tuple[int, ...]) -> Columns:
        """Background items by ``year``, a further column.

        Final demand for a commodity counts minus, losses included; what adds to an account counts plus. A level stated
        for a year holds in that year; otherwise the base-year level grows at the item's rate.
        """
        item = ["region", "item", "flow"]
        rows = self._stated("background")
        rows = self._in_every_region(rows, ["item", "flow", "parameter", "year"])
        levels = rows.take(rows["parameter"] == self._coded.number("level"))
        base, stated = levels.take(levels["year"] == 0), levels.take(levels["year"] != 0)
        growth = self._growth.but(rate=len(self._trends) + grouped(self._growth, item))
        base = base.but(rate=_looked_up(base, growth, item, "rate"))
        # A region's own base-year level comes before a year's level for all regions.
        own = base.take(base["general"] == 0)
        stated = stated.but(rate=NONE)
        stated = stated.take(~((stated["general"] != 0) & stated.is_in(own, item)))
        frames = []
        for year in years:
            here = stated.take(stated["year"] == year)
            frames += [base.take(~base.is_in(here, item)).but(year=year), here]
        entries = stacked(*frames).but(activity=self._blank, project=self._blank, offset=0, share_of=NONE, size_of=NONE)
        entries = self._with_losses(entries, self._coded.is_commodity(entries["flow"]))
        return self._with_charges(entries.but(charge_of=NONE, sign=1).only((*ENTRY, "year")))

    def _stated(self, table: str) -> Columns:
        return self._coded.stated(table, self._options, self._has_value)

    def _regional(self, places: Columns, vector: str) -> Columns:
        """Rows of ``amounts`` for each place; a row for the region wins over one for all regions."""
        rows = self._stated("amounts")
        rows = rows.take(rows["vector"] == self._coded.number(vector))
        rows = self._in_every_region(rows, ["activity", "flow", "direction", "offset"])
        return rows.only(_ROW).take(rows.is_in(places, ["region", "activity"]))

    def _in_every_region(self, rows: Columns, key: list[str]) -> Columns:
        """Rows with a blank region repeated for every region that has no row of its own under the same key.

        Rows that differ only in their switch all stay: they add up. ``general`` says which came from a blank region.
        """
        blank = rows["region"] == self._blank
        own = rows.take(~blank).but(general=0)
        general = rows.take(blank).without("region").times(self._regions).but(general=1)
        return stacked(own, general.take(~general.is_in(own, ["region", *key])))

    def _signed(self, rows: Columns) -> Columns:
        """Rows with losses and the spending profile; one entry an offset."""
        profiles = self._stated("spending_profiles")
        shares = profiles.only(["profile", "offset"]).but(share_of=profiles["amount_of"])
        single = rows.take(rows["profile"] == self._blank).but(share_of=NONE)
        profiled = rows.take(rows["profile"] != self._blank).without("offset").join(shares, ["profile"])
        spread = stacked(single, profiled)
        used = (spread["direction"] == self._coded.number("uses")) & self._coded.is_commodity(spread["flow"])
        industry = self._coded.translated(spread["activity"], "activities", "industry")
        spread = spread.but(industry=industry, item=self._blank, rate=NONE, charge_of=NONE, sign=1)
        return self._with_losses(spread, used).only(ENTRY)

    def _with_losses(self, entries: Columns, used: Mask) -> Columns:
        met = _looked_up(entries, self._losses, ["region", "flow"], "amount_of")
        return entries.but(used=used.astype(np.int64), loss_of=np.where(used, met, NONE))

    def _with_trends(self, entries: Columns) -> Columns:
        """The yearly rate of each entry: the activity's own trend of the flow, else the trend of the flow for all."""
        key = ["activity", "flow"]
        own = entries.place_in(self._trends, key)
        general = entries.but(activity=self._blank).place_in(self._trends, key)
        return entries.but(rate=np.where(own >= 0, own, general))

    def _with_charges(self, entries: Columns) -> Columns:
        """The entries and, beneath them, the accounts charged on them.

        The most specific charge applies: activity, then industry, then all.
        """
        charges = self._charges
        renamed = {"charged_" + name: charges[name] for name in ("account", "industry", "activity")}
        offered = Columns({"flow": charges["flow"], "charge": charges["amount_of"], **renamed})
        matched = entries.but(entry=np.arange(len(entries))).join(offered, ["flow"])
        matched = matched.take(self._fits(matched, "activity") & self._fits(matched, "industry"))
        specific = 2 * (matched["charged_activity"] != self._blank) + (matched["charged_industry"] != self._blank)
        group = grouped(matched, ["entry", "charged_account"])
        most = np.zeros(len(group), dtype=np.int64)
        np.maximum.at(most, group, specific)
        best = matched.take(specific == most[group])
        sign = np.where(self._coded.is_commodity(best["flow"]), -1, 1)
        charged = best.but(flow=best["charged_account"], charge_of=best["charge"], sign=sign)
        return stacked(entries, charged)

    def _fits(self, matched: Columns, column: str) -> Mask:
        charge = matched[f"charged_{column}"]
        fits: Mask = (charge == self._blank) | (charge == matched[column])
        return fits


def _looked_up(rows: Columns, other: Columns, on: list[str], column: str) -> Integers:
    """The other's column where it has the same numbers in ``on``, else NONE."""
    found = np.append(other[column], NONE)
    return found[rows.place_in(other, on)]
