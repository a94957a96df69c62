"""What a request may take: size, depth, time, connections. Attacks over real connections, each answered or cut off."""

import asyncio
import json
import socket
import time

import pytest

from api.bodies import check_depth
from api.errors import UnreadableError
from tests.api.serving import code, connect, exchange, is_closed, read_answer, served, until

WHAT_IF = "/v1/plans/tiny/what-ifs"
HEAD = b"Host: 127.0.0.1\r\nContent-Type: application/json\r\n"


def get(path, *lines):
    return b"\r\n".join([f"GET {path} HTTP/1.1".encode("latin-1"), b"Host: 127.0.0.1", *lines, b"", b""])


def post(*lines, body=b""):
    return b"\r\n".join([f"POST {WHAT_IF} HTTP/1.1".encode(), HEAD.strip(), *lines, b"", body])


@pytest.fixture(scope="module")
def port(library):
    with served(library, max_body=4096, read_timeout=1.0, max_depth=8, max_address=512) as (_, number):
        yield number


# ----------------------------------------------------------------------------------------------------- bodies


def test_a_body_without_length_is_refused_as_soon_as_it_is_too_large(port):
    chunk = b"400\r\n" + b" " * 1024 + b"\r\n"
    with connect(port) as connection:
        connection.sendall(post(b"Transfer-Encoding: chunked") + chunk * 5)  # and no end
        answer = read_answer(connection)
        assert (answer[0], code(answer)) == (413, "body_too_large")
        assert answer[1]["connection"] == "close"
        assert is_closed(connection)


def test_an_announced_large_body_is_refused_before_it_is_sent(port):
    answer = exchange(port, post(b"Content-Length: 1000000000"))
    assert (answer[0], code(answer)) == (413, "body_too_large")
    answer = exchange(port, post(b"Content-Length: 1000000000", b"Expect: 100-continue"))
    assert (answer[0], code(answer)) == (413, "body_too_large")


def test_a_body_that_comes_too_slowly_is_given_up(port):
    with connect(port) as connection:
        begun = time.monotonic()
        connection.sendall(post(b"Content-Length: 1000", body=b"{"))
        for _ in range(3):  # a byte now and then does not help
            time.sleep(0.2)
            connection.sendall(b" ")
        answer = read_answer(connection)
        assert (answer[0], code(answer)) == (408, "slow_request")
        assert time.monotonic() - begun > 0.9
        assert is_closed(connection)


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd", "x-gzip", "identity, gzip", "chunked"])
def test_compressed_bodies_are_not_unpacked(client, encoding):
    response = client.post(WHAT_IF, content=b"\x1f\x8b", headers={"content-encoding": encoding})
    assert (response.status_code, response.json()["code"]) == (415, "encoded_body")


def test_json_that_is_nested_too_deep_is_refused_before_it_is_parsed(port, ask):
    deep = b'{"changes": ' + b'{"a": ' * 8 + b"1" + b"}" * 9
    answer = exchange(port, post(b"Content-Length: %d" % len(deep), body=deep))
    assert (answer[0], code(answer)) == (400, "unreadable_body")
    assert "8" in json.loads(answer[2])["detail"]
    for body in (b"[" * 100_000, b'{"a":' * 100_000, b"[{" * 1000 + b"}]" * 1000):
        assert ask(body).json()["code"] == "unreadable_body"


@pytest.mark.parametrize(
    ("body", "deep"),
    [
        (b"1", False),
        (b"[[[1]]]", False),
        (b"[[[[1]]]]", True),
        (b'[[["[[[["]]]', False),
        (b'[[["\\"[[[["]]]', False),
        (b'[[["\\\\", [1]]]]', True),
        (b"[[1],[2],[3],[4],[5]]", False),
        (b'{"a": {"b": [{}]}}', True),
        ('["深", [["界"]]]'.encode(), False),
        (b'["unfinished [[[[', True),
        ("[1]".encode("utf-16"), True),
        ("[1]".encode("utf-32-le"), True),
    ],
)
def test_depth_is_counted_outside_of_strings(body, deep):
    if deep:
        with pytest.raises(UnreadableError):
            check_depth(body, 3)
    else:
        check_depth(body, 3)


def test_numbers_that_are_none_are_refused(port):
    for number in (b"NaN", b"-Infinity", b"1e999", b"9" * 4000):
        body = b'{"time_limit": ' + number + b"}"
        answer = exchange(port, post(b"Content-Length: %d" % len(body), body=body))
        assert answer[0] in (400, 422), number
        assert code(answer) in ("unreadable_body", "invalid_request")


# ------------------------------------------------------------------------------------------------ heads, addresses


@pytest.mark.parametrize(
    "data",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 64 + b"\r\n\r\n",  # TLS
        b"GET\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nHost: evil.example\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Request-ID: a\0b\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX Request: a\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Request-ID: a\rSet-Cookie: b=c\r\n\r\n",
        post(b"Content-Length: 2", b"Content-Length: 3", body=b"{} "),
        post(b"Content-Length: -2", body=b"{}"),
        post(b"Content-Length: 2a", body=b"{}"),
        post(b"Transfer-Encoding: gzip, chunked", body=b"0\r\n\r\n"),
        b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Large: " + b"x" * 20_000,
    ],
    ids=range(12),
)
def test_what_is_no_http_is_refused_as_a_problem_document(port, data):
    answer = exchange(port, data)
    assert code(answer) == "no_http"
    assert answer[0] in (400, 501)
    assert answer[1]["connection"] == "close"
    assert answer[1]["x-content-type-options"] == "nosniff"
    assert "server" not in answer[1]


def test_a_header_cannot_be_smuggled_into_the_answer(port):
    for given in (b"a%0d%0aSet-Cookie: b=c", b"a\\r\\nSet-Cookie: b=c", b"a;b", b"\xe4", b"x" * 65, b""):
        status, headers, _ = exchange(port, get("/healthz", b"X-Request-ID: " + given))
        assert status == 200
        assert "set-cookie" not in headers
        assert headers["x-request-id"] != given.decode("latin-1")
        assert len(headers["x-request-id"]) == 32
    answer = exchange(port, get("/v1/plans%0d%0aSet-Cookie:%20b=c"))
    assert answer[0] == 404
    assert "set-cookie" not in answer[1]


def test_a_request_that_is_framed_in_two_ways_is_refused(port):
    """The classic of smuggling: what a proxy took for the body must not be answered as a second request."""
    hidden = get("/v1/plans")
    both = post(b"Content-Length: %d" % (5 + len(hidden)), b"Transfer-Encoding: chunked", body=b"0\r\n\r\n" + hidden)
    with connect(port) as connection:
        connection.sendall(both)
        answer = read_answer(connection)
        assert (answer[0], code(answer)) == (400, "unreadable_body")
        assert connection.recv(65536) == b""


def test_a_large_head_is_refused_also_where_it_comes_at_once(port):
    answer = exchange(port, get("/healthz", b"X-Large: " + b"x" * 20_000))
    assert (answer[0], code(answer)) == (431, "head_too_large")


def test_a_long_address_is_refused(port):
    for path in ("/v1/plans/" + "x" * 600, "/v1/plans?" + "a=b&" * 200):
        answer = exchange(port, get(path))
        assert (answer[0], code(answer)) == (414, "address_too_long")
    assert exchange(port, get("/v1/plans/" + "x" * 400))[0] == 404


@pytest.mark.parametrize(
    "path",
    ["/docs/../../pyproject.toml", "/docs/..%2f..%2fpyproject.toml", "/docs/%2e%2e/%2e%2e/pyproject.toml",
     "/docs/....//pyproject.toml", "/docs//etc/passwd", "/docs/swagger-ui.css/../../x", "/docs/..\\..\\pyproject.toml",
     "/v1/plans/..%2f..%2fpyproject.toml", "/v1/plans/tiny/tables/..%2f..%2fplan.toml", "/v1/plans/tiny%00/tables",
     "//evil.example/%2e%2e", "http://evil.example/v1/plans"],
)  # fmt: skip
def test_no_path_leads_out_of_the_service(port, path):
    answer = exchange(port, get(path))
    assert answer[0] == 404
    assert code(answer).startswith("unknown")
    assert b"[build-system]" not in answer[2]
    assert "location" not in answer[1]


@pytest.mark.parametrize("method", ["TRACE", "CONNECT", "PROPFIND", "PATCH", "DELETE", "get"])
def test_methods_that_an_address_has_not(port, method):
    answer = exchange(port, get("/v1/plans").replace(b"GET", method.encode(), 1))
    assert (answer[0], code(answer)) == (405, "wrong_method")
    assert "GET" in answer[1]["allow"]


def test_an_upgrade_is_not_made(port):
    lines = [b"Connection: Upgrade", b"Upgrade: websocket", b"Sec-WebSocket-Key: x", b"Sec-WebSocket-Version: 13"]
    assert exchange(port, get("/v1/plans", *lines))[0] == 200


def test_nothing_says_which_server_it_is(port):
    headers = exchange(port, get("/healthz"))[1]
    assert "server" not in headers
    assert "x-powered-by" not in headers


# ------------------------------------------------------------------------------------------------ connections


def test_a_head_that_never_ends_is_cut_off(port):
    for begin in (b"", b"GET / HT", get("/healthz")[:-2]):
        with connect(port) as connection:
            begun = time.monotonic()
            connection.sendall(begin)
            assert is_closed(connection)
            assert 0.8 < time.monotonic() - begun < 25


def test_the_second_head_on_a_connection_is_cut_off_too(port):
    with connect(port) as connection:
        connection.sendall(get("/healthz"))
        assert read_answer(connection)[0] == 200
        connection.sendall(b"GET /heal")
        for _ in range(3):  # a byte now and then does not help
            time.sleep(0.2)
            connection.sendall(b"t")
        assert is_closed(connection)


def test_a_connection_can_be_used_again_and_pipelined(port):
    with connect(port) as connection:
        for _ in range(3):
            connection.sendall(get("/healthz"))
            assert read_answer(connection)[0] == 200
        connection.sendall(get("/healthz") * 3)
        until_three = b""
        while until_three.count(b"HTTP/1.1 200") < 3:
            piece = connection.recv(65536)
            assert piece
            until_three += piece


def test_a_client_that_does_not_read_is_cut_off(library):
    with served(library, write_timeout=0.3) as (server, port):
        slow = socket.socket()
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        slow.connect(("127.0.0.1", port))
        slow.sendall(get("/docs/swagger-ui-bundle.js") * 4)
        until(lambda: server.server_state.connections)
        until(lambda: not server.server_state.connections)
        slow.close()


def test_connections_beyond_the_bound_get_503_and_then_nothing(library):
    with served(library, max_connections=2) as (server, port):
        held = [connect(port) for _ in range(2)]
        until(lambda: len(server.server_state.connections) == 2)
        answer = exchange(port, get("/healthz"))
        assert (answer[0], code(answer)) == (503, "full")
        assert answer[1]["retry-after"] == "1"
        held += [connect(port) for _ in range(2)]
        until(lambda: len(server.server_state.connections) == 4)
        with connect(port) as one_more:
            assert is_closed(one_more)
        for connection in held:
            connection.close()
        until(lambda: not server.server_state.connections)
        assert exchange(port, get("/healthz"))[0] == 200


def test_requests_beyond_the_bound_get_503_and_health_is_still_told(library):
    with served(library, max_requests=1) as (_, port):
        with connect(port) as held:
            held.sendall(post(b"Content-Length: 10", body=b"{"))
            until(lambda: exchange(port, get("/v1/plans"))[0] == 503)
            assert code(exchange(port, get("/v1/plans"))) == "full"
            assert exchange(port, get("/healthz"))[0] == 200
        until(lambda: exchange(port, get("/v1/plans"))[0] == 200)


def test_an_answer_must_begin_in_time_and_may_then_take_its_time(library):
    ended = []

    def prepare(app):
        from starlette.responses import StreamingResponse

        @app.get("/v1/never")
        async def never():
            try:
                await asyncio.sleep(60)
            finally:
                ended.append("never")

        async def pieces():
            for _ in range(5):
                await asyncio.sleep(0.2)
                yield b"x"

        @app.get("/v1/stream")
        async def stream():
            return StreamingResponse(pieces(), headers={"content-length": "5"})

    with served(library, prepare=prepare, deadline=0.4, request_timeout=0.5) as (_, port):
        answer = exchange(port, get("/v1/never"))
        assert (answer[0], code(answer)) == (504, "deadline")
        assert ended == ["never"]
        assert exchange(port, get("/v1/stream"))[2] == b"xxxxx"


def test_the_callers_address_is_believed_of_known_proxies_only(library):
    from tests.api.keys import MemoryKeys

    forwarded = [b"X-Forwarded-For: 198.51.100.7"]
    for proxies, statuses in (("127.0.0.1", [200, 200, 429]), ("192.0.2.1", [200, 429, 429])):
        with served(library, MemoryKeys(), trusted_proxies=proxies, rate=1, hosts="127.0.0.1") as (_, port):
            asked = [get("/docs", *forwarded), get("/docs"), get("/docs", *forwarded)]
            assert [exchange(port, data)[0] for data in asked] == statuses, proxies
