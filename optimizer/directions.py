"""From a planner's question (money of a year, a target, a cap) to the row bounds that move."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from optimizer.frames import lookup
from optimizer.instance import Instance
from optimizer.program import Label
from optimizer.questions import Problem, QuestionError, problem, refuse, unknown_name
from optimizer.scenario import Years
from optimizer.targets import Target
from optimizer.words.language import Text

SHARE = "1"
INDICATOR, BUDGET, REGION = Text("指标", "indicator"), Text("预算", "budget"), Text("地区", "region")
LIMIT = Text("上限", "limit")
PLACES = {"activity": Text("活动", "activity"), "flow": Text("流量", "flow")}
# Equations whose rows are limits of a place: equation -> what the second index names, and the column of its unit.
_PLACES = {
    "capacity_limit": ("activities", "activity", "capacity_unit"),
    "build_limit": ("activities", "activity", "capacity_unit"),
    "buy_limit": ("flows", "flow", "unit"),
    "sell_limit": ("flows", "flow", "unit"),
    "stock_limit": ("flows", "flow", "unit"),
    "final_stock": ("flows", "flow", "unit"),
}


@dataclass(frozen=True)
class Direction(Mapping[Label, float]):
    """Rows and by how much the bound of each moves for one more of theta.

    ``unit`` is that of theta ("1": a share of what is given, so 0.1 is ten percent more); ``value_unit`` that of the
    objective.
    """

    rows: Mapping[Label, float]
    unit: str
    value_unit: str

    def __getitem__(self, label: Label) -> float:
        return self.rows[label]

    def __iter__(self) -> Iterator[Label]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)


def target_change(instance: Instance, indicator: str, years: Years | None = None, *, share: bool = False) -> Direction:
    """One more unit asked of a target (or allowed by a cap) in all years in which it holds, or only in ``years``.

    The unit is that of the quantity, in money of the base year. A goal keeps the weight it has. Raises QuestionError: a
    ratio target has no right-hand side to move; ``allowance`` is what can be asked instead.
    """
    target = _target(instance, indicator)
    if target.denominator:
        raise QuestionError([_ratio(target)])
    rows: dict[Label, float] = {
        ("indicator", indicator, y): target.asked[y] if share else 1.0 for y in _held(instance, target, years)
    }
    return Direction(rows, SHARE if share else _unit(instance, target.quantity), objective_unit(instance))


def allowance(instance: Instance, indicator: str, years: Years | None = None) -> Direction:
    """One more unit of the numerator than a ratio target admits: numerator - target * denominator against theta.

    Raises QuestionError, also for a target that is no ratio.
    """
    target = _target(instance, indicator)
    if not target.denominator:
        zh = f"指标“{indicator}”不是比率：它本身的目标值就可以变动(target_change)"
        en = f"indicator {indicator!r} is no ratio: its own level can move (target_change)"
        raise QuestionError([problem("indicator", zh=zh, en=en)])
    rows: dict[Label, float] = {("indicator", indicator, y): 1.0 for y in _held(instance, target, years)}
    return Direction(rows, _unit(instance, target.quantity), objective_unit(instance))


def limit_change(instance: Instance, equation: str, region: str, name: str, years: Years = "each") -> Direction:
    """One more unit of a limit on capacity, building, trade or stock of one region (``name``: activity or flow)."""
    if equation not in _PLACES:
        raise QuestionError([unknown_name("equation", what=LIMIT, name=equation, known=_PLACES)])
    table, key, column = _PLACES[equation]
    units = lookup(instance.plan.table(table), key, column)
    regions = instance.plan.table("regions")["region"].tolist()
    problems = [] if name in units else [unknown_name("name", what=PLACES[key], name=name, known=units)]
    if region not in regions:
        problems.append(unknown_name("region", what=REGION, name=region, known=regions))
    refuse(problems)
    rows: dict[Label, float] = {
        (equation, region, name, y): 1.0 for y in years_of(instance, years, Text(equation, equation))
    }
    return Direction(rows, str(units[name]), objective_unit(instance))


def called(what: Text, name: str) -> Text:
    """indicator 'growth'."""
    return Text(f"{what.zh}“{name}”", f"{what.en} {name!r}")


def _target(instance: Instance, indicator: str) -> Target:
    targets = {target.indicator: target for target in instance.targets}
    everything = instance.plan.table("indicators")["indicator"].tolist()
    if indicator not in everything:
        raise QuestionError([unknown_name("indicator", what=INDICATOR, name=indicator, known=everything)])
    if indicator not in targets:
        zh, en = (
            f"指标“{indicator}”不纳入模型：没有对应的量",
            f"indicator {indicator!r} is outside: the model has no quantity for it",
        )
        raise QuestionError([problem("indicator", zh=zh, en=en)])
    if not targets[indicator].has_row:
        standing = targets[indicator].standing
        zh = f"指标“{indicator}”的地位是 {standing}，没有约束它的行；请改为 required 或 goal"
        en = f"indicator {indicator!r} is {standing}: no row holds it; make it required or a goal"
        raise QuestionError([problem("indicator", zh=zh, en=en)])
    return targets[indicator]


def _held(instance: Instance, target: Target, years: Years | None) -> Iterable[int]:
    """Years that have a row of this target; closing years of a goal have none."""
    asked = years_of(instance, "each" if years is None else years, called(INDICATOR, target.indicator))
    planned = instance.horizon.years
    held = [y for y in asked if y in target.asked and (target.standing == "required" or y in planned)]
    if not held:
        zh = f"指标“{target.indicator}”在所问年份({_years(years)})没有要求；它的年份是{_list(target)}"
        en = f"indicator {target.indicator!r} asks nothing {in_years(years)}; it holds in {_list(target)}"
        raise QuestionError([problem("years", zh=zh, en=en)])
    return held


def _list(target: Target) -> str:
    return ", ".join(map(str, target.asked))


def in_years(years: Years | str | None) -> str:
    return f"in {_years(years)}" if isinstance(years, tuple) else f"({_years(years)})"


def _years(years: Years | str | None) -> str:
    return ", ".join(map(str, years)) if isinstance(years, tuple) else (years or "each")


def _ratio(target: Target) -> Problem:
    return problem(
        "indicator",
        zh=f"指标“{target.indicator}”是比率：目标值乘在“{target.denominator}”上，没有可变动的右端项；"
        f"可问“{target.quantity}”另外允许的量(allowance)，或在修补办法中看该比率可达到的值",
        en=f"indicator {target.indicator!r} is a ratio: its target multiplies {target.denominator!r} and stands on no "
        f"right-hand side; ask for an allowance of {target.quantity!r} (allowance), which does, or for the "
        "attainable value of the ratio among the repairs",
    )


def years_of(instance: Instance, years: Years, what: Text) -> tuple[int, ...]:
    """The stated plan years, and the closing years where the last of them is stated."""
    horizon = instance.horizon
    if isinstance(years, tuple):
        refuse([_no_plan_year(what, y, horizon.years) for y in years if y not in horizon.years])
    stated = {"each": horizon.years, "last": horizon.years[-1:]}.get(years, ()) if isinstance(years, str) else years
    return tuple(y for y in horizon.all if horizon.limit_year(y) in stated)


def _no_plan_year(what: Text, year: int, known: tuple[int, ...]) -> Problem:
    first, last = known[0], known[-1]
    return problem(
        "years",
        zh=f"{what.zh}：{year}年不是规划年份；可问{first}–{last}年",
        en=f"{what.en}: {year} is no plan year; ask for {first} to {last}",
    )


def _unit(instance: Instance, quantity: str) -> str:
    return str(lookup(instance.plan.table("quantities"), "quantity", "unit")[quantity])


def objective_unit(instance: Instance) -> str:
    quantities = {term.quantity for term in instance.scenario.objective[-1].terms}
    return _unit(instance, quantities.pop()) if len(quantities) == 1 else "1"
