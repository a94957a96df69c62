"""The program of an answer as an LP or MPS file with readable names, for any other solver."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np

from optimizer.answer import Answer
from optimizer.program import Label, LinearProgram
from optimizer.solver import write_file
from optimizer.words.language import Language
from optimizer.words.names import Names
from optimizer.words.objective import stages
from optimizer.words.requirements import Requirements
from optimizer.words.rows import TABLES, parts

_MOST_CHARACTERS = 120  # readers of LP files stop at 255
_COMMENT = {".lp": "\\", ".mps": "*"}


def write_program(answer: Answer, path: Path, language: Language) -> tuple[Path, Path]:
    """Writes the program to ``path`` (.lp or .mps) and its names to ``<path>.names.csv``; both paths.

    The objective is that of the last stage, minimised; stages before are held by the rows ``hold``. Comments at the
    head of the file say so.
    """
    program = exported_program(answer)
    rows, columns = unique_names(program.rows), unique_names(program.columns)
    write_file(program, program.stages[-1], str(path), rows, columns)
    _put_in_front(path, _comments(answer, program, language))
    names = path.with_name(path.name + ".names.csv")
    _write_names(names, answer, program, rows, columns, language)
    return path, names


def exported_program(answer: Answer) -> LinearProgram:
    """The last program that was solved; where its whole projects were fixed to price it, they are free again."""
    program = answer.solution.program
    if not answer.solution.priced_with_projects_fixed or answer.instance.scenario.foresight == "myopic":
        return program
    whole = np.array([label[0] == "start" for label in program.columns])
    return replace(
        program,
        integer=whole,
        column_lower=np.where(whole, 0.0, program.column_lower),
        column_upper=np.where(whole, 1.0, program.column_upper),
    )


def unique_names(labels: Iterable[Label]) -> list[str]:
    """A name a label, its parts joined by dots; a name that is taken or too long is cut and numbered."""
    names: dict[str, None] = {}
    for number, label in enumerate(labels):
        name = ".".join(_legal(str(part)) for part in label)
        if name in names or len(name) > _MOST_CHARACTERS:
            name = f"{name[: _MOST_CHARACTERS - 10]}~{number}"
        names[name] = None
    return list(names)


def _legal(part: str) -> str:
    return "".join(c if c.isascii() and (c.isalnum() or c == "_") else "_" for c in part)


def _comments(answer: Answer, program: LinearProgram, language: Language) -> list[str]:
    plan, scenario, worded = answer.instance.plan, answer.instance.scenario, stages(answer, language)
    lines = [
        f"plan {plan.settings.plan}, fingerprint {plan.fingerprint}",
        f"scenario {scenario.scenario}, status {answer.status}",
        f"objective: {worded[-1].text}",
    ]
    if program.stages[-1].sign < 0:
        lines.append("the file minimises; the stated value is minus its optimum")
    if len(worded) > 1:
        held = "; ".join(stage.sentence for stage in worded[:-1])
        lines.append(f"last of {len(worded)} stages; the earlier ones are held by the rows named hold: {held}")
    return lines


def _put_in_front(path: Path, lines: list[str]) -> None:
    sign = _COMMENT[path.suffix.lower()]
    head = "".join(f"{sign} {' '.join(line.split())}\n" for line in lines)
    path.write_text(head + path.read_text(encoding="utf-8"), encoding="utf-8", newline="\n")


def _write_names(
    path: Path, answer: Answer, program: LinearProgram, rows: list[str], columns: list[str], language: Language
) -> None:
    """sort, name, kind, the parts of the index, text."""
    requirements, names = Requirements(answer.instance, language), Names(answer.instance.plan, language)
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["sort", "name", "kind", "index", "text"])
        for name, label in zip(rows, program.rows, strict=True):
            writer.writerow(["row", name, label[0], _index(label), requirements.of(label).sentence])
        for name, label in zip(columns, program.columns, strict=True):
            named = [names.of(TABLES[part], str(key)) for part, key in parts(label).items() if part in TABLES]
            writer.writerow(["column", name, label[0], _index(label), " · ".join(named)])


def _index(label: Label) -> str:
    return "; ".join(str(part) for part in label[1:])
