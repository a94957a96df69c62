"""Runs that end with something usable: where one fails numerically, the program is solved anew in other ways."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
import scipy.sparse as sp

from optimizer.program import Vector
from optimizer.run_result import RawResult
from optimizer.solver import Limits, Session
from optimizer.solver_options import USUAL, Option
from optimizer.status import Status
from optimizer.stopwatch import part

# From nothing a run takes about as many iterations as a program has rows. One that takes this many times as many, and
# as many as these at least, has lost its way.
_LOST, _MANY = 5, 20_000
# A warm basis may be optimal for the scaled program only, and lead nowhere, or in circles: first from nothing.
# On infeasible programs with coefficients of many sizes the scaled dual simplex method can lose its way, and the
# primal one, too; unscaled, without presolve, or by the interior point method they are decided in a tenth of a second.
_FROM_NOTHING: tuple[dict[str, Option], ...] = (
    {},
    {"simplex_scale_strategy": 0},
    {"presolve": "off"},
    {"solver": "ipm", "simplex_iteration_limit": USUAL["simplex_iteration_limit"]},
)
# Whole numbers are searched for from nothing anyway. HiGHS refuses its own optimum where a row is violated by more than
# the tolerance in absolute numbers, which is less than rounding in rows of a size of some 100,000. What it takes where
# nothing is said is the last but one.
_WHOLE: tuple[dict[str, Option], ...] = tuple(
    {"mip_feasibility_tolerance": tolerance} for tolerance in (1e-8, 1e-7, 1e-6, 1e-5)
)


@part("solve")
def run_usable(session: Session, limits: Limits, drifted: Callable[[Vector], bool] | None = None) -> RawResult:
    """A run from the basis at hand, and from nothing where that gives nothing usable; ``FAILED`` where all ways do.

    A point that has ``drifted`` is computed anew from its basis.
    """
    result = _usable(session, limits)
    if drifted is None or result.x is None or result.solver_basis is None or not drifted(result.x):
        return result
    session.resume(result.solver_basis)
    again = _usable(session, replace(limits, seconds=max(limits.seconds - result.seconds, 0.0)))
    return replace(again, seconds=result.seconds + again.seconds, iterations=result.iterations + again.iterations)


def _usable(session: Session, limits: Limits) -> RawResult:
    result = session.run(limits)
    return run_anew(session, limits, result) if useless(result) else result


def run_anew(
    session: Session, limits: Limits, failed: RawResult | None = None, *, most: int | None = None
) -> RawResult:
    """Runs from nothing, one way after another. Seconds and iterations are those of all runs, ``failed`` included.

    ``most``: the first way alone, and no more iterations than these.
    """
    seconds, iterations = (failed.seconds, failed.iterations) if failed else (0.0, 0)
    enough = max(_LOST * len(session.program.rows), _MANY) if most is None else most
    whole = bool(session.program.integer.any())
    bound: Mapping[str, Option] = {} if whole else {"simplex_iteration_limit": enough}
    ways = _WHOLE if whole else _FROM_NOTHING
    for options in ways if most is None else ways[:1]:
        session.forget()
        with session.options({**USUAL, **bound, **options}):
            result = session.run(replace(limits, seconds=max(limits.seconds - seconds, 0.0)))
        seconds, iterations = seconds + result.seconds, iterations + result.iterations
        if not useless(result):
            break
    status = Status.FAILED if useless(result) else result.status
    return replace(result, status=status, seconds=seconds, iterations=iterations)


def useless(result: RawResult) -> bool:
    """Whether a run says nothing: it failed, or its optimum has no point."""
    return result.status is Status.FAILED or (result.status is Status.OPTIMAL and result.x is None)


def violates(matrix: sp.csc_array, lower: Vector, upper: Vector, x: Vector, most: float) -> bool:
    """Whether a row is violated by more than ``most``, relative to its size, by what the solver takes for an optimum.

    Updates of the basis have drifted then, or undoing what presolving did has lost digits.
    """
    activity = matrix @ x
    beyond = np.maximum(lower - activity, activity - upper)
    return bool(np.any(beyond > most * np.maximum(1.0, np.abs(activity))))
