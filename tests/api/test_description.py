"""The OpenAPI description and the page that shows it."""

import re

import pytest

from api.app import create_app
from api.settings import Settings
from tests.api.keys import MemoryKeys


@pytest.fixture(scope="module")
def description(client):
    return client.get("/openapi.json").json()


def operations(description):
    return [
        (path, method, operation) for path, own in description["paths"].items() for method, operation in own.items()
    ]


def test_it_is_openapi_3_1_with_a_name_for_every_operation(description):
    assert description["openapi"].startswith("3.1")
    names = [operation["operationId"] for _, _, operation in operations(description)]
    assert len(names) == len(set(names)) > 10
    assert all(re.fullmatch("[a-z_]+", name) for name in names)
    assert all(operation["description"] for _, _, operation in operations(description))


def test_every_refusal_is_described_as_a_problem_document(description):
    for path, method, operation in operations(description):
        refusals = {status: own for status, own in operation["responses"].items() if int(status) >= 400}
        for status, own in refusals.items():
            assert list(own["content"]) == ["application/problem+json"], (path, method, status)
            assert own["content"]["application/problem+json"]["schema"]["$ref"].endswith("/Problem")


def test_every_reference_leads_somewhere(description):
    text = str(description)
    names = set(re.findall(r"#/components/schemas/(\w+)", text))
    assert names <= set(description["components"]["schemas"])
    assert "HTTPValidationError" not in description["components"]["schemas"]


def test_records_are_described_by_the_schema_of_the_tables(description):
    indicator = description["components"]["schemas"]["Indicator"]["properties"]
    assert indicator["standing"]["enum"] == ["required", "goal", "monitored", "outside"]
    assert indicator["kind"]["title"].startswith("形式")
    assert "figures" in indicator


def test_the_page_needs_no_other_machine(client):
    page = client.get("/")  # leads to /docs
    assert page.url.path == "/docs"
    assert page.headers["content-type"].startswith("text/html")
    assert not re.search(r"https?:|//", page.text.replace("<!doctype", ""))
    addresses = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert len(addresses) == 4
    for address in addresses:
        file = client.get(address)
        assert file.status_code == 200
        assert len(file.content) > 100
    policy = page.headers["content-security-policy"]
    assert "script-src 'self';" in policy
    assert "http" not in policy


def test_what_can_be_refused_everywhere_is_described_everywhere(description):
    for path, method, operation in operations(description):
        described = set(operation["responses"])
        assert {"403", "414", "421", "429", "500", "503"} <= described, path
        if path.startswith("/v1/"):
            assert {"401", "504"} <= described, path
        if method in ("post", "put"):
            assert {"400", "408", "413", "415"} <= described, path


def test_keys_are_described_where_they_are_asked_for(description, library):
    assert "securitySchemes" not in description["components"]
    app = create_app(Settings(access="keys"), library, MemoryKeys())
    guarded = app.openapi()
    assert {scheme["scheme"] for scheme in guarded["components"]["securitySchemes"].values()} == {"bearer", "basic"}
    assert "security" not in guarded["paths"]["/healthz"]["get"]
    upload = guarded["paths"]["/v1/plans"]["post"]
    assert upload["security"] == [{"key": []}, {"password": []}]
    assert upload["description"].endswith("Role: analyst.")
