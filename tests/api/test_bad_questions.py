"""Questions that have no answer: refused with the place of what is wrong, in two languages; never a failure."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.api.test_errors import ANY_JSON
from tests.api.test_questions import KINDS

VALUE = {"quantity": "value_added", "sense": "maximise"}
ENERGY = {"quantity": "energy", "sense": "minimise"}
MONEY = {"what": "budget", "name": "investment"}
WHOLE = {"whole_projects": True}
MYOPIC = {"foresight": "myopic"}
FACTORY = {"table": "amounts", "activity": "factory", "vector": "build", "flow": "investment", "direction": "adds"}

BAD = [
    # names
    ("value_curve", {"moves": {"what": "budget", "name": "investmen"}}, "#/moves/name"),
    ("value_curve", {"moves": {"what": "budget", "name": "investment"}, "gap": -0.1}, "#/gap"),
    ("value_curve", {"moves": {"what": "budget", "name": "investment"}, "gap": 1}, "#/gap"),
    ("value_curve", {"moves": {"what": "target", "name": "grwth"}}, "#/moves/name"),
    ("value_curve", {"moves": {"what": "mood"}}, "#/moves"),
    ("value_curve", {"moves": MONEY | {"nam": "investment"}}, "#/moves/nam"),
    (
        "value_curve",
        {"moves": {"what": "limit", "equation": "buy_limit", "region": "hill", "name": "material"}},
        "#/moves/region",
    ),
    ("frontier", {"criteria": [VALUE, ENERGY | {"quantity": "enrgy"}]}, "#/criteria/1/quantity"),
    ("diagnosis", {"weights": [{"kind": "indicator", "name": "grwth", "weight": 2}]}, "#/weights"),
    ("diagnosis", {"untouchable": [{"kind": "mood"}]}, "#/untouchable/0/kind"),
    ("evaluation", {"through": 2006, "starts": {"new_factry": 2007}}, "#/starts/new_factry"),
    ("evaluation", {"through": 2006, "actuals": [{"quantity": "enrgy", "year": 2006, "value": 1}]}, "#/actuals"),
    ("comparison", {"before": {"scenario": "most_valu"}}, "#/before/scenario"),
    ("comparison", {"before": {"changes": {"indicators": {"grwth": {}}}}}, "#/before/changes/indicators/grwth"),
    ("sample", {"within": ["amonts"]}, "#/within"),
    ("sample", {"figures": [FACTORY | {"activity": "factry"}]}, "#/figures/0"),
    # years
    ("value_curve", {"moves": MONEY | {"years": [1999]}}, "#/moves/years"),
    ("value_curve", {"moves": {"what": "target", "name": "growth", "years": "plan"}}, "#/moves/years"),
    ("frontier", {"criteria": [VALUE, ENERGY | {"years": [1999]}]}, "#/criteria/1/years"),
    ("evaluation", {"through": 1999}, "#/through"),
    ("evaluation", {"through": 2006, "starts": {"new_factory": 1999}}, "#/starts/new_factory"),
    # numbers
    ("alternatives", {"epsilon": -0.01}, "#/epsilon"),
    ("alternatives", {"plans": 0}, "#/plans"),
    ("ledger", {"solve_again": -1}, "#/solve_again"),
    ("value_curve", {"moves": MONEY, "interval": [5, 1]}, "#/interval"),
    ("value_curve", {"moves": MONEY, "interval": [-1e6, -1e5]}, "#/interval"),
    ("frontier", {"criteria": [VALUE, ENERGY], "interval": [1e6, 2e6]}, "#/interval"),
    ("frontier", {"criteria": [VALUE | {"discount_rate": -1}, ENERGY]}, "#/criteria/0/discount_rate"),
    ("diagnosis", {"weights": [{"kind": "budget", "weight": 0}]}, "#/weights/0/weight"),
    ("sample", {"method": "sobol", "samples": 3}, "#/samples"),
    ("sample", {"figures": [FACTORY | {"low": 3, "high": 2}]}, "#/figures/0"),
    # what has no answer
    ("frontier", {"criteria": [VALUE, VALUE]}, "#/criteria/1"),
    ("frontier", {"criteria": [VALUE]}, "#/criteria"),
    ("frontier", {"criteria": [VALUE, ENERGY], "changes": WHOLE}, "#/changes/whole_projects"),
    ("value_curve", {"moves": MONEY, "changes": WHOLE}, "#/changes/whole_projects"),
    ("value_curve", {"moves": MONEY, "changes": MYOPIC}, "#/changes/foresight"),
    ("ledger", {"changes": WHOLE}, "#/changes/whole_projects"),
    ("what_if", {"method": "blocks", "changes": WHOLE}, "#/method"),
    ("what_if", {"method": "parts"}, "#/method"),
    ("diagnosis", {"changes": MYOPIC}, "#/changes/foresight"),
    ("efficient_set", {"criteria": [VALUE, ENERGY, VALUE | {"years": "last"}], "staircase": True}, "#"),
    ("efficient_set", {"criteria": [VALUE] * 6, "steps": 1000}, "#"),
]


@pytest.mark.parametrize(("kind", "question", "place"), BAD)
def test_refused_with_its_place_in_both_languages(client, kind, question, place):
    address = f"/v1/plans/tiny/{KINDS[kind]}"
    english, chinese = (client.post(address, json=question, headers={"accept-language": tag}) for tag in ("en", "zh"))
    assert (english.status_code, english.headers["content-type"]) == (422, "application/problem+json"), english.text
    assert {error["place"] for error in english.json()["errors"]} == {place}
    assert chinese.json()["errors"][0]["place"] == place
    assert all(error["detail"].isascii() for error in english.json()["errors"])
    assert all(any("\u4e00" <= c <= "\u9fff" for c in error["detail"]) for error in chinese.json()["errors"])


def test_objectives_of_nothing_are_refused(client):
    terms = [{"quantity": quantity, "weight": 0} for quantity in ("value_added", "energy")]
    nothing = {"objective": [{"terms": terms}]}
    found = client.post("/v1/plans/tiny/value-curves", json={"moves": MONEY, "changes": nothing})
    assert found.status_code == 422
    (error,) = found.json()["errors"]
    assert error["place"] == "#/changes/objective/0"
    assert "every weight is 0" in error["detail"]


@pytest.mark.parametrize("number", ["NaN", "1e999", "-Infinity"])
@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("value_curve", '{"moves": {"what": "budget", "name": "investment"}, "interval": [%s, 1]}'),
        ("alternatives", '{"epsilon": %s}'),
        ("frontier", '{"criteria": [{"quantity": "energy", "sense": "minimise", "discount_rate": %s}]}'),
        ("diagnosis", '{"weights": [{"kind": "budget", "weight": %s}]}'),
        ("evaluation", '{"through": 2006, "actuals": [{"quantity": "energy", "year": 2006, "value": %s}]}'),
        ("sample", '{"figures": [{"table": "amounts", "low": %s}]}'),
    ],
)
def test_numbers_that_are_none_are_refused(client, kind, body, number):
    address = f"/v1/plans/tiny/{KINDS[kind]}"
    response = client.post(address, content=body % number, headers={"content-type": "application/json"})
    assert response.status_code == 422
    assert response.json()["errors"]


def test_long_lists_are_refused(client):
    row = {"quantity": "energy", "year": 2006, "value": 1}
    long = {"actuals": [row] * 10_001, "through": 2006}
    response = client.post("/v1/plans/tiny/evaluations", json=long)
    assert (response.status_code, response.json()["errors"][0]["place"]) == (422, "#/actuals")


NUMBERS = st.floats(allow_nan=False, allow_infinity=False) | st.sampled_from([0.0, -1.0, 1.0, 5.0, 1e-300, 1e15])
YEARS = st.sampled_from(["each", "last", "plan", None]) | st.lists(st.integers(2004, 2010), max_size=3)
WORDS = st.sampled_from(["value_added", "energy", "investment", "growth", "energy_intensity", "new_factory", "?"])
CRITERION = st.fixed_dictionaries(
    {"quantity": WORDS, "sense": st.sampled_from(["maximise", "minimise"]), "years": YEARS}
)
OWN = {
    "value_curve": {
        "moves": st.fixed_dictionaries({"what": st.sampled_from(["budget", "target"]), "name": WORDS, "years": YEARS}),
        "interval": st.tuples(NUMBERS | st.none(), NUMBERS | st.none()),
    },
    "frontier": {"criteria": st.lists(CRITERION, min_size=2, max_size=2), "hold_goals": st.booleans()},
    "efficient_set": {
        "criteria": st.lists(CRITERION, min_size=2, max_size=3),
        "steps": st.integers(0, 2),
        "staircase": st.booleans(),
    },
    "ledger": {"solve_again": st.integers(-1, 1)},
    "alternatives": {"epsilon": NUMBERS, "plans": st.integers(0, 3)},
    "diagnosis": {
        "weights": st.lists(
            st.fixed_dictionaries({"kind": st.sampled_from(["indicator", "budget", "project"]), "weight": NUMBERS}),
            max_size=2,
        ),
        "budgets_by_year": st.booleans(),
    },
    "evaluation": {
        "through": st.integers(2004, 2009),
        "actuals": st.lists(
            st.fixed_dictionaries({"quantity": WORDS, "year": st.integers(2005, 2009), "value": NUMBERS}), max_size=2
        ),
        "starts": st.dictionaries(WORDS, st.none() | st.integers(2004, 2010), max_size=1),
    },
    "comparison": {"most_figures": st.integers(-1, 2)},
    "publication": {},
    "sample": {"samples": st.integers(0, 2), "top": st.integers(0, 1), "method": st.sampled_from(["sobol", "latin"])},
}
CHANGES = st.fixed_dictionaries(
    {},
    optional={
        "indicators": st.fixed_dictionaries({"growth": st.fixed_dictionaries({"target": NUMBERS})}),
        "budgets": st.fixed_dictionaries({"investment": st.fixed_dictionaries({"factor": NUMBERS})}),
        "whole_projects": st.booleans(),
        "foresight": st.sampled_from(["perfect", "myopic", "single_year"]),
    },
)


def asked(kind):
    """A question of the kind that is short to answer, or anything else."""
    own = st.fixed_dictionaries(OWN[kind], optional={"changes": CHANGES | ANY_JSON})
    return st.tuples(st.just(kind), own)


@given(case=st.sampled_from(sorted(OWN)).flatmap(asked))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_question_breaks_the_service(client, case):
    kind, question = case
    content = json.dumps(question | {"time_limit": 5} if isinstance(question, dict) else question)
    response = client.post(
        f"/v1/plans/tiny/{KINDS[kind]}", content=content.encode(), headers={"content-type": "application/json"}
    )
    assert response.status_code in (200, 422), response.text
    assert "NaN" not in response.text
    assert "Infinity" not in response.text
