"""GET of plans and what is in them."""

import csv
import io

import pytest

from api.formats import to_csv
from api.plans.library import Library
from model_data.schema import TABLE
from tests.api.conftest import PLANS

TINY = "/v1/plans/tiny"


def file_rows(name):
    """The CSV file of the tiny plan as a list of dictionaries."""
    with (PLANS / "tiny" / f"{name}.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_plans_are_listed_in_the_order_given(client, library):
    items = client.get("/v1/plans").json()["items"]
    assert [item["plan"] for item in items] == ["tiny", "dynamic_input_output"]
    assert [item["fingerprint"] for item in items] == [plan.fingerprint for plan in library.values()]
    assert (items[0]["base_year"], items[0]["first_year"], items[0]["last_year"]) == (2005, 2006, 2008)


def test_a_plan_says_what_it_holds(client):
    found = client.get(TINY).json()
    assert found["scenarios"] == ["less_money", "most_value"]
    assert found["tables"]["activities"] == len(file_rows("activities")) == 3
    assert set(found["tables"]) == set(TABLE)


def test_tables_are_described(client):
    items = {item["table"]: item for item in client.get(f"{TINY}/tables").json()["items"]}
    assert list(items) == list(TABLE)
    assert items["amounts"]["holds_figures"]
    assert not items["flows"]["holds_figures"]
    assert items["flows"]["zh"] == "流"


@pytest.mark.parametrize("table", ["flows", "amounts", "activity_figures", "funds"])
def test_a_table_as_json_is_its_file(client, table):
    found = client.get(f"{TINY}/tables/{table}").json()
    numbers = {column.name for column in TABLE[table].columns if column.type in ("number", "integer")}
    expected = (
        [
            {name: (float(cell) if cell else None) if name in numbers else cell for name, cell in row.items()}
            for row in file_rows(table)
        ]
        if table != "funds"
        else []
    )
    assert found["rows"] == expected
    assert found["total"] == len(expected)
    assert [column["name"] for column in found["columns"]] == [column.name for column in TABLE[table].columns]


@pytest.mark.parametrize("wanted", [{"params": {"format": "csv"}}, {"headers": {"accept": "text/csv"}}])
def test_a_table_as_csv_opens_in_excel_and_is_its_file(client, wanted):
    response = client.get(f"{TINY}/tables/indicators", **wanted)
    assert response.content.startswith(b"\xef\xbb\xbf")
    assert response.headers["content-type"] == "text/csv; charset=utf-8"
    assert 'filename="indicators.csv"' in response.headers["content-disposition"]
    assert list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig")))) == file_rows("indicators")


def test_csv_has_every_row_unless_a_limit_is_given(client):
    rows = client.get(f"{TINY}/tables/amounts?format=csv").text.splitlines()
    limited = client.get(f"{TINY}/tables/amounts?format=csv&limit=2")
    assert len(rows) == 1 + len(file_rows("amounts"))
    assert limited.text.splitlines() == rows[:3]
    assert 'rel="next"' in limited.headers["link"]


def test_no_cell_of_a_csv_is_run_as_a_formula():
    rows = [{"a": "=1+1", "b": -5.0}, {"a": "@x", "b": None}, {"a": "text", "b": 0.1}]
    assert to_csv(["a", "b"], rows).decode("utf-8-sig").split() == ["a,b", "'=1+1,-5.0", "'@x,", "text,0.1"]


def test_json_is_preferred_where_both_are_welcome(client):
    for accept in ("*/*", "application/*", "text/csv;q=0.5, application/json", "text/html, */*;q=0.1"):
        kind = client.get(f"{TINY}/tables/flows", headers={"accept": accept}).headers["content-type"]
        assert kind == "application/json", accept


def test_the_most_specific_range_of_accept_counts(client):
    for accept in ("text/csv, */*;q=0.1", "*/*, application/json;q=0.5", "application/json;q=0, */*"):
        kind = client.get(f"{TINY}/tables/flows", headers={"accept": accept}).headers["content-type"]
        assert kind.startswith("text/csv"), accept


@pytest.mark.parametrize(
    ("address", "headers"),
    [
        (f"{TINY}/tables/flows?format=xml", {}),
        (f"{TINY}/tables/flows", {"accept": "image/png"}),
        (f"{TINY}/tables/flows", {"accept": "text/csv;q=0"}),
        (TINY, {"accept": "text/csv"}),
        ("/v1/plans", {"accept": "text/html"}),
    ],
)
def test_other_formats_are_refused(client, address, headers):
    response = client.get(address, headers=headers)
    assert (response.status_code, response.json()["code"]) == (406, "not_acceptable")


def test_pages_make_up_the_whole(client):
    whole = client.get(f"{TINY}/tables/amounts").json()["rows"]
    found, cursor, pages = [], None, 0
    while pages == 0 or cursor:
        page = client.get(f"{TINY}/tables/amounts", params={"limit": 4} | ({"cursor": cursor} if cursor else {})).json()
        found, cursor, pages = found + page["rows"], page["next_cursor"], pages + 1
    assert found == whole
    assert pages == -(-len(whole) // 4) > 1


def test_the_link_leads_to_the_next_page(client):
    first = client.get(f"{TINY}/indicators?limit=1").json()
    second = client.get(f"{TINY}/indicators?limit=1&cursor={first['next_cursor']}").json()
    assert [first["items"][0]["indicator"], second["items"][0]["indicator"]] == ["growth", "energy_intensity"]
    assert second["next_cursor"] is None
    response = client.get(f"{TINY}/tables/flows?limit=3")
    following = response.links["next"]["url"]
    assert len(client.get(following).json()["rows"]) == response.json()["total"] - 3


@pytest.mark.parametrize("cursor", ["x", "%00", "WzEsICJub3QiXQ==", "bnVsbA==", "WyJ4IiwgIngiXQ=="])
def test_a_cursor_that_is_not_ours_is_refused(client, cursor):
    response = client.get(f"{TINY}/tables/flows?cursor={cursor}")
    assert response.status_code == 422
    assert response.json()["errors"][0]["code"] == "invalid_cursor"


def test_a_cursor_of_other_data_is_refused(client):
    cursor = client.get("/v1/plans/dynamic_input_output/tables/amounts?limit=1").json()["next_cursor"]
    assert client.get(f"{TINY}/tables/amounts?cursor={cursor}").status_code == 422


@pytest.mark.parametrize("limit", ["0", "-1", "1001", "x", "1e9"])
def test_limits_have_limits(client, limit):
    response = client.get(f"{TINY}/tables/flows?limit={limit}")
    assert response.status_code == 422
    assert response.json()["errors"][0]["place"] == "limit"


def test_a_table_that_the_caller_has_is_not_sent_again(client):
    first = client.get(f"{TINY}/tables/flows")
    again = client.get(f"{TINY}/tables/flows", headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    other = [f"{TINY}/tables/flows?format=csv", f"{TINY}/tables/regions", f"{TINY}/tables/flows?limit=1"]
    tags = {client.get(address).headers["etag"] for address in other} | {first.headers["etag"]}
    assert len(tags) == 4


def test_indicators_come_with_their_figures(client):
    growth = client.get(f"{TINY}/indicators/growth").json()
    assert (growth["standing"], growth["sense"], growth["kind"]) == ("required", ">=", "growth")
    assert [(f["parameter"], f["value"], f["unit"], f["low"]) for f in growth["figures"]] == [
        ("target", 5.0, "%", None)
    ]
    assert client.get(f"{TINY}/indicators").json()["items"][0] == growth


def test_projects_come_with_their_figures(client):
    project = client.get(f"{TINY}/projects/new_factory").json()
    assert {f["parameter"]: f["value"] for f in project["figures"]} == {"size": 5.0, "earliest_year": 2007.0}
    assert client.get(f"{TINY}/projects").json()["items"] == [project]


def test_sources_say_what_they_stand_for(client):
    source = client.get(f"{TINY}/sources/E1").json()
    assert source["title"] == file_rows("sources")[0]["title"]
    assert client.get(f"{TINY}/sources").json()["items"] == [source]


def test_scenarios_say_what_they_show(client):
    items = client.get(f"{TINY}/scenarios").json()["items"]
    assert {item["scenario"]: item["is_default"] for item in items} == {"less_money": False, "most_value": True}
    assert all(item["shows_zh"] and item["shows_en"] for item in items)


def test_a_scenario_stands_as_written_and_complete(client):
    found = client.get(f"{TINY}/scenarios/less_money").json()
    assert "objective" not in found["settings"]
    assert found["resolved"]["objective"][0]["terms"][0]["quantity"] == "value_added"
    assert found["settings"]["figures"] == found["resolved"]["figures"]


def test_a_figure_says_where_it_comes_from(client, tiny):
    query = "budget=investment&parameter=limit&year=2007"
    found = client.get(f"{TINY}/figures/budget_figures?{query}").json()
    assert (found["figure"]["value"], found["figure"]["unit"], found["figure"]["grade"]) == (20.0, "亿元", "D")
    assert found["sources"][0]["title"] == tiny.table("sources")["title"].iloc[0]
    assert found["line"] == 3


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("budget_figures?budget=investmen&parameter=limit", "budget = investment"),
        ("budget_figures?budget=investment&parameter=limit&year=2006x", "2006"),
    ],
)
def test_an_unknown_figure_is_answered_with_a_near_one(client, address, place):
    response = client.get(f"{TINY}/figures/{address}")
    assert (response.status_code, response.json()["code"]) == (404, "unknown_figure")
    assert place in response.json()["errors"][0]["remedy"]


@pytest.mark.parametrize("column", ["bugdet", "table", "self", "plan"])
def test_other_columns_do_not_identify_a_figure(client, column):
    response = client.get(f"{TINY}/figures/budget_figures?{column}=x")
    assert response.status_code == 422
    assert response.json()["errors"][0]["place"] == column


@pytest.mark.parametrize(
    ("address", "near"),
    [
        ("/v1/plans/tinny", "tiny"),
        (f"{TINY}/tables/flow", "flows"),
        (f"{TINY}/indicators/grwth", "growth"),
        (f"{TINY}/projects/new_factori", "new_factory"),
        (f"{TINY}/sources/E2", "E1"),
        (f"{TINY}/scenarios/most_valu", "most_value"),
        (f"{TINY}/figures/budgets", "budget_figures"),
    ],
)
def test_unknown_names_are_answered_with_near_ones(client, address, near):
    response = client.get(address)
    assert response.status_code == 404
    assert response.headers["content-type"] == "application/problem+json"
    assert near in response.json()["detail"]


def test_no_address_takes_an_unknown_parameter(client):
    names = {"plan": "tiny", "table": "flows", "indicator": "growth", "project": "new_factory", "source": "E1"}
    names |= {"scenario": "most_value", "version": "0" * 8, "run": "x", "position": "0", "batch": "x"}
    described = client.app.openapi()["paths"].items()
    asked = [(path.format(**names), method) for path, own in described for method in own if path.startswith("/v1")]
    assert len(asked) >= 20
    for address, method in asked:
        response = client.request(method, address.replace("figures/flows", "figures/budget_figures") + "?colour=red")
        refused = (404, 415, 422) if "/runs/x" in address else (415, 422)  # no such run, no such body
        assert response.status_code in refused, (method, address)
        assert response.status_code in (404, 415) or "colour" in [error["place"] for error in response.json()["errors"]]


def test_two_plans_of_one_name_are_refused(tiny):
    with pytest.raises(LookupError, match="tiny"):
        Library([tiny, tiny])


def test_a_column_says_what_its_choices_mean(client):
    columns = {column["name"]: column for column in client.get(f"{TINY}/tables/amounts").json()["columns"]}
    assert columns["vector"]["choices"] == ["operate", "build"]
    assert columns["vector"]["words"]["operate"] == {"zh": "运行", "en": "in operation"}
    assert columns["activity"]["choices"] == []
    assert columns["activity"]["words"] == {}
