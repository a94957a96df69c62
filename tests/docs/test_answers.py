"""The worked answers show what the commands print."""

import re

import pytest
from typer.testing import CliRunner

from optimizer import cli
from tests.docs.pages import DOCS
from tests.house.source import ROOT

READMES = {"en": ROOT / "README.md", "zh": ROOT / "README.zh-CN.md"}
PAGES = {"en": DOCS / "answers.en.md", "zh": DOCS / "answers.zh-CN.md"}


def answers(page):
    """(commands, printed lines) of every answer of a page."""
    text = page.read_text(encoding="utf-8")
    return [
        (commands.splitlines(), printed.splitlines())
        for commands, printed in re.findall(r"```\n(planopt .*?)```\n\n```text\n(.*?)```", text, flags=re.DOTALL)
    ]


def printed_by(command, language):
    arguments = [*command.split()[1:], "--lang", language]
    result = CliRunner(env={"COLUMNS": "150", "TERM": "dumb"}).invoke(cli.app, arguments, catch_exceptions=False)
    assert result.exit_code in (0, 4), result.output
    return result.output.splitlines()


def check(language, answer):
    commands, shown = answer
    printed = {plain(line) for command in commands for line in printed_by(command, language)}
    assert [line for line in shown if plain(line) not in printed] == []


def plain(line):
    """Without the widths of columns, which differ with the widest cell."""
    return " ".join(line.split())


@pytest.mark.slow
@pytest.mark.parametrize("language", READMES)
def test_the_readme_s_answers_are_what_is_printed(language):
    blocks = re.findall(r"```text\n(.*?)```", READMES[language].read_text(encoding="utf-8"), flags=re.DOTALL)
    assert len(blocks) == 2
    for block, command in zip(blocks, ("planopt solve", "planopt solve --scenario plan_as_written"), strict=True):
        printed = {without_rounding(plain(line)) for line in printed_by(command, language)}
        shown = [line for line in block.splitlines() if "…" not in line]
        assert len(shown) > 10
        assert [line for line in shown if without_rounding(plain(line)) not in printed] == []


def without_rounding(line):
    """What a certificate measures is rounding, which differs from machine to machine."""
    return re.sub(r"\d\.\de-\d\d", "", line)


def test_answers_are_found():
    assert [len(commands) for commands, _ in answers(PAGES["en"])] == [len(c) for c, _ in answers(PAGES["zh"])]
    assert len(answers(PAGES["en"])) >= 5


def test_the_first_answer_is_what_is_printed(full):
    for language, page in PAGES.items():
        found = answers(page)
        for answer in found if full else found[:1]:
            check(language, answer)


@pytest.mark.slow
def test_a_planted_line_is_missed():
    commands, shown = answers(PAGES["en"])[0]
    with pytest.raises(AssertionError, match="1,991"):
        check("en", (commands, [line.replace("1,991.28", "1,991.29") for line in shown]))
