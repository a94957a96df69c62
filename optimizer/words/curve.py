"""A value curve in words: pieces with slopes, what turns at each breakpoint, what binds today."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

from model_data.units import DIMENSIONLESS, quotient
from optimizer.answer import Answer
from optimizer.built_along import Built, BuiltAlong
from optimizer.curve import ValueCurve
from optimizer.directions import Direction
from optimizer.instance import Instance
from optimizer.moves import Move
from optimizer.pieces import Piece
from optimizer.program import Label
from optimizer.scenario import Years
from optimizer.words.headline import certificate_sentence, title
from optimizer.words.language import Language, Text
from optimizer.words.names import Names, precise, signed, span, with_unit
from optimizer.words.objective import stages
from optimizer.words.report import Report
from optimizer.words.requirements import Requirements
from optimizer.words.section import Section, figure_columns, text_columns

# What somebody could decide otherwise; the other rows of the program say how things hang together.
DECIDED = frozenset(
    (
        "indicator",
        "budget_year",
        "budget_plan",
        "capacity_limit",
        "buy_limit",
        "sell_limit",
        "stock_limit",
        "final_stock",
    )
)
MOST_PIECES = 12
MOVES = {
    "budget": Text("变动的是：{name}，{when}，单位{unit}。", "What moves: {name}, {when}, in {unit}."),
    "target": Text(
        "变动的是：{name}的要求，{when}，单位{unit}。", "What moves: the target of {name}, {when}, in {unit}."
    ),
    "ratio": Text(
        "变动的是：在“{name}”之上另外允许的量，{when}，单位{unit}。",
        "What moves: what is allowed beyond the target of {name}, {when}, in {unit}.",
    ),
    "limit": Text("变动的是：{name}，{when}，单位{unit}。", "What moves: {name}, {when}, in {unit}."),
    "all_budgets": Text(
        "变动的是：全部预算，同一比例，单位{unit}。", "What moves: every budget by the same share, in {unit}."
    ),
}
_TABLES = {"budget": "budgets", "target": "indicators"}
WHEN: Mapping[str | None, Text] = {
    None: Text("各年", "in each year"),
    "each": Text("各年", "in each year"),
    "last": Text("末年", "in the last year"),
    "plan": Text("规划期合计", "over the plan"),
}
OF_YEARS = Text("{years}年", "in {years}")
FEASIBLE = Text(
    "变动在 {low} 到 {high} 之间才有可行方案；0 即现状。",
    "Plans exist for changes from {low} to {high}; 0 is the plan as it stands.",
)
ENDLESS = Text("超过 {last} 以后斜率不再变化。", "Beyond {last} the slope stays the same.")
BELOW = Text("低于 {first} 以后斜率不再变化。", "Below {first} the slope stays the same.")
POINT = Text("只有一个可行点。", "There is one feasible point only.")
NEAR = Text(
    "曲线按允许的差距{gap}给出：各段两端最优，段内为两端方案的组合；影子价格证明任何一处距最优值不超过{proven}。"
    "起约束作用的要求按各段的一端列出。",
    "The curve is told within the gap allowed, {gap}: optimal at both ends of a piece, mixtures of these plans between"
    " them; shadow prices prove that it is nowhere more than {proven} from the optimum. What binds is told of one end.",
)
PIECES = Text("最优值曲线：{text} ({shape})", "The curve: {text} ({shape})")
SHAPES = {
    "concave": Text("凹：越多，再多一点的好处越小", "concave: each further unit brings less"),
    "convex": Text("凸", "convex"),
    "piecewise linear": Text("分段线性：先顾目标缺口", "piecewise linear: goals come first"),
}
FROM, TO = Text("变动从", "Change from"), Text("到", "to")
VALUE, SLOPE = Text("起点处的目标值", "Objective there"), Text("每多1{unit}", "One more {unit}")
TURNS = Text("在起点处：开始(+)或不再(−)起约束作用", "At its start: binds from here (+), no longer (−)")
SHOWN = Text(
    "列出现状附近{shown}段，共{count}段；加 --all 列出全部。",
    "{shown} of {count} pieces, around the plan as it stands; --all shows all.",
)
ALL = Text("共{count}段。", "{count} pieces.")
BLANK = Text(
    "最后一栏空白：只是活动或项目的安排改变。", "Blank in the last column: activities or projects turn, no requirement."
)
NOW, HERE = (
    Text("现状所在的一段上起约束作用的要求", "What binds on the piece of the plan as it stands"),
    Text("第一段上起约束作用的要求", "What binds on the first piece"),
)
NONE = Text("没有要求起约束作用。", "No requirement binds.")
BUILT = Text("这一段上每多1{unit}，多建(+)或少建(−)什么", "What one more {unit} builds on that piece")
WHAT, CAPACITY = Text("项目或活动", "Project or activity"), Text("新增能力", "New capacity")
MONEY = Text("投资 ({unit})", "Investment ({unit})")
OTHER_YEARS = Text("改在别的年份", "in other years")


def moves(instance: Instance, move: Move, direction: Direction, language: Language) -> str:
    """What moves, in one sentence."""
    names, kind = Names(instance.plan, language), "ratio" if move.of_ratio(instance) else move.what
    if kind == "limit":
        name = Requirements(instance, language).of(next(iter(direction))).subject
    else:
        name = names.of(_TABLES[move.what], move.name) if move.what in _TABLES else ""
    return MOVES[kind].say(language, name=name, when=_when(move.years, language), unit=_unit(direction.unit))


def _when(years: Years | str | None, language: Language) -> str:
    return OF_YEARS.say(language, years=span(years)) if isinstance(years, tuple) else WHEN[years].say(language)


def curve_report(instance: Instance, curve: ValueCurve, moved: str, language: Language, *, everything: bool) -> Report:
    closing = () if curve.certificate is None or curve.gap else (certificate_sentence(curve.certificate, language),)
    lines = (moved, *_extent(curve, language), *(() if curve.pieces else (_single(instance, curve, language),)))
    return Report(
        title(instance, language), "", lines, tuple(_sections(instance, curve, language, everything)), closing
    )


def _extent(curve: ValueCurve, language: Language) -> list[str]:
    low, high = (_change(end, curve.unit) for end in curve.feasible)
    lines = [FEASIBLE.say(language, low=low, high=high)]
    if curve.continues[0]:
        lines.append(BELOW.say(language, first=_change(curve.pieces[0].right, curve.unit)))
    if curve.continues[1]:
        lines.append(ENDLESS.say(language, last=_change(curve.pieces[-1].left, curve.unit)))
    if curve.gap:
        lines.append(NEAR.say(language, gap=_share(curve.gap), proven=_share(curve.proven_gap)))
    return lines


def _share(gap: float) -> str:
    return f"{100.0 * gap:.2g}%"


def _single(instance: Instance, curve: ValueCurve, language: Language) -> str:
    answer = Answer(instance, curve.solution_at(curve.points[0].theta))
    return f"{POINT.say(language)} {stages(answer, language)[-1].sentence}"


def _sections(instance: Instance, curve: ValueCurve, language: Language, everything: bool) -> Iterable[Section]:
    if not curve.pieces:
        return
    low, high = curve.interval
    inside = low <= 0.0 <= high
    today = curve.pieces.index(curve.piece_at(min(max(low, 0.0), high)))
    first = 0 if everything else max(0, min(today - MOST_PIECES // 2, len(curve.pieces) - MOST_PIECES))
    shown = range(first, len(curve.pieces) if everything else min(first + MOST_PIECES, len(curve.pieces)))
    yield _pieces(instance, curve, language, shown)
    requirements = Requirements(instance, language)
    rows = tuple((one,) for one in _asked(requirements, _binding(curve, curve.pieces[today])))
    heading = (NOW if inside else HERE).say(language)
    yield Section(heading, text_columns(language, Text("", "")), rows, "" if rows else NONE.say(language))
    if built := BuiltAlong(instance, curve).of(curve.pieces[today]):
        yield _built(built, instance, curve.unit, language)


def _built(built: Sequence[Built], instance: Instance, unit: str, language: Language) -> Section:
    """Money in the unit of the account that the plan's settings name."""
    names, one = Names(instance.plan, language), _one(unit)
    money = MONEY.say(language, unit=names.unit("flows", str(instance.plan.settings.investment_account)))
    columns = (*text_columns(language, WHAT), *figure_columns(language, CAPACITY, Text(money, money)))
    rows = tuple(
        (
            names.of("projects" if each.kind == "project" else "activities", each.name),
            with_unit(signed(one * each.rate), each.unit) if each.rate else OTHER_YEARS.say(language),
            signed(one * each.money),
        )
        for each in built
    )
    return Section(BUILT.say(language, unit=_unit(unit)), columns, rows)


def _pieces(instance: Instance, curve: ValueCurve, language: Language, shown: range) -> Section:
    requirements = Requirements(instance, language)
    bound = {k: _binding(curve, curve.pieces[k]) for k in range(max(shown.start - 1, 0), shown.stop)}
    rows = tuple(
        (
            _change(curve.pieces[k].left, curve.unit),
            _change(curve.pieces[k].right, curve.unit),
            precise(curve.points[k].value),
            signed(curve.pieces[k].slope * _one(curve.unit)),
            "; ".join(_turns(requirements, bound[k - 1], bound[k])) if k else "",
        )
        for k in shown
    )
    text = stages(Answer(instance, curve.solution_at(curve.points[0].theta)), language)[-1].text
    unit = curve.value_unit if curve.unit == DIMENSIONLESS else quotient(curve.value_unit, curve.unit)
    columns = (
        *figure_columns(language, FROM, TO, Text(*(f"{t} ({curve.value_unit})" for t in VALUE))),
        *figure_columns(language, Text(*(f"{t.format(unit=_unit(curve.unit))} ({unit})" for t in SLOPE))),
        *text_columns(language, TURNS),
    )
    count = len(curve.pieces)
    remark = (ALL if len(shown) == count else SHOWN).say(language, shown=len(shown), count=count)
    if not all(row[-1] for row in rows[1:]):
        remark += " " * (language is Language.EN) + BLANK.say(language)
    return Section(PIECES.say(language, text=text, shape=SHAPES[curve.shape].say(language)), columns, rows, remark)


def _turns(requirements: Requirements, before: Sequence[Label], after: Sequence[Label]) -> list[str]:
    """What binds on the second piece and not on the first, and the other way round."""
    new, gone = (
        [label for label in some if label not in others] for some, others in ((after, before), (before, after))
    )
    return [f"{sign}{text}" for sign, labels in (("+", new), ("−", gone)) for text in _asked(requirements, labels)]


def _asked(requirements: Requirements, labels: Sequence[Label]) -> list[str]:
    return [one.sentence for one in requirements.grouped(labels)]


def _binding(curve: ValueCurve, piece: Piece) -> list[Label]:
    return [label for label in curve.binding(piece) if label[0] in DECIDED]


def _one(unit: str) -> float:
    """What a reader counts as one more: a percent where the change is a share."""
    return 0.01 if unit == DIMENSIONLESS else 1.0


def _unit(unit: str) -> str:
    return "%" if unit == DIMENSIONLESS else unit


def _change(theta: float, unit: str) -> str:
    shown = theta / _one(unit)
    if math.isinf(shown):
        return signed(shown)
    return with_unit(f"{'+' if shown > 0.0 else ''}{precise(shown)}", _unit(unit))
