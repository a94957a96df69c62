"""What holds for every request: its id, its host, the size of its body, security headers, and no traces."""

from __future__ import annotations

import logging
import re
import uuid
from collections.abc import Sequence

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import ApiError, TooLargeError, WrongHostError, render
from optimizer.words.language import Text

LOG = logging.getLogger("planopt.api")
REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
}


class Guard:
    """Stands outside everything else, so that refusals and failures look like any other answer."""

    def __init__(self, app: ASGIApp, hosts: Sequence[str], max_body: int) -> None:
        self.app, self.hosts, self.max_body = app, frozenset(hosts), max_body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request = Request(scope, receive)
        scope["request_id"] = _request_id(request)
        answer = _Answer(send, scope["request_id"])
        try:
            self._check(request)
            await self.app(scope, _Body(request, receive, self.max_body), answer)
        except ApiError as error:
            await render(request, error)(scope, receive, answer)
        except Exception:
            LOG.exception("request %s failed", scope["request_id"])
            if answer.started:
                raise
            await render(request, ApiError(INTERNAL))(scope, receive, answer)

    def _check(self, request: Request) -> None:
        """A page of another site must not reach the service through a name that leads to this machine."""
        if request.url.hostname not in self.hosts:
            hosts = ", ".join(sorted(self.hosts))
            raise WrongHostError(Text(f"本服务的主机名为：{hosts}", f"This service answers to: {hosts}"))


INTERNAL = Text(
    "此次请求未能完成，日志中以请求编号记有原因。",
    "The request could not be completed; the log has the reason under the request id.",
)


def _request_id(request: Request) -> str:
    """The caller's own id where it is harmless, else a new one."""
    given = request.headers.get("x-request-id", "")
    return given if REQUEST_ID.fullmatch(given) else uuid.uuid4().hex


class _Answer:
    """``send`` with the headers that every answer has."""

    def __init__(self, send: Send, request_id: str) -> None:
        self.send, self.request_id, self.started = send, request_id, False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.started = True
            headers = MutableHeaders(scope=message)
            headers["X-Request-ID"] = self.request_id
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
        await self.send(message)


class _Body:
    """``receive`` that refuses a body beyond the limit, announced or not."""

    def __init__(self, request: Request, receive: Receive, limit: int) -> None:
        self.receive, self.limit, self.received = receive, limit, 0
        announced = request.headers.get("content-length", "")
        self.announced = int(announced) if announced.isdecimal() else 0

    async def __call__(self) -> Message:
        if self.announced > self.limit:
            raise self._refusal()
        message = await self.receive()
        self.received += len(message.get("body", b""))
        if self.received > self.limit:
            raise self._refusal()
        return message

    def _refusal(self) -> TooLargeError:
        return TooLargeError(Text(f"正文不得超过 {self.limit} 字节。", f"A body may have {self.limit} bytes at most."))
