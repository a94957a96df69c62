"""A mid-term evaluation as one JSON document: what ``planopt evaluate --json`` prints.

The head (plan, scenario, status, sentence) is that of the new plan; then::

    through      the last year that has passed
    required     targets that the scenario requires
    objective    of the new plan; original: scenario, status, objective of the plan as it was; unit
    deviations, lost, delays, investment, projects   rows of the tables of ``Evaluation``
"""

from __future__ import annotations

from typing import Any

from optimizer.documents.questions import question_document, tables_document
from optimizer.evaluation import Evaluation
from optimizer.words.language import Language
from optimizer.words.names import Names
from optimizer.words.objective import objective_unit

TABLES = ("deviations", "lost", "delays", "investment", "projects")


def evaluation_document(found: Evaluation, language: Language) -> dict[str, Any]:
    instance, original = found.answer.instance, found.original
    own = {
        "through": found.through,
        "required": sorted(found.required),
        "objective": found.answer.objective,
        "original": {
            "scenario": original.instance.scenario.model_dump(mode="json"),
            "status": str(original.status),
            "objective": original.objective,
        },
        "unit": objective_unit(instance.scenario.objective[-1], Names(instance.plan, language)),
        **tables_document({name: getattr(found, name) for name in TABLES}),
    }
    return question_document(instance, found.answer.status, language, own)
