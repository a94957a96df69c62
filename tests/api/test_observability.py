"""Logs that nobody can forge, figures that Prometheus reads, and whether the service is ready."""

import io
import json
import logging
import re
import threading
import time

import pytest
from prometheus_client.parser import text_string_to_metric_families

from api import health
from api.access.keys import new_key
from api.observability import logs, work
from api.observability.metrics import Metrics
from api.settings import Settings
from api.store.errors import StoreUnavailableError
from api.store.records import Backlog
from optimizer.words.language import Text

PLANS = "/v1/plans"
WHAT_IF = "/v1/plans/tiny/what-ifs"


@pytest.fixture
def log():
    """Sends the log of this process into a text, in the form that is asked for; as it was afterwards."""
    root = logging.getLogger()
    before = root.handlers[:], root.level
    libraries = {name: logging.getLogger(name).level for name in ("uvicorn", "uvicorn.error", "httpx2")}
    logging.getLogger("httpx2").setLevel(logging.ERROR)  # the client of the tests

    def start(**settings):
        stream = io.StringIO()
        logs.configure(Settings(**{"log_format": "json"} | settings), stream)
        return stream

    yield start
    root.handlers[:], level = before
    root.setLevel(level)
    for name, own in libraries.items():
        logging.getLogger(name).setLevel(own)


def entries(stream):
    return [json.loads(line) for line in stream.getvalue().splitlines()]


# ----------------------------------------------------------------------------------------------------- logs


def test_a_request_is_one_line_of_json(log, ask):
    stream = log()
    ask({}, **{"x-request-id": "mine-1"})
    (entry,) = entries(stream)
    assert entry.pop("milliseconds") > 0
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z", entry.pop("time"))
    assert entry == {
        "event": "request",
        "level": "info",
        "logger": "planopt.requests",
        "request_id": "mine-1",
        "method": "POST",
        "path": WHAT_IF,
        "route": "/v1/plans/{plan}/what-ifs",
        "status": 200,
        "caller": "local",
        "address": "testclient",
    }


def test_a_refusal_is_logged_with_its_code_and_nothing_of_the_body(log, ask):
    stream = log()
    ask({"scenari": "of nobody's business"})
    (entry,) = entries(stream)
    assert (entry["status"], entry["problem"]) == (422, "invalid_request")
    assert "business" not in stream.getvalue()


def test_a_failure_is_logged_with_its_trace_and_the_id_of_its_request(log, serve):
    client, stream = serve(), log()

    @client.app.get("/v1/fails")
    def fails():
        raise RuntimeError("inside")

    response = client.get("/v1/fails")
    assert response.status_code == 500
    failure, request = entries(stream)
    assert failure["level"] == "error"
    assert "RuntimeError: inside" in failure["exception"]
    assert failure["request_id"] == request["request_id"] == response.json()["request_id"]


@pytest.mark.parametrize("form", ["json", "text"])
@pytest.mark.parametrize(
    "path",
    [
        '/v1/x%0a{"event": "request", "status": 200}',
        "/v1/x%0d%0a2026-01-01T00:00:00Z [info] forged",
        "/v1/x%1b[2J%1b]0;title%07",
        "/v1/x%c2%85next%e2%80%a8line",
        "/v1/x%e2%80%aereversed",
        "/v1/x%00",
    ],
)
def test_a_line_of_the_log_cannot_be_forged(log, client, form, path):
    stream = log(log_format=form)
    client.get(path)
    written = stream.getvalue()
    assert written.count("\n") == 1
    assert len(written.splitlines()) == 1  # by every character that ends a line anywhere
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e]", written)


def test_what_is_written_is_bounded(log, serve):
    client, stream = serve(max_address=65536), log()
    client.get("/v1/" + "x" * 60_000)
    assert len(stream.getvalue()) < 3000


@pytest.mark.parametrize("form", ["json", "text"])
def test_a_key_is_hidden_wherever_it_stands(log, client, form):
    stream, key = log(log_format=form), new_key()
    client.get(f"/v1/{key}")
    logging.getLogger("elsewhere").warning("with %s in it", key, extra={"more": f"x{key}"})
    try:
        int(key)
    except ValueError:
        logging.getLogger("elsewhere").exception("failed")
    assert "planopt_***" in stream.getvalue()
    assert key not in stream.getvalue()


def test_chinese_stays_readable_and_on_a_terminal_the_log_is_text(log, client):
    stream = log()
    client.get("/v1/规划")
    assert "规划" in stream.getvalue()
    terminal = log(log_format="auto")
    assert terminal.getvalue() == ""
    terminal.isatty = lambda: True
    logs.configure(Settings(), terminal)
    client.get(PLANS)
    with pytest.raises(ValueError, match=r"Expecting|Extra"):
        json.loads(terminal.getvalue())
    assert "\x1b[" in terminal.getvalue()  # coloured


def test_what_machines_ask_every_few_seconds_is_not_logged_unless_it_fails(log, client, serve):
    busy, stream = serve(), log()
    client.get("/healthz")
    client.get("/readyz")
    assert stream.getvalue() == ""
    busy.app.state.stopping = True
    busy.get("/readyz")
    assert entries(stream)[0]["status"] == 503
    stream = log(log_level="debug")
    client.get("/healthz")
    assert [entry["path"] for entry in entries(stream) if entry["event"] == "request"] == ["/healthz"]


def test_a_run_is_named_in_the_log_of_its_request(log, serve):
    client, stream = serve(), log()

    @client.app.get("/v1/some-run")
    def some_run(request: health.Request):
        request.state.run_id = "r1"

    client.get("/v1/some-run")
    assert entries(stream)[0]["run_id"] == "r1"


# --------------------------------------------------------------------------------------------------- metrics


def figures(client):
    """Every sample by its name and labels."""
    response = client.get("/metrics")
    assert response.status_code == 200
    assert response.headers["content-type"].startswith("text/plain; version=")
    families = text_string_to_metric_families(response.text)
    return {
        (sample.name, *sorted(sample.labels.items())): sample.value for family in families for sample in family.samples
    }


def count(found, method, route, status):
    labels = sorted({"method": method, "route": route, "status": str(status)}.items())
    return found.get(("planopt_request_seconds_count", *labels), 0)


def test_requests_are_counted_by_the_template_of_their_address(serve):
    client = serve(slots=4)
    for plan in ("tiny", "tiny", "dynamic_input_output", "nowhere"):
        client.get(f"{PLANS}/{plan}")
    client.post(WHAT_IF, json={})
    found = figures(client)
    assert count(found, "GET", "/v1/plans/{plan}", 200) == 3
    assert count(found, "GET", "/v1/plans/{plan}", 404) == 1
    assert count(found, "POST", "/v1/plans/{plan}/what-ifs", 200) == 1
    assert found[("planopt_refusals_total", ("code", "unknown_name"))] == 1
    assert found[("planopt_slots", ("state", "free"))] == 4
    assert found[("planopt_solve_seconds_count", ("kind", "what_if"), ("outcome", "answered"))] == 1
    assert found[("planopt_requests_in_flight",)] == 1  # this one
    build = next(labels for name, *labels in found if name == "planopt_build_info")
    assert {name for name, _ in build} == {"python", "version"}


def test_nobody_can_make_the_figures_grow(serve):
    client = serve()
    before = len(figures(client))
    for number in range(50):
        client.get(f"/v1/address{number}")
        client.request(f"METHOD{number}", PLANS)
        client.get(PLANS, headers={"host": f"host{number}"})
        client.get(f"/v1/plans/plan{number}")
    found = figures(client)
    assert count(found, "GET", "none", 404) == 50
    assert len({labels for name, *labels in found if name.endswith("seconds_count") for labels in [tuple(labels)]}) < 12
    assert len(found) < before + 150


def test_parts_of_the_service_let_themselves_be_asked_and_one_that_fails_hides_no_other():
    metrics = Metrics()
    metrics.watch("tasks", "Tasks by state", "state", lambda: {"queued": 3, "running": 1})
    metrics.watch("broken", "Of a part that is gone", "state", lambda: 1 / 0)
    metrics.solved("what_if", "optimal", 0.02)
    page = metrics.page().decode()
    assert 'planopt_tasks{state="queued"} 3.0' in page
    assert "planopt_unreadable 1.0" in page
    assert 'planopt_solve_seconds_count{kind="what_if",outcome="optimal"} 1.0' in page


def test_two_services_in_one_process_count_apart(serve):
    one, other = serve(), serve()
    one.get(PLANS)
    assert count(figures(one), "GET", "/v1/plans", 200) == 1
    assert count(figures(other), "GET", "/v1/plans", 200) == 0


# ------------------------------------------------------------------------------------------------- readiness


def test_ready_means_that_every_part_is_well(serve):
    client = serve(slots=4)
    found = client.get("/readyz").json()
    assert found == {
        "status": "ready",
        "checks": ["what_ifs", "workers", "database", "dispatcher"],
        "plans": ["tiny", "dynamic_input_output"],
        "free_slots": 4,
    }
    health.register(client.app, "database", lambda: Text("数据库不可达", "the database cannot be reached"))
    health.register(client.app, "dispatcher", lambda: None)
    health.register(client.app, "engine", lambda: 1 / 0)
    response = client.get("/readyz")
    assert (response.status_code, response.json()["code"]) == (503, "busy")
    assert [error["place"] for error in response.json()["errors"]] == ["database", "engine"]
    assert "division" not in response.text
    assert response.headers["retry-after"] == "1"
    assert client.get("/healthz").status_code == 200
    chinese = client.get("/readyz", headers={"accept-language": "zh"})
    assert chinese.json()["errors"][0]["detail"] == "数据库不可达"


class Works:
    """The durable side of a service, as far as it is looked at."""

    def __init__(self):
        self.ledger, self.carrier, self.error = self, self, None
        self.alive, self.workers = True, 2

    def backlog(self):
        if self.error:
            raise self.error
        return Backlog(queued=3, running=2, open_runs=1)


def test_runs_are_seen_from_outside():
    works, metrics = Works(), Metrics()
    looked_at = work.checks(lambda: works)
    assert {name: check() for name, check in looked_at.items()} == {"database": None, "dispatcher": None}
    work.watch(metrics, lambda: works)
    page = metrics.page().decode()
    for figure in ('tasks{state="queued"} 3.0', 'tasks{state="running"} 2.0', 'runs{state="open"} 1.0'):
        assert f"planopt_{figure}" in page
    works.error = StoreUnavailableError(Text("数据库不可达", "gone"))
    works.workers = 0  # a cluster that cannot be reached
    assert looked_at["dispatcher"]() is work.NO_WORKERS
    works.alive = False
    assert {name: check().en for name, check in looked_at.items()} == {"database": "gone", "dispatcher": work.ENDED.en}
    assert "planopt_unreadable 2.0" in metrics.page().decode()
    # Before anything was asked of it, nothing is there, and nothing is wrong.
    assert {check() for check in work.checks(lambda: None).values()} == {None}


def test_a_check_that_hangs_does_not_hang_the_answer(serve, monkeypatch):
    monkeypatch.setattr(health, "PATIENCE", 0.2)
    client, release = serve(), threading.Event()
    health.register(client.app, "database", lambda: release.wait(30) and None)
    begun = time.monotonic()
    response = client.get("/readyz")
    assert time.monotonic() - begun < 20
    release.set()
    assert [error["detail"] for error in response.json()["errors"]] == ["there was no response in time"]


def test_a_service_that_stops_is_not_ready(serve):
    client = serve()
    client.app.state.stopping = True
    response = client.get("/readyz")
    assert (response.status_code, response.json()["code"]) == (503, "stopping")
    assert client.get("/healthz").status_code == 200
