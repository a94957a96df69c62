"""``python -m benchmarks``: measures, keeps the records in results.json, and writes the tables of results.md."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from benchmarks import many, phases, questions, service
from benchmarks.cases import CASES, HEAVY, REAL, Case
from benchmarks.machine import machine
from benchmarks.registry import PHASES, Record, compete, disagreements
from benchmarks.results import written

HERE = Path(__file__).parent
RECORDS, PAGE = HERE / "results.json", HERE / "results.md"
# In the order in which a user meets them.
MODULES = (phases, questions, service, many)
ROUNDS, SECONDS = 7, 20.0


def main(arguments: Sequence[str] | None = None) -> int:
    asked = _asked(arguments)
    if asked.smoke:
        return smoke(CASES[REAL]())
    known = _known()
    for name in asked.case:
        case = CASES[name]()
        for wanted in asked.phase:
            known = _merged(known, measured(case, wanted, asked.rounds, asked.seconds, asked.only))
            _keep(known)
    wrong = disagreements(known)
    _say("\n".join(["answers differ:", *wrong] if wrong else [f"written: {PAGE.name}"]))
    return 1 if wrong else 0


def _asked(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    usual = [name for name in CASES if name != HEAVY]
    parser.add_argument("--smoke", action="store_true", help="everything once on the real plan; nothing is written")
    parser.add_argument("--case", nargs="+", choices=list(CASES), default=usual, help=f"all but {HEAVY} if left out")
    parser.add_argument("--phase", nargs="+", choices=list(PHASES), default=list(PHASES))
    parser.add_argument("--only", nargs="+", help="names of contestants; the floor takes part in any case")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--seconds", type=float, default=SECONDS, help="of wall time for one contestant of a phase")
    return parser.parse_args(arguments)


def measured(
    case: Case, wanted: str, rounds: int, seconds: float, only: Sequence[str] | None = None
) -> list[Record]:
    """Every contestant of the phase on the case, or those named."""
    _say(f"{case.name}: {wanted}")
    return compete(case, PHASES[wanted], rounds, seconds, only)


def smoke(case: Case) -> int:
    """Every phase once, few points; 1 where contestants disagree."""
    questions.Sizes.what_ifs, questions.Sizes.sweep, questions.Sizes.batch = 2, 5, 2
    questions.Sizes.larger_batch = 4
    records = [
        record
        for name in PHASES
        if PHASES[name] not in (many.MANY, phases.MEMORY)
        for record in measured(case, name, 1, SECONDS)
    ]
    wrong = disagreements(records)
    _say("\n".join(wrong) or f"{len(records)} contestants agree")
    return 1 if wrong else 0


def _known() -> list[Record]:
    """Records of earlier runs; a damaged file counts as none."""
    try:
        return [Record(**one) for one in json.loads(RECORDS.read_text(encoding="utf-8"))["records"]]
    except (OSError, ValueError, TypeError, KeyError):
        return []


def _merged(known: list[Record], new: list[Record]) -> list[Record]:
    """New records in place of old ones of the same case, phase and contestant."""
    fresh = {(one.case, one.phase, one.contestant) for one in new}
    return [one for one in known if (one.case, one.phase, one.contestant) not in fresh] + new


def _keep(records: list[Record]) -> None:
    content = {"machine": machine(), "records": [asdict(one) for one in records]}
    RECORDS.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    PAGE.write_text(written(records, PHASES, list(CASES), machine()), encoding="utf-8")


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
