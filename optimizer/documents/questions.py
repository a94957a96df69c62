"""What the questions found, as JSON documents: the shapes that ``planopt`` prints with --json.

Each has the keys plan, scenario, status and sentence of ``optimizer.documents.answer``, then its own; and where there
are tables, ``columns``: the names of the columns of each, which say what a table without rows is of.

ledger        unit (of the effects), figures and grades (rows of the tables of ``Ledger``)
alternatives  within, unique, projects_fixed, ranges and different (rows of the tables of ``Alternatives``)
curve         moves, unit (of theta; "1" is a share), value_unit, shape, feasible, interval, continues, gap (as asked;
              0: exact), proven_gap (share of the value that may be missing anywhere), certificate, solves, points:
              theta, values (one a stage), turns; pieces: from, to, slope, and binding: of each target, budget and
              limit that binds all along it the price, and its place in requirements, where each stands once; and
              built: what one more of theta builds (kind, name, rate, unit, money)
frontier      criteria, units, rate_unit, vertices: first, second, rate (to the next); certificate, solves
efficient     criteria, units, payoff (row i: values of all where criterion i is optimised first), points: a value of
              each criterion; gap (of the worst mixed-integer run), step (of a staircase: what two neighbours may
              hide), solves
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import pandas as pd

from optimizer.alternatives import Alternatives
from optimizer.answer import Answer
from optimizer.assumptions import Ledger
from optimizer.built_along import Built, BuiltAlong
from optimizer.curve import ValueCurve
from optimizer.documents.answer import certificate_document, head, plain_value, requirement_document, table_rows
from optimizer.frontiers import Frontier
from optimizer.instance import Instance
from optimizer.payoff import EfficientSet
from optimizer.pieces import Piece
from optimizer.program import Label
from optimizer.status import Status
from optimizer.words.curve import DECIDED
from optimizer.words.language import Language
from optimizer.words.names import Names
from optimizer.words.objective import objective_unit
from optimizer.words.requirements import Requirements


def ledger_document(answer: Answer, found: Ledger, language: Language) -> dict[str, Any]:
    unit = objective_unit(answer.instance.scenario.objective[-1], Names(answer.instance.plan, language))
    own = {"unit": unit, **tables_document({"figures": found.figures, "grades": found.grades})}
    return question_document(answer.instance, answer.status, language, own)


def alternatives_document(answer: Answer, found: Alternatives, language: Language) -> dict[str, Any]:
    own = {
        "within": found.epsilon,
        "unique": found.unique,
        "projects_fixed": found.projects_fixed,
        **tables_document({"ranges": found.ranges, "different": found.different}),
    }
    return question_document(answer.instance, answer.status, language, own)


def curve_document(
    instance: Instance, curve: ValueCurve, moves: str, language: Language, *, binding: bool = True
) -> dict[str, Any]:
    """``moves``: what moves, in words. Without ``binding`` pieces say nothing of what binds and what is built, and
    there are no requirements."""
    bound = [_binding(curve, piece) if binding else {} for piece in curve.pieces]
    places = {label: place for place, label in enumerate(dict.fromkeys(label for one in bound for label in one))}
    requirements, along = Requirements(instance, language), BuiltAlong(instance, curve)
    own = {
        "moves": moves,
        "unit": curve.unit,
        "value_unit": curve.value_unit,
        "shape": curve.shape,
        "feasible": curve.feasible,
        "interval": curve.interval,
        "continues": curve.continues,
        "gap": curve.gap,
        "proven_gap": curve.proven_gap,
        "certificate": certificate_document(curve.certificate),
        "solves": curve.solves,
        "points": [{"theta": point.theta, "values": point.values, "turns": point.turns} for point in curve.points],
        "pieces": [
            _piece(piece, one, places, along.of(piece) if binding else ())
            for piece, one in zip(curve.pieces, bound, strict=True)
        ],
        "requirements": [requirement_document(requirements.of(label)) for label in places],
    }
    return question_document(instance, curve.status, language, own)


def _binding(curve: ValueCurve, piece: Piece) -> dict[Label, float]:
    """The price of what somebody could decide otherwise."""
    return {label: price for label, price in curve.binding(piece).items() if label[0] in DECIDED}


def _piece(
    piece: Piece, binding: dict[Label, float], places: dict[Label, int], built: Sequence[Built]
) -> dict[str, Any]:
    told = [{"requirement": places[label], "price": price} for label, price in binding.items()]
    more = [asdict(one) for one in built]
    return {"from": piece.left, "to": piece.right, "slope": piece.slope, "binding": told, "built": more}


def frontier_document(instance: Instance, found: Frontier, language: Language) -> dict[str, Any]:
    rates = (*found.rates, None)
    own = {
        "criteria": [asdict(criterion) for criterion in found.criteria],
        "units": found.units,
        "rate_unit": found.table()["rate_unit"].iloc[0],
        "vertices": [
            {"first": vertex.first, "second": vertex.second, "rate": rate}
            for vertex, rate in zip(found.vertices, rates, strict=True)
        ],
        "certificate": certificate_document(found.curve.certificate),
        "solves": found.solves,
    }
    return question_document(instance, found.curve.status, language, own)


def efficient_document(instance: Instance, found: EfficientSet, language: Language) -> dict[str, Any]:
    own = {
        "criteria": [asdict(criterion) for criterion in found.criteria],
        "units": found.units,
        "payoff": found.payoff,
        "points": [point.values for point in found.points],
        "gap": found.gap,
        "step": found.step,
        "solves": found.solves,
    }
    return question_document(instance, Status.OPTIMAL, language, own)


def question_document(instance: Instance, status: Status, language: Language, own: dict[str, Any]) -> dict[str, Any]:
    """The head of every document, and what the question found."""
    document: dict[str, Any] = plain_value({**head(instance.stated, instance.scenario, status, language), **own})
    return document


def tables_document(tables: Mapping[str, pd.DataFrame]) -> dict[str, Any]:
    """The rows of each table under its name; under ``columns`` the names of their columns, rows or none."""
    rows = {name: table_rows(table) for name, table in tables.items()}
    return {**rows, "columns": {name: [str(column) for column in table.columns] for name, table in tables.items()}}
