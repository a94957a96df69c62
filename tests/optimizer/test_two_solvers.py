"""GLPK, reading exported files, finds the optimum of every stage that HiGHS found, or no point where it found none."""

import math
from functools import cache
from pathlib import Path

import pytest

from model_data import default_plan_path, load_plan
from optimizer import LinearProgram, Status, load_scenario, make_program, solve_program
from optimizer.holds import HOLD_TOLERANCE
from optimizer.solver import write_file
from tests.plan_builder import Builder
from tests.second_solver import glpk_optimum
from tests.specimen import specimen

HERE = Path(__file__).parents[1] / "plans"
SCENARIOS = [
    (folder, path.stem)
    for folder in (HERE / "tiny", HERE / "dynamic_input_output", default_plan_path())
    for path in sorted((folder / "scenarios").glob("*.toml"))
]
NO_FEASIBLE_POINT = r"status (3|4)"  # GLP_INFEAS, GLP_NOFEAS


loaded = cache(load_plan)


def agree(program: LinearProgram, folder: Path, form: str = "mps") -> Status:
    """Every stage of the program, held at our value, has our optimum in GLPK as well; the status that both found."""
    found = solve_program(program)
    if found.status is Status.INFEASIBLE:
        with pytest.raises(ValueError, match=NO_FEASIBLE_POINT):
            glpk_optimum(written(program, 0, folder, form))
        return found.status
    assert found.status is Status.OPTIMAL
    for number, stage in enumerate(program.stages):
        optimum = stage.sign * glpk_optimum(written(program, number, folder, form))
        assert optimum == pytest.approx(found.values[number], rel=1e-8, abs=1e-8), stage.name
        reached = stage.sign * found.values[number] - stage.constant
        most = reached + HOLD_TOLERANCE * max(1.0, abs(reached))
        program = program.with_row(("hold", stage.name), stage.costs, -math.inf, most)
    return found.status


def written(program: LinearProgram, stage: int, folder: Path, form: str) -> Path:
    path = folder / f"stage{stage}.{form}"
    rows = [f"r{number}" for number in range(len(program.rows))]
    columns = [f"c{number}" for number in range(len(program.columns))]
    write_file(program, program.stages[stage], str(path), rows, columns)
    return path


@pytest.mark.parametrize(("folder", "scenario"), SCENARIOS, ids=[f"{f.name}-{s}" for f, s in SCENARIOS])
def test_shipped_scenarios(folder, scenario, tmp_path):
    plan = loaded(folder)
    agree(make_program(plan, load_scenario(plan, scenario))[1], tmp_path)


def lumpy() -> Builder:
    """Whole projects that compete for money."""
    b = Builder(last=2008).activity("mine").quantity("made", measure="output").account("money")
    b.amount("mine", "adds", "money", 1, vector="build").budget("all", "money", limit=17)
    for number, (size, year) in enumerate([(7, 2006), (5, 2007), (4.5, 2006), (3.25, 2008), (8, 2007)]):
        b.project(f"p{number}", "mine", size=size, earliest_year=year)
    b.quantity("size", measure="capacity").indicator("most", "level", "size", ">=", 20, standing="goal", years="last")
    return b.scenario("maximise", "made", whole_projects=True)


@pytest.mark.parametrize("form", ["mps", "lp"])
@pytest.mark.parametrize(("builder", "status"), [(specimen, "optimal"), (lumpy, "optimal")])
def test_built_plans(builder, status, form, tmp_path):
    assert agree(builder().program(), tmp_path, form) == status


def test_an_infeasible_plan(tmp_path):
    b = lumpy().indicator("too_much", "level", "size", ">=", 18, years="last")
    assert agree(b.program(), tmp_path) == "infeasible"


def test_disagreement_is_noticed(tmp_path):
    # 17 元 in all in ours, 16 in the file of the other.
    b = lumpy()
    b.rows["indicators"].clear()
    b.rows["indicator_figures"].clear()
    program = b.program()
    other = program.with_row_bounds({("budget_plan", "all"): (-math.inf, 16.0)})
    ours = solve_program(program).values[0]
    assert abs(-glpk_optimum(written(other, 0, tmp_path, "mps")) - ours) > 0.1
