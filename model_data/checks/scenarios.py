"""Rules of scenario files: their keys, and the names of the plan that they use. Values are the solver's business."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import pandas as pd

from model_data.checks.draft import Draft
from model_data.checks.money import CIRCLE, circles
from model_data.checks.values import check_values
from model_data.figures import FigureIndex, override
from model_data.problems import DataError, Problem, Rule, nearest
from model_data.schema import SCENARIO_KEYS, TABLE

UNKNOWN_KEY = Rule(
    "unknown_key",
    "the key {key!r} is unknown",
    "未知的键“{key}”",
    "Write {right}, or delete it",
    "请改为 {right}，或删去",
)
WRONG_NAME = Rule(
    "wrong_name",
    "the file is named {file} and calls itself {name!r}",
    "文件名为 {file}，而内部标识为“{name}”",
    'Write scenario = "{file}", or rename the file',
    '请写 scenario = "{file}"，或给文件改名',
)
UNKNOWN_NAME = Rule(
    "unknown_name",
    "{name!r} is unknown to the plan",
    "规划中没有“{name}”",
    "Write {right}",
    "请写 {right}",
)
NOT_A_TABLE = Rule(
    "not_a_table",
    "{key} is not of the right shape",
    "{key} 的形式不对",
    "Write it as {right}",
    "请写成 {right}",
)
NO_SCENARIO = Rule(
    "no_scenario",
    "there is no scenario {name!r}",
    "没有情景“{name}”",
    "Write {right}, or add the file scenarios/{name}.toml",
    "请写 {right}，或增加文件 scenarios/{name}.toml",
)

_SHAPES = {"switches": dict, "indicators": dict, "projects": dict, "budgets": dict, "objective": list, "figures": list}
_SHAPE_TEXT = {"dict": "[{key}]", "list": "[[{key}]]"}


def scenarios(draft: Draft) -> Iterator[Problem]:
    """Every scenario uses known keys and names; the default scenario exists; based_on leads to no circle."""
    known = set(draft.scenarios)
    for name, scenario in draft.scenarios.items():
        file = f"scenarios/{name}.toml"
        for key in scenario:
            if key not in SCENARIO_KEYS:
                yield UNKNOWN_KEY.at(file, None, key, key=key, right=nearest(key, set(SCENARIO_KEYS) - set(scenario)))
        if scenario.get("scenario", name) != name:
            yield WRONG_NAME.at(file, None, "scenario", file=name, name=scenario["scenario"])
        parent = scenario.get("based_on")
        if parent is not None and parent not in known:
            yield UNKNOWN_NAME.at(file, None, "based_on", name=parent, right=nearest(str(parent), known - {name}))
        yield from _contents(draft, file, scenario)
    parents = {
        name: [str(scenario["based_on"])] for name, scenario in draft.scenarios.items() if scenario.get("based_on")
    }
    for chain in circles({name: parents.get(name, []) for name in known}):
        names = ", ".join(chain[:-1])
        yield CIRCLE.at(f"scenarios/{chain[0]}.toml", None, "based_on", chain=" -> ".join(chain), names=names)
    if draft.settings is not None and draft.settings.default_scenario not in known:
        name = draft.settings.default_scenario
        yield NO_SCENARIO.at("plan.toml", None, "default_scenario", name=name, right=nearest(name, known))


def _contents(draft: Draft, file: str, scenario: Mapping[str, Any]) -> Iterator[Problem]:
    misshapen = [key for key, shape in _SHAPES.items() if key in scenario and not isinstance(scenario[key], shape)]
    for key in misshapen:
        right = _SHAPE_TEXT[_SHAPES[key].__name__].format(key=key)
        yield NOT_A_TABLE.at(file, None, key, key=key, right=right)
    sound = {key: value for key, value in scenario.items() if key not in misshapen}
    options: dict[str, set[str]] = {}
    for row in draft.rows("switches"):
        options.setdefault(row.switch, set()).add(row.option)
    yield from _names(file, "switches", sound.get("switches", {}), options)
    for switch, option in sound.get("switches", {}).items():
        yield from _names(file, f"switches.{switch}", [option], options.get(switch, {option}))
    yield from _names(file, "indicators", sound.get("indicators", {}), draft.names("indicators"))
    yield from _names(file, "projects", sound.get("projects", {}), draft.names("projects"))
    yield from _names(file, "budgets", sound.get("budgets", {}), draft.names("budgets"))
    yield from _names(file, "objective", _objective_quantities(sound.get("objective", [])), draft.names("quantities"))
    yield from _figures(draft, file, sound.get("figures", []))


def _names(file: str, place: str, names: Iterable[Any], known: Iterable[str]) -> Iterator[Problem]:
    for name in names:
        if name not in known:
            column = f"{place}.{name}" if "." not in place else place
            yield UNKNOWN_NAME.at(file, None, column, name=name, right=nearest(str(name), known))


def _objective_quantities(stages: list[Any]) -> list[Any]:
    terms = [term for stage in stages if isinstance(stage, Mapping) for term in stage.get("terms", [])]
    return [term["quantity"] for term in terms if isinstance(term, Mapping) and "quantity" in term]


def _figures(draft: Draft, file: str, changes: list[Any]) -> Iterator[Problem]:
    """Every figure that the scenario changes exists and can take the value."""
    if draft.unreadable:
        return
    frames, index = _numbered(draft, changes), FigureIndex()
    for number, change in enumerate(changes, start=1):
        try:
            override(frames, index, [change if isinstance(change, Mapping) else {}])
        except DataError as error:
            yield from _placed(file, number, error)


def figure_values(draft: Draft) -> Iterator[Problem]:
    """Every figure keeps its rules with the value that a scenario gives it."""
    index = FigureIndex()
    for name, scenario in draft.scenarios.items():
        for number, change in enumerate(scenario.get("figures", []), start=1):
            frames = _numbered(draft, [change])
            try:
                changed = override(frames, index, [change])
                if draft.settings is not None:
                    check_values(draft.settings, {**draft.frames, **frames}, changed)
            except DataError as error:
                yield from _placed(f"scenarios/{name}.toml", number, error)


def _numbered(draft: Draft, changes: list[Any]) -> dict[str, pd.DataFrame]:
    """The frames that changes name, for the caller to change, rows counted from 0."""
    named = {str(change.get("table")) for change in changes if isinstance(change, Mapping)}
    return {name: draft.frames[name].reset_index(drop=True) for name in TABLE if name in named}


def _placed(file: str, number: int, error: DataError) -> Iterator[Problem]:
    """The problems of a changed figure, at its place in the scenario file."""
    for problem in error.problems:
        place = f"figures[{number}]" + (f".{problem.column}" if problem.column else "")
        yield replace(problem, table=file, row=None, column=place)
