"""What goes into the ledger and what comes out of it: frozen values that pickle."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, TypeVar

from api.store.vocabulary import EventKind, Priority, RunKind, RunState, TaskState

JSON = "application/json"
Item = TypeVar("Item")


@dataclass(frozen=True)
class Document:
    """Bytes under gzip, with what HTTP wants to know of them; ``size`` and ``sha256`` are those of the plain bytes."""

    packed: bytes = field(repr=False)
    media_type: str
    etag: str
    sha256: str
    size: int

    @classmethod
    def of(cls, body: bytes, media_type: str = JSON, etag: str | None = None) -> Document:
        """``etag`` (without quotes) is the hash of the bytes unless given."""
        digest = hashlib.sha256(body).hexdigest()
        return cls(gzip.compress(body, 6, mtime=0), media_type, etag or digest, digest, len(body))

    @classmethod
    def of_json(cls, value: Any, etag: str | None = None) -> Document:
        """Raises ValueError for NaN and infinity."""
        text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        return cls.of(text.encode(), JSON, etag)

    @property
    def body(self) -> bytes:
        return gzip.decompress(self.packed)

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class NewRun:
    """What is to be accepted. A payload is JSON: ``{"plan": fingerprint or name, "question": {…}}``; one task each.

    ``request`` is what the asker sent, ``plan`` the name by which runs are looked up, ``asker`` whose run it is.
    """

    kind: RunKind
    payloads: Sequence[Mapping[str, Any]] = field(repr=False)
    plan: str = ""
    asker: str = ""
    request: Any = None
    priority: Priority | None = None

    @property
    def rank(self) -> Priority:
        """As given, else interactive for one question and batch for many."""
        if self.priority is not None:
            return self.priority
        return Priority.INTERACTIVE if self.kind is RunKind.RUN else Priority.BATCH


@dataclass(frozen=True)
class Idempotency:
    """An asker's key for one request, with the hash of its body."""

    key: str
    asker: str
    body_sha256: str

    @classmethod
    def of(cls, key: str, asker: str, body: bytes) -> Idempotency:
        return cls(key, asker, hashlib.sha256(body).hexdigest())


@dataclass(frozen=True)
class Counts:
    """Tasks of a run by state."""

    total: int
    queued: int
    running: int
    succeeded: int
    failed: int
    cancelled: int


@dataclass(frozen=True)
class Run:
    """A run as it stands. ``fraction`` is the share of its work that is done, 0 to 1."""

    id: str
    number: int
    kind: RunKind
    state: RunState
    cancelling: bool
    asker: str
    plan: str
    request: Any = field(repr=False)
    priority: Priority
    counts: Counts
    fraction: float
    last_event: int
    accepted_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    replayed: bool = False  # accept found it under the idempotency key, instead of making it


@dataclass(frozen=True)
class Task:
    """A task as it stands. ``problem`` says why it failed; ``note`` what it last reported."""

    id: int
    position: int
    state: TaskState
    attempt: int
    deaths: int
    payload: Any = field(repr=False)
    fraction: float | None
    note: Any
    problem: Any
    started_at: datetime | None
    finished_at: datetime | None


@dataclass(frozen=True)
class Claim:
    """A task in the hands of ``owner``. ``attempt`` fences: whoever comes with an older one comes too late.

    ``deadline`` is on the claimant's own monotonic clock; without renewal the task is another's after it.
    """

    task: int
    run: str
    position: int
    owner: str
    attempt: int
    deaths: int
    priority: Priority
    payload: Any = field(repr=False)
    deadline: float
    cancelled: bool = False  # the run is to be cancelled: stop, and finish with what there is


@dataclass(frozen=True)
class Outcome:
    """How a task ended: succeeded with a document, failed with a problem, cancelled with or without a document.

    ``tag``: that of the question, where the same question always has this document.
    """

    state: TaskState
    document: Document | None = None
    problem: Mapping[str, Any] | None = None
    tag: str | None = None

    def __post_init__(self) -> None:
        fits = {
            TaskState.SUCCEEDED: self.document is not None and self.problem is None,
            TaskState.FAILED: self.problem is not None,
            TaskState.CANCELLED: True,
        }
        if not fits.get(self.state, False):
            raise ValueError(f"no outcome: {self.state}, document {self.document!r}, problem {self.problem!r}")


@dataclass(frozen=True)
class Result:
    """The document of one task."""

    position: int
    state: TaskState
    document: Document


@dataclass(frozen=True)
class Event:
    """Something that happened to a run, by its number within the run."""

    number: int
    kind: EventKind
    data: Any
    at: datetime


@dataclass(frozen=True)
class Backlog:
    """What waits and what is held, over all runs."""

    queued: int
    running: int
    open_runs: int


@dataclass(frozen=True)
class Page(Generic[Item]):
    """Some of many; ``next`` is the cursor of the rest, None at the end."""

    items: tuple[Item, ...]
    next: int | None
