"""The simplex method begun from the mean region: the same optimum as from nothing, in a share of the iterations."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.scaled import scaled_plan
from model_data import load_plan
from optimizer import Status, load_scenario, make_program, solve_program
from optimizer.decomposition import start
from optimizer.decomposition.blocks import split
from optimizer.decomposition.regions import groups_of, regions_of
from optimizer.decomposition.start import approach, mean_of, stage_weights, taken_together
from optimizer.program import Stage
from optimizer.runs import Runs
from optimizer.solver import Limits, Session
from tests.optimizer.test_decomposition import blocked

TINY = Path(__file__).parents[1] / "plans" / "tiny"


def regional(seed, regions=6, spread=0.1, stages=1, tight=0.6):
    """Blocks of the same entries, each a region of its own, whose bounds and costs differ by up to ``spread``."""
    program = blocked(seed, regions, stages=stages, tight=tight)
    width, height = 5, 3
    rng = np.random.default_rng(seed + 1)
    dense = program.matrix.toarray()
    for region in range(1, regions):
        columns, first = slice(region * width, (region + 1) * width), slice(0, width)
        rows = slice(region * height, (region + 1) * height)
        dense[rows, columns] = dense[:height, first]
        dense[regions * height : -1, columns] = dense[regions * height : -1, first]
    dense[:height, 0] = 1.0  # a row of nothing would make no block
    for region in range(regions):
        dense[region * height : (region + 1) * height, region * width : (region + 1) * width] = dense[:height, :width]
    factor = 1.0 + spread * rng.random(regions * height)
    columns = (*(("output", f"r{k // width}", k % width) for k in range(regions * width)), ("quantity", "t"))
    return replace(
        program,
        matrix=type(program.matrix)(dense),
        row_upper=np.concatenate([10.0 * factor, program.row_upper[regions * height :]]),
        columns=columns,
        stages=tuple(replace(stage, costs=_tiled(stage.costs, regions, width)) for stage in program.stages),
    )


def _tiled(costs, regions, width):
    return np.append(np.tile(costs[:width], regions), costs[-1])


def from_nothing(program, monkeypatch):
    with monkeypatch.context() as patched:
        patched.setattr("optimizer.solution.approach", lambda *_: 0.0)
        return solve_program(program)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from([0.0, 0.1, 2.0]), st.integers(1, 3), st.sampled_from([0.05, 0.6, 5.0]))
def test_the_optimum_is_that_from_nothing(seed, spread, stages, tight):
    program = regional(seed, spread=spread, stages=stages, tight=tight)
    assert len(groups_of(regions_of(split(program)))) == 1
    with pytest.MonkeyPatch.context() as patch:
        cold = from_nothing(program, patch)
    warm = solve_program(program)
    assert warm.status is cold.status is Status.OPTIMAL
    assert warm.values == pytest.approx(cold.values, rel=1e-6, abs=1e-6)
    assert warm.certificate.holds


def test_what_contradicts_itself_is_infeasible_from_the_mean_too():
    program = regional(3)
    names = {label: (1e4, np.inf) for label in program.rows if label == ("indicator", 0)}
    assert solve_program(program.with_row_bounds(names)).status is Status.INFEASIBLE


def test_what_has_no_end_is_unbounded_from_the_mean_too():
    program = regional(3)
    free = replace(program, matrix=program.matrix * 0.0, column_upper=np.full(len(program.columns), np.inf))
    assert solve_program(free).status is Status.UNBOUNDED


def test_a_plan_of_regions_needs_few_iterations(monkeypatch):
    plan = scaled_plan(6, original=load_plan(TINY))
    _, program = make_program(plan, load_scenario(plan, None))
    cold, warm = from_nothing(program, monkeypatch), solve_program(program)
    assert warm.values == pytest.approx(cold.values, rel=1e-8)
    assert warm.certificate.holds
    assert warm.basis is not None
    session = Session(program)
    approach(session, program, Limits())
    session.set_stage(program.stages[0])
    assert session.run().iterations <= cold.iterations / 10


def test_equal_regions_start_at_the_optimum():
    # All regions the same: the mean of them is each of them, and the basis put together is optimal.
    program = regional(8, spread=0.0)
    runs = Runs()
    stage, basis = start._begun(program, runs)
    session = Session(program)
    session.set_stage(stage)
    session.set_basis(basis)
    assert session.run().x is not None
    mean = mean_of(split(program), program.stages)
    whole, small = solve_program(program), solve_program(mean.program)
    assert small.objective == pytest.approx(whole.objective, rel=1e-9)
    assert len(mean.program.columns) < len(program.columns) / 3


def test_stages_taken_together_have_the_lexicographic_optimum():
    program = regional(5, spread=0.0, stages=2)
    weights = stage_weights(mean_of(split(program), program.stages).program, Runs())
    assert len(weights) == 2
    assert weights[-1] == 1.0
    together = solve_program(program.with_stages([taken_together(program.stages, weights)]))
    in_turn = solve_program(program)
    assert [stage.value(together.x) for stage in program.stages] == pytest.approx(in_turn.values, rel=1e-6)


@pytest.mark.parametrize("why", ["few", "unlike", "whole", "no time"])
def test_where_there_is_nothing_to_begin_from(why, monkeypatch):
    program = regional(4, regions=2 if why == "few" else 6)
    if why == "unlike":  # an entry more in every region, each in another place
        dense = program.matrix.toarray()
        for region in range(6):
            rows, columns = divmod(region, 3)
            dense[region * 3 + rows, region * 5 + 1 : region * 5 + 5] = 0.0
            dense[region * 3 + rows, region * 5 + 1 + columns] = 1.0
            dense[18, region * 5 + region % 5] = 0.0
        program = replace(program, matrix=type(program.matrix)(dense))
    if why == "whole":
        program = replace(program, integer=np.arange(len(program.columns)) == 0)
    session = Session(program)
    monkeypatch.setattr(Session, "set_basis", lambda *_: pytest.fail("a basis was set"))
    approach(session, program, Limits(seconds=0.0 if why == "no time" else 60.0))


def test_stages_of_any_number_are_weighed():
    stages = [Stage(str(k), np.array([1.0, k]), 2.0, 1.0) for k in range(3)]
    together = taken_together(stages, [3.0, 2.0, 1.0])
    assert together.costs.tolist() == [6.0, 4.0]
    assert together.constant == 0.0
