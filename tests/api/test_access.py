"""Who may ask: keys with roles, names of hosts, other sites' pages, and how often."""

import asyncio
import base64
import logging
import time

import pytest
from fastapi.testclient import TestClient

from api.access import rates
from api.access.keys import FRESH, KEY, Keyring, NoKeysError, StoredKey, digest, new_key
from api.access.rates import origin_of
from api.access.roles import Role, is_public, needed
from api.app import create_app
from api.settings import Settings
from tests.api.conftest import HERE
from tests.api.keys import KEYS, MemoryKeys, bearer

PLANS = "/v1/plans"
WHAT_IF = "/v1/plans/tiny/what-ifs"


@pytest.fixture(scope="module")
def keys():
    return MemoryKeys()


@pytest.fixture(scope="module")
def guarded(library, keys):
    settings = Settings(access="keys", rate=100_000, failures=10_000)
    with TestClient(create_app(settings, library, keys), base_url=HERE) as asked:
        yield asked


@pytest.fixture
def guard(library):
    """Starts a service that asks for keys, with other settings."""
    started = []

    def start(keys=None, **settings):
        app = create_app(Settings(**{"access": "keys"} | settings), library, keys or MemoryKeys())
        client = TestClient(app, base_url=HERE, client=("192.0.2.7", 50000))
        client.__enter__()
        started.append(client)
        return client

    yield start
    for client in started:
        client.__exit__(None, None, None)


# ---------------------------------------------------------------------------------------------------- keys


def test_a_key_has_256_random_bits_and_only_its_digest_is_kept():
    made = {new_key() for _ in range(100)}
    assert len(made) == 100
    for key in made:
        assert KEY.fullmatch(key)
        assert len(base64.urlsafe_b64decode(key.removeprefix("planopt_") + "=")) * 8 == 256
    stored = MemoryKeys().stored
    assert not any(key in repr(stored) for key in KEYS.values())
    # FIPS 180-4, the example of one block.
    assert digest("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_without_any_key_the_service_does_not_start(library):
    for settings in (Settings(access="keys"), Settings(host="192.0.2.1"), Settings(trusted_proxies="192.0.2.1")):
        for keys in (None, MemoryKeys({})):
            with pytest.raises(NoKeysError):
                create_app(settings, library, keys)


@pytest.mark.parametrize("role", Role)
def test_every_role_reads(guarded, role):
    assert guarded.get(PLANS, headers=bearer(role)).status_code == 200


def test_basic_authentication_carries_the_key_as_password(guarded):
    assert guarded.get(PLANS, auth=("anybody", KEYS[Role.READER])).status_code == 200
    assert guarded.get(PLANS, auth=(KEYS[Role.READER], "")).status_code == 401


def test_without_a_key_nothing_is_told_but_how_to_ask(guarded):
    for address in (PLANS, f"{PLANS}/tiny", f"{PLANS}/no_such", "/v1/none", "/metrics", "/docs/../v1/plans"):
        response = guarded.get(address)
        assert (response.status_code, response.json()["code"]) == (401, "unauthorized"), address
        assert response.headers["www-authenticate"] == 'Bearer realm="planopt"'
        assert response.headers["content-type"] == "application/problem+json"
        assert response.headers["x-content-type-options"] == "nosniff"
        assert "tiny" not in response.json()["detail"]
    for address in ("/healthz", "/readyz", "/openapi.json", "/docs", "/docs/swagger-ui.css"):
        assert guarded.get(address).status_code == 200, address
    assert "plans" not in guarded.get("/readyz").json()
    assert guarded.get("/readyz", headers=bearer(Role.READER)).json()["plans"] == ["tiny", "dynamic_input_output"]


@pytest.mark.parametrize(
    "stated",
    [
        "",
        "Bearer",
        "Bearer ",
        f"Bearer {new_key()}",
        f"Bearer {KEYS[Role.ADMIN][:-1]}",
        f"Bearer {KEYS[Role.ADMIN]}x",
        f"Bearer {KEYS[Role.ADMIN].lower()}",
        f"bearer{KEYS[Role.ADMIN]}",
        f"Token {KEYS[Role.ADMIN]}",
        KEYS[Role.ADMIN],
        f"Bearer {digest(KEYS[Role.ADMIN])}",
        "Bearer planopt_" + "A" * 43,
        "Bearer ' OR 1=1 --",
        "Basic !!!",
        "Basic " + base64.b64encode(b"\xff\xff").decode(),
        "Basic " + base64.b64encode(b"admin").decode(),
        "Bearer " + "x" * 8000,
    ],
    ids=range(17),  # the keys are new in every process
)
def test_what_is_no_key_of_this_service_opens_nothing(guarded, stated):
    response = guarded.get(PLANS, headers={"authorization": stated})
    assert response.status_code == 401
    assert response.headers["www-authenticate"].startswith("Bearer")
    assert "planopt_" not in response.text


def test_a_key_elsewhere_than_in_its_header_opens_nothing(guarded):
    key = KEYS[Role.ADMIN]
    assert guarded.get(PLANS, params={"key": key, "access_token": key}).status_code == 401
    assert guarded.get(PLANS, headers={"cookie": f"key={key}", "x-api-key": key}).status_code == 401


@pytest.mark.parametrize(
    ("role", "method", "address", "status"),
    [
        (Role.READER, "POST", WHAT_IF, 200),
        (Role.READER, "POST", PLANS, 403),
        (Role.READER, "PUT", f"{PLANS}/tiny", 403),
        (Role.READER, "PUT", f"{PLANS}/tiny/scenarios/mine", 403),
        (Role.READER, "POST", "/v1/runs", 403),
        (Role.READER, "DELETE", "/v1/runs/1", 403),
        (Role.READER, "PATCH", "/v1/anything", 403),
        (Role.READER, "GET", "/metrics", 403),
        (Role.ANALYST, "GET", "/metrics", 403),
        (Role.ANALYST, "DELETE", f"{PLANS}/tiny/versions/01234567", 403),
        (Role.ANALYST, "PATCH", "/v1/anything", 404),
        (Role.ADMIN, "DELETE", f"{PLANS}/tiny/versions/01234567", 404),
        (Role.ADMIN, "GET", "/metrics", 200),
    ],
)
def test_a_role_may_what_it_may(guarded, role, method, address, status):
    response = guarded.request(method, address, headers=bearer(role), json={} if method == "POST" else None)
    assert response.status_code == status
    if status == 403:
        assert response.json()["code"] == "forbidden"
        assert "insufficient_scope" in response.headers["www-authenticate"]


def test_a_refusal_says_which_role_is_needed_in_both_languages(guarded):
    for language, words in (("en", ("role analyst", "is reader")), ("zh", ("须由分析员", "是读者"))):
        response = guarded.post(PLANS, headers=bearer(Role.READER) | {"accept-language": language})
        assert all(word in response.json()["detail"] for word in words)


def test_every_operation_that_changes_something_is_closed_to_readers(guarded):
    """Endpoints that come later are included: what is not named as asking is an analyst's at least."""
    for path, operations in guarded.app.openapi()["paths"].items():
        for method, operation in operations.items():
            address = path.replace("{", "").replace("}", "")
            wanted = needed(method.upper(), address)
            if method == "get":
                assert wanted is Role.READER, path
            else:
                asks = operation["tags"] == ["questions"] or operation["operationId"] == "compare_results"
                assert (wanted is Role.READER) == asks, path
    assert needed("GET", "/v1/keys") is needed("POST", "/v1/admin/purge") is Role.ADMIN


@pytest.mark.parametrize(
    "path", ["/docs/../v1/plans", "/docs/a/b", "/healthz/", "//healthz", "/DOCS", "/docs/%2e%2e/x"]
)
def test_only_the_public_addresses_themselves_are_public(path):
    assert not is_public("GET", path)


def test_nothing_is_public_to_change():
    assert not is_public("POST", "/docs")


def test_the_body_of_a_stranger_is_not_read(guarded):
    sent = []

    async def send(message):
        sent.append(message)

    async def receive():
        pytest.fail("the body is read")

    headers = {"host": "127.0.0.1", "content-type": "application/json", "transfer-encoding": "chunked"}
    scope = {
        "type": "http",
        "method": "POST",
        "path": WHAT_IF,
        "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    }
    asyncio.run(guarded.app(scope, receive, send))
    assert sent[0]["status"] == 401


# ------------------------------------------------------------------------------------------------- keyring


class Clock:
    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


def test_a_revoked_key_stops_working_within_seconds():
    clock, store = Clock(), MemoryKeys()
    ring = Keyring(store, clock)
    ring.refresh()
    assert ring.find(KEYS[Role.ADMIN]).name == "admin-key"
    store.stored.clear()
    assert ring.is_fresh()
    clock.now += FRESH
    assert not ring.is_fresh()
    ring.refresh()
    assert ring.find(KEYS[Role.ADMIN]) is None


def test_a_new_key_works_within_seconds(guard, monkeypatch):
    monkeypatch.setattr("api.access.keys.FRESH", 0.0)
    store = MemoryKeys()
    client, key = guard(store), new_key()
    headers = {"authorization": f"Bearer {key}"}
    assert client.get(PLANS, headers=headers).status_code == 401
    store.stored.append(StoredKey("0123", "new", Role.READER, digest(key)))
    assert client.get(PLANS, headers=headers).status_code == 200


def test_while_the_database_is_gone_known_keys_hold_and_nobody_else_gets_in(caplog):
    clock, store = Clock(), MemoryKeys()
    ring = Keyring(store, clock)
    ring.refresh()
    store.broken = True
    clock.now += 2 * FRESH
    ring.refresh()
    assert ring.find(KEYS[Role.READER]) is not None
    assert ring.find(new_key()) is None
    assert "could not be read" in caplog.text
    assert ring.is_fresh()  # the database is not asked again at once


def test_wrong_keys_do_not_ask_the_database(guard):
    store = MemoryKeys()
    client = guard(store)
    for _ in range(20):
        client.get(PLANS, headers={"authorization": f"Bearer {new_key()}"})
    assert store.looks <= 2


def test_every_key_is_compared_and_by_a_comparison_in_constant_time(monkeypatch):
    seen = []
    monkeypatch.setattr("api.access.keys.hmac.compare_digest", lambda a, b: seen.append(a) or a == b)
    ring = Keyring(MemoryKeys())
    ring.refresh()
    assert ring.find(KEYS[Role.READER]).role is Role.READER
    assert len(seen) == len(KEYS)  # also those after the one that was found


# --------------------------------------------------------------------------------------------------- rates


def test_guessing_keys_is_slowed_down_and_nobody_else_suffers(guard):
    client = guard(failures=5)
    statuses = [client.get(PLANS, headers={"authorization": f"Bearer {new_key()}"}).status_code for _ in range(8)]
    assert statuses == [401] * 5 + [429] * 3
    assert client.get(PLANS, headers=bearer(Role.READER)).status_code == 200  # from the same address


def test_a_key_may_ask_so_often_and_is_told(guard):
    client = guard(rate=3)
    answers = [client.get(PLANS, headers=bearer(Role.READER)) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert [answer.headers["ratelimit"].split(";")[1] for answer in answers] == ["r=2", "r=1", "r=0", "r=0"]
    assert answers[0].headers["ratelimit-policy"] == '"requests";q=3;w=60'
    refused = answers[-1]
    assert refused.json()["code"] == "too_many_requests"
    wait = int(refused.headers["retry-after"])
    assert 1 <= wait <= 60
    assert refused.headers["ratelimit"].endswith(f"t={wait}")
    assert client.get(PLANS, headers=bearer(Role.ADMIN)).status_code == 200
    assert client.get("/healthz", headers=bearer(Role.READER)).status_code == 200


def test_strangers_are_counted_by_address(guard):
    client = guard(rate=2)
    assert [client.get("/docs").status_code for _ in range(3)] == [200, 200, 429]
    assert client.get(PLANS).status_code == 429


def test_an_open_service_counts_only_where_asked_to(serve):
    assert "ratelimit" not in serve().get(PLANS).headers
    client = serve(rate=1)
    assert [client.get("/docs").status_code for _ in range(2)] == [200, 429]


def test_the_window_moves(monkeypatch):
    now = [1000.0]
    monkeypatch.setattr(time, "time", lambda: now[0])
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    limit = rates.Rates("requests", 2)
    limit.take("a")
    now[0] += 40
    limit.take("a")
    with pytest.raises(rates.TooManyError) as caught:
        limit.take("a")
    assert caught.value.headers["Retry-After"] == "20"  # the first one leaves the window after 60 s
    now[0] += 21
    assert limit.take("a")["RateLimit"].startswith('"requests";r=0')


@pytest.mark.parametrize("jump", [-3600.0, 3600.0])
def test_a_clock_that_is_set_locks_nobody_out(monkeypatch, jump):
    now, steady = [10_000.0], [0.0]
    monkeypatch.setattr(time, "time", lambda: now[0])
    monkeypatch.setattr(time, "monotonic", lambda: steady[0])
    limit = rates.Rates("requests", 1)
    limit.take("a")
    now[0] += jump
    steady[0] += 61
    now[0] += 61
    limit.take("a")
    with pytest.raises(rates.TooManyError):
        limit.take("a")


@pytest.mark.parametrize(
    ("address", "who"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("testclient", "testclient"),
        ("", ""),
    ],
)
def test_who_stands_behind_an_address(address, who):
    assert origin_of(address) == who


# --------------------------------------------------------------------------------------- hosts, sites, proxies


@pytest.mark.parametrize(
    "host",
    ["", "evil.example", "127.0.0.1.evil.example", "127.0.0.1@evil.example", "[::1", "::1", "127.0.0.1:x",
     "127.0.0.1:99999999", "localhost/", "localhost evil", "\u00e4", "127.0.0.1, evil.example"],
)  # fmt: skip
def test_a_host_that_is_not_ours_or_none_is_refused(client, host):
    response = client.get(PLANS, headers={"host": host.encode("latin-1")})
    assert (response.status_code, response.json()["code"]) == (421, "wrong_host")


def test_hosts_of_the_settings_are_taken(guard):
    client = guard(host="192.0.2.9", hosts="plan.example")
    for host in ("192.0.2.9", "plan.example:443", "PLAN.example", "127.0.0.1"):
        assert client.get("/healthz", headers={"host": host}).status_code == 200, host
    assert client.get("/healthz", headers={"host": "other.example"}).status_code == 421


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://evil.example"},
        {"origin": "null"},
        {"origin": ""},
        {"origin": "http://127.0.0.1:81"},
        {"origin": "http://127.0.0.1.evil.example"},
        {"origin": "http://[::1"},
        {"sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors"},
        {"sec-fetch-site": "same-site", "sec-fetch-mode": "cors"},
        {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"},
    ],
)
def test_a_page_of_another_site_cannot_post(ask, headers):
    response = ask({}, **headers)
    assert (response.status_code, response.json()["code"]) == (403, "cross_site")


def test_a_page_of_another_site_cannot_get_either_unless_a_link_is_followed(client):
    assert client.get(PLANS, headers={"origin": "http://evil.example"}).status_code == 403
    assert client.get(PLANS, headers={"sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors"}).status_code == 403
    navigating = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"}
    assert client.get("/docs", headers=navigating).status_code == 200
    assert client.get(PLANS).headers.get("access-control-allow-origin") is None
    assert client.options(PLANS, headers={"origin": "http://evil.example"}).status_code == 403


def test_our_own_page_can_post(ask):
    assert ask({}, origin="http://127.0.0.1").status_code == 200
    assert ask({}, origin="http://127.0.0.1:80", **{"sec-fetch-site": "same-origin"}).status_code == 200


@pytest.mark.parametrize("header", ["forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip"])
def test_an_open_service_takes_nothing_through_a_proxy(client, header):
    response = client.get(PLANS, headers={header: "192.0.2.1"})
    assert (response.status_code, response.json()["code"]) == (403, "proxied")
    assert "PLANOPT_API_ACCESS=keys" in response.json()["detail"]


def test_metrics_can_be_left_to_this_machine_or_off(library, guard):
    near = TestClient(
        create_app(Settings(access="keys", metrics="loopback"), library, MemoryKeys()),
        base_url=HERE, client=("127.0.0.1", 1),
    )  # fmt: skip
    assert near.get("/metrics").status_code == 200
    assert near.get("/metrics", headers={"x-forwarded-for": "192.0.2.1"}).status_code == 401
    assert guard(metrics="loopback").get("/metrics").status_code == 401
    assert guard(metrics="off").get("/metrics", headers=bearer(Role.ADMIN)).status_code == 404


def test_no_key_gets_into_the_log(guard, caplog):
    caplog.set_level(logging.DEBUG)
    client = guard()
    client.get(PLANS, headers=bearer(Role.ADMIN), params={"key": KEYS[Role.ADMIN]})
    client.get(PLANS, auth=("x", KEYS[Role.ADMIN]))
    client.get(PLANS, headers={"authorization": f"Bearer {new_key()}"})
    assert {record.getMessage() for record in caplog.records if record.name == "planopt.requests"} == {"request"}
    assert "planopt_" not in str([record.__dict__ for record in caplog.records if "planopt" in record.name])
    assert [record.caller for record in caplog.records if record.name == "planopt.requests"] == [
        "admin-key",
        "admin-key",
        "anonymous",
    ]
