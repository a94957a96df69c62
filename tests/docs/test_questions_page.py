"""The pages on questions over HTTP: both languages ask the same, and every question is one that the service takes."""

import json
import re
import shlex

import pytest

from api.questions.registry import read_question, scenario_of
from model_data import default_plan_path, load_plan
from tests.api.test_questions import KINDS
from tests.docs.pages import DOCS

PAGES = {language: (DOCS / f"questions.{language}.md").read_text(encoding="utf-8") for language in ("en", "zh-CN")}
CURLS = re.findall(r"^curl .*$", PAGES["en"], flags=re.MULTILINE)


def test_both_languages_say_the_same():
    assert re.findall(r"^curl .*$", PAGES["zh-CN"], flags=re.MULTILINE) == CURLS
    headings = [re.findall(r"^#+ ", page, flags=re.MULTILINE) for page in PAGES.values()]
    assert headings[0] == headings[1]


def test_every_kind_is_asked():
    assert {shlex.split(line)[2].rpartition("/")[2] for line in CURLS} == set(KINDS.values())


@pytest.mark.parametrize("line", CURLS)
def test_a_question_is_understood(line):
    words = shlex.split(line)
    kind = {address: kind for kind, address in KINDS.items()}[words[2].rpartition("/")[2]]
    question = read_question({"kind": kind, **json.loads(words[words.index("-d") + 1])})
    assert scenario_of(load_plan(default_plan_path()), question).scenario == question.scenario
