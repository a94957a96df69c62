"""What every variable draws from every flow, year by year, and what is given: entries of vectors in their years.

Structure and numbers are kept apart. ``Draws`` says which entry falls into which year for which variable; ``amounts``
multiplies the figures that stand behind each.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from optimizer.columns import Columns
from optimizer.forms import INDEX_COLUMNS
from optimizer.frames import NONE
from optimizer.keys import Integers, Names, Vector
from optimizer.vectors import NAMES, Rates

# Kinds of draws by number: those of the variables, and what is given.
KINDS = (*INDEX_COLUMNS, "constant")
GIVEN = KINDS.index("constant")
# Stands for a figure that counts nothing, where NONE stands for one that does not take part.
NOTHING = -2
DRAW = ("kind", "entry", "variable", "t", "year", "elapsed", "level_of")


@dataclass(frozen=True, eq=False)
class Draws:
    """``rows`` have the columns of DRAW: ``entry`` is the row in ``entries``, ``variable`` the one in its kind's index.

    ``t`` is the year of the variable, ``year`` the one in which the draw falls, ``elapsed`` the years of change.
    ``level_of``: the figure that the amount is multiplied by, where the level of its activity is given.
    """

    entries: Columns  # of all vectors
    rates: Rates
    rows: Columns
    flow_draws: int  # so many rows belong to variables; after them comes what is given

    def attribute(self, name: str) -> Integers:
        """A column of ENTRY for every draw."""
        return self.entries[name][self.rows["entry"]]

    def amounts(self, values: Vector, of: Vector | None = None) -> Vector:
        """The amount of every draw, from the canonical value of every figure.

        ``of`` stands in place of the values of the figures in ``amount_of``: with scales, the amount for one unit.
        """
        entries, rows = self.entries, self.rows
        one, none = np.append(values, [0.0, 1.0]), np.append(values, [0.0, 0.0])  # at NOTHING and at NONE
        amount: Vector = (values if of is None else of)[entries["amount_of"]] * one[entries["share_of"]]
        amount = amount * np.where(entries["used"] != 0, -1.0 - none[entries["loss_of"]], 1.0)
        amount = amount * one[entries["size_of"]] * (one[entries["charge_of"]] * entries["sign"])
        rate = np.append(np.bincount(self.rates.group, values[self.rates.number], len(self.rates.first)), 0.0)
        changing = np.flatnonzero(self.attribute("rate") != NONE)
        drawn: Vector = amount[rows["entry"]] * one[rows["level_of"]]
        change = 1.0 + rate[entries["rate"][rows["entry"][changing]]]
        drawn[changing] *= change ** rows["elapsed"][changing]
        return drawn


def drawn(entries: Columns, first: int, kind: str, places: Columns, base_year: int, years: tuple[int, ...]) -> Columns:
    """Entries of a vector, numbered from ``first``, in each year t of their variable.

    ``places`` are the admissible variables: the index columns of ``kind`` and ``t``, and where a level is given
    ``level_of``. Only what falls into ``years`` counts; what falls before is sunk.
    """
    index = [column for column in INDEX_COLUMNS[kind] if column != "t"]
    numbered = entries.only([*index, "offset"]).but(entry=np.arange(first, first + len(entries))).narrow()
    rows = numbered.join(places.but(variable=np.arange(len(places))).narrow(), index)
    rows = rows.but(kind=KINDS.index(kind), year=rows["t"] + rows["offset"], elapsed=rows["t"] - base_year)
    rows = rows if "level_of" in rows else rows.but(level_of=NONE)
    return rows.only(DRAW).take(np.isin(rows["year"], years))


def given(entries: Columns, first: int, base_year: int) -> Columns:
    """Background entries, numbered from ``first``, each in its year."""
    numbers, year = np.arange(first, first + len(entries)), entries["year"]
    rows = Columns({"entry": numbers, "year": year, "elapsed": year - base_year})
    return rows.but(kind=GIVEN, variable=NONE, t=0, level_of=NONE).only(DRAW)


def echoed(rows: Columns) -> Columns:
    """Draws of base-year output count as given."""
    return rows.but(kind=GIVEN, variable=NONE)


def draw_frame(draws: Draws, names: Names, amounts: Vector) -> pd.DataFrame:
    """Every draw as a row: its kind, variable, years and amount, and the names of what its entry is about."""
    of_names = np.array(names.atoms(np.arange(len(names))), dtype=object)
    columns = {name: of_names[draws.attribute(name)] for name in NAMES}
    columns |= {name: draws.rows[name] for name in ("variable", "t", "year", "elapsed")}
    kind = np.array(KINDS, dtype=object)[draws.rows["kind"]]
    return pd.DataFrame({"kind": kind, **columns, "amount": amounts})
