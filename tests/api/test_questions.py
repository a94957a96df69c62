"""POST of questions: every kind is answered as the function that workers call answers it, and as described."""

import io
import json

import jsonschema_rs
import pandas as pd
import pytest

from api import exports
from api.questions.endpoints import router
from api.questions.registry import WORK, answer, read_question
from api.questions.rows import RepairRow
from model_data import default_plan_path, load_plan
from optimizer.status import Status

KINDS = {
    "what_if": "what-ifs",
    "value_curve": "value-curves",
    "frontier": "frontiers",
    "ledger": "ledgers",
    "alternatives": "alternatives",
    "efficient_set": "efficient-sets",
    "diagnosis": "diagnoses",
    "evaluation": "evaluations",
    "comparison": "comparisons",
    "publication": "publications",
    "sample": "samples",
}
# Questions about the optimum, which cannot be answered where there is none.
ABOUT_AN_OPTIMUM = ("frontier", "efficient_set", "ledger", "alternatives", "sample")
UNASKED = {"changes": {"budgets": {"investment": {"factor": 1.0625}}}}
NO_MONEY = {"budgets": {"investment": {"factor": 0}}, "indicators": {"growth": {"target": 50}}}

LATE = {"time_limit": 1e-9, "language": "zh"}  # in a language in which it was not asked: what was answered is stored


@pytest.fixture(scope="module")
def description(client):
    return client.get("/openapi.json").json()


@pytest.fixture(scope="module")
def examples(description):
    """The example of each kind, as the description has it."""
    found = {}
    for schema in description["components"]["schemas"].values():
        kind = schema.get("properties", {}).get("kind", {}).get("const")
        if kind in KINDS:
            (found[kind],) = schema["examples"]
    return found


@pytest.fixture(scope="module")
def responses(client, examples):
    return {kind: client.post(f"/v1/plans/tiny/{KINDS[kind]}", json=question) for kind, question in examples.items()}


def test_every_kind_has_its_address():
    assert set(KINDS) == set(WORK)
    assert {route.path for route in router.routes} == {f"/v1/plans/{{plan}}/{address}" for address in KINDS.values()}


@pytest.mark.parametrize("kind", KINDS)
def test_the_example_is_answered_as_a_worker_would(kind, responses, examples, tiny):
    response = responses[kind]
    assert response.status_code == 200, response.text
    assert response.json() == answer(tiny, read_question({"kind": kind, **examples[kind]}))
    assert response.json()["status"] == ("infeasible" if kind == "diagnosis" else "optimal")


@pytest.mark.parametrize("kind", KINDS)
def test_the_answer_is_as_described(kind, responses, description):
    operation = description["paths"][f"/v1/plans/{{plan}}/{KINDS[kind]}"]["post"]
    assert set(operation["responses"]) >= {"200", "304", "400", "404", "406", "413", "422", "503", "504"}
    schema = operation["responses"]["200"]["content"]["application/json"]["schema"]
    jsonschema_rs.validate(schema | {"components": description["components"]}, responses[kind].json())
    own = description["components"]["schemas"][schema["$ref"].rpartition("/")[2]]["properties"]
    assert set(responses[kind].json()) <= set(own)


@pytest.mark.parametrize("kind", KINDS)
def test_a_known_answer_is_not_computed_again(kind, client, responses, examples, monkeypatch):
    tag = responses[kind].headers["etag"]
    monkeypatch.setitem(WORK, kind, lambda *_: pytest.fail("computed again"))
    again = client.post(f"/v1/plans/tiny/{KINDS[kind]}", json=examples[kind], headers={"if-none-match": tag})
    assert (again.status_code, again.content) == (304, b"")
    assert len({response.headers["etag"] for response in responses.values()}) == len(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_a_file_in_every_format(kind, client, examples):
    for wanted in set(exports.NAMES) - {"json"}:
        file = client.post(f"/v1/plans/tiny/{KINDS[kind]}?format={wanted}", json=examples[kind])
        assert file.status_code == 200, (wanted, file.text)
        assert file.headers["content-type"].split(";")[0] == exports.NAMES[wanted]
        assert file.headers["content-disposition"].endswith(f'.{wanted.partition(".")[2] or wanted}"')


@pytest.mark.parametrize("kind", KINDS)
def test_the_reader_chooses_the_language(kind, examples, tiny):
    question = {"kind": kind, **examples[kind]}
    documents = [answer(tiny, read_question(question | {"language": language})) for language in ("zh", "en")]
    said = [document["sentence"] for document in documents]
    assert any("\u4e00" <= letter <= "\u9fff" for letter in said[0])
    assert said[1].isascii()


def test_accept_language_decides_where_the_question_is_silent(client):
    address = "/v1/plans/tiny/what-ifs"
    chinese = client.post(address, json={}, headers={"accept-language": "zh"})
    assert chinese.headers["content-language"] == "zh"
    assert chinese.json()["sentence"] == Status.OPTIMAL.sentence_zh
    english = client.post(address, json={"language": "en"}, headers={"accept-language": "zh"})
    assert english.json()["sentence"] == Status.OPTIMAL.sentence_en
    assert english.headers["etag"] != chinese.headers["etag"]


@pytest.mark.parametrize("kind", ABOUT_AN_OPTIMUM)
def test_that_no_plan_is_feasible_is_an_answer(kind, client, examples):
    response = client.post(f"/v1/plans/tiny/{KINDS[kind]}", json=examples[kind] | {"changes": NO_MONEY})
    assert response.status_code == 200, response.text
    found = response.json()
    assert (found["status"], found["sentence"]) == ("infeasible", Status.INFEASIBLE.sentence_en)
    assert ("conflict" in found) == (kind not in ("frontier", "efficient_set"))
    assert "etag" in response.headers


@pytest.mark.parametrize("kind", KINDS)
def test_that_time_ran_out_is_an_answer_that_is_not_kept(kind, client, examples):
    unasked = UNASKED if kind == "value_curve" else {}  # curves that are known take no time
    response = client.post(f"/v1/plans/tiny/{KINDS[kind]}", json=examples[kind] | LATE | unasked)
    assert (response.status_code, response.json()["status"]) == (200, "time_limit")
    assert "etag" not in response.headers
    assert response.headers["cache-control"] == "no-store"


def test_a_plan_without_money_is_diagnosed(tiny):
    """A budget of nothing has no share to move by; targets can still give way."""
    found = answer(tiny, read_question({"kind": "diagnosis", "changes": NO_MONEY}))
    assert found["conflicts"]
    assert {change["kind"] for repair in found["menu"] for change in repair["changes"]} == {"indicator"}


def test_requirements_of_a_curve_stand_once(responses):
    curve = responses["value_curve"].json()
    texts = [(one["text"], one["labels"][0]) for one in curve["requirements"]]
    assert len({label[0] + str(label[1:]) for _, label in texts}) == len(texts)
    used = {one["requirement"] for piece in curve["pieces"] for one in piece["binding"]}
    assert used == set(range(len(texts)))


def test_a_curve_within_a_gap(client, examples, responses):
    exact, question = responses["value_curve"].json(), examples["value_curve"]
    near = client.post("/v1/plans/tiny/value-curves", json=question | {"gap": 0.5}).json()
    assert (exact["gap"], near["gap"], near["status"]) == (0.0, 0.5, "optimal")
    assert exact["proven_gap"] <= 1e-8
    assert near["proven_gap"] <= 0.5
    assert len(near["pieces"]) < len(exact["pieces"])
    assert near["points"][0]["values"] == exact["points"][0]["values"]


def test_a_curve_without_what_binds(client, examples, responses):
    bare = client.post("/v1/plans/tiny/value-curves", json=examples["value_curve"] | {"binding": False}).json()
    assert bare["requirements"] == []
    assert [piece["slope"] for piece in bare["pieces"]] == [
        piece["slope"] for piece in responses["value_curve"].json()["pieces"]
    ]


# Every question that has tables; targets that cannot be met and a project that is late leave no table without rows.
LATE_PROJECT = {
    "changes": {"indicators": {"growth": {"target": 9, "standing": "goal"}, "energy_intensity": {"target": -60}}},
    "actuals": [{"quantity": "energy", "year": 2006, "value": 61}],
    "through": 2006,
    "starts": {"new_factory": None},
}
TOO_MUCH = {
    "changes": {"projects": {"new_factory": {"committed_year": 2007}}, "indicators": {"growth": {"target": 15}}},
    "against": {"changes": {"indicators": {"growth": {"standing": "monitored"}}}},
}
WITH_TABLES = {
    "what_if": {}, "ledger": {}, "alternatives": {}, "comparison": {}, "diagnosis": {"changes": {}}, "sample": {},
    "evaluation": LATE_PROJECT, "publication": TOO_MUCH,
}  # fmt: skip


def test_every_table_says_its_columns(responses):
    found = {kind for kind, response in responses.items() if response.json().get("columns")}
    assert found == set(WITH_TABLES)


@pytest.mark.parametrize("kind", WITH_TABLES)
def test_rows_have_the_columns_that_are_told_and_those_that_are_described(kind, examples, description, tiny):
    """Nothing is left out and nothing is there besides, but the figures of a sample under their own names."""
    found = json.loads(json.dumps(answer(tiny, read_question({"kind": kind, **examples[kind], **WITH_TABLES[kind]}))))
    schemas = description["components"]["schemas"]
    name = "".join(word.title() for word in kind.split("_")) + "Answer"
    jsonschema_rs.validate({"$ref": f"#/components/schemas/{name}", "components": description["components"]}, found)
    for table, columns in found["columns"].items():
        rows = found["tables"][table] if kind == "what_if" else found[table]
        assert rows, table
        assert all(list(row) == columns for row in rows), table
        if kind != "what_if":
            described = _row_of(schemas[name]["properties"][table], schemas)["properties"]
            own = {figure["name"] for figure in found["figures"]} if table == "samples" else set()
            assert set(columns) == set(described) | own, table


def _row_of(listed, schemas):
    (items,) = (one["items"] for one in listed["anyOf"] if "items" in one)
    return schemas[items["$ref"].rpartition("/")[2]]


def test_a_table_without_rows_is_a_file_with_a_head(client, examples):
    """As JSON by ``columns``, which a reader hands to the frame; as CSV by its first line."""
    address, question = "/v1/plans/tiny/evaluations", examples["evaluation"] | {"starts": {}}
    found = client.post(address, json=question).json()
    assert found["delays"] == []
    frame = pd.DataFrame(found["delays"], columns=found["columns"]["delays"])
    file = client.post(f"{address}?format=csv&table=delays", json=question)
    told = pd.read_csv(io.BytesIO(file.content))
    assert (len(told), [name for name in told if name not in ("project_name", "clause")]) == (0, list(frame))


def test_rows_of_the_shipped_plan_are_as_described(description):
    """Conflicts, ways and repairs of every kind, which the example has not; nothing but declared keys."""
    plan = load_plan(default_plan_path())
    found = answer(plan, read_question({"kind": "diagnosis", "scenario": "plan_as_written"}))
    schema = {"$ref": "#/components/schemas/DiagnosisAnswer", "components": description["components"]}
    jsonschema_rs.validate(schema, json.loads(json.dumps(found)))
    assert len(found["conflicts"]) > 1
    assert len(found["menu"]) > 1
    repair = RepairRow.model_validate(found["menu"][0])
    assert not repair.model_extra
    assert not repair.changes[0].model_extra
    assert repair.local
