"""A real server on a free port of this machine, in a thread of the test; and raw bytes to throw at it."""

import json
import socket
import threading
import time
from contextlib import contextmanager

from api.app import create_app
from api.serving.server import Server
from api.settings import Settings


@contextmanager
def served(library, keys=None, prepare=None, **settings):
    """The server and its port; ``prepare`` may add to the application before it starts."""
    chosen = Settings(**settings)
    app = create_app(chosen, library, keys)
    if prepare:
        prepare(app)
    listening = socket.create_server(("127.0.0.1", 0))
    server = Server(app, chosen)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    until(lambda: server.started)
    try:
        yield server, listening.getsockname()[1]
    finally:
        server.should_exit = True
        thread.join(30)
        assert not thread.is_alive()


def until(condition, seconds=30):
    """Waits for the condition; fails where it never comes."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it never came true"
        time.sleep(0.01)


def connect(port):
    return socket.create_connection(("127.0.0.1", port), timeout=30)


def exchange(port, data):
    """Sends bytes and reads until the server closes, or the answer is complete."""
    with connect(port) as connection:
        connection.sendall(data)
        return read_answer(connection)


def read_answer(connection):
    """Status, headers and body of one answer; None where the connection ends without one."""
    received = b""
    try:
        while b"\r\n\r\n" not in received:
            piece = connection.recv(65536)
            if not piece:
                return None
            received += piece
        head, _, body = received.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        while len(body) < int(headers.get("content-length", 0)):
            piece = connection.recv(65536)
            if not piece:
                break
            body += piece
    except ConnectionResetError:
        return None
    return int(first.split()[1]), headers, body


def is_closed(connection):
    """Whether the server has closed the connection; waits for what it still sends."""
    try:
        while piece := connection.recv(65536):
            assert piece
    except ConnectionResetError:
        return True
    except TimeoutError:
        return False
    return True


def code(answer):
    """The code of a problem document."""
    status, headers, body = answer
    assert headers["content-type"] == "application/problem+json", headers
    document = json.loads(body)
    assert document["status"] == status
    return document["code"]


def entries(errors):
    """The log of a service. What the interpreter itself says while processes are ended is no entry."""
    return [json.loads(line) for line in errors.splitlines() if line.startswith("{")]
