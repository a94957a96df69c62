"""The guides say what the program says: statuses, exit codes, grades, and commands that it understands."""

import re
import shlex
from typing import get_args

import pytest
from typer.main import get_command

from model_data.vocabulary import GRADES
from optimizer import cli
from optimizer.commands.exit_codes import exit_code
from optimizer.scenario import Foresight
from optimizer.status import Status
from tests.docs.pages import DOCS, plan_names, written_pages
from tests.house.source import ROOT

GUIDES = {"en": DOCS / "guide.en.md", "zh": DOCS / "guide.zh-CN.md"}
COMMANDS = {
    line
    for page in written_pages()
    for block in re.findall(r"```\n(.*?)```", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    for line in block.splitlines()
    if line.startswith("planopt ") and not line.endswith("--help")
}


@pytest.mark.parametrize("language", GUIDES)
@pytest.mark.parametrize("status", Status)
def test_a_status_stands_with_its_sentence_and_exit_code(language, status):
    sentence = {"en": status.sentence_en, "zh": status.sentence_zh}[language]
    row = f"| `{status}` | {sentence} | {exit_code(status).value} |"
    assert row in GUIDES[language].read_text(encoding="utf-8")


def test_grades_stand_with_their_meaning():
    text = {language: page.read_text(encoding="utf-8") for language, page in GUIDES.items()}
    assert all(f"| {grade} | {meaning.en} |" in text["en"] for grade, meaning in GRADES.items())
    assert all(f"| {grade} | {meaning.zh} |" in text["zh"] for grade, meaning in GRADES.items())


def test_both_languages_say_the_same():
    pairs = [(page, page.with_name(page.name.replace(".en.", ".zh-CN."))) for page in sorted(DOCS.glob("*.en.md"))]
    assert (GUIDES["en"], GUIDES["zh"]) in pairs
    for pair in (*pairs, (ROOT / "README.md", ROOT / "README.zh-CN.md")):
        english, chinese = (page.read_text(encoding="utf-8") for page in pair)
        commands = [re.findall(r"^(?:planopt|python) .*$", text, flags=re.MULTILINE) for text in (english, chinese)]
        assert commands[0] == commands[1]
        headings = [re.findall(r"^#+ ", text, flags=re.MULTILINE) for text in (english, chinese)]
        assert headings[0] == headings[1]


@pytest.mark.parametrize("line", sorted(COMMANDS))
def test_a_command_in_a_page_is_understood(line):
    understand(line)


@pytest.mark.parametrize("line", ["planopt solve --scenari x", "planopt solve --foresight none", "planopt trace"])
def test_a_planted_command_is_not(line):
    with pytest.raises(Exception, match=r"option|not one of|Missing"):
        understand(line)


def test_commands_use_names_of_the_default_plan():
    settings = {word for line in COMMANDS for word in re.findall(r"[\s\"](\w+=[a-z]\w*|\w+)(?==|[\s\"]|$)", line)}
    used = {name for setting in settings for name in setting.split("=") if "_" in name}
    assert {"energy_intensity", "p16_methanol", "fixed_investment"} <= used <= plan_names() | set(get_args(Foresight))


def understand(line: str) -> None:
    """Reads the command line as the program would, and runs nothing."""
    _, verb, *arguments = shlex.split(line)
    get_command(cli.app).commands[verb].make_context(verb, arguments)
