"""The options of the command line, declared once. Nothing heavy is imported here: ``--help`` answers at once."""

from __future__ import annotations

import os
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from optimizer.commands.setting import (
    FigureChange,
    NumberPair,
    TextPair,
    YearPair,
    figure_change,
    number_pair,
    text_pair,
    year_pair,
)
from optimizer.decomposition.method import Method
from optimizer.words.language import VARIABLE, Language, Text, language_of

HERE = language_of(os.environ)


def here(zh: str, en: str) -> str:
    """A help text in the language of the environment."""
    return Text(zh, en).say(HERE)


class Foresight(StrEnum):
    """How far ahead each year's decisions look."""

    PERFECT = "perfect"
    MYOPIC = "myopic"
    SINGLE_YEAR = "single_year"


class Format(StrEnum):
    """What ``export`` can write."""

    CSV = "csv"
    XLSX = "xlsx"
    PARQUET = "parquet"
    LP = "lp"
    MPS = "mps"


PlanPath = Annotated[
    Path | None,
    typer.Argument(
        help=here(
            "规划数据：CSV 文件夹或 .xlsx；缺省为随附规划", "Folder of CSV tables or .xlsx; default: the shipped plan"
        )
    ),
]
PlanA = Annotated[Path, typer.Argument(metavar="A", help=here("原规划", "The plan before"))]
PlanB = Annotated[Path, typer.Argument(metavar="B", help=here("新规划", "The plan after"))]
PlanOption = Annotated[
    Path | None, typer.Option("--plan", help=here("规划数据；缺省为随附规划", "A plan; default: the shipped one"))
]
FilledPlan = Annotated[
    Path | None, typer.Option("--plan", help=here("填入该规划的数据", "Fill in the content of this plan"))
]
Table = Annotated[str, typer.Argument(help=here("数据表名", "Name of a table of figures"))]
Key = Annotated[
    list[TextPair] | None,
    typer.Argument(metavar="COLUMN=KEY", parser=text_pair, help=here("关键字段", "Key columns that are not blank")),
]
Lang = Annotated[
    Language | None,
    typer.Option(
        "--lang", envvar=VARIABLE, help=here("输出语言；缺省随系统", "Language of the output; default: the locale")
    ),
]
Json = Annotated[
    bool,
    typer.Option("--json", help=here("输出 JSON", "One JSON document on standard output")),
]
Everything = Annotated[bool, typer.Option("--all", help=here("不省略任何行", "Leave no row out"))]
To = Annotated[
    Path,
    typer.Option(
        "--to", help=here("写到哪里：文件夹(csv、parquet)或文件", "Where to: a folder (csv, parquet) or a file")
    ),
]
TemplateTo = Annotated[Path, typer.Option("--to", help=here("写到哪个 .xlsx 文件", "The .xlsx file to write"))]
Kind = Annotated[
    Format | None, typer.Option("--format", help=here("缺省由 --to 的扩展名决定", "Default: by the ending of --to"))
]
ScenarioName = Annotated[
    str | None,
    typer.Option(
        "--scenario", "-s", help=here("情景；缺省为规划的默认情景", "A scenario; default: the plan's own default")
    ),
]
Seconds = Annotated[
    float | None,
    typer.Option(
        "--time-limit", min=0.0, metavar="SECONDS", help=here("求解时间上限(秒)", "Stop after so many seconds")
    ),
]
MethodOption = Annotated[
    Method,
    typer.Option(
        "--method",
        help=here(
            "求解方式：整体(whole)、按地区分解(blocks)，或由地区数决定(automatic)",
            "As a whole, by blocks of regions, or as the number of regions suggests",
        ),
    ),
]
Whole = Annotated[
    bool | None,
    typer.Option(
        "--whole-projects/--shares-of-projects", help=here("项目整建或可按份额建", "Projects whole, or shares of them")
    ),
]
ForesightOption = Annotated[
    Foresight | None,
    typer.Option(
        "--foresight", help=here("统筹各年、逐年、或只看目标年", "All years together, year after year, one target year")
    ),
]
TargetYear = Annotated[
    int | None,
    typer.Option("--target-year", metavar="YEAR", help=here("single_year 的目标年", "The year of single_year")),
]
ChangesFile = Annotated[
    Path | None,
    typer.Option(
        "--changes",
        metavar="FILE.toml",
        help=here("一份情景片段(TOML)，写法同情景文件", "Part of a scenario, written like a scenario file"),
    ),
]
Targets = Annotated[
    list[NumberPair] | None,
    typer.Option(
        "--target",
        metavar="INDICATOR=NUMBER",
        parser=number_pair,
        help=here("指标目标值(按规划数据的单位)", "Target, in the unit of the plan's figure"),
    ),
]
Standings = Annotated[
    list[TextPair] | None,
    typer.Option(
        "--standing",
        metavar="INDICATOR=STANDING",
        parser=text_pair,
        help=here("指标地位：required、goal、monitored、outside", "required, goal, monitored or outside"),
    ),
]
Budgets = Annotated[
    list[NumberPair] | None,
    typer.Option(
        "--budget",
        metavar="BUDGET=PERCENT",
        parser=number_pair,
        help=here("预算增减百分比，如 +10", "More or less of a budget in percent, such as +10"),
    ),
]
Totals = Annotated[
    list[NumberPair] | None,
    typer.Option(
        "--budget-total",
        metavar="BUDGET=AMOUNT",
        parser=number_pair,
        help=here("预算规划期合计，各年按比例", "A budget's sum over the plan; years keep their proportion"),
    ),
]
Switches = Annotated[
    list[TextPair] | None,
    typer.Option("--switch", metavar="SWITCH=OPTION", parser=text_pair, help=here("核算开关", "Accounting choice")),
]
Earliest = Annotated[
    list[YearPair] | None,
    typer.Option(
        "--earliest",
        metavar="PROJECT=YEAR",
        parser=year_pair,
        help=here("项目最早投产年份", "Earliest year of a project"),
    ),
]
Commit = Annotated[
    list[YearPair] | None,
    typer.Option(
        "--commit",
        metavar="PROJECT=YEAR",
        parser=year_pair,
        help=here("项目必须在该年投产", "A project must enter service in that year"),
    ),
]
Release = Annotated[
    list[str] | None,
    typer.Option(
        "--release", metavar="PROJECT", help=here("项目不再必须建设", "A committed project need not be built any more")
    ),
]
Outside = Annotated[
    list[str] | None,
    typer.Option("--outside", metavar="PROJECT", help=here("项目不参与", "Leave a project out")),
]
Figures = Annotated[
    list[FigureChange] | None,
    typer.Option(
        "--figure",
        metavar='"TABLE COLUMN=KEY … value=NUMBER"',
        parser=figure_change,
        help=here("任一数据，可加 unit=单位", "Any figure of the plan; unit=UNIT may follow"),
    ),
]


def format_of(stated: Format | None, to: Path) -> Format:
    """The stated format, or the one that the ending means; a folder is filled with csv. A file of a program must have
    its own ending. Raises BadParameter."""
    endings = {f".{kind.value}": kind for kind in (Format.XLSX, Format.LP, Format.MPS)}
    meant = endings.get(to.suffix.lower())
    if stated is None:
        if meant is None and to.suffix:
            raise typer.BadParameter(
                f"--to: {to.name!r} is neither a folder nor a file that ends in {', '.join(endings)}"
            )
        return meant or Format.CSV
    if stated in endings.values() and meant is not stated:
        raise typer.BadParameter(f"--to: {to.name!r} must end in .{stated.value}")
    return stated
