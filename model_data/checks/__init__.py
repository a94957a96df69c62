"""The rules that a plan must keep: one function a rule, all problems collected."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from model_data.checks import cells, figures, magnitudes, money, projects, scenarios, targets, vectors
from model_data.checks.draft import Check, Draft
from model_data.problems import Collector, DataError
from model_data.settings import Settings

# In the order in which an analyst would want to hear of them.
RULES: tuple[Check, ...] = (
    cells.cell_rules,
    cells.filled_tables,
    cells.unique_keys,
    figures.values_or_notes,
    figures.ranges,
    figures.dimensions,
    figures.sizes,
    figures.calendar_years,
    vectors.directions,
    vectors.offsets,
    vectors.switches,
    vectors.charges,
    vectors.hosts,
    vectors.account_flags,
    vectors.background,
    vectors.years_of_parameters,
    projects.projects,
    projects.capacities,
    projects.closing_years,
    targets.quantities,
    targets.indicators,
    money.budgets,
    money.funds,
    scenarios.scenarios,
)
# These reckon with the figures, so they wait until names and units are sound.
RECKONING: tuple[Check, ...] = (magnitudes.plausibility, magnitudes.base_year, magnitudes.project_costs)

# What another value of a figure can break; the rest depends on names and structure only.
VALUE_RULES: tuple[Check, ...] = (figures.sizes, figures.calendar_years, magnitudes.plausibility)
VALUE_RULES_OF_TABLES: dict[str, Check] = {"project_figures": projects.projects, "spending_profiles": vectors.offsets}

__all__ = ["RECKONING", "RULES", "Draft", "check_values", "run_checks"]


def run_checks(draft: Draft, collector: Collector) -> None:
    """Adds what every rule finds."""
    for rule in RULES:
        collector.add(rule(draft))
    if not collector.problems:
        for rule in RECKONING:
            collector.add(rule(draft))


def check_values(settings: Settings, frames: Mapping[str, pd.DataFrame], changed: Mapping[str, list[int]]) -> None:
    """Judges figures that were changed in a sound plan: ``changed`` holds row numbers by table. Raises DataError."""
    lines = {name: frames[name].set_axis(range(2, len(frames[name]) + 2)) for name in changed}
    whole = Draft(settings, {**frames, **lines})
    some = {name: lines[name].iloc[sorted(set(rows))] for name, rows in changed.items()}
    draft = Draft(settings, {**frames, **some}, figure_tables=tuple(changed))
    collector = Collector()
    for rule in VALUE_RULES:
        collector.add(rule(draft))
    for table, rule in VALUE_RULES_OF_TABLES.items():
        if table in changed:
            collector.add(rule(whole))
    if collector.problems:
        raise DataError(collector.problems)
