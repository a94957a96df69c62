"""A plan with one thing broken is refused: with the table, the row, the column, and what would be right."""

import pytest

from model_data import DataError, default_plan_path, load_plan
from tests.model_data.editing import Folder
from tests.model_data.mutations import MUTATIONS
from tests.model_data.paths import TINY

PLANS = {"tiny": TINY, "default": default_plan_path()}


def test_there_are_many():
    assert len(MUTATIONS) >= 60


@pytest.mark.parametrize("plan", PLANS)
def test_what_is_broken_was_sound_before(plan):
    assert load_plan(PLANS[plan]).settings.plan


@pytest.mark.parametrize("name", MUTATIONS)
@pytest.mark.parametrize("plan", PLANS)
def test_mutation_is_refused_with_place_and_remedy(plan, name, tmp_path):
    folder = Folder(PLANS[plan], tmp_path / "plan")
    expected = MUTATIONS[name](folder)
    with pytest.raises(DataError) as caught:
        load_plan(folder.path)
    problems = caught.value.problems
    there = [p for p in problems if (p.table, p.row, p.column) == (expected.table, expected.row, expected.column)]
    assert there, f"expected {expected}; found\n{caught.value}"
    assert all(p.message_en and p.message_zh and p.remedy_en and p.remedy_zh for p in problems)
    assert any(expected.right in p.remedy_en for p in there), [p.remedy_en for p in there]
    assert str(there[0]) in str(caught.value)
