"""Batches put together from plain values: the same questions as read one by one, and each axis checked once."""

import json

import pytest

from api.errors import InvalidRequestError
from api.questions.registry import read_question, scenario_of
from api.runs import expand
from api.runs.expand import cases
from api.runs.schemas import NewBatch
from model_data import load_plan
from optimizer import load_scenario
from optimizer.words.language import Language
from tests.house.source import ROOT

LIMIT = {"table": "budget_figures", "budget": "investment", "parameter": "limit", "year": 2007}
OWN = {"figures": [LIMIT | {"year": 2006, "value": 12}], "budgets": {"investment": {"by_year": {"2007": 1.5}}}}
VARIANTS = {
    "plain": {},
    "more": {"budgets": {"investment": {"factor": 2}}, "indicators": {"growth": {"target": 6}}},
    "less": {"figures": [LIMIT | {"year": 2008, "value": 18}], "whole_projects": False},
}


@pytest.fixture(scope="module")
def plan():
    return load_plan(ROOT / "tests" / "plans" / "tiny")


def expanded(plan, asked):
    body = NewBatch.model_validate({"plan": "tiny", "cases": asked})
    return json.loads(json.dumps(cases(plan, body, Language.EN)))  # as the store has them


def grid(variants=VARIANTS, **keys):
    return {"kind": "grid", "variants": [{"name": n, "changes": c} for n, c in variants.items()]} | keys


def test_a_case_of_a_grid_is_the_scenario_with_all_its_changes(plan):
    asked = grid(scenarios=["most_value", "less_money"], foresight=["perfect", "single_year"], changes=OWN)
    found = expanded(plan, asked)
    assert len(found) == 2 * 3 * (1 + 3)
    for one in found:
        head = one["case"]
        own = {"foresight": head["foresight"]} | ({"target_year": head["target_year"]} if head["target_year"] else {})
        merged = expand._merged(OWN, VARIANTS[head["variant"]], own)
        expected = load_scenario(plan, head["scenario"], json.loads(json.dumps(merged)))
        assert scenario_of(plan, read_question(one["question"])) == expected


def test_what_is_put_together_is_what_reading_gives(plan):
    samples = {"kind": "samples", "samples": 3, "changes": OWN, "figures": [LIMIT | {"low": 10, "high": 30}]}
    for one in [*expanded(plan, grid(changes=OWN, time_limit=5)), *expanded(plan, samples | {"time_limit": 2.5})]:
        question = read_question(one["question"])
        assert question.model_dump(mode="json", exclude_unset=True) == one["question"]
        assert scenario_of(plan, question).figures[0] == OWN["figures"][0]  # what is made in every case


@pytest.mark.parametrize(
    ("bad", "good"),
    [
        ({"budgets": {"nobody": {"factor": 1}}}, {"budgets": {"investment": {"factor": 1}}}),
        ({"objective": [{"terms": [{"quantity": "energy", "weight": 0}]}]},
         {"objective": [{"terms": [{"quantity": "energy", "weight": 1}]}]}),
        ({"indicators": {"growth": {"years": [1999]}}}, {"indicators": {"growth": {"years": [2007]}}}),
    ],
)  # fmt: skip
def test_a_variant_is_checked_by_its_form_and_none_is_missed(plan, monkeypatch, bad, good):
    checked = []
    real = expand.scenario_of
    monkeypatch.setattr(expand, "scenario_of", lambda *asked: checked.append(asked) or real(*asked))
    many = {f"{k}": {"budgets": {"investment": {"factor": 1 + k / 1000}}} for k in range(500)}
    assert len(expanded(plan, grid(many, years=[2006]))) == 500
    assert len(checked) == 2  # the first, and the one form of the others
    with pytest.raises(InvalidRequestError) as refused:
        expanded(plan, grid(many | {"good": good, "bad": bad}, years=[2006]))
    assert len(refused.value.faults) == 1
