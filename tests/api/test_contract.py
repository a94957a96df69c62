"""The whole OpenAPI description against the service, by requests that schemathesis makes of it, fit and unfit."""

import pytest
import schemathesis
from hypothesis import settings, strategies
from schemathesis.config import SchemathesisConfig
from schemathesis.specs.openapi.checks import positive_data_acceptance

from api.app import create_app
from api.formats import XLSX, ZIP
from api.plans.library import Library
from api.runs.works import Works
from api.settings import Settings
from tests.api.carrier import Hand
from tests.api.serving import served

SIZE = settings.get_profile("solving")  # few examples by default, many with --full
# A body that is too large, or about what has changed meanwhile, is refused before anybody looks whether it is fit.
REFUSALS = [400, 401, 403, 404, 405, 406, 409, 412, 413, 414, 415, 422, 428, 429, "5xx"]
CONFIG = {
    "generation": {"max-examples": SIZE.max_examples // 2, "deterministic": SIZE.derandomize, "database": "none"},
    "checks": {"negative_data_rejection": {"expected-statuses": REFUSALS}},
}
# What is made of the description of every kind of question and change takes a minute: with --full.
LARGE = ["ask", "ask_many", "put_scenario", "ask_comparison"]
if SIZE.derandomize:
    CONFIG["operations"] = [{"include-operation-id": LARGE, "phases": {"coverage": {"enabled": False}}}]
# All checks of schemathesis but one. That what is fit is accepted cannot be seen from a description: whether a name, a
# cursor, a format or the bytes of a workbook are right depends on the plan and on what is stored.
LEFT_OUT = [positive_data_acceptance]
BATCH = {"kind": "questions", "questions": [{"kind": "what_if"}, {"kind": "what_if", "scenario": "less_money"}]}


def with_small_lists(described):
    """The description without room for more than 100 of anything: 20,000 made-up questions take minutes to make."""
    if isinstance(described, dict):
        return {k: with_small_lists(v) for k, v in described.items() if k != "maxItems" or v <= 100}
    return [with_small_lists(one) for one in described] if isinstance(described, list) else described


described = with_small_lists(create_app(Settings(), Library([])).openapi())
schema = schemathesis.openapi.from_dict(described, config=SchemathesisConfig.from_dict(CONFIG))


@schemathesis.serializer(XLSX, ZIP)
def as_they_are(_context, value):
    return value


for _media_type in (XLSX, ZIP):
    schemathesis.openapi.media_type(_media_type, strategies.binary(max_size=200))


@pytest.fixture(scope="module")
def service(library):
    """The address of a service and a run that has ended; other runs are carried out by nobody."""
    plans, works = Library(list(library.values())), Works(Settings(max_queued=1000))
    with served(plans, prepare=lambda app: setattr(app.state, "works", works)) as (_, port):
        address = f"http://127.0.0.1:{port}"
        asked = schema["/v1/batches"]["POST"].Case(body={"plan": "tiny", "cases": BATCH}, media_type="application/json")
        run = asked.call(base_url=address).json()["id"]
        Hand(works.ledger, plans).work()
        yield address, run


@schema.parametrize()
def test_the_service_keeps_what_its_description_promises(case, service):
    """No defect of the server; statuses, media types, headers and bodies as described; no method besides."""
    address, run = service
    if "run" in case.path_parameters and case.meta.generation.mode.is_positive:
        case.path_parameters["run"] = run
    case.call_and_validate(base_url=address, excluded_checks=LEFT_OUT)


def test_every_operation_is_tried():
    assert {operation.ok().label for operation in schema.get_all_operations()} == {
        f"{method.upper()} {path}" for path, own in described["paths"].items() for method in own
    }
