"""Writes a workbook."""

from __future__ import annotations

from pathlib import Path

from model_data.frames import RawPlan


def write_workbook(path: Path, raw: RawPlan) -> None:
    raise NotImplementedError(path, raw)
