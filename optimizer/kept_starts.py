"""Where scenarios ended, as bytes for a store: labels as JSON, statuses as digits; data and no code."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import numpy as np

from optimizer.labels import Label
from optimizer.run_result import Basis
from optimizer.start import Ended, Start, Statuses

_ZERO = ord("0")


def written(starts: Sequence[Start]) -> bytes:
    """One entry a window; the labels of each are written once, for stages share them."""
    return json.dumps([_said(start) for start in starts], ensure_ascii=False).encode()


def read(content: bytes) -> tuple[Start, ...]:
    """What was written. Raises ValueError, KeyError or TypeError where it is nothing of ours."""
    return tuple(_start(**said) for said in json.loads(content))


def _said(start: Start) -> dict[str, Any]:
    rows = max((ended.rows for ended in start.stages.values()), key=len, default=())
    columns = max((ended.columns for ended in start.stages.values()), key=len, default=())
    stages = [
        {"name": name, "rows": _digits(ended.basis.rows), "columns": _digits(ended.basis.columns)}
        for name, ended in start.stages.items()
    ]
    return {"rows": list(rows), "columns": list(columns), "stages": stages}


def _start(rows: list[list[str | int]], columns: list[list[str | int]], stages: list[dict[str, str]]) -> Start:
    """A stage has the first of the rows, since later stages have the rows that hold the ones before, too."""
    row_labels, column_labels = _labels(rows), _labels(columns)
    return Start(
        {
            stage["name"]: Ended(
                row_labels[: len(stage["rows"])],
                column_labels[: len(stage["columns"])],
                Basis(_statuses(stage["columns"]), _statuses(stage["rows"])),
            )
            for stage in stages
        }
    )


def _labels(said: list[list[str | int]]) -> tuple[Label, ...]:
    return tuple(tuple(label) for label in said)


def _digits(statuses: Statuses) -> str:
    return (statuses.astype(np.uint8) + _ZERO).tobytes().decode("ascii")


def _statuses(digits: str) -> Statuses:
    return (np.frombuffer(digits.encode("ascii"), dtype=np.uint8) - _ZERO).astype(np.int8)
