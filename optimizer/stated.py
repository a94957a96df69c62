"""What a plan states in its scenarios that cannot be used: values, which the rules of data leave to the optimizer."""

from __future__ import annotations

from dataclasses import replace

from model_data import DataError, Plan, Problem
from optimizer.horizon import plan_horizon
from optimizer.questions import Problem as Reason
from optimizer.scenario import ScenarioError, load_scenario
from optimizer.structure import modelled_projects


def check_scenarios(plan: Plan) -> None:
    """Raises DataError with everything that is wrong with any scenario of the plan."""
    if problems := unusable(plan):
        raise DataError(problems)


def unusable(plan: Plan) -> list[Problem]:
    """What is wrong with the scenarios of a plan, each thing at its place in the file that states it."""
    reasons = {name: _reasons(plan, name) for name in plan.scenarios}
    found: list[Problem] = []
    for name, own in reasons.items():
        inherited = reasons.get(str(plan.scenarios[name].get("based_on")), [])
        found += [replace(reason, table=file_of(name)) for reason in own if reason not in inherited]
    return found


def file_of(scenario: str) -> str:
    """What problems of a plan call the file of a scenario."""
    return f"scenarios/{scenario}.toml"


def _reasons(plan: Plan, name: str) -> list[Problem]:
    """Why a scenario cannot be used, what it is based on included; none where it can."""
    try:
        scenario = load_scenario(plan, name)
        changed = plan.with_figures([dict(change) for change in scenario.figures])
        modelled_projects(changed, scenario, plan_horizon(changed, scenario))
    except ScenarioError as error:
        return [_problem(reason) for reason in error.problems]
    except DataError as error:  # figures that keep their rules one by one may break one together
        return [replace(problem, table="", row=None, column="figures") for problem in error.problems]
    return []


def _problem(reason: Reason) -> Problem:
    return Problem(
        rule="invalid_scenario",
        table="",
        row=None,
        column=_place(reason),
        message_en=reason.text.en,
        message_zh=reason.text.zh,
        remedy_en="Correct it, or remove the scenario",
        remedy_zh="请更正，或删去该情景",
    )


def _place(reason: Reason) -> str:
    """As in a file: parts of a list counted from 1."""
    parts: list[str] = []
    for part in reason.where:
        if isinstance(part, int) and parts:
            parts[-1] += f"[{part + 1}]"
        else:
            parts.append(str(part))
    return ".".join(parts)
