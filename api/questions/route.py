"""The way of a question through the service: what was asked before needs no place, and each answer says its times."""

from __future__ import annotations

import time
from collections.abc import Mapping
from functools import partial

from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from api.admission import AdmittedRoute, Places
from api.formats import JSON, is_known
from api.plans.library import Library
from api.questions.kept import Known, Requests, keep, recalled, signature

TIMES = "Server-Timing"


class Clock:
    """Seconds of one request by part: each lap counts from the end of the one before."""

    def __init__(self, begun: float) -> None:
        self.seconds: dict[str, float] = {}
        self._begun = self._since = begun

    def lap(self, part: str) -> None:
        now = time.perf_counter()
        self.seconds[part] = self.seconds.get(part, 0.0) + now - self._since
        self._since = now

    def split(self, part: str, inner: Mapping[str, float]) -> None:
        """A lap of which these parts are known; the rest of it is ``part``."""
        self.lap(part)
        self.seconds[part] -= sum(inner.values())
        for name, seconds in inner.items():
            self.seconds[name] = self.seconds.get(name, 0.0) + seconds

    def header(self) -> str:
        """As Server-Timing has it: milliseconds."""
        total = {"total": time.perf_counter() - self._begun}
        return ", ".join(f"{part};dur={1000.0 * seconds:.2f}" for part, seconds in (self.seconds | total).items())


def clock(request: Request) -> Clock:
    """That of the request; it began when the service saw the request."""
    state = request.scope["state"]
    if "clock" not in state:
        state["clock"] = Clock(state.get("begun") or time.perf_counter())
    found: Clock = state["clock"]
    return found


class QuestionRoute(AdmittedRoute):
    """A question that was asked before in the same words is answered without a place, whatever else is under way."""

    def places(self, request: Request) -> Places:
        places: Places = request.app.state.pool
        return places

    async def known(self, request: Request) -> Response | None:
        asked: Requests = request.app.state.asked
        signed = request.state.signature = signature(request, await request.body())
        found = asked.find(signed)
        if found is None:
            return None
        clock(request).lap("read")
        return await run_in_threadpool(_again, request, found)


def _again(request: Request, found: Known) -> Response | None:
    """The answer from the store. None where it is gone, or another version of the plan is the newest by now."""
    library: Library = request.app.state.library
    name, version = request.path_params["plan"], request.query_params.get("version")
    if library.find(name, version).fingerprint != found.plan:
        return None
    if is_known(request, found.headers["ETag"]):
        return Response(status_code=304, headers=dict(found.headers))
    content = recalled(request.app.state.works, found.tag)
    if content is None:
        return None
    clock(request).lap("store")
    return Response(content, headers=timed(request, found.headers), media_type=JSON)


def timed(request: Request, headers: Mapping[str, str]) -> dict[str, str]:
    return {**headers, TIMES: clock(request).header()}


def remember(request: Request, plan: str, tag: str, headers: Mapping[str, str]) -> None:
    """That this request has this answer for good."""
    asked: Requests = request.app.state.asked
    asked.remember(request.state.signature, Known(plan, tag, dict(headers)))


def keeping(request: Request, tag: str, content: bytes) -> BackgroundTask:
    """Keeps an answer once it has been sent."""
    return BackgroundTask(partial(keep, request.app.state.works, tag, content))
