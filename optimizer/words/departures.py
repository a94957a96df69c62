"""What a question changes of the scenario that the plan states, in words: no answer is read without it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from model_data import DataError, Plan
from model_data.canonical import budget_units
from optimizer.derived import kept_by
from optimizer.frames import read
from optimizer.scenario import Objective, Scenario, stated_scenario
from optimizer.words.choices import FORESIGHT, STANDINGS, choice
from optimizer.words.language import Language, Text
from optimizer.words.names import Names, amount, number, signed, span, with_unit

CHANGED = Text("本次改动：{what}", "Changed here: {what}")
SEPARATOR = Text("；", "; ")
AS_STATED = Text("恢复规划原样", "as the plan has it")
KEYS: Mapping[str, Text] = {
    "target": Text("目标值 {value}", "target {value}"),
    "standing": Text("{value}", "{value}"),
    "years": Text("适用年份 {value}", "in {value}"),
    "deflator": Text("平减指数 {value}", "deflated by {value}"),
    "weight": Text("权重 {value}", "weight {value}"),
    "earliest_year": Text("最早 {value} 年投产", "in service from {value} at the earliest"),
    "committed_year": Text("必须在 {value} 年投产", "committed to {value}"),
    "released": Text("不再必须建设", "no longer committed"),
    "factor": Text("{value}", "{value}"),
    "by_year": Text("{value}", "{value}"),
    "total": Text("规划期合计 {value}", "{value} over the plan"),
}
SWITCH = Text("核算方式：{option}", "accounting: {option}")
OBJECTIVE = Text("目标函数：{value}", "objective: {value}")
SENSES = {"maximise": Text("{what}最大", "most {what}"), "minimise": Text("{what}最小", "least {what}")}
WHOLE = {True: Text("项目整体建设", "whole projects"), False: Text("项目可部分建设", "shares of projects")}
BUDGET_TABLES = ("budgets", "budget_figures", "quantities")
WAS = Text(" (原 {old})", " (was {old})")
NAMED = ("indicators", "budgets", "projects")  # keys of a scenario, and the tables that their names come from


def departures(plan: Plan, asked: Scenario, language: Language) -> tuple[str, ...]:
    """One text a change; none where the question is a scenario as the plan states it, or one that it does not have.

    ``plan``: as it was given, without the figures that the scenario changes (``Instance.stated``).
    """
    stated = stated_scenario(plan, asked.scenario)
    return () if stated is None else tuple(_Departures(plan, asked, stated, language).all())


def departure_line(plan: Plan, asked: Scenario, language: Language) -> str:
    """The same as one line to print; blank where nothing differs."""
    told = departures(plan, asked, language)
    return CHANGED.say(language, what=SEPARATOR.say(language).join(told)) if told else ""


def setting_in_words(plan: Plan, scenario: Scenario, field: str, name: str, language: Language) -> str:
    """All that a scenario states of one indicator, budget or project (``field``: their key in a scenario)."""
    nothing = scenario.model_copy(update={field: {}})
    return _Departures(plan, scenario, nothing, language).setting(field, name)


def whole_setting_in_words(plan: Plan, scenario: Scenario, kind: str, language: Language) -> str:
    """The objective, the foresight or the wholeness of projects (``kind``: their key in a scenario)."""
    words = _Departures(plan, scenario, scenario, language)
    return {"objective": words.objective, "foresight": words.foresight, "whole_projects": words.projects}[kind]()


@kept_by(*BUDGET_TABLES)
def _budget_units(plan: Plan) -> Mapping[str, str]:
    return budget_units({name: plan.table(name) for name in BUDGET_TABLES})


class _Departures:
    def __init__(self, plan: Plan, asked: Scenario, stated: Scenario, language: Language) -> None:
        self._plan, self._asked, self._stated, self._language = plan, asked, stated, language
        self._names = Names(plan, language)

    def all(self) -> list[str]:
        named = [text for field in NAMED for text in self._named(field)]
        return [*self._general(), *named, *self._switches(), *self._figures()]

    def _general(self) -> list[str]:
        asked, stated, texts = self._asked, self._stated, []
        if asked.objective != stated.objective:
            texts.append(OBJECTIVE.say(self._language, value=self.objective()))
        if (asked.foresight, asked.target_year) != (stated.foresight, stated.target_year):
            texts.append(self.foresight())
        if asked.whole_projects != stated.whole_projects:
            texts.append(self.projects())
        return texts

    def objective(self) -> str:
        return SEPARATOR.say(self._language).join(self._stage(stage) for stage in self._asked.objective)

    def foresight(self) -> str:
        year = f" {self._asked.target_year}" if self._asked.target_year else ""
        return choice(FORESIGHT, self._asked.foresight, self._language) + year

    def projects(self) -> str:
        return WHOLE[self._asked.whole_projects].say(self._language)

    def _stage(self, stage: Objective) -> str:
        what = " + ".join(
            ("" if term.weight == 1.0 else f"{number(term.weight)} × ") + self._names.of("quantities", term.quantity)
            for term in stage.terms
        )
        return SENSES[stage.sense].say(self._language, what=what)

    def _named(self, field: str) -> list[str]:
        asked, stated = getattr(self._asked, field), getattr(self._stated, field)
        return [
            f"{self._names.of(field, name)}{self._colon}{self.setting(field, name)}"
            for name in dict.fromkeys([*stated, *asked])
            if asked.get(name) != stated.get(name)
        ]

    @property
    def _colon(self) -> str:
        return "：" if self._language is Language.ZH else ": "

    def setting(self, field: str, name: str) -> str:
        """What the scenario asked says of it and the one stated does not."""
        asked, stated = (getattr(scenario, field).get(name) for scenario in (self._asked, self._stated))
        before = stated.model_dump() if stated else {}
        now = asked.model_dump(exclude_unset=True) if asked else {}
        new = {key: value for key, value in now.items() if before.get(key) != value and value not in (None, {})}
        texts = [KEYS[key].say(self._language, value=self._value(field, name, key, new[key])) for key in new]
        return ", ".join(texts) or AS_STATED.say(self._language)

    def _value(self, field: str, name: str, key: str, value: Any) -> str:
        match key:
            case "standing":
                return choice(STANDINGS, value, self._language)
            case "years":
                return span(value) if isinstance(value, tuple) else str(value)
            case "factor":
                return f"{signed(100.0 * (value - 1.0))}%"
            case "by_year":
                return ", ".join(f"{year} {signed(100.0 * (share - 1.0))}%" for year, share in sorted(value.items()))
            case "target" | "total":
                return with_unit(number(value), self._unit(field, name))
            case "earliest_year" | "committed_year":
                return str(value)
        return number(value) if isinstance(value, float) else str(value)

    def _unit(self, field: str, name: str) -> str:
        """The unit in which a target or a total is given."""
        if field == "budgets":
            return _budget_units(self._plan)[name]
        figures = read(self._plan, "indicator_figures")
        stated = zip(*(figures.column(one) for one in ("indicator", "parameter", "unit")), strict=True)
        return next((unit for own, parameter, unit in stated if (own, parameter) == (name, "target")), "")

    def _switches(self) -> list[str]:
        stated, column = self._stated.switches, "name_zh" if self._language is Language.ZH else "name_en"
        rows = read(self._plan, "switches")
        named = zip(*(rows.column(one) for one in ("switch", "option", column)), strict=True)
        options = {(switch, option): name for switch, option, name in named}
        return [
            SWITCH.say(self._language, option=options[switch, option])
            for switch, option in self._asked.switches.items()
            if stated.get(switch) != option
        ]

    def _figures(self) -> list[str]:
        return [self._figure(dict(figure)) for figure in self._asked.figures[len(self._stated.figures) :]]

    def _figure(self, change: dict[str, Any]) -> str:
        table, value, unit = change.pop("table"), change.pop("value"), change.pop("unit", None)
        try:
            figure = self._plan.figure(table, **change)
        except DataError:
            return " ".join([table, *(f"{key}={part}" for key, part in change.items()), f"= {value}"])
        name = figure.name_zh if self._language is Language.ZH else figure.name_en
        told = f"{name} = {with_unit(number(float(value)), unit or figure.unit)}"
        return told if figure.value is None else told + WAS.say(self._language, old=amount(figure.value, figure.unit))
