"""Questions that have no answer as they stand: what is wrong, each at its place in the body."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError

from api.errors import Fault, InvalidRequestError, NumbersOutOfRangeError
from api.plans.service import faults_of
from api.questions.asked import Case
from api.validation import faults, place
from model_data import DataError, Plan
from optimizer.questions import Problem, QuestionError
from optimizer.scenario import ScenarioError
from optimizer.words.language import Text


def of_model(error: ValidationError, stated: Any, model: Any) -> InvalidRequestError:
    """What the model of the question refuses."""
    located = [{**one, "loc": ("body", *one["loc"])} for one in error.errors()]
    return InvalidRequestError(_detail(len(located)), faults(located, stated, model))


def of_scenario(error: ScenarioError, case: Case) -> InvalidRequestError:
    """At the keys of the changes; what is wrong with the scenario itself is at its name."""
    found = [_fault(in_case(problem), case, "invalid_scenario") for problem in error.problems]
    return InvalidRequestError(Text("情景不可用。", "The scenario cannot be used."), found)


def in_case(problem: Problem) -> Problem:
    """What is wrong with a scenario, where a case states it."""
    return problem if problem.where == ("scenario",) else problem.inside("changes")


def of_question(error: QuestionError, asked: Case) -> InvalidRequestError:
    found = [_fault(problem, asked, "invalid_question") for problem in error.problems]
    return InvalidRequestError(Text("这个问题无法回答。", "The question has no answer as it stands."), found)


def _fault(problem: Problem, case: Case, code: str) -> Fault:
    """The deepest part of the problem's place that the body has."""
    stated = case.model_dump(mode="json", exclude_unset=True)
    return Fault(code, place(("body", *problem.where), stated), problem.text)


def of_data(plan: Plan, error: DataError, case: Case) -> InvalidRequestError:
    """Each problem at the change that causes it, as far as one change alone does."""
    found = []
    for number, change in enumerate(case.changes.stated().get("figures", [])):
        try:
            plan.with_figures([change])
        except DataError as own:
            found += faults_of(own, f"#/changes/figures/{number}")
    detail = Text("改动后的数据不可用。", "The plan cannot be used with these changes.")
    return InvalidRequestError(detail, found or faults_of(error, "#/changes"))


def out_of_range() -> NumbersOutOfRangeError:
    detail = Text(
        "问题中的数值过大或过小，求解器无法处理。", "Numbers of the question are too large or too small for the solver."
    )
    return NumbersOutOfRangeError(detail)


def _detail(count: int) -> Text:
    return Text(f"共 {count} 处问题，见 errors。", f"What is wrong is listed in errors ({count}).")
