"""How far each target can go, given all that the scenario requires besides."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from optimizer.diagnosis.elastic import freed
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
    rows = [row for statement in opened.statements.values() for row in _rows(opened, statement, runs, progress)]
    return pd.DataFrame(rows, columns=COLUMNS).astype({"lowest": float, "highest": float, "attainable": float})


def _rows(opened: OpenPlan, statement: Statement, runs: Runs, progress: Progress) -> Iterator[tuple[object, ...]]:
    name, number = statement.indicator, statement.number
    progress(name)
    target = next(one for one in opened.instance.targets if one.indicator == name)
    program = CommonNumber(freed(opened.program, statement.rows), runs)
    best = program.best(statement, number.sense)[0] if number.movable and number.sense != "=" else float("nan")
    units = dict(opened.instance.plan.table("quantities")[["quantity", "unit"]].itertuples(index=False, name=None))
    unit = units[target.quantity]
    if target.denominator:
        unit = "1" if unit == units[target.denominator] else f"{unit}/{units[target.denominator]}"
    for k, year in enumerate(statement.years):
        if year in opened.instance.horizon.years:
            lowest, highest = (program.best(statement.part([k]).plain(), sense)[0] for sense in ("<=", ">="))
            yield (
                name,
                target.standing,
                number.sense,
                year,
                float(number.asked[k]),
                lowest,
                highest,
                unit,
                number.stated / number.scale,
                best / number.scale,
                number.unit,
            )
