"""Changes of a scenario from the command line, as the mapping that ``load_scenario`` merges over the scenario."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from model_data import DataError, Plan
from model_data.problems import nearest
from model_data.tables import parse_toml
from optimizer.commands.question import Changes
from optimizer.commands.setting import Pair
from optimizer.frames import records
from optimizer.scenario import Scenario, ScenarioError, load_scenario

# Figures that state the size of a budget; a growth rate does not.
_SIZES = ("limit", "base", "share")


def changed_scenario(plan: Plan, name: str | None, changes: Changes) -> Scenario:
    """The scenario with the changes of the file, then those of the options.

    Raises DataError or ScenarioError with every problem that is found at that point.
    """
    stated = _file(changes.file)
    scenario = load_scenario(plan, name, _merged(stated, _options(changes)))
    if not changes.budgets:
        return scenario
    scaled = _scaled_budgets(plan, scenario, changes.budgets)
    return scenario.model_copy(update={"figures": (*scenario.figures, *scaled)})


def _file(path: Path | None) -> dict[str, Any]:
    if path is None:
        return {}
    problems: list[Any] = []
    try:
        parsed = parse_toml(path.name, path.read_bytes().decode("utf-8-sig"), problems)
    except (OSError, UnicodeDecodeError) as error:
        raise ScenarioError(path.name, [f"the file cannot be read: {error}; it must be TOML in UTF-8"]) from None
    if problems:
        raise DataError(problems)
    return parsed or {}


def _options(changes: Changes) -> dict[str, Any]:
    indicators: dict[str, dict[str, Any]] = {}
    projects: dict[str, dict[str, Any]] = {}
    _put(indicators, "target", changes.targets)
    _put(indicators, "standing", changes.standings)
    _put(projects, "earliest_year", changes.earliest)
    _put(projects, "committed_year", changes.commit)
    _put(projects, "standing", (Pair(name, "outside") for name in changes.outside))
    stated = {
        "indicators": indicators,
        "projects": projects,
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


def _scaled_budgets(plan: Plan, scenario: Scenario, budgets: Iterable[Pair[float]]) -> list[dict[str, Any]]:
    """Every figure that states the size of a budget, larger by the stated percentage than in the scenario."""
    figures = plan.with_figures([dict(change) for change in scenario.figures]).table("budget_figures")
    known = plan.table("budgets")["budget"].tolist()
    unknown = [pair.name for pair in budgets if pair.name not in known]
    if unknown:
        raise ScenarioError(
            scenario.scenario, [f"budget {name!r} is unknown; did you mean {nearest(name, known)}?" for name in unknown]
        )
    return [
        {
            "table": "budget_figures",
            "budget": row.budget,
            "parameter": row.parameter,
            "value": row.value * (1.0 + pair.value / 100.0),
        }
        | ({} if row.year is pd.NA else {"year": int(row.year)})
        for pair in budgets
        for row in records(figures[(figures["budget"] == pair.name) & figures["parameter"].isin(_SIZES)])
        if row.value == row.value
    ]
