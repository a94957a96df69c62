"""The tables of a plan with numbers in place of names: what depends on structure only, not on the values of figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
import pandas as pd

from model_data import Plan
from model_data.schema import TABLE
from optimizer.columns import Columns, Mask
from optimizer.frames import NONE, figure_numbers
from optimizer.keys import Integers, Keys, Names

# Families of plans that are kept; one holds the tables of one plan.
_KEPT = 4
# The column of figures without year, see _ByYear.
_YEARLESS = 0
_TEXTS = ("name", "choice", "reference", "flag")


class CodedPlan:
    """One for all plans that differ from each other in the values of figures only."""

    def __init__(self, plan: Plan) -> None:
        self.names = Names()
        self.blank = self.names.number("")
        self._plan = plan
        self._tables: dict[str, Columns] = {}

    def number(self, name: str) -> int:
        return self.names.number(name)

    def column(self, texts: pd.Series) -> Integers:
        """The numbers of a column of names."""
        codes, known = pd.factorize(texts)
        numbers = np.array([self.names.number(name) for name in known.tolist()], dtype=np.int64)
        return numbers[codes] if len(numbers) else codes.astype(np.int64)

    def table(self, name: str) -> Columns:
        """Names and whole numbers of a table, a blank whole number as 0; of a figure table also ``number``."""
        if name not in self._tables:
            frame = self._plan.table(name)
            columns = {
                column.name: self.column(frame[column.name])
                for column in TABLE[name].columns
                if column.type in _TEXTS and column.name not in ("grade", "evidence")
            }
            for column in TABLE[name].columns:
                if column.type == "integer":
                    columns[column.name] = frame[column.name].fillna(0).to_numpy(dtype=np.int64)
            if TABLE[name].is_figure_table:
                start = figure_numbers(self._plan)[name]
                columns["number"] = np.arange(start, start + len(frame))
            self._tables[name] = Columns(columns)
        return self._tables[name]

    def stated(self, table: str, options: Mapping[str, str], has_value: Mask) -> Columns:
        """Figures that hold under the options and have a value; their number stands in ``amount_of``."""
        rows = self.table(table)
        rows = rows.take(has_value[rows["number"]])
        if "switch" in rows:
            pairs = [(self.number(switch), self.number(option)) for switch, option in options.items()]
            chosen = np.full(len(self.names), self.blank, dtype=np.int64)
            for switch, option in pairs:
                chosen[switch] = option
            rows = rows.take((rows["switch"] == self.blank) | (rows["option"] == chosen[rows["switch"]]))
        return rows.but(amount_of=rows["number"])

    def translated(self, names: Integers, table: str, column: str) -> Integers:
        """The column of an entity table by the name in its first column; blank where the name is not there."""
        rows = self.table(table)
        key = rows[TABLE[table].columns[0].name]
        found = np.full(max(names.max(initial=0), key.max(initial=0)) + 1, self.blank, dtype=np.int64)
        found[key] = rows[column]
        return found[names]

    def numbers(
        self, table: str, parameter: str, places: Keys, years: Sequence[int], has_value: Mask, *, exact: bool = False
    ) -> Integers:
        """Number of the figure that holds for each place and year, NONE where none does: places × years.

        ``places`` are pairs of a region and the table's subject. A region's own figure comes before a general one, then
        one for the year before one without year; ``exact``: only figures for the year count.
        """
        rows, subject = self.table(table), TABLE[table].columns[1].name
        rows = rows.take((rows["parameter"] == self.number(parameter)) & has_value[rows["number"]])
        general = rows["region"] == self.blank
        own, common = rows.take(~general), rows.take(general)
        kind_of = np.full(len(self.names), -1, dtype=np.int64)
        kind_of[common[subject]] = np.arange(len(common))
        by_year = _ByYear(years)
        of_place = by_year.table(places.find((own["region"], own[subject]), len(own)), own, len(places))[:-1]
        of_kind = by_year.table(kind_of[common[subject]], common, len(common))[kind_of[places.columns[1]]]
        found = np.full((len(places), len(years)), NONE, dtype=np.int32)
        for known in (of_place, of_kind):
            for slots in (by_year.slots,) if exact else (by_year.slots, [_YEARLESS]):
                found = np.where(found == NONE, known[:, slots], found)
        return found

    def is_commodity(self, flows: Integers) -> Mask:
        commodity: Mask = self.translated(flows, "flows", "kind") == self.number("commodity")
        return commodity


class _ByYear:
    """Tables of figures with a column for the figure without year, one for each year asked for, and one for others."""

    def __init__(self, years: Sequence[int]) -> None:
        slot_of = {year: slot for slot, year in enumerate(dict.fromkeys((0, *years)))}
        self.slots = [slot_of[year] for year in years]
        self._others = len(slot_of)
        self._slot_of = np.full(max(slot_of) + 2, self._others, dtype=np.int64)
        self._slot_of[list(slot_of)] = list(slot_of.values())

    def table(self, place: Integers, stated: Columns, count: int) -> Integers:
        """The numbers of the figures by place and year; one more row is for those whose place is -1."""
        found = np.full((count + 1, self._others + 1), NONE, dtype=np.int32)
        found[place, self._slot_of.take(stated["year"], mode="clip")] = stated["number"]
        return found


@dataclass(frozen=True)
class _Asked:
    """Compares by what all plans that differ in values only share."""

    family: object
    plan: Plan = field(compare=False)


@lru_cache(maxsize=_KEPT)
def _coded(asked: _Asked) -> CodedPlan:
    return CodedPlan(asked.plan)


def coded_plan(plan: Plan) -> CodedPlan:
    """Made once for a plan and those that differ from it in values only."""
    return _coded(_Asked(plan.family, plan))
