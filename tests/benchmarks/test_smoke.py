"""The benchmarks run: every phase once on the small plan, every contestant's answer the same."""

import json
import math
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from benchmarks import bare, many, memory, phases, questions, results, run, throughput
from benchmarks.arrays import arrays_of, read_arrays
from benchmarks.cases import CASES, STEPS, Case, many_projects
from benchmarks.drivers import ORTOOLS, OTHERS, RAW
from benchmarks.registry import PHASES, Contestant, Outcome, Phase, Record, compete, disagreements
from model_data import load_plan
from optimizer import Limits, Status, solve, solve_program
from optimizer.batch import in_turn
from optimizer.parametric import feasible_interval
from optimizer.runs import Runs
from tests.house.source import ROOT

FEW = {"what_ifs": 2, "sweep": 5, "batch": 2, "larger_batch": 4}
APART = ("memory", "many regions")  # by names of cases, in processes of their own


def tiny_plan():
    return load_plan(ROOT / "tests" / "plans" / "tiny")


@pytest.fixture(scope="module")
def tiny():
    return Case("tiny", tiny_plan)


@pytest.fixture(autouse=True)
def few(monkeypatch):
    for name, value in FEW.items():
        monkeypatch.setattr(questions.Sizes, name, value)


@pytest.mark.parametrize("name", [name for name in PHASES if name not in APART])
def test_every_phase_runs_and_its_contestants_agree(tiny, name):
    records = compete(tiny, PHASES[name], 1, 60.0)
    assert {r.contestant for r in records} == {c.name for c in PHASES[name].contestants if not c.missing}
    assert all(r.rounds == 1 and r.cpu > 0 and r.wall > 0 for r in records)
    assert disagreements(records) == []


@pytest.mark.parametrize("driver", [RAW, *OTHERS], ids=lambda driver: driver.module)
def test_every_front_end_solves_the_same_program(tiny, driver):
    if not driver.is_installed:
        pytest.skip(f"{driver.library} is not installed")
    stage, found = tiny.single.stages[-1], solve_program(tiny.single)
    assert driver.optimum(driver.hand_over(tiny.arrays)) == pytest.approx(stage.sign * found.values[-1], rel=1e-6)


@pytest.mark.skipif(not ORTOOLS.is_installed, reason="ortools is not installed")
def test_or_tools_solves_the_same_program_elsewhere(tiny, tmp_path):
    tiny.arrays.save(tmp_path / "arrays.npz")
    told = phases.own_process("benchmarks.drivers.ortools_glop", str(tmp_path / "arrays.npz"), "solve")
    assert told["answer"] == pytest.approx(RAW.optimum(RAW.hand_over(tiny.arrays)), rel=1e-6)


def test_the_floor_of_a_question_is_the_whole_question(tiny):
    """More money by bounds gives what the scenario with more money gives."""
    from benchmarks.warm import RawStages

    for share in (0.0, 0.1, 0.5):
        answer = solve(tiny.plan, questions.more_money(tiny, share))
        sign = answer.solution.program.stages[-1].sign
        assert RawStages(tiny.whole).at(share) == pytest.approx(sign * answer.objective, rel=1e-7)


def test_a_bare_loop_solves_the_programs_of_a_batch(tiny):
    question, batch = throughput.drawn(tiny.plan, throughput.samples(tiny.plan, "most_value", 3, ["amounts"]))
    ours = [one.objective for one in in_turn(question, batch, Limits())]
    programs = throughput.sampled_programs(question, batch)
    with ThreadPoolExecutor(2) as executor:
        for warm in (False, True):
            loop = throughput.looped(programs, range(3), executor, 2, warm=warm)
            signs = [programs(number).stages[-1].sign for number in range(3)]
            assert [s * v for s, v in zip(signs, loop.values, strict=True)] == pytest.approx(ours, rel=1e-7)
    assert len(set(ours)) == 3


def test_the_loop_solves_what_the_service_is_asked(tiny):
    batch = {"plan": "tiny", "cases": throughput.grid(tiny.plan, "most_value", 2)}
    programs, count = throughput.asked_programs(tiny.plan, batch)
    assert count == 2 * len(tiny.plan.settings.plan_years)
    found = bare.in_turn([bare.finished(programs(number)) for number in range(count)])
    for number, value in enumerate(found.values):
        program = programs(number)
        assert program.stages[-1].sign * value == pytest.approx(solve_program(program).objective, rel=1e-7, nan_ok=True)


def test_blocks_and_the_whole_find_the_same(monkeypatch):
    monkeypatch.setitem(CASES, "few", lambda: Case("few", _three_regions, regions=3))
    case = CASES["few"]()
    blocks, simplex = many.by_blocks(case), many.as_a_whole("simplex", case)
    assert blocks["proved"]
    assert blocks["answer"] == pytest.approx(simplex["answer"], rel=1e-5)


def _three_regions():
    from benchmarks.scaled import scaled_plan

    return scaled_plan(3, original=tiny_plan())


def test_memory_is_counted_in_a_process_of_its_own(tiny, tmp_path):
    tiny.arrays.save(tmp_path / "arrays.npz")
    told = phases.own_process("benchmarks.memory", "raw", "tiny", str(tmp_path / "arrays.npz"))
    assert 0 <= told["growth MB"] < told["peak MB"] < 1000
    assert memory.peak() > 10


def test_arrays_come_back_from_a_file_as_they_were(tiny, tmp_path):
    arrays = arrays_of(tiny.single)
    arrays.save(tmp_path / "arrays.npz")
    back = read_arrays(tmp_path / "arrays.npz")
    assert back.shape == arrays.shape
    assert RAW.optimum(RAW.hand_over(back)) == RAW.optimum(RAW.hand_over(arrays))


def test_many_projects_are_as_many_times_those_of_the_plan():
    repeated, once = many_projects(), CASES["real"]().plan
    assert len(repeated.table("projects")) == 10 * len(once.table("projects"))
    assert repeated.table("regions").equals(once.table("regions"))


@pytest.mark.parametrize("name", ["many_years", "many_projects", "tight_caps"])
def test_plans_that_are_hard_in_one_way_have_an_optimum(name):
    assert solve_program(CASES[name]().program).status is Status.OPTIMAL


def test_with_tight_caps_there_is_a_plan_and_none_with_half_a_percent_less():
    (least, _), _ = feasible_interval(CASES["tight_caps"]().whole, Runs())
    assert -0.005 < least < 0.0


def test_steps_multiply_what_they_say():
    sizes = {
        "years": lambda plan: len(plan.settings.years),
        "projects": lambda plan: len(plan.table("projects")),
    }
    for step in STEPS:
        count = sizes.get(step.over.split(",")[0])
        if count is not None:
            assert count(CASES[step.larger]().plan) == pytest.approx(step.times * count(CASES[step.smaller]().plan))
    assert [CASES[step.larger]().regions / CASES[step.smaller]().regions for step in STEPS[:3]] == [10, 10, 10]
    assert STEPS[-1].times == questions.LARGER_BATCH / questions.BATCH


# ------------------------------------------------------------------------------------------------ the registry


def fixed(name, cpu, answer=1.0):
    return Contestant(name, lambda _: lambda: Outcome(answer, {}, cpu, 2.0 * cpu))


def test_ratios_are_to_the_floor_of_the_phase(tiny):
    phase = Phase("p", "", "floor")
    for one in (fixed("floor", 2.0), fixed("slow", 6.0)):
        phase.add(one)
    assert [(r.contestant, r.cpu, r.wall, r.ratio) for r in compete(tiny, phase, 3, 100.0)] == [
        ("floor", 2.0, 4.0, 1.0),
        ("slow", 6.0, 12.0, 3.0),
    ]


def test_a_contestant_that_used_its_time_begins_no_further_round(tiny):
    phase = Phase("p", "", "floor")
    for one in (fixed("floor", 1.0), fixed("slow", 6.0)):
        phase.add(one)
    assert [r.rounds for r in compete(tiny, phase, 5, 7.0)] == [4, 1]


def test_contestants_beyond_their_size_and_those_not_installed_stay_away(tiny):
    phase = Phase("p", "", "floor")
    phase.add(Contestant("large", fixed("", 1.0).prepare, least_regions=10))
    phase.add(Contestant("absent", fixed("", 1.0).prepare, missing="not installed"))
    assert compete(tiny, phase, 1, 1.0) == []
    assert "- not installed" in results.written([], {"p": phase}, [], {})


def record(contestant, answer, phase="p", **more):
    return Record(
        "real", phase, contestant, 1, more.get("cpu", 1.0), 1.0, more.get("ratio"), answer, more.get("facts", {})
    )


def test_answers_that_differ_are_told():
    assert disagreements([record("a", 1.0), record("b", 1.0 + 1e-9)]) == []
    assert len(disagreements([record("a", 1.0), record("b", 1.1)])) == 1
    assert len(disagreements([record("a", 1.0), record("b", math.nan)])) == 1


# -------------------------------------------------------------------------------------------------- the page


def test_the_page_says_what_is_reached_missed_and_not_measured():
    records = [
        record("ours", None, "hand-over", ratio=11.0),
        record("ours", None, "what-if", ratio=2.5),
        record("ours", None, "request", facts={"p50 ms": 9.0, "explained": 0.75}),
        record("ours", None, "batch", cpu=3.0, ratio=0.5),
        record("raw, from a basis", None, "batch", cpu=2.0),
    ]
    page = results.written(records, PHASES, list(CASES), {"date": "today"})
    assert (
        "| build + compile + hand-over against raw arrays, 1 region, structure known | ≤ 12  | 11  | reached |" in page
    )
    assert "1 region, structure seen first | ≤ 12  | – | not measured |" in page
    assert "| what-if over HTTP, p50 | ≤ 10 ms | 9 ms | reached |" in page
    assert "| what-if over HTTP, share outside the solver that is explained | ≥ 0.8  | 0.75  | **missed** |" in page
    assert "| batch, one process, against a bare loop from nothing | ≤ 1.3  | 0.5  | reached |" in page
    assert "| batch, one process, against a bare loop from a basis | ≤ 1.3  | 1.5  | **missed** |" in page
    assert "| what-if on a warm session | ≤ 1.2  | 2.5  | **missed** |" in page
    assert "| what-if with the full answer tables | ≤ 3  | – | not measured |" in page


def test_growth_is_the_exponent_of_what_a_step_multiplies():
    # From 2 to 2 * 10^1.5 seconds over ten times the regions, and ten times the time for ten times the scenarios.
    more = replace(record("ours", None, "check", cpu=2.0 * 10**1.5), case="regions_10")
    records = [record("ours", None, "check", cpu=2.0), more]
    records += [record("ours", None, "batch", cpu=2.0), record("ours", None, "larger batch", cpu=20.0)]
    lines = results.written(records, PHASES, list(CASES), {}).splitlines()
    assert "| check | ours | 1.50 | – | – | – | – | – |" in lines
    assert "| batch | ours | – | – | – | – | – | 1.00 |" in lines


def test_records_are_kept_and_newer_ones_take_their_place(tmp_path, monkeypatch):
    monkeypatch.setattr(run, "RECORDS", tmp_path / "results.json")
    monkeypatch.setattr(run, "PAGE", tmp_path / "results.md")
    monkeypatch.setitem(CASES, "tiny", lambda: Case("tiny", tiny_plan))
    wanted = ["--case", "tiny", "--phase", "what-if", "sweep", "--rounds", "1"]
    assert run.main(wanted) == 0
    assert run.main(wanted[:4] + wanted[5:]) == 0
    kept = json.loads(run.RECORDS.read_text(encoding="utf-8"))["records"]
    assert sorted((r["phase"], r["contestant"]) for r in kept) == [
        (phase, name) for phase in ("sweep", "what-if") for name in ("ours", "raw")
    ]
    assert "## sweep" in run.PAGE.read_text(encoding="utf-8")
    run.RECORDS.write_text("{", encoding="utf-8")
    assert run._known() == []


def test_what_is_unknown_is_refused():
    asked = subprocess.run(
        [sys.executable, "-m", "benchmarks", "--case", "mars"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert asked.returncode == 2
    assert "regions_100" in asked.stderr
