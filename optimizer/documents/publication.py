"""The published plan as one JSON document: what ``planopt published --json`` prints.

The head has the published scenario, and status and sentence of the nearest plan; then::

    nearest     scenario and objective of the nearest plan; optimum: those of the best plan; unit
    blocked     projects that cannot be built together whatever gives way
    violations, given_up, decisions   rows of the tables of ``Published``; a cost that is null has no plan at all
"""

from __future__ import annotations

from typing import Any

from optimizer.documents.questions import question_document, tables_document
from optimizer.publication import Published
from optimizer.words.language import Language
from optimizer.words.names import Names
from optimizer.words.objective import objective_unit


def published_document(found: Published, language: Language) -> dict[str, Any]:
    instance = found.instance
    own = {
        **{name: {"scenario": answer.instance.scenario.model_dump(mode="json"), "objective": answer.objective}
           for name, answer in (("nearest", found.nearest), ("optimum", found.optimum))},
        "unit": objective_unit(instance.scenario.objective[-1], Names(instance.plan, language)),
        "blocked": [name for _, name in found.blocked],
        **tables_document({name: getattr(found, name) for name in ("violations", "given_up", "decisions")}),
    }  # fmt: skip
    return question_document(instance, found.nearest.status, language, own)
