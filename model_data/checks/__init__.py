"""The rules that a plan must keep: one function a rule, all problems collected."""

from __future__ import annotations

from model_data.checks import cells, figures, magnitudes, money, projects, scenarios, targets, vectors
from model_data.checks.draft import Check, Draft
from model_data.checks.values import check_values
from model_data.problems import Collector

# In the order in which an analyst would want to hear of them: of one cell only the first problem is told.
RULES: tuple[Check, ...] = (
    cells.filled_tables,
    cells.cell_rules,
    cells.unique_keys,
    cells.glossary,
    figures.values_or_notes,
    figures.dimensions,
    figures.sizes,
    figures.calendar_years,
    figures.ranges,
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
RECKONING: tuple[Check, ...] = (
    magnitudes.plausibility,
    magnitudes.base_year,
    magnitudes.project_costs,
    scenarios.figure_values,
)

__all__ = ["RECKONING", "RULES", "Draft", "check_values", "run_checks"]


def run_checks(draft: Draft, collector: Collector) -> None:
    """Adds what every rule finds."""
    for rule in RULES:
        collector.add(rule(draft))
    if not collector.problems:
        for rule in RECKONING:
            collector.add(rule(draft))
