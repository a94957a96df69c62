"""Budgets by year, over the plan, carried over, as shares. Optima derived on paper."""

import pytest

from tests.plan_builder import Builder


def spending(**budget: object) -> Builder:
    """Outlays of 1 a unit made, at most 100 a year; a budget "all" limits them. The objective is outlay."""
    b = Builder(last=2008).activity("shop", base_capacity=100, base_output=10).account("outlay")
    b.amount("shop", "adds", "outlay", 1).scenario("maximise", "outlay")
    return b.budget("all", "outlay", **budget)


def by_year(b: Builder) -> list[float]:
    return b.solve().table("quantities").query("quantity == 'outlay' and year > 2005")["value"].tolist()


def test_by_year():
    assert by_year(spending(limit={2006: 5, 2007: 7, 2008: 9})) == pytest.approx([5, 7, 9])


def test_a_year_without_limit_is_free():
    assert spending(limit={2006: 5}).optimum() == pytest.approx(5 + 100 + 100)


def test_over_the_plan():
    assert spending(limit=30).optimum() == pytest.approx(30)


def test_both():
    # 5 and 7 and 9 a year, 15 in all.
    assert spending(limit={None: 15, 2006: 5, 2007: 7, 2008: 9}).optimum() == pytest.approx(15)


def test_base_and_growth():
    # 10 in the base year, +10 %: 11, 12.1, 13.31.
    assert by_year(spending(base=10, growth=0.1)) == pytest.approx([11, 12.1, 13.31])


@pytest.mark.parametrize(("carry_over", "last"), [("no", 9), ("yes", 21)])
def test_carry_over(carry_over, last):
    # Spending of the last year alone: its own 9, or what 2006 and 2007 left as well.
    b = spending(limit={2006: 5, 2007: 7, 2008: 9}, carry_over=carry_over).scenario("maximise", "outlay", years="last")
    assert b.optimum() == pytest.approx(last)


def test_money_is_not_carried_backwards():
    b = spending(limit={2006: 5, 2007: 7, 2008: 9}, carry_over="yes").scenario("maximise", "outlay", years=[2006])
    assert b.optimum() == pytest.approx(5)


@pytest.mark.parametrize(
    ("whole", "optimum"),
    [
        ({"limit": {2006: 20, 2007: 30, 2008: 40}}, 0.25 * 90),  # each year a quarter
        ({"limit": 90}, 0.25 * 90),  # the plan a quarter
        ({"base": 10, "growth": 0.1}, 0.25 * (11 + 12.1 + 13.31)),
    ],
)
def test_a_share_of_another_budget(whole, optimum):
    # "town" is an amount of reference: it limits nothing itself. Its unit is ours: 元.
    b = spending(share=0.25)
    b.rows["budgets"][0]["of"] = "town"
    b.add("budgets", budget="town", quantity="")
    for parameter, value in whole.items():
        for year, number in value.items() if isinstance(value, dict) else [(None, value)]:
            unit = "1" if parameter == "growth" else "元"
            b.add("budget_figures", budget="town", parameter=parameter, year=year, value=number, unit=unit)
    assert b.optimum() == pytest.approx(optimum)


def test_a_share_of_a_budget_in_a_larger_unit():
    # The whole stands in 万元: a quarter of 0.004 万元 = 40 元 a year is 10 元.
    b = spending(share=0.25)
    b.rows["budgets"][0]["of"] = "town"
    b.add("budgets", budget="town", quantity="")
    b.add("budget_figures", budget="town", parameter="base", value=0.004, unit="万元")
    assert by_year(b) == pytest.approx([10, 10, 10])


def test_a_share_by_year():
    # A quarter in general, half in 2008.
    b = spending(share={None: 0.25, 2008: 0.5})
    b.rows["budgets"][0]["of"] = "town"
    b.add("budgets", budget="town", quantity="")
    b.add("budget_figures", budget="town", parameter="base", value=40, unit="元")
    assert by_year(b) == pytest.approx([10, 10, 20])


def test_closing_years_repeat_the_last():
    # Two closing years count in the objective where the term names no years: 5 + 7 + 9 + 9 + 9.
    b = spending(limit={2006: 5, 2007: 7, 2008: 9})
    b.settings["closing_years"] = 2
    del b.scenarios["base"]["objective"][0]["terms"][0]["years"]
    assert b.optimum() == pytest.approx(39)
    # A budget over the plan leaves them out: 15 in all of it, and 9 each after it.
    b = spending(limit={None: 15, 2006: 5, 2007: 7, 2008: 9})
    b.settings["closing_years"] = 2
    del b.scenarios["base"]["objective"][0]["terms"][0]["years"]
    assert b.optimum() == pytest.approx(15 + 18)


def test_growth_in_closing_years_stands_still():
    # The limit of 2008 is repeated, not grown on.
    b = spending(base=10, growth=0.1)
    b.settings["closing_years"] = 1
    del b.scenarios["base"]["objective"][0]["terms"][0]["years"]
    assert b.optimum() == pytest.approx(11 + 12.1 + 13.31 + 13.31)


@pytest.mark.parametrize(
    ("budget", "total", "expected"),
    [
        ({"limit": {2006: 5, 2007: 7, 2008: 9}}, 42, [10, 14, 18]),  # twice the 21 that are stated
        ({"base": 10, "growth": 0.5}, 47.5, [10, 15, 22.5]),  # 15 + 22.5 + 33.75 = 71.25, times 2/3
        ({"limit": {2006: 0, 2007: 0, 2008: 0}}, 30, [10, 10, 10]),  # nothing has no proportions: equal parts
        ({"limit": {2006: 5, 2008: 15}}, 40, [10, 100, 30]),  # 2007 stays without limit
    ],
)
def test_a_total_over_the_plan_keeps_the_proportions_of_its_years(budget, total, expected):
    b = spending(**budget).scenario("maximise", "outlay", budgets={"all": {"total": total}})
    assert by_year(b) == pytest.approx(expected)


def test_a_total_replaces_a_limit_over_the_plan_and_its_shares_follow():
    b = spending(share=0.25)
    b.rows["budgets"][0]["of"] = "town"
    b.add("budgets", budget="town", quantity="")
    b.add("budget_figures", budget="town", parameter="limit", value=90, unit="元")
    assert b.scenario("maximise", "outlay", budgets={"town": {"total": 60}}).optimum() == pytest.approx(15)


def test_a_total_of_one_target_year_is_still_that_of_the_plan():
    # Of 42 the years take 10, 14 and 18, whichever of them are solved.
    b = spending(limit={2006: 5, 2007: 7, 2008: 9}).scenario(
        "maximise", "outlay", budgets={"all": {"total": 42}}, foresight="single_year", target_year=2008
    )
    assert b.optimum() == pytest.approx(18)
