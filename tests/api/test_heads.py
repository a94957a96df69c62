"""HEAD says what GET says, without the body, at every address that has GET (RFC 9110, 9.3.2)."""

import http.client
import json
import time

import pytest

from api.access.roles import Role
from api.plans.library import Library
from api.runs.works import Works
from api.settings import Settings
from tests.api.carrier import Hand
from tests.api.keys import MemoryKeys, bearer
from tests.api.serving import served, until

# What differs from one answer to the next, whoever asks.
PASSING = ("date", "x-request-id", "server-timing", "ratelimit")
NAMES = {
    "plan": "tiny", "table": "budget_figures", "indicator": "growth", "project": "new_factory", "source": "invented",
    "scenario": "less_money", "position": "0", "key": "k",
}  # fmt: skip


class Caller:
    """One connection, on which a body that nobody expects would be taken for the next answer."""

    def __init__(self, port):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)

    def __call__(self, method, path, body=None, **headers):
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        content = None if body is None else json.dumps(body)
        self.connection.request(method, path, content, {"Content-Type": "application/json", **headers})
        answer = self.connection.getresponse()
        content = answer.read()
        told = {name.lower(): value for name, value in answer.getheaders()}
        return answer.status, {name: value for name, value in told.items() if name not in PASSING}, content

    def both(self, path, **headers):
        """Status and headers, which are those of GET, too."""
        head, whole = self("HEAD", path, **headers), self("GET", path, **headers)
        assert head[:2] == whole[:2], path
        assert head[2] == b""
        return head[:2]


@pytest.fixture(scope="module")
def service(library):
    """A caller, a run that has ended and one that nobody carries out."""
    plans, works = Library(list(library.values())), Works(Settings())
    with served(plans, prepare=lambda app: setattr(app.state, "works", works)) as (_, port):
        ask, question = Caller(port), {"plan": "tiny", "question": {"kind": "what_if"}}
        ended = json.loads(ask("POST", "/v1/runs", question)[2])["id"]
        Hand(works.ledger, plans).work()
        yield ask, ended, json.loads(ask("POST", "/v1/runs", question)[2])["id"]


def test_every_address_that_can_be_read_has_a_head(service, client):
    ask, run, _ = service
    paths = [path for path, own in client.app.openapi()["paths"].items() if "get" in own]
    statuses = {path: ask.both(path.format(run=run, **NAMES))[0] for path in (*paths, "/", "/docs", "/openapi.json")}
    assert len(statuses) > 20
    # A figure is named by its key in the query, and the plan has no such source.
    assert {path: status for path, status in statuses.items() if status not in (200, 307)} == {
        "/v1/plans/{plan}/figures/{table}": 404, "/v1/plans/{plan}/sources/{source}": 404,
    }  # fmt: skip


def test_formats_tags_and_refusals_are_those_of_get(service):
    ask, run, _ = service
    table, result = "/v1/plans/tiny/tables/budget_figures", f"/v1/runs/{run}/result"
    assert ask.both(f"{table}?format=csv")[1]["content-type"].startswith("text/csv")
    assert ask.both(table, Accept="text/csv")[1]["content-type"].startswith("text/csv")
    assert int(ask.both(f"{result}?format=xlsx")[1]["content-length"]) > 1000
    assert ask.both(table, Accept="image/png")[0] == 406
    assert ask.both(result, If_None_Match=ask.both(result)[1]["etag"])[0] == 304
    assert ask.both("/v1/plans/none", Accept_Language="zh")[1]["content-language"] == "zh"
    assert ask.both("/v1/none")[0] == 404


def test_what_can_only_be_asked_has_no_head(service):
    ask, *_ = service
    status, headers, _ = ask("HEAD", "/v1/plans/tiny/what-ifs")
    assert (status, headers["allow"]) == (405, "POST")
    assert ask("PATCH", "/v1/plans")[1]["allow"] == "GET, HEAD, POST"


def test_the_head_of_a_stream_does_not_wait_for_its_end(service):
    ask, _, waiting = service
    begun = time.monotonic()
    status, headers, _ = ask("HEAD", f"/v1/runs/{waiting}/events")
    assert (status, headers["content-type"].partition(";")[0]) == (200, "text/event-stream")
    assert ask("GET", "/healthz")[0] == 200  # on the same connection: the answer is complete
    assert time.monotonic() - begun < 10


def test_keys_rates_and_the_log_are_those_of_any_request(library, caplog):
    with served(library, MemoryKeys(), access="keys", rate=2) as (_, port):
        ask = Caller(port)
        assert ask("HEAD", "/v1/plans")[0] == 401
        assert ask("HEAD", "/healthz")[0] == 200
        with caplog.at_level("INFO", "planopt.requests"):
            found = [ask("HEAD", "/v1/plans/tiny", **bearer(Role.READER)) for _ in range(3)]
            until(lambda: any(entry.status == 429 for entry in requests(caplog)))  # it is written after the answer
        assert [(status, content) for status, _, content in found] == [(200, b""), (200, b""), (429, b"")]
    logged = [(entry.method, entry.route, entry.status) for entry in requests(caplog)][-3:]
    assert logged == [("HEAD", "/v1/plans/{plan}", 200), ("HEAD", "/v1/plans/{plan}", 200), ("HEAD", "none", 429)]


def requests(caplog):
    return [entry for entry in caplog.records if hasattr(entry, "route")]
