"""The rules that a plan must keep: one function a rule, all problems collected."""

from __future__ import annotations

from model_data.checks import cells, figures, money, projects, scenarios, targets, vectors
from model_data.checks.draft import Check, Draft
from model_data.problems import Collector

# In the order in which an analyst would want to hear of them.
RULES: tuple[Check, ...] = (
    cells.cell_rules,
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

__all__ = ["RULES", "Draft", "run_checks"]


def run_checks(draft: Draft, collector: Collector) -> None:
    """Adds what every rule finds."""
    for rule in RULES:
        collector.add(rule(draft))
