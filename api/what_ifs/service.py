"""From a question to the answer of the optimizer's verb, and from that to what is sent."""

from __future__ import annotations

import hashlib
import json
import threading
from dataclasses import dataclass
from typing import Any

from api.errors import Fault, InvalidRequestError, NumbersOutOfRangeError, UnknownNameError
from api.formats import Record, entity_tag, records
from api.plans.service import SCENARIO, faults_of, invalid_scenario
from api.what_ifs.schemas import CertificateOut, ConflictOut, Fingerprints, Question, RequirementOut, Stage, WhatIf
from model_data import DataError, Plan
from optimizer import Answer, Limits, Scenario, ScenarioError, Status, load_scenario, solve
from optimizer.solver import SolverError
from optimizer.words.language import Language, Text
from optimizer.words.requirements import Requirements

# Statuses that the same question always ends with; the others depend on the clock.
FINAL = (Status.OPTIMAL, Status.INFEASIBLE, Status.UNBOUNDED)


@dataclass(frozen=True)
class Asked:
    """A question with its plan and its complete scenario."""

    plan: Plan
    question: Question
    scenario: Scenario

    @property
    def scenario_fingerprint(self) -> str:
        text = json.dumps(self.scenario.model_dump(mode="json"), ensure_ascii=False, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()

    @property
    def tag(self) -> str:
        """The entity tag of the answer: plan, scenario and what is wanted of it decide its bytes."""
        return entity_tag(self.plan.fingerprint, self.scenario_fingerprint, self.question.tables)


def understand(plan: Plan, question: Question) -> Asked:
    """The question with its scenario resolved. Raises UnknownNameError, InvalidRequestError."""
    name = question.scenario or plan.settings.default_scenario
    if name not in plan.scenarios:
        raise UnknownNameError(SCENARIO, name, plan.scenarios)
    try:
        return Asked(plan, question, load_scenario(plan, name, question.changes.stated()))
    except ScenarioError as error:
        raise invalid_scenario(error) from None


def answer(asked: Asked, cancel: threading.Event) -> WhatIf:
    """Solves and renders; blocking. Raises InvalidRequestError, NumbersOutOfRangeError."""
    seconds = asked.question.time_limit
    limits = Limits(cancel=cancel) if seconds is None else Limits(seconds, cancel)
    try:
        return render(asked, solve(asked.plan, asked.scenario, limits))
    except (SolverError, OverflowError) as error:
        detail = Text(
            "问题中的数值过大或过小，求解器无法处理。",
            "Numbers of the question are too large or too small for the solver.",
        )
        raise NumbersOutOfRangeError(detail) from error
    except DataError as error:
        detail = Text("改动后的数据不可用。", "The plan cannot be used with these changes.")
        raise InvalidRequestError(detail, _data_faults(asked, error)) from None


def _data_faults(asked: Asked, error: DataError) -> list[Fault]:
    """Each problem at the change that causes it, as far as one change alone does."""
    faults = []
    for number, change in enumerate(asked.question.changes.stated().get("figures", [])):
        try:
            asked.plan.with_figures([change])
        except DataError as own:
            faults += faults_of(own, f"#/changes/figures/{number}")
    return faults or faults_of(error, "#/changes")


def render(asked: Asked, found: Answer) -> WhatIf:
    """The answer as it is sent."""
    solution, certificate = found.solution, found.solution.certificate
    names = [stage.name for stage in solution.program.stages]
    values = [*solution.values, *[None] * (len(names) - len(solution.values))]
    tables: dict[Any, list[Record]] = {name: records(found.table(name)) for name in asked.question.tables}
    return WhatIf(
        plan=asked.plan.settings.plan,
        scenario=asked.scenario.scenario,
        fingerprints=Fingerprints(
            plan=asked.plan.fingerprint, scenario=asked.scenario_fingerprint, program=solution.program.fingerprint
        ),
        status=found.status,
        sentence_zh=found.status.sentence_zh,
        sentence_en=found.status.sentence_en,
        objective=found.objective,
        stages=[Stage(name=name, value=value) for name, value in zip(names, values, strict=True)],
        certificate=None if certificate is None else CertificateOut.model_validate(certificate),
        gap=solution.gap,
        priced_with_projects_fixed=solution.priced_with_projects_fixed,
        conflict=_conflict(found),
        tables=tables,
    )


def _conflict(found: Answer) -> ConflictOut | None:
    if found.conflict is None:
        return None
    chinese, english = (Requirements(found.instance, language).grouped(found.conflict.rows) for language in Language)
    requirements = [
        RequirementOut(zh=zh.sentence, en=en.sentence, rows=[list(label) for label in zh.labels])
        for zh, en in zip(chinese, english, strict=True)
    ]
    return ConflictOut(structural=found.conflict.structural, requirements=requirements)
