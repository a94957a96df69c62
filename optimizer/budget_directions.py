"""Budgets as directions: more money in a year, in all years, over the plan, or in every budget at once."""

from __future__ import annotations

from typing import Literal

from model_data.canonical import budget_units
from model_data.units import factor
from optimizer.directions import BUDGET, SHARE, Direction, called, in_years, objective_unit, years_of
from optimizer.frames import lookup
from optimizer.instance import Instance
from optimizer.parameters import Parameters
from optimizer.program import Label
from optimizer.questions import QuestionError, problem, refuse, unknown_name
from optimizer.scenario import BudgetSetting, Years


def budget_change(
    instance: Instance,
    budget: str,
    years: Years | Literal["plan"] = "each",
    *,
    share: bool = False,
    alone: bool = False,
) -> Direction:
    """One more unit of a budget in each of the years, or over the plan ("plan").

    ``share``: theta is a share of the budget instead of an amount. Budgets that are a share of this one follow, as they
    would if its figure were changed, unless ``alone``. Closing years follow the last plan year; with carry-over the
    limits of later years contain the change of earlier ones. Raises QuestionError.
    """
    names = instance.plan.table("budgets")["budget"].tolist()
    if budget not in names:
        raise QuestionError([unknown_name("budget", what=BUDGET, name=budget, known=names)])
    stated = () if years == "plan" else years_of(instance, years, called(BUDGET, budget))
    chain = _Shares(instance)
    moves: dict[Label, float] = {}
    for other in instance.budgets:
        if other.budget != budget and alone:
            continue
        change = {
            y: other.by_year[y] if share and follows else follows
            for y in stated
            if y in other.by_year and (follows := chain.of_year(other.budget, budget, instance.horizon.limit_year(y)))
        }
        for y in other.by_year:
            span = [t for t in other.by_year if t <= y] if other.carry_over else [y]
            if move := sum(change.get(t, 0.0) for t in span):
                moves["budget_year", other.budget, y] = move
        if years == "plan" and other.over_plan is not None and (follows := chain.of_plan(other.budget, budget)):
            moves["budget_plan", other.budget] = other.over_plan if share else follows
    if not moves:
        zh = f"预算“{budget}”在所问年份没有限额；请问它列出的年份"
        en = f"budget {budget!r} limits nothing {in_years(years)}: ask for years that it states"
        raise QuestionError([problem("years", zh=zh, en=en)])
    return Direction(moves, SHARE if share else chain.unit(budget), objective_unit(instance))


def all_budgets(instance: Instance) -> Direction:
    """Every budget of every year and of the plan by the same share: theta 0.1 is ten percent more money."""
    rows: dict[Label, float] = {}
    for budget in instance.budgets:
        if budget.by_year:
            rows |= budget_change(instance, budget.budget, share=True, alone=True).rows
        if budget.over_plan is not None:
            rows["budget_plan", budget.budget] = budget.over_plan
    nothing = problem(zh="规划中没有限制任何量的预算", en="the plan has no budget that limits a quantity")
    refuse([] if rows else [nothing])
    return Direction(rows, SHARE, objective_unit(instance))


class _Shares:
    """How much a budget moves with another one of which it is, directly or through others, a share."""

    def __init__(self, instance: Instance) -> None:
        plan = instance.plan
        self._figures = Parameters(plan.table("budget_figures"), "budget")
        self._of = lookup(plan.table("budgets"), "budget", "of")
        self._settings = instance.scenario.budgets
        self._units = budget_units({name: plan.table(name) for name in ("budgets", "budget_figures", "quantities")})

    def unit(self, budget: str) -> str:
        return str(self._units[budget])

    def of_year(self, budget: str, moved: str, year: int) -> float:
        """What the budget of the year gains for one more unit of ``moved``; 0 where it does not follow."""
        if budget == moved:
            return 1.0
        stated = year in self._figures.years(budget, "limit") or self._figures.get(budget, "base") is not None
        share = None if stated else self._figures.get(budget, "share", year=year)
        own = self._setting(budget)
        if share is None or own.total is not None:  # with a sum of its own it follows nothing
            return 0.0
        return self._part(budget, share) * own.by_year.get(year, 1.0) * self.of_year(self._of[budget], moved, year)

    def of_plan(self, budget: str, moved: str) -> float:
        """The same for the limits over the plan."""
        if budget == moved:
            return 1.0
        share = None if 0 in self._figures.years(budget, "limit") else self._figures.get(budget, "share")
        if share is None or self._setting(budget).total is not None:
            return 0.0
        return self._part(budget, share) * self.of_plan(self._of[budget], moved)

    def _part(self, budget: str, share: float) -> float:
        return share * self._setting(budget).factor * factor(self._units[self._of[budget]], self._units[budget])

    def _setting(self, budget: str) -> BudgetSetting:
        return self._settings.get(budget, BudgetSetting())
