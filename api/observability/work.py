"""What is seen of runs from outside: whether they can be stored and are carried out, and how many wait."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

from api.observability.metrics import Metrics
from api.store.errors import StoreError
from api.store.records import Backlog
from optimizer.words.language import Text

ENDED = Text("调度已终止，运行不再进行", "the dispatcher has ended: runs are not carried out any more")
NO_WORKERS = Text("没有可用的计算进程：集群无法连接", "nobody can work: the cluster cannot be reached")


class Queue(Protocol):
    """Where runs wait."""

    def backlog(self) -> Backlog: ...


class Work(Protocol):
    """The durable side of the service."""

    @property
    def ledger(self) -> Queue: ...


Found = Callable[[], Work | None]


def checks(works: Found) -> dict[str, Callable[[], Text | None]]:
    """Whether the database answers with tables of this version, and whether somebody carries runs out."""
    return {"database": lambda: _database(works()), "dispatcher": lambda: _dispatcher(works())}


def _database(work: Work | None) -> Text | None:
    try:
        if work is not None:
            work.ledger.backlog()
    except StoreError as error:
        return error.text
    return None


def _dispatcher(work: Work | None) -> Text | None:
    """It starts with the first run, or before; once it has started it must live, and have somebody to work."""
    carrier = getattr(work, "carrier", None)
    if not getattr(carrier, "alive", True):
        return ENDED
    return None if getattr(carrier, "workers", 1) else NO_WORKERS


def watch(metrics: Metrics, works: Found) -> None:
    """Figures of the queue, read from the database when Prometheus asks."""
    metrics.watch("tasks", "Tasks of runs that are not done, by state", "state", lambda: _tasks(works()))
    metrics.watch("runs", "Runs that are not done", "state", lambda: _runs(works()))


def _tasks(work: Work | None) -> Mapping[str, float]:
    if work is None:
        return {}
    backlog = work.ledger.backlog()
    return {"queued": backlog.queued, "running": backlog.running}


def _runs(work: Work | None) -> Mapping[str, float]:
    return {} if work is None else {"open": work.ledger.backlog().open_runs}
