"""How a program falls into blocks that only its linking rows tie together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from scipy.sparse.csgraph import connected_components

from optimizer.labels import named, second_parts_of
from optimizer.program import LinearProgram, Vector

Numbers = npt.NDArray[np.intp]

# Equations whose rows add up over regions. All other rows, and those of these that stay in a block, are the block's.
LINKING = frozenset({"account", "funding", "budget_year", "budget_plan", "indicator", "hold"})
# Variables whose index begins with the region.
REGIONAL = frozenset({"output", "capacity", "build", "retire", "buy", "sell", "stock"})
NO_BLOCK = -1


@dataclass(frozen=True, eq=False)
class Block:
    """Columns of the ``whole`` program that share rows, and those rows, by their numbers in it.

    ``linking`` is what the columns add to the linking rows; ``region`` a number for the region of its columns, None
    where none of them names one.
    """

    whole: LinearProgram
    columns: Numbers
    rows: Numbers
    linking: sp.csc_array
    region: int | None

    @cached_property
    def program(self) -> LinearProgram:
        """The block alone."""
        return _part(self.whole, self.rows, self.columns)


@dataclass(frozen=True)
class Split:
    """A program in blocks. ``linking``: numbers of the rows that tie them.

    ``free``: numbers of the columns that stand in linking rows only; ``of_free``: those columns in the linking rows.
    """

    program: LinearProgram
    blocks: tuple[Block, ...]
    linking: Numbers
    free: Numbers
    of_free: sp.csc_array

    def assemble(self, free: Vector, parts: Sequence[Vector]) -> Vector:
        """The columns of the whole program from those of the master and of every block."""
        x = np.zeros(len(self.program.columns))
        x[self.free] = free
        for block, part in zip(self.blocks, parts, strict=True):
            x[block.columns] = part
        return x

    def assemble_prices(self, linking: Vector, parts: Sequence[Vector]) -> Vector:
        """The multipliers of the whole program's rows."""
        y = np.zeros(len(self.program.rows))
        y[self.linking] = linking
        for block, part in zip(self.blocks, parts, strict=True):
            y[block.rows] = part
        return y


def split(program: LinearProgram) -> Split:
    """The blocks of a program: what remains connected once rows of ``LINKING`` equations are taken away.

    A region falls into several blocks where no row of its own connects them. That is kept: many small blocks agree in
    half the rounds of few large ones, and cost no more a round (docs/decisions).

    Columns that stand in such rows only (quantities of the plan, funds) belong to no block, unless all that their row
    adds up lies in one: quantities and targets of one region stay with the region.
    """
    matrix = sp.csr_array(program.matrix)
    block_of_column = _components(matrix, _is_linking(program))
    block_of_row = _settle(matrix, block_of_column)
    linking = np.flatnonzero(block_of_row == NO_BLOCK)
    free = np.flatnonzero(block_of_column == NO_BLOCK)
    count = int(block_of_column.max(initial=NO_BLOCK)) + 1
    by_linking = sp.csc_array(matrix[linking, :])
    rows, columns = _members(block_of_row, count), _members(block_of_column, count)
    parts = _cut(by_linking, columns)
    blocks = tuple(map(partial(Block, program), columns, rows, parts, _regions(program, columns)))
    return Split(program, blocks, linking, free, by_linking[:, free])


def falls_apart(program: LinearProgram) -> bool:
    """Whether there is more than one block."""
    block_of_column = _components(sp.csr_array(program.matrix), _is_linking(program))
    return int(block_of_column.max(initial=NO_BLOCK)) > 0


def _is_linking(program: LinearProgram) -> npt.NDArray[np.bool_]:
    return named(program.rows, LINKING)


def regions_named(program: LinearProgram) -> int:
    """How many regions the columns of a program name."""
    numbers = np.unique(second_parts_of(program.columns, REGIONAL))
    return int(np.count_nonzero(numbers >= 0))


def _regions(program: LinearProgram, members: Sequence[Numbers]) -> Iterator[int | None]:
    """The first region that is named in each of the lists of columns."""
    of_columns = second_parts_of(program.columns, REGIONAL)
    for columns in members:
        here = of_columns[columns]
        named_here = np.flatnonzero(here >= 0)
        yield int(here[named_here[0]]) if len(named_here) else None


def _cut(matrix: sp.csc_array, columns: Sequence[Numbers]) -> Iterator[sp.csc_array]:
    """Some columns each: sorted once, then looked at piece by piece without a copy."""
    order = matrix[:, np.concatenate([np.zeros(0, dtype=np.intp), *columns])]
    first = 0
    for some in columns:
        starts = order.indptr[first : first + len(some) + 1]
        entries = slice(starts[0], starts[-1])
        content = order.data[entries], order.indices[entries], starts - starts[0]
        yield sp.csc_array(content, shape=(matrix.shape[0], len(some)))
        first += len(some)


def _components(matrix: sp.csr_array, is_linking: npt.NDArray[np.bool_]) -> npt.NDArray[np.intp]:
    """The block of every column; none for columns that stand in linking rows only."""
    own = matrix[np.flatnonzero(~is_linking), :]
    width = own.shape[1]
    both = sp.coo_array(own)
    graph = sp.csr_array(
        (np.ones(both.nnz, dtype=np.int8), (both.coords[1], width + both.coords[0])), shape=(width + own.shape[0],) * 2
    )
    component = connected_components(graph, directed=False)[1][:width]
    component[np.bincount(both.coords[1], minlength=width) == 0] = NO_BLOCK
    named = np.unique(component[component != NO_BLOCK])
    return np.where(component == NO_BLOCK, NO_BLOCK, np.searchsorted(named, component))


def _settle(matrix: sp.csr_array, block_of_column: npt.NDArray[np.intp]) -> npt.NDArray[np.intp]:
    """The block of every row; columns whose only defining row has all else in one block join it (changed in place)."""
    while True:
        block_of_row = _row_blocks(matrix, block_of_column)
        joining = _joining(matrix, block_of_column)
        if not joining:
            return block_of_row
        for column, block in joining.items():
            block_of_column[column] = block


def _row_blocks(matrix: sp.csr_array, block_of_column: npt.NDArray[np.intp]) -> npt.NDArray[np.intp]:
    """The block that holds all columns of a row; none where there are several, or one in no block."""
    lengths = np.diff(matrix.indptr)
    filled = np.flatnonzero(lengths)
    of_entries = block_of_column[matrix.indices]
    starts = matrix.indptr[filled]
    least, most = np.minimum.reduceat(of_entries, starts), np.maximum.reduceat(of_entries, starts)
    found = np.full(matrix.shape[0], NO_BLOCK)
    found[filled] = np.where(least == most, most, NO_BLOCK)
    return found


def _joining(matrix: sp.csr_array, block_of_column: npt.NDArray[np.intp]) -> dict[int, int]:
    """Columns without a block that are the only such column of a row whose others all lie in one block."""
    lengths = np.diff(matrix.indptr)
    filled = np.flatnonzero(lengths > 1)
    if not len(filled):
        return {}
    of_entries = block_of_column[matrix.indices]
    outside = np.add.reduceat((of_entries == NO_BLOCK).astype(int), matrix.indptr[:-1][lengths > 0])
    outside_of = np.zeros(matrix.shape[0], dtype=int)
    outside_of[lengths > 0] = outside
    joining: dict[int, int] = {}
    for row in filled[outside_of[filled] == 1]:
        entries = slice(matrix.indptr[row], matrix.indptr[row + 1])
        blocks = set(of_entries[entries].tolist()) - {NO_BLOCK}
        if len(blocks) == 1:
            column = int(matrix.indices[entries][of_entries[entries] == NO_BLOCK][0])
            joining.setdefault(column, blocks.pop())
    return joining


def _members(block_of: npt.NDArray[np.intp], count: int) -> list[Numbers]:
    order = np.argsort(block_of, kind="stable")
    edges = np.searchsorted(block_of[order], np.arange(count + 1))
    return [order[edges[k] : edges[k + 1]] for k in range(count)]


def _part(program: LinearProgram, rows: Numbers, columns: Numbers) -> LinearProgram:
    return replace(
        program,
        stages=tuple(replace(stage, costs=stage.costs[columns], constant=0.0) for stage in program.stages),
        matrix=sp.csc_array(program.matrix[:, columns][rows, :]),
        row_lower=program.row_lower[rows],
        row_upper=program.row_upper[rows],
        column_lower=program.column_lower[columns],
        column_upper=program.column_upper[columns],
        integer=program.integer[columns],
        rows=tuple(program.rows[k] for k in rows),
        columns=tuple(program.columns[k] for k in columns),
    )
