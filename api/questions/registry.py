"""Every question that can be asked, and its answer: called by the service at once, or by a worker later."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Annotated, Any

from pydantic import Field, TypeAdapter, ValidationError

from api.formats import entity_tag
from api.questions import judgements, judging, kinds, work
from api.questions.asked import Case
from api.questions.refusals import of_data, of_model, of_question, of_scenario, out_of_range
from model_data import DataError, Plan
from optimizer.documents.answer import head
from optimizer.program import INFINITY
from optimizer.questions import QuestionError, UnfinishedError
from optimizer.runs import INFEASIBLE, Runs
from optimizer.scenario import Scenario, ScenarioError, load_scenario
from optimizer.solution import Progress
from optimizer.solver import Limits, SolverError
from optimizer.status import Status
from optimizer.stopwatch import part
from optimizer.words.language import Language

AnyQuestion = Annotated[
    kinds.WhatIf
    | kinds.ValueCurve
    | kinds.Frontier
    | kinds.EfficientSet
    | kinds.Ledger
    | kinds.Alternatives
    | judgements.Diagnosis
    | judgements.Evaluation
    | judgements.Comparison
    | judgements.Publication
    | judgements.Sample,
    Field(discriminator="kind"),
]
Work = Callable[[work.Posed, Any], work.Document]
WORK: Mapping[str, Work] = {
    "what_if": work.what_if,
    "value_curve": work.curve,
    "frontier": work.weighed,
    "ledger": work.assumptions,
    "efficient_set": work.efficient,
    "alternatives": work.others,
    "diagnosis": judging.diagnosis,
    "evaluation": judging.evaluation,
    "comparison": judging.comparison,
    "publication": judging.publication,
    "sample": judging.samples,
}
# Statuses that the same question always ends with; the others depend on the clock or the solver.
FINAL = frozenset((Status.OPTIMAL, Status.INFEASIBLE, Status.UNBOUNDED))
_ADAPTER: TypeAdapter[AnyQuestion] = TypeAdapter(AnyQuestion)


def read_question(stated: Mapping[str, Any]) -> AnyQuestion:
    """The question that a JSON object states by its ``kind``. Raises InvalidRequestError."""
    try:
        return _ADAPTER.validate_python(stated)
    except ValidationError as error:
        raise of_model(error, stated, AnyQuestion) from None


@part("check")
def scenario_of(plan: Plan, case: Case) -> Scenario:
    """The scenario with the changes. Raises InvalidRequestError."""
    try:
        return load_scenario(plan, case.scenario, case.changes.stated())
    except ScenarioError as error:
        raise of_scenario(error, case) from None


def fingerprint(plan: Plan, question: AnyQuestion) -> str:
    """SHA-256 of what decides the answer: the plan, the complete scenario, and the rest of the question.

    Raises InvalidRequestError where the scenario cannot be used.
    """
    scenario = scenario_of(plan, question).model_dump(mode="json")
    rest = question.model_dump(mode="json", exclude={"scenario", "changes", "time_limit"})
    text = json.dumps([plan.fingerprint, scenario, rest], ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def tag_of(plan: Plan, question: AnyQuestion) -> str:
    """The entity tag of the answer as JSON, under which it is kept. Raises InvalidRequestError."""
    return entity_tag(fingerprint(plan, question))


def answer(
    plan: Plan,
    question: AnyQuestion,
    limits: Limits | None = None,
    progress: Progress | None = None,
    found: work.Found | None = None,
) -> dict[str, Any]:
    """The answer as a JSON document: keys plan, scenario, status, sentence, and those of the kind where there is one.

    That no plan is feasible, or that time ran out, is an answer like any other: ``status`` says so. ``limits`` are for
    everything together, besides the question's own ``time_limit``. ``found`` gets, now and then, what the answer to a
    what-if with whole projects would be if it were cancelled then.
    Raises InvalidRequestError, with every problem that is found at that point, where the question has no answer as it
    stands.
    """
    limits, language = limits or Limits(), question.language or Language.EN
    limits = replace(limits, seconds=min(limits.seconds, question.time_limit or INFINITY))
    scenario = scenario_of(plan, question)
    posed = work.Posed(plan, scenario, language, Runs(limits), progress or (lambda _: None), found)
    try:
        return WORK[question.kind](posed, question)
    except work.NoOptimumError as found:
        return found.document
    except UnfinishedError as cut:
        return head(plan, scenario, cut.status, language)
    except QuestionError as error:
        if INFEASIBLE in error.problems:
            return head(plan, scenario, Status.INFEASIBLE, language)
        raise of_question(error, question) from None
    except ScenarioError as error:
        raise of_scenario(error, question) from None
    except DataError as error:
        raise of_data(plan, error, question) from None
    except (SolverError, OverflowError) as error:
        raise out_of_range() from error
