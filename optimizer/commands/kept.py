"""Answers of ``planopt solve`` kept between calls: the same question of the same files is not solved again.

An answer is known by the content of the plan's files, the question as it was put, the way it is told, and the program's
own code. Only answers that do not depend on when they were asked are kept: an optimum with its certificate, or a
contradiction. Nothing heavy is imported here.
"""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from optimizer.commands.exit_codes import ExitCode
from optimizer.commands.question import Question
from optimizer.commands.screen import console, print_json, print_report
from optimizer.identity import home_of, own_digest
from optimizer.store import store_of
from optimizer.words.language import Language
from optimizer.words.section import Column, Report, Section

_LASTING = (ExitCode.ANSWER, ExitCode.INFEASIBLE)


def run(question: Question, language: Language, *, everything: bool, as_json: bool) -> ExitCode:
    """Prints the answer, from what is kept if it is there."""
    store = store_of(os.environ)
    key = None if store is None else _key(question, language, everything=everything, as_json=as_json)
    if store is not None and key is not None:
        found = _read(store.get(key))
        if found is not None:
            return _shown(found)
    from optimizer.commands.solve import told_answer  # noqa: PLC0415  # what makes a kept answer quick

    code, content = told_answer(question, language, everything=everything, as_json=as_json)
    if store is not None and key is not None and code in _LASTING:
        kept = {"report": asdict(content)} if isinstance(content, Report) else {"document": content}
        store.put(key, json.dumps({"code": int(code), **kept}, ensure_ascii=False).encode())
    return _show(code, content)


def _show(code: ExitCode, content: Report | dict[str, Any]) -> ExitCode:
    if isinstance(content, Report):
        print_report(content, console())
    else:
        print_json(content)
    return code


def _shown(entry: dict[str, Any]) -> ExitCode:
    content = _report(entry["report"]) if "report" in entry else entry["document"]
    return _show(ExitCode(entry["code"]), content)


def _read(content: bytes | None) -> dict[str, Any] | None:
    if content is None:
        return None
    entry: dict[str, Any] = json.loads(content)
    return entry


def _report(told: dict[str, Any]) -> Report:
    sections = [
        Section(
            part["title"],
            tuple(Column(**column) for column in part["columns"]),
            tuple(tuple(row) for row in part["rows"]),
            part["remark"],
        )
        for part in told["sections"]
    ]
    return Report(told["title"], told["shows"], tuple(told["headline"]), tuple(sections), tuple(told["closing"]))


def _key(question: Question, language: Language, *, everything: bool, as_json: bool) -> str | None:
    """What the answer depends on; None where the files cannot be read, which the ordinary way will tell."""
    asked = replace(question, plan=None, changes=replace(question.changes, file=None))
    try:
        plan = question.plan or _default_plan()
        digest = hashlib.sha256(repr((asked, language, everything, as_json, own_digest())).encode())
        _add_files(digest, plan)
        if question.changes.file is not None:
            _add_files(digest, question.changes.file)
    except OSError:
        return None
    return digest.hexdigest()


def _default_plan() -> Path:
    """Where ``model_data.default_plan_path`` finds the shipped plan, without importing the package."""
    return home_of("model_data") / "plans"


def _add_files(digest: Any, path: Path) -> None:
    """Names and content of a file, or of all files of a folder."""
    files = sorted(file for file in path.rglob("*") if file.is_file()) if path.is_dir() else [path]
    for file in files:
        content = file.read_bytes()
        digest.update(repr((file.relative_to(path).as_posix(), len(content))).encode())
        digest.update(content)
