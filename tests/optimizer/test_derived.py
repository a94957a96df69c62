"""What is kept by tables: found once for plans that share them, anew where one of them is another."""

import gc
import weakref

from optimizer.derived import kept_by
from tests.specimen import specimen


def finder():
    """A function kept by one table, and the plans that it was asked of."""
    asked = []

    @kept_by("budget_figures")
    def total(plan):
        asked.append(plan)
        return float(plan.table("budget_figures")["value"].sum())

    return total, asked


def budget(plan, value):
    return plan.with_value_at("budget_figures", 0, value)


def test_plans_that_share_the_table_share_what_is_found():
    plan, (total, asked) = specimen().plan(), finder()
    other = plan.with_value_at("activity_figures", 0, 4321.0)
    assert other.fingerprint != plan.fingerprint
    assert total(plan) == total(other) == total(plan)
    assert asked == [plan]


def test_another_table_is_looked_at_anew():
    plan, (total, asked) = specimen().plan(), finder()
    before, changed = total(plan), budget(plan, 12345.0)
    assert total(changed) != before
    assert total(changed) == float(changed.table("budget_figures")["value"].sum())
    assert total(plan) == before
    assert len(asked) == 2
    # Equal, but read from files once more: other tables.
    total(specimen().plan())
    assert len(asked) == 3


def test_few_are_kept():
    plan, (total, asked) = specimen().plan(), finder()
    gone = weakref.ref(plan.held("budget_figures"))
    total(plan)
    asked.clear()
    del plan
    for value in range(10):
        total(budget(specimen().plan(), float(value + 1)))
        asked.clear()
    gc.collect()
    assert gone() is None
