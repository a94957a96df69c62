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
from optimizer.frames import lookup, records
from optimizer.horizon import Horizon, plan_horizon
from optimizer.parameters import Parameters
from optimizer.quantities import draws, measure_sources, quantity_terms
from optimizer.scenario import Scenario, ScenarioError
from optimizer.targets import Budget, Target, resolve_budgets, resolve_targets
from optimizer.vectors import background_entries, build_vectors, chosen_options, operate_vectors, project_vectors


@dataclass(frozen=True)
class Project:
    """A modelled project: where, of what, how large (capacity unit), and in which years it may start."""

    project: str
    region: str
    activity: str
    size: float
    committed: bool
    years: tuple[int, ...]
    requires: tuple[str, ...]


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

    Raises DataError where a changed figure does not exist, ScenarioError where a project setting is impossible.
    """
    plan = plan.with_figures([dict(change) for change in scenario.figures]) if scenario.figures else plan
    horizon = horizon or plan_horizon(plan, scenario)
    options = chosen_options(plan, scenario.switches)
    figures = Parameters(plan.table("activity_figures"), "activity")
    flow_figures = Parameters(plan.table("flow_figures"), "flow")
    projects = _projects(plan, scenario, horizon)
    active = _active(plan, figures, projects)
    variables = _variables(plan, horizon, figures, active, projects)

    years = (horizon.base_year, *horizon.all)
    flow_draws = _draws(plan, horizon, options, variables, projects, active, years)
    background = background_entries(plan, options, years)
    sizes = {project.project: project.size for project in projects}
    sources = measure_sources(plan, flow_draws, background, _with_base_year(variables, horizon), sizes)
    quantities = quantity_terms(plan, sources)
    forms = _forms(plan, horizon, years, quantities, flow_draws, background)
    base_values = _base_values(plan, forms, figures, active, horizon.base_year)
    return Instance(
        plan,
        scenario,
        horizon,
        active,
        projects,
        variables,
        flow_draws,
        background,
        forms,
        base_values,
        resolve_targets(plan, scenario, horizon, base_values),
        resolve_budgets(plan, horizon),
        figures,
        flow_figures,
    )


def _projects(plan: Plan, scenario: Scenario, horizon: Horizon) -> tuple[Project, ...]:
    figures = Parameters(plan.table("project_figures"), "project")
    resolved, problems = [], []
    for row in records(plan.table("projects")):
        setting = scenario.projects.get(row.project)
        if ((setting and setting.standing) or row.standing) != "modelled":
            continue
        size = figures.get(row.project, "size")
        earliest = (setting and setting.earliest_year) or figures.get(row.project, "earliest_year")
        committed = (setting and setting.committed_year) or figures.get(row.project, "committed_year")
        if not row.activity or size is None or earliest is None:
            problems.append(
                f"projects.{row.project}.standing: it has no activity, size or earliest year, so it stays outside"
            )
            continue
        if committed is not None and committed < earliest:
            problems.append(
                f"projects.{row.project}: committed for {committed:.0f}, before its earliest year {earliest:.0f}"
            )
        years = tuple(y for y in horizon.all if (y == committed if committed else y >= earliest))
        requires = tuple(part.strip() for part in row.requires.split(";") if part.strip())
        resolved.append(Project(row.project, row.region, row.activity, size, committed is not None, years, requires))
    if problems:
        raise ScenarioError(scenario.scenario, problems)
    return tuple(resolved)


def _active(plan: Plan, figures: Parameters, projects: tuple[Project, ...]) -> tuple[tuple[str, str], ...]:
    """(region, activity) pairs that have capacity, may be built generically, or are the place of a project."""
    places = {(project.region, project.activity) for project in projects}
    activities = plan.table("activities")["activity"]
    return tuple(
        (region, activity)
        for region in plan.table("regions")["region"]
        for activity in activities
        if (region, activity) in places
        or figures.get(activity, "base_capacity", region)
        or figures.get(activity, "earliest_build", region)
    )


def _variables(
    plan: Plan,
    horizon: Horizon,
    figures: Parameters,
    active: tuple[tuple[str, str], ...],
    projects: tuple[Project, ...],
) -> dict[str, pd.DataFrame]:
    """The index frame of every kind of variable."""
    flows, regions = plan.table("flows"), tuple(plan.table("regions")["region"])
    operated = [(r, a, y) for r, a in active for y in horizon.all]
    builds = [(r, a, y) for r, a, y in operated if y >= (figures.get(a, "earliest_build", r) or float("inf"))]

    def traded(column: str) -> list[tuple[str, str, int]]:
        return [(r, f, y) for f in flows.loc[flows[column] == "yes", "flow"] for r in regions for y in horizon.all]

    scopes = plan.table("fund_scopes")
    funded = [(s, i, y) for s, i in zip(scopes["fund"], scopes["industry"], strict=True) for y in horizon.all]
    by_activity, by_flow = ["region", "activity", "t"], ["region", "flow", "t"]
    frames = {
        "output": pd.DataFrame(operated, columns=by_activity),
        "capacity": pd.DataFrame(operated, columns=by_activity),
        "build": pd.DataFrame(builds, columns=by_activity),
        "retire": pd.DataFrame(operated, columns=by_activity),
        "start": pd.DataFrame(
            [(p.project, p.region, p.activity, y) for p in projects for y in p.years], columns=["project", *by_activity]
        ),
        "buy": pd.DataFrame(traded("buy"), columns=by_flow),
        "sell": pd.DataFrame(traded("sell"), columns=by_flow),
        "stock": pd.DataFrame(traded("storable"), columns=by_flow),
        "fund": pd.DataFrame(funded, columns=["fund", "industry", "t"]),
    }
    for frame in frames.values():
        frame.attrs["base_year"] = horizon.base_year
    return frames


def _with_base_year(variables: Mapping[str, pd.DataFrame], horizon: Horizon) -> dict[str, pd.DataFrame]:
    """Output and capacity also in the base year, so that a quantity has a base-year value."""
    extended = dict(variables)
    for kind in ("output", "capacity"):
        frame = variables[kind]
        base = frame[["region", "activity"]].drop_duplicates().assign(t=horizon.base_year)
        extended[kind] = pd.concat([base, frame], ignore_index=True)
        extended[kind].attrs["base_year"] = horizon.base_year
    return extended


def _draws(
    plan: Plan,
    horizon: Horizon,
    options: Mapping[str, str],
    variables: Mapping[str, pd.DataFrame],
    projects: tuple[Project, ...],
    active: tuple[tuple[str, str], ...],
    years: tuple[int, ...],
) -> pd.DataFrame:
    places = pd.DataFrame(active, columns=["region", "activity"])
    sized = pd.DataFrame(
        [(p.project, p.region, p.activity, p.size) for p in projects], columns=["project", "region", "activity", "size"]
    )
    outputs = _with_base_year(variables, horizon)["output"]
    starts = variables["start"][["project", "t"]]
    starts.attrs["base_year"] = horizon.base_year
    return pd.concat(
        [
            draws(operate_vectors(plan, places, options), "output", outputs, years),
            draws(build_vectors(plan, places, options), "build", variables["build"], years),
            draws(project_vectors(plan, sized, options), "start", starts, years),
        ],
        ignore_index=True,
    )


def _forms(
    plan: Plan,
    horizon: Horizon,
    years: tuple[int, ...],
    quantities: pd.DataFrame,
    flow_draws: pd.DataFrame,
    background: pd.DataFrame,
) -> Forms:
    keys: list[FormKey] = [("quantity", "", q, y) for q in plan.table("quantities")["quantity"] for y in years]
    keys += _balance_keys(plan, horizon)
    balances = _balance_rows(plan, flow_draws)
    demands = _balance_rows(plan, background)
    industry = lookup(plan.table("activities"), "activity", "industry")
    account = plan.settings.investment_account
    money = flow_draws[flow_draws["flow"] == account]
    money = money.assign(family="funding", place="", name=money["activity"].map(industry))
    spent = background[(background["flow"] == account) & (background["industry"] != "")]
    spent = spent.assign(family="funding", place="", name=spent["industry"])
    if len(plan.table("funds")):
        keys += [("funding", "", i, y) for i in plan.table("industries")["industry"] for y in horizon.all]
    constant = quantities["kind"] == "constant"
    # Balances name their commodity in `name`; dropping `flow` keeps it from passing for the index of a trade variable.
    terms = pd.concat([quantities[~constant], balances, money], ignore_index=True)
    return collect_forms(keys, terms, pd.concat([quantities[constant], demands, spent], ignore_index=True))


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


def _base_values(
    plan: Plan, forms: Forms, figures: Parameters, active: tuple[tuple[str, str], ...], base_year: int
) -> dict[str, float]:
    values: dict[tuple[str | int, ...], float] = {}
    for region, activity in active:
        values["output", region, activity, base_year] = figures.get(activity, "base_output", region) or 0.0
        values["capacity", region, activity, base_year] = figures.get(activity, "base_capacity", region) or 0.0
    return {
        quantity: forms.evaluate(("quantity", "", quantity, base_year), values)
        for quantity in plan.table("quantities")["quantity"]
    }
