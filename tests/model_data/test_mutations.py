"""A plan with one thing broken is refused: with the table, the row, the column, and what would be right."""

import csv
import functools
import importlib
import pkgutil
import re

import pytest

import model_data
from model_data import DataError, default_plan_path, load_plan
from model_data.problems import Rule
from model_data.schema import SCENARIO_KEYS, SETTINGS, TABLES
from model_data.units import is_unit
from tests.model_data.editing import Folder
from tests.model_data.mutations import MUTATIONS
from tests.model_data.paths import TINY

PLANS = {"tiny": TINY, "default": default_plan_path()}
ELSEWHERE = {  # rules that no change to a folder breaks, and the test that breaks them
    "no_plan": "test_plan",
    "too_big": "test_workbook",
    **dict.fromkeys(
        ("not_a_workbook", "macro", "external_link", "merged_cells", "hidden_cells", "hidden_sheet", "unknown_sheet",
         "double_sheet", "missing_sheet", "formula", "date", "error_value", "beyond_table"), "test_workbook",
    ),
    **dict.fromkeys(
        ("not_a_zip", "unsafe_path", "no_plain_file", "file_twice", "damaged", "encrypted"), "test_archive",
    ),
}  # fmt: skip


QUOTED = re.compile(r"“[^”]*”|'[^']*'|\"[^\"]*\"")
LATIN, NUMBER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*"), re.compile(r"[0-9.]+e[+-]?[0-9]+")
# What has no Chinese name; what may stand in a column of years; what a name may look like.
LATIN_NAMES = {"CSV", "Excel", "GBK", "TOML", "UTF", "U", "each", "last"}
LATIN_NAMES |= {"new_name", "first_name", "second_name", "a_name"}
SENTENCE = re.compile(r'"[^"\n]* [^"\n]*"|#.*')  # of a file in TOML
THE_READERS_WORDS = {"broken_toml", "broken_csv"}  # rules that repeat what the reader of the file says


@pytest.fixture(scope="session")
def refusal(tmp_path_factory):
    """By plan and mutation: where the problem was expected, and all problems of the broken plan."""

    @functools.cache
    def refuse(plan, name):
        folder = Folder(PLANS[plan], tmp_path_factory.mktemp(name) / "plan")
        expected = MUTATIONS[name](folder)
        with pytest.raises(DataError) as caught:
            load_plan(folder.path)
        return expected, caught.value

    return refuse


def rules():
    """Every rule that a module of the package declares."""
    names = [module.name for module in pkgutil.walk_packages(model_data.__path__, "model_data.")]
    found = (value for name in names for value in vars(importlib.import_module(name)).values())
    return {rule.code: rule for rule in found if isinstance(rule, Rule)}


def test_there_are_many():
    assert len(MUTATIONS) >= 60


@pytest.mark.parametrize("plan", PLANS)
def test_what_is_broken_was_sound_before(plan):
    assert load_plan(PLANS[plan]).settings.plan


@pytest.mark.parametrize("name", MUTATIONS)
@pytest.mark.parametrize("plan", PLANS)
def test_mutation_is_refused_with_place_and_remedy(plan, name, refusal):
    expected, error = refusal(plan, name)
    problems = error.problems
    there = [p for p in problems if (p.table, p.row, p.column) == (expected.table, expected.row, expected.column)]
    assert there, f"expected {expected}; found\n{error}"
    assert all(p.message_en and p.message_zh and p.remedy_en and p.remedy_zh for p in problems)
    assert any(expected.right in p.remedy_en for p in there), [p.remedy_en for p in there]
    assert str(there[0]) in str(error)


def names_in(folder):
    """Every cell as a whole, since a plan has sentences, too; names of files, settings, tables, columns and choices."""
    found = {setting.name for setting in SETTINGS} | set(SCENARIO_KEYS)
    for path in folder.rglob("*"):
        found |= {path.stem, path.suffix.removeprefix(".")}
    for path in folder.rglob("*.toml"):
        text = path.read_text(encoding="utf-8", errors="replace")
        found |= set(LATIN.findall(SENTENCE.sub("", text)))
    for path in folder.rglob("*.csv"):
        with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
            found |= {cell for row in csv.reader(file) for text in row for cell in text.split(";")}
    for table in TABLES:
        found |= {table.name, *(name for column in table.columns for name in (column.name, *column.choices))}
    return found


@pytest.mark.parametrize("name", MUTATIONS)
def test_a_chinese_problem_has_no_english_in_it(name, refusal, tmp_path):
    """But for names, units, and what it quotes."""
    folder = Folder(TINY, tmp_path / "plan")
    MUTATIONS[name](folder)
    known = names_in(folder.path) | LATIN_NAMES
    said = [
        NUMBER.sub("", QUOTED.sub("", text))
        for problem in refusal("tiny", name)[1].problems if problem.rule not in THE_READERS_WORDS
        for text in (problem.message_zh, problem.remedy_zh)
    ]  # fmt: skip
    words = [(word, text) for text in said for word in LATIN.findall(text)]
    assert [(word, text) for word, text in words if word not in known and not is_unit(word)] == []
    assert not any("row " in problem.place_zh for problem in refusal("tiny", name)[1].problems)


def test_every_rule_is_broken_by_some_mutation(refusal):
    broken = {problem.rule for name in MUTATIONS for problem in refusal("tiny", name)[1].problems}
    assert set(rules()) - broken == set(ELSEWHERE)
