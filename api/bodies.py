"""Bodies of requests, bounded: how large, how slow, how deep."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from typing import Any

from starlette.requests import Request
from starlette.types import Message, Receive

from api.errors import TooLargeError, UnreadableError
from api.refusals import CLOSE, EncodedError, SlowRequestError
from api.setting_groups import Bounds
from optimizer.words.language import Text

UPLOADS = (
    "application/zip",
    "application/x-zip-compressed",
    "application/octet-stream",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "multipart/form-data",
)
SLOWEST = 32 * 1024  # bytes a second that a large body must keep up, once its first seconds have passed
STRINGS = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)
BRACKETS = re.compile(rb"[\[\]{}]")


class Body:
    """``receive`` that refuses a body beyond the bounds, announced or not. JSON is looked at before it is parsed."""

    def __init__(self, request: Request, receive: Receive, bounds: Bounds, progress: Callable[[], None]) -> None:
        self._headers, self._receive, self._bounds, self._progress = request.headers, receive, bounds, progress
        self._kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        self._most = bounds.max_upload if self._kind in UPLOADS else bounds.max_body
        self._received, self._complete, self._first = 0, False, True
        self._begun = asyncio.get_running_loop().time()

    def check(self) -> None:
        """What the head says of the body. Raises UnreadableError, EncodedError, TooLargeError."""
        if "content-length" in self._headers and "transfer-encoding" in self._headers:
            # A proxy may see the end of the body elsewhere, and what follows would pass as a request of its own.
            raise UnreadableError(
                Text("正文长度有两种说法。", "The length of the body is stated in two ways."), headers=CLOSE
            )
        if self._headers.get("content-encoding", "identity").strip().lower() not in ("identity", ""):
            raise EncodedError(Text("请发送未压缩的正文。", "Send the body as it is."))
        announced = self._headers.get("content-length", "")
        if announced.isdecimal() and int(announced) > self._most:
            raise self._too_large()

    async def __call__(self) -> Message:
        if self._complete:
            return await self._receive()
        if self._first and self._kind.endswith("json"):
            return await self._whole()
        self._first = False
        return await self._piece()

    async def _whole(self) -> Message:
        """All of a JSON body as one piece, not nested too deep."""
        pieces = []
        while not self._complete:
            message = await self._piece()
            if message["type"] != "http.request":
                return message
            pieces.append(message.get("body", b""))
        whole: dict[str, Any] = {"type": "http.request", "body": b"".join(pieces), "more_body": False}
        check_depth(whole["body"], self._bounds.max_depth)
        return whole

    async def _piece(self) -> Message:
        allowed = self._begun + self._bounds.read_timeout + self._received / SLOWEST
        try:
            async with asyncio.timeout_at(allowed):
                message = await self._receive()
        except TimeoutError:
            detail = Text("请求正文到达得太慢。", "The body arrived too slowly.")
            raise SlowRequestError(detail, headers=CLOSE) from None
        self._received += len(message.get("body", b""))
        if self._received > self._most:
            raise self._too_large()
        self._complete = not message.get("more_body", False)
        self._progress()
        return message

    def _too_large(self) -> TooLargeError:
        detail = Text(f"正文不得超过 {self._most} 字节。", f"A body may have {self._most} bytes at most.")
        return TooLargeError(detail, headers=CLOSE)


def check_depth(body: bytes, deepest: int) -> None:
    """Refuses JSON that is nested deeper, by its brackets alone; whether it is JSON is seen later."""
    if b"\0" in body:  # UTF-16 or UTF-32, or a character that JSON must escape
        raise UnreadableError(Text("JSON 须为 UTF-8 编码。", "JSON must be in UTF-8."))
    depth = 0
    for bracket in BRACKETS.finditer(STRINGS.sub(b"", body)):
        depth += 1 if bracket[0] in b"[{" else -1
        if depth > deepest:
            raise UnreadableError(
                Text(f"JSON 嵌套不得超过 {deepest} 层。", f"JSON may be nested {deepest} deep at most.")
            )
