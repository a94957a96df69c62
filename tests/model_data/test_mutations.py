"""A plan with one thing broken is refused: with the table, the row, the column, and what would be right."""

import functools
import importlib
import pkgutil

import pytest

import model_data
from model_data import DataError, default_plan_path, load_plan
from model_data.problems import Rule
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


def test_every_rule_is_broken_by_some_mutation(refusal):
    broken = {problem.rule for name in MUTATIONS for problem in refusal("tiny", name)[1].problems}
    assert set(rules()) - broken == set(ELSEWHERE)
