"""Bytes kept on disk by key: bounded, shared by processes, and never trusted before they are checked.

What is kept can always be made anew. So an entry that is damaged counts as absent and is removed, and a disk that
cannot be written means that nothing is kept. Entries are data and never code.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
import zlib
from collections.abc import Mapping
from pathlib import Path

VARIABLE = "PLANOPT_CACHE"
OFF = frozenset({"off", "0", "no"})
MOST_BYTES = 64 * 2**20
# An entry unpacks to at most this many bytes, whatever somebody wrote into it.
_LARGEST = 256 * 2**20
_ENDING = ".kept"


class Store:
    """A folder of entries. The entries that were not used for longest give way to new ones."""

    def __init__(self, folder: Path, most_bytes: int = MOST_BYTES) -> None:
        self._folder, self._most = folder, most_bytes

    def get(self, key: str) -> bytes | None:
        """What was kept under the key; None where nothing was, or where it is damaged."""
        file = self._file(key)
        try:
            packed = file.read_bytes()
        except OSError:
            return None
        content = _unpacked(packed, key)
        with contextlib.suppress(OSError):
            if content is None:
                file.unlink()
            else:
                os.utime(file)
        return content

    def put(self, key: str, content: bytes) -> None:
        """Keeps the content; another process sees the whole of it or nothing."""
        packed = _packed(content, key)
        if len(packed) > self._most:
            return
        with contextlib.suppress(OSError):
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            with tempfile.NamedTemporaryFile(dir=self._folder, delete=False) as file:
                written = Path(file.name)
                try:
                    file.write(packed)
                    file.close()
                    written.replace(self._file(key))
                except OSError:
                    written.unlink()
                    raise
            self._trim()

    def _file(self, key: str) -> Path:
        return self._folder / f"{hashlib.sha256(key.encode()).hexdigest()}{_ENDING}"

    def _trim(self) -> None:
        """Removes what was not used for longest until the rest fits. Two processes may do so at once."""
        found = []
        for file in self._folder.glob(f"*{_ENDING}"):
            with contextlib.suppress(OSError):
                stat = file.stat()
                found.append((stat.st_mtime_ns, stat.st_size, file))
        total = sum(size for _, size, _ in found)
        for _, size, file in sorted(found):
            if total <= self._most:
                return
            with contextlib.suppress(OSError):
                file.unlink()
            total -= size


def _packed(content: bytes, key: str) -> bytes:
    return _digest(content, key) + zlib.compress(content)


def _unpacked(packed: bytes, key: str) -> bytes | None:
    digest, body = packed[:32], packed[32:]
    unpack = zlib.decompressobj()
    try:
        content = unpack.decompress(body, _LARGEST)
    except zlib.error:
        return None
    return content if unpack.eof and _digest(content, key) == digest else None


def _digest(content: bytes, key: str) -> bytes:
    """Ties the content to its key, so that an entry under another name counts as damaged."""
    return hashlib.sha256(key.encode() + b"\0" + content).digest()


def store_of(environment: Mapping[str, str]) -> Store | None:
    """The store that PLANOPT_CACHE names (a folder, or ``off``); without it one in the user's own cache folder."""
    named = environment.get(VARIABLE, "")
    if named.lower() in OFF:
        return None
    if named:
        return Store(Path(named))
    home = environment.get("XDG_CACHE_HOME") or environment.get("LOCALAPPDATA")
    try:
        return Store((Path(home) if home else Path.home() / ".cache") / "planopt")
    except RuntimeError:  # nobody's home
        return None
