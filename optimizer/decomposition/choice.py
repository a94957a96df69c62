"""Which way a program is solved, unless somebody says."""

from __future__ import annotations

from enum import StrEnum

from optimizer.decomposition.blocks import split
from optimizer.decomposition.start import regions_named
from optimizer.program import LinearProgram

# From so many regions on, the simplex method from the mean region takes longer than the decomposition by more than its
# basis, and with it the prices' ranges, is worth (docs/decisions/0032).
REGIONS = 150


class Method(StrEnum):
    """``whole``: the simplex method; ``blocks``: the decomposition; ``automatic``: by the number of regions."""

    AUTOMATIC = "automatic"
    WHOLE = "whole"
    BLOCKS = "blocks"


def by_blocks(program: LinearProgram, method: Method) -> bool:
    """Whether the program is to be decomposed: where that is asked for, or regions are many and no project is whole."""
    if method is not Method.AUTOMATIC:
        return method is Method.BLOCKS
    many = not program.integer.any() and regions_named(program) >= REGIONS
    return many and len(split(program).blocks) > 1
