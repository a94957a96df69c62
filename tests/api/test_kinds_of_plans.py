"""Every kind of question about plans that have little of what plans have: answered, or refused with reasons.

The plans of other tests have indicators, budgets, projects and prices. These lack some of it, as the first plan that
somebody fills in does. An answer is written as tables, too, for a stored one is exported from them.
"""

import json
from contextlib import suppress
from functools import cache

import pytest

from api.errors import InvalidRequestError
from api.questions.registry import WORK, answer, read_question
from optimizer.export.tables import document_tables
from optimizer.words.language import Language
from tests.plan_builder import Builder
from tests.specimen import specimen


def bare(*regions: str) -> Builder:
    b = Builder(last=2006, regions=regions or ("here",)).activity("mill", base_capacity=1)
    return b.quantity("made", measure="output").scenario("maximise", "made")


def a_goal_alone() -> Builder:
    b = Builder().activity("mill", base_capacity=3).quantity("made", measure="output")
    return b.indicator("more", "level", "made", ">=", 9, standing="goal").scenario("minimise", "made")


def nothing_possible() -> Builder:
    b = Builder().activity("mill", base_capacity=0).quantity("made", measure="output").account("money")
    return b.budget("all", "money", limit=0).indicator("more", "level", "made", ">=", 0).scenario("maximise", "made")


def one_target_too_high() -> Builder:
    b = Builder().activity("mill", base_capacity=3).quantity("made", measure="output")
    return b.indicator("more", "level", "made", ">=", 9).scenario("maximise", "made")


def demand_beyond_supply() -> Builder:
    b = Builder(last=2006).commodity("ore", "buy", buy_limit=7).background("ore", 10).account("cost")
    b.activity("mill", base_capacity=1).quantity("made", measure="output")
    return b.scenario("minimise", "cost")


def stock_beyond_supply() -> Builder:
    b = Builder(last=2006).commodity("ore", "buy", "storable", buy_limit=7, stock_limit=50, initial_stock=1)
    b.commodity("ore", final_stock=20).activity("mill", base_capacity=1).amount("mill", "uses", "ore", 1)
    b.quantity("made", measure="output").account("cost").indicator("more", "level", "made", ">=", 0.5)
    return b.scenario("maximise", "made")


def without_end() -> Builder:
    b = Builder(last=2006).activity("mill", earliest_build=2006).quantity("made", measure="output")
    return b.scenario("maximise", "made")


def whole_projects() -> Builder:
    b = Builder().activity("mine").account("money").quantity("made", measure="output")
    b.amount("mine", "adds", "money", 5, vector="build").budget("all", "money", limit=60)
    b.project("pit", "mine", size=10, earliest_year=2006).project("drift", "mine", size=4, earliest_year=2007)
    return b.scenario("maximise", "made", whole_projects=True)


# The plan, and how a what-if of its scenario ends.
PLANS = {
    "bare": (bare, "optimal"),
    "bare, two regions": (lambda: bare("here", "there"), "optimal"),
    "a goal alone": (a_goal_alone, "optimal"),
    "nothing possible": (nothing_possible, "optimal"),
    "one target too high": (one_target_too_high, "infeasible"),
    "demand beyond supply": (demand_beyond_supply, "infeasible"),
    "stock beyond supply": (stock_beyond_supply, "infeasible"),
    "without end": (without_end, "unbounded"),
    "whole projects": (whole_projects, "optimal"),
    "specimen": (specimen, "optimal"),
}
TABLES = ["indicators", "quantities", "activities", "accounts", "projects", "trade", "funds", "exchange_rates"]


@cache
def plan(name: str):
    return PLANS[name][0]().plan()


def questions(name: str):
    """At least one question of every kind; those that ask for what the plan does not have are to be refused."""
    year, last = 2006, plan(name).settings.last_year
    first, *others = plan(name).table("quantities")["quantity"]
    second = others[0] if others else first
    criteria = [
        {"quantity": first, "sense": "maximise", "years": "last"},
        {"quantity": second, "sense": "minimise", "years": "each"},
        {"quantity": first, "sense": "minimise", "years": None},
    ]
    for tables in (TABLES, ["inner_prices", "grades"]):
        yield {"kind": "what_if", "tables": tables}
    yield {"kind": "value_curve", "moves": {"what": "all_budgets"}, "interval": [-0.5, 1]}
    for budget in plan(name).table("budgets")["budget"]:
        yield {"kind": "value_curve", "moves": {"what": "budget", "name": budget, "share": True}}
    for indicator in plan(name).table("indicators")["indicator"]:
        yield {"kind": "value_curve", "moves": {"what": "target", "name": indicator}, "interval": [-1, 1]}
    yield {"kind": "frontier", "criteria": criteria[:2]}
    yield {"kind": "efficient_set", "criteria": criteria, "steps": 3}
    yield {"kind": "efficient_set", "criteria": criteria[:2], "steps": 2, "staircase": True}
    yield {"kind": "ledger", "solve_again": 1}
    yield {"kind": "alternatives", "plans": 2}
    yield {"kind": "diagnosis"}
    yield {"kind": "diagnosis", "budgets_by_year": True, "untouchable": [{"kind": "indicator"}]}
    for through in (year - 1, last):
        yield {"kind": "evaluation", "through": through}
    yield {"kind": "evaluation", "through": year, "actuals": [{"quantity": first, "year": year, "value": 50}]}
    yield {"kind": "comparison"}
    yield {"kind": "comparison", "changes": {"foresight": "myopic"}}
    yield {"kind": "publication"}
    yield {"kind": "sample", "samples": 2, "top": 1}
    figure = plan(name).table("activity_figures").query("parameter == 'utilisation'").iloc[0]
    key = {column: figure[column] for column in ("activity", "region", "parameter") if figure[column]}
    yield {"kind": "sample", "samples": 2, "figures": [{"table": "activity_figures", **key, "low": 0.5, "high": 1}]}


def test_every_kind_is_asked():
    assert {asked["kind"] for asked in questions("specimen")} == set(WORK)


@pytest.mark.parametrize("name", PLANS)
def test_every_question_is_answered_or_refused(name):
    answered = set()
    for number, asked in enumerate(questions(name)):
        language = Language.ZH if number % 2 else Language.EN
        with suppress(InvalidRequestError):
            found = answer(plan(name), read_question({**asked, "language": language}))
            answered.add(asked["kind"])
            stored = json.loads(json.dumps(found, allow_nan=False))
            assert "summary" in document_tables(stored, plan(name), language)
            if asked["kind"] == "what_if":
                assert found["status"] == PLANS[name][1]
    assert {"what_if", "diagnosis", "sample"} <= answered


def test_criteria_that_move_by_rounding_only():
    # With 0.3 of the state's money nothing is built and closed but what has to be: their ranges are 1e-17 or so.
    years = {"new": "last", "closed": "last", "income": "each"}
    criteria = [{"quantity": name, "sense": "minimise", "years": years[name]} for name in years]
    asked = {"kind": "efficient_set", "criteria": criteria, "changes": {"budgets": {"state": {"factor": 0.3}}}}
    found = answer(plan("specimen"), read_question({**asked, "steps": 3, "language": "en"}))
    assert (found["status"], len(found["payoff"])) == ("optimal", 3)
    assert found["points"]
