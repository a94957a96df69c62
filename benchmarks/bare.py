"""A bare loop over finished programs: ``passModel``, run, read the point, stage after stage. The floor of a batch."""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Any

import highspy
import numpy as np

from benchmarks.drivers import raw
from optimizer.holds import HOLD_TOLERANCE
from optimizer.program import LinearProgram
from optimizer.run_result import Basis
from optimizer.start import Start

_STATUS = [highspy.HighsBasisStatus(number) for number in range(5)]


@dataclass(frozen=True)
class Finished:
    """A program as highspy takes it, with its stages, and a basis for each of them where it is known."""

    passed: tuple[Any, ...]
    stages: tuple[tuple[Any, float, float], ...]  # costs, constant, and the share that later stages may give up
    starts: tuple[Basis, ...]


@dataclass(frozen=True)
class Loop:
    """Minimised value of the last stage of each program (NaN without an optimum), seconds of the clock and of the
    processor of all processes."""

    values: list[float]
    wall: float
    processor: float


def finished(program: LinearProgram, start: Start | None = None) -> Finished:
    """``start``: of a program with the same rows and columns."""
    matrix, first = program.matrix, program.stages[0]
    passed = (
        len(program.columns),
        len(program.rows),
        matrix.nnz,
        int(highspy.MatrixFormat.kColwise),
        int(highspy.ObjSense.kMinimize),
        first.constant,
        first.costs,
        program.column_lower,
        program.column_upper,
        program.row_lower,
        program.row_upper,
        matrix.indptr.astype(np.int32),
        matrix.indices.astype(np.int32),
        matrix.data,
        np.zeros(len(program.columns), dtype=np.int32),
    )
    starts = () if start is None else tuple(start.stages[stage.name].basis for stage in program.stages)
    return Finished(passed, tuple((stage.costs, stage.constant, stage.slack) for stage in program.stages), starts)


def solved(program: Finished) -> float:
    """Each stage is held while the next one is minimised, in one HiGHS object."""
    highs = raw.silent()
    highs.passModel(*program.passed)
    every, value = np.arange(program.passed[0], dtype=np.int32), float("nan")
    for number, (costs, constant, slack) in enumerate(program.stages):
        if number:
            highs.changeColsCost(len(every), every, costs)
            highs.changeObjectiveOffset(constant)
        if number < len(program.starts):
            highs.setBasis(_basis(program.starts[number]))
        highs.run()
        if highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return float("nan")
        value = float(highs.getInfo().objective_function_value)
        solution = highs.getSolution()
        _ = np.array(solution.col_value), np.array(solution.row_dual)
        used, held = np.flatnonzero(costs).astype(np.int32), value - constant
        most = held + HOLD_TOLERANCE * max(1.0, abs(held)) + slack * abs(held)
        highs.addRow(-highspy.kHighsInf, most, len(used), used, costs[used])
    return value


def _basis(start: Basis) -> Any:
    basis = highspy.HighsBasis()
    basis.col_status = [_STATUS[status] for status in start.columns.tolist()]
    basis.row_status = [_STATUS[status] for status in start.rows.tolist()]
    basis.valid = True
    return basis


def in_turn(programs: Sequence[Finished]) -> Loop:
    wall, processor = time.perf_counter(), time.process_time()
    values = [solved(program) for program in programs]
    return Loop(values, time.perf_counter() - wall, time.process_time() - processor)


def on_processes(programs: Sequence[Finished], executor: Executor, processes: int) -> Loop:
    """One part each; ``wall`` is that of the process that was last. What travels is not counted."""
    parts = [programs[number::processes] for number in range(processes)]
    loops = list(executor.map(in_turn, parts))
    values = [float("nan")] * len(programs)
    for number, loop in enumerate(loops):
        values[number::processes] = loop.values
    return Loop(values, max(loop.wall for loop in loops), sum(loop.processor for loop in loops))
