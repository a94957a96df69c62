"""Scenarios of a plan, and changes of them: each makes a new version of the plan."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Literal

from api.errors import ChangedMeanwhileError, Fault, InvalidScenarioError, UnknownNameError
from api.formats import Condition, entity_tag
from api.plans.library import Library
from api.plans.service import SCENARIO, invalid_scenario
from api.plans.shelf import Version
from api.scenarios.schemas import ScenarioSettings, ScenarioVersion, SettingChange
from model_data import DataError, Plan, Problem
from model_data.differences import settings_changes
from optimizer import ScenarioError, load_scenario
from optimizer.stated import file_of, unusable
from optimizer.words.language import Text

_NUMBERED = re.compile(r"(.*)\[([0-9]{1,9})\]", re.DOTALL)


def settings_of(plan: Plan, name: str) -> Mapping[str, Any]:
    """The scenario file as it stands. Raises UnknownNameError."""
    if name not in plan.scenarios:
        raise UnknownNameError(SCENARIO, name, plan.scenarios)
    return plan.scenarios[name]


def complete(plan: Plan, name: str) -> dict[str, Any]:
    """The scenario with all that it is based on merged in. Raises UnknownNameError, InvalidRequestError."""
    settings_of(plan, name)
    try:
        return load_scenario(plan, name).model_dump(mode="json")
    except ScenarioError as error:
        raise invalid_scenario(error) from None


def tag(plan: Plan, name: str) -> str | None:
    """Changes with what the scenario states and with what it is based on; None where there is none of that name."""
    if name not in plan.scenarios:
        return None
    stated = [plan.scenarios[name], _resolved(plan, name)]
    return entity_tag(plan.settings.plan, name, json.dumps(stated, sort_keys=True, default=str))


def _resolved(plan: Plan, name: str) -> dict[str, Any] | None:
    """None where the scenario cannot be used, which must not keep anybody from putting it right."""
    try:
        return load_scenario(plan, name).model_dump(mode="json")
    except ScenarioError:
        return None


def put(
    library: Library, plan: str, name: str, settings: ScenarioSettings, condition: Condition
) -> tuple[Version, bool]:
    """The version of the plan with the scenario; whether there was none of that name.

    Raises InvalidScenarioError with every problem, ChangedMeanwhileError.
    """
    stated = {"scenario": name, **settings.stated()}
    is_new = False

    def edit(newest: Plan) -> Plan:
        nonlocal is_new
        _check(newest, name, condition)
        is_new = name not in newest.scenarios
        return _edited(newest, name, stated)

    return library.change(plan, edit), is_new


def _check(plan: Plan, name: str, condition: Condition) -> None:
    if condition.holds(tag(plan, name)):
        return
    raise ChangedMeanwhileError(
        Text(
            f"情景 {name} 现在的状态不是请求所依据的(If-Match、If-None-Match)。请重新读取，再作更改。",
            f"Scenario {name} is not what the request goes by (If-Match, If-None-Match). Read it again first.",
        )
    )


def _edited(plan: Plan, name: str, stated: Mapping[str, Any]) -> Plan:
    try:
        edited = plan.with_scenario(name, stated)
    except DataError as error:
        raise _refusal([_placed(problem, name) for problem in error.problems]) from None
    if problems := unusable(edited):
        before = unusable(plan)  # others may be based on it; what was wrong with them before is none of its concern
        problems = [one for one in problems if one.table == file_of(name) or one not in before]
    if problems:
        raise _refusal([_placed(problem, name) for problem in problems])
    return edited


def delete(library: Library, plan: str, name: str, condition: Condition) -> bool:
    """Whether there was such a scenario in the newest version; versions before keep it.

    Raises InvalidScenarioError where others are based on it, or it is the default; ChangedMeanwhileError.
    """
    if name not in library[plan].scenarios:
        _check(library[plan], name, condition)
        return False

    def edit(newest: Plan) -> Plan:
        _check(newest, name, condition)
        return _without(newest, name)

    library.change(plan, edit)
    return True


def _without(plan: Plan, name: str) -> Plan:
    if name not in plan.scenarios:  # another has deleted it meanwhile
        return plan
    try:
        return plan.with_scenario(name, None)
    except DataError as error:
        raise _refusal([_placed(problem, name) for problem in error.problems]) from None


def _refusal(faults: list[Fault]) -> InvalidScenarioError:
    detail = Text(f"情景有 {len(faults)} 处问题，见 errors。", f"The scenario has {len(faults)} problems; see errors.")
    return InvalidScenarioError(detail, faults)


def _placed(problem: Problem, name: str) -> Fault:
    """A problem at the setting that has it; what another file says of it stands with the name of that file."""
    own = problem.table == file_of(name)
    place = "#" + "".join(f"/{part}" for part in _path(problem.column)) if own else problem.place
    return Fault(
        problem.rule,
        place,
        Text(problem.message_zh, problem.message_en),
        Text(problem.remedy_zh, problem.remedy_en),
        (problem.table, problem.row, problem.column),
    )


def _path(column: str) -> list[str]:
    """``figures[2].value``, counted from 1 for readers of files, as parts of a pointer, counted from 0."""
    parts: list[str] = []
    for part in column.split(".") if column else []:
        numbered = _NUMBERED.fullmatch(part)  # names are the caller's, and may have any bracket in them
        parts += [numbered[1], str(int(numbered[2]) - 1)] if numbered else [part]
    return [part.replace("~", "~0").replace("/", "~1") for part in parts]


def versions(library: Library, plan: str, name: str) -> list[ScenarioVersion]:
    """The versions of the plan in which the scenario changed, the newest first. Raises UnknownNameError."""
    found: list[ScenarioVersion] = []
    last: str | None = None
    known: set[str] = set()
    for version in reversed(library.versions(plan)):
        texts = library.scenario_texts(version)
        known.update(texts)
        text = texts.get(name)
        if text != last:
            state: Literal["stated", "deleted"] = "deleted" if text is None else "stated"
            found.append(ScenarioVersion(state=state, fingerprint=version.fingerprint, stored=version.stored))
        last = text
    if not found:
        raise UnknownNameError(SCENARIO, name, known)
    return found[::-1]


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[SettingChange]:
    """What differs between two complete scenarios, their names aside."""
    changes = settings_changes("", _plain(before), _plain(after))
    return [SettingChange(setting=c.column, before=c.before, after=c.after) for c in changes if c.column != "scenario"]


def _plain(settings: Mapping[str, Any]) -> dict[str, Any]:
    """What is not stated is not there."""
    plain: dict[str, Any] = json.loads(json.dumps(settings), object_hook=_stated)
    return plain


def _stated(settings: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in settings.items() if value is not None}
