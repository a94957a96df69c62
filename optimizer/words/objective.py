"""What was optimised, stage by stage, and what it came to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from optimizer.answer import Answer
from optimizer.instance import Instance
from optimizer.scenario import Objective, ObjectiveTerm
from optimizer.words.language import Language, Text
from optimizer.words.names import Names, number, percent, precise, span, with_unit

GOALS = Text(
    "目标缺口加权和(各为自身目标值之比)最小", "minimum of the weighted shortfall from goals, each as a share of itself"
)
# Stages that questions put before those of the scenario.
BEFORE = {
    "goals": GOALS,
    "required": Text(
        "必须指标缺口之和(各为自身要求之比)最小",
        "minimum of the shortfall from required targets, each as a share of itself",
    ),
    "afterwards": Text(
        "延续年份的必须指标缺口之和最小", "minimum of the shortfall from required targets in the years after the plan"
    ),
    "actuals": Text("与实际的相对偏差之和最小", "minimum of the relative deviations from what happened"),
}
MOST = Text("{what}最大", "maximum of {what}")
LEAST = Text("{what}最小", "minimum of {what}")
OVER = Text("{years}年{quantity}", "{quantity} over {years}")
IN = Text("{years}年{quantity}", "{quantity} in {years}")
DISCOUNTED = Text("(按年{rate}折现)", " (discounted at {rate} a year)")


STAGE = Text("第{number}阶段目标", "stage {number}")


def stage_name(name: str, language: Language) -> str:
    """A stage by its name in the program, where no instance is at hand; those of the scenario have numbers only."""
    number = name.removeprefix("stage ")
    return BEFORE[name].say(language) if name in BEFORE else STAGE.say(language, number=number)


@dataclass(frozen=True)
class StageWords:
    """One stage of the objective: its name in the program, what it means, and its value where it was reached."""

    name: str
    text: str
    unit: str
    value: float | None

    @property
    def sentence(self) -> str:
        return self.text if self.value is None else f"{self.text} = {with_unit(precise(self.value), self.unit)}"


def stages(answer: Answer, language: Language) -> tuple[StageWords, ...]:
    """Every stage of the program in the order in which they were solved, goals first."""
    program, solution, instance = answer.solution.program, answer.solution, answer.instance
    own = iter(instance.scenario.objective)
    worded: list[StageWords] = []
    for place, stage in enumerate(program.stages):
        last = place == len(program.stages) - 1
        value = solution.values[place] if place < len(solution.values) else None
        if value is None and last:
            value = solution.objective
        if stage.name in BEFORE:
            worded.append(StageWords(stage.name, BEFORE[stage.name].say(language), "1", value))
        else:
            worded.append(_stage(stage.name, next(own), instance, language, value))
    return tuple(worded)


def _stage(name: str, stage: Objective, instance: Instance, language: Language, value: float | None) -> StageWords:
    names = Names(instance.plan, language)
    what = " + ".join(_terms(stage, instance, names))
    text = (MOST if stage.sense == "maximise" else LEAST).say(language, what=what)
    return StageWords(name, text, objective_unit(stage, names), value)


def objective_unit(stage: Objective, names: Names) -> str:
    """The unit of the quantities where all have the same one, else a pure number: weights may mean anything."""
    units = {names.unit("quantities", term.quantity) for term in stage.terms}
    return units.pop() if len(units) == 1 else "1"


def _terms(stage: Objective, instance: Instance, names: Names) -> Iterator[str]:
    for term in stage.terms:
        weight = "" if term.weight == 1.0 else f"{number(term.weight)} × "
        yield weight + _term(term, instance, names)


def _term(term: ObjectiveTerm, instance: Instance, names: Names) -> str:
    years = instance.horizon.counting_years(term.years)
    text = (OVER if len(years) > 1 else IN).say(
        names.language, quantity=names.of("quantities", term.quantity), years=span(years)
    )
    if term.discount_rate:
        text += DISCOUNTED.say(names.language, rate=percent(term.discount_rate))
    return text
