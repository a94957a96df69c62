"""What a question changes of its scenario is told with every answer."""

from dataclasses import replace

import pytest

from model_data import default_plan_path, load_plan
from optimizer import Status, load_scenario, make_program
from optimizer.documents.questions import question_document
from optimizer.words.departures import departures
from optimizer.words.headline import title
from optimizer.words.language import Language
from tests.plan_builder import Builder

PLAN = load_plan(default_plan_path())
FIGURE = {"table": "budget_figures", "budget": "fixed_investment", "parameter": "base", "value": 55}


def told(language, plan, scenario, **changes):
    return departures(plan, load_scenario(plan, scenario, changes), language)


@pytest.mark.parametrize(
    ("changes", "english", "chinese"),
    [
        (
            {"budgets": {"fixed_investment": {"total": 500}}},
            "Fixed investment of the whole city: 500 亿元 over the plan",
            "全社会固定资产投资：规划期合计 500 亿元",
        ),
        (
            {"budgets": {"modelled_investment": {"factor": 1.1, "by_year": {2007: 0.5}}}},
            "Modelled investment: +10%, 2007 -50%",
            "模型内投资：+10%, 2007 -50%",
        ),
        (
            {"indicators": {"energy_intensity": {"target": -22}}},
            "Energy per GDP, decline over the plan: target -22%",
            "万元GDP综合能耗期末下降：目标值 -22%",
        ),
        (
            {"indicators": {"industry_growth": {"standing": "goal", "weight": 2}}},
            "Growth of industrial value added a year: goal, weight 2",
            "工业增加值年均增长：力争, 权重 2",
        ),
        (
            {"projects": {"p16_methanol": {"earliest_year": 2011}}},
            "Methanol 150 kt: in service from 2011 at the earliest",
            "15万吨甲醇：最早 2011 年投产",
        ),
        ({"switches": {"electricity_accounting": "calorific"}}, "accounting: Calorific value", "核算方式：当量值"),
        ({"whole_projects": True}, "whole projects", "项目整体建设"),
        ({"foresight": "single_year", "target_year": 2008}, "one target year 2008", "只优化目标年 2008"),
        (
            {"objective": [{"sense": "minimise", "terms": [{"quantity": "energy", "weight": 2.0}]}]},
            "objective: least 2 × Energy consumption",
            "目标函数：2 × 综合能源消费最小",
        ),
        (
            {"figures": [FIGURE]},
            "Budget figures, Fixed investment of the whole city, base-year amount = 55 亿元 (was 62 亿元)",
            "预算数额，全社会固定资产投资，基年数额 = 55 亿元 (原 62 亿元)",
        ),
    ],
)
def test_a_change_is_told_in_both_languages(changes, english, chinese):
    assert told(Language.EN, PLAN, "required_only", **changes) == (english,)
    assert told(Language.ZH, PLAN, "required_only", **changes) == (chinese,)


@pytest.mark.parametrize("scenario", sorted(PLAN.scenarios))
def test_a_scenario_as_stated_changes_nothing(scenario):
    assert told(Language.EN, PLAN, scenario) == ()


def test_only_what_is_new_is_told_of_a_scenario_that_changes_figures_itself():
    b = Builder().activity("shop", base_capacity=100, base_output=10).account("outlay")
    b.amount("shop", "adds", "outlay", 1, low=0, high=9)
    row = {"table": "amounts", "activity": "shop", "vector": "operate", "flow": "outlay", "direction": "adds"}
    plan = b.scenario("maximise", "outlay", figures=[{**row, "value": 2}]).plan()
    assert told(Language.EN, plan, "base") == ()
    (new,) = told(Language.EN, plan, "base", figures=[{**row, "value": 3}])
    assert new.endswith("= 3 元/t (was 1 元/t)")


def test_every_title_carries_the_changes():
    instance, _ = make_program(PLAN, load_scenario(PLAN, "required_only"))
    assert title(instance, Language.EN).endswith("(required_only)")
    changed = load_scenario(PLAN, "required_only", {"budgets": {"fixed_investment": {"total": 500}}})
    line = title(replace(instance, scenario=changed), Language.EN).splitlines()[-1]
    assert line == "Changed here: Fixed investment of the whole city: 500 亿元 over the plan"


def test_a_document_names_the_version_of_the_plan_that_was_asked_about():
    changed = load_scenario(PLAN, "required_only", {"figures": [FIGURE]})
    instance, _ = make_program(PLAN, changed)
    assert instance.plan.fingerprint != PLAN.fingerprint
    document = question_document(instance, Status.OPTIMAL, Language.EN, {})
    assert document["plan"]["fingerprint"] == PLAN.fingerprint
    assert document["changed"] == [
        "Budget figures, Fixed investment of the whole city, base-year amount = 55 亿元 (was 62 亿元)"
    ]
