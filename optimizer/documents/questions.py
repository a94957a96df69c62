"""What the questions found, as JSON documents: the shapes that ``planopt`` prints with --json.

Each has the keys plan, scenario, status and sentence of ``optimizer.documents.answer``, then its own:

ledger        unit (of the effects), figures and grades (rows of the tables of ``Ledger``)
alternatives  within, unique, projects_fixed, ranges and different (rows of the tables of ``Alternatives``)
curve         moves, unit (of theta; "1" is a share), value_unit, shape, feasible, interval, continues, certificate,
              solves, points: theta, values (one a stage), turns; pieces: from, to, slope, and binding: the price of
              each target, budget and limit that binds all along it, and its requirement
frontier      criteria, units, rate_unit, vertices: first, second, rate (to the next); certificate, solves
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from optimizer.alternatives import Alternatives
from optimizer.answer import Answer
from optimizer.assumptions import Ledger
from optimizer.curve import ValueCurve
from optimizer.documents.answer import certificate_document, head, plain_value, requirement_document
from optimizer.frontiers import Frontier
from optimizer.instance import Instance
from optimizer.pieces import Piece
from optimizer.status import Status
from optimizer.words.curve import DECIDED
from optimizer.words.language import Language
from optimizer.words.names import Names
from optimizer.words.objective import objective_unit
from optimizer.words.requirements import Requirements


def ledger_document(answer: Answer, found: Ledger, language: Language) -> dict[str, Any]:
    unit = objective_unit(answer.instance.scenario.objective[-1], Names(answer.instance.plan, language))
    own = {"unit": unit, "figures": found.figures.to_dict("records"), "grades": found.grades.to_dict("records")}
    return _document(answer.instance, answer.status, language, own)


def alternatives_document(answer: Answer, found: Alternatives, language: Language) -> dict[str, Any]:
    own = {
        "within": found.epsilon,
        "unique": found.unique,
        "projects_fixed": found.projects_fixed,
        "ranges": found.ranges.to_dict("records"),
        "different": found.different.to_dict("records"),
    }
    return _document(answer.instance, answer.status, language, own)


def curve_document(instance: Instance, curve: ValueCurve, moves: str, language: Language) -> dict[str, Any]:
    requirements = Requirements(instance, language)
    own = {
        "moves": moves,
        "unit": curve.unit,
        "value_unit": curve.value_unit,
        "shape": curve.shape,
        "feasible": curve.feasible,
        "interval": curve.interval,
        "continues": curve.continues,
        "certificate": certificate_document(curve.certificate),
        "solves": curve.solves,
        "points": [{"theta": point.theta, "values": point.values, "turns": point.turns} for point in curve.points],
        "pieces": [_piece(curve, piece, requirements) for piece in curve.pieces],
    }
    return _document(instance, curve.status, language, own)


def _piece(curve: ValueCurve, piece: Piece, requirements: Requirements) -> dict[str, Any]:
    binding = [
        {"price": price, **requirement_document(requirements.of(label))}
        for label, price in curve.binding(piece).items()
        if label[0] in DECIDED
    ]
    return {"from": piece.left, "to": piece.right, "slope": piece.slope, "binding": binding}


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
    return _document(instance, found.curve.status, language, own)


def _document(instance: Instance, status: Status, language: Language, own: dict[str, Any]) -> dict[str, Any]:
    document: dict[str, Any] = plain_value({**head(instance.plan, instance.scenario, status, language), **own})
    return document
