"""``planopt diff``: what differs between two plans, figure by figure."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

from model_data import Change, diff
from optimizer.commands.exit_codes import ExitCode
from optimizer.commands.problems import told
from optimizer.commands.screen import console, print_json, print_section
from optimizer.commands.solve import plan_at
from optimizer.words.language import Language, Text
from optimizer.words.section import Section, text_columns

TITLE, SAME = Text("{count}处不同", "{count} differences"), Text("两份规划完全相同。", "The plans are equal.")
TITLES = (
    Text("表", "Table"),
    Text("关键字", "Key"),
    Text("字段", "Column"),
    Text("原值", "Before"),
    Text("新值", "After"),
)
WHOLE_ROW = {"added": Text("新增", "added"), "removed": Text("删除", "removed")}


def run(before: Path, after: Path, language: Language, *, as_json: bool) -> ExitCode:
    with told(language, as_json=as_json):
        changes = diff(plan_at(before), plan_at(after))
        if as_json:
            print_json({"changes": [{**asdict(change), "key": dict(change.key)} for change in changes]})
        elif not changes:
            console().print(SAME.say(language))
        else:
            rows = tuple(_cells(change, language) for change in changes)
            title = TITLE.say(language, count=len(changes))
            print_section(Section(title, text_columns(language, *TITLES), rows), console())
    return ExitCode.ANSWER


def _cells(change: Change, language: Language) -> tuple[str, ...]:
    key = " ".join(f"{name}={value}" for name, value in change.key if value)
    if change.kind in WHOLE_ROW:
        return change.table, key, WHOLE_ROW[change.kind].say(language), "", ""
    return change.table, key, change.column, change.before, change.after
