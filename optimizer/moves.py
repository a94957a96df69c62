"""What moves along a value curve, as a planner says it: a budget, a target, a limit, or every budget at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from optimizer.budget_directions import all_budgets, budget_change
from optimizer.directions import Direction, allowance, limit_change, target_change
from optimizer.instance import Instance
from optimizer.questions import Problem, QuestionError, problem
from optimizer.scenario import Years


@dataclass(frozen=True)
class Move:
    """``name``: the budget, the indicator, or the activity or flow of a limit. ``years`` None: all in which it holds.

    A ratio has no right-hand side: along its target moves what is allowed beyond it. ``share`` and ``alone`` as in
    ``budget_change``; ``equation`` and ``region`` belong to a limit.
    """

    what: Literal["budget", "target", "limit", "all_budgets"]
    name: str = ""
    years: Years | Literal["plan"] | None = None
    share: bool = False
    alone: bool = False
    equation: str = ""
    region: str = ""

    def direction(self, instance: Instance) -> Direction:
        """The rows that move. Raises QuestionError."""
        try:
            return self._direction(instance)
        except QuestionError as error:
            raise QuestionError([_moved(problem) for problem in error.problems]) from None

    def _direction(self, instance: Instance) -> Direction:
        if self.what == "all_budgets":
            return all_budgets(instance)
        if self.what == "budget":
            return budget_change(instance, self.name, self.years or "each", share=self.share, alone=self.alone)
        if self.years == "plan":
            zh, en = "plan 只用于预算；请写年份、each 或 last", "'plan' is for budgets; name a year, each or last"
            raise QuestionError([problem("years", zh=zh, en=en)])
        if self.what == "limit":
            return limit_change(instance, self.equation, self.region, self.name, self.years or "each")
        if not self.of_ratio(instance):
            return target_change(instance, self.name, self.years, share=self.share)
        if self.share:
            zh = f"指标“{self.name}”是比率：在它之上另外允许的是数量，不是份额"
            en = f"target {self.name!r} is a ratio: what is allowed beyond it is an amount, no share"
            raise QuestionError([problem("share", zh=zh, en=en)])
        return allowance(instance, self.name, self.years)

    def of_ratio(self, instance: Instance) -> bool:
        return self.what == "target" and any(
            target.indicator == self.name and target.denominator for target in instance.targets
        )


def _moved(problem: Problem) -> Problem:
    """The parameters of directions are parts of the move; names are called ``name`` there."""
    where = tuple("name" if part in ("budget", "indicator") else part for part in problem.where[:1])
    return Problem(("moves", *where, *problem.where[1:]), problem.text)
