"""The numbers of one program: plan, scenario and horizon resolved to what the equations read.

This module fetches numbers and writes no algebra; ``optimizer.equations`` writes algebra and fetches nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cached_property, lru_cache

import pandas as pd

from model_data import Plan
from optimizer.collection import collection_paused
from optimizer.form_terms import form_keys, form_terms
from optimizer.forms import Forms, collect_forms
from optimizer.frames import NONE, lookup, numbered
from optimizer.horizon import Horizon, plan_horizon
from optimizer.parameters import Parameters
from optimizer.quantities import draws, measure_sources, quantity_terms
from optimizer.scenario import Scenario
from optimizer.structure import Project, active_places, modelled_projects, refuse_unserved, variable_frames
from optimizer.targets import Budget, Target, resolve_budgets, resolve_targets
from optimizer.vectors import background_entries, build_vectors, chosen_options, operate_vectors, project_vectors

# Plans whose rows are kept between questions.
_KEPT = 4


@dataclass(frozen=True)
class Instance:
    """Everything the equations read, in canonical units.

    ``stated`` is the plan as it was given, ``plan`` the one with the figures that the scenario changes.
    """

    stated: Plan
    plan: Plan
    scenario: Scenario
    horizon: Horizon
    active: tuple[tuple[str, str], ...]  # (region, activity)
    projects: tuple[Project, ...]
    variables: Mapping[str, pd.DataFrame]  # index frame of each kind of variable
    flow_draws: pd.DataFrame  # what each variable draws from each flow (see optimizer.quantities)
    background: pd.DataFrame
    terms: pd.DataFrame  # which draw or background entry stands in which form (see optimizer.form_terms)
    forms: Forms
    base_values: Mapping[str, float]  # quantity -> value in the base year
    targets: tuple[Target, ...]
    budgets: tuple[Budget, ...]
    figures: Parameters  # activity figures
    flow_figures: Parameters

    @cached_property
    def decided_quantities(self) -> tuple[str, ...]:
        """Quantities that some row or objective names, in the order of the plan's table."""
        used = {term.quantity for stage in self.scenario.objective for term in stage.terms}
        used |= {budget.quantity for budget in self.budgets}
        for target in self.targets:
            if target.has_row:
                used |= {target.quantity, target.denominator}
        return tuple(q for q in self.plan.table("quantities")["quantity"] if q in used)


def resolve(plan: Plan, scenario: Scenario, horizon: Horizon | None = None) -> Instance:
    """Numbers for the scenario (its own horizon unless one is given).

    Raises DataError where a changed figure does not exist, ScenarioError where a project setting is impossible or
    something is demanded that nothing could serve.
    """
    stated = plan
    plan = plan.with_figures([dict(change) for change in scenario.figures]) if scenario.figures else plan
    horizon = horizon or plan_horizon(plan, scenario)
    options = chosen_options(plan, scenario.switches)
    with collection_paused():
        rows = _rows(plan, horizon, tuple(sorted(options.items())), modelled_projects(plan, scenario, horizon))
    refuse_unserved(scenario, rows.forms, rows.variables)
    return Instance(
        stated=stated,
        plan=plan,
        scenario=scenario,
        horizon=horizon,
        **{field.name: getattr(rows, field.name) for field in fields(rows)},
        targets=resolve_targets(plan, scenario, horizon, rows.base_values),
        budgets=resolve_budgets(plan, scenario, horizon),
    )


@dataclass(frozen=True, eq=False)
class _Rows:
    """What does not depend on targets, budgets and objectives; its fields are those of Instance."""

    active: tuple[tuple[str, str], ...]
    projects: tuple[Project, ...]
    variables: Mapping[str, pd.DataFrame]
    flow_draws: pd.DataFrame
    background: pd.DataFrame
    terms: pd.DataFrame
    forms: Forms
    base_values: Mapping[str, float]
    figures: Parameters
    flow_figures: Parameters


@lru_cache(maxsize=_KEPT)
def _rows(plan: Plan, horizon: Horizon, options: tuple[tuple[str, str], ...], projects: tuple[Project, ...]) -> _Rows:
    """Kept for the latest plans: most questions about a plan change its targets, budgets or objective only."""
    chosen = dict(options)
    figures = Parameters(numbered(plan, "activity_figures"), "activity")
    active = active_places(plan, figures, projects)
    variables = variable_frames(plan, horizon, figures, active, projects)
    operate = operate_vectors(plan, pd.DataFrame(active, columns=["region", "activity"]), chosen)
    flow_draws = _draws(plan, horizon, chosen, operate, variables, projects, active)
    echoes = _echoes(plan, horizon, operate, figures, active)
    given = background_entries(plan, chosen, horizon.all)
    given = given.assign(elapsed=given["year"] - horizon.base_year, level_of=NONE)
    background = pd.concat([given, echoes], ignore_index=True)
    flow_draws = flow_draws.assign(draw=range(len(flow_draws)))
    background = background.assign(draw=range(len(flow_draws), len(flow_draws) + len(background)), variable=NONE)
    sizes = {project.project: project.size for project in projects}
    sources = measure_sources(plan, flow_draws, background, variables, sizes)
    keys = form_keys(plan, horizon.all)
    terms = form_terms(plan, keys, quantity_terms(plan, sources), flow_draws, background)
    return _Rows(
        active,
        projects,
        variables,
        flow_draws,
        background,
        terms,
        collect_forms(keys, terms, variables),
        plan.base_values(chosen),
        figures,
        Parameters(numbered(plan, "flow_figures"), "flow"),
    )


def _draws(
    plan: Plan,
    horizon: Horizon,
    options: Mapping[str, str],
    operate: pd.DataFrame,
    variables: Mapping[str, pd.DataFrame],
    projects: tuple[Project, ...],
    active: tuple[tuple[str, str], ...],
) -> pd.DataFrame:
    """What every variable draws from every flow, in the years of the horizon; what falls before is sunk."""
    places = pd.DataFrame(active, columns=["region", "activity"])
    sized = pd.DataFrame(
        [(p.project, p.region, p.activity, p.size) for p in projects], columns=["project", "region", "activity", "size"]
    )
    base_year, years = horizon.base_year, horizon.all
    starts = variables["start"][["project", "t"]]
    return pd.concat(
        [
            draws(operate, "output", variables["output"], base_year, years),
            draws(build_vectors(plan, places, options), "build", variables["build"], base_year, years),
            draws(project_vectors(plan, sized, options), "start", starts, base_year, years),
        ],
        ignore_index=True,
    )


def _echoes(
    plan: Plan, horizon: Horizon, operate: pd.DataFrame, figures: Parameters, active: tuple[tuple[str, str], ...]
) -> pd.DataFrame:
    """What base-year output still draws in later years: background entries that belong to an activity."""
    year, industry = horizon.base_year, lookup(plan.table("activities"), "activity", "industry")
    made = [(r, a, year, figures.get(a, "base_output", r) or 0.0) for r, a in active]
    places = pd.DataFrame(made, columns=["region", "activity", "t", "made"])
    rows = draws(operate, "output", places, year, horizon.all)
    made_of = [figures.number(a, "base_output", r) for r, a in zip(rows["region"], rows["activity"], strict=True)]
    rows = rows.assign(item="", industry=rows["activity"].map(industry), level_of=made_of)
    return rows.assign(amount=rows["amount"] * rows["made"], per_value=rows["per_value"] * rows["made"])
