"""Samples of uncertain figures in words: how often targets hold, and which figure moves the objective."""

from __future__ import annotations

from typing import Any

from optimizer.answer import Answer
from optimizer.frames import records
from optimizer.status import Status
from optimizer.uncertainty import Uncertain, Uncertainty
from optimizer.words.choices import STANDINGS, choice
from optimizer.words.headline import headline, title
from optimizer.words.language import Language, Text
from optimizer.words.names import Names, number, percent, precise, row_of_numbers, signed, with_unit
from optimizer.words.objective import objective_unit
from optimizer.words.report import Report
from optimizer.words.section import Section, figure_columns, text_columns

DRAWN = Text(
    "{count}个数据各在其上下限之间独立均匀取值，抽样{samples}次，有最优方案{solved}次。",
    "{count} figures, each uniform between its low and high and independent of the others: {samples} samples, {solved} "
    "with an optimum.",
)
SPREAD = Text(
    "目标函数：最小{least}，中位{middle}，最大{most}。", "The objective: least {least}, median {middle}, most {most}."
)
ALL = Text("必须指标全部达到的样本占{share}。", "All required targets hold in {share} of them.")
TARGETS = Text("各指标成立的频率", "How often each target holds")
INDICATOR, YEAR = Text("指标", "Indicator"), Text("年份", "Year")
STANDING, PROBABILITY = Text("地位", "Standing"), Text("频率", "Share of samples")
TARGETS_REMARK = Text(
    "另有{always}项在全部样本中成立。必须指标在此先于其他目标尽量满足，而不是没有方案；频率的标准误差不超过{error}。",
    "{always} more hold in every sample. Required targets come first here instead of leaving no plan; the standard "
    "error of a share is at most {error}.",
)
TORNADO = Text("各数据单独取上下限时目标函数的变动 ({unit})", "The objective with one figure at its ends ({unit})")
FIGURE, RANGE = Text("数据", "Figure"), Text("范围", "Range")
LOW, HIGH, SWING = Text("取下限", "At low"), Text("取上限", "At high"), Text("摆幅", "Swing")
CORRELATION = Text("秩相关", "Rank correlation")
TORNADO_REMARK = Text(
    "力争目标和必须指标的缺口先于目标函数，变动要与之同看。秩相关取自全部样本，其平方是该数据单独解释的份额。",
    "Shortfalls of required targets and goals come before the objective and belong to the picture. The rank "
    "correlation is over all samples; its square is the share that the figure explains by itself.",
)


def samples_report(answer: Answer, found: Uncertainty, language: Language) -> Report:
    """``answer``: with the figures as stated."""
    names = Names(answer.instance.plan, language)
    sections = (_targets(found, names), _tornado(answer, found, names))
    return Report(
        title(answer.instance, language), "", (*headline(answer, language), *_lines(answer, found, names)), sections, ()
    )


def _lines(answer: Answer, found: Uncertainty, names: Names) -> list[str]:
    language, unit = names.language, objective_unit(answer.instance.scenario.objective[-1], names)
    solved = found.samples[found.samples["status"] == Status.OPTIMAL]
    count = {"count": len(found.figures), "samples": len(found.samples), "solved": len(solved)}
    lines = [DRAWN.say(language, **count)]
    if len(solved):
        ends = zip(("least", "middle", "most"), solved["objective"].quantile([0.0, 0.5, 1.0]), strict=True)
        lines.append(SPREAD.say(language, **{name: with_unit(precise(value), unit) for name, value in ends}))
        lines.append(ALL.say(language, share=percent(float((solved["all_required"] == "yes").mean()))))
    return lines


def _targets(found: Uncertainty, names: Names) -> Section:
    """Targets that do not hold in every sample, the least certain first."""
    language, targets = names.language, found.targets
    open_ones = targets[targets["probability"] < 1.0].sort_values("probability", kind="stable")
    columns = (*text_columns(language, INDICATOR, YEAR, STANDING), *figure_columns(language, PROBABILITY))
    cells = tuple(
        (
            names.of("indicators", row.indicator),
            str(row.year),
            choice(STANDINGS, row.standing, language),
            percent(row.probability),
        )
        for row in records(open_ones)
    )
    error = 0.5 / max(1, int(targets["samples"].max() if len(targets) else 1)) ** 0.5
    remark = TARGETS_REMARK.say(language, always=len(targets) - len(open_ones), error=percent(error))
    return Section(TARGETS.say(language), columns if cells else (), cells, remark)


def _tornado(answer: Answer, found: Uncertainty, names: Names) -> Section:
    language, unit = names.language, objective_unit(answer.instance.scenario.objective[-1], names)
    correlation = dict(zip(found.effects["figure"], found.effects["rank_correlation"], strict=True))
    figures = {figure.name: figure for figure in found.figures}
    columns = (*text_columns(language, FIGURE), *figure_columns(language, RANGE, LOW, HIGH, SWING, CORRELATION))
    cells = tuple(
        (
            _name(answer, figures[row.figure], language),
            _range(row),
            signed(row.change_low),
            signed(row.change_high),
            number(row.swing),
            number(correlation[row.figure]),
        )
        for row in records(found.tornado)
    )
    return Section(TORNADO.say(language, unit=unit), columns, cells, TORNADO_REMARK.say(language))


def _range(row: Any) -> str:
    low, value, high = row_of_numbers((row.low, row.value, row.high))
    return with_unit(f"{low} … {value} … {high}", row.unit)


def _name(answer: Answer, figure: Uncertain, language: Language) -> str:
    key = {column: cell for column, cell in figure.key.items() if column != "table"}
    stated = answer.instance.plan.figure(str(figure.key["table"]), **key)
    return stated.name_zh if language is Language.ZH else stated.name_en
