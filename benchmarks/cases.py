"""What is measured: the real plan, plans of many regions made from it, and plans that are hard in one way."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType

import numpy as np
import pandas as pd

from benchmarks.arrays import Arrays, Vector, arrays_of
from benchmarks.scaled import multiplied, repeated_projects, scaled_plan
from model_data import TABLE, Plan, default_plan_path, load_plan
from model_data.settings import Settings
from optimizer import Instance, LinearProgram, Scenario, load_scenario, make_program
from optimizer.budget_directions import all_budgets
from optimizer.parametric import Parametric

SEED = 5
# Money that sweeps and curves go through: a share more of every budget than the plan has.
MOST_MONEY = 0.5
# Tight caps: so much is left of every budget; there is no plan with half a percent less.
TIGHT = 0.851
MANY_YEARS = 20
MANY_PROJECTS = 10


class Case:
    """A plan, its default scenario, and what is made of them once and for all contestants."""

    def __init__(self, name: str, make: Callable[[], Plan], *, regions: int = 1) -> None:
        self.name, self.regions, self._make = name, regions, make
        self.opened = ExitStack()  # what a contestant needs while it is measured: folders, a service

    def folder(self) -> Path:
        """An empty folder that is removed when the phase is over."""
        return Path(self.opened.enter_context(TemporaryDirectory(prefix="planopt-bench-")))

    @cached_property
    def plan(self) -> Plan:
        return self._make()

    @cached_property
    def scenario(self) -> Scenario:
        return load_scenario(self.plan)

    @cached_property
    def own_budgets(self) -> list[str]:
        """The budgets that state an amount of their own, and no share of another."""
        budgets = self.plan.table("budgets")
        names: list[str] = budgets.loc[budgets["of"] == "", "budget"].tolist()
        return names

    @cached_property
    def _made(self) -> tuple[Instance, LinearProgram]:
        return make_program(self.plan, self.scenario)

    @property
    def instance(self) -> Instance:
        return self._made[0]

    @property
    def program(self) -> LinearProgram:
        """All stages."""
        return self._made[1]

    @cached_property
    def single(self) -> LinearProgram:
        """The last stage alone: what is required holds, goals are not pursued."""
        return self.program.with_stages(self.program.stages[-1:])

    @cached_property
    def parametric(self) -> Parametric:
        """The single program with theta a share more of every budget."""
        return Parametric(self.single, self._direction(self.single))

    @cached_property
    def whole(self) -> Parametric:
        """The same with all stages."""
        return Parametric(self.program, self._direction(self.program))

    @cached_property
    def arrays(self) -> Arrays:
        return arrays_of(self.single)

    def _direction(self, program: LinearProgram) -> Vector:
        rows = all_budgets(self.instance)
        return np.array([float(rows.get(label, 0.0)) for label in program.rows])


def sorted_shares(count: int) -> list[float]:
    """Evenly spaced shares of more money, from none on."""
    return np.linspace(0.0, MOST_MONEY, count).tolist()


def near_shares(count: int) -> list[float]:
    """Small changes in a seeded order: what somebody asks who tries this and that."""
    return (0.02 * np.random.default_rng(SEED).random(count)).tolist()


class NewShares:
    """As near, but others each time; the first is the same, so that contestants can be held against each other."""

    first = 0.01

    def __init__(self) -> None:
        self._draw = np.random.default_rng(SEED)

    def __call__(self, count: int) -> list[float]:
        return [self.first, *(0.02 * self._draw.random(count - 1)).tolist()]


def real_plan() -> Plan:
    return load_plan(default_plan_path())


def many_years() -> Plan:
    """With room for the sewage of later years: what may be built of its treatment is stated for 2014."""
    plan = real_plan()
    longer = _other(plan, replace(plan.settings, closing_years=MANY_YEARS))
    limits = plan.table("activity_figures").query("activity == 'sewage_treatment' and parameter == 'capacity_limit'")
    keys = {"table": "activity_figures", "activity": "sewage_treatment", "parameter": "capacity_limit"}
    twice = {"value": 2.0 * float(limits["value"].iloc[0]), "unit": limits["unit"].iloc[0]}
    return longer.with_figures([{**keys, **twice}])


def many_projects() -> Plan:
    plan = real_plan()
    return _other(plan, plan.settings, repeated_projects(plan, MANY_PROJECTS))


def tight_caps() -> Plan:
    """With budgets that are just enough."""
    plan = real_plan()
    figures = plan.table("budget_figures")
    cut = multiplied(figures, figures["parameter"].isin(("base", "limit")), TIGHT)
    return _other(plan, plan.settings, {"budget_figures": cut})


def _other(plan: Plan, settings: Settings, tables: Mapping[str, pd.DataFrame] = MappingProxyType({})) -> Plan:
    """The plan with these settings, and these tables in place of its own."""
    frames = {name: plan.table(name) for name in TABLE} | dict(tables)
    return Plan(settings, plan.scenario_texts, MappingProxyType(frames))


REAL = "real"
HEAVY = "regions_1000"
CASES: dict[str, Callable[[], Case]] = {
    REAL: lambda: Case(REAL, real_plan),
    "regions_10": lambda: Case("regions_10", lambda: scaled_plan(10), regions=10),
    "regions_100": lambda: Case("regions_100", lambda: scaled_plan(100), regions=100),
    HEAVY: lambda: Case(HEAVY, lambda: scaled_plan(1000), regions=1000),
    "tight_caps": lambda: Case("tight_caps", tight_caps),
    "many_years": lambda: Case("many_years", many_years),
    "many_projects": lambda: Case("many_projects", many_projects),
}


@dataclass(frozen=True)
class Step:
    """From one size to another: ``times`` as many of something. ``phases``: those that do the same for more."""

    over: str
    smaller: str
    larger: str
    times: float
    phases: Mapping[str, str] | None = None

    def pair(self, phase: str) -> tuple[tuple[str, str], tuple[str, str]] | None:
        """Case and phase of the smaller size, and of the larger."""
        if self.phases is None:
            return (self.smaller, phase), (self.larger, phase)
        return ((self.smaller, phase), (self.larger, self.phases[phase])) if phase in self.phases else None


# Programs of a batch, and of a larger one.
BATCH, LARGER_BATCH = 8, 80
STEPS = (
    Step("regions, 1 to 10", REAL, "regions_10", 10),
    Step("10 to 100", "regions_10", "regions_100", 10),
    Step("100 to 1,000", "regions_100", HEAVY, 10),
    Step("years, 9 to 25", REAL, "many_years", 25 / 9),
    Step(f"projects, {MANY_PROJECTS} times", REAL, "many_projects", MANY_PROJECTS),
    Step(f"scenarios, {BATCH} to {LARGER_BATCH}", REAL, REAL, LARGER_BATCH / BATCH, {"batch": "larger batch"}),
)
