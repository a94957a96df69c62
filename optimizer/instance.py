"""The numbers of one program: plan, scenario and horizon resolved to what the equations read.

This module fetches numbers and writes no algebra; ``optimizer.equations`` writes algebra and fetches nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from model_data import Plan
from optimizer.forms import FormKey, Forms, collect_forms
from optimizer.frames import NONE, lookup, numbered, records
from optimizer.horizon import Horizon, plan_horizon
from optimizer.parameters import Parameters
from optimizer.quantities import draws, measure_sources, quantity_terms
from optimizer.scenario import Scenario
from optimizer.structure import Project, active_places, modelled_projects, refuse_unserved, variable_frames
from optimizer.targets import Budget, Target, resolve_budgets, resolve_targets
from optimizer.vectors import background_entries, build_vectors, chosen_options, operate_vectors, project_vectors


@dataclass(frozen=True)
class Instance:
    """Everything the equations read, in canonical units."""

    plan: Plan
    scenario: Scenario
    horizon: Horizon
    active: tuple[tuple[str, str], ...]  # (region, activity)
    projects: tuple[Project, ...]
    variables: Mapping[str, pd.DataFrame]  # index frame of each kind of variable
    flow_draws: pd.DataFrame  # what each variable draws from each flow (see optimizer.quantities)
    background: pd.DataFrame
    terms: pd.DataFrame  # which draw or background entry stands in which form, with what factor
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
    plan = plan.with_figures([dict(change) for change in scenario.figures]) if scenario.figures else plan
    horizon = horizon or plan_horizon(plan, scenario)
    options = chosen_options(plan, scenario.switches)
    figures = Parameters(numbered(plan, "activity_figures"), "activity")
    flow_figures = Parameters(numbered(plan, "flow_figures"), "flow")
    projects = modelled_projects(plan, scenario, horizon)
    active = active_places(plan, figures, projects)
    variables = variable_frames(plan, horizon, figures, active, projects)

    operate = operate_vectors(plan, pd.DataFrame(active, columns=["region", "activity"]), options)
    flow_draws = _draws(plan, horizon, options, operate, variables, projects, active)
    echoes = _echoes(plan, horizon, operate, figures, active)
    given = background_entries(plan, options, horizon.all)
    given = given.assign(elapsed=given["year"] - horizon.base_year, level_of=NONE)
    background = pd.concat([given, echoes], ignore_index=True)
    flow_draws = flow_draws.assign(draw=range(len(flow_draws)), factor=1.0)
    background = background.assign(draw=range(len(flow_draws), len(flow_draws) + len(background)), factor=1.0)
    sizes = {project.project: project.size for project in projects}
    sources = measure_sources(plan, flow_draws, background, variables, sizes)
    terms = _form_terms(plan, quantity_terms(plan, sources), flow_draws, background)
    forms = collect_forms(_form_keys(plan, horizon), terms)
    refuse_unserved(scenario, forms, variables)
    base_values = plan.base_values(options)
    return Instance(
        plan,
        scenario,
        horizon,
        active,
        projects,
        variables,
        flow_draws,
        background,
        terms,
        forms,
        base_values,
        resolve_targets(plan, scenario, horizon, base_values),
        resolve_budgets(plan, scenario, horizon),
        figures,
        flow_figures,
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


def _form_keys(plan: Plan, horizon: Horizon) -> list[FormKey]:
    keys: list[FormKey] = [("quantity", "", q, y) for q in plan.table("quantities")["quantity"] for y in horizon.all]
    keys += _balance_keys(plan, horizon)
    if len(plan.table("funds")):
        keys += [("funding", "", i, y) for i in plan.table("industries")["industry"] for y in horizon.all]
    return keys


def _form_terms(
    plan: Plan, quantities: pd.DataFrame, flow_draws: pd.DataFrame, background: pd.DataFrame
) -> pd.DataFrame:
    """Every term of every form: quantities, commodity balances, the money that each industry draws."""
    given = background.assign(kind="constant")
    industry = lookup(plan.table("activities"), "activity", "industry")
    account = plan.settings.investment_account
    money = flow_draws[flow_draws["flow"] == account]
    money = money.assign(family="funding", place="", name=money["activity"].map(industry))
    spent = given[(given["flow"] == account) & (given["industry"] != "")]
    spent = spent.assign(family="funding", place="", name=spent["industry"])
    balances = [_balance_rows(plan, rows) for rows in (flow_draws, given)]
    return pd.concat([quantities, *balances, money, spent], ignore_index=True)


def _balance_keys(plan: Plan, horizon: Horizon) -> list[FormKey]:
    flows = plan.table("flows")
    commodities = flows[flows["kind"] == "commodity"]
    regions = tuple(plan.table("regions")["region"])
    return [
        ("balance", place, row.flow, year)
        for row in records(commodities)
        for place in (("",) if row.pooled == "yes" else regions)
        for year in horizon.all
    ]


def _balance_rows(plan: Plan, rows: pd.DataFrame) -> pd.DataFrame:
    """Rows on commodities, addressed to the balance of the region, or of all regions where it is pooled."""
    flows = plan.table("flows").set_index("flow")
    rows = rows[rows["flow"].map(flows["kind"]) == "commodity"]
    pooled = rows["flow"].map(flows["pooled"]) == "yes"
    return rows.assign(family="balance", place=rows["region"].where(~pooled, ""), name=rows["flow"])
