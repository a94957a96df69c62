"""The dispatcher of a service, with the engine that its settings name."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import lru_cache

from api.engines.engine import Engine
from api.plans.library import Library
from api.plans.shelf import Version
from api.runs.dispatcher import Dispatcher
from api.runs.pace import Pace
from api.runs.work import content_of
from api.settings import Settings
from api.store.ledger import Ledger

_KEPT = 4  # plans that are kept as they travel


def dispatcher(ledger: Ledger, library: Library, settings: Settings) -> Dispatcher:
    """Not started yet. Its processes exist from now on; ``close`` ends them."""
    return Dispatcher(ledger, _engine(settings), contents(library), Pace(retention=settings.retention))


def _engine(settings: Settings) -> Engine:
    """Only the engine that is wanted is imported."""
    if settings.engine == "dask" and settings.dask_scheduler:
        from api.engines.dask import DaskEngine  # noqa: PLC0415

        return DaskEngine(settings.dask_scheduler)
    from api.engines.local import LocalEngine  # noqa: PLC0415

    # One more, so that a single question does not wait for a batch that keeps all processors busy.
    return LocalEngine((settings.workers or _processors()) + 1)


def _processors() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def contents(library: Library) -> Callable[[str], bytes]:
    """The plan of a fingerprint as it travels, retired or not. Raises LookupError where there is none."""

    def find(fingerprint: str) -> Version:
        newest = (version for name in library for version in library.versions(name))
        for version in (*newest, *library.shelf.versions()):
            if version.fingerprint == fingerprint:
                return version
        raise LookupError(fingerprint)

    @lru_cache(maxsize=_KEPT)
    def content(fingerprint: str) -> bytes:
        return content_of(library.open(find(fingerprint)))

    return content
