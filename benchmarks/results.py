"""The page of results: targets beside what was reached, then every record."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from benchmarks.cases import STEPS, Step
from benchmarks.registry import Phase, Record

INTRODUCTION = """# What the benchmarks measured

Written by `python tasks.py bench`; do not edit. Ratios are medians over rounds of CPU time to the floor of the phase in
the same round, contestants taking turns. The floor is `raw` (finished NumPy arrays, HiGHS, nothing in between) unless
the table names another. Ours and `raw` solve to the same tolerances with one thread. `raw` and the other front ends get
finished entries, bounds and costs and make no labels; ours starts from the resolved numbers of the plan and computes
the entries, or from the tables where that is said. It makes labels where somebody reads one, and none here. Which rows,
columns and entries a program has is given to `raw` and known to ours from its first build, which is measured as `a
structure seen first`. Growth of memory is that of the peak over what was held: arrays for `raw`, for ours the resolved
numbers, whose growth over the tables stands beside it as `resolve`. Wall times say something only where the load, as it
was when this page was written, is below the number of cores."""


@dataclass(frozen=True)
class Target:
    """One figure of the issue: which record, which number of it, and what it may be at most, or has to be at least."""

    what: str
    case: str
    phase: str
    contestant: str
    limit: float
    fact: str = ""  # the ratio where empty, else a fact, or "cpu" or "wall"
    unit: str = ""
    floor: str = ""  # another contestant to which the ratio is taken
    at_least: bool = False

    def reached(self, records: Sequence[Record]) -> float | None:
        record = _record(records, self.case, self.phase, self.contestant)
        if record is None:
            return None
        if self.floor:
            floor = _record(records, self.case, self.phase, self.floor)
            return record.cpu / floor.cpu if floor else None
        own = {"": record.ratio, "cpu": record.cpu, "wall": record.wall}
        return own[self.fact] if self.fact in own else record.facts.get(self.fact)


def _record(records: Iterable[Record], case: str, phase: str, contestant: str) -> Record | None:
    named = (case, phase, contestant)
    return next((one for one in records if (one.case, one.phase, one.contestant) == named), None)


_BUILD = "build + compile + hand-over against raw arrays"
_FIRST = "first solve against HiPO without crossover"
_SIZES = (
    ("1 region", "real", 12.0),
    ("10", "regions_10", 2.0),
    ("100", "regions_100", 1.2),
    ("1,000", "regions_1000", 1.2),
)
TARGETS = (
    *(Target(f"{_BUILD}, {n}, structure known", case, "hand-over", "ours", most) for n, case, most in _SIZES),
    *(
        Target(f"{_BUILD}, {n}, structure seen first", case, "hand-over", "ours, a structure seen first", most)
        for n, case, most in _SIZES
    ),
    Target("what-if on a warm session", "real", "what-if", "ours", 1.2),
    Target("what-if on a warm session, 10 regions", "regions_10", "what-if", "ours", 1.2),
    Target("what-if with the full answer tables", "real", "what-if with tables", "ours, all tables", 3.0),
    Target("1,000-point sweep against the raw sorted sweep", "real", "sweep", "ours", 1.2),
    Target("1,000-point sweep, 10 regions", "regions_10", "sweep", "ours", 1.2),
    Target("exact curve, solves for a breakpoint", "real", "exact curve", "ours", 2.3, "solves per breakpoint"),
    Target("exact curve, a later question", "real", "exact curve", "ours", 100.0, "later question µs", "µs"),
    Target("what-if over HTTP, p50", "real", "request", "ours", 10.0, "p50 ms", "ms"),
    Target("the same, asked before", "real", "request", "ours, asked before", 10.0, "p50 ms", "ms"),
    Target(
        "what-if over HTTP, share outside the solver that is explained",
        "real",
        "request",
        "ours",
        0.8,
        "explained",
        at_least=True,
    ),
    Target("`planopt solve`, answer kept, wall", "real", "command line", "ours, answer kept", 1.0, "wall", "s"),
    Target(f"{_FIRST}, 100 regions", "regions_100", "many regions", "ours, by blocks", 0.7),
    Target(f"{_FIRST}, 1,000 regions", "regions_1000", "many regions", "ours, by blocks", 0.4),
    Target("batch, one process, against a bare loop from nothing", "real", "batch", "ours", 1.3),
    Target(
        "batch, one process, against a bare loop from a basis", "real", "batch", "ours", 1.3, floor="raw, from a basis"
    ),
)
_MOST_MEMORY = 1.5
_MEMORY = {
    "growth MB": "memory that compiling and handing over takes",
    "peak MB": "peak memory of a process that compiles",
}
PEERS = (
    "Pyomo, SolverFactory('highs')",
    "Pyomo, appsi_highs",
    "linopy",
    "PuLP",
    "cvxpy",
    "OR-tools MathOpt",
)
# What the issue asks for and no phase measures.
NOT_MEASURED = (
    "10,000 scenarios on two processes and through the service: `python -m benchmarks.throughput`, see docs/operating.",
)


def written(records: Sequence[Record], phases: Mapping[str, Phase], cases: Sequence[str], on: Mapping[str, str]) -> str:
    """The whole page."""
    parts = [INTRODUCTION, _machine(on), _targets(records), _faster(records), _growth(records, phases)]
    parts += [_phase(phases[name], records, cases) for name in phases]
    parts += [_not_measured(phases)]
    return "\n\n".join(part for part in parts if part) + "\n"


def _machine(on: Mapping[str, str]) -> str:
    return "\n".join(f"- {name}: {value}" for name, value in on.items())


def _targets(records: Sequence[Record]) -> str:
    lines = ["## Targets", "", "| | target | reached | |", "| --- | --- | --- | --- |"]
    lines += [_line(one.what, one.limit, one.reached(records), one.unit, one.at_least) for one in TARGETS]
    for case, regions in (("regions_100", "100 regions"), ("regions_1000", "1,000 regions")):
        for fact, what in _MEMORY.items():
            pair = [_fact(records, case, "memory", name, fact) for name in ("ours", "raw")]
            ratio = pair[0] / pair[1] if pair[0] and pair[1] else None
            lines.append(_line(f"{what}, {regions}", _MOST_MEMORY, ratio, ""))
    return "\n".join(lines)


def _line(what: str, limit: float, reached: float | None, unit: str, at_least: bool = False) -> str:
    target = f"{'≥' if at_least else '≤'} {limit:g} {unit}"
    if reached is None:
        return f"| {what} | {target} | – | not measured |"
    verdict = "reached" if (reached >= limit if at_least else reached <= limit) else "**missed**"
    return f"| {what} | {target} | {_number(reached)} {unit} | {verdict} |"


def _fact(records: Iterable[Record], case: str, phase: str, contestant: str, fact: str) -> float | None:
    record = _record(records, case, phase, contestant)
    return record.facts.get(fact) if record else None


def _faster(records: Sequence[Record]) -> str:
    """Ours against every front end, CPU for CPU."""
    cpu = {(r.case, r.contestant): r.cpu for r in records if r.phase == "hand-over"}
    cases = [case for case in ("real", "regions_10", "regions_100") if (case, "ours") in cpu]
    if not cases:
        return ""
    lines = [
        "## Other front ends: their CPU time for that of ours (above 1: ours is cheaper)",
        "",
        "| | " + " | ".join(cases) + " |",
        "| --- |" + " --- |" * len(cases),
    ]
    for peer in PEERS:
        times = {case: cpu.get((case, peer)) for case in cases}
        said = ["–" if time is None else _number(time / cpu[case, "ours"]) for case, time in times.items()]
        lines.append(f"| {peer} | " + " | ".join(said) + " |")
    return "\n".join(lines)


def _growth(records: Sequence[Record], phases: Mapping[str, Phase]) -> str:
    """The exponent of CPU time over what each step multiplies: 1 where the time grows in proportion."""
    cpu = {(r.case, r.phase, r.contestant): r.cpu for r in records}
    none = ["–"] * len(STEPS)
    lines = []
    for name in phases:
        for contestant in phases[name].contestants:
            said = [_exponent(cpu, step, name, contestant.name) for step in STEPS]
            if said != none:
                lines.append(f"| {name} | {contestant.name} | " + " | ".join(said) + " |")
    head = ["## Growth: exponent of CPU time", "", "| | | " + " | ".join(step.over for step in STEPS) + " |"]
    return "\n".join([*head, "| --- | --- |" + " --- |" * len(STEPS), *lines]) if lines else ""


def _exponent(cpu: Mapping[tuple[str, str, str], float], step: Step, phase: str, contestant: str) -> str:
    pair = step.pair(phase)
    if pair is None:
        return "–"
    smaller, larger = (cpu.get((*place, contestant)) for place in pair)
    return f"{math.log(larger / smaller) / math.log(step.times):.2f}" if smaller and larger else "–"


def _phase(phase: Phase, records: Sequence[Record], cases: Sequence[str]) -> str:
    own = sorted((r for r in records if r.phase == phase.name), key=lambda r: cases.index(r.case))
    if not own:
        return ""
    lines = [
        f"## {phase.name}: {phase.title}",
        "",
        f"| case | contestant | CPU s | wall s | to {phase.floor} | rounds | |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for r in own:
        facts = ", ".join(f"{name} {_number(value)}" for name, value in r.facts.items())
        ratio = "" if r.ratio is None else _number(r.ratio)
        lines.append(
            f"| {r.case} | {r.contestant} | {_number(r.cpu)} | {_number(r.wall)} | {ratio} | {r.rounds} | {facts} |"
        )
    return "\n".join(lines)


def _number(value: float) -> str:
    if value and not 1e-3 <= abs(value) < 1e5:
        return f"{value:.2e}"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def _not_measured(phases: Mapping[str, Phase]) -> str:
    missing = dict.fromkeys(one.missing for phase in phases.values() for one in phase.contestants if one.missing)
    return "\n".join(["## Not measured", "", *(f"- {text}" for text in (*NOT_MEASURED, *missing))])
