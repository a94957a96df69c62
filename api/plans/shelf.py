"""Where versions of plans are kept, and what of them has to be known."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Protocol


@dataclass(frozen=True)
class Version:
    """One version of a plan: equal content, equal fingerprint. Built-in ones are those of the settings."""

    plan: str
    fingerprint: str
    stored: datetime | None = None
    built_in: bool = False
    retired: bool = False


class Shelf(Protocol):
    """Versions in the order in which they were stored. Their content is never changed."""

    def versions(self) -> Sequence[Version]: ...

    def content(self, fingerprint: str) -> bytes | None: ...

    def add(self, plan: str, fingerprint: str, content: bytes) -> Version:
        """Stores a version last; one that was there, retired or not, is moved there."""

    def add_after(self, last: str | None, plan: str, fingerprint: str, content: bytes) -> Version | None:
        """As ``add``, where the plan's version stored last is still ``last`` (None: there is none); else nothing."""

    def retire(self, plan: str, fingerprint: str) -> None: ...


class MemoryShelf:
    """A shelf that lasts as long as the process."""

    def __init__(self) -> None:
        self._versions: dict[tuple[str, str], Version] = {}
        self._content: dict[str, bytes] = {}
        self._lock = threading.RLock()

    def versions(self) -> Sequence[Version]:
        with self._lock:
            return list(self._versions.values())

    def content(self, fingerprint: str) -> bytes | None:
        return self._content.get(fingerprint)

    def add(self, plan: str, fingerprint: str, content: bytes) -> Version:
        """Content that is there is moved to the end, and is not retired any more."""
        with self._lock:
            self._versions.pop((plan, fingerprint), None)
            version = self._versions[plan, fingerprint] = Version(plan, fingerprint, datetime.now(UTC))
            self._content[fingerprint] = content
            return version

    def add_after(self, last: str | None, plan: str, fingerprint: str, content: bytes) -> Version | None:
        with self._lock:
            found = [version.fingerprint for version in self._versions.values() if version.plan == plan]
            return self.add(plan, fingerprint, content) if last == (found[-1] if found else None) else None

    def retire(self, plan: str, fingerprint: str) -> None:
        with self._lock:
            self._versions[plan, fingerprint] = replace(self._versions[plan, fingerprint], retired=True)
