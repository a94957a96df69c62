"""What computes here: the program's own code and the packages that decide its figures. Nothing heavy is imported.

What is kept on disk and not proved anew when it is read is kept under this, too: another version makes it anew.
"""

from __future__ import annotations

import hashlib
import sys
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

_PACKAGES = ("model_data", "optimizer")
_SOLVER = ("highspy", "numpy", "scipy", "pandas", "pint")


@cache
def own_digest() -> str:
    """Of Python, of the packages by version, of the code by size and time of its files. Raises OSError."""
    digest = hashlib.sha256(repr((sys.version, [_version(package) for package in _SOLVER])).encode())
    for package in _PACKAGES:
        home = home_of(package)
        for file in sorted(home.rglob("*.py")):
            stat = file.stat()
            digest.update(repr((file.relative_to(home).as_posix(), stat.st_size, stat.st_mtime_ns)).encode())
    return digest.hexdigest()


def home_of(package: str) -> Path:
    """The folder of a package, without importing it. Raises OSError where it has none."""
    found = find_spec(package)
    if found is None or found.origin is None:
        raise OSError(f"{package} has no files")
    return Path(found.origin).parent


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""
