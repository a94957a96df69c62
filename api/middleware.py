"""What holds for every request: its id, who asks, how large and slow it may be, its headers, its log, and no traces."""

from __future__ import annotations

import asyncio
import logging
import re
import time
import uuid
from functools import partial
from typing import Any

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.contextvars import bound_contextvars

from api.access.gate import ANONYMOUS, Caller, Gate
from api.bodies import Body
from api.errors import ApiError, DeadlineError, render
from api.observability.metrics import Metrics
from api.refusals import CLOSE, FullError, LongAddressError, LongHeadError, StoppingError
from api.settings import Settings
from optimizer.words.language import Text

LOG = logging.getLogger("planopt.api")
ACCESS = logging.getLogger("planopt.requests")
REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
MAX_HEAD = 16 * 1024  # bytes of all headers
QUIET = frozenset({"/healthz", "/readyz", "/metrics"})  # asked by machines every few seconds; never refused as too many
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
}
INTERNAL = Text(
    "此次请求未能完成，日志中以请求编号记有原因。",
    "The request could not be completed; the log has the reason under the request id.",
)
STOPPING = Text("服务正在停止，请稍后再试。", "The service is stopping; try again shortly.")


class Guard:
    """Stands outside everything else, so that refusals and failures look like any other answer."""

    def __init__(self, app: ASGIApp, settings: Settings, gate: Gate, metrics: Metrics) -> None:
        self.app, self._settings, self._gate, self._metrics = app, settings, gate, metrics
        self._under_way = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request = Request(scope, receive)
        scope["request_id"] = _request_id(request)
        answer = _Answer(send, self._settings.hsts, scope["request_id"])
        scope.setdefault("state", {})["caller"] = ANONYMOUS
        scope["state"]["begun"] = begun = time.perf_counter()
        self._under_way += 1
        self._metrics.in_flight.inc()
        try:
            with bound_contextvars(request_id=scope["request_id"]):
                await self._answer(request, receive, answer)
        finally:
            self._under_way -= 1
            self._metrics.in_flight.dec()
            self._record(request, answer, time.perf_counter() - begun)

    async def _answer(self, request: Request, receive: Receive, answer: _Answer) -> None:
        try:
            await self._within_bounds(request, receive, answer)
        except ApiError as error:
            await self._refuse(request, error, answer)
        except asyncio.CancelledError:  # the service stops, and the grace is over
            if answer.started:
                raise
            await self._refuse(request, StoppingError(STOPPING, headers=CLOSE | {"Retry-After": "5"}), answer)
        except Exception:
            LOG.exception("request %s failed", request.scope["request_id"])
            if answer.started:
                raise
            await self._refuse(request, ApiError(INTERNAL), answer)

    async def _within_bounds(self, request: Request, receive: Receive, answer: _Answer) -> None:
        """The answer of the application. Raises ApiError."""
        self._gate.check_site(request)
        self._check_room(request)
        caller, headers = await self._gate.admit(request)
        request.scope["state"]["caller"] = caller
        answer.headers.update(headers)
        try:
            await self._in_time(request, receive, answer)
        finally:
            answer.deadline = None

    async def _in_time(self, request: Request, receive: Receive, answer: _Answer) -> None:
        """The answer, begun soon after the body was there. Raises DeadlineError."""
        seconds = self._settings.request_timeout
        body = Body(request, receive, self._settings, partial(answer.due, seconds))
        body.check()
        try:
            async with asyncio.timeout(None) as deadline:
                answer.deadline = deadline
                answer.due(seconds)
                await self.app(request.scope, body, answer)
        except TimeoutError:
            if not deadline.expired():
                raise
            detail = Text(f"{seconds:g} 秒内未能开始应答。", f"The answer did not begin within {seconds:g} s.")
            raise DeadlineError(detail) from None

    def _check_room(self, request: Request) -> None:
        if sum(len(name) + len(value) for name, value in request.scope["headers"]) > MAX_HEAD:
            raise LongHeadError(Text(f"请求头不得超过 {MAX_HEAD} 字节。", f"A head may have {MAX_HEAD} bytes at most."))
        path, query = request.scope.get("raw_path") or b"", request.scope["query_string"]
        if len(path) + len(query) > self._settings.max_address:
            most = self._settings.max_address
            raise LongAddressError(Text(f"地址不得超过 {most} 字节。", f"An address may have {most} bytes at most."))
        if self._under_way > self._settings.max_requests and request.scope["path"] not in QUIET:
            detail = Text("请稍后再试。", "Try again shortly.")
            raise FullError(detail, headers={"Retry-After": "1"})

    async def _refuse(self, request: Request, error: ApiError, answer: _Answer) -> None:
        if answer.started:
            raise error
        # An address with a host that is none cannot be put together again.
        scope = request.scope
        scope["headers"] = [(name, value) for name, value in scope["headers"] if name != b"host"]
        await render(Request(scope), error)(scope, request.receive, answer)

    def _record(self, request: Request, answer: _Answer, seconds: float) -> None:
        scope = request.scope
        route = getattr(scope.get("route"), "path", "none")
        status = answer.status or 499  # the caller went away before there was an answer
        self._metrics.request(request.method, route, status, seconds)
        caller: Caller = scope["state"]["caller"]
        entry: dict[str, Any] = {
            "request_id": scope["request_id"],
            "method": request.method,
            "path": scope["path"],
            "route": route,
            "status": status,
            "milliseconds": round(seconds * 1000, 1),
            "caller": caller.name,
            "address": request.client.host if request.client else "",
        }
        entry |= {name: str(scope["state"][name]) for name in ("run_id", "problem") if name in scope["state"]}
        if "problem" in entry:
            self._metrics.refusal(entry["problem"])
        level = logging.DEBUG if scope["path"] in QUIET and status < 400 else logging.INFO
        ACCESS.log(level, "request", extra=entry)


def _request_id(request: Request) -> str:
    """The caller's own id where it is harmless, else a new one."""
    given = request.headers.get("x-request-id", "")
    return given if REQUEST_ID.fullmatch(given) else uuid.uuid4().hex


class _Answer:
    """``send`` with the headers that every answer has."""

    def __init__(self, send: Send, hsts: int, request_id: str) -> None:
        self.send, self.started, self.status = send, False, 0
        self.headers = {"X-Request-ID": request_id}
        self.deadline: asyncio.Timeout | None = None
        if hsts:
            self.headers["Strict-Transport-Security"] = f"max-age={hsts}; includeSubDomains"

    def due(self, seconds: float) -> None:
        """The answer must begin within so many seconds from now."""
        if self.deadline is not None and not self.started:
            self.deadline.reschedule(asyncio.get_running_loop().time() + seconds)

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.started, self.status = True, message["status"]
            if self.deadline is not None and not self.deadline.expired():
                self.deadline.reschedule(None)  # what streams may take its time
            self._complete(MutableHeaders(scope=message))
        await self.send(message)

    def _complete(self, headers: MutableHeaders) -> None:
        headers.update(self.headers)
        for name, value in HEADERS.items():
            headers.setdefault(name, value)
        # Nobody but the caller may keep an answer, and even he asks whether it still holds.
        headers.setdefault("Cache-Control", "private, no-cache" if "etag" in headers else "no-store")
