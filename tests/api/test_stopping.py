"""The end of the service, by real signals to a real process; and a process that asks for keys."""

import json
import os
import signal
import time

import pytest

from api.__main__ import NO_KEYS
from api.access.keys import KEY
from tests.api.serving import code, connect, entries, exchange, is_closed, read_answer
from tests.api.test_process import called, start  # noqa: F401 - fixtures

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals")

READY = b"GET /readyz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
HALF = (
    b"POST /v1/plans/tiny/what-ifs HTTP/1.1\r\nHost: 127.0.0.1\r\n"
    b"Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{"
)


def port_of(address):
    return int(address.rpartition(":")[2])


def wait_until_ready(port):
    """Processes for questions are started beside the service, and it says so when they answer."""
    until = time.monotonic() + 120
    while exchange(port, READY)[0] != 200:
        assert time.monotonic() < until
        time.sleep(0.1)


def test_what_is_under_way_finishes_and_the_end_is_announced(start):  # noqa: F811
    process, address = start(PLANOPT_API_DRAIN="2", PLANOPT_API_GRACE="20")
    port = port_of(address)
    with connect(port) as under_way:
        under_way.sendall(HALF)
        wait_until_ready(port)
        process.send_signal(signal.SIGTERM)
        answers = [exchange(port, READY) for _ in range(2)]
        assert answers[-1][0] == 503  # and still somebody is there to say so
        assert code(answers[-1]) == "stopping"
        gone = time.monotonic() + 30
        while time.monotonic() < gone:
            try:
                connect(port).close()
            except ConnectionRefusedError:
                break
            time.sleep(0.05)
        else:
            pytest.fail("new connections are still taken")
        under_way.sendall(b"}")
        status, _, body = read_answer(under_way)
        assert (status, json.loads(body)["status"]) == (200, "optimal")
        assert is_closed(under_way)
    out, errors = process.communicate(timeout=30)
    assert process.returncode == 0
    assert out.strip().endswith("Stopped.")
    assert [entry["event"] for entry in entries(errors) if entry["level"] in ("error", "critical")] == []


def test_what_does_not_finish_within_the_grace_is_cancelled_and_told_so(start):  # noqa: F811
    process, address = start(PLANOPT_API_GRACE="1")
    with connect(port_of(address)) as under_way:
        under_way.sendall(HALF)
        wait_until_ready(port_of(address))
        process.send_signal(signal.SIGTERM)
        answer = read_answer(under_way)
        assert (answer[0], code(answer)) == (503, "stopping")
        assert answer[1]["retry-after"] == "5"
    process.communicate(timeout=30)
    assert process.returncode == 0


def test_a_second_signal_ends_it_at_once(start):  # noqa: F811
    process, address = start(PLANOPT_API_GRACE="300")
    with connect(port_of(address)) as under_way:
        under_way.sendall(HALF)
        asking = b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
        assert exchange(port_of(address), asking)[0] == 200  # so the half before it has arrived
        process.send_signal(signal.SIGTERM)
        time.sleep(0.5)
        assert process.poll() is None
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)
    assert process.returncode == 128 + signal.SIGTERM


def test_keys_from_the_first_one_to_the_last(start, called, tmp_path):  # noqa: F811
    """Refusal without keys; a key made, used, listed and revoked while the service runs."""
    store = {
        "PLANOPT_API_DATABASE": f"sqlite:///{(tmp_path / 'store.sqlite3').as_posix()}",
        "PLANOPT_API_ACCESS": "keys",
        "PLANOPT_LANG": "zh",
    }
    code, said = called("--no-serve", **store)
    assert (code, "尚无任何密钥" in said) == (2, True)
    assert called("keys", "add", "a b", **store)[0] == 2
    code, said = called("keys", "add", "li.wei", "--role", "analyst", **store)
    key = KEY.search(said)[0]
    assert (code, said.count(key)) == (0, 1)
    number = called("keys", "list", **store)[1].split()[0]

    process, address = start(**store)
    port = port_of(address)
    asking = b"GET /v1/plans HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer %s\r\n\r\n" % key.encode()
    assert exchange(port, asking)[0] == 200
    assert exchange(port, asking.replace(b"planopt_", b"planopt-"))[0] == 401
    assert [called("keys", "revoke", number, **store)[0] for _ in range(2)] == [0, 2]
    end = time.monotonic() + 30
    while exchange(port, asking)[0] == 200:
        assert time.monotonic() < end, "a revoked key still works"
        time.sleep(0.2)
    listed = called("keys", "list", **store)[1]
    assert [word in listed for word in ("已撤销", "li.wei", "analyst", number, key)] == [True] * 4 + [False]
    process.terminate()
    _, errors = process.communicate(timeout=30)
    assert process.returncode == 0
    assert key not in errors
    assert {entry.get("caller") for entry in entries(errors) if entry["event"] == "request"} == {"li.wei", "anonymous"}
    stored = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert key.removeprefix("planopt_").encode() not in stored


def test_beyond_loopback_there_must_be_keys(called, tmp_path):  # noqa: F811
    """Nothing is solved, and no port is opened first."""
    database = f"sqlite:///{(tmp_path / 'store.sqlite3').as_posix()}"
    code, said = called("--host", "192.0.2.1", PLANOPT_API_DATABASE=database)
    assert code == 2
    assert said.splitlines() == [NO_KEYS.en]
    assert "python -m api keys add" in said


def test_settings_are_checked_and_shown_without_passwords(called):  # noqa: F811
    url = "postgresql://planner:" + "hidden@db.example/planopt"
    code, said = called("--check-settings", PLANOPT_API_DATABASE=url, PLANOPT_API_GRACE="7")
    assert code == 0
    assert "PLANOPT_API_GRACE=7" in said
    assert "hidden" not in said
    assert "***@db.example/planopt" in said
    wrong = {"PLANOPT_API_GRACE": "0", "PLANOPT_API_RATE": "x", "PLANOPT_API_GRACES": "1"}
    code, said = called("--check-settings", PLANOPT_LANG="zh", **wrong)
    assert (code, len(said.splitlines())) == (2, 4)
    assert "是否为 PLANOPT_API_GRACE？" in said


@pytest.mark.parametrize(
    ("database", "said"),
    [("mysql://db.example/planopt", "not supported"), ("sqlite:////no/such/folder/x", "does not exist"), ("", "read")],
)
def test_a_database_that_cannot_be_used_is_said_so(called, database, said):  # noqa: F811
    code, printed = called("keys", "list", PLANOPT_API_DATABASE=database)
    assert code == 2
    assert said in printed
