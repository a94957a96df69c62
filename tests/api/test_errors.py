"""Refusals: problem documents in two languages, everything at once, and nothing that breaks the service."""

import asyncio
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.questions.asked import Changes

WHAT_IF = "/v1/plans/tiny/what-ifs"
SECURITY = {"x-content-type-options": "nosniff", "x-frame-options": "DENY", "referrer-policy": "no-referrer"}


def faults(response):
    return {(error["place"], error["code"]) for error in response.json()["errors"]}


def test_a_problem_document_has_every_part(ask):
    response = ask({"scenari": "x"}, **{"x-request-id": "mine-1"})
    found = response.json()
    assert response.headers["content-type"] == "application/problem+json"
    assert found["type"] == "urn:planopt:problem:invalid_request"
    assert (found["status"], found["code"], found["instance"]) == (422, "invalid_request", WHAT_IF)
    assert found["request_id"] == response.headers["x-request-id"] == "mine-1"
    error = found["errors"][0]
    assert (error["place"], error["code"]) == ("#/scenari", "extra_forbidden")
    assert "scenario" in error["remedy"]


def test_everything_is_said_at_once(ask):
    response = ask(
        {
            "scenario": 7,
            "time_limit": -1,
            "tables": ["indicators", "colours"],
            "colour": "red",
            "changes": {
                "foresight": "blind",
                "target_year": 2006.5,
                "whole_projects": "perhaps",
                "switches": {"a": 1},
                "objective": [{"sense": "minimise", "terms": [{"quantity": "energy", "wieght": 2}]}],
                "indicators": {"growth": {"standing": "wish"}},
                "projects": {"new_factory": []},
                "figures": [{"table": "budget_figures"}, {"table": "x", "value": "much", "year": [1]}],
            },
        }
    )
    assert response.status_code == 422
    places = {place for place, _ in faults(response)}
    assert places == {
        "#/scenario",
        "#/time_limit",
        "#/tables/1",
        "#/colour",
        "#/changes/foresight",
        "#/changes/target_year",
        "#/changes/whole_projects",
        "#/changes/switches/a",
        "#/changes/objective/0/terms/0/wieght",
        "#/changes/indicators/growth/standing",
        "#/changes/projects/new_factory",
        "#/changes/figures/0/value",
        "#/changes/figures/1/value",
        "#/changes/figures/1/year",
    }
    misspelt = next(error for error in response.json()["errors"] if error["place"].endswith("wieght"))
    assert "weight" in misspelt["remedy"]


def test_unknown_names_in_changes_are_all_named_with_near_ones(ask):
    response = ask({"changes": {"indicators": {"growht": {"target": 3}}, "projects": {"new_factry": {}}}})
    details = " ".join(error["detail"] for error in response.json()["errors"])
    assert response.status_code == 422
    assert "'growth'" in details
    assert "'new_factory'" in details


def test_figures_that_cannot_be_changed_are_pointed_at(ask):
    known = {"table": "budget_figures", "budget": "investment", "parameter": "limit", "year": 2007, "value": 1}
    figures = [
        known,
        known | {"budget": "investmen"},
        known | {"unit": "kg"},
        known | {"table": "budgets"},
        known | {"value": -1},
    ]
    response = ask({"changes": {"figures": figures}})
    assert response.status_code == 422
    places = [error["place"] for error in response.json()["errors"]]
    assert places == [f"#/changes/figures/{number}" for number in (1, 2, 3, 4)]
    assert all(error["remedy"] for error in response.json()["errors"])


@pytest.mark.parametrize(
    ("accept", "language"),
    [
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("en-GB, zh;q=0.5", "en"),
        ("fr, zh;q=0.2", "zh"),
        ("fr", "en"),
        ("", "en"),
        ("zh;q=x, en;q=0.1", "en"),
    ],
)
def test_the_reader_chooses_the_language(client, accept, language):
    response = client.get("/v1/plans/tinny", headers={"accept-language": accept})
    assert response.headers["content-language"] == language
    assert ("没有" in response.json()["detail"]) == (language == "zh")
    assert "tiny" in response.json()["detail"]


def test_chinese_reaches_every_fault(ask):
    figure = {"table": "budget_figures", "budget": "x", "parameter": "limit", "value": 1}
    for question in (
        {"time_limit": 0, "x": 1, "tables": 3, "changes": {"objective": []}},
        {"changes": {"figures": [figure]}},
    ):
        response = ask(question, **{"accept-language": "zh"})
        assert response.json()["errors"]
        for error in response.json()["errors"]:
            assert any("\u4e00" <= letter <= "\u9fff" for letter in error["detail"]), error


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999", "-1e999"])
@pytest.mark.parametrize(
    "body",
    [
        '{"time_limit": %s}',
        '{"changes": {"indicators": {"growth": {"target": %s}}}}',
        '{"changes": {"objective": [{"terms": [{"quantity": "energy", "weight": %s}]}]}}',
        '{"changes": {"figures": [{"table": "budget_figures", "budget": "investment", "value": %s}]}}',
        '{"changes": {"figures": [{"table": "budget_figures", "budget": %s, "value": 1}]}}',
    ],
)
def test_numbers_that_are_none_are_refused(ask, body, number):
    response = ask((body % number).encode())
    assert response.status_code == 422
    assert response.json()["errors"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 422),
        (b"null", 422),
        (b"[]", 422),
        (b'"text"', 422),
        (b"17", 422),
        (b"{", 400),
        (b"{'a': 1}", 400),
        (b"\xff\xfe", 400),
        (b"[" * 100_000, 400),
        (b'{"a":' * 5000 + b"1" + b"}" * 5000, 400),
        (b"9" * 5000, 400),
        (b'{"scenario": "\\ud800"}', 422),
        (b'{"\\ud800": 1}', 422),
        (b'{"changes": {"indicators": {"\\ud800": 1}}}', 422),
        (b'{"changes": {"figures": [{"table": "flows", "value": 1, "\\ud800": "\\ud800"}]}}', 422),
        (b'{"scenario": "\\u0000"}', 422),
        (b'{"scenario": "../../settings"}', 422),
    ],
)
def test_bodies_that_are_no_question_are_refused(ask, body, status):
    response = ask(body)
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"


def test_what_was_sent_is_not_repeated(ask):
    response = ask({"time_limit": "<script>alert(1)</script>", "tables": ["<script>"]})
    assert response.status_code == 422
    assert "script" not in response.text


@pytest.mark.parametrize("value", [1e12, 1e300, -1e300])
def test_numbers_that_no_solver_takes_are_refused_and_not_a_failure(ask, value):
    response = ask({"changes": {"indicators": {"growth": {"target": value}}}})
    assert (response.status_code, response.json()["code"]) == (422, "numbers_out_of_range")


def test_a_form_is_no_json(client):
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data"):
        assert client.post(WHAT_IF, content=b"{}", headers={"content-type": kind}).status_code == 422, kind


def test_large_bodies_are_refused_announced_or_not(serve):
    client = serve(max_body=2048)
    large = json.dumps({"scenario": "x" * 3000}).encode()
    announced = client.post(WHAT_IF, content=large, headers={"content-type": "application/json"})
    in_pieces = client.post(
        WHAT_IF, content=iter([large[:1500], large[1500:]]), headers={"content-type": "application/json"}
    )
    for response in (announced, in_pieces):
        assert (response.status_code, response.json()["code"]) == (413, "body_too_large")
        assert response.headers["x-content-type-options"] == "nosniff"
    assert client.post(WHAT_IF, json={"scenario": "x" * 100}).status_code == 422


def test_an_announced_large_body_is_not_read(client):
    sent = []

    async def receive():
        pytest.fail("the body is read")

    async def send(message):
        sent.append(message)

    headers = {"host": "127.0.0.1", "content-type": "application/json", "content-length": str(2**30)}
    scope = {
        "type": "http",
        "method": "POST",
        "path": WHAT_IF,
        "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    }
    asyncio.run(client.app(scope, receive, send))
    assert sent[0]["status"] == 413


def test_addresses_and_methods_that_do_not_exist(client):
    assert client.get("/v2/plans").json()["code"] == "unknown_address"
    response = client.delete("/v1/plans")
    assert (response.status_code, response.json()["code"], response.headers["allow"]) == (
        405,
        "wrong_method",
        "GET, HEAD, POST",
    )


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "8.8.8.8", "planopt"])
def test_another_name_for_this_machine_is_refused(client, host):
    response = client.get("/v1/plans", headers={"host": host})
    assert (response.status_code, response.json()["code"]) == (421, "wrong_host")


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "localhost:9", "LOCALHOST", "[::1]:8000"])
def test_the_names_of_this_machine_are_taken(client, host):
    assert client.get("/v1/plans", headers={"host": host}).status_code == 200


@pytest.mark.parametrize("given_id", ["a b", "x" * 65, "<script>", "\u00e4"])
def test_a_request_id_that_could_do_harm_is_replaced(client, given_id):
    response = client.get("/healthz", headers={"x-request-id": given_id.encode("latin-1")})
    assert len(response.headers["x-request-id"]) == 32


def test_a_failure_says_nothing_of_the_inside(ask, monkeypatch, caplog):
    def fail(*_):
        raise RuntimeError("secret")

    monkeypatch.setattr("api.questions.work.solve", fail)
    response = ask({"changes": {"indicators": {"growth": {"target": 1.2345}}}})  # nobody has asked this before
    assert (response.status_code, response.json()["code"]) == (500, "internal")
    assert "secret" not in response.text
    assert "Traceback" not in response.text
    assert SECURITY.items() <= dict(response.headers).items()
    assert response.json()["request_id"] in caplog.text
    assert "secret" in caplog.text


def test_every_answer_has_the_security_headers(client):
    for address in ("/healthz", "/v1/plans", "/v1/plans/none", "/none", "/docs", "/openapi.json"):
        headers = client.get(address).headers
        assert SECURITY.items() <= dict(headers).items(), address
        assert "default-src 'none'" in headers["content-security-policy"]


SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
ANY_JSON = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
)
KEYS = sorted(Changes.model_fields)


@given(
    question=ANY_JSON
    | st.fixed_dictionaries({"changes": st.dictionaries(st.sampled_from(KEYS), ANY_JSON, min_size=1, max_size=3)})
)
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_body_breaks_the_service(ask, question):
    response = ask(json.dumps(question).encode())
    assert response.status_code in (200, 404, 422)


SIZES = st.floats(allow_nan=False, allow_infinity=False) | st.sampled_from([0.0, -1.0, 1e-300, 1e15, 1e16])


@given(
    growth=SIZES,
    limit=SIZES,
    weight=SIZES,
    rate=st.floats(-1.0, 1e9),
    year=st.integers(-(10**30), 10**30) | st.sampled_from([2006, 2008, 2009]),
    standing=st.sampled_from(["required", "goal", "monitored", "outside"]),
)
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_number_breaks_the_service(ask, growth, limit, weight, rate, year, standing):
    figure = {"table": "budget_figures", "budget": "investment", "parameter": "limit", "year": 2007, "value": limit}
    term = {"quantity": "value_added", "weight": weight, "discount_rate": rate}
    changes = {
        "indicators": {"growth": {"target": growth, "standing": standing}},
        "projects": {"new_factory": {"earliest_year": year}},
        "figures": [figure],
        "objective": [{"terms": [term]}],
    }
    response = ask({"changes": changes, "tables": ["indicators", "exchange_rates", "accounts"]})
    assert response.status_code in (200, 422)
    assert "NaN" not in response.text
    assert "Infinity" not in response.text
