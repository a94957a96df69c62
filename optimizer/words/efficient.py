"""An efficient set in words: what each quantity is at best, and plans of which none betters another in everything."""

from __future__ import annotations

from optimizer.instance import Instance
from optimizer.payoff import EfficientSet
from optimizer.words.frontier import criterion_sentence
from optimizer.words.headline import title
from optimizer.words.language import Language, Text
from optimizer.words.names import Names, amount, percent, row_of_numbers
from optimizer.words.report import Report
from optimizer.words.section import Section, figure_columns, text_columns

AMONG = Text("在以下各量之间取舍：{criteria}。", "Among: {criteria}.")
PAYOFF = Text("各量分别最好时，其余各量的值", "What each is at best, and the others then")
BEST = Text("最好的是", "Best is")
POINTS = Text("互不可兼得的方案 ({count}个)", "Plans of which none betters another in everything ({count})")
BETWEEN = Text("这是网格上的代表点，其间还有别的方案。", "Points on a grid: there are others between them.")
STEP = Text(
    "相邻两点之间，第一个量相差不到{step}的方案可能未列出。",
    "Between two neighbours, plans within {step} of the first quantity may be missing.",
)
GAP = Text("整数求解的最大相对差距{gap}。", "Largest relative gap of a run with whole projects: {gap}.")


def efficient_report(instance: Instance, found: EfficientSet, language: Language) -> Report:
    names = Names(instance.plan, language)
    criteria = "; ".join(criterion_sentence(instance, criterion, names) for criterion in found.criteria)
    remark = STEP.say(language, step=amount(found.step, found.units[0])) if found.step else BETWEEN.say(language)
    closing = (GAP.say(language, gap=percent(found.gap)),) if found.gap else ()
    heads = _heads(found, names)
    payoff = tuple((head, *row_of_numbers(row)) for head, row in zip(heads, found.payoff, strict=True))
    points = tuple(tuple(row_of_numbers(point.values)) for point in found.points)
    columns = figure_columns(language, *(Text(head, head) for head in heads))
    sections = (
        Section(PAYOFF.say(language), (*text_columns(language, BEST), *columns), payoff),
        Section(POINTS.say(language, count=len(points)), columns, points, remark),
    )
    return Report(title(instance, language), "", (AMONG.say(language, criteria=criteria),), sections, closing)


def _heads(found: EfficientSet, names: Names) -> list[str]:
    return [
        f"{names.of('quantities', criterion.quantity)} ({unit})"
        for criterion, unit in zip(found.criteria, found.units, strict=True)
    ]
