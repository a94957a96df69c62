"""How far each target can go, given all that the scenario requires besides."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from optimizer.diagnosis.elastic import NEGLIGIBLE
from optimizer.diagnosis.fractional import CommonNumber
from optimizer.diagnosis.open_plan import OpenPlan
from optimizer.diagnosis.statement import Statement
from optimizer.runs import Runs
from optimizer.solution import Progress

COLUMNS = [
    "indicator",
    "standing",
    "sense",
    "year",
    "asked",
    "lowest",
    "highest",
    "unit",
    "stated",
    "attainable",
    "stated_unit",
]


def attainable_ranges(opened: OpenPlan, runs: Runs, progress: Progress) -> pd.DataFrame:
    """One row an indicator and plan year for which it is stated (COLUMNS).

    ``lowest`` and ``highest``: the least and most that the quantity or ratio can be in that year, whatever else is
    required being held and the indicator itself not asked; in canonical units, as ``asked``. ``attainable``: the most
    demanding number that could be stated for all its years at once, in the unit of the plan's figure, as ``stated``;
    not a number where the plan states "=". Infinite where there is no end. Raises UnfinishedError.
    """
    program = CommonNumber(opened.program, runs)
    program.start_at(opened.program.stages[-1])
    rows = []
    for name, statement in opened.statements.items():
        progress(name)
        rows += list(_rows(opened, program, statement))
    return pd.DataFrame(rows, columns=COLUMNS).astype({"lowest": float, "highest": float, "attainable": float})


def _rows(opened: OpenPlan, program: CommonNumber, statement: Statement) -> Iterator[tuple[object, ...]]:
    name, number = statement.indicator, statement.number
    target = next(one for one in opened.instance.targets if one.indicator == name)
    best = program.best(statement, number.sense) if number.movable and number.sense != "=" else float("nan")
    units = dict(opened.instance.plan.table("quantities")[["quantity", "unit"]].itertuples(index=False, name=None))
    unit = units[target.quantity]
    if target.denominator:
        unit = "1" if unit == units[target.denominator] else f"{unit}/{units[target.denominator]}"
    places = [k for k, year in enumerate(statement.years) if year in opened.instance.horizon.years]
    senses = (">=", "<=") if number.sense == ">=" else ("<=", ">=")  # the years of one sense are near each other
    ends = {sense: [_end(program, statement, k, sense) for k in places] for sense in senses}
    for k, lowest, highest in zip(places, ends["<="], ends[">="], strict=True):
        yield (
            name,
            target.standing,
            number.sense,
            statement.years[k],
            float(number.asked[k]),
            lowest,
            highest,
            unit,
            number.stated / number.scale,
            best / number.scale,
            number.unit,
        )


def _end(program: CommonNumber, statement: Statement, place: int, sense: str) -> float:
    """The least ("<=") or most of the quantity or ratio in one row."""
    end = program.best(statement.part([place]).plain(), sense, statement)
    return 0.0 if abs(end) < NEGLIGIBLE else end
