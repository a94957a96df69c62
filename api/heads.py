"""HEAD wherever there is GET: the same status and headers without the body (RFC 9110, 9.3.2)."""

from __future__ import annotations

from functools import partial

from starlette.types import ASGIApp, Message, Receive, Scope, Send


class Heads:
    """Has the application answer HEAD as GET. The scope of the server stays that of HEAD, so that it frames no body."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self.app(scope, receive, send)
            return
        asked = {**scope, "method": "GET"}
        try:
            await self.app(asked, receive, partial(_without_body, send))
        finally:
            scope.update({**asked, "method": "HEAD"})  # the route that was found, for the log


async def _without_body(send: Send, message: Message) -> None:
    """The answer ends with its head: who makes a stream then hears that nobody listens."""
    if message["type"] == "http.response.start":
        await send(message)
        await send({"type": "http.response.body", "body": b"", "more_body": False})
