"""Changes of a scenario from the command line, as the mapping that ``load_scenario`` merges over the scenario."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from model_data import DataError, Plan
from model_data.tables import parse_toml
from optimizer.commands.question import Changes
from optimizer.commands.setting import Pair
from optimizer.questions import problem
from optimizer.scenario import Scenario, ScenarioError, load_scenario


def changed_scenario(plan: Plan, name: str | None, changes: Changes) -> Scenario:
    """The scenario with the changes of the file, then those of the options.

    Raises DataError or ScenarioError with every problem that is found at that point.
    """
    stated = _merged(_file(changes.file), _options(changes))
    scenario = load_scenario(plan, name, stated)
    if not changes.budgets:
        return scenario
    factors = {pair.name: {"factor": _factor(scenario, pair)} for pair in changes.budgets}
    return load_scenario(plan, name, _merged(stated, {"budgets": factors}))


def _factor(scenario: Scenario, pair: Pair[float]) -> float:
    """That of the scenario, larger by the stated percentage."""
    setting = scenario.budgets.get(pair.name)
    return (1.0 if setting is None else setting.factor) * (1.0 + pair.value / 100.0)


def _file(path: Path | None) -> dict[str, Any]:
    if path is None:
        return {}
    problems: list[Any] = []
    try:
        parsed = parse_toml(path.name, path.read_bytes().decode("utf-8-sig"), problems)
    except (OSError, UnicodeDecodeError) as error:
        zh, en = (
            f"文件无法读取：{error}；须为UTF-8编码的TOML",
            f"the file cannot be read: {error}; it must be TOML in UTF-8",
        )
        raise ScenarioError(path.name, [problem(zh=zh, en=en)]) from None
    if problems:
        raise DataError(problems)
    return parsed or {}


def _options(changes: Changes) -> dict[str, Any]:
    indicators: dict[str, dict[str, Any]] = {}
    projects: dict[str, dict[str, Any]] = {}
    budgets: dict[str, dict[str, Any]] = {}
    _put(budgets, "total", changes.totals)
    _put(indicators, "target", changes.targets)
    _put(indicators, "standing", changes.standings)
    _put(projects, "earliest_year", changes.earliest)
    _put(projects, "committed_year", changes.commit)
    _put(projects, "standing", (Pair(name, "outside") for name in changes.outside))
    _put(projects, "released", (Pair(name, True) for name in changes.release))
    stated = {
        "indicators": indicators,
        "projects": projects,
        "budgets": budgets,
        "switches": {pair.name: pair.value for pair in changes.switches},
        "figures": [change.fields for change in changes.figures],
        **_settings(changes),
    }
    return {key: value for key, value in stated.items() if value not in ({}, [])}


def _settings(changes: Changes) -> dict[str, Any]:
    stated = {
        "foresight": changes.foresight and changes.foresight.value,
        "target_year": changes.target_year,
        "whole_projects": changes.whole_projects,
    }
    return {key: value for key, value in stated.items() if value is not None}


def _put(into: dict[str, dict[str, Any]], key: str, pairs: Iterable[Pair[Any]]) -> None:
    for pair in pairs:
        into.setdefault(pair.name, {})[key] = pair.value


def _merged(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Options win over the file, key by key; figures of both count, those of the options last."""
    merged = dict(base)
    for key, value in over.items():
        before = merged.get(key)
        if isinstance(before, Mapping) and isinstance(value, Mapping):
            merged[key] = _merged(before, value)
        elif isinstance(before, list) and isinstance(value, list):
            merged[key] = [*before, *value]
        else:
            merged[key] = value
    return merged
