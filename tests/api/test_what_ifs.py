"""POST of what-ifs: the answer is that of the Python verb."""

import csv
import io
import math
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import get_args

import openpyxl
import pytest

from api.formats import XLSX, records
from api.questions.asked import Changes
from api.questions.kinds import AnswerTable, WhatIf
from api.questions.registry import FINAL
from optimizer import TABLES, Scenario, Status, load_scenario, solve
from optimizer.decomposition.method import Method


def budget(value, year=2007):
    return {"table": "budget_figures", "budget": "investment", "parameter": "limit", "year": year, "value": value}


QUESTIONS = {
    "default": {},
    "named": {"scenario": "less_money"},
    "figure": {"changes": {"figures": [budget(15)]}},
    "unit": {"changes": {"figures": [budget(150_000) | {"unit": "万元"}]}},
    "target": {"changes": {"indicators": {"energy_intensity": {"target": -5}}}},
    "standing": {"changes": {"indicators": {"energy_intensity": {"standing": "goal", "weight": 2}}}},
    "budget": {"changes": {"budgets": {"investment": {"factor": 1.1, "by_year": {"2008": 0.5}}}}},
    "project": {"changes": {"projects": {"new_factory": {"committed_year": 2008}}}},
    "outside": {"changes": {"projects": {"new_factory": {"standing": "outside"}}}},
    "whole": {"changes": {"whole_projects": True}},
    "single_year": {"changes": {"foresight": "single_year", "target_year": 2007}},
    "myopic": {"changes": {"foresight": "myopic"}},
    "objective": {
        "changes": {
            "objective": [
                {"sense": "minimise", "terms": [{"quantity": "energy", "years": "last"}]},
                {"terms": [{"quantity": "value_added", "discount_rate": 0.08}, {"quantity": "energy", "weight": -0.1}]},
            ]
        }
    },
    "infeasible": {"changes": {"indicators": {"growth": {"target": 50}}}},
}


def test_a_question_can_say_what_a_scenario_file_can():
    identity = {"scenario", "name_zh", "name_en", "shows_zh", "shows_en", "based_on"}
    assert set(Changes.model_fields) == set(Scenario.model_fields) - identity
    assert get_args(AnswerTable) == TABLES
    assert get_args(WhatIf.model_fields["method"].annotation) == tuple(Method)


def clean(value):
    """As JSON can say it."""
    return None if isinstance(value, float) and not math.isfinite(value) else value


@pytest.fixture(scope="module")
def answers(client):
    """Every question with all tables, asked once."""
    address = "/v1/plans/tiny/what-ifs"
    return {name: client.post(address, json=own | {"tables": list(TABLES)}) for name, own in QUESTIONS.items()}


@pytest.mark.parametrize("name", QUESTIONS)
def test_the_answer_is_that_of_the_verb(answers, tiny, name):
    question = QUESTIONS[name]
    scenario = load_scenario(tiny, question.get("scenario"), question.get("changes"))
    verb = solve(tiny, scenario)
    found = answers[name].json()
    assert found["status"] == verb.status
    assert found["sentence"] == verb.status.sentence_en
    assert found["objective"]["value"] == verb.objective
    assert found["effort"]["fingerprint"] == verb.solution.program.fingerprint
    values = [stage["value"] for stage in found["objective"]["stages"]]
    assert [value for value in values if value is not None] == list(verb.solution.values)
    assert list(found["tables"]) == list(TABLES)
    for table in TABLES:
        rows = [{key: clean(value) for key, value in row.items()} for row in records(verb.table(table))]
        assert [{key: row[key] for key in row if key != "text"} for row in found["tables"][table]] == rows


def test_the_questions_are_different(answers):
    programs = {name: response.json()["effort"]["fingerprint"] for name, response in answers.items()}
    # 150,000 万元 are 15 亿元.
    assert programs.pop("unit") == programs["figure"]
    assert len(set(programs.values())) == len(programs)


def test_a_change_is_worth_what_the_scenario_of_the_same_change_is(ask):
    by_scenario, by_change = ask({"scenario": "less_money"}).json(), ask({"changes": {"figures": [budget(10)]}}).json()
    assert by_scenario["objective"] == by_change["objective"]
    assert by_scenario["plan"] == by_change["plan"]
    assert by_scenario["scenario"] != by_change["scenario"]


def test_an_exchange_rate_foretells_the_next_answer(ask):
    base = ask({"scenario": "less_money", "tables": ["exchange_rates"]}).json()
    rate = next(row for row in base["tables"]["exchange_rates"] if row["index"] == ["investment", 2007])
    assert rate["bound"] == 10.0
    more = ask({"scenario": "less_money", "changes": {"figures": [budget(10.01)]}}).json()
    assert more["objective"]["value"] - base["objective"]["value"] == pytest.approx(0.01 * rate["price"], rel=1e-6)


def test_the_way_of_solving_can_be_chosen(ask):
    """By blocks the optimum is the same, and prices are not listed."""
    whole, blocks, left = (ask({"method": way} if way else {}).json() for way in ("whole", "blocks", None))
    assert blocks["objective"]["value"] == pytest.approx(whole["objective"]["value"], rel=1e-8)
    assert (bool(whole["tables"]["exchange_rates"]), blocks["tables"]["exchange_rates"]) == (True, [])
    assert "blocks" in blocks["sentence"]
    assert left["tables"] == whole["tables"]


def test_only_the_tables_asked_for_are_sent(ask):
    assert list(ask({"tables": ["grades"]}).json()["tables"]) == ["grades"]
    assert ask({"tables": []}).json()["tables"] == {}


def test_infeasible_is_an_answer_with_its_conflict_in_words(ask):
    response = ask(QUESTIONS["infeasible"])
    found = response.json()
    assert (response.status_code, found["status"], found["objective"]["value"]) == (200, "infeasible", None)
    assert found["certificate"] is None
    assert not found["conflict"]["structural"]
    asked = found["conflict"]["requirements"]
    rows = [tuple(row) for requirement in asked for row in requirement["labels"]]
    assert {row[0] for row in rows} == {"indicator", "budget_year"}
    assert any("Growth of value added" in requirement["text"] for requirement in asked)
    chinese = ask(QUESTIONS["infeasible"], **{"accept-language": "zh"}).json()["conflict"]["requirements"]
    assert any("增加值增长" in requirement["text"] for requirement in chinese)
    assert [one["labels"] for one in chinese] == [one["labels"] for one in asked]
    # Without any one of them the rest can be met: here the targets.
    changed = {"indicators": {"growth": {"target": 50, "standing": "monitored"}}}
    assert ask({"changes": changed}).json()["status"] == "optimal"


def test_an_optimum_carries_its_certificate(ask):
    certificate = ask({}).json()["certificate"]
    assert certificate["holds"]
    assert all(certificate[name] < 1e-9 for name in ("primal_violation", "dual_violation", "gap"))


def test_the_same_question_has_the_same_tag_and_is_not_solved_again(ask, monkeypatch):
    first = ask({"changes": {"foresight": "perfect"}})
    tag = first.headers["etag"]
    assert ask({"scenario": "most_value"}).headers["etag"] == tag
    assert ask({"scenario": "most_value"}).content == first.content
    monkeypatch.setattr("api.questions.work.solve", lambda *_: pytest.fail("solved again"))
    again = ask({}, **{"if-none-match": f'"other", {tag}'})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)


def test_other_questions_have_other_tags(ask, answers):
    tags = [response.headers["etag"] for response in answers.values()]
    tags += [ask({"tables": []}).headers["etag"], ask({}, plan="dynamic_input_output").headers["etag"]]
    assert len(set(tags)) == len(tags)


def test_the_same_question_is_answered_from_the_store(serve, monkeypatch):
    client = serve()
    address, question = "/v1/plans/tiny/what-ifs", {"changes": {"figures": [budget(13)]}}
    first = client.post(address, json=question)
    monkeypatch.setattr(client.app.state.pool, "ask", None)  # nobody could compute it
    again = client.post(address, json=question)
    assert (again.content, again.headers["etag"]) == (first.content, first.headers["etag"])
    limited = client.post(address, json=question | {"time_limit": 1e-9})
    assert limited.content == first.content


def test_an_answer_in_other_formats(ask, client):
    stated = ask({"tables": ["indicators"]}).json()
    response = client.post("/v1/plans/tiny/what-ifs?format=csv&table=indicators", json={"tables": ["indicators"]})
    rows = list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"))))
    assert [float(row["reached"]) for row in rows] == [row["reached"] for row in stated["tables"]["indicators"]]
    book = client.post("/v1/plans/tiny/what-ifs", json={}, headers={"accept": XLSX})
    assert (book.status_code, book.headers["content-type"]) == (200, XLSX)
    sheets = openpyxl.load_workbook(io.BytesIO(book.content)).sheetnames
    assert all(any(sheet.endswith(table) for sheet in sheets) for table in TABLES)
    assert client.post("/v1/plans/tiny/what-ifs", json={}, headers={"accept": "image/png"}).status_code == 406


def test_what_the_clock_decided_has_no_tag(ask):
    response = ask({"time_limit": 1e-9, "changes": {"figures": [budget(14.25)]}})  # not asked before
    assert response.json()["status"] == "time_limit"
    assert "etag" not in response.headers
    assert response.headers["cache-control"] == "no-store"


def test_questions_at_once_have_the_answers_that_they_have_alone(ask, tiny):
    budgets = [10.0, 12.5, 15.0, 17.5]
    questions = [{"changes": {"figures": [budget(value)]}} for value in budgets]
    with ThreadPoolExecutor(len(questions)) as pool:
        together = list(pool.map(ask, questions))
    assert [response.status_code for response in together] == [200] * len(questions)
    alone = [solve(tiny, load_scenario(tiny, None, question["changes"])) for question in questions]
    assert [response.json()["objective"]["value"] for response in together] == [answer.objective for answer in alone]
    assert [response.json()["effort"]["fingerprint"] for response in together] == [
        answer.solution.program.fingerprint for answer in alone
    ]
    assert len({answer.objective for answer in alone}) == len(budgets)


@pytest.fixture
def held(monkeypatch):
    """Solving that waits: for the second event, or until it is told to stop; the first says that it has begun."""
    begun, go_on, stopped = threading.Event(), threading.Event(), threading.Event()

    def wait(plan, scenario, limits, *_, **__):
        begun.set()
        while not go_on.wait(0.01):
            if limits.cancel.is_set():
                stopped.set()
                break
        return solve(plan, scenario)

    monkeypatch.setattr("api.questions.work.solve", wait)
    yield begun, go_on, stopped
    go_on.set()


def free_slots(client):
    response = client.get("/readyz")
    return response.json()["free_slots"] if response.status_code == 200 else 0


def test_a_full_service_refuses_and_recovers(serve, held):
    begun, go_on, _ = held
    client = serve(slots=1)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(client.post, "/v1/plans/tiny/what-ifs", json={})
        assert begun.wait(10)
        refused = client.post("/v1/plans/tiny/what-ifs", json={})
        assert (refused.status_code, refused.json()["code"]) == (503, "busy")
        assert int(refused.headers["retry-after"]) >= 1
        assert client.get("/readyz").status_code == 503
        assert client.get("/healthz").status_code == 200
        assert client.get("/v1/plans/tiny").status_code == 200
        go_on.set()
        assert first.result(20).status_code == 200
    assert client.get("/readyz").json()["free_slots"] == 1
    assert client.post("/v1/plans/tiny/what-ifs", json={}).status_code == 200


def test_the_deadline_stops_the_work_and_frees_its_slot(serve, held):
    _, _, stopped = held
    client = serve(slots=1, deadline=0.2)
    started = time.monotonic()
    response = client.post("/v1/plans/tiny/what-ifs", json={})
    assert (response.status_code, response.json()["code"]) == (504, "deadline")
    assert time.monotonic() - started < 5
    assert stopped.wait(5)
    until = time.monotonic() + 10
    while not free_slots(client) and time.monotonic() < until:
        time.sleep(0.02)
    assert free_slots(client) == 1


def test_stopping_the_service_stops_the_work(library, held):
    from fastapi.testclient import TestClient

    from api.app import create_app
    from api.settings import Settings

    begun, _, stopped = held
    app = create_app(Settings(), library)
    with ThreadPoolExecutor(1) as pool, TestClient(app, base_url="http://127.0.0.1") as client:
        asked = pool.submit(client.post, "/v1/plans/tiny/what-ifs", json={})
        assert begun.wait(10)
        app.state.pool.close()
        assert stopped.is_set()
        assert asked.result(10).status_code == 200


def test_every_status_has_its_place():
    depends_on_the_clock_or_the_solver = {Status.TIME_LIMIT, Status.CANCELLED, Status.UNCERTIFIED, Status.FAILED}
    assert set(FINAL) | depends_on_the_clock_or_the_solver == set(Status)
