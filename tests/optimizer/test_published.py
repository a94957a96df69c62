"""The published plan against the optimum: violations, nearest plan, costs and gains derived on paper."""

import math

import pytest

from optimizer import load_scenario, published
from optimizer.questions import QuestionError
from tests.plan_builder import Builder

COMMITTED = {"mill": {"committed_year": 2006}, "shed": {"committed_year": 2006}}


def weavers() -> Builder:
    """100 元 of money; looms at 1 元 a t of cloth, which is worth 1 元.

    Published are a mill of 50 t for 80 元, a shed of 5 t for 40 元, and a worth of 120 元. 60 is required anyway.
    """
    b = Builder(last=2006)
    b.activity("cloth", earliest_build=2006).account("money").account("worth")
    b.amount("cloth", "adds", "money", 1, vector="build").amount("cloth", "adds", "worth", 1)
    for name, size, price in (("mill", 50, 1.6), ("shed", 5, 8)):
        b.project(name, "cloth", size=size, earliest_year=2006)
        b.add("project_amounts", project=name, flow="money", direction="adds", value=price)
    b.budget("purse", "money", limit={2006: 100})
    b.indicator("least", "level", "worth", ">=", 60).indicator("much", "level", "worth", ">=", 120, standing="goal")
    b.scenario("maximise", "worth")
    return b.scenario("maximise", "worth", "written", projects=COMMITTED, indicators={"much": {"standing": "required"}})


def asked(b: Builder, changes: dict | None = None, **options):
    plan = b.plan()
    return published(plan, load_scenario(plan, "written", changes), load_scenario(plan), **options)


def test_what_the_published_projects_violate():
    # Mill and shed take 120 of 100 元 and weave 55 of 120 t, and of the 60 required anyway. A loom more takes off
    # 1/120 and 1/60 and adds 1/100: 5 are built. Then it takes off 1/120 alone, and none is.
    found = asked(weavers()).violations.set_index("name")
    assert found.loc["much", ["before", "after", "size"]].tolist() == [120, pytest.approx(60), pytest.approx(0.5)]
    assert found.loc["purse", ["before", "after", "size"]].tolist() == [100, pytest.approx(125), pytest.approx(0.25)]
    assert found.loc["purse", "year"] == 2006
    assert len(found) == 2


def test_the_nearest_plan_gives_up_the_least():
    # Without the shed 50 + 20 t, 70 of 120; without the mill 5 + 60. The shed goes, and 120 becomes 70.
    found = asked(weavers())
    assert found.given_up["name"].tolist() == ["much", "shed"]
    assert found.given_up["after"].iloc[0] == pytest.approx(70)
    assert found.given_up["size"].tolist() == [pytest.approx(50 / 120), 1]
    assert found.nearest.objective == pytest.approx(70)
    assert found.optimum.objective == pytest.approx(100)


def test_costs_and_gains_of_each_decision():
    # The optimum has looms alone: 100. The mill leaves 50 + 20, the shed 5 + 60; 120 is out of reach. The nearest
    # plan, 70, gains 30 without the mill and nothing without the target.
    table = asked(weavers()).decisions.set_index("name")
    assert table.index.tolist() == ["much", "mill", "shed"]  # what is required anyway is no decision
    assert table["cost"].tolist() == [math.inf, pytest.approx(30), pytest.approx(35)]
    assert table["gain"].tolist() == [
        pytest.approx(0, abs=1e-4),
        pytest.approx(30, abs=1e-4),
        pytest.approx(math.nan, nan_ok=True),
    ]
    assert table.loc["much", ["published", "nearest", "optimum"]].tolist() == [
        120,
        pytest.approx(70),
        pytest.approx(100),
    ]
    assert table.loc["mill", ["published", "nearest"]].tolist() == [2006, 2006]
    assert table["optimum"].isna().tolist() == [False, True, True]
    assert math.isnan(table.loc["shed", "nearest"])


def test_a_plan_that_keeps_its_word_violates_nothing():
    # Money of 200: mill and shed and 80 t of looms.
    b = weavers()
    b.rows["budget_figures"][0]["value"] = 200
    found = asked(b)
    assert len(found.violations) == len(found.given_up) == 0
    assert (found.nearest.objective, found.optimum.objective) == (pytest.approx(135), pytest.approx(200))
    table = found.decisions.set_index("name")
    assert table["cost"].tolist() == [pytest.approx(0, abs=1e-6), pytest.approx(30), pytest.approx(35)]
    # Without the mill the money of 80 makes looms: 30 more.
    assert table["gain"].tolist() == [pytest.approx(0, abs=1e-6), pytest.approx(30), pytest.approx(35)]


def test_projects_that_nothing_makes_possible_are_named():
    # The mill needs an annex that comes after the plan.
    b = weavers().project("annex", "cloth", size=1, earliest_year=2006)
    b.add("project_amounts", project="annex", flow="money", direction="adds", value=1)
    b.rows["projects"][0]["requires"] = "annex"
    found = asked(b, {"projects": {"annex": {"earliest_year": 2008}}})
    assert found.blocked == (("project", "mill"),)
    assert len(found.violations) == 0
    assert found.given_up.query("kind == 'project'")["name"].tolist() == ["mill"]
    assert found.decisions.set_index("name").loc["mill", "cost"] == math.inf


def test_questions_without_an_answer():
    two = [{"sense": "maximise", "terms": [{"quantity": name}]} for name in ("worth", "money")]
    with pytest.raises(QuestionError) as refused:
        asked(weavers(), {"objective": two, "foresight": "myopic"})
    assert len(refused.value.problems) == 2
    b = weavers()
    b.rows["indicator_figures"][0]["value"] = 500  # required anyway, and out of reach
    with pytest.raises(QuestionError, match="no plan meets"):
        asked(b)
