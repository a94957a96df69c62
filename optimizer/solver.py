"""The sole importer of highspy: a Session keeps one program warm and answers changed bounds and costs."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import highspy
import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from optimizer.certificate import VIOLATION_TOLERANCE
from optimizer.incumbents import Incumbents
from optimizer.program import INFINITY, LinearProgram, Stage, Vector
from optimizer.rounding import optimal_but_for_rounding
from optimizer.run_result import BASIC, Basics, Basis, RawResult
from optimizer.solver_options import Option
from optimizer.status import Status

# Tighter than the solver's default of 1e-7, so that certificates hold with room to spare.
FEASIBILITY_TOLERANCE = 1e-9
# What rounding explains of a violation, relative to the size of its terms: a tenth of what a certificate allows.
EXPLAINED = 0.1 * VIOLATION_TOLERANCE
# Relative gap at which a mixed-integer program counts as solved.
MIP_GAP = 1e-9
# The thread count is global to the process in HiGHS: one value everywhere.
THREADS = 1
_NO_TIME = 0.1  # seconds that are not worth a further run


class SolverError(RuntimeError):
    """HiGHS refused a call; the message names the call."""


@dataclass(frozen=True)
class Limits:
    """When to stop: ``seconds`` from the start of a run, or as soon as ``cancel`` is set."""

    seconds: float = INFINITY
    cancel: threading.Event | None = None


_STATUS = {
    highspy.HighsModelStatus.kOptimal: Status.OPTIMAL,
    highspy.HighsModelStatus.kModelEmpty: Status.OPTIMAL,
    highspy.HighsModelStatus.kInfeasible: Status.INFEASIBLE,
    highspy.HighsModelStatus.kUnbounded: Status.UNBOUNDED,
    highspy.HighsModelStatus.kTimeLimit: Status.TIME_LIMIT,
    highspy.HighsModelStatus.kInterrupt: Status.CANCELLED,
}

# Heuristics that solve smaller programs of the same kind, in which HiGHS does not ask whether it is to stop: half a
# minute on a plan of six regions. Without them the shipped plan with whole projects is solved faster, too.
_DEAF = ("rins", "rens", "root_reduced_cost")
# Iterations for multipliers that prove a small program infeasible.
_FOR_MULTIPLIERS = 3000
_BASIS_STATUS = tuple(highspy.HighsBasisStatus(number) for number in range(5))


@dataclass
class _End:
    """When the run at hand ends, done or not."""

    cancel: threading.Event | None = None
    deadline: float = INFINITY

    @property
    def is_cancelled(self) -> bool:
        return self.cancel is not None and self.cancel.is_set()


class Session:
    """One program inside HiGHS. Changes are kept until changed again; not safe for use by two threads at once."""

    def __init__(self, program: LinearProgram) -> None:
        self.program = program
        self._highs: Any = highspy.Highs()  # type: ignore[no-untyped-call]  # highspy leaves __init__ untyped
        self._end = _End()
        self.incumbents = Incumbents()
        for option, value in (
            ("output_flag", False),
            ("threads", THREADS),
            ("mip_rel_gap", MIP_GAP),
            ("mip_abs_gap", 0.0),
            ("mip_feasibility_tolerance", FEASIBILITY_TOLERANCE),
            ("primal_feasibility_tolerance", FEASIBILITY_TOLERANCE),
            ("dual_feasibility_tolerance", FEASIBILITY_TOLERANCE),
            *((f"mip_heuristic_run_{name}", False) for name in _DEAF),
        ):
            _check(self._highs.setOptionValue(option, value), f"setOptionValue({option})")
        self._watch_cancel()
        self._pass(program)

    def _watch_cancel(self) -> None:
        end, incumbents = self._end, self.incumbents  # not self: a session that nobody holds is gone at once

        def stop_if_asked(event: highspy.highs.HighsCallbackEvent) -> None:
            asked = end.is_cancelled or time.monotonic() > end.deadline
            event.interrupt(asked)
            if not asked:
                incumbents.offer()

        for callback in (self._highs.cbSimplexInterrupt, self._highs.cbIpmInterrupt, self._highs.cbMipInterrupt):
            callback.subscribe(stop_if_asked)
        self._highs.cbMipImprovingSolution.subscribe(lambda event: incumbents.keep(event.data_out))

    def _pass(self, program: LinearProgram) -> None:
        matrix, width = program.matrix, len(program.columns)
        _check(
            self._highs.passModel(
                width,
                len(program.rows),
                matrix.nnz,
                int(highspy.MatrixFormat.kColwise),
                int(highspy.ObjSense.kMinimize),
                0.0,
                np.zeros(width),
                program.column_lower,
                program.column_upper,
                program.row_lower,
                program.row_upper,
                matrix.indptr.astype(np.int32, copy=False),
                matrix.indices.astype(np.int32, copy=False),
                matrix.data,
                program.integer.astype(np.int32),
            ),
            "passModel",
        )

    def set_stage(self, stage: Stage) -> None:
        """Minimise this stage's costs from now on."""
        width = len(stage.costs)
        every = np.arange(width, dtype=np.int32)
        _check(self._highs.changeColsCost(width, every, stage.costs), "changeColsCost")
        _check(self._highs.changeObjectiveOffset(stage.constant), "changeObjectiveOffset")

    def set_row_bounds(self, row: int, lower: float, upper: float) -> None:
        _check(self._highs.changeRowBounds(row, lower, upper), "changeRowBounds")

    def set_rows_bounds(self, rows: npt.NDArray[np.intp], lower: Vector, upper: Vector) -> None:
        """The bounds of several rows at once."""
        if len(rows):
            _check(self._highs.changeRowsBounds(len(rows), rows.astype(np.int32), lower, upper), "changeRowsBounds")

    def set_column_bounds(self, column: int, lower: float, upper: float) -> None:
        _check(self._highs.changeColBounds(column, lower, upper), "changeColBounds")

    def set_coefficient(self, row: int, column: int, value: float) -> None:
        _check(self._highs.changeCoeff(row, column, value), "changeCoeff")

    def add_row(self, columns: Iterable[int], values: Iterable[float], lower: float, upper: float) -> None:
        indices, coefficients = np.asarray(columns, dtype=np.int32), np.asarray(values, dtype=np.float64)
        _check(self._highs.addRow(lower, upper, len(indices), indices, coefficients), "addRow")

    def add_columns(self, costs: Vector, lower: Vector, upper: Vector, matrix: sp.csc_array) -> None:
        """More continuous columns at the end; ``matrix`` has the rows that the session has by now."""
        starts, indices = matrix.indptr[:-1].astype(np.int32), matrix.indices.astype(np.int32)
        added = self._highs.addCols(len(costs), costs, lower, upper, matrix.nnz, starts, indices, matrix.data)
        _check(added, "addCols")

    def set_basis(self, basis: Basis) -> None:
        """Start the next run from this basis."""
        highs_basis = highspy.HighsBasis()
        highs_basis.col_status = [_BASIS_STATUS[s] for s in basis.columns.tolist()]
        highs_basis.row_status = [_BASIS_STATUS[s] for s in basis.rows.tolist()]
        highs_basis.valid = True
        # A basis of the right size is not searched for its rank, which costs as much as a factorisation; the run that
        # follows puts right what is singular.
        basics = np.count_nonzero(basis.columns == BASIC) + np.count_nonzero(basis.rows == BASIC)
        highs_basis.alien = bool(basics != len(basis.rows))
        _check(self._highs.setBasis(highs_basis), "setBasis")

    def resume(self, solver_basis: Any) -> None:
        """Start the next run from ``RawResult.solver_basis`` of a program with as many rows and columns."""
        _check(self._highs.setBasis(solver_basis), "setBasis")

    def basics(self) -> Basics | None:
        """Of the basis at hand; None where HiGHS has no factor of it. Statuses tell the same, twenty times slower."""
        status, basics = self._highs.getBasicVariables()
        return basics.astype(np.int64) if status == highspy.HighsStatus.kOk else None

    def run(self, limits: Limits | None = None) -> RawResult:
        """Solves from the basis at hand. Never raises for what the program is; see ``RawResult.status``."""
        limits, highs, started = limits or Limits(), self._highs, time.monotonic()
        self._end.cancel, self._end.deadline = limits.cancel, started + limits.seconds
        if self._end.is_cancelled or limits.seconds <= 0.0:  # small programs end before HiGHS asks
            stopped = Status.CANCELLED if self._end.is_cancelled else Status.TIME_LIMIT
            return RawResult(stopped, None, None, None, None, -INFINITY, 0.0, 0)
        self.incumbents.begin()
        self._run_in_time()
        if highs.getModelStatus() == highspy.HighsModelStatus.kUnboundedOrInfeasible:
            highs.setOptionValue("presolve", "off")  # presolve cannot tell which; the simplex method can
            self._run_in_time()
            highs.setOptionValue("presolve", "choose")
        return self._result(time.monotonic() - started)

    def _run_in_time(self) -> None:
        """HiGHS goes by the time of day, which may be set meanwhile: forwards, and it stops too early; backwards, and
        it has to be told. It counts its limit over the life of the object."""
        highs, left = self._highs, self._end.deadline - time.monotonic()
        while True:
            limit = max(highs.getRunTime() + max(left, 0.0), 0.0)
            _check(highs.setOptionValue("time_limit", limit), "setOptionValue(time_limit)")
            highs.run()
            left = self._end.deadline - time.monotonic()
            if highs.getModelStatus() != highspy.HighsModelStatus.kTimeLimit or left < _NO_TIME:
                return

    def contradiction(self) -> Vector | None:
        """Multipliers of the rows that prove the last run infeasible (Farkas); None where HiGHS has none.

        Where presolving proved it HiGHS solves anew for them, and is given as many iterations as there are rows.
        """
        with self.options({"simplex_iteration_limit": max(len(self.program.rows), _FOR_MULTIPLIERS)}):
            _, found, ray = self._highs.getDualRay()
        return np.array(ray) if found else None

    def direction(self) -> Vector | None:
        """The direction in which the last run was found unbounded, each column's part; None where HiGHS has none."""
        _, found, ray = self._highs.getPrimalRay()
        return np.array(ray) if found else None

    @contextmanager
    def options(self, chosen: Mapping[str, Option]) -> Iterator[None]:
        """Runs inside use these options of HiGHS, later ones those of before."""
        before = {name: self._highs.getOptionValue(name)[1] for name in chosen}
        self.set_options(chosen)
        try:
            yield
        finally:
            self.set_options(before)

    def set_options(self, chosen: Mapping[str, Option]) -> None:
        """Options of HiGHS for all later runs. Raises SolverError where it knows none of this name."""
        for name, value in chosen.items():
            _check(self._highs.setOptionValue(name, value), f"setOptionValue({name})")

    def forget(self) -> None:
        """The next run starts from nothing."""
        _check(self._highs.clearSolver(), "clearSolver")

    def _result(self, seconds: float) -> RawResult:
        highs = self._highs
        status = _STATUS.get(highs.getModelStatus(), Status.FAILED)
        if status is Status.CANCELLED and not self._end.is_cancelled:
            status = Status.TIME_LIMIT
        info, solution = highs.getInfo(), highs.getSolution()
        feasible = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
        integer = bool(self.program.integer.any())
        if not (feasible or integer) and optimal_but_for_rounding(highs, EXPLAINED):
            status, feasible = Status.OPTIMAL, True
        has_point = solution.value_valid and feasible and status is not Status.UNBOUNDED
        x = _vector(solution.col_value) if has_point else None
        has_duals = solution.dual_valid and status is Status.OPTIMAL
        bound = info.mip_dual_bound if integer else info.objective_function_value
        if status in (Status.TIME_LIMIT, Status.CANCELLED):
            x = self.incumbents.best if x is None else x
            bound = bound if integer else -INFINITY  # where the simplex method stands is no bound
        return RawResult(
            status,
            x,
            _vector(solution.row_dual) if has_duals else None,
            solution if has_duals else None,
            self._basis() if status is Status.OPTIMAL and not integer else None,
            bound,
            seconds,
            max(info.simplex_iteration_count, 0),
        )

    def _basis(self) -> Any:
        basis = self._highs.getBasis()
        return basis if basis.valid else None


def _vector(values: list[float]) -> Vector:
    return np.fromiter(values, dtype=np.float64, count=len(values))  # a third faster than numpy.array of a list


def _check(status: highspy.HighsStatus, call: str) -> None:
    if status == highspy.HighsStatus.kError:
        raise SolverError(f"HiGHS refused {call}")


def write_file(program: LinearProgram, stage: Stage, path: str, row_names: list[str], column_names: list[str]) -> None:
    """Writes the program with one stage as objective; the ending of ``path`` (.lp, .mps) chooses the format."""
    session = Session(program)
    session.set_stage(stage)
    highs = session._highs
    for number, name in enumerate(row_names):
        _check(highs.passRowName(number, name), "passRowName")
    for number, name in enumerate(column_names):
        _check(highs.passColName(number, name), "passColName")
    _check(highs.writeModel(path), f"writeModel({path})")
