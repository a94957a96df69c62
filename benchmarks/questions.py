"""Questions on a program that is known already: what-ifs, sweeps, curves, and the larger verbs."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence

from benchmarks import bare
from benchmarks.cases import BATCH, LARGER_BATCH, MOST_MONEY, Case, NewShares, near_shares, sorted_shares
from benchmarks.registry import FLOOR, Once, Outcome, Phase, phase, takes_part
from benchmarks.warm import RawStages
from optimizer import TABLES, Answer, Scenario, load_scenario, make_program, solve, value_curve
from optimizer.assumptions import ledger
from optimizer.batch import Changes, Question, in_turn
from optimizer.budget_directions import all_budgets
from optimizer.criteria import Criterion
from optimizer.diagnosis.verb import diagnose
from optimizer.frontiers import frontier
from optimizer.kept_curves import Curves
from optimizer.parametric import Parametric
from optimizer.runs import Runs, WarmProgram
from optimizer.softened import required_first
from optimizer.solver import Limits
from optimizer.store import Store

# Beyond it the verbs that solve again and again take minutes.
SMALL, MIDDLE = 1, 10
WHAT_IFS, SWEEP, LATER = 20, 1000, 1000

WHAT_IF = phase("what-if", f"{WHAT_IFS} what-ifs by bounds on a warm session")
ANSWERS = phase("what-if with tables", "A what-if as a new question, all tables of the answer")
SWEEPS = phase("sweep", f"{SWEEP} budgets, sorted")
CURVE = phase("exact curve", "The exact curve of all budgets, and later questions on it; and one within a gap")
# What the objective may be off along a curve that need not be exact.
NEAR = 1e-3
FRONTIER = phase("frontier", "The exact frontier of two quantities")
DIAGNOSIS = phase("diagnosis", "Conflicts and repairs of a plan that cannot be")
LEDGER = phase("ledger", "The ledger of assumptions of an answer")
BATCHES = phase("batch", f"{BATCH} programs whose figures differ, one process")
LARGER = phase("larger batch", f"{LARGER_BATCH} programs whose figures differ, one process", "raw, from a basis")


class Sizes:
    """How many points; the smoke form asks fewer."""

    what_ifs, sweep, batch, larger_batch = WHAT_IFS, SWEEP, BATCH, LARGER_BATCH


def _ours(parametric: Parametric) -> Callable[[float], float]:
    warm, stage = WarmProgram(parametric.program, Runs()), parametric.program.stages[-1]
    warm.set_stage(stage)

    def at(theta: float) -> float:
        warm.set_rows_bounds(parametric.moved, *parametric.bounds(theta))
        return stage.sign * stage.value(warm.optimum(stage.name))

    return at


def _asked(at: Callable[[float], float], shares: Callable[[], Sequence[float]]) -> Once:
    """The first run of a warm session is made before anything is measured."""
    at(0.0)
    return lambda: Outcome(sum(at(share) for share in shares()))


def _both(of: Phase, shares: Callable[[], Sequence[float]], most_regions: int) -> None:
    takes_part(of, "ours", most_regions)(lambda case: _asked(_ours(case.parametric), shares))
    takes_part(of, FLOOR, most_regions)(lambda case: _asked(RawStages(case.parametric).at, shares))


_both(WHAT_IF, lambda: near_shares(Sizes.what_ifs), 100)
_both(SWEEPS, lambda: sorted_shares(Sizes.sweep), MIDDLE)


# ---------------------------------------------------------------------------------------- with the full answer


def more_money(case: Case, share: float) -> Scenario:
    """The scenario with so much more in every budget that states an amount of its own."""
    return load_scenario(case.plan, changes={"budgets": {name: {"factor": 1.0 + share} for name in case.own_budgets}})


def _answered(case: Case, tables: Sequence[str]) -> Once:
    shares = NewShares()
    solve(case.plan, case.scenario)

    def asked(share: float) -> float:
        answer = solve(case.plan, more_money(case, share))
        for name in tables:
            answer.table(name)
        return _minimised(answer)

    return lambda: _first([asked(share) for share in shares(Sizes.what_ifs)])


def _first(values: list[float]) -> Outcome:
    """Later shares differ from round to round, and not all contestants run the same number of rounds."""
    return Outcome(values[0])


def _minimised(answer: Answer) -> float:
    return answer.solution.program.stages[-1].sign * (answer.objective or 0.0)


@takes_part(ANSWERS, "ours, all tables", MIDDLE)
def with_tables(case: Case) -> Once:
    return _answered(case, TABLES)


@takes_part(ANSWERS, "ours, without exchange rates", MIDDLE)
def without_rates(case: Case) -> Once:
    return _answered(case, [name for name in TABLES if name != "exchange_rates"])


@takes_part(ANSWERS, "ours, no tables", MIDDLE)
def without_tables(case: Case) -> Once:
    return _answered(case, ())


@takes_part(ANSWERS, FLOOR, MIDDLE)
def stages_again(case: Case) -> Once:
    at, shares = RawStages(case.whole).at, NewShares()
    at(0.0)
    return lambda: _first([at(share) for share in shares(Sizes.what_ifs)])


# ------------------------------------------------------------------------------------------------ larger verbs


@takes_part(CURVE, "ours", SMALL)
def curve(case: Case) -> Once:
    program, direction = case.single, all_budgets(case.instance)

    def once() -> Outcome:
        found = value_curve(program, direction, (0.0, MOST_MONEY))
        started = time.perf_counter()
        for share in sorted_shares(LATER):
            found.at(share)
        later = (time.perf_counter() - started) / LATER * 1e6
        turns = len(found.breakpoints)
        facts = {"breakpoints": turns, "solves": found.solves, "later question µs": later}
        return Outcome(None, facts | ({"solves per breakpoint": found.solves / turns} if turns else {}))

    return once


@takes_part(CURVE, "ours, within 0.1 %", MIDDLE)
def near_curve(case: Case) -> Once:
    program, direction = case.single, all_budgets(case.instance)

    def once() -> Outcome:
        found = value_curve(program, direction, (0.0, MOST_MONEY), gap=NEAR)
        return Outcome(None, {"pieces": len(found.pieces), "solves": found.solves, "proven gap": found.proven_gap})

    return once


@takes_part(CURVE, "ours, kept on the disk", SMALL)
def curve_read(case: Case) -> Once:
    """As another process finds it: read, and every piece certified."""
    store, asked = Store(case.folder()), (case.single, all_budgets(case.instance), (0.0, MOST_MONEY))
    Curves(store).along(*asked)
    return lambda: Outcome(None, {"breakpoints": len(Curves(store).along(*asked).breakpoints)})


@takes_part(FRONTIER, "ours", SMALL)
def two_quantities(case: Case) -> Once:
    indicators = case.plan.table("indicators")
    gained = case.scenario.objective[-1].terms[0].quantity
    ratios = indicators["kind"].str.startswith("ratio") & ~indicators["quantity"].isin(["", gained])
    spared = str(indicators.loc[ratios, "quantity"].iloc[0])
    pair = Criterion(gained, "maximise"), Criterion(spared, "minimise")

    def once() -> Outcome:
        found = frontier(case.instance, case.program, *pair, hold_goals=False)
        return Outcome(None, {"vertices": len(found.vertices), "solves": found.solves})

    return once


@takes_part(DIAGNOSIS, "ours", SMALL)
def what_is_wrong(case: Case) -> Once:
    """Almost no money."""
    scenario = more_money(case, -0.99)

    def once() -> Outcome:
        found = diagnose(case.plan, scenario, ranges=False)
        return Outcome(None, {"conflicts": len(found.conflicts), "repairs": len(found.menu)})

    return once


@takes_part(LEDGER, "ours", SMALL)
def assumptions(case: Case) -> Once:
    answer = solve(case.plan, case.scenario)
    return lambda: Outcome(None, {"figures": len(ledger(answer.instance, answer.solution).figures)})


def _batch(case: Case, count: int) -> tuple[Question, list[Changes]]:
    """So many programs by changed figures of budgets."""
    figures = case.plan.table("budget_figures")
    row = figures[figures["value"] > 0].iloc[0]
    keys = {name: row[name] for name in ("budget", "parameter", "year") if str(row[name]) not in ("", "<NA>")}
    changed: list[Changes] = [
        [{"table": "budget_figures", **keys, "value": float(row["value"]) * (1.0 + share), "unit": row["unit"]}]
        for share in near_shares(count)
    ]
    return Question(case.plan, case.scenario), changed


def _finished(case: Case, count: int, *, warm: bool) -> list[bare.Finished]:
    question, changed = _batch(case, count)
    start = question.start(Limits())
    changed_plans = (question.plan.with_figures([dict(one) for one in changes]) for changes in changed)
    programs = [required_first(*make_program(plan, question.scenario)) for plan in changed_plans]
    return [bare.finished(program, start if warm else None) for program in programs]


def _looped(programs: Sequence[bare.Finished]) -> Once:
    return lambda: Outcome(None, {"solved": sum(math.isfinite(value) for value in bare.in_turn(programs).values)})


def _in_turn(case: Case, count: int) -> Once:
    """And of each program whether its targets hold."""
    question, changed = _batch(case, count)
    question.start(Limits())
    return lambda: Outcome(None, {"solved": sum(o.status == "optimal" for o in in_turn(question, changed, Limits()))})


@takes_part(BATCHES, "ours", SMALL)
def batch(case: Case) -> Once:
    return _in_turn(case, Sizes.batch)


@takes_part(BATCHES, FLOOR, SMALL)
def batch_raw(case: Case) -> Once:
    """A loop over highspy on the same programs, each from nothing."""
    return _looped(_finished(case, Sizes.batch, warm=False))


@takes_part(BATCHES, "raw, from a basis", SMALL)
def batch_raw_warm(case: Case) -> Once:
    """The same from where the unchanged program ended."""
    return _looped(_finished(case, Sizes.batch, warm=True))


@takes_part(LARGER, "ours", SMALL)
def larger_batch(case: Case) -> Once:
    return _in_turn(case, Sizes.larger_batch)


@takes_part(LARGER, "raw, from a basis", SMALL)
def larger_batch_raw(case: Case) -> Once:
    return _looped(_finished(case, Sizes.larger_batch, warm=True))
