"""Options of the questions about a plan: what moves, between what is weighed, how much is shown."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from optimizer.commands.options import here
from optimizer.commands.setting import Named, named


class Spender(StrEnum):
    """For what ranges of investment are stated."""

    INDUSTRY = "industry"
    ACTIVITY = "activity"
    PROJECT = "project"


NAME = "NAME[:YEAR]"
Top = Annotated[int, typer.Option("--top", min=1, metavar="N", help=here("列出前几项", "How many figures to show"))]
SolveAgain = Annotated[
    int,
    typer.Option(
        "--solve-again",
        min=0,
        metavar="N",
        help=here("对前几项按上下限重新求解", "Solve again at both ends of the first so many figures"),
    ),
]
Within = Annotated[
    str,
    typer.Option(
        "--within",
        metavar="PERCENT",
        help=here("目标函数可放弃的百分比", "Percent of the objective that may be given up"),
    ),
]
By = Annotated[
    list[Spender] | None,
    typer.Option("--by", help=here("另按活动或项目列出范围", "Ranges by activity or project, too")),
]
Plans = Annotated[
    int, typer.Option("--plans", min=1, metavar="N", help=here("并列几个不同方案", "How many different plans to show"))
]
AlongBudget = Annotated[
    Named | None,
    typer.Option(
        "--along-budget",
        metavar=NAME,
        parser=named,
        help=here("哪项预算变动；年份、plan(规划期合计)，缺省各年", "The budget that moves: in a year, each, or plan"),
    ),
]
AlongTarget = Annotated[
    Named | None,
    typer.Option(
        "--along-target",
        metavar=NAME,
        parser=named,
        help=here(
            "哪项指标的要求变动；比率指标则放宽其允许量", "The target that moves; of a ratio, what is allowed beyond it"
        ),
    ),
]
AllBudgets = Annotated[
    bool, typer.Option("--all-budgets", help=here("全部预算按同一比例变动", "Every budget moves by the same share"))
]
From = Annotated[
    float | None,
    typer.Option("--from", metavar="NUMBER", help=here("变动量下限", "Least change; default: the least possible")),
]
Until = Annotated[
    float | None,
    typer.Option("--until", metavar="NUMBER", help=here("变动量上限", "Most change; default: the most possible")),
]
Maximise = Annotated[
    list[Named] | None,
    typer.Option(
        "--maximise", metavar=NAME, parser=named, help=here("越大越好的量", "A quantity of which more is better")
    ),
]
Minimise = Annotated[
    list[Named] | None,
    typer.Option(
        "--minimise", metavar=NAME, parser=named, help=here("越小越好的量", "A quantity of which less is better")
    ),
]
FreeGoals = Annotated[
    bool,
    typer.Option(
        "--free-goals", help=here("不先守住情景的力争目标", "Do not hold the scenario's goals at their best first")
    ),
]


def one_of(budget: Named | None, target: Named | None, *, all_budgets: bool) -> tuple[str, Named | None]:
    """What moves, by its sort. Raises BadParameter unless exactly one is named."""
    named: list[tuple[str, Named | None]] = [("budget", budget)] if budget else []
    named += [("target", target)] if target else []
    named += [("budgets", None)] if all_budgets else []
    if len(named) != 1:
        raise typer.BadParameter("name exactly one of --along-budget, --along-target and --all-budgets")
    return named[0]


def two_of(maximise: list[Named] | None, minimise: list[Named] | None) -> tuple[tuple[Named, ...], tuple[Named, ...]]:
    """Raises BadParameter unless two quantities are named together."""
    more, less = tuple(maximise or ()), tuple(minimise or ())
    if len(more) + len(less) != 2:
        raise typer.BadParameter("name two quantities with --maximise and --minimise")
    return more, less
