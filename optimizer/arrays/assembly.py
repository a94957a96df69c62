"""How programs of one structure are put together: the equations are read once, and every instance brings its numbers.

An entry of the matrix is a number of the *pool* with a sign: a figure as it stands, or what a formula gives. So a
program is made by one look into the pool for each entry, in the order in which the solver takes them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import scipy.sparse as sp

from optimizer.arrays.formulas import Fixed, Formula, Taken, Values
from optimizer.arrays.model import ArrayModel, Block, Part
from optimizer.collection import give_back_memory
from optimizer.columns import Mask
from optimizer.declarations import declare
from optimizer.equations import EQUATIONS, goal_shortfall, weighted_quantities
from optimizer.instance import Instance
from optimizer.keys import Integers, Keys, Vector, small
from optimizer.labels import Labels
from optimizer.program import LinearProgram, Stage


class Assembly:
    """Made from one instance, for all of the same structure. ``entries``: how many a program may have."""

    def __init__(self, instance: Instance) -> None:
        entries = self._read(instance)  # what it was read with is let go of
        self.entries = entries.count
        self._unsettled = self.entries > _MANY
        if self._unsettled:
            give_back_memory()
        self._matrix = _Matrix(entries, (len(self._rows), len(self._columns)))
        if self._unsettled:
            give_back_memory()

    def _read(self, instance: Instance) -> _Entries:
        m = ArrayModel(instance.shape.coded.names)
        declare(m, instance)
        entries, rows = _Entries(m.sizes), list[tuple[str, Keys]]()
        self._bounds: list[Callable[[Values], tuple[Vector, Vector]]] = []
        for equation in EQUATIONS:
            block = m.rows_of(equation)
            entries.add(block)
            rows.append((block.name, block.keys))
            self._bounds.append(block.bounds)
        self._numbers = m.numbers
        self._rows, self._columns = Labels(rows), Labels(m.columns)
        self._column_bounds, self._integer = m.bounds(), m.integer()
        self._goals = m.costs(goal_shortfall) if len(m.SHORTFALLS) or len(m.EXCESSES) else None
        self._stages = [m.costs(weighted_quantities, k) for k in range(len(instance.scenario.objective))]
        return entries

    def program(self, instance: Instance) -> LinearProgram:
        """The program with the numbers of an instance of this structure."""
        figures = self._figures(instance)
        bounds = [of(figures) for of in self._bounds]
        return LinearProgram(
            stages=self._all_stages(instance, figures),
            matrix=self._matrix.of(figures),
            row_lower=np.concatenate([lower for lower, _ in bounds]),
            row_upper=np.concatenate([upper for _, upper in bounds]),
            column_lower=self._column_bounds[0],
            column_upper=self._column_bounds[1],
            integer=self._integer,
            rows=self._rows,
            columns=self._columns,
        )

    def settle(self) -> None:
        """After the first program: what only that took leaves the process."""
        if self._unsettled:
            self._unsettled = False
            give_back_memory()

    def _figures(self, instance: Instance) -> Values:
        return _Once(self._numbers, instance)

    def _all_stages(self, instance: Instance, figures: Values) -> tuple[Stage, ...]:
        """Goals first, where there are any, then the scenario's stages; always to be minimised."""
        stages = [] if self._goals is None else [self._stage("goals", 1.0, self._goals, figures)]
        for k, stage in enumerate(instance.scenario.objective):
            sign = -1.0 if stage.sense == "maximise" else 1.0
            stages.append(self._stage(f"stage {k + 1}", sign, self._stages[k], figures))
        return tuple(stages)

    def _stage(self, name: str, sign: float, costs: Costs, figures: Values) -> Stage:
        terms, constant = costs
        column = np.concatenate([_NONE, *(columns for columns, _ in terms)])
        coefficient = np.concatenate([_NONE.astype(float), *(formula.of(figures) for _, formula in terms)])
        vector = np.bincount(column, coefficient, len(self._columns)).astype(float)
        return Stage(name, sign * vector, sign * float(constant.of(figures)[0]), sign)


Costs = tuple[list[tuple[Integers, Formula]], Formula]
_NONE = np.empty(0, dtype=np.int32)
# Entries of a structure from which on it is worth the milliseconds to give memory back.
_MANY = 500_000


class _Once(dict[str, Vector]):
    """The figures of an instance, each reckoned where it is asked for first."""

    def __init__(self, numbers: dict[str, Callable[[Instance], Vector]], instance: Instance) -> None:
        super().__init__()
        self._numbers, self._instance = numbers, instance

    def __missing__(self, name: str) -> Vector:
        self[name] = found = self._numbers[name](self._instance)
        return found


class _Entries:
    """Row, column and source of every entry, gathered block by block.

    A source is a place in the pool; where the sign is turned, what stands for it is ``~place``, a number below 0.
    """

    def __init__(self, sizes: Mapping[str, int]) -> None:
        self.pool = _Pool(sizes)
        self._rows = 0
        self._parts: tuple[list[Integers], ...] = ([], [], [])

    def add(self, block: Block) -> None:
        """The rows of a block come after those of the blocks before."""
        for part in block.parts:
            source = self.pool.places(part)
            columns = part.row + np.int32(self._rows), part.column, ~source if part.sign < 0 else source
            for gathered, column in zip(self._parts, columns, strict=True):
                gathered.append(column)
        self._rows += len(block.keys)

    @property
    def count(self) -> int:
        return sum(map(len, self._parts[0]))

    def taken(self) -> tuple[Integers, Integers, Integers]:
        """The three columns, which are given away."""
        row, column, source = (_joined(gathered) for gathered in self._parts)
        return row, column, source


def _joined(gathered: list[Integers]) -> Integers:
    """All parts in one, which are let go of."""
    joined = small(np.concatenate([_NONE, *gathered]))
    gathered.clear()
    return joined


class _Matrix:
    """Where each entry of the matrix comes from."""

    def __init__(self, entries: _Entries, shape: tuple[int, int]) -> None:
        self._shape, self._pool = shape, entries.pool
        source, self._slot, self._starts, self._indices = _by_columns(*entries.taken(), shape=shape)
        turned = source >> 31  # all bits where the number is below 0, else none
        self._sign = (turned | 1).astype(np.int8) if turned.any() else None
        self._source: Integers = source ^ turned
        self._dropped: tuple[Mask, Integers, Integers] | None = None

    def of(self, figures: Values) -> sp.csc_array:
        """Entries of the same place added up; what adds up to nothing left out."""
        data = self._pool.of(figures)[self._source]
        if self._sign is not None:
            data *= self._sign
        if self._slot is not None:
            data = np.bincount(self._slot, data, len(self._indices)).astype(float)
        kept = data != 0.0
        if kept.all():
            return _matrix(data, self._indices, self._starts, self._shape)
        indices, starts = self._without(kept)
        return _matrix(data[kept], indices, starts, self._shape)

    def _without(self, kept: Mask) -> tuple[Integers, Integers]:
        """Indices and starts of the entries that are kept; the same entries are nothing in most programs."""
        dropped = self._dropped
        if dropped is None or not np.array_equal(dropped[0], kept):
            counts = np.concatenate([[0], np.cumsum(kept)])
            dropped = kept, self._indices[kept], small(counts[self._starts])
            self._dropped = dropped
        return dropped[1], dropped[2]


class _Pool:
    """All numbers that stand in the matrix, one formula after the other; a figure counts once."""

    def __init__(self, sizes: Mapping[str, int]) -> None:
        self._sizes, self._size = sizes, 0
        self._formulas: list[Formula | str] = []
        self._starts: dict[str | float, int] = {}

    def places(self, part: Part) -> Integers:
        """Where the coefficients of the part stand."""
        formula, count = part.formula, len(part.row)
        if isinstance(formula, Taken):
            name = formula.figure
            return formula.positions + np.int32(self._start(name, name, self._sizes[name]))
        if isinstance(formula, Fixed):
            return np.full(count, self._start(formula.value, Fixed(formula.value, 1), 1), dtype=np.int32)
        start = self._added(formula, count)
        return np.arange(start, start + count, dtype=np.int32)

    def _start(self, key: str | float, formula: Formula | str, size: int) -> int:
        """Where the formula with this key begins."""
        if key not in self._starts:
            self._starts[key] = self._added(formula, size)
        return self._starts[key]

    def _added(self, formula: Formula | str, size: int) -> int:
        start, self._size = self._size, self._size + size
        self._formulas.append(formula)
        return start

    def of(self, figures: Values) -> Vector:
        return np.concatenate([figures[of] if isinstance(of, str) else of.of(figures) for of in self._formulas])


def _by_columns(
    row: Integers, column: Integers, source: Integers, shape: tuple[int, int]
) -> tuple[Integers, Integers | None, Integers, Integers]:
    """Sources column by column; the place of each where several stand in one, else None; starts; rows."""
    made = sp.coo_array((source, (row, column)), shape=shape).tocsc()
    starts, indices = small(made.indptr), small(made.indices)
    if made.nnz == len(row):
        return made.data, None, starts, indices
    order = np.lexsort((row, column))
    same = (np.diff(row[order], prepend=-1) == 0) & (np.diff(column[order], prepend=-1) == 0)
    return source[order], np.cumsum(~same) - 1, starts, indices


def _matrix(data: Vector, indices: Integers, starts: Integers, shape: tuple[int, int]) -> sp.csc_array:
    matrix = sp.csc_array((data, indices, starts), shape=shape)
    matrix.has_canonical_format = True
    return matrix
