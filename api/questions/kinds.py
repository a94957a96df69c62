"""The questions: one model a kind. Fields are called as the parameters of the optimizer's verbs are."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import ConfigDict, Field, FiniteFloat, model_validator
from pydantic_core import PydanticCustomError

from api.questions.asked import Asked, Name, Strict
from optimizer.scenario import Years

AnswerTable = Literal[
    "indicators",
    "quantities",
    "activities",
    "accounts",
    "projects",
    "trade",
    "funds",
    "exchange_rates",
    "inner_prices",
    "grades",
]
DEFAULT_TABLES: tuple[AnswerTable, ...] = ("indicators", "quantities", "projects", "exchange_rates")
Spender = Literal["industry", "activity", "project"]
Limit = Literal["capacity_limit", "build_limit", "buy_limit", "sell_limit", "stock_limit", "final_stock"]
EXAMPLE_CHANGES = {
    "indicators": {"growth": {"target": 6}},
    "figures": [{"table": "budget_figures", "budget": "investment", "parameter": "limit", "year": 2007, "value": 10}],
}


# Points of the grid of an efficient set.
MOST_POINTS = 10_000


def example(**question: Any) -> ConfigDict:
    return ConfigDict(json_schema_extra={"examples": [question]})


class WhatIf(Asked):
    """What a scenario with changes reaches."""

    model_config = example(
        scenario="most_value", changes=EXAMPLE_CHANGES, tables=["indicators", "exchange_rates"], language="en"
    )
    kind: Literal["what_if"] = "what_if"
    tables: list[AnswerTable] = Field(
        default=list(DEFAULT_TABLES), max_length=20, description="tables of the answer that are wanted"
    )
    method: Literal["automatic", "whole", "blocks"] = Field(
        "automatic",
        description="solved as a whole, by blocks of regions, or as the number of regions suggests; by blocks, prices "
        "of limits are not listed, and a plan that does not fall into blocks is refused",
    )


class BudgetMove(Strict):
    """A budget moves by an amount (or, with ``share``, by a share of itself), with the budgets that are shares of it.

    ``years`` "plan" is the limit over all plan years. ``alone``: the budgets that are shares of it stay.
    """

    what: Literal["budget"]
    name: Name
    years: Years | Literal["plan"] = "each"
    share: bool = False
    alone: bool = False


class TargetMove(Strict):
    """A target moves by an amount (or a share of itself); of a ratio, what is allowed beyond it."""

    what: Literal["target"]
    name: Name
    years: Years | None = Field(None, description="all in which it holds, if left out")
    share: bool = False


class LimitMove(Strict):
    """A limit on the capacity or building of an activity, or on trade or stock of a flow, moves by an amount."""

    what: Literal["limit"]
    equation: Limit
    region: Name
    name: Name = Field(description="the activity or flow")
    years: Years = "each"


class AllBudgetsMove(Strict):
    """Every budget moves by the same share."""

    what: Literal["all_budgets"]


Move = Annotated[BudgetMove | TargetMove | LimitMove | AllBudgetsMove, Field(discriminator="what")]


class ValueCurve(Asked):
    """The optimum as a function of a budget, a target or a limit: exactly, not on a grid, unless a gap is allowed."""

    model_config = example(moves={"what": "budget", "name": "investment"}, interval=[-5, None], language="en")
    kind: Literal["value_curve"] = "value_curve"
    moves: Move
    interval: tuple[FiniteFloat | None, FiniteFloat | None] = Field(
        (None, None), description="least and most change; null: as far as plans exist"
    )
    binding: bool = Field(True, description="whether what binds on each piece is listed")
    gap: Annotated[FiniteFloat, Field(ge=0, lt=1)] = Field(
        0.0, description="share of its value within which the objective is to be known; 0: exactly. For large plans"
    )


class Criterion(Strict):
    """A quantity to be made as large or as small as can be: its sum over years, discounted to the base year."""

    quantity: Name
    sense: Literal["maximise", "minimise"]
    years: Years | None = Field("each", description="null counts the closing years too")
    discount_rate: Annotated[FiniteFloat, Field(gt=-1.0)] = 0.0


_TWO = [{"quantity": "energy", "sense": "minimise"}, {"quantity": "investment", "sense": "minimise"}]


class Frontier(Asked):
    """What one quantity costs in terms of another: every vertex of the exact frontier."""

    model_config = example(criteria=_TWO, language="en")
    kind: Literal["frontier"] = "frontier"
    criteria: Annotated[list[Criterion], Field(min_length=2, max_length=2)]
    interval: tuple[FiniteFloat, FiniteFloat] | None = Field(
        None, description="only the part with the first quantity between two values"
    )
    hold_goals: bool = Field(True, description="goals of the scenario are held at their best first")


class EfficientSet(Asked):
    """Three or more quantities weighed at once: the payoff table, and efficient points on a grid of limits.

    With two quantities and ``staircase`` every step of a plan with whole projects, unsupported points included.
    """

    model_config = example(
        criteria=[*_TWO, {"quantity": "energy", "sense": "minimise", "years": "last"}], steps=3, language="en"
    )
    kind: Literal["efficient_set"] = "efficient_set"
    criteria: Annotated[list[Criterion], Field(min_length=2, max_length=6)]
    steps: Annotated[int, Field(ge=0, le=1000)] = Field(
        8, description="intervals of the grid for each quantity but the first; of a staircase, how fine its steps are"
    )
    staircase: bool = False
    hold_goals: bool = Field(True, description="goals of the scenario are held at their best first")

    @model_validator(mode="after")
    def _bounded(self) -> Self:
        if self.staircase and len(self.criteria) != 2:
            raise PydanticCustomError("staircase", "a staircase is between two quantities")
        if (self.steps + 1) ** (len(self.criteria) - 1) > MOST_POINTS:
            raise PydanticCustomError("grid", "the grid has more than {most} points", {"most": MOST_POINTS})
        return self


class Ledger(Asked):
    """On which figures the answer rests: what it would gain or lose over the range of each."""

    model_config = example(scenario="less_money", solve_again=1, language="en")
    kind: Literal["ledger"] = "ledger"
    solve_again: Annotated[int, Field(ge=0, le=10_000)] = Field(
        0, description="the first so many figures are also tried truly, at both ends of their range"
    )


class Alternatives(Asked):
    """Other plans that are as good, or nearly: how far each investment can move."""

    model_config = example(epsilon=0.05, by=["industry", "project"], language="en")
    kind: Literal["alternatives"] = "alternatives"
    epsilon: Annotated[FiniteFloat, Field(ge=0, lt=1)] = Field(
        0.01, description="share of the objective that may be given up"
    )
    by: list[Spender] = Field(default=["industry", "activity", "project"], min_length=1, max_length=3)
    plans: Annotated[int, Field(ge=1, le=1000)] = Field(4, description="how many plans that differ most")
