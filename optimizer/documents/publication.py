"""The published plan as one JSON document: what ``planopt published --json`` prints.

The head (plan, scenario, status, sentence) is that of the nearest plan, its scenario with what it gives up; then::

    objective   of the nearest plan; optimum: scenario and objective of the best plan; unit
    blocked     projects that cannot be built together whatever gives way
    violations, given_up, decisions   rows of the tables of ``Published``; a cost that is null has no plan at all
"""

from __future__ import annotations

from typing import Any

from optimizer.documents.answer import table_rows
from optimizer.documents.questions import question_document
from optimizer.publication import Published
from optimizer.words.language import Language
from optimizer.words.names import Names
from optimizer.words.objective import objective_unit


def published_document(found: Published, language: Language) -> dict[str, Any]:
    instance = found.nearest.instance
    own = {
        "objective": found.nearest.objective,
        "optimum": {
            "scenario": found.optimum.instance.scenario.model_dump(mode="json"),
            "objective": found.optimum.objective,
        },
        "unit": objective_unit(instance.scenario.objective[-1], Names(instance.plan, language)),
        "blocked": [name for _, name in found.blocked],
        **{name: table_rows(getattr(found, name)) for name in ("violations", "given_up", "decisions")},
    }
    return question_document(instance, found.nearest.status, language, own)
