"""A frontier in words: its vertices and what one quantity costs in terms of the other between them."""

from __future__ import annotations

from model_data.units import quotient
from optimizer.criteria import Criterion
from optimizer.frontiers import Frontier
from optimizer.instance import Instance
from optimizer.words.headline import certificate_sentence, title
from optimizer.words.language import Language, Text
from optimizer.words.names import Names, precise, signed, span
from optimizer.words.objective import IN, LEAST, MOST, OVER
from optimizer.words.report import Report
from optimizer.words.section import Section, figure_columns

BETWEEN = Text("{first}；{second}。", "Between: {first}; {second}.")
TOGETHER = Text(
    "两者可以同时达到各自的最好值：不需要取舍。", "Both are at their best together: nothing has to be given up."
)
TITLE = Text("互不可兼得的各顶点 ({count}个)", "Vertices of the frontier ({count})")
RATE = Text("{first}每多1{one}，{second}变动 ({unit})", "{second} for one more {one} of {first} ({unit})")
REMARK = Text(
    "兑换率到全部顶点中的下一个为止有效；两顶点之间的点都可达到，也都不可两头改进。",
    "A rate holds to the next of all vertices; every point between is reached by a plan that none betters in both.",
)
SHOWN = Text("均匀列出{shown}个顶点；加 --all 列出全部。", "{shown} vertices, evenly spread; --all shows all.")
MOST_VERTICES = 15


def frontier_report(instance: Instance, found: Frontier, language: Language, *, everything: bool) -> Report:
    names = Names(instance.plan, language)
    first, second = (criterion_sentence(instance, criterion, names) for criterion in found.criteria)
    lines = [BETWEEN.say(language, first=first, second=second)]
    if len(found.vertices) == 1:
        lines.append(TOGETHER.say(language))
    proof = found.curve.certificate
    closing = () if proof is None else (certificate_sentence(proof, language),)
    return Report(title(instance, language), "", tuple(lines), (_vertices(found, names, everything),), closing)


def _vertices(found: Frontier, names: Names, everything: bool) -> Section:
    language, (one, other) = names.language, found.units
    first, second = (names.of("quantities", criterion.quantity) for criterion in found.criteria)
    count = len(found.vertices)
    shown = range(count) if everything or count <= MOST_VERTICES else _spread(count, MOST_VERTICES)
    rates = [*map(signed, found.rates), ""]
    rows = tuple((precise(found.vertices[k].first), precise(found.vertices[k].second), rates[k]) for k in shown)
    rate = RATE.say(language, first=first, second=second, one=one, unit=quotient(other, one))
    columns = figure_columns(language, *(Text(t, t) for t in (f"{first} ({one})", f"{second} ({other})", rate)))
    remark = REMARK.say(language) if count > 1 else ""
    if len(shown) < count:
        remark = f"{SHOWN.say(language, shown=len(shown))} {remark}"
    return Section(TITLE.say(language, count=count), columns, rows, remark)


def _spread(count: int, most: int) -> list[int]:
    """As many places as may be shown, the first and the last among them."""
    return [round(k * (count - 1) / (most - 1)) for k in range(most)]


def criterion_sentence(instance: Instance, criterion: Criterion, names: Names) -> str:
    years = instance.horizon.counting_years(criterion.years)
    text = (OVER if len(years) > 1 else IN).say(
        names.language, quantity=names.of("quantities", criterion.quantity), years=span(years)
    )
    return (MOST if criterion.sense == "maximise" else LEAST).say(names.language, what=text)
