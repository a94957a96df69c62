"""A comparison as one JSON document: what ``planopt compare --json`` prints.

The head (plan, scenario, status, sentence) is that of the second answer; then::

    before       scenario, status and objective of the first answer
    objective    that of the second; difference: of the two; unit
    goals        before, after: sums of the relative shortfalls of goals
    parts        rows of PART_COLUMNS of ``optimizer.comparison``
    quantities, indicators, investment, projects   rows of the tables of ``Comparison``
"""

from __future__ import annotations

from typing import Any

from optimizer.answer import Answer
from optimizer.comparison import Comparison
from optimizer.documents.questions import question_document, tables_document
from optimizer.words.language import Language
from optimizer.words.names import Names
from optimizer.words.objective import objective_unit

TABLES = ("parts", "quantities", "indicators", "investment", "projects")


def comparison_document(a: Answer, b: Answer, found: Comparison, language: Language) -> dict[str, Any]:
    own = {
        "before": {
            "scenario": a.instance.scenario.model_dump(mode="json"),
            "status": str(a.status),
            "objective": a.objective,
        },
        "objective": b.objective,
        "difference": found.difference,
        "unit": objective_unit(b.instance.scenario.objective[-1], Names(b.instance.plan, language)),
        "goals": dict(zip(("before", "after"), found.goals, strict=True)),
        **tables_document({name: getattr(found, name) for name in TABLES}),
    }
    return question_document(b.instance, b.status, language, own)
