"""``planopt trace``: one figure with its unit, range, grade and sources."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

from model_data import Trace
from optimizer.commands.exit_codes import ExitCode
from optimizer.commands.problems import told
from optimizer.commands.screen import console, print_json, print_section
from optimizer.commands.setting import Pair
from optimizer.commands.solve import plan_at
from optimizer.words import choices
from optimizer.words.language import Language, Text
from optimizer.words.names import amount
from optimizer.words.section import Section, text_columns

NO_TITLE = Text("", "")
VALUE, RANGE, GRADE = Text("数值", "Value"), Text("范围", "Range"), Text("等级", "Grade")
EVIDENCE, CLAUSE, NOTE = Text("依据", "Evidence"), Text("条款", "Clause"), Text("备注", "Note")
LINE, SOURCE = Text("位置", "Stands in"), Text("来源", "Source")


def run(table: str, key: tuple[Pair[str], ...], path: Path | None, language: Language, *, as_json: bool) -> ExitCode:
    with told(language, as_json=as_json):
        columns: dict[str, Any] = {pair.name: pair.value for pair in key}
        found = plan_at(path).trace(table, **columns)
        if as_json:
            print_json(asdict(found))
        else:
            figure = found.figure
            title = figure.name_zh if language is Language.ZH else figure.name_en
            rows = tuple(row for row in _rows(found, language) if row[1])
            print_section(Section(title, text_columns(language, NO_TITLE, NO_TITLE), rows), console())
    return ExitCode.ANSWER


def _rows(found: Trace, language: Language) -> list[tuple[str, str]]:
    figure = found.figure
    meaning = found.grade_meaning_zh if language is Language.ZH else found.grade_meaning_en
    ends = [amount(end, figure.unit) for end in (figure.low, figure.high)]
    facts = [
        (VALUE, amount(figure.value, figure.unit)),
        (RANGE, " … ".join(ends) if figure.low is not None or figure.high is not None else ""),
        (GRADE, f"{figure.grade}: {meaning}"),
        (EVIDENCE, choices.choice(choices.EVIDENCE, figure.evidence, language)),
        (CLAUSE, figure.clause),
        (NOTE, figure.note),
        (LINE, f"{figure.table}.csv:{found.line}"),
    ]
    sources = [
        (SOURCE, f"{s.source} {', '.join(p for p in (s.title, s.publisher, s.year, s.locator) if p)}")
        for s in found.sources
    ]
    return [(text.say(language), fact) for text, fact in [*facts, *sources]]
