"""Prices to begin with: those of a small sample of the blocks, with its share of what the linking rows allow.

Regions resemble each other. A program of a few of them, with their share of budgets and targets, has nearly the prices
of the whole; asked at these, blocks propose from the first round what the master can use.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import scipy.sparse as sp

from optimizer.decomposition.blocks import Block, Split
from optimizer.program import LinearProgram, Stage, Vector
from optimizer.runs import Runs
from optimizer.solver import Session

# Regions of the sample: two, so that one odd region does not set all prices.
REGIONS = 2


def sample_prices(split: Split, stage: Stage, runs: Runs) -> Vector | None:
    """Multipliers of the linking rows in the program of the sample; None where that is as large, or has no optimum."""
    chosen, share = _sample(split)
    if share > 0.5:
        return None
    session = Session(_program(split, chosen, share))
    columns = np.concatenate([split.free, *(block.columns for block in chosen)])
    session.set_stage(Stage(stage.name, stage.costs[columns], 0.0, 1.0))
    result = runs.run(session)
    return None if result.y is None else result.y[: len(split.linking)]


def _sample(split: Split) -> tuple[list[Block], float]:
    """All blocks of the first regions, and their share of all; of blocks without regions, the first few."""
    regions = list(dict.fromkeys(region for block in split.blocks if (region := block.region) is not None))
    if not regions:
        few = list(split.blocks[:REGIONS])
        return few, len(few) / len(split.blocks)
    first = set(regions[:REGIONS])
    return [block for block in split.blocks if block.region in first], len(first) / len(regions)


def _program(split: Split, chosen: list[Block], share: float) -> LinearProgram:
    whole, free = split.program, split.free
    parts = [block.program for block in chosen]
    above = sp.hstack([split.of_free, *(block.linking for block in chosen)], format="csc")
    below = sp.block_diag([part.matrix for part in parts], format="csc")
    beside = sp.csc_array((below.shape[0], len(free)))
    matrix = sp.csc_array(sp.vstack([above, sp.hstack([beside, below], format="csc")], format="csc"))
    return replace(
        whole,
        stages=(),
        matrix=matrix,
        row_lower=np.concatenate([whole.row_lower[split.linking] * share, *(part.row_lower for part in parts)]),
        row_upper=np.concatenate([whole.row_upper[split.linking] * share, *(part.row_upper for part in parts)]),
        column_lower=np.concatenate([whole.column_lower[free], *(part.column_lower for part in parts)]),
        column_upper=np.concatenate([whole.column_upper[free], *(part.column_upper for part in parts)]),
        integer=np.zeros(matrix.shape[1], dtype=bool),
        rows=tuple(("row", k) for k in range(matrix.shape[0])),
        columns=tuple(("column", k) for k in range(matrix.shape[1])),
    )
