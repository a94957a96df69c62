"""Regions of a program, and the program in which every region is the mean of those that are alike.

Regions are alike where rows, columns and entries stand in the same places; figures may differ. The mean of a thousand
of them, taken a thousand times, ties to the linking rows as all of them do together. So its program is as small as that
of one region, and its prices are nearly those of the whole.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from itertools import pairwise
from typing import Any

import numpy as np
import scipy.sparse as sp

from optimizer.decomposition.blocks import Numbers, Split
from optimizer.program import Label, LinearProgram, Stage, Vector


@dataclass(frozen=True)
class Region:
    """All blocks of one region together; ``blocks`` are their numbers. Where no column names a region, one block."""

    columns: Numbers
    rows: Numbers
    own: sp.csc_array
    linking: sp.csc_array
    blocks: tuple[int, ...]

    def program(self, whole: LinearProgram) -> LinearProgram:
        return bare(
            self.own,
            (whole.row_lower[self.rows], whole.row_upper[self.rows]),
            (whole.column_lower[self.columns], whole.column_upper[self.columns]),
        )

    @cached_property
    def pattern(self) -> str:
        """Equal for regions that are alike."""
        digest = hashlib.sha256(repr((self.own.shape, self.linking.shape)).encode())
        for matrix in (self.own, self.linking):
            digest.update(matrix.indptr.astype(np.int64).tobytes())
            digest.update(matrix.indices.astype(np.int64).tobytes())
        return digest.hexdigest()


def regions_of(split: Split) -> list[Region]:
    """The regions of the blocks, in the order in which they first occur."""
    numbers: dict[object, list[int]] = {}
    for number, block in enumerate(split.blocks):
        numbers.setdefault(number if block.region is None else (block.region,), []).append(number)
    by_row, linked = sp.csr_array(split.program.matrix), sp.csc_array(split.program.matrix[split.linking, :])
    return [_region(split, by_row, linked, own) for own in numbers.values()]


def _region(split: Split, by_row: sp.csr_array, linked: sp.csc_array, numbers: Sequence[int]) -> Region:
    columns = np.concatenate([split.blocks[k].columns for k in numbers])
    rows = np.concatenate([split.blocks[k].rows for k in numbers])
    own = sp.csc_array(by_row[rows, :][:, columns])
    return Region(columns, rows, _sorted(own), _sorted(sp.csc_array(linked[:, columns])), tuple(numbers))


def _sorted(matrix: sp.csc_array) -> sp.csc_array:
    matrix.sort_indices()
    return matrix


def groups_of(regions: Sequence[Region]) -> list[list[Region]]:
    """Regions that are alike, together."""
    alike: dict[str, list[Region]] = {}
    for region in regions:
        alike.setdefault(region.pattern, []).append(region)
    return list(alike.values())


@dataclass(frozen=True)
class Mean:
    """Linking rows and free columns as they are, then the mean region of every group, as often as the group is large.

    Rows and columns begin with the linking rows and the free columns of the split.
    """

    program: LinearProgram
    groups: list[list[Region]]

    def places(self, free: int, linked: int) -> list[tuple[slice, slice]]:
        """Where the columns and rows of each group stand, after free columns and linking rows."""
        columns = _slices(free, [len(group[0].columns) for group in self.groups])
        return list(zip(columns, _slices(linked, [len(group[0].rows) for group in self.groups]), strict=True))


def _slices(first: int, lengths: Sequence[int]) -> list[slice]:
    ends = np.cumsum([first, *lengths]).tolist()
    return [slice(*pair) for pair in pairwise(ends)]


def mean_program(split: Split, groups: list[list[Region]], stages: Sequence[Stage]) -> Mean:
    """The program of the mean regions with the stages' costs."""
    whole, free, linking = split.program, split.free, split.linking
    own = sp.block_diag([_total([r.own for r in group]) / len(group) for group in groups], format="csc")
    linked = sp.hstack([split.of_free, *(_total([r.linking for r in group]) for group in groups)], format="csc")
    beside = sp.csc_array((own.shape[0], len(free)))
    matrix = sp.vstack([linked, sp.hstack([beside, own], format="csc")], format="csc")

    def mean(values: Vector, first: Numbers, of: Callable[[Region], Numbers]) -> Vector:
        return np.concatenate([values[first], *(np.mean([values[of(r)] for r in group], axis=0) for group in groups)])

    def costs(stage: Stage) -> Vector:
        parts = (np.sum([stage.costs[r.columns] for r in group], axis=0) for group in groups)
        return np.concatenate([stage.costs[free], *parts])

    made = bare(
        sp.csc_array(matrix),
        (mean(whole.row_lower, linking, _rows), mean(whole.row_upper, linking, _rows)),
        (mean(whole.column_lower, free, _columns), mean(whole.column_upper, free, _columns)),
    )
    return Mean(made.with_stages(replace(stage, costs=costs(stage)) for stage in stages), groups)


def _rows(region: Region) -> Numbers:
    return region.rows


def _columns(region: Region) -> Numbers:
    return region.columns


def _total(matrices: Sequence[sp.csc_array]) -> sp.csc_array:
    """The sum of matrices with entries in the same places, which stay even where they add up to nothing."""
    first = matrices[0]
    data = np.sum([matrix.data for matrix in matrices], axis=0)
    return sp.csc_array((data, first.indices, first.indptr), shape=first.shape)


def bare(matrix: sp.csc_array, rows: tuple[Any, Any], columns: tuple[Any, Any]) -> LinearProgram:
    """A program of matrix and bounds alone."""
    height, width = matrix.shape
    return LinearProgram(
        stages=(),
        matrix=matrix,
        row_lower=rows[0],
        row_upper=rows[1],
        column_lower=columns[0],
        column_upper=columns[1],
        integer=np.zeros(width, dtype=bool),
        rows=_numbered("row", height),
        columns=_numbered("column", width),
    )


@lru_cache(maxsize=32)
def _numbered(name: str, count: int) -> tuple[Label, ...]:
    """The same for all regions of one size, which may be a thousand."""
    return tuple((name, number) for number in range(count))
