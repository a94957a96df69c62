"""Options of the questions about a plan: what moves, between what is weighed, how much is shown."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from optimizer.commands.options import here
from optimizer.commands.setting import Named, NumberPair, named, number_pair


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
Gap = Annotated[
    str,
    typer.Option(
        "--gap",
        metavar="PERCENT",
        help=here("目标值可差的百分比；0：精确", "Percent within which the objective is to be known; 0: exactly"),
    ),
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
Steps = Annotated[
    int,
    typer.Option(
        "--steps",
        min=1,
        metavar="N",
        help=here(
            "三个及以上的量或项目整建时，网格的步数", "Steps of the grid, for three quantities or whole projects"
        ),
    ),
]
FreeGoals = Annotated[
    bool,
    typer.Option(
        "--free-goals", help=here("不先守住情景的力争目标", "Do not hold the scenario's goals at their best first")
    ),
]

Weights = Annotated[
    list[NumberPair] | None,
    typer.Option(
        "--weight",
        metavar="NAME=NUMBER",
        parser=number_pair,
        help=here(
            "改动某项的代价(缺省1)；名称为指标、预算、项目，或 indicator、budget、project 一类",
            "How dear it is to change something (else 1): an indicator, budget, project, or all of such a kind",
        ),
    ),
]
Untouchable = Annotated[
    list[Named] | None,
    typer.Option(
        "--untouchable",
        metavar=NAME,
        parser=named,
        help=here("不得改动的指标、预算、项目或一类", "An indicator, budget, project or kind that must not change"),
    ),
]
BudgetsByYear = Annotated[
    bool, typer.Option("--budgets-by-year", help=here("各年预算可分别改动", "Each year's budget can change on its own"))
]
ScenarioA = Annotated[str, typer.Argument(metavar="A", help=here("原情景", "The scenario before"))]
ScenarioB = Annotated[
    str | None,
    typer.Argument(
        metavar="B", help=here("新情景；缺省为 A 加改动", "The scenario after; default: A with the changes")
    ),
]
Through = Annotated[
    int, typer.Option("--through", metavar="YEAR", help=here("已过去的最后一年", "The last year that has passed"))
]
Actuals = Annotated[
    Path | None,
    typer.Option(
        "--actuals",
        metavar="FILE.csv",
        exists=True,
        dir_okay=False,
        help=here(
            "实际数：quantity,year,value,unit；缺省为规划的 actuals 表",
            "What happened: quantity,year,value,unit; default: the plan's table actuals",
        ),
    ),
]
Against = Annotated[
    str | None,
    typer.Option(
        "--against",
        metavar="SCENARIO",
        help=here(
            "哪个情景的必须指标无论如何都守住；缺省为默认情景",
            "Whose required targets hold anyway; default: the default",
        ),
    ),
]


class Method(StrEnum):
    """How samples are drawn."""

    LATIN_HYPERCUBE = "latin_hypercube"
    SOBOL = "sobol"


Samples = Annotated[int, typer.Option("--samples", min=1, metavar="N", help=here("抽样次数", "How many samples"))]
MethodOption = Annotated[Method, typer.Option("--method", help=here("抽样方法", "How samples are drawn"))]
TopFigures = Annotated[
    int, typer.Option("--top", min=1, metavar="N", help=here("影响最大的前几个数据变动", "How many figures vary"))
]
Seed = Annotated[int, typer.Option("--seed", min=0, metavar="N", help=here("随机种子", "The same seed draws the same"))]
WithinFigures = Annotated[
    list[str] | None,
    typer.Option(
        "--within",
        metavar="TABLE|GRADE",
        help=here("只取这些表或等级的数据", "Only figures of these tables or grades"),
    ),
]
Workers = Annotated[
    int, typer.Option("--workers", min=1, metavar="N", help=here("并行进程数", "How many processes solve"))
]


def one_of(budget: Named | None, target: Named | None, *, all_budgets: bool) -> tuple[str, Named | None]:
    """What moves, by its sort. Raises BadParameter unless exactly one is named."""
    named: list[tuple[str, Named | None]] = [("budget", budget)] if budget else []
    named += [("target", target)] if target else []
    named += [("budgets", None)] if all_budgets else []
    if len(named) != 1:
        raise typer.BadParameter("name exactly one of --along-budget, --along-target and --all-budgets")
    return named[0]


def weighed(maximise: list[Named] | None, minimise: list[Named] | None) -> tuple[tuple[Named, ...], tuple[Named, ...]]:
    """Raises BadParameter unless two quantities or more are named together."""
    more, less = tuple(maximise or ()), tuple(minimise or ())
    if len(more) + len(less) < 2:
        raise typer.BadParameter("name two quantities, or more, with --maximise and --minimise")
    return more, less
