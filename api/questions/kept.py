"""Answers that were given and never change: asked again, they are only looked up.

By the tag of the question, which takes resolving it; and by the request itself, byte for byte, which takes nothing.
"""

from __future__ import annotations

import hashlib
import json
import logging
import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass

from starlette.requests import Request

from api.runs.works import Works
from api.store.errors import StoreError
from api.store.records import Document

LOG = logging.getLogger("planopt.api")
MOST_REQUESTS = 20_000  # that are remembered, at about half a kilobyte each
# What besides address and body decides how a question is understood and answered.
HEADERS = ("accept", "accept-language", "content-type")


def recalled(works: Works | None, tag: str) -> bytes | None:
    """The answer to the question of that tag, if it is kept. What the store cannot tell is computed again."""
    if works is None:
        return None
    try:
        found = works.answers.get(tag.strip('"'))
    except StoreError as error:
        LOG.warning("answers cannot be looked up: %s", error)
        return None
    return None if found is None else found.body


def keep(works: Works | None, tag: str, content: bytes) -> None:
    """Keeps the answer, as far as the store can."""
    if works is None:
        return
    try:
        works.answers.put(Document.of(content, etag=tag.strip('"')))
    except StoreError as error:
        LOG.warning("an answer cannot be kept: %s", error)


def signature(request: Request, body: bytes) -> bytes:
    """The same for requests that do not differ in anything that counts."""
    scope = request.scope
    stated = [scope["path"], scope["query_string"].decode("latin-1"), *(request.headers.getlist(h) for h in HEADERS)]
    return hashlib.sha256(json.dumps(stated).encode() + b"\n" + body).digest()


@dataclass(frozen=True)
class Known:
    """What a request asked: the version of the plan, the tag of its answer as JSON, and what its head says."""

    plan: str
    tag: str
    headers: Mapping[str, str]


class Requests:
    """Requests that were answered for good, by their signature; the least recently used ones give way."""

    def __init__(self, most: int = MOST_REQUESTS) -> None:
        self._most = most
        self._known: OrderedDict[bytes, Known] = OrderedDict()
        self._lock = threading.Lock()

    def find(self, signed: bytes) -> Known | None:
        with self._lock:
            if signed in self._known:
                self._known.move_to_end(signed)
            return self._known.get(signed)

    def remember(self, signed: bytes, known: Known) -> None:
        with self._lock:
            self._known[signed] = known
            while len(self._known) > self._most:
                self._known.popitem(last=False)
