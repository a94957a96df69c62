"""The tables of the store. `api.store.migrations` makes them; a test holds the two equal."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, MetaData, String, literal, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from api.store.columns import NUMBER, Json, Moment
from api.store.vocabulary import Priority, RunKind, RunState, TaskState

_OF_THE_RUN = "run.number"


def _one_of(column: str, words: list[str]) -> str:
    return f"{column} IN ({', '.join(repr(str(word)) for word in words)})"


class Base(DeclarativeBase):
    """Every constraint has a name, so that a migration can name it."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class RunRow(Base):
    """What was accepted. ``number`` grows and orders runs; ``id`` is what others call it."""

    __tablename__ = "run"
    __table_args__ = (
        CheckConstraint(_one_of("kind", list(RunKind)), name="kind"),
        CheckConstraint(_one_of("state", list(RunState)), name="state"),
        CheckConstraint("succeeded + failed + cancelled <= total", name="counts"),
        Index(None, "state", "finished_at"),
        {"sqlite_autoincrement": True},
    )

    number: Mapped[int] = mapped_column(NUMBER, primary_key=True, autoincrement=True)
    id: Mapped[str] = mapped_column(String(32), unique=True)
    kind: Mapped[str] = mapped_column(String(16))
    state: Mapped[str] = mapped_column(String(16))
    cancelling: Mapped[bool]
    asker: Mapped[str] = mapped_column(String(200), index=True)
    plan: Mapped[str] = mapped_column(String(200), index=True)
    request: Mapped[Any] = mapped_column(Json, nullable=True)
    priority: Mapped[int]
    total: Mapped[int]
    succeeded: Mapped[int]
    failed: Mapped[int]
    cancelled: Mapped[int]
    last_event: Mapped[int]
    accepted_at: Mapped[datetime] = mapped_column(Moment)
    started_at: Mapped[datetime | None] = mapped_column(Moment)
    finished_at: Mapped[datetime | None] = mapped_column(Moment)


class TaskRow(Base):
    """One question of a run. ``attempt`` counts claims and fences; ``beat`` counts renewals; ``deaths`` lost leases."""

    __tablename__ = "task"
    __table_args__ = (
        CheckConstraint(_one_of("state", list(TaskState)), name="state"),
        CheckConstraint("(state = 'running') = (owner IS NOT NULL)", name="owner"),
        Index(None, "run", "position", unique=True),
        # Both are small however many tasks there have been.
        Index("ix_task_waiting", "priority", "id", sqlite_where=text("state = 'queued'"),
              postgresql_where=text("state = 'queued'")),
        Index("ix_task_held", "run", sqlite_where=text("state = 'running'"),
              postgresql_where=text("state = 'running'")),
        {"sqlite_autoincrement": True},
    )  # fmt: skip

    id: Mapped[int] = mapped_column(NUMBER, primary_key=True, autoincrement=True)
    run: Mapped[int] = mapped_column(NUMBER, ForeignKey(_OF_THE_RUN, ondelete="CASCADE"))
    position: Mapped[int]
    state: Mapped[str] = mapped_column(String(16))
    priority: Mapped[int] = mapped_column(default=int(Priority.BATCH))
    payload: Mapped[Any] = mapped_column(Json)
    attempt: Mapped[int]
    deaths: Mapped[int]
    owner: Mapped[str | None] = mapped_column(String(200))
    beat: Mapped[int]
    lease: Mapped[float | None]
    fraction: Mapped[float | None]
    note: Mapped[Any] = mapped_column(Json, nullable=True)
    problem: Mapped[Any] = mapped_column(Json, nullable=True)
    started_at: Mapped[datetime | None] = mapped_column(Moment)
    finished_at: Mapped[datetime | None] = mapped_column(Moment)


# Written into the statement and not bound: a plan that is made once for all values could not use the indexes above.
WAITING = TaskRow.state == literal(str(TaskState.QUEUED), literal_execute=True)
HELD = TaskRow.state == literal(str(TaskState.RUNNING), literal_execute=True)


class ResultRow(Base):
    """The document that a task came to; written once, with the task's last state."""

    __tablename__ = "result"

    task: Mapped[int] = mapped_column(NUMBER, ForeignKey("task.id", ondelete="CASCADE"), primary_key=True,
                                      autoincrement=False)  # fmt: skip
    media_type: Mapped[str] = mapped_column(String(100))
    etag: Mapped[str] = mapped_column(String(100))
    sha256: Mapped[str] = mapped_column(String(64))
    size: Mapped[int]
    body: Mapped[bytes] = mapped_column(LargeBinary)


class EventRow(Base):
    """What happened to a run, numbered from 1 without gaps in the order of the commits."""

    __tablename__ = "event"
    __table_args__ = (Index(None, "run", "task"),)

    run: Mapped[int] = mapped_column(NUMBER, ForeignKey(_OF_THE_RUN, ondelete="CASCADE"), primary_key=True,
                                     autoincrement=False)  # fmt: skip
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(String(16))
    task: Mapped[int | None]  # the position of the task whose progress this is: the next one replaces it
    data: Mapped[Any] = mapped_column(Json)
    at: Mapped[datetime] = mapped_column(Moment)


class IdempotencyRow(Base):
    """A key that an asker has used, with what; it lives as long as its run."""

    __tablename__ = "idempotency"

    asker: Mapped[str] = mapped_column(String(200), primary_key=True)
    key: Mapped[str] = mapped_column(String(255), primary_key=True)
    body_sha256: Mapped[str] = mapped_column(String(64))
    run: Mapped[int] = mapped_column(NUMBER, ForeignKey(_OF_THE_RUN, ondelete="CASCADE"), index=True)


class AnswerRow(Base):
    """An answer that may be asked for again, by the fingerprints of what it answers. ``used`` orders by last use."""

    __tablename__ = "answer"

    etag: Mapped[str] = mapped_column(String(100), primary_key=True)
    media_type: Mapped[str] = mapped_column(String(100))
    sha256: Mapped[str] = mapped_column(String(64))
    size: Mapped[int]
    stored: Mapped[int]
    used: Mapped[int] = mapped_column(NUMBER, index=True)
    body: Mapped[bytes] = mapped_column(LargeBinary)


class PlanRow(Base):
    """One version of a plan, as bytes that are never changed; ``number`` orders versions by when they were stored."""

    __tablename__ = "plan"
    __table_args__ = (Index(None, "name", "fingerprint", unique=True), {"sqlite_autoincrement": True})

    number: Mapped[int] = mapped_column(NUMBER, primary_key=True, autoincrement=True)
    name: Mapped[str] = mapped_column(String(200))
    fingerprint: Mapped[str] = mapped_column(String(64), index=True)
    stored_by: Mapped[str] = mapped_column(String(200))
    stored_at: Mapped[datetime] = mapped_column(Moment)
    retired_at: Mapped[datetime | None] = mapped_column(Moment)
    body: Mapped[bytes] = mapped_column(LargeBinary)


class KeyRow(Base):
    """An access key by its SHA-256; ``number`` is what lists and logs call it. Revoked keys stay on record."""

    __tablename__ = "access_key"

    number: Mapped[str] = mapped_column(String(16), primary_key=True)
    name: Mapped[str] = mapped_column(String(64))
    role: Mapped[str] = mapped_column(String(16))
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(Moment)
    revoked_at: Mapped[datetime | None] = mapped_column(Moment)
