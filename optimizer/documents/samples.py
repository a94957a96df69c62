"""Samples of uncertain figures as one JSON document: what ``planopt sample --json`` prints.

The head (plan, scenario, status, sentence) is that of the plan with its figures as stated; then::

    objective   with the figures as stated; unit
    figures     name, low, value, high, unit of each figure
    targets, effects, tornado, samples   rows of the tables of ``Uncertainty``
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from optimizer.answer import Answer
from optimizer.documents.questions import question_document, tables_document
from optimizer.uncertainty import Uncertainty
from optimizer.words.language import Language
from optimizer.words.names import Names
from optimizer.words.objective import objective_unit

OF_FIGURES = ["name", "low", "value", "high", "unit"]


def samples_document(answer: Answer, found: Uncertainty, language: Language) -> dict[str, Any]:
    instance = answer.instance
    figures = pd.DataFrame([[getattr(one, name) for name in OF_FIGURES] for one in found.figures], columns=OF_FIGURES)
    own = {
        "objective": answer.objective,
        "unit": objective_unit(instance.scenario.objective[-1], Names(instance.plan, language)),
        **tables_document(
            {"figures": figures}
            | {name: getattr(found, name) for name in ("targets", "effects", "tornado", "samples")}
        ),
    }
    return question_document(instance, answer.status, language, own)
