"""Which way a program is solved, unless somebody says."""

from __future__ import annotations

from optimizer.decomposition.blocks import regions_named, split
from optimizer.decomposition.method import Method
from optimizer.decomposition.regions import groups_of, regions_of
from optimizer.decomposition.start import are_alike
from optimizer.program import LinearProgram

# From so many regions on, the simplex method from the mean region takes longer than the decomposition by more than its
# basis, and with it the prices' ranges, is worth (docs/decisions/0032).
REGIONS = 150


def by_blocks(program: LinearProgram, method: Method) -> bool:
    """Whether the program is to be decomposed: where that is asked for, or regions are many and alike."""
    if method is not Method.AUTOMATIC:
        return method is Method.BLOCKS
    if program.integer.any() or regions_named(program) < REGIONS:
        return False
    parts = split(program)
    return len(parts.blocks) > 1 and are_alike(parts, groups_of(regions_of(parts)))
