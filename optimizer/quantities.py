"""Named quantities as linear forms: each term of ``quantity_terms`` selects variables by measure and filters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from model_data import Plan
from optimizer.coded import CodedPlan
from optimizer.columns import Columns, Mask, stacked
from optimizer.draws import KINDS, Draws
from optimizer.frames import NONE, lookup
from optimizer.keys import Integers

_FILTERS = ("region", "activity", "project", "item", "fund", "industry")
TERM = ("name", "kind", "variable", "draw", "size_of", "year", "minus")


@dataclass(frozen=True, eq=False)
class _Source:
    """The candidates of one measure. ``terms`` have the columns of TERM but name and minus.

    Candidate k is described by row ``row[k]`` of ``attributes``; a column that is not there is blank.
    """

    terms: Columns
    attributes: Columns
    row: Integers

    def attribute(self, name: str, candidates: Integers) -> Integers:
        return self.attributes[name][self.row[candidates]]

    @cached_property
    def by_flow(self) -> tuple[Integers, Integers]:
        """Candidates in the order of their flows, and those flows."""
        flows = self.attributes["flow"][self.row]
        order = np.argsort(flows, kind="stable")
        return order, flows[order]

    def on_flow(self, flow: int) -> Integers:
        if "flow" not in self.attributes:
            return np.empty(0, dtype=np.int64)
        order, flows = self.by_flow
        low, high = np.searchsorted(flows, [flow, flow + 1])
        return order[low:high]


def quantity_terms(plan: Plan, coded: CodedPlan, draws: Draws, indices: Mapping[str, Columns]) -> Columns:
    """All terms of all quantities: the columns of TERM.

    ``draw`` is the draw whose amount counts, NONE where the variable itself does; ``size_of`` the figure that it is
    multiplied by: a project counts as so much new capacity. ``indices``: the index of each kind of variable, that of
    ``start`` with the columns activity, region, size_of.
    """
    filters = _Filters(plan, coded)
    sources: dict[int, _Source] = {}
    found = []
    rows = coded.table("quantity_terms")
    for k in range(len(rows)):
        row = rows.take(np.array([k]))
        measure = int(row["measure"][0])
        if measure not in sources:
            sources[measure] = _source(str(coded.names.atoms(row["measure"])[0]), coded, draws, indices)
        chosen = filters.chosen(row, sources[measure])
        minus = int(row["sign"][0] == coded.number("minus"))
        terms = sources[measure].terms.take(chosen).but(name=int(row["quantity"][0]), minus=minus)
        found.append(terms.only(TERM).narrow())
    return stacked(*found) if found else Columns({name: np.empty(0, dtype=np.int64) for name in TERM})


def _source(measure: str, coded: CodedPlan, draws: Draws, indices: Mapping[str, Columns]) -> _Source:
    if measure == "account":
        rows = draws.rows.but(draw=np.arange(len(draws.rows), dtype=np.int32), size_of=NONE)
        return _Source(rows.only(["kind", "variable", "draw", "size_of", "year"]), draws.entries, rows["entry"])
    parts = [_counted(measure, coded, indices)]
    if measure == "build":
        parts.append(_counted("start", coded, indices))
    every = [part.but(project=coded.blank, size_of=NONE) if "project" not in part else part for part in parts]
    both = stacked(*every)
    return _Source(both.but(draw=NONE), both, np.arange(len(both)))


def _counted(kind: str, coded: CodedPlan, indices: Mapping[str, Columns]) -> Columns:
    """The variables of a kind by themselves."""
    index = indices[kind]
    if "activity" in index:
        index = index.but(industry=coded.translated(index["activity"], "activities", "industry"))
    return index.but(kind=KINDS.index(kind), variable=np.arange(len(index)), year=index["t"])


class _Filters:
    """What a term of a quantity asks of its candidates."""

    def __init__(self, plan: Plan, coded: CodedPlan) -> None:
        self._coded = coded
        tags = lookup(plan.table("activities"), "activity", "tags")
        self._tags = {
            coded.number(name): frozenset(coded.number(part.strip()) for part in text.split(";"))
            for name, text in tags.items()
        }

    def chosen(self, row: Columns, source: _Source) -> Integers:
        """Positions of the candidates that a term counts."""
        blank, flow = self._coded.blank, int(row["flow"][0])
        found = source.on_flow(flow) if flow != blank else np.arange(len(source.terms))
        for name, wanted in self._asked(row):
            column = "industry" if name == "sector" else "activity" if name == "tag" else name
            if column not in source.attributes:
                return found[:0]
            found = found[self._fitting(name, source.attribute(column, found), wanted)]
        return found

    def _asked(self, row: Columns) -> Iterator[tuple[str, int]]:
        for name in (*_FILTERS, "sector", "tag"):
            wanted = int(row[name][0])
            if wanted != self._coded.blank:
                yield name, wanted

    def _fitting(self, name: str, numbers: Integers, wanted: int) -> Mask:
        if name == "sector":
            numbers = self._coded.translated(numbers, "industries", "sector")
        if name == "tag":
            tagged = [activity for activity, tags in self._tags.items() if wanted in tags]
            return np.isin(numbers, tagged)
        fits: Mask = numbers == wanted
        return fits
