"""Scenarios made by hypothesis, stated over HTTP, asked about by every kind of question at once and as runs.

Whatever they are, the service says what is wrong or answers; nothing is a defect of the server (500), and no run ends
with the problem ``internal``, which is the same of a worker.
"""

import json

import pytest
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.app import create_app
from api.plans.library import Library
from api.runs.works import Works
from api.settings import Settings
from tests.api.carrier import Hand
from tests.api.conftest import HERE, described
from tests.api.test_bad_questions import NUMBERS, OWN, WORDS, YEARS
from tests.api.test_questions import KINDS

SIZE = settings.get_profile("solving")
EXAMPLES = settings(
    max_examples=SIZE.max_examples // 2,  # of each kind: 2 by default, 30 with --full
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
YEAR = st.integers(2004, 2012)
QUANTITY = st.sampled_from(["value_added", "energy", "investment"])
FIGURES = st.fixed_dictionaries(
    {"table": st.just("budget_figures"), "budget": st.just("investment"), "parameter": st.just("limit")},
    optional={"year": YEAR, "value": NUMBERS, "unit": st.sampled_from(["亿元", "万元", "t", ""])},
) | st.fixed_dictionaries(
    {
        "table": st.sampled_from(["amounts", "activity_figures", "background"]),
        "activity": st.sampled_from(["mill", "factory"]),
        "vector": st.sampled_from(["operate", "build"]),
        "flow": st.sampled_from(["material", "value_added", "energy", "investment"]),
        "direction": st.sampled_from(["takes", "gives", "adds"]),
        "value": NUMBERS,
    }
)
TERM = st.fixed_dictionaries(
    {"quantity": QUANTITY | WORDS}, optional={"weight": NUMBERS, "discount_rate": NUMBERS, "years": YEARS}
)
STAGE = st.fixed_dictionaries(
    {"sense": st.sampled_from(["maximise", "minimise"]), "terms": st.lists(TERM, min_size=1, max_size=2)}
)
INDICATOR = st.fixed_dictionaries(
    {},
    optional={
        "standing": st.sampled_from(["required", "goal", "monitored", "outside"]),
        "target": NUMBERS,
        "years": YEARS,
        "weight": NUMBERS,
        "deflator": WORDS,
    },
)
PROJECT = st.fixed_dictionaries(
    {},
    optional={
        "standing": st.sampled_from(["modelled", "outside"]),
        "earliest_year": YEAR,
        "committed_year": YEAR,
        "released": st.booleans(),
    },
)
BUDGET = st.fixed_dictionaries(
    {},
    optional={"factor": NUMBERS, "by_year": st.dictionaries(YEAR.map(str), NUMBERS, max_size=2), "total": NUMBERS},
)
CHANGES = {
    "foresight": st.sampled_from(["perfect", "myopic", "single_year"]),
    "target_year": YEAR,
    "whole_projects": st.booleans(),
    "switches": st.dictionaries(WORDS, WORDS, max_size=1),
    "objective": st.lists(STAGE, min_size=1, max_size=2),
    "indicators": st.dictionaries(st.sampled_from(["growth", "energy_intensity"]), INDICATOR, max_size=2),
    "projects": st.dictionaries(st.just("new_factory"), PROJECT, max_size=1),
    "budgets": st.dictionaries(st.just("investment"), BUDGET, max_size=1),
    "figures": st.lists(FIGURES, max_size=2),
}
SCENARIOS = st.fixed_dictionaries(
    {"based_on": st.sampled_from(["most_value", "less_money", "most_value", "nowhere"])},
    optional={**CHANGES, "name_zh": st.text(max_size=5), "shows_en": st.text(max_size=5)},
)
QUESTIONS = OWN | {"what_if": {"tables": st.just(["indicators", "exchange_rates", "accounts", "projects"])}}


@pytest.fixture(scope="module")
def service(library):
    """Its versions nobody else sees; runs are carried out by the test."""
    plans, works = Library(list(library.values())), Works(Settings())
    with TestClient(create_app(Settings(), plans, works=works), base_url=HERE) as client:
        yield described(client), Hand(works.ledger, plans)


def test_all_kinds_are_drawn():
    assert set(QUESTIONS) == set(KINDS)


@pytest.mark.parametrize("kind", sorted(QUESTIONS))
def test_no_drawn_scenario_breaks_the_service(service, kind):
    client, hand = service

    @EXAMPLES
    @given(scenario=SCENARIOS, own=st.fixed_dictionaries(QUESTIONS[kind]))
    def ask(scenario, own):
        stated = _sent(client, "PUT", "/v1/plans/tiny/scenarios/drawn", scenario)
        assert stated.status_code in (200, 201, 422), stated.text
        if stated.status_code == 422:
            changes = {name: value for name, value in scenario.items() if name in CHANGES}
            about = {"scenario": "most_value", "changes": changes}
        else:
            about = {"scenario": "drawn"}
        question = own | about | {"time_limit": 5}
        answered = _sent(client, "POST", f"/v1/plans/tiny/{KINDS[kind]}", question)
        assert answered.status_code in (200, 422), answered.text
        _holds_numbers(answered)
        accepted = _sent(client, "POST", "/v1/runs", {"plan": "tiny", "question": {"kind": kind, **question}})
        assert accepted.status_code in (202, 422), accepted.text
        if accepted.status_code == 422:
            return
        hand.work()
        address = accepted.headers["location"]
        (task,) = client.get(f"{address}/tasks").json()["items"]
        assert task["state"] == ("succeeded" if answered.status_code == 200 else "failed"), task
        if task["state"] == "failed":
            assert task["problem"]["code"] != "internal", task
        else:
            _holds_numbers(client.get(f"{address}/result"))

    ask()


def _sent(client, method, address, body):
    content = json.dumps(body).encode()
    return client.request(method, address, content=content, headers={"content-type": "application/json"})


def _holds_numbers(response):
    assert "NaN" not in response.text
    assert "Infinity" not in response.text
