"""A client that openapi-python-client generates from the description drives every operation of the service."""

import copy
import importlib
import inspect
import io
import json
import subprocess
import sys

import pytest
from openpyxl import load_workbook

from api.app import create_app
from api.formats import XLSX, ZIP
from api.plans.library import Library
from api.runs.works import Works
from api.settings import Settings
from model_data.archive import write_plan_bytes
from optimizer import load_scenario, solve
from tests.api.carrier import Hand
from tests.api.serving import served

# The generator knows one type of bytes, and fails on an upload that may be of two; so it is not told of workbooks.
OPTIONS = {"content_type_overrides": {ZIP: "application/octet-stream"}}
QUESTIONS = {
    "ask_what_if": "WhatIf", "ask_value_curve": "ValueCurve", "ask_frontier": "Frontier", "ask_ledger": "Ledger",
    "ask_alternatives": "Alternatives", "ask_efficient_set": "EfficientSet", "ask_diagnosis": "Diagnosis",
    "ask_evaluation": "Evaluation", "ask_comparison": "Comparison", "ask_publication": "Publication",
    "ask_sample": "Sample",
}  # fmt: skip
PLAN = {"plan": "tiny"}
READ = {
    "get_health": {}, "get_readiness": {}, "list_plans": {}, "get_plan": PLAN, "list_tables": PLAN,
    "get_table": PLAN | {"table": "budget_figures"}, "list_indicators": PLAN, "list_projects": PLAN,
    "get_indicator": PLAN | {"indicator": "growth"}, "get_project": PLAN | {"project": "new_factory"},
    "list_sources": PLAN, "list_versions": PLAN, "list_scenarios": PLAN,
    "get_scenario": PLAN | {"scenario": "less_money"}, "list_scenario_versions": PLAN | {"scenario": "less_money"},
    "compare_scenarios": PLAN | {"scenario": "less_money", "to": "most_value"}, "list_runs": {},
}  # fmt: skip
LIMIT = {"table": "budget_figures", "budget": "investment", "parameter": "limit", "year": 2007}


@pytest.fixture(scope="module")
def description():
    return create_app(Settings(), Library([])).openapi()


@pytest.fixture(scope="module")
def generated(description, tmp_path_factory):
    """The package of the client; what the generator passes over is missed by the test that drives everything."""
    folder = tmp_path_factory.mktemp("generated")
    told = copy.deepcopy(description)
    for method, path in (("post", "/v1/plans"), ("put", "/v1/plans/{plan}")):
        del told["paths"][path][method]["requestBody"]["content"][XLSX]
    (folder / "openapi.json").write_text(json.dumps(told))
    (folder / "options.json").write_text(json.dumps(OPTIONS | {"post_hooks": []}))
    command = [sys.executable, "-m", "openapi_python_client", "generate", "--path", "openapi.json", "--meta", "none"]
    subprocess.run(
        [*command, "--config", "options.json", "--output-path", "made_client"],
        cwd=folder, check=True, timeout=300,
    )  # fmt: skip
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(folder)
        yield importlib.import_module("made_client")


class Driver:
    """Calls operations by their id, and remembers which."""

    def __init__(self, generated, description, address):
        self.client = generated.Client(base_url=address, timeout=60)
        self.name, self.called, self.tags = generated.__name__, set(), {}
        for own in description["paths"].values():
            self.tags |= {operation["operationId"]: operation["tags"][0] for operation in own.values()}

    def file(self, operation, **arguments):
        """The bytes of an answer that is not JSON, by the generated request: the generator reads only one type."""
        module = importlib.import_module(f"{self.name}.api.{self.tags[operation]}.{operation}")
        response = self.client.get_httpx_client().request(**module._get_kwargs(**arguments))
        assert response.status_code == 200, (operation, response.content[:500])
        self.called.add(operation)
        return response.content

    def __call__(self, operation, status=200, body=None, **arguments):
        module = importlib.import_module(f"{self.name}.api.{self.tags[operation]}.{operation}")
        if isinstance(body, dict):
            arguments["body"] = inspect.signature(module.sync_detailed).parameters["body"].annotation.from_dict(body)
        elif body is not None:
            arguments["body"] = body
        response = module.sync_detailed(client=self.client, **arguments)
        assert response.status_code == status, (operation, response.content[:500])
        self.called.add(operation)
        return response


@pytest.fixture(scope="module")
def service(library):
    plans, works = Library(list(library.values())), Works(Settings())
    with served(plans, prepare=lambda app: setattr(app.state, "works", works)) as (_, port):
        yield f"http://127.0.0.1:{port}", Hand(works.ledger, plans)


def test_the_generated_client_drives_every_operation(generated, description, service, tiny):
    address, hand = service
    call = Driver(generated, description, address)
    for operation, arguments in READ.items():
        assert call(operation, **arguments).parsed is not None, operation
    assert call("list_plans").parsed.items[0].plan
    _ask(call, description, tiny)
    _run(call, hand, tiny)
    _change(call, generated, tiny)
    assert call.called == set(call.tags)


def _ask(call, description, tiny):
    for operation, model in QUESTIONS.items():
        (example,) = description["components"]["schemas"][model]["examples"]
        found = call(operation, plan="tiny", body=example).parsed.to_dict()
        assert found["status"] == ("infeasible" if operation == "ask_diagnosis" else "optimal")
    found = call("ask_what_if", plan="tiny", body={"scenario": "less_money"}).parsed
    assert found.objective.value == solve(tiny, load_scenario(tiny, "less_money")).objective
    book = call.file("download_plan", plan="tiny", format_="xlsx")
    assert any("budget_figures" in name for name in load_workbook(io.BytesIO(book), read_only=True).sheetnames)
    figure = importlib.import_module(f"{call.name}.models.trace_figure_key").TraceFigureKey
    key = figure.from_dict({name: str(value) for name, value in LIMIT.items() if name != "table"})
    assert call("trace_figure", plan="tiny", table="budget_figures", key=key).parsed.sources
    assert call("get_source", plan="tiny", source=tiny.table("sources")["source"].iloc[0]).parsed.title


def _run(call, hand, tiny):
    question = {"kind": "what_if", "scenario": "less_money", "tables": ["indicators"]}
    one = call("ask", 202, body={"plan": "tiny", "question": question}).parsed
    cases = {"kind": "grid", "scenarios": ["most_value", "less_money"]}
    many = call("ask_many", 202, body={"plan": "tiny", "cases": cases}).parsed
    unwanted = call("ask", 202, body={"plan": "tiny", "question": question}).parsed
    assert call("cancel_run", run=unwanted.id).parsed.to_dict()["state"] == "cancelled"
    assert call("post_cancel", run=unwanted.id).parsed.to_dict()["state"] == "cancelled"
    hand.work()
    assert call("get_run", run=many.id).parsed.to_dict()["counts"]["succeeded"] == 2
    assert len(call("list_tasks", run=many.id).parsed.items) == 2
    expected = solve(tiny, load_scenario(tiny, "less_money")).objective
    assert call("get_result", run=one.id).parsed.to_dict()["objective"]["value"] == expected
    assert call("get_task_result", run=many.id, position=1).parsed.to_dict()["objective"]["value"] == expected
    assert [row.to_dict()["objective"] for row in call("list_results", run=many.id).parsed.rows][1] == expected
    assert b"less_money" in call.file("list_results", run=many.id, format_="csv")
    assert b"finished" in call.file("watch_run", run=one.id)
    sides = {"before": {"run": many.id, "position": 0}, "after": {"run": many.id, "position": 1}}
    difference = call("compare_results", body=sides).parsed.difference
    assert difference == pytest.approx(expected - solve(tiny, load_scenario(tiny, "most_value")).objective)
    for format_ in ("xlsx", "csv", "parquet", "csv.zip", "parquet.zip"):
        assert call.file("get_result", run=one.id, format_=format_)


def _change(call, generated, tiny):
    file = importlib.import_module(f"{generated.__name__}.types").File
    changed = [tiny.with_figures([LIMIT | {"value": value}]) for value in (5, 6)]
    first, second = (file(payload=io.BytesIO(write_plan_bytes(one, "archive"))) for one in changed)
    uploaded = call("upload_plan", 201, body=first).parsed
    assert uploaded.fingerprint == changed[0].fingerprint
    assert call("put_plan", 201, plan="tiny", body=second).parsed.fingerprint == changed[1].fingerprint
    compared = call("compare_plans", plan="tiny", to_version=uploaded.fingerprint).parsed
    assert {row.table for row in compared.items} == {"budget_figures"}
    call("retire_version", 204, plan="tiny", version=uploaded.fingerprint)
    own = {"name_en": "Less", "based_on": "most_value", "budgets": {"investment": {"factor": 0.9}}}
    assert call("put_scenario", 201, plan="tiny", scenario="less", body=own).parsed
    call("delete_scenario", 204, plan="tiny", scenario="less")
