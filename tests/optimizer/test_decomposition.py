"""Decomposed programs against the same programs solved whole, on random blocks and on plans of several regions."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from benchmarks.scaled import scaled_plan
from model_data import load_plan
from optimizer import LinearProgram, Status, load_scenario, make_program, solve_program
from optimizer.decomposition.blocks import split
from optimizer.decomposition.master import Master, Mixture, Proposal
from optimizer.decomposition.pricing import Carrier, Pricing
from optimizer.decomposition.regions import regions_of
from optimizer.decomposition.sample import sample_prices
from optimizer.decomposition.solve import solve_by_blocks
from optimizer.program import Stage
from optimizer.questions import QuestionError
from optimizer.runs import Runs

TINY = Path(__file__).parents[1] / "plans" / "tiny"
INF = np.inf


def blocked(seed, blocks=4, width=5, height=3, linking=3, stages=1, tight=0.6, most=5.0):
    """Random blocks, each with a point at 1 in every column; linking rows cap what all of them use together.

    A free column t counts all of the first column of every block, as quantities of a plan do.
    """
    rng = np.random.default_rng(seed)
    own = [rng.integers(0, 4, (height, width)) * (rng.random((height, width)) < 0.7) for _ in range(blocks)]
    uses = rng.integers(0, 4, (linking, blocks * width))
    count = np.zeros((1, blocks * width))
    count[0, ::width] = 1.0
    counted = np.zeros((blocks * height + linking + 1, 1))
    counted[-1] = -1.0
    matrix = np.hstack([np.vstack([sp.block_diag(own).toarray(), uses, count]), counted])
    columns = blocks * width + 1
    upper = np.concatenate([np.concatenate(own).sum(axis=1) * 2.0, uses.sum(axis=1) * tight, [0.0]])
    lower = np.concatenate([np.full(blocks * height + linking, -INF), [0.0]])
    costs = [-rng.integers(1, 9, columns).astype(float) for _ in range(stages)]
    for cost in costs:
        cost[-1] = rng.integers(-3, 4)
    return LinearProgram(
        stages=tuple(Stage(f"stage {k}", cost, 1.5, -1.0) for k, cost in enumerate(costs)),
        matrix=sp.csc_array(matrix),
        row_lower=lower,
        row_upper=upper,
        column_lower=np.append(np.zeros(columns - 1), -INF),
        column_upper=np.append(np.full(columns - 1, most), INF),
        integer=np.zeros(columns, dtype=bool),
        rows=(
            *(("own", b, k) for b in range(blocks) for k in range(height)),
            *(("indicator", k) for k in range(linking)),
            ("account", "t"),
        ),
        columns=(*(("column", k) for k in range(columns - 1)), ("quantity", "t")),
    )


def with_upper(program, row, share):
    return program.with_row_bounds({row: (-INF, share * program.row_upper[program.row_number[row]])})


def check(program, found, gap):
    whole = solve_program(program)
    assert found.status is whole.status
    if whole.status is not Status.OPTIMAL:
        return
    assert found.values == pytest.approx(whole.values, rel=2 * gap, abs=2 * gap)
    assert found.proved
    stage = program.stages[-1]
    best = stage.sign * whole.objective  # the minimised value
    assert found.bound <= best + 1e-7 * (1 + abs(best))
    assert best <= stage.sign * found.values[-1] + 1e-7 * (1 + abs(best))


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.integers(2, 6), st.sampled_from([0.05, 0.3, 0.6, 5.0]))
def test_random_blocks_have_the_optimum_of_the_whole(seed, blocks, tight):
    program = blocked(seed, blocks, tight=tight)
    check(program, solve_by_blocks(program, gap=1e-8), 1e-8)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from([0.3, 1.0]))
def test_blocks_without_end_are_held_by_linking_rows_or_by_nothing(seed, tight):
    program = blocked(seed, width=3, height=1, tight=tight, most=INF)
    assume(len(split(program).blocks) > 1)  # rows of nothing make no block
    if solve_program(program).status is Status.UNBOUNDED:
        with pytest.raises(QuestionError, match="without limit"):
            solve_by_blocks(program)
    else:
        check(program, solve_by_blocks(program, gap=1e-8), 1e-8)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10**6))
def test_stages_one_after_the_other(seed):
    program = blocked(seed, stages=2)
    check(program, solve_by_blocks(program, gap=1e-8), 1e-6)


def test_a_stage_with_slack_leaves_room_to_the_next():
    program = blocked(7, stages=2)
    first, second = program.stages
    loose = program.with_stages([replace(first, slack=0.2), second])
    values = [solve_by_blocks(one, gap=1e-8).values[-1] for one in (program, loose)]
    assert values[1] > values[0] * 1.001
    check(loose, solve_by_blocks(loose, gap=1e-8), 1e-6)


def test_what_cannot_be_met_together_is_infeasible():
    program = blocked(3)
    names = {label: (1e4, INF) for label in program.rows if label == ("indicator", 0)}
    found = solve_by_blocks(program.with_row_bounds(names))
    assert found.status is Status.INFEASIBLE
    assert found.bound > 0  # what is missing at least
    assert solve_program(program.with_row_bounds(names)).status is Status.INFEASIBLE


def test_a_block_without_a_point_is_infeasible():
    program = blocked(3)
    found = solve_by_blocks(program.with_row_bounds({("own", 1, 0): (1e4, INF)}))
    assert found.status is Status.INFEASIBLE


def test_another_question_starts_from_the_proposals_of_the_last():
    program = blocked(11, blocks=6)
    first = solve_by_blocks(program, gap=1e-8)
    other = with_upper(program, ("indicator", 0), 0.9)
    fresh, again = solve_by_blocks(other, gap=1e-8), solve_by_blocks(other, gap=1e-8, start=first)
    assert again.values == pytest.approx(fresh.values, rel=1e-7)
    assert again.rounds < fresh.rounds
    check(other, again, 1e-8)


def test_proposals_that_left_their_block_are_not_kept():
    program = blocked(11, blocks=6)
    first = solve_by_blocks(program, gap=1e-8)
    row = next(label for label in program.rows if label[0] == "own" and program.row_upper[program.row_number[label]])
    tighter = with_upper(program, row, 0.1)
    check(tighter, solve_by_blocks(tighter, gap=1e-8, start=first), 1e-8)


def test_blocks_are_what_linking_rows_alone_tie():
    program = blocked(5, blocks=3, width=4, height=2)
    found = split(program)
    # Columns of a block may fall apart where its rows do not touch; rows never cross blocks.
    assert len(found.blocks) >= 3
    assert sorted(np.concatenate([b.columns for b in found.blocks]).tolist() + found.free.tolist()) == list(range(13))
    assert ("quantity", "t") in {program.columns[k] for k in found.free}
    assert {program.rows[k][0] for k in found.linking} == {"indicator", "account"}


def test_what_a_row_adds_up_in_one_block_stays_there():
    # t counts the columns of the first block alone.
    program = blocked(5, blocks=3, width=4, height=2)
    matrix = program.matrix.tolil()
    matrix[program.row_number["account", "t"], 4:12] = 0.0
    within = LinearProgram(**{**program.__getstate__(), "matrix": sp.csc_array(matrix.tocsc())})
    if len(split(within).blocks) == 3:
        assert not len(split(within).free)
    check(within, solve_by_blocks(within, gap=1e-8), 1e-8)


@pytest.mark.parametrize(
    ("change", "gap", "words"),
    [
        ({"integer": np.ones(21, dtype=bool)}, 1e-6, "whole projects"),
        ({}, 0.0, "gap"),
        ({}, -1.0, "gap"),
        ({}, float("nan"), "gap"),
    ],
)
def test_bad_questions(change, gap, words):
    program = LinearProgram(**{**blocked(1).__getstate__(), **change})
    with pytest.raises(QuestionError, match=words):
        solve_by_blocks(program, gap=gap)


def test_one_block_is_refused():
    program = blocked(1)
    joined = LinearProgram(**{**program.__getstate__(), "rows": tuple(("row", k) for k in range(len(program.rows)))})
    with pytest.raises(QuestionError, match="as a whole"):
        solve_by_blocks(joined)


def test_a_plan_of_many_regions():
    """The tiny plan six times over: its blocks, its sample of two regions, and the same optimum as the whole."""
    plan = scaled_plan(6, original=load_plan(TINY))
    _, program = make_program(plan, load_scenario(plan, None))
    found = solve_by_blocks(program, gap=1e-7)
    assert found.blocks >= 6
    check(program, found, 1e-7)


def test_the_prices_of_a_sample_are_near_those_of_the_whole():
    # Six regions that are the same to the last figure: two of them with a third of all limits have the same prices.
    plan = scaled_plan(6, original=load_plan(TINY))
    _, program = make_program(plan, load_scenario(plan, None))
    parts = split(program)
    prices = sample_prices(parts, program.stages[-1], Runs())
    whole = solve_program(program.with_stages(program.stages[-1:]))
    assert prices.shape == (len(parts.linking),)
    bound = -float(whole.objective) if program.stages[-1].sign < 0 else float(whole.objective)
    master = Master(parts, [], np.zeros(len(prices)), Runs())
    with ThreadPoolExecutor(1) as pool:
        priced = Pricing(parts, regions_of(parts), Carrier(pool, Runs())).at(prices, program.stages[-1])
    # Weak duality: what they prove is below the optimum; and since regions resemble each other, not far below.
    proved = master.bound(prices, program.stages[-1], [one.least for one in priced]) + program.stages[-1].constant
    assert bound * (1 + 0.2 * np.sign(-bound)) <= proved <= bound + 1e-6 * abs(bound)


def test_what_tolerance_leaves_of_shares_is_no_part_of_the_point():
    # A share of -1e-9 of a point at 5 would put a column of its block below zero, and shares of 1 + 3e-9 are too much.
    program = blocked(1, blocks=2, width=2, height=1)
    parts = split(program)
    master = Master(parts, [], np.zeros(len(parts.linking)), Runs())
    two, one = np.array([4.0, 2.0]), np.array([0.0, 5.0])
    master.add([Proposal(0, two, endless=False), Proposal(0, one, endless=False), Proposal(1, one, endless=True)])
    master.add([Proposal(1, two, endless=False)])
    first = master._width
    columns = np.concatenate([np.zeros(first), [1.0 + 3e-9, -1e-9, 0.5, 0.25]])
    x = master.point(Mixture(0.0, columns, np.zeros(0), np.zeros(0), np.zeros(0)))
    assert x[parts.blocks[0].columns].tolist() == two.tolist()
    # Half of the direction, and the point once: its share is the only one of its block.
    assert x[parts.blocks[1].columns].tolist() == (two + 0.5 * one).tolist()
