"""Runs and batches over HTTP: accepted, looked at, cancelled, watched, fetched in every format, compared."""

import csv
import io
import itertools
import json
import zipfile

import openpyxl
import pandas as pd
import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.formats import PARQUET, XLSX
from api.plans.library import Library
from api.runs.works import Works
from api.settings import Settings
from model_data.archive import write_plan_bytes
from optimizer import load_scenario, solve
from optimizer.answer import COLUMNS
from optimizer.status import Status
from tests.api.carrier import Hand
from tests.api.conftest import HERE, described

WHAT_IF = {"kind": "what_if", "scenario": "less_money", "tables": ["indicators", "quantities", "accounts", "projects"]}
LIMIT = {"table": "budget_figures", "budget": "investment", "parameter": "limit", "year": 2007}


@pytest.fixture(scope="module")
def plans(library):
    return Library(list(library.values()))


@pytest.fixture(scope="module")
def service(plans):
    """A service whose runs are carried out by the test."""
    works = Works(Settings(max_queued=400))
    app = create_app(Settings(), plans, works=works)
    with TestClient(app, base_url=HERE) as client:
        yield described(client)


@pytest.fixture(scope="module")
def hand(service, plans):
    return Hand(service.app.state.works.ledger, plans)


def ask(service, question=WHAT_IF, **headers):
    return service.post("/v1/runs", json={"plan": "tiny", "question": question}, headers=headers)


def many(service, cases, **more):
    return service.post("/v1/batches", json={"plan": "tiny", "cases": cases} | more)


def answered(service, hand, response):
    assert response.status_code == 202, response.text
    hand.work()
    return service.get(response.headers["location"]).json()


# ------------------------------------------------------------------------------------------------------ one run
def test_a_run_is_accepted_carried_out_and_fetched(service, hand, tiny):
    response = ask(service)
    run = response.json()
    assert (response.status_code, response.headers["location"]) == (202, f"/v1/runs/{run['id']}")
    assert int(response.headers["retry-after"]) >= 1
    assert (run["state"], run["kind"], run["plan"], run["fingerprint"]) == ("queued", "run", "tiny", tiny.fingerprint)
    early = service.get(f"/v1/runs/{run['id']}/result")
    assert (early.status_code, early.json()["code"], early.headers["retry-after"]) == (404, "no_result", "1")
    run = answered(service, hand, response)
    assert (run["state"], run["fraction"], run["counts"]["succeeded"]) == ("succeeded", 1.0, 1)
    assert run["links"]["cancel"] is None
    found = service.get(run["links"]["result"])
    assert found.json()["objective"]["value"] == solve(tiny, load_scenario(tiny, "less_money")).objective
    known = {"if-none-match": found.headers["etag"]}
    assert service.get(run["links"]["result"], headers=known).status_code == 304
    assert service.get(run["links"]["result"]).content == found.content


def test_every_kind_of_question_can_be_a_run(service, hand):
    kinds = [
        {"kind": "value_curve", "moves": {"what": "budget", "name": "investment"}},
        {"kind": "ledger"},
        {"kind": "diagnosis", "changes": {"indicators": {"growth": {"target": 50}}}},
    ]
    for question in kinds:
        run = answered(service, hand, ask(service, question))
        assert run["state"] == "succeeded", question
        for kind in ("json", "xlsx", "csv", "parquet.zip"):
            assert service.get(f"{run['links']['result']}?format={kind}").status_code == 200, (question, kind)


def test_a_run_can_ask_about_an_old_version_of_a_plan(service, hand, tiny):
    changed = tiny.with_figures([LIMIT | {"value": 5}])
    service.post("/v1/plans", content=write_plan_bytes(changed, "archive"), headers={"content-type": "application/zip"})
    try:
        question = {"kind": "what_if", "scenario": "most_value"}
        for version, plan in ((None, changed), (tiny.fingerprint[:8], tiny)):
            body = {"plan": "tiny", "question": question} | ({"version": version} if version else {})
            run = answered(service, hand, service.post("/v1/runs", json=body))
            assert run["fingerprint"] == plan.fingerprint
            found = service.get(run["links"]["result"]).json()
            assert found["objective"]["value"] == solve(plan, load_scenario(plan)).objective
    finally:
        service.delete(f"/v1/plans/tiny/versions/{changed.fingerprint}")


@pytest.mark.parametrize(
    ("body", "places"),
    [
        ({"plan": "tinny", "question": {"kind": "what_if"}}, {"#/plan"}),
        ({"plan": "tiny", "version": "0" * 8, "question": {"kind": "what_if"}}, {"#/version"}),
        ({"plan": "tiny", "question": {"kind": "what_if", "scenario": "most_valu"}}, {"#/question/scenario"}),
        ({"plan": "tiny", "question": {"kind": "what_if", "colour": 1}, "x": 1}, {"#/question/colour", "#/x"}),
        ({"plan": "tiny"}, {"#/question"}),
    ],
)
def test_what_cannot_be_asked_is_refused_with_its_places(service, body, places):
    response = service.post("/v1/runs", json=body)
    assert response.status_code == 422
    assert {error["place"] for error in response.json()["errors"]} == places


def test_the_same_key_is_accepted_once(service):
    first, again = (ask(service, **{"idempotency-key": "one"}) for _ in range(2))
    assert (first.status_code, again.status_code) == (202, 202)
    assert first.json()["id"] == again.json()["id"]
    other = ask(service, WHAT_IF | {"scenario": "most_value"}, **{"idempotency-key": "one"})
    assert (other.status_code, other.json()["code"]) == (422, "key_used")
    assert ask(service, **{"idempotency-key": "two"}).json()["id"] != first.json()["id"]
    assert ask(service, **{"idempotency-key": "x" * 256}).status_code == 422


def test_a_failed_run_says_why_in_the_language_of_the_reader(service, hand):
    figures = [LIMIT | {"budget": "investmen", "value": 1}]
    run = answered(service, hand, ask(service, WHAT_IF | {"changes": {"figures": figures}}))
    assert run["state"] == "failed"
    (task,) = service.get(run["links"]["tasks"], headers={"accept-language": "zh"}).json()["items"]
    assert "改动" in task["problem"]["detail"]
    assert task["problem"]["errors"][0]["place"].startswith("#/changes/figures/0")
    refused = service.get(f"/v1/runs/{run['id']}/result")
    assert (refused.status_code, refused.json()["code"]) == (404, "no_result")
    assert "retry-after" not in refused.headers


def test_cancelling_is_idempotent_and_what_is_done_stays(service, hand):
    waiting = ask(service).json()
    for method in ("delete", "post", "delete"):
        address = f"/v1/runs/{waiting['id']}" + ("/cancel" if method == "post" else "")
        assert service.request(method, address).json()["state"] == "cancelled"
    assert hand.work() == 0
    done = answered(service, hand, ask(service))
    assert service.delete(f"/v1/runs/{done['id']}").json()["state"] == "succeeded"
    assert service.get(done["links"]["result"]).status_code == 200


@pytest.mark.parametrize("address", ["", "/result", "/tasks", "/results", "/tasks/0/result", "/events"])
def test_an_unknown_run_is_unknown_everywhere(service, address):
    response = service.get(f"/v1/runs/nothing{address}")
    assert (response.status_code, response.json()["code"]) == (404, "unknown_run")


def test_runs_are_listed_by_pages_and_filters(service, hand):
    for _ in range(3):
        answered(service, hand, ask(service))
    batch = answered(service, hand, many(service, {"kind": "questions", "questions": [WHAT_IF]}))
    everything = service.get("/v1/runs?limit=1000").json()["items"]
    assert everything[0]["id"] == batch["id"]
    found, cursor = [], None
    while cursor or not found:
        page = service.get("/v1/runs", params={"limit": 2} | ({"cursor": cursor} if cursor else {})).json()
        found, cursor = found + page["items"], page["next_cursor"]
    assert [run["id"] for run in found] == [run["id"] for run in everything]
    kinds = service.get("/v1/runs?kind=batch&state=succeeded&state=partial&plan=tiny").json()["items"]
    assert {(run["kind"], run["state"]) for run in kinds} <= {("batch", "succeeded"), ("batch", "partial")}
    assert batch["id"] in [run["id"] for run in kinds]
    assert service.get("/v1/runs?plan=other").json()["items"] == []
    assert service.get("/v1/runs?state=done").status_code == 422


# ------------------------------------------------------------------------------------------------------- events
def events(service, run, **headers):
    with service.stream("GET", f"/v1/runs/{run}/events", headers=headers) as response:
        assert response.headers["content-type"].startswith("text/event-stream")
        lines = list(response.iter_lines())
    blocks = [list(block) for blank, block in itertools.groupby(lines, lambda line: not line) if not blank]
    found = [dict(line.split(": ", 1) for line in block if not line.startswith(":")) for block in blocks]
    return [(int(one["id"]), one["event"], json.loads(one["data"])) for one in found if "id" in one]


def test_events_are_told_in_order_and_resumed_where_they_were_left(service, hand):
    run = answered(service, hand, many(service, {"kind": "questions", "questions": [WHAT_IF] * 3}))
    told = events(service, run["id"])
    assert [number for number, _, _ in told] == list(range(1, len(told) + 1))
    assert (told[0][1], told[-1][1]) == ("accepted", "finished")
    assert told[-1][2]["state"] == "succeeded"
    assert events(service, run["id"], **{"last-event-id": "2"}) == told[2:]
    assert events(service, run["id"], **{"last-event-id": str(len(told) - 1)}) == told[-1:]
    for seen in (len(told), len(told) + 5):  # as browsers ask again by themselves, once the stream has ended
        assert events(service, run["id"], **{"last-event-id": str(seen)}) == []
    assert service.get(f"/v1/runs/{run['id']}/events", headers={"last-event-id": "x"}).status_code == 422


# ------------------------------------------------------------------------------------------------------ formats
@pytest.fixture(scope="module")
def finished(service, hand):
    return answered(service, hand, ask(service))


def test_a_result_in_every_format_says_the_same(service, finished):
    address = finished["links"]["result"]
    stated = service.get(address).json()["tables"]["quantities"]
    table = service.get(f"{address}?format=csv&table=quantities")
    assert table.content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(table.content.decode("utf-8-sig"))))
    assert [(row["quantity"], int(row["year"]), float(row["value"])) for row in rows] == [
        (row["quantity"], row["year"], row["value"]) for row in stated
    ]
    parquet = service.get(f"{address}?table=quantities", headers={"accept": PARQUET})
    frame = pd.read_parquet(io.BytesIO(parquet.content))
    assert frame["value"].tolist() == [row["value"] for row in stated]
    book = openpyxl.load_workbook(io.BytesIO(service.get(address, headers={"accept": XLSX}).content))
    sheet = next(sheet for sheet in book.worksheets if sheet.title.endswith("quantities"))
    column = [cell.value for cell in sheet[3]].index("value")
    found = [row[column] for row in sheet.iter_rows(min_row=4, values_only=True)]
    assert found == pytest.approx([row["value"] for row in stated], rel=1e-14)
    archive = zipfile.ZipFile(io.BytesIO(service.get(f"{address}?format=csv.zip").content))
    assert archive.read("quantities.csv") == table.content
    assert {"summary.csv", "indicators.csv"} <= set(archive.namelist())


def test_the_workbook_says_what_it_is_an_answer_to(service, finished, tiny):
    content = service.get(f"{finished['links']['result']}?format=xlsx", headers={"accept-language": "en"}).content
    book = openpyxl.load_workbook(io.BytesIO(content))
    summary = {row[0]: row for row in book.worksheets[0].iter_rows(min_row=4, values_only=True)}
    assert summary["fingerprint"][4] == tiny.fingerprint
    assert "less_money" in summary["scenario"][4]
    assert summary["status"][4].startswith("optimal")
    assert summary["answered"][4][:19] == finished["finished_at"][:19]
    assert book.worksheets[2]._charts
    assert book.worksheets[-1].title.endswith("sources")


def test_the_same_export_has_the_same_bytes_and_tag(service, finished):
    address = f"{finished['links']['result']}?format=xlsx"
    first = service.get(address)
    assert service.get(address).content == first.content
    assert service.get(address, headers={"if-none-match": first.headers["etag"]}).status_code == 304
    chinese = service.get(address, headers={"accept-language": "zh"})
    assert chinese.headers["etag"] != first.headers["etag"]


@pytest.mark.parametrize(("query", "status"), [("format=pdf", 406), ("table=x&format=csv", 404), ("colour=red", 422)])
def test_what_a_result_does_not_offer(service, finished, query, status):
    assert service.get(f"{finished['links']['result']}?{query}").status_code == status


# ------------------------------------------------------------------------------------------------------ batches
def test_a_grid_has_every_case_once(service, hand, tiny):
    cases = {
        "kind": "grid",
        "scenarios": ["most_value", "less_money"],
        "variants": [
            {"name": "plain", "changes": {}},
            {"name": "poor", "changes": {"figures": [LIMIT | {"value": 5}]}},
        ],
        "foresight": ["perfect", "single_year"],
        "years": [2006, 2008],
        "tables": ["indicators"],
    }
    run = answered(service, hand, many(service, cases))
    assert (run["state"], run["counts"]["total"]) == ("succeeded", 12)
    rows = service.get(run["links"]["results"]).json()["rows"]
    heads = [(row["scenario"], row["variant"], row["foresight"], row["target_year"]) for row in rows]
    ways = [("perfect", None), ("single_year", 2006), ("single_year", 2008)]
    assert heads == [(s, v, *way) for s in cases["scenarios"] for v in ("plain", "poor") for way in ways]
    by_head = dict(zip(heads, rows, strict=True))
    changes = {"figures": [LIMIT | {"value": 5}], "foresight": "single_year", "target_year": 2008}
    expected = solve(tiny, load_scenario(tiny, "most_value", changes)).objective
    assert by_head["most_value", "poor", "single_year", 2008]["objective"] == expected
    table = service.get(f"{run['links']['results']}?table=indicators&limit=1000").json()["rows"]
    assert {row["position"] for row in table} == set(range(12))
    assert {"indicator", "reached", "scenario"} <= set(table[0])


def test_results_of_a_batch_by_pages_and_as_files(service, hand):
    cases = {"kind": "grid", "scenarios": ["most_value", "less_money"], "foresight": ["single_year"]}
    run = answered(service, hand, many(service, cases))
    address = run["links"]["results"]
    whole = service.get(address).json()["rows"]
    found, cursor = [], None
    while cursor or not found:
        page = service.get(address, params={"limit": 4} | ({"cursor": cursor} if cursor else {})).json()
        found, cursor = found + page["rows"], page["next_cursor"]
    assert found == whole
    assert len(whole) == 6
    rows = list(csv.DictReader(io.StringIO(service.get(f"{address}?format=csv").content.decode("utf-8-sig"))))
    assert [float(row["objective"]) for row in rows] == [row["objective"] for row in whole]
    frame = pd.read_parquet(io.BytesIO(service.get(f"{address}?format=parquet&table=indicators").content))
    assert len(frame) == len(service.get(f"{address}?table=indicators&limit=1000").json()["rows"])
    book = openpyxl.load_workbook(io.BytesIO(service.get(f"{address}?format=xlsx").content))
    assert len(list(book.worksheets[0].iter_rows(min_row=4))) == 6


def test_samples_are_drawn_within_their_ranges_and_answered_each(service, hand, tiny):
    figures = [LIMIT | {"low": 10, "high": 30}, {**LIMIT, "year": 2008, "low": 19, "high": 21}]
    fixed = LIMIT | {"year": 2006, "value": 12}
    cases = {"kind": "samples", "changes": {"figures": [fixed]}, "figures": figures, "samples": 4, "seed": 7}
    run = answered(service, hand, many(service, cases))
    rows = service.get(run["links"]["results"]).json()["rows"]
    names = [name for name in rows[0] if name.startswith("budget_figures")]
    assert len(rows) == 4
    assert len(names) == 2
    for row in rows:
        assert 10 <= row[names[0]] <= 30
        assert 19 <= row[names[1]] <= 21
        drawn = [LIMIT | {"value": row[names[0]]}, LIMIT | {"year": 2008, "value": row[names[1]]}]
        assert row["objective"] == solve(tiny, load_scenario(tiny, None, {"figures": [fixed, *drawn]})).objective
    # a Latin hypercube: one sample in each quarter of the range
    assert sorted(int((row[names[0]] - 10) / 20 * 4) for row in rows) == list(range(4))
    again = answered(service, hand, many(service, cases))
    assert service.get(again["links"]["results"]).json()["rows"] == rows


def test_one_bad_case_does_not_lose_the_others(service, hand):
    bad = WHAT_IF | {"changes": {"figures": [LIMIT | {"budget": "investmen", "value": 1}]}}
    run = answered(service, hand, many(service, {"kind": "questions", "questions": [WHAT_IF, bad, WHAT_IF]}))
    assert (run["state"], run["counts"]["succeeded"], run["counts"]["failed"]) == ("partial", 2, 1)
    rows = service.get(run["links"]["results"]).json()["rows"]
    assert [row["state"] for row in rows] == ["succeeded", "failed", "succeeded"]
    assert rows[1]["text"]
    failed = service.get(f"{run['links']['tasks']}?state=failed").json()["items"]
    assert [task["position"] for task in failed] == [1]
    assert service.get(f"/v1/runs/{run['id']}/tasks/2/result").json()["status"] == "optimal"
    assert service.get(f"/v1/runs/{run['id']}/tasks/3/result").status_code == 404


def test_a_batch_of_any_questions_has_results_as_a_table(service, hand):
    compared = {"kind": "comparison", "scenario": "less_money", "before": {"scenario": "most_value"}}
    run = answered(service, hand, many(service, {"kind": "questions", "questions": [WHAT_IF, compared]}))
    rows = service.get(run["links"]["results"]).json()["rows"]
    expected = service.get(f"/v1/runs/{run['id']}/tasks/0/result").json()["objective"]["value"]
    assert [row["objective"] for row in rows] == [expected] * 2
    assert rows[0]["unit"] == rows[1]["unit"] == "亿元"


def test_the_results_of_a_batch_are_told_in_the_language_of_the_reader(service, hand):
    impossible = {"kind": "what_if", "changes": {"indicators": {"growth": {"target": 50}}}}
    cases = {"kind": "questions", "questions": [WHAT_IF, impossible]}
    run = answered(service, hand, many(service, cases, language="en"))
    ends = (Status.OPTIMAL, Status.INFEASIBLE)
    for language, own in (("zh", [end.sentence_zh for end in ends]), ("en", [end.sentence_en for end in ends])):
        rows = service.get(run["links"]["results"], headers={"accept-language": language}).json()["rows"]
        assert [row["text"] for row in rows] == own


def test_a_table_in_which_no_case_has_rows_keeps_its_columns(service, hand):
    impossible = {"kind": "what_if", "changes": {"indicators": {"growth": {"target": 50}}}, "tables": ["activities"]}
    run = answered(service, hand, many(service, {"kind": "questions", "questions": [impossible]}))
    file = service.get(f"{run['links']['results']}?table=activities&format=csv").content.decode("utf-8-sig")
    assert file.strip().split(",") == ["position", *COLUMNS["activities"]]


@pytest.mark.parametrize(
    ("cases", "places"),
    [
        ({"kind": "grid", "scenarios": ["x", "most_value"], "years": [1999]}, {"#/cases/scenarios", "#/cases/changes"}),
        ({"kind": "questions", "questions": [WHAT_IF, WHAT_IF | {"scenario": "x"}]}, {"#/cases/questions/1/scenario"}),
        ({"kind": "questions", "questions": []}, {"#/cases/questions"}),
        ({"kind": "samples", "figures": [LIMIT], "samples": 4}, {"#/cases"}),
        ({"kind": "samples", "figures": [LIMIT | {"low": 1, "high": 2}], "samples": 10**9}, {"#/cases/samples"}),
        ({"kind": "dance"}, {"#/cases"}),
    ],
)
def test_what_cannot_be_a_batch_is_refused_with_its_places(service, cases, places):
    response = many(service, cases)
    assert response.status_code == 422, response.text
    found = {error["place"] for error in response.json()["errors"]}
    assert all(any(place.startswith(wanted) for place in found) for wanted in places), found


def test_a_batch_is_bounded_and_so_is_the_queue(service, hand):
    too_many = {
        "kind": "grid",
        "variants": [{"name": str(n), "changes": {}} for n in range(10_000)],
        "years": [2006] * 3,
    }
    response = many(service, too_many)
    assert (response.status_code, response.json()["errors"][0]["code"]) == (422, "too_many")
    cases = {"kind": "questions", "questions": [WHAT_IF] * 300}
    waiting = many(service, cases).json()
    full = many(service, cases)
    assert (full.status_code, full.json()["code"]) == (503, "queue_full")
    assert int(full.headers["retry-after"]) >= 1
    assert service.delete(f"/v1/runs/{waiting['id']}").json()["state"] == "cancelled"
    assert hand.work() == 0
    assert many(service, {"kind": "questions", "questions": [WHAT_IF]}).status_code == 202
    hand.work()


# -------------------------------------------------------------------------------------------------- comparisons
def test_two_results_are_compared(service, hand):
    cases = {"kind": "grid", "scenarios": ["most_value", "less_money"]}
    run = answered(service, hand, many(service, cases))
    body = {"before": {"run": run["id"], "position": 0}, "after": {"run": run["id"], "position": 1}}
    found = service.post("/v1/comparisons", json=body).json()
    before, after = (service.get(f"/v1/runs/{run['id']}/tasks/{n}/result").json() for n in (0, 1))
    assert found["difference"] == after["objective"]["value"] - before["objective"]["value"]
    assert {"setting": "figures[0].value", "before": "", "after": "10"} in found["settings"]
    for row in found["tables"]["quantities"]:
        sides = [
            next(
                r["value"]
                for r in one["tables"]["quantities"]
                if (r["quantity"], r["year"]) == (row["quantity"], row["year"])
            )
            for one in (before, after)
        ]
        assert [row["before"], row["after"], row["difference"]] == pytest.approx([*sides, sides[1] - sides[0]])
    for kind in ("csv", "xlsx", "parquet", "csv.zip"):
        assert service.post(f"/v1/comparisons?format={kind}", json=body).status_code == 200
    nothing = {"before": {"run": "x"}, "after": {"run": run["id"]}}
    assert service.post("/v1/comparisons", json=nothing).status_code == 404


def test_results_of_any_two_kinds_are_compared(service, hand):
    """Tables by one name hold other columns where another kind of question answered; an objective may be a number."""
    kinds = [
        WHAT_IF,
        {"kind": "comparison", "scenario": "less_money", "before": {"scenario": "most_value"}},
        {"kind": "evaluation", "through": 2006},
        {"kind": "publication"},
        {"kind": "diagnosis"},
        {"kind": "alternatives", "plans": 1},
        {"kind": "sample", "samples": 2, "top": 1},
        {"kind": "value_curve", "moves": {"what": "all_budgets"}},
        {"kind": "what_if", "changes": {"indicators": {"growth": {"target": 50}}}},
    ]
    run = answered(service, hand, many(service, {"kind": "questions", "questions": kinds}))
    objectives = [row["objective"] for row in service.get(run["links"]["results"]).json()["rows"]]
    assert run["state"] == "succeeded"
    assert None not in objectives[:2]
    for first, second in itertools.product(range(len(kinds)), repeat=2):
        body = {"before": {"run": run["id"], "position": first}, "after": {"run": run["id"], "position": second}}
        response = service.post("/v1/comparisons", json=body)
        assert response.status_code == 200, (kinds[first], kinds[second], response.text)
        found, ends = response.json(), (objectives[first], objectives[second])
        assert (found["before"]["objective"], found["after"]["objective"]) == ends
        assert found["difference"] == (None if None in ends else ends[1] - ends[0])
        assert set(found["tables"]) <= set(WHAT_IF["tables"])
        assert first or second or set(found["tables"]) == set(WHAT_IF["tables"])
