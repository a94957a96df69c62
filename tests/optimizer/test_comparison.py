"""Comparison of answers: effects derived on paper, parts that add up, questions that lie between no plans."""

import pytest

from optimizer import compare
from optimizer.questions import QuestionError
from optimizer.words.comparison import comparison_report
from optimizer.words.language import Language
from tests.plan_builder import Builder

DEARER = {
    "figures": [
        {"table": "amounts", "activity": "cloth", "vector": "operate", "flow": "worth", "direction": "adds", "value": 3}
    ]
}
RICHER = {"budgets": {"purse": {"factor": 2.0}}}
DEMANDING = {"indicators": {"enough": {"standing": "required"}}}


def weavers(last: int = 2006) -> Builder:
    """100 元 of money build looms at 1 元 a t; a t of cloth is worth 1; a monitored target of 150 元 of worth."""
    b = Builder(last=last)
    b.settings["investment_account"] = "money"
    b.activity("cloth", earliest_build=2006).account("money").account("worth")
    b.amount("cloth", "adds", "money", 1, vector="build").amount("cloth", "adds", "worth", 1)
    b.budget("purse", "money", limit=100).indicator("enough", "level", "worth", ">=", 150, standing="monitored")
    return b.scenario("maximise", "worth")


def effects(comparison) -> dict[str, float]:
    return dict(zip(comparison.parts["kind"], comparison.parts["effect"], strict=True))


def test_effects_are_means_over_both_orders():
    # z = money · worth: 100 · 1 -> 200 · 3. Worth first: 200, then 300; money first: 100, then 400.
    found = compare(weavers().solve(), weavers().solve(changes=DEARER | RICHER))
    assert found.difference == pytest.approx(500)
    assert effects(found) == {"figure": pytest.approx((200 + 400) / 2), "budget": pytest.approx((300 + 100) / 2)}
    worth = found.parts.set_index("kind").loc["figure"]
    assert (worth["effect_forwards"], worth["effect_backwards"]) == (pytest.approx(200), pytest.approx(400))
    assert (worth["before"], worth["after"]) == ("1 元/t", "3 元/t")


def test_parts_add_up_and_change_sign_when_read_from_the_other_side():
    a, b = weavers().solve(), weavers().solve(changes=DEARER | RICHER | DEMANDING)
    there, back = compare(a, b), compare(b, a)
    assert there.parts["effect"].sum() == pytest.approx(there.difference, rel=1e-12)
    assert effects(there) == {kind: pytest.approx(-effect, abs=1e-6) for kind, effect in effects(back).items()}


def test_the_shortfall_of_goals_is_attributed_too():
    # 150 asked as a goal of 100 is missed by a third; twice the money meets it. The goal first adds 1/3, and
    # the money takes it off; the other way round nothing is missed at any time.
    goal = {"indicators": {"enough": {"standing": "goal"}}}
    found = compare(weavers().solve(), weavers().solve(changes=RICHER | goal))
    assert found.goals == (pytest.approx(0), pytest.approx(0, abs=1e-9))
    goals = dict(zip(found.parts["kind"], found.parts["goals"], strict=True))
    assert goals == {"indicator": pytest.approx(1 / 6), "budget": pytest.approx(-1 / 6)}
    missed = compare(weavers().solve(changes=goal), weavers().solve(changes=RICHER | goal))
    assert missed.goals == (pytest.approx(1 / 3), pytest.approx(0, abs=1e-9))


def test_changes_with_no_plan_between_them_share_one_effect():
    # 150 demanded of 100 is infeasible: the target and the money that makes it possible cannot be told apart.
    found = compare(weavers().solve(), weavers().solve(changes=RICHER | DEMANDING))
    assert found.parts["part"].tolist() == [1, 1]
    assert found.parts["effect"].tolist()[0] == pytest.approx(100)
    assert found.parts["effect"].isna().tolist() == [False, True]
    assert "enough" in found.parts["note"][0]


def test_tables_side_by_side():
    found = compare(weavers().solve(), weavers().solve(changes=RICHER))
    worth = found.quantities.query("quantity == 'worth' and year == 2006").iloc[0]
    assert (worth["before"], worth["after"], worth["difference"]) == (*map(pytest.approx, (100, 200, 100)),)
    money = found.investment.iloc[0]
    assert (money["industry"], money["difference"]) == ("works", pytest.approx(100))
    target = found.indicators.iloc[0]
    assert (target["met_before"], target["met_after"], target["difference"]) == ("no", "yes", pytest.approx(100))


def test_a_project_that_only_one_answer_has():
    b = weavers().project("mill", "cloth", size=10, earliest_year=2006)
    without = b.solve(changes={"projects": {"mill": {"standing": "outside"}}})
    found = compare(without, b.solve()).projects
    assert found["project"].tolist() == ["mill"]
    assert found["before"].isna().all()  # an answer without any project says nothing of shares
    assert effects(compare(without, b.solve())) == {"project": pytest.approx(0, abs=1e-6)}


def test_without_two_optima_nothing_is_attributed():
    found = compare(weavers().solve(), weavers().solve(changes=DEMANDING))
    assert found.difference is None
    assert found.parts["kind"].tolist() == ["indicator"]
    assert found.parts["effect"].isna().all()
    assert found.indicators["reached_after"].isna().all()
    assert found.quantities["after"].isna().all()


def test_plans_with_other_rows_are_one_change():
    found = compare(weavers().solve(), weavers(last=2007).solve())
    assert effects(found) == {"plan": pytest.approx(100)}  # looms of 2006, 100 元 in all, weave twice


def test_a_figure_of_all_years_beside_one_of_a_year():
    # In 2007 looms weave half as much: twice the money makes 100 + 50 元 more.
    def halved() -> Builder:
        return weavers(last=2007).activity("cloth", utilisation={2007: 0.5})

    found = compare(halved().solve(), halved().solve(changes=RICHER))
    assert effects(found) == {"budget": pytest.approx(150)}


def test_many_figures_go_by_table():
    figures = [*DEARER["figures"], {"table": "budget_figures", "budget": "purse", "parameter": "limit", "value": 200}]
    found = compare(weavers().solve(), weavers().solve(changes={"figures": figures}), most_figures=1)
    assert found.parts["kind"].tolist() == ["figures", "figures"]
    assert found.parts["effect"].tolist() == [pytest.approx(300), pytest.approx(200)]


def test_equal_answers_have_no_parts():
    found = compare(weavers().solve(), weavers().solve())
    assert found.difference == 0.0
    assert len(found.parts) == 0


def test_objectives_of_different_units_are_refused():
    b = weavers().quantity("cloth", measure="output")
    cloth = b.solve(changes={"objective": [{"sense": "maximise", "terms": [{"quantity": "cloth"}]}]})
    with pytest.raises(QuestionError) as refused:
        compare(b.solve(), cloth, most_figures=-1)
    assert len(refused.value.problems) == 2


def lines(a, b, language, most_figures=40):
    """What the differences come from, as it is told."""
    found = compare(a, b, most_figures=most_figures)
    return [row[0] for row in comparison_report(a, b, found, language).sections[0].rows]


def test_changes_are_told_by_names_not_by_keys():
    b = weavers(last=2007).add("switches", switch="books", option="gross", default="yes")
    b.add("switches", switch="books", option="net", name_zh="净额", name_en="Net")
    one = {"foresight": "single_year", "target_year": 2007, "switches": {"books": "net"}, "whole_projects": True}
    least = {"objective": [{"sense": "minimise", "terms": [{"quantity": "worth"}]}]}
    assert lines(b.solve(), b.solve(changes=DEARER | RICHER | one | least), Language.EN) == [
        "Amounts, Name, in operation, Name: 1 元/t → 3 元/t",
        "Name: as in the plan → +100%",
        "Accounting: as in the plan → Net",
        "Objective: most Name → least Name",
        "How years are decided: all years together → one target year 2007",
        "Whether projects can be split: shares of projects → whole projects",
    ]


def test_rows_of_figures_are_those_of_the_first_plan():
    a, b = weavers(), weavers()
    b.rows["amounts"].reverse()
    told = lines(a.solve(), b.solve(changes=DEARER), Language.ZH)
    assert told == ["投入产出系数，名称，运行，名称: 1 元/t → 3 元/t"]  # and not the amount of construction


def test_figures_by_table_are_told_by_the_name_of_the_table():
    figures = [*DEARER["figures"], {"table": "budget_figures", "budget": "purse", "parameter": "limit", "value": 200}]
    told = lines(weavers().solve(), weavers().solve(changes={"figures": figures}), Language.ZH, most_figures=1)
    assert told == ["投入产出系数: 1个数改动", "预算数额: 1个数改动"]


def test_words_of_a_glossary_change_nothing():
    a, b = (weavers().background("money", 1.0, item="rest", parameter="level") for _ in range(2))
    b.add("glossary", name="rest", name_zh="其余", name_en="The rest")
    assert len(compare(a.solve(), b.solve()).parts) == 0
