"""More than the service can do: refused at once, nothing but legal answers, and as before when it is over."""

import asyncio
import http.client
import json
import pickle
import threading
import time

import pytest
from fastapi.testclient import TestClient

from api.admission import Counter, Places
from api.app import create_app
from api.engines.local import LocalEngine
from api.engines.threads import ThreadEngine
from api.errors import BusyError, Fault, InvalidRequestError, UnknownNameError
from api.plans.library import Library
from api.questions.alone import Asked, answered
from api.questions.kinds import WhatIf
from api.questions.pool import Pool
from api.settings import Settings
from benchmarks import load
from benchmarks.serving import resident, service
from model_data import load_plan
from model_data.archive import write_plan_bytes
from optimizer import load_scenario, solve
from optimizer.stopwatch import OTHER, measured, part
from optimizer.words.language import Text
from tests.api.conftest import HERE, PLANS
from tests.api.serving import served

WHAT_IFS, BATCHES = "/v1/plans/tiny/what-ifs", "/v1/batches"
FULL = Text("已满", "full")


def question(factor):
    return {"changes": {"budgets": {"investment": {"factor": factor}}}, "tables": ["indicators"]}


@pytest.fixture
def held(monkeypatch):
    """Solving that waits for an event; the other says that it has begun."""
    begun, go_on = threading.Event(), threading.Event()

    def wait(plan, scenario, *_, **__):
        begun.set()
        assert go_on.wait(30)
        return solve(plan, scenario)

    monkeypatch.setattr("api.questions.work.solve", wait)
    yield begun, go_on
    go_on.set()


@pytest.fixture
def full(serve, held):
    """A service whose only slot is in use; one answer is stored already."""
    begun, go_on = held
    go_on.set()
    client = serve(slots=1)
    known = client.post(WHAT_IFS, json=question(1.1))
    begun.clear()
    go_on.clear()
    asking = threading.Thread(target=client.post, args=(WHAT_IFS,), kwargs={"json": question(1.2)})
    asking.start()
    assert begun.wait(30)
    yield client, known
    go_on.set()
    asking.join(30)


# ------------------------------------------------------------------------------------------------------- places


def test_a_place_is_free_again_when_the_work_it_was_lent_to_has_ended():
    from concurrent.futures import Future

    places, work = Places(1, FULL), Future()
    with places.take() as place:
        place.lend(work)
        with pytest.raises(BusyError):
            places.take()
    assert places.free == 0  # its caller has gone, the work goes on
    work.set_result(None)
    assert places.free == 1
    with pytest.raises(ZeroDivisionError), places.take():
        raise ZeroDivisionError
    assert places.free == 1


def test_who_waits_at_the_counter_waits_for_few():
    counter, go_on = Counter("test", threads=1, most=3, full=FULL), threading.Event()

    async def serve(number):
        with counter.take():
            return await counter.serve(lambda: go_on.wait(30) and number)

    async def all_at_once():
        asked = [asyncio.create_task(serve(number)) for number in range(10)]
        await asyncio.sleep(0)
        refused = [task for task in asked if task.done()]
        assert len(refused) == 7
        assert all(isinstance(task.exception(), BusyError) for task in refused)
        go_on.set()
        return [await task for task in asked if task not in refused]

    assert asyncio.run(all_at_once()) == [0, 1, 2]
    assert counter.free == 3
    counter.close()


def test_a_full_service_refuses_before_it_looks_at_anything(full, monkeypatch):
    client, _ = full
    for name in ("api.questions.endpoints.tag_of", "api.requests.library"):
        monkeypatch.setattr(name, lambda *_: pytest.fail("looked at"))
    for body in (question(1.3), {"unknown": 1}, b"no JSON"):
        content = body if isinstance(body, bytes) else json.dumps(body)
        response = client.post(WHAT_IFS, content=content, headers={"content-type": "application/json"})
        assert (response.status_code, response.json()["code"]) == (503, "busy")
        assert response.headers["retry-after"] == "1"


def test_what_is_stored_is_sent_by_a_full_service(full):
    client, known = full
    again = client.post(WHAT_IFS, json=question(1.1))
    assert (again.status_code, again.content, again.headers["etag"]) == (200, known.content, known.headers["etag"])
    assert parts(again).keys() == {"read", "store", "total"}
    asked = {"if-none-match": known.headers["etag"]}
    assert client.post(WHAT_IFS, json=question(1.1), headers=asked).status_code == 304
    # In another language it is another answer, which would take a place.
    assert client.post(WHAT_IFS, json=question(1.1), headers={"accept-language": "zh"}).status_code == 503


def test_batches_have_places_of_their_own(full):
    client, _ = full
    batch = {"plan": "tiny", "cases": {"kind": "questions", "questions": [{"kind": "what_if"} | question(1.4)]}}
    assert client.post(BATCHES, json=batch).status_code == 202
    counter = client.app.state.counter
    taken = [counter.take() for _ in range(counter.most)]
    refused = client.post(BATCHES, content=b"no JSON", headers={"content-type": "application/json"})
    assert (refused.status_code, refused.json()["code"]) == (503, "busy")
    for place in taken:
        with place:
            pass
    assert client.post(BATCHES, json=batch).status_code == 202


def test_a_stored_answer_is_not_sent_for_another_version_of_the_plan():
    tiny = load_plan(PLANS / "tiny")
    richer = tiny.with_figures(
        [{"table": "budget_figures", "budget": "investment", "parameter": "limit", "year": 2007, "value": 30.0}]
    )
    zipped = {"content-type": "application/zip"}
    own = Library.load([PLANS / "tiny"])  # it changes: no other test is to meet it
    with TestClient(create_app(Settings(), own), base_url=HERE) as client:
        first = client.post(WHAT_IFS, json=question(1.1))
        assert client.put("/v1/plans/tiny", content=write_plan_bytes(richer, "archive"), headers=zipped).is_success
        second = client.post(WHAT_IFS, json=question(1.1))
    assert second.json()["plan"]["fingerprint"] == richer.fingerprint != first.json()["plan"]["fingerprint"]


# --------------------------------------------------------------------------------------------------------- times


def parts(response):
    named = (one.partition(";dur=") for one in response.headers["server-timing"].split(", "))
    return {name: float(milliseconds) for name, _, milliseconds in named}


def test_an_answer_says_which_part_took_how_long(ask):
    found = parts(ask(question(1.01) | {"tables": ["indicators", "exchange_rates"]}))
    assert {"read", "check", "hand-over", "resolve", "build", "solve", "words", "tables", "rates", "serialise"} <= set(
        found
    )
    total = found.pop("total")
    assert all(milliseconds >= 0.0 for milliseconds in found.values())
    assert sum(found.values()) == pytest.approx(total, abs=0.5 + 0.01 * len(found))


def test_the_search_for_a_conflict_is_a_part_of_its_own(ask):
    response = ask({"scenario": "less_money", "changes": {"budgets": {"investment": {"total": 0.0}}}})
    assert response.json()["status"] == "infeasible"
    assert parts(response)["conflict"] > 0.0


def test_every_moment_counts_for_the_innermost_part():
    with measured() as seconds:
        with part("outer"):
            time.sleep(0.02)
            with part("inner"):
                time.sleep(0.04)
        time.sleep(0.01)
    assert seconds["inner"] >= 0.04
    assert seconds["outer"] >= 0.02
    assert seconds[OTHER] >= 0.01
    with part("nobody measures"):
        pass


def test_small_answers_do_not_wait_to_be_acknowledged(library):
    """Nagle's algorithm and delayed acknowledgement make 40 ms of every answer in two pieces."""
    with served(library) as (_, port):
        connection, waited = http.client.HTTPConnection("127.0.0.1", port, timeout=30), []
        for _ in range(30):
            begun = time.perf_counter()
            connection.request("GET", "/healthz")
            connection.getresponse().read()
            waited.append(time.perf_counter() - begun)
        connection.close()
    assert min(waited[5:]) < 0.02
    assert sum(seconds > 0.035 for seconds in waited[5:]) < 20


def test_an_idle_connection_is_kept_for_longer_than_clients_keep_theirs(library):
    """Many keep theirs for five seconds: where the service closed it then, requests went to a dead connection."""
    with served(library) as (_, port):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        connection.request("GET", "/healthz")
        connection.getresponse().read()
        own = connection.sock
        time.sleep(6.0)
        connection.request("GET", "/healthz")
        assert connection.getresponse().status == 200
        assert connection.sock is own is not None
        connection.close()


# ----------------------------------------------------------------------------------------------------- processes


@pytest.mark.parametrize(
    "error",
    [
        InvalidRequestError(FULL, [Fault("code", "#/place", FULL, remedy=FULL)], headers={"Retry-After": "1"}),
        UnknownNameError(Text("规划", "plan"), "tny", ["tiny"]),
    ],
)
def test_refusals_travel(error):
    again = pickle.loads(pickle.dumps(error))  # noqa: S301 - what was pickled here
    assert type(again) is type(error)
    assert (again.status_code, again.text, again.faults, again.headers) == (
        error.status_code,
        error.text,
        error.faults,
        error.headers,
    )


@pytest.fixture(scope="module")
def beside():
    """A pool with one process of its own."""
    pool = Pool(LocalEngine(1), 60.0)
    yield pool
    pool.close()


async def asked(pool, plan, **stated):
    with pool.take() as place:
        return await pool.ask(place, plan, WhatIf.model_validate(stated))


def test_a_process_answers_what_a_thread_answers(beside, tiny):
    near = Pool(ThreadEngine(1), 60.0)
    found = [asyncio.run(asked(pool, tiny, **question(1.05))) for pool in (beside, near)]
    assert found[0].content == found[1].content
    assert json.loads(found[0].content)["objective"]["value"] == pytest.approx(
        solve(tiny, load_scenario(tiny, None, question(1.05)["changes"])).objective, rel=1e-9
    )
    assert beside.free == near.free == 1
    near.close()


def test_a_process_that_dies_is_said_and_replaced(beside, tiny, monkeypatch):
    monkeypatch.setattr("api.questions.pool.answered", dying)
    with pytest.raises(BusyError):
        asyncio.run(asked(beside, tiny))
    assert beside.free == 1
    monkeypatch.undo()
    assert asyncio.run(asked(beside, tiny)).lasts
    assert beside.pulse() is None


def dying(_asked, _watch):
    import os

    os._exit(3)


def test_a_process_that_does_not_answer_is_not_ready(monkeypatch):
    monkeypatch.setattr("api.questions.pool.PULSE", 0.05)
    engine, go_on = ThreadEngine(1), threading.Event()
    pool = Pool(engine, 60.0)
    engine.submit(lambda *_: go_on.wait(30), None, "busy with something else")
    assert pool.pulse() is not None
    go_on.set()
    until = time.monotonic() + 20
    while pool.pulse() is not None and time.monotonic() < until:
        time.sleep(0.02)
    assert pool.pulse() is None
    pool.close()


def test_a_plan_that_is_not_known_is_asked_for():
    class Watch:
        cancel = threading.Event()

    stranger = Asked("0" * 64, WhatIf.model_validate({}))
    assert answered(stranger, Watch()) is None


# ------------------------------------------------------------------------------------------------------ overload


def test_ten_times_the_capacity(request):
    """The real service over the small plan, in short; --full: half a minute."""
    seconds = 30.0 if request.config.getoption("--full") else 3.0
    plan = PLANS / "tiny"
    with service(plan, slots=1, workers=1, max_queued=100) as running:
        found = asyncio.run(load.measured(running, load_plan(plan), 10.0, seconds))
        assert resident(running.process.pid) > 0.0
    assert set(found["statuses"]) <= load.EXPECTED
    assert found["statuses"][200] > 0
    assert found["statuses"][503] > found["statuses"][200]  # it was too much
    assert found["log"] == ""
    for when in ("at once after", "runs cancelled"):
        assert list(found["seconds"][when]["what-ifs"]) == [200]
    # One slot: what is accepted takes what a question takes, however much is asked; a generous allowance for a busy
    # machine, and far below that of a queue, which would be the length of the whole load.
    alone, accepted = (found["seconds"][when]["what-ifs"][200] for when in ("every slot in use", "overload"))
    assert accepted["p50"] < 10 * alone["p50"] + 1.0
    own, workers = zip(found["megabytes"]["before"], found["megabytes"]["after"], strict=True)
    assert own[1] < own[0] + 60
    assert workers[1] < workers[0] + 150
