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
    """In MB, peak: of the process, libraries and what is given to the contestant included; the others: of the peak of a
    step over what was held before. growth: of compiling and handing over; resolve: from tables to resolved numbers.
    """
    steps = _ours(case) if contestant == "ours" else _raw(arrays)
    facts, kept, most = dict[str, float](), list[object](), 0.0
    for name, step in steps:
        held = _forgotten()
        kept.append(step())
        facts[f"{name} MB"] = peak() - held
        most = max(most, peak())
    print(json.dumps({**facts, "peak MB": most}))


Steps = list[tuple[str, Callable[[], object]]]


def _ours(case: str) -> Steps:
    from benchmarks.cases import CASES  # noqa: PLC0415  # a contestant's libraries are its own
    from optimizer import Instance, Session, resolve  # noqa: PLC0415
    from optimizer.arrays.assemble import assemble  # noqa: PLC0415

    made = CASES[case]()
    plan, scenario, instances = made.plan, made.scenario, list[Instance]()
    return [
        ("resolve", lambda: instances.append(resolve(plan, scenario))),
        ("growth", lambda: Session(assemble(instances[0]))),
    ]


def _raw(path: str) -> Steps:
    from benchmarks.arrays import read_arrays  # noqa: PLC0415
    from benchmarks.drivers import raw  # noqa: PLC0415

    arrays = read_arrays(Path(path))
    return [("growth", lambda: raw.hand_over(arrays))]


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
