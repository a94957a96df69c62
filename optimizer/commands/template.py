"""``planopt template``: an empty workbook to fill in, or one that holds a plan."""

from __future__ import annotations

from pathlib import Path

from model_data import write_template
from optimizer.commands.exit_codes import ExitCode
from optimizer.commands.problems import told
from optimizer.commands.screen import console
from optimizer.commands.solve import plan_at
from optimizer.words.language import Language, Text

WRITTEN = Text("已写入 {path}", "written: {path}")


def run(to: Path, plan: Path | None, language: Language) -> ExitCode:
    with told(language, as_json=False):
        write_template(to, None if plan is None else plan_at(plan))
        console().print(WRITTEN.say(language, path=to))
    return ExitCode.ANSWER
