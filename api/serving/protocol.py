"""Connections, bounded: how many, how long a head may take, how long an answer may lie unread."""

from __future__ import annotations

import asyncio
import json
import socket
from typing import Any

import h11
from starlette.requests import Request
from starlette.types import Receive, Scope, Send
from uvicorn.config import Config
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

from api.errors import MEDIA_TYPE, TYPE, render
from api.middleware import HEADERS
from api.refusals import CLOSE, FullError
from api.setting_groups import Bounds
from optimizer.words.language import Text

TOO_MANY = Text("连接已达上限，请稍后再试。", "As many connections as can be are open; try again shortly.")
NO_HTTP = Text("不是合法的 HTTP 请求，或请求头过大。", "It is no legal HTTP request, or its head is too large.")


class Connection(H11Protocol):
    """uvicorn's connection with a clock. What a request asks is the business of the application."""

    bounds = Bounds()

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._head: asyncio.TimerHandle | None = None
        self._unread: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as in uvicorn
        super().connection_made(transport)
        # A head and its body are two writes: without this the second waits for the first to be acknowledged, 40 ms.
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if len(self.connections) > 2 * self.bounds.max_connections:
            transport.abort()
            return
        if len(self.connections) > self.bounds.max_connections:
            self.app = _refuse
        self._expect_head()

    def data_received(self, data: bytes) -> None:
        if self._head is None and self._awaits_head():
            self._expect_head()
        super().data_received(data)

    def handle_events(self) -> None:
        super().handle_events()
        if not self._awaits_head():
            self._head = _stopped(self._head)

    def connection_lost(self, exc: Exception | None) -> None:
        self._head, self._unread = _stopped(self._head), _stopped(self._unread)
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        """The client reads more slowly than the answer is made."""
        super().pause_writing()
        self._unread = self._unread or self.loop.call_later(self.bounds.write_timeout, self.transport.abort)

    def resume_writing(self) -> None:
        super().resume_writing()
        self._unread = _stopped(self._unread)

    def _awaits_head(self) -> bool:
        return self.conn.their_state is h11.IDLE

    def _expect_head(self) -> None:
        self._head = self.loop.call_later(self.bounds.read_timeout, self.transport.abort)

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - uvicorn's words are replaced
        """As a problem document in both languages: nobody knows who asks."""
        body = json.dumps(
            {
                "type": f"{TYPE}no_http",
                "title": "Bad request / 请求有误",
                "status": 400,
                "code": "no_http",
                "detail": f"{NO_HTTP.en} {NO_HTTP.zh}",
            },
            ensure_ascii=False,
        ).encode()
        headers = HEADERS | CLOSE | {"Content-Type": MEDIA_TYPE, "Content-Length": str(len(body))}
        fields = [(name.encode(), value.encode()) for name, value in headers.items()]
        start = h11.Response(status_code=400, headers=fields, reason=b"Bad Request")
        for event in (start, h11.Data(data=body), h11.EndOfMessage()):
            self.transport.write(self.conn.send(event) or b"")
        self.transport.close()


def connection_with(bounds: Bounds) -> type[Connection]:
    """The class of connections under these bounds."""
    return type("BoundedConnection", (Connection,), {"bounds": bounds})


def _stopped(timer: asyncio.TimerHandle | None) -> asyncio.TimerHandle | None:
    """No timer any more."""
    if timer is not None:
        timer.cancel()
    return None


async def _refuse(scope: Scope, receive: Receive, send: Send) -> None:
    """The application of connections that are too many."""
    answer = render(Request(scope), FullError(TOO_MANY, headers=HEADERS | CLOSE | {"Retry-After": "1"}))
    await answer(scope, receive, send)
