"""A Diagnosis as one JSON document: the shape that ``planopt diagnose --json`` prints and the API sends.

Keys plan, scenario, changed, status and sentence as in ``optimizer.documents.answer``; status is ``infeasible``, or
``optimal`` where all requirements can be met together. Then::

    feasible   whether all requirements can be met together
    conflicts  structural; grade (the lowest among the figures that state it); requirements: as in an answer's conflict,
               with figures (table, key, value, unit, low, high, grade, evidence, sources) and grade; ways: single
               changes that resolve it
    menu       kinds (least_change, fewest, alone: a repair that is several of these is told once), total, tied,
               compared_all, needed (changes at least, for the fewest), local (whether total is a local least: ratios
               could move together), status, objective (value, unit), certificate, changes, settings (what a
               scenario has to say to make the repair), indicators (the rows of the repaired plan's table)
    stubborn   kind, name, year of what was changed alone in vain
    ranges     rows of ``Diagnosis.ranges``; null where there is no end

A change: kind, name, year, text, before, after (null: given up), unit, size, settings, option (of ``planopt solve``;
blank where none says it).
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from optimizer.diagnosis.changes import Change
from optimizer.diagnosis.evidence import Evidence
from optimizer.diagnosis.repairs import Repair
from optimizer.diagnosis.verb import Diagnosis
from optimizer.documents.answer import (
    certificate_document,
    head,
    plain_value,
    requirement_document,
    table_rows,
)
from optimizer.documents.questions import tables_document
from optimizer.program import Label
from optimizer.status import Status
from optimizer.words.diagnosis import opening
from optimizer.words.language import Language
from optimizer.words.objective import stages
from optimizer.words.repairs import Changes, told_once
from optimizer.words.requirements import Requirement, Requirements


def diagnosis_document(found: Diagnosis, language: Language) -> dict[str, Any]:
    """The document described above, of plain Python values only; texts are in the language."""
    worded = Changes(found, language)
    status = Status.OPTIMAL if found.feasible else Status.INFEASIBLE
    document: dict[str, Any] = {
        **head(found.instance.stated, found.instance.scenario, status, language),
        "sentence": opening(found, language),
        "feasible": found.feasible,
        "conflicts": _conflicts(found, worded, language),
        "menu": [_repair(kinds, repair, worded, language) for kinds, repair in told_once(found.menu)],
        "stubborn": [_named(label) for label in found.stubborn],
        **tables_document({"ranges": found.ranges}),
    }
    plain: dict[str, Any] = plain_value(document)
    return plain


def _conflicts(found: Diagnosis, worded: Changes, language: Language) -> list[dict[str, Any]]:
    requirements, evidence = Requirements(found.instance, language), Evidence(found.instance)
    return [
        {
            "structural": conflict.structural,
            "grade": evidence.worst_grade(conflict.rows) or None,
            "requirements": [_requirement(one, evidence) for one in requirements.grouped(conflict.rows)],
            "ways": [_change(change, worded) for change in ways],
        }
        for conflict, ways in zip(found.conflicts, found.ways, strict=True)
    ]


def _requirement(one: Requirement, evidence: Evidence) -> dict[str, Any]:
    figures = evidence.behind(one.labels)
    grade = evidence.worst_grade(one.labels) or None
    return {**requirement_document(one), "grade": grade, "figures": [asdict(figure) for figure in figures]}


def _repair(kinds: list[str], repair: Repair, worded: Changes, language: Language) -> dict[str, Any]:
    return {
        "kinds": kinds,
        "total": repair.total,
        "tied": repair.tied,
        "compared_all": repair.compared_all,
        "needed": repair.needed,
        "local": repair.local,
        "status": str(repair.status),
        "objective": {"value": repair.objective, "unit": stages(repair.answer, language)[-1].unit},
        "certificate": certificate_document(repair.certificate),
        "changes": [_change(change, worded) for change in repair.changes],
        "settings": repair.settings,
        "indicators": table_rows(repair.answer.indicators),
    }


def _change(change: Change, worded: Changes) -> dict[str, Any]:
    return {
        **_named(change.label),
        "text": f"{worded.name(change)}: {worded.way(change)}",
        "before": change.before,
        "after": change.after,
        "unit": change.unit,
        "size": change.size,
        "settings": dict(change.settings),
        "option": worded.option(change),
    }


def _named(label: Label) -> dict[str, Any]:
    return {"kind": label[0], "name": label[1], "year": label[2] if len(label) > 2 else None}
