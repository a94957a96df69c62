"""Peak memory of one contestant, in a process of its own: ``python -m benchmarks.memory CONTESTANT CASE ARRAYS``."""

from __future__ import annotations

import json
import resource
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

MEGABYTE = 2**20
_STATUS, _RESET = Path("/proc/self/status"), Path("/proc/self/clear_refs")


def main(contestant: str, case: str, arrays: str) -> None:
    """growth: of the peak over what was held before compiling; peak: of compiling and before; both in MB."""
    work = _ours(case) if contestant == "ours" else _raw(arrays)
    held = _forgotten()
    work()
    print(json.dumps({"growth MB": peak() - held, "peak MB": peak()}))


def _ours(case: str) -> Callable[[], object]:
    from benchmarks.cases import CASES  # noqa: PLC0415  # a contestant's libraries are its own
    from optimizer import Session  # noqa: PLC0415
    from optimizer.arrays.assemble import assemble  # noqa: PLC0415

    instance = CASES[case]().instance
    return lambda: Session(assemble(instance))


def _raw(path: str) -> Callable[[], object]:
    from benchmarks.arrays import read_arrays  # noqa: PLC0415
    from benchmarks.drivers import raw  # noqa: PLC0415

    arrays = read_arrays(Path(path))
    return lambda: raw.hand_over(arrays)


def _forgotten() -> float:
    """What is held now, in MB. Linux forgets the peak so far; where it stays, growth is a lower bound."""
    with suppress(OSError):
        _RESET.write_text("5", encoding="ascii")
    return peak()


def peak() -> float:
    """The process's peak in MB since it began or was forgotten."""
    with suppress(OSError):
        for line in _STATUS.read_text(encoding="utf-8").splitlines():
            if line.startswith("VmHWM"):
                return float(line.split()[1]) * 1024 / MEGABYTE
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / MEGABYTE if sys.platform == "darwin" else most * 1024 / MEGABYTE


if __name__ == "__main__":
    main(*sys.argv[1:])
