"""The figures on which an answer rests most, as a question about uncertain figures names them."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import pandas as pd

from model_data import Plan
from model_data.schema import TABLE, TABLES
from model_data.vocabulary import GRADES
from optimizer.assumptions import Ledger
from optimizer.questions import problem, refuse, unknown_name
from optimizer.words.language import Text

TABLE_OR_GRADE = Text("数据表或等级", "table or grade")
NONE_LEFT = problem(
    "within",
    zh="没有剩下对结果有影响且有范围的数据",
    en="no figure with a range that matters to the answer is left",
)


def weightiest(plan: Plan, found: Ledger, top: int, within: Collection[str] = ()) -> list[dict[str, Any]]:
    """The ``top`` figures of the ledger with the largest swings, by table and key columns.

    ``within``: tables or grades; only figures of one of these tables and of one of these grades count, where any are
    named. Raises QuestionError for a name that is neither, or where no figure is left.
    """
    tables = [table.name for table in TABLES if table.is_figure_table]
    wrong = [name for name in within if name not in tables and name not in GRADES]
    refuse([unknown_name("within", what=TABLE_OR_GRADE, name=name, known=[*tables, *GRADES]) for name in wrong])
    refuse([] if top > 0 else [problem("top", zh=f"{top}个数据；至少1个", en=f"{top} figures; name at least 1")])
    rows = found.figures
    for column, known in (("table", tables), ("grade", list(GRADES))):
        chosen = [name for name in within if name in known]
        rows = rows[rows[column].isin(chosen)] if chosen else rows
    refuse([] if len(rows) else [NONE_LEFT])
    return [_key(plan, table, row) for table, row in zip(rows["table"].head(top), rows["row"].head(top), strict=True)]


def _key(plan: Plan, table: str, row: int) -> dict[str, Any]:
    cells = plan.table(table).iloc[row]
    stated = {column: cells[column] for column in TABLE[table].key}
    return {"table": table, **{column: cell for column, cell in stated.items() if not pd.isna(cell) and cell != ""}}
