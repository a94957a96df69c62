"""Which projects, activities and variables a program has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
import pandas as pd

from model_data import Plan
from optimizer.coded import CodedPlan
from optimizer.derived import kept_by
from optimizer.forms import Forms
from optimizer.frames import records
from optimizer.horizon import Horizon
from optimizer.keys import Keys, Vector
from optimizer.parameters import Parameters
from optimizer.questions import Problem, problem
from optimizer.scenario import Scenario, ScenarioError
from optimizer.words.language import Text


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


def modelled_projects(plan: Plan, scenario: Scenario, horizon: Horizon) -> tuple[Project, ...]:
    rows, figures = _projects(plan)
    resolved, problems = [], []
    for row in rows:
        setting = scenario.projects.get(row.project)
        if ((setting and setting.standing) or row.standing) != "modelled":
            continue
        size = figures.get(row.project, "size")
        earliest = (setting and setting.earliest_year) or figures.get(row.project, "earliest_year")
        committed = (setting and setting.committed_year) or figures.get(row.project, "committed_year")
        if setting and setting.released:
            committed = None
        if not row.activity or size is None or earliest is None:
            problems.append(
                problem(
                    "projects",
                    row.project,
                    "standing",
                    zh="没有活动、规模或最早年份，只能不纳入(outside)",
                    en="it has no activity, size or earliest year, so it stays outside",
                )
            )
            continue
        if committed is not None and committed < earliest:
            problems.append(
                problem(
                    "projects",
                    row.project,
                    zh=f"指定{committed:.0f}年投产，早于最早年份{earliest:.0f}年",
                    en=f"committed for {committed:.0f}, before its earliest year {earliest:.0f}",
                )
            )
        years = tuple(y for y in horizon.all if (y == committed if committed else y >= earliest))
        requires = tuple(part.strip() for part in row.requires.split(";") if part.strip())
        resolved.append(Project(row.project, row.region, row.activity, size, committed is not None, years, requires))
    if problems:
        raise ScenarioError(scenario.scenario, problems)
    return tuple(resolved)


@kept_by("projects", "project_figures")
def _projects(plan: Plan) -> tuple[list[Any], Parameters]:
    """All projects and their figures."""
    return records(plan.table("projects")), Parameters(plan.table("project_figures"), "project")


def active_places(
    plan: Plan, coded: CodedPlan, values: Vector, projects: tuple[Project, ...]
) -> tuple[tuple[str, str], ...]:
    """(region, activity) pairs that have capacity, may be built generically, or are the place of a project."""
    regions, activities = coded.table("regions").only(["region"]), coded.table("activities").only(["activity"])
    places = regions.times(activities)
    known = np.append(np.nan_to_num(values), 0.0)  # nothing where no figure is
    keys = Keys(coded.names, tuple(places[name] for name in _PLACE))
    stated = [
        known[coded.numbers("activity_figures", parameter, keys, [0], ~np.isnan(values))[:, 0]] != 0.0
        for parameter in ("base_capacity", "earliest_build")
    ]
    taken = set(keys.take(stated[0] | stated[1]).tuples())
    taken |= {(project.region, project.activity) for project in projects}
    names = product(plan.table("regions")["region"].tolist(), plan.table("activities")["activity"].tolist())
    return tuple(place for place in names if place in taken)


_PLACE = ("region", "activity")


def variable_frames(
    plan: Plan, horizon: Horizon, earliest: Vector, active: tuple[tuple[str, str], ...], projects: tuple[Project, ...]
) -> dict[str, pd.DataFrame]:
    """The index frame of every kind of variable.

    ``earliest``: the first year of generic new capacity in each active place, not a number or 0 where it has none.
    """
    flows, regions = plan.table("flows"), tuple(plan.table("regions")["region"])
    by_activity, by_flow = ["region", "activity", "t"], ["region", "flow", "t"]
    operated = pd.DataFrame([(r, a, y) for r, a in active for y in horizon.all], columns=by_activity)
    first = np.where(np.isnan(earliest) | (earliest == 0.0), np.inf, earliest)
    builds = operated[(np.array(horizon.all) >= first[:, None]).ravel()].reset_index(drop=True)

    def traded(column: str) -> list[tuple[str, str, int]]:
        return [(r, f, y) for f in flows.loc[flows[column] == "yes", "flow"] for r in regions for y in horizon.all]

    scopes = plan.table("fund_scopes")
    funded = [(s, i, y) for s, i in zip(scopes["fund"], scopes["industry"], strict=True) for y in horizon.all]
    return {
        "output": operated,
        "capacity": operated,
        "build": builds,
        "retire": operated,
        "start": pd.DataFrame(
            [(p.project, p.region, p.activity, y) for p in projects for y in p.years], columns=["project", *by_activity]
        ),
        "buy": pd.DataFrame(traded("buy"), columns=by_flow),
        "sell": pd.DataFrame(traded("sell"), columns=by_flow),
        "stock": pd.DataFrame(traded("storable"), columns=by_flow),
        "fund": pd.DataFrame(funded, columns=["fund", "industry", "t"]),
    }


def refuse_unserved(scenario: Scenario, forms: Forms, variables: Mapping[str, pd.DataFrame]) -> None:
    """Raises ScenarioError for given demand and given spending that no variable of the program could serve."""
    asking = [(key, constant) for key, constant in forms.still if constant * _GIVEN.get(key[0], 0.0) > 0.0]
    if not asking:
        return
    served = {"balance": set[str](), "funding": set(variables["fund"]["industry"])}
    for kind in ("buy", "sell", "stock"):
        served["balance"] |= set(variables[kind]["flow"])
    missing: dict[tuple[str, str, str], tuple[int, float]] = {}
    for (family, place, name, year), constant in asking:
        if name not in served[family]:
            missing.setdefault((family, place, name), (year, abs(constant)))
    if missing:
        problems = [_unserved(key, year, amount) for key, (year, amount) in missing.items()]
        raise ScenarioError(scenario.scenario, problems)


_GIVEN = {"balance": -1.0, "funding": 1.0}  # sign of the constant that something must make up for
_MISSING = {
    "balance": Text(
        "{place}{year}年需要{name} {amount:.6g}，而当地没有任何来源",
        "{amount:.6g} of {name} is demanded in {place} in {year}, and nothing there gives it",
    ),
    "funding": Text(
        "{name}在{year}年支出{amount:.6g}，而没有资金可用于它；请在 fund_scopes 中补上",
        "{name} spends {amount:.6g} in {year}, and no fund may serve it; add it to fund_scopes",
    ),
}
_EVERYWHERE = Text("全部地区", "all regions")


def _unserved(key: tuple[str, str, str], year: int, amount: float) -> Problem:
    family, place, name = key
    texts = zip(_MISSING[family], _EVERYWHERE, strict=True)
    said = (text.format(place=place or everywhere, name=name, year=year, amount=amount) for text, everywhere in texts)
    return Problem(("background",), Text(*said))
