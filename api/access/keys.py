"""Access keys: 256 random bits that are shown once and known to the service by their SHA-256 only."""

from __future__ import annotations

import hashlib
import hmac
import logging
import re
import secrets
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from api.access.roles import Role

LOG = logging.getLogger("planopt.api")
MARK = "planopt_"
KEY = re.compile(rf"{MARK}[A-Za-z0-9_-]{{43}}")
NAME = re.compile(r"[\w.@-]{1,64}")
FRESH = 5.0  # seconds for which keys that were read are used: so soon is a revoked key refused


@dataclass(frozen=True)
class StoredKey:
    """A key as the service knows it; ``number`` names it in logs and lists, the name says whose it is."""

    number: str
    name: str
    role: Role
    digest: str


class NoKeysError(LookupError):
    """The service asks for keys, and there is none: nobody could ask anything."""


class KeyStore(Protocol):
    """Where keys are kept."""

    def active(self) -> Sequence[StoredKey]:
        """Every key that was not revoked."""


def new_key() -> str:
    return MARK + secrets.token_urlsafe(32)


def digest(key: str) -> str:
    """What is kept of a key. 256 random bits need no salt and no slow hash."""
    return hashlib.sha256(key.encode()).hexdigest()


class Keyring:
    """The keys that hold now, read from the store at most every few seconds, and kept where it cannot be reached."""

    def __init__(self, store: KeyStore | None, clock: Callable[[], float] = time.monotonic) -> None:
        self._store, self._clock, self._reading = store, clock, threading.Lock()
        self._keys: Sequence[StoredKey] = ()
        self._read: float | None = None

    def is_fresh(self) -> bool:
        return self._read is not None and self._clock() - self._read < FRESH

    def refresh(self) -> None:
        """Reads the keys anew; blocking. Where the store cannot be reached, those that were read hold on."""
        with self._reading:
            if self.is_fresh():
                return
            try:
                self._keys = tuple(self._store.active()) if self._store else ()
            except Exception:
                if self._read is None:
                    raise
                LOG.exception("the keys could not be read; those of before are used")
            self._read = self._clock()

    def require(self) -> None:
        """Raises NoKeysError where there is no key at all."""
        self.refresh()
        if not self._keys:
            raise NoKeysError

    def find(self, key: str) -> StoredKey | None:
        """The stored key, if any. Every one is compared, in a time that does not depend on where they differ."""
        if not KEY.fullmatch(key):
            return None
        given, found = digest(key), None
        for stored in self._keys:
            if hmac.compare_digest(stored.digest, given):
                found = stored
        return found
