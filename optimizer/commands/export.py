"""``planopt export``: the answer, or the program behind it, as files."""

from __future__ import annotations

from pathlib import Path

from optimizer.commands.exit_codes import ExitCode, exit_code
from optimizer.commands.options import Format
from optimizer.commands.problems import told
from optimizer.commands.question import Question
from optimizer.commands.screen import console, print_json
from optimizer.commands.solve import solved
from optimizer.export import export
from optimizer.words.headline import headline
from optimizer.words.language import Language, Text

WRITTEN = Text("已写入 {path}", "written: {path}")


def run(question: Question, kind: Format, to: Path, language: Language, *, as_json: bool) -> ExitCode:
    """Writes whatever answer there is; the exit code is that of the answer."""
    with told(language, as_json=as_json):
        answer = solved(question, language)
        written = export(answer, to, kind.value, language)
        if as_json:
            print_json({"status": str(answer.status), "files": [str(file) for file in written]})
        else:
            for line in (*headline(answer, language), *(WRITTEN.say(language, path=file) for file in written)):
                console().print(line)
        return exit_code(answer.status)
