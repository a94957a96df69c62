"""Tidy tables of a diagnosis."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from optimizer.conflict import Conflict
from optimizer.diagnosis.changes import Change
from optimizer.diagnosis.repairs import Repair
from optimizer.words.rows import parts

_CHANGE_COLUMNS = ["kind", "name", "year", "before", "after", "unit", "size"]


def conflict_rows(conflicts: Sequence[Conflict]) -> pd.DataFrame:
    """conflict (from 1), structural, equation, name, year; the name is of an indicator, budget, project or place."""
    rows = []
    for number, conflict in enumerate(conflicts, 1):
        for label in conflict.rows:
            index = parts(label)
            name = " ".join(str(part) for key, part in index.items() if key != "year")
            rows.append((number, conflict.structural, str(label[0]), name, index.get("year")))
    columns = ["conflict", "structural", "equation", "name", "year"]
    return pd.DataFrame(rows, columns=columns).astype({"year": "Int64"})


def change_rows(head: str, lists: Sequence[Sequence[Change]]) -> pd.DataFrame:
    """One row a change, numbered from 1 under ``head``; ``after`` is not a number where something is given up."""
    rows = [
        (
            number,
            str(change.label[0]),
            str(change.label[1]),
            change.label[2] if len(change.label) > 2 else None,
            change.before,
            change.after,
            change.unit,
            change.size,
        )
        for number, changes in enumerate(lists, 1)
        for change in changes
    ]
    frame = pd.DataFrame(rows, columns=[head, *_CHANGE_COLUMNS])
    return frame.astype({"year": "Int64", "before": float, "after": float, "size": float})


def cost_rows(menu: Sequence[Repair]) -> pd.DataFrame:
    """The indicator table of each repair's answer, with repair (from 1), its kind, status and objective before it."""
    frames = []
    for number, repair in enumerate(menu, 1):
        table = repair.answer.indicators
        table = table[table["standing"] != "outside"]
        head = {"repair": number, "repair_kind": repair.kind, "status": str(repair.status)}
        frames.append(table.assign(**head, objective=repair.objective))
    if not frames:
        return pd.DataFrame()
    frame = pd.concat(frames, ignore_index=True)
    first = ["repair", "repair_kind", "status", "objective"]
    return frame[first + [column for column in frame.columns if column not in first]]
