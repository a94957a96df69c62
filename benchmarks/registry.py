"""Cases × phases × contestants: who runs, in which order, and what is kept of it."""

from __future__ import annotations

import gc
import os
import statistics
import time
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field

from benchmarks.cases import Case

FLOOR = "raw"


@dataclass(frozen=True)
class Outcome:
    """What a run found. ``answer``: contestants of a phase must agree on it; ``facts``: named numbers of the run.

    ``cpu`` and ``wall``: seconds, where the run measured itself (a process of its own).
    """

    answer: float | None = None
    facts: Mapping[str, float] = field(default_factory=dict)
    cpu: float | None = None
    wall: float | None = None


Once = Callable[[], Outcome]


@dataclass(frozen=True)
class Contestant:
    """``prepare`` is not measured; what it returns is, again and again. ``missing``: why it cannot take part."""

    name: str
    prepare: Callable[[Case], Once]
    most_regions: int = 1000
    missing: str = ""
    least_regions: int = 1

    def fits(self, regions: int) -> bool:
        return not self.missing and self.least_regions <= regions <= self.most_regions


@dataclass
class Phase:
    """Contestants do the same work; the one called ``floor``, if there is one, is what the others are compared with."""

    name: str
    title: str
    floor: str = FLOOR
    contestants: list[Contestant] = field(default_factory=list)

    def add(self, contestant: Contestant) -> None:
        self.contestants.append(contestant)


@dataclass
class Record:
    """Medians of one contestant in one case and phase. ``ratio``: median of the ratios of CPU time to the floor."""

    case: str
    phase: str
    contestant: str
    rounds: int
    cpu: float
    wall: float
    ratio: float | None
    answer: float | None
    facts: dict[str, float]


PHASES: dict[str, Phase] = {}


def phase(name: str, title: str, floor: str = FLOOR) -> Phase:
    return PHASES.setdefault(name, Phase(name, title, floor))


def takes_part(
    of: Phase, name: str, most_regions: int = 1000
) -> Callable[[Callable[[Case], Once]], Callable[[Case], Once]]:
    """Decorates what prepares a contestant of a phase."""

    def add(prepare: Callable[[Case], Once]) -> Callable[[Case], Once]:
        of.add(Contestant(name, prepare, most_regions))
        return prepare

    return add


def timed(once: Once) -> Outcome:
    """The outcome with CPU seconds (those of children that ended included) and wall seconds."""
    gc.collect()
    cpu, wall = _cpu(), time.perf_counter()
    found = once()
    spent = _cpu() - cpu, time.perf_counter() - wall
    return Outcome(
        found.answer,
        found.facts,
        spent[0] if found.cpu is None else found.cpu,
        spent[1] if found.wall is None else found.wall,
    )


def _cpu() -> float:
    times = os.times()
    return time.process_time() + times.children_user + times.children_system


def compete(
    case: Case, of: Phase, rounds: int, most_seconds: float, only: Collection[str] | None = None
) -> list[Record]:
    """All contestants in turn, again and again: what disturbs the machine disturbs all of them.

    A contestant that has used ``most_seconds`` of wall time begins no further round; each runs once at least.
    ``only``: names of those that take part beside the floor.
    """
    with case.opened:
        return _compete(case, of, rounds, most_seconds, only)


def _compete(
    case: Case, of: Phase, rounds: int, most_seconds: float, only: Collection[str] | None
) -> list[Record]:
    able = [one for one in of.contestants if one.fits(case.regions)]
    able = [one for one in able if only is None or one.name in only or one.name == of.floor]
    ready = [(one.name, one.prepare(case)) for one in able]
    seen: dict[str, list[Outcome]] = {name: [] for name, _ in ready}
    for _ in range(rounds):
        for name, once in ready:
            if sum(outcome.wall or 0.0 for outcome in seen[name]) < most_seconds:
                seen[name].append(timed(once))
    floor = seen.get(of.floor, [])
    return [_record(case, of, name, outcomes, floor) for name, outcomes in seen.items()]


def _record(case: Case, of: Phase, name: str, outcomes: list[Outcome], floor: list[Outcome]) -> Record:
    ratios = _ratios(outcomes, floor)
    return Record(
        case.name,
        of.name,
        name,
        len(outcomes),
        statistics.median(outcome.cpu or 0.0 for outcome in outcomes),
        statistics.median(outcome.wall or 0.0 for outcome in outcomes),
        statistics.median(ratios) if ratios else None,
        outcomes[-1].answer,
        _medians(outcomes),
    )


def _ratios(outcomes: Iterable[Outcome], floor: Iterable[Outcome]) -> list[float]:
    """Of each round."""
    return [(a.cpu or 0.0) / b.cpu for a, b in zip(outcomes, floor, strict=False) if b.cpu]


def _medians(outcomes: list[Outcome]) -> dict[str, float]:
    return {name: statistics.median(one.facts[name] for one in outcomes) for name in outcomes[-1].facts}


def disagreements(records: Iterable[Record], tolerance: float = 1e-6) -> list[str]:
    """Contestants of one case and phase whose answers differ, relative to their size."""
    answers: dict[tuple[str, str], list[Record]] = {}
    for record in records:
        if record.answer is not None:
            answers.setdefault((record.case, record.phase), []).append(record)
    return [
        f"{first.case}, {first.phase}: {first.contestant} {first.answer!r}, {other.contestant} {other.answer!r}"
        for first, *others in answers.values()
        for other in others
        if not abs(first.answer - other.answer) <= tolerance * max(1.0, abs(first.answer))
    ]
