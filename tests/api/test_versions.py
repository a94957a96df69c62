"""Upload of plans, their versions, downloads, differences; scenarios that users state."""

import io
import zipfile
from concurrent.futures import ThreadPoolExecutor

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.formats import XLSX, ZIP
from api.plans.library import Library
from api.settings import Settings
from model_data import diff
from model_data.archive import read_plan_bytes, write_plan_bytes
from tests.api.conftest import HERE, described

TINY = "/v1/plans/tiny"
LESS = {"table": "budget_figures", "budget": "investment", "parameter": "limit", "year": 2007, "value": 15}
FACES = {"workbook": XLSX, "archive": ZIP}


@pytest.fixture
def own(library):
    """A service whose versions nobody else sees, over the built-in plans."""
    plans = Library(list(library.values()))
    with TestClient(create_app(Settings(), plans), base_url=HERE) as client:
        yield described(client)


@pytest.fixture(scope="module")
def changed(tiny):
    return tiny.with_figures([LESS])


def upload(client, plan, face="archive", address="/v1/plans", method="POST"):
    content = plan if isinstance(plan, bytes) else write_plan_bytes(plan, face)
    return client.request(method, address, content=content, headers={"content-type": FACES[face]})


def renamed(plan, name):
    content = write_plan_bytes(plan, "archive")
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        files = {file: package.read(file) for file in package.namelist()}
    files["plan.toml"] = files["plan.toml"].replace(b'plan = "tiny"', f'plan = "{name}"'.encode())
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as package:
        for file, text in files.items():
            package.writestr(file, text)
    return buffer.getvalue()


# -------------------------------------------------------------------------------------------------- versions
@pytest.mark.parametrize("face", FACES)
def test_an_upload_is_a_new_version_and_the_same_content_is_not(own, tiny, changed, face):
    first = upload(own, changed, face)
    assert (first.status_code, first.json()["fingerprint"]) == (201, changed.fingerprint)
    assert own.get(first.headers["location"]).json()["fingerprint"] == changed.fingerprint
    again = upload(own, changed, "archive")
    assert (again.status_code, again.json()) == (200, first.json())
    items = own.get(f"{TINY}/versions").json()["items"]
    assert [(item["fingerprint"], item["built_in"], item["newest"]) for item in items] == [
        (changed.fingerprint, False, True),
        (tiny.fingerprint, True, False),
    ]


def test_old_content_that_is_stored_again_is_the_newest(own, tiny, changed):
    assert [upload(own, plan).status_code for plan in (tiny, changed, tiny, tiny)] == [200, 201, 200, 200]
    items = own.get(f"{TINY}/versions").json()["items"]
    assert [(item["fingerprint"], item["built_in"], item["newest"]) for item in items] == [
        (tiny.fingerprint, True, True),
        (changed.fingerprint, False, False),
    ]
    assert own.get(TINY).json()["fingerprint"] == tiny.fingerprint


def test_every_address_below_a_plan_takes_a_version(own, tiny, changed):
    upload(own, changed)
    for version in (tiny, changed):
        prefix = version.fingerprint[:10]
        assert own.get(f"{TINY}?version={prefix}").json()["fingerprint"] == version.fingerprint
        figure = f"{TINY}/figures/budget_figures?budget=investment&parameter=limit&year=2007&version={prefix}"
        assert (
            own.get(figure).json()["figure"]["value"]
            == version.figure("budget_figures", budget="investment", parameter="limit", year=2007).value
        )
        for part in (
            "tables",
            "tables/flows",
            "indicators",
            "projects",
            "sources",
            "scenarios",
            "scenarios/most_value",
        ):
            found = own.get(f"{TINY}/{part}?version={prefix}").json()
            assert found["fingerprint"] == version.fingerprint, part
        asked = own.post(f"{TINY}/what-ifs?version={prefix}", json={"kind": "what_if"})
        assert asked.json()["plan"]["fingerprint"] == version.fingerprint
    assert own.get(TINY).json()["fingerprint"] == changed.fingerprint


def test_a_plan_of_another_name_stands_beside_the_built_in_ones(own, tiny):
    response = upload(own, renamed(tiny, "mine"), address="/v1/plans/mine", method="PUT")
    assert (response.status_code, response.json()["plan"]) == (201, "mine")
    names = [item["plan"] for item in own.get("/v1/plans").json()["items"]]
    assert names == ["tiny", "dynamic_input_output", "mine"]
    wrong = upload(own, tiny, address="/v1/plans/mine", method="PUT")
    assert (wrong.status_code, wrong.json()["code"]) == (409, "wrong_plan")


@pytest.mark.parametrize(("version", "status"), [("0" * 12, 404), ("xyz", 422), ("", 422), ("abc", 422)])
def test_a_version_that_is_none(own, version, status):
    assert own.get(f"{TINY}?version={version}").status_code == status


def test_a_retired_version_is_gone_and_the_one_before_is_the_newest(own, tiny, changed):
    upload(own, changed)
    address = f"{TINY}/versions/{changed.fingerprint}"
    assert own.delete(address).status_code == own.delete(address).status_code == 204
    assert own.get(TINY).json()["fingerprint"] == tiny.fingerprint
    assert own.get(f"{TINY}?version={changed.fingerprint}").status_code == 410
    assert own.get(f"{TINY}/versions").json()["items"][0]["retired"] is True
    assert upload(own, changed).status_code == 201
    assert own.get(TINY).json()["fingerprint"] == changed.fingerprint


def test_a_built_in_version_is_read_only(own, tiny):
    refused = own.delete(f"{TINY}/versions/{tiny.fingerprint}")
    assert (refused.status_code, refused.json()["code"]) == (409, "built_in")
    assert own.delete(f"{TINY}/versions/{'0' * 10}").status_code == 404


def test_content_is_found_whatever_became_of_it_and_where_it_is_gone_there_is_none(library, tiny, changed):
    plans = Library(list(library.values()))
    plans.store(changed)
    plans.retire("tiny", changed.fingerprint)
    assert plans.by_fingerprint(changed.fingerprint).fingerprint == changed.fingerprint
    assert plans.by_fingerprint(tiny.fingerprint) is tiny
    with pytest.raises(LookupError, match="no version 0000"):
        plans.by_fingerprint("0000")


def test_a_plan_whose_versions_are_all_retired_is_unknown(own, tiny):
    stored = upload(own, renamed(tiny, "mine")).json()
    assert own.delete(f"/v1/plans/mine/versions/{stored['fingerprint']}").status_code == 204
    assert own.get("/v1/plans/mine").status_code == 404
    assert [item["plan"] for item in own.get("/v1/plans").json()["items"]] == ["tiny", "dynamic_input_output"]


def test_uploads_at_once_are_each_stored_once(own, tiny):
    plans = [tiny.with_figures([LESS | {"value": value}]) for value in (11, 12, 13)]
    contents = [write_plan_bytes(plan, "archive") for plan in plans] * 2

    def put(content):
        while (response := upload(own, content)).status_code == 503:
            pass
        return response.status_code

    with ThreadPoolExecutor(6) as threads:
        codes = list(threads.map(put, contents))
    assert sorted(codes) == [200] * 3 + [201] * 3
    assert len(own.get(f"{TINY}/versions").json()["items"]) == 4


# -------------------------------------------------------------------------------------------------- refusals
def test_everything_wrong_with_an_upload_is_said_with_its_place(own, tiny):
    content = write_plan_bytes(tiny, "archive")
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        files = {file: package.read(file) for file in package.namelist()}
    files["flows.csv"] = files["flows.csv"].replace(b"commodity", b"comodity")
    files["regions.csv"] = files["regions.csv"].replace(b"region,", b"regoin,")
    files["../x.csv"] = b""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as package:
        for file, text in files.items():
            package.writestr(file, text)
    response = own.post("/v1/plans", content=buffer.getvalue(), headers={"content-type": ZIP, "accept-language": "zh"})
    found = response.json()
    assert (response.status_code, found["code"]) == (422, "invalid_plan")
    places = {(error["code"], error.get("table"), error.get("row"), error.get("column")) for error in found["errors"]}
    assert {("unsafe_path", "zip", None, None)} <= places
    assert any(table == "flows" and row and column == "kind" for _, table, row, column in places)
    assert any(table == "regions" for _, table, _, _ in places)
    assert all(any("\u4e00" <= character <= "\u9fff" for character in error["detail"]) for error in found["errors"])
    assert all(error["remedy"] for error in found["errors"])


@pytest.mark.parametrize(
    ("content", "media_type", "status", "code"),
    [
        (b"x", "text/csv", 415, "media_type"),
        (b"x", "", 415, "media_type"),
        (b"x", ZIP, 422, "invalid_plan"),
        (b"", XLSX, 422, "invalid_plan"),
    ],
)
def test_what_is_no_plan_is_refused(own, content, media_type, status, code):
    response = own.post("/v1/plans", content=content, headers={"content-type": media_type})
    assert (response.status_code, response.json()["code"]) == (status, code)


def test_a_bomb_is_too_large(own):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("amounts.csv", bytes(200 * 2**20))
    assert upload(own, buffer.getvalue()).status_code == 413


# ------------------------------------------------------------------------------------- downloads, differences
@pytest.mark.parametrize("face", FACES)
def test_a_download_is_the_plan_and_always_the_same_bytes(own, tiny, changed, face):
    upload(own, changed, "workbook")
    for version in (tiny, changed):
        address = f"{TINY}/content?version={version.fingerprint[:8]}"
        response = own.get(address, headers={"accept": FACES[face]})
        assert response.headers["content-type"] == FACES[face]
        assert read_plan_bytes(response.content, face) == version
        assert own.get(f"{address}&format={'xlsx' if face == 'workbook' else 'zip'}").content == response.content
        known = {"accept": FACES[face], "if-none-match": response.headers["etag"]}
        assert own.get(address, headers=known).status_code == 304
    assert own.get(f"{TINY}/content", headers={"accept": "text/html"}).status_code == 406


def test_differences_between_versions_and_between_plans(own, tiny, changed, library):
    upload(own, changed)
    found = own.get(f"{TINY}/diff?version={tiny.fingerprint[:8]}").json()
    assert found["to"] == {"plan": "tiny", "fingerprint": changed.fingerprint}
    assert found["items"] == [
        {
            "kind": "changed",
            "table": "budget_figures",
            "key": {"budget": "investment", "parameter": "limit", "year": "2007"},
            "column": "value",
            "before": "20",
            "after": "15",
        }
    ]
    assert own.get(f"{TINY}/diff").json()["items"] == []
    other = "dynamic_input_output"
    expected = len(diff(changed, library[other]))
    items, cursor = [], ""
    while cursor is not None:
        page = own.get(f"{TINY}/diff?to={other}&limit=100{cursor and '&cursor='}{cursor}").json()
        items, cursor = items + page["items"], page["next_cursor"]
    assert len(items) == page["total"] == expected > 100
    rows = own.get(f"{TINY}/diff?to={other}&format=csv").content.decode("utf-8-sig").splitlines()
    assert rows[0] == "kind,table,key,column,before,after"
    assert own.get(f"{TINY}/diff?to=tinny").status_code == 404


# ------------------------------------------------------------------------------------------------- scenarios
NEW = {"name_en": "A little less", "shows_en": "Less money.", "based_on": "most_value", "figures": [LESS]}


def test_a_scenario_is_stated_asked_about_changed_and_deleted(own, tiny):
    address = f"{TINY}/scenarios/a_little_less"
    first = own.put(address, json=NEW)
    assert first.status_code == 201
    assert (
        first.json()["resolved"]["objective"] == own.get(f"{TINY}/scenarios/most_value").json()["resolved"]["objective"]
    )
    assert own.put(address, json=NEW).status_code == 200
    assert len(own.get(f"{TINY}/versions").json()["items"]) == 2
    asked = own.post(f"{TINY}/what-ifs", json={"kind": "what_if", "scenario": "a_little_less"}).json()
    changes = {"kind": "what_if", "scenario": "most_value", "changes": {"figures": [LESS]}}
    stated = own.post(f"{TINY}/what-ifs", json=changes).json()
    assert asked["objective"]["value"] == stated["objective"]["value"]
    assert own.put(address, json=NEW | {"whole_projects": True}).status_code == 200
    assert own.delete(address).status_code == own.delete(address).status_code == 204
    assert own.get(address).status_code == 404
    assert own.get(first.headers["location"]).json()["settings"] == first.json()["settings"]
    versions = own.get(f"{address}/versions").json()["items"]
    assert [version["state"] for version in versions] == ["deleted", "stated", "stated"]
    assert versions[0]["fingerprint"] == tiny.fingerprint
    assert own.get(f"{address}?version={versions[1]['fingerprint']}").json()["settings"]["whole_projects"] is True
    before = own.get(f"{address}/diff?version={versions[2]['fingerprint']}&to_version={versions[1]['fingerprint']}")
    assert before.json()["items"] == [{"setting": "whole_projects", "before": "False", "after": "True"}]


def test_what_somebody_else_changed_meanwhile_is_not_overwritten(own):
    address = f"{TINY}/scenarios/a_little_less"
    only_new = {"if-none-match": "*"}
    first = own.put(address, json=NEW, headers=only_new)
    assert first.status_code == 201
    mine = own.get(address).headers["etag"]
    assert mine == first.headers["etag"]
    assert own.put(f"{TINY}/scenarios/another", json=NEW).status_code == 201
    assert own.get(address).headers["etag"] == mine, "another scenario is another matter"
    theirs = own.put(address, json=NEW | {"whole_projects": True}, headers={"if-match": mine})
    assert theirs.status_code == 200
    for refused in (
        own.put(address, json=NEW, headers={"if-match": mine}),
        own.put(address, json=NEW, headers=only_new),
        own.put(f"{TINY}/scenarios/not_there", json=NEW, headers={"if-match": "*"}),
        own.delete(address, headers={"if-match": mine}),
        own.delete(f"{TINY}/scenarios/not_there", headers={"if-match": mine}),
    ):
        assert (refused.status_code, refused.json()["code"]) == (412, "changed_meanwhile")
    assert own.get(address).json()["settings"]["whole_projects"] is True
    assert own.delete(address, headers={"if-match": f'"x", {theirs.headers["etag"]}'}).status_code == 204
    assert own.get(address).status_code == 404


def test_a_scenario_has_another_tag_where_what_it_is_based_on_changed(own):
    assert own.put(f"{TINY}/scenarios/below", json=NEW).status_code == 201
    above = f"{TINY}/scenarios/above"
    assert own.put(above, json={"based_on": "below"}).status_code == 201
    before = own.get(above).headers["etag"]
    assert own.put(f"{TINY}/scenarios/below", json=NEW | {"whole_projects": True}).status_code == 200
    assert own.get(above).headers["etag"] != before


def test_two_scenarios_are_compared_complete(own):
    found = own.get(f"{TINY}/scenarios/most_value/diff?to=less_money").json()
    settings = {item["setting"]: (item["before"], item["after"]) for item in found["items"]}
    assert settings["figures[0].value"] == ("", "10")
    assert settings["based_on"] == ("", "most_value")
    assert not any(setting.startswith("objective") for setting in settings)


def test_everything_wrong_with_a_scenario_is_said_with_its_place(own):
    wrong = {
        "based_on": "most_valu",
        "indicators": {"growht": {"target": 3}},
        "projects": {"new_factry": {"earliest_year": 2007}},
        "figures": [LESS, LESS | {"budget": "investmen"}],
    }
    response = own.put(f"{TINY}/scenarios/new", json=wrong)
    assert (response.status_code, response.json()["code"]) == (422, "invalid_scenario")
    places = {error["place"] for error in response.json()["errors"]}
    assert {"#/based_on", "#/indicators/growht", "#/projects/new_factry"} <= places
    assert any(place.startswith("#/figures/1") for place in places)
    assert not any(place.startswith("#/figures/0") for place in places)
    assert own.put(f"{TINY}/scenarios/new", json={"colour": 1}).json()["errors"][0]["place"] == "#/colour"
    years = own.put(f"{TINY}/scenarios/new", json=NEW | {"foresight": "single_year", "target_year": 1999})
    assert years.status_code == 422
    assert len(own.get(f"{TINY}/versions").json()["items"]) == 1


@pytest.mark.parametrize(
    ("named", "place"), [("a[b", "a[b"), ("[", "["), ("a[x]", "a[x]"), ("c[3]", "c/2"), ("a/~b", "a~1~0b")]
)
def test_a_name_that_looks_like_a_place_is_refused_as_others_are(own, named, place):
    response = own.put(f"{TINY}/scenarios/odd", json={"based_on": "most_value", "projects": {named: {}}})
    assert response.status_code == 422
    assert [error["place"] for error in response.json()["errors"]] == [f"#/projects/{place}"]


BROKEN = {"scenario": "odd", "based_on": "most_value", "foresight": "crystal"}


@pytest.mark.parametrize("face", FACES)
def test_an_upload_with_a_scenario_that_cannot_be_used_is_refused(own, tiny, face):
    response = upload(own, tiny.with_scenario("odd", BROKEN), face)
    assert (response.status_code, response.json()["code"]) == (422, "invalid_plan")
    [error] = response.json()["errors"]
    assert (error["code"], error["table"], error["column"]) == ("invalid_scenario", "scenarios/odd.toml", "foresight")
    assert len(own.get(f"{TINY}/versions").json()["items"]) == 1


def test_a_scenario_that_cannot_be_used_hinders_no_other_and_can_be_put_right(tiny):
    broken = tiny.with_scenario("odd", BROKEN)
    for repair in ("put", "delete"):
        with TestClient(create_app(Settings(), Library([broken])), base_url=HERE) as client:
            own, odd = described(client), f"{TINY}/scenarios/odd"
            assert own.put(f"{TINY}/scenarios/new", json=NEW).status_code == 201
            again = own.put(odd, json={"foresight": "crystal", "based_on": "most_value"})
            assert [error["place"] for error in again.json()["errors"]] == ["#/foresight"]
            done = own.put(odd, json={"based_on": "most_value"}) if repair == "put" else own.delete(odd)
            assert done.status_code in (200, 204)
            assert own.get(odd).status_code == (200 if repair == "put" else 404)


def test_a_change_that_makes_another_scenario_unusable_names_its_file(own):
    assert own.put(f"{TINY}/scenarios/base", json={"based_on": "most_value"}).status_code == 201
    year = {"based_on": "base", "foresight": "single_year", "target_year": 2007}
    assert own.put(f"{TINY}/scenarios/derived", json={"based_on": "base", "target_year": 2007}).status_code == 422
    assert own.put(f"{TINY}/scenarios/base", json=year | {"based_on": "most_value"}).status_code == 200
    derived = {"based_on": "base", "target_year": 2008}
    assert own.put(f"{TINY}/scenarios/derived", json=derived).status_code == 201
    response = own.put(f"{TINY}/scenarios/base", json={"based_on": "most_value"})
    assert [error["place"] for error in response.json()["errors"]] == ["scenarios/derived.toml, target_year"]


def test_what_others_need_is_not_deleted(own):
    response = own.delete(f"{TINY}/scenarios/most_value")
    assert (response.status_code, response.json()["code"]) == (422, "invalid_scenario")
    assert own.delete(f"{TINY}/scenarios/never_there").status_code == 404


@pytest.mark.parametrize("name", ["A", "a-b", "a" * 65, "1a", "%2e%2e", "a%2Fb"])
def test_names_of_scenarios_are_plain(own, name):
    assert own.put(f"{TINY}/scenarios/{name}", json=NEW).status_code in (404, 405, 422)


def test_scenarios_stated_at_once_are_all_kept(own):
    def put(number):
        return own.put(f"{TINY}/scenarios/new_{number}", json=NEW).status_code

    with ThreadPoolExecutor(4) as threads:
        assert set(threads.map(put, range(4))) == {201}
    names = [item["scenario"] for item in own.get(f"{TINY}/scenarios").json()["items"]]
    assert {f"new_{number}" for number in range(4)} <= set(names)
