"""Reads a workbook."""

from __future__ import annotations

from pathlib import Path

from model_data.frames import RawPlan


def read_workbook(path: Path) -> RawPlan:
    raise NotImplementedError(path)
