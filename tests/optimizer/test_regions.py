"""The simplex method begun from the mean region: the same optimum as from nothing, in a share of the iterations."""

from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.scaled import scaled_plan
from model_data import load_plan
from optimizer import Status, load_scenario, make_program, solve, solve_program
from optimizer.decomposition import choice, rounds, seeds, start
from optimizer.decomposition.blocks import split
from optimizer.decomposition.master import Master
from optimizer.decomposition.method import Method
from optimizer.decomposition.regions import groups_of, regions_of
from optimizer.decomposition.rounds import Rounds
from optimizer.decomposition.solve import solve_by_blocks
from optimizer.decomposition.start import approach, mean_of, stage_weights, taken_together
from optimizer.program import Stage
from optimizer.questions import QuestionError
from optimizer.runs import Runs
from optimizer.solver import Limits, Session
from optimizer.words.headline import status_sentence
from optimizer.words.language import Language
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
    mean = mean_of(split(program), regions_of(split(program)), program.stages)
    whole, small = solve_program(program), solve_program(mean.program)
    assert small.objective == pytest.approx(whole.objective, rel=1e-9)
    assert len(mean.program.columns) < len(program.columns) / 3


def test_stages_taken_together_have_the_lexicographic_optimum():
    program = regional(5, spread=0.0, stages=2)
    weights = stage_weights(mean_of(split(program), regions_of(split(program)), program.stages).program, Runs())
    assert len(weights) == 2
    assert weights[-1] == 1.0
    together = solve_program(program.with_stages([taken_together(program.stages, weights)]))
    in_turn = solve_program(program)
    assert [stage.value(together.x) for stage in program.stages] == pytest.approx(in_turn.values, rel=1e-6)


def unlike(program):
    """Six regions, each with entries in other places."""
    dense = program.matrix.toarray()
    for region in range(6):
        rows, columns = divmod(region, 3)
        dense[region * 3 + rows, region * 5 + 1 : region * 5 + 5] = 0.0
        dense[region * 3 + rows, region * 5 + 1 + columns] = 1.0
        dense[18, region * 5 + region % 5] = 0.0
    return replace(program, matrix=type(program.matrix)(dense))


@pytest.mark.parametrize("why", ["few", "unlike", "whole", "no time"])
def test_where_there_is_nothing_to_begin_from(why, monkeypatch):
    program = regional(4, regions=2 if why == "few" else 6)
    if why == "unlike":
        program = unlike(program)
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


# ------------------------------------------------------------------------------------------------ by decomposition


def check_blocks(program, found, gap=1e-7):
    whole = solve_program(program)
    assert found.status is whole.status
    if whole.status is not Status.OPTIMAL:
        assert found.bound > 0  # what is missing at least
        return
    assert found.values == pytest.approx(whole.values, rel=10 * gap, abs=10 * gap)
    assert found.proved
    stage = program.stages[-1]
    assert found.bound <= stage.sign * whole.objective + 1e-7 * (1 + abs(whole.objective))


@settings(max_examples=40, deadline=None)
@given(
    st.integers(0, 10**6), st.integers(3, 12), st.sampled_from([0.0, 0.1, 2.0]), st.integers(1, 3),
    st.sampled_from([0.05, 0.6, 5.0]), st.sampled_from([1, 4, 15]),
)  # fmt: skip
def test_regions_by_blocks_have_the_optimum_of_the_whole(seed, regions, spread, stages, tight, together):
    program = regional(seed, regions, spread, stages, tight)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(seeds, "TOGETHER", together)
        check_blocks(program, solve_by_blocks(program, gap=1e-8))


def points_to_begin_with(program):
    found = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rounds, "shares", lambda *of: found.extend(seeds.shares(*of)) or found)
        solve_by_blocks(program, gap=1e-8)
    return found


@pytest.mark.parametrize("seed", [0, 1, 2, 5, 6])  # examples in which t alone is free
def test_regions_that_begin_together_begin_better_than_alone(seed, monkeypatch):
    """Batches of three have the shares of three batches of one, so they can do no worse; all together are the whole."""
    program = regional(seed, 12, spread=0.3)
    assert len(split(program).free) == 1
    stage, costs = program.stages[0], {}
    monkeypatch.setattr(seeds, "DEARER", 1e3)  # nothing is made up for
    for together in (1, 3, 12):
        monkeypatch.setattr(seeds, "TOGETHER", together)
        found = points_to_begin_with(program)
        x = np.zeros(len(program.columns))
        for region, part in found:
            x[region.columns] = part
        x[-1] = x[:-1:5].sum()  # counts the first column of every region
        assert len(found) == 12
        assert (program.matrix @ x <= program.row_upper + 1e-7).all()
        costs[together] = stage.costs @ x
    optimum = stage.sign * solve_program(program).objective - stage.constant
    assert costs[1] >= costs[3] - 1e-7
    assert costs[3] >= costs[12] - 1e-7
    assert costs[12] == pytest.approx(optimum, rel=1e-7)


@given(st.integers(1, 200), st.integers(1, 40))
def test_batches_are_of_about_the_same_size(count, together):
    group = list(range(count))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(seeds, "TOGETHER", together)
        batches = seeds._batches(group)
    sizes = [len(batch) for batch in batches]
    assert [one for batch in batches for one in batch] == group
    assert max(sizes) <= together
    assert max(sizes) - min(sizes) <= 1


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from([1.0, 1.5, 3.0]))
def test_a_required_total_is_met_or_proved_out_of_reach(seed, share):
    # As much of a total as the whole can have, and then more than that.
    program = regional(seed, 8)
    most = replace(program, stages=(Stage("most", -program.matrix[[24], :].toarray()[0], 0.0, -1.0),))
    reach = solve_program(most).objective
    asked = program.with_row_bounds({program.rows[24]: (share * 0.999 * reach - 1e-3, np.inf)})
    check_blocks(asked, solve_by_blocks(asked, gap=1e-8))


def test_without_linking_rows_every_region_stands_by_itself():
    program = regional(3, 4)
    kept = np.arange(12)
    alone = replace(
        program,
        matrix=type(program.matrix)(program.matrix.tocsr()[kept][:, :20]),
        row_lower=program.row_lower[kept],
        row_upper=program.row_upper[kept],
        column_lower=program.column_lower[:20],
        column_upper=program.column_upper[:20],
        integer=program.integer[:20],
        rows=program.rows[:12],
        columns=program.columns[:20],
        stages=tuple(replace(stage, costs=stage.costs[:20]) for stage in program.stages),
    )
    assert not len(split(alone).linking)
    check_blocks(alone, solve_by_blocks(alone, gap=1e-8))


def test_regions_without_end_are_told():
    program = regional(3)
    endless = replace(
        program, column_upper=np.full(31, np.inf), row_upper=np.where(np.arange(22) < 21, np.inf, program.row_upper)
    )
    assert solve_program(endless).status is Status.UNBOUNDED
    with pytest.raises(QuestionError, match="without limit"):
        solve_by_blocks(endless)


def test_regions_without_end_may_be_held_by_linking_rows():
    program = regional(3)
    held = replace(
        program,
        column_upper=np.full(31, np.inf),
        row_upper=np.where(np.arange(22) < 18, np.inf, program.row_upper),
    )
    if solve_program(held).status is Status.OPTIMAL:
        check_blocks(held, solve_by_blocks(held, gap=1e-8))
    else:
        pytest.fail("the example should have an optimum")


def test_a_plan_of_regions_by_blocks_stage_by_stage():
    plan = scaled_plan(8, original=load_plan(TINY))
    _, program = make_program(plan, load_scenario(plan, None))
    cost = next(k for k, label in enumerate(program.columns) if label[0] == "quantity")
    first = Stage("goals", (np.arange(len(program.columns)) == cost).astype(float), 0.0, 1.0)
    program = program.with_stages([first, *program.stages])
    check_blocks(program, solve_by_blocks(program, gap=1e-8))


@pytest.mark.parametrize("times", [9, 0])
def test_penalties_that_are_too_low_are_raised_or_given_up(times, monkeypatch):
    monkeypatch.setattr(seeds, "DEARER", 1e-3)
    monkeypatch.setattr(rounds, "_TIMES", times)
    raised, mended = [], []
    raise_penalties, mend = Master.raise_penalties, Rounds._mend
    monkeypatch.setattr(Master, "raise_penalties", lambda self, *a: raised.append(a) or raise_penalties(self, *a))
    monkeypatch.setattr(Rounds, "_mend", lambda self: mended.append(self._best.bound) or mend(self))
    fixed, fix = [], Rounds._fix
    monkeypatch.setattr(Rounds, "_fix", lambda self: fix(self) or fixed.append(self._best.bound))
    program = regional(5, 8, tight=0.3)
    stage = program.stages[0]  # a total that is worth something could go on without end where penalties are too low
    program = program.with_stages([replace(stage, costs=np.append(stage.costs[:-1], 0.0))])
    check_blocks(program, solve_by_blocks(program, gap=1e-8))
    assert bool(raised) == (times > 0)
    assert bool(mended) == (times == 0)
    assert fixed == mended  # bounds stay what they were while what was missing was looked for


def test_proposals_are_kept_for_the_next_question():
    plan = scaled_plan(8, original=load_plan(TINY))
    _, program = make_program(plan, load_scenario(plan, None))
    first = solve_by_blocks(program, gap=1e-8)
    row = next(
        k for k in split(program).linking if np.isfinite(program.row_upper[k]) and abs(first.y[k]) > 1e-6
        and program.row_upper[k] > 0 and program.row_lower[k] < program.row_upper[k]
    )  # fmt: skip
    other = program.with_row_bounds({program.rows[row]: (program.row_lower[row], 1.02 * program.row_upper[row])})
    fresh, again = solve_by_blocks(other, gap=1e-8), solve_by_blocks(other, gap=1e-8, start=first)
    check_blocks(other, again)
    assert again.rounds <= fresh.rounds
    assert again.values == pytest.approx(fresh.values, rel=1e-7)


def test_regions_on_processes_give_what_they_give_on_threads():
    program = regional(7, 8)
    threads = solve_by_blocks(program, gap=1e-8)
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        elsewhere = solve_by_blocks(program, gap=1e-8, pool=pool)
    assert elsewhere.values == pytest.approx(threads.values, rel=1e-8)
    assert elsewhere.proved


@pytest.mark.slow
def test_regions_on_dask_give_what_they_give_on_threads():
    distributed = pytest.importorskip("distributed")
    program = regional(7, 8)
    cluster = distributed.LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address=None)
    with cluster, distributed.Client(cluster) as client:
        elsewhere = solve_by_blocks(program, gap=1e-8, pool=client.get_executor())
    check_blocks(program, elsewhere)


# ------------------------------------------------------------------------------------------------- which way is taken


@pytest.mark.parametrize(
    ("method", "least", "blocks"),
    [(Method.AUTOMATIC, 6, True), (Method.AUTOMATIC, 7, False), (Method.WHOLE, 6, False), (Method.BLOCKS, 7, True)],
)
def test_very_many_regions_are_decomposed_unless_somebody_says(method, least, blocks, monkeypatch):
    monkeypatch.setattr(choice, "REGIONS", least)
    plan = scaled_plan(6, original=load_plan(TINY))
    answer = solve(plan, load_scenario(plan, None), method=method)
    assert answer.status is Status.OPTIMAL
    assert (answer.solution.blocks > 0) == blocks
    assert (answer.solution.basis is None) == blocks
    assert answer.exchange_rates.empty == blocks
    assert answer.objective == pytest.approx(solve(plan, load_scenario(plan, None)).objective, rel=1e-7)
    for language, said in ((Language.EN, "not listed"), (Language.ZH, "不列出")):
        assert (said in status_sentence(answer, language)) == blocks


def test_regions_unlike_each_other_are_decomposed_only_where_that_is_asked_for(monkeypatch):
    monkeypatch.setattr(choice, "REGIONS", 3)
    alike = regional(4)
    program = unlike(alike)
    assert choice.by_blocks(alike, Method.AUTOMATIC)
    assert not choice.by_blocks(program, Method.AUTOMATIC)
    assert not choice.by_blocks(replace(alike, integer=np.arange(31) == 0), Method.AUTOMATIC)
    check_blocks(program, solve_by_blocks(program, gap=1e-8))


def test_decomposed_answers_say_what_they_are():
    program = regional(3, 8)
    found = solve_program(program, method=Method.BLOCKS)
    assert found.status is Status.OPTIMAL
    assert found.certificate.holds
    assert found.gap <= 1e-8
    assert found.bound == pytest.approx(found.objective, rel=1e-7)
    contradictory = program.with_row_bounds({("indicator", 0): (1e4, np.inf)})
    assert solve_program(contradictory, method=Method.BLOCKS).status is Status.INFEASIBLE
    assert solve_program(program, Limits(seconds=0.0), method=Method.BLOCKS).status is Status.TIME_LIMIT
    endless = replace(
        program, column_upper=np.full(41, np.inf), row_upper=np.where(np.arange(28) < 27, np.inf, program.row_upper)
    )
    assert solve_program(endless, method=Method.BLOCKS).status is Status.UNBOUNDED
    with pytest.raises(QuestionError, match="whole projects"):
        solve_program(replace(program, integer=np.arange(41) == 0), method=Method.BLOCKS)
