"""Judges figures that were changed in a sound plan."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from model_data.checks import figures, magnitudes, projects, vectors
from model_data.checks.draft import Check, Draft
from model_data.problems import Collector, DataError
from model_data.settings import Settings

# What another value of a figure can break; the rest depends on names and structure only.
VALUE_RULES: tuple[Check, ...] = (figures.sizes, figures.calendar_years, magnitudes.plausibility)
VALUE_RULES_OF_TABLES: dict[str, Check] = {"project_figures": projects.projects, "spending_profiles": vectors.offsets}


def check_values(
    settings: Settings,
    frames: Mapping[str, pd.DataFrame],
    changed: Mapping[str, list[int]],
    structure: dict[tuple[str, str], Any] | None = None,
) -> None:
    """Judges figures that were changed in a sound plan: ``changed`` holds row numbers by table. Raises DataError.

    ``structure`` is shared by the calls for plans that differ in figures only (see ``Draft``).
    """
    known = {} if structure is None else structure
    lines = {name: frames[name].set_axis(range(2, len(frames[name]) + 2)) for name in changed}
    whole = Draft(settings, {**frames, **lines}, structure=known)
    some = {name: lines[name].iloc[sorted(set(rows))] for name, rows in changed.items()}
    draft = Draft(settings, {**frames, **some}, figure_tables=tuple(changed), structure=known)
    draft.take_scales({name: frame["scale"].tolist() for name, frame in some.items() if "scale" in frame})
    collector = Collector()
    for rule in VALUE_RULES:
        collector.add(rule(draft))
    for table, rule in VALUE_RULES_OF_TABLES.items():
        if table in changed:
            collector.add(rule(whole))
    if collector.problems:
        raise DataError(collector.problems)
