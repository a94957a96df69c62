"""From a question that judges a plan to its document: the optimizer's verb, and what is said of its result."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from api.questions import judgements
from api.questions.asked import Case
from api.questions.refusals import in_case
from api.questions.work import Document, Posed
from optimizer.assumptions import ledger
from optimizer.comparison import compare
from optimizer.diagnosis import Wishes, diagnose
from optimizer.documents.comparison import comparison_document
from optimizer.documents.diagnosis import diagnosis_document
from optimizer.documents.evaluation import evaluation_document
from optimizer.documents.publication import published_document
from optimizer.documents.samples import samples_document
from optimizer.evaluation import evaluate
from optimizer.publication import published
from optimizer.questions import QuestionError
from optimizer.scenario import Scenario, ScenarioError, load_scenario
from optimizer.uncertainty import sample
from optimizer.weightiest import weightiest


def diagnosis(posed: Posed, asked: judgements.Diagnosis) -> Document:
    wishes = Wishes(
        {one.label: one.weight for one in asked.weights},
        tuple(one.label for one in asked.untouchable),
        budgets_by_year=asked.budgets_by_year,
    )
    found = diagnose(
        posed.plan, posed.scenario, wishes, ranges=asked.ranges, limits=posed.limits, progress=posed.progress
    )
    return diagnosis_document(found, posed.language)


def evaluation(posed: Posed, asked: judgements.Evaluation) -> Document:
    columns = ["quantity", "year", "value", "unit"]
    rows = None if asked.actuals is None else [one.model_dump() for one in asked.actuals]
    found = evaluate(
        posed.plan,
        posed.scenario,
        asked.through,
        actuals=None if rows is None else pd.DataFrame(rows, columns=columns),
        starts=asked.starts,
        limits=posed.limits,
        progress=posed.progress,
    )
    return evaluation_document(found, posed.language)


def comparison(posed: Posed, asked: judgements.Comparison) -> Document:
    first = posed.answer(_beside(posed, asked.before, "before"))
    second = posed.answer()
    found = compare(first, second, most_figures=asked.most_figures, limits=posed.limits, progress=posed.progress)
    return comparison_document(first, second, found, posed.language)


def publication(posed: Posed, asked: judgements.Publication) -> Document:
    against = _beside(posed, asked.against, "against")
    found = published(posed.plan, posed.scenario, against, limits=posed.limits, progress=posed.progress)
    return published_document(found, posed.language)


def _beside(posed: Posed, case: Case, where: str) -> Scenario:
    """The scenario of another case of the question. Raises QuestionError."""
    try:
        return load_scenario(posed.plan, case.scenario, case.changes.stated())
    except ScenarioError as error:
        raise QuestionError([in_case(problem).inside(where) for problem in error.problems]) from None


def samples(posed: Posed, asked: judgements.Sample) -> Document:
    answer = posed.optimum()
    instance = answer.instance
    drawn = sample(
        instance.plan,
        instance.scenario.model_copy(update={"figures": ()}),
        _uncertain(posed, asked, answer),
        samples=asked.samples,
        method=asked.method,
        seed=asked.seed,
        limits=posed.limits,
        progress=posed.progress,
    )
    return samples_document(answer, drawn, posed.language)


def _uncertain(posed: Posed, asked: judgements.Sample, answer: Any) -> list[Mapping[str, Any]]:
    if asked.figures is not None:
        return [one.model_dump(exclude_none=True) for one in asked.figures]
    found = ledger(answer.instance, answer.solution, limits=posed.limits)
    return list(weightiest(answer.instance.plan, found, asked.top, asked.within))
