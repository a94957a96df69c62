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
from optimizer.keys import Integers, Names

# Families of plans that are kept; one holds the tables of one plan.
_KEPT = 4
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
        self, table: str, parameter: str, places: Columns, years: Sequence[int], has_value: Mask, *, exact: bool = False
    ) -> Integers:
        """Number of the figure that holds for each place and year, NONE where none does: places × years.

        ``places`` have the columns region and that of the table's subject. A region's own figure comes before a general
        one, then one for the year before one without year; ``exact``: only figures for the year count.
        """
        rows = self.table(table)
        rows = rows.take((rows["parameter"] == self.number(parameter)) & has_value[rows["number"]])
        subject = TABLE[table].columns[1].name
        wanted = places.only(["region", subject]).times(Columns({"year": np.array(years, dtype=np.int64)}))
        number = np.append(rows["number"], NONE)
        found = np.full(len(wanted), NONE, dtype=np.int64)
        for region in (wanted["region"], self.blank):
            for year in (wanted["year"],) if exact else (wanted["year"], 0):
                place = wanted.but(region=region, year=year).place_in(rows, ["region", subject, "year"])
                found = np.where(found == NONE, number[place], found)
        return found.reshape(len(places), len(years))

    def is_commodity(self, flows: Integers) -> Mask:
        commodity: Mask = self.translated(flows, "flows", "kind") == self.number("commodity")
        return commodity


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
