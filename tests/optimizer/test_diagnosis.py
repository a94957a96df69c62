"""Diagnosis of the shipped plan: conflicts irreducible in truth, repairs that solve, attainable ranges."""

import math
from dataclasses import replace

import numpy as np
import pytest

from model_data import default_plan_path, load_plan
from optimizer import LinearProgram, Status, deletion, find_conflict, load_scenario, make_program
from optimizer.conflict import find_conflicts, policy_rows
from optimizer.diagnosis import Wishes, diagnose
from optimizer.diagnosis.open_plan import open_plan
from optimizer.program import INFINITY, Stage
from optimizer.scenario import changed
from optimizer.solution import solve_program
from optimizer.solver import Session
from optimizer.start import Start
from tests.plan_builder import Builder

FREE = (-INFINITY, INFINITY)


@pytest.fixture(scope="module")
def plan():
    return load_plan(default_plan_path())


@pytest.fixture(scope="module")
def base(plan) -> LinearProgram:
    """The default scenario, which has an answer."""
    return make_program(plan, load_scenario(plan))[1]


@pytest.fixture(scope="module")
def feasible_point(base):
    session = Session(base)
    session.set_stage(base.stages[-1])
    return session.run().x


class Judge:
    """Feasibility of subsets of the policy rows, each asked of a solver that starts from nothing."""

    def __init__(self, program: LinearProgram) -> None:
        self.policy = {program.rows[row]: row for row in policy_rows(program)}
        self.program = program

    def feasible(self, held: set) -> bool:
        freed = {label: FREE for label in self.policy if label not in held}
        status = Session(self.program.with_row_bounds(freed)).run().status
        assert status in (Status.OPTIMAL, Status.INFEASIBLE)
        return status is Status.OPTIMAL


def tightened(program: LinearProgram, point, seed: int) -> LinearProgram:
    """Some targets and budgets moved at random beyond what the point has, by up to a half of their size."""
    rng = np.random.default_rng(seed)
    activity = program.matrix @ point
    size = abs(program.matrix) @ np.abs(point)
    rows = policy_rows(program)
    lower, upper = program.row_lower.copy(), program.row_upper.copy()
    for row in rng.choice(rows, size=int(rng.integers(2, 9)), replace=False):
        move = float(rng.uniform(0.02, 0.5)) * max(float(size[row]), 1.0)
        if math.isfinite(lower[row]):
            lower[row] = activity[row] + move
            upper[row] = INFINITY
        else:
            upper[row] = activity[row] - move
    return replace(program, row_lower=lower, row_upper=upper)


def check_random_conflicts(base: LinearProgram, point, wanted: int, start: Start | None = None) -> None:
    tried, sizes = 0, []
    while len(sizes) < wanted:
        tried += 1
        assert tried < 4 * wanted
        program = tightened(base, point, seed=tried)
        conflict = find_conflict(program, start=start)
        judge = Judge(program)
        if conflict is None:
            assert judge.feasible(set(judge.policy))
            continue
        assert not conflict.structural
        assert set(conflict.rows) <= set(judge.policy)
        assert not judge.feasible(set(conflict.rows))
        for member in conflict.rows:
            assert judge.feasible(set(conflict.rows) - {member}), (tried, member)
        sizes.append(len(conflict.rows))
    assert max(sizes) > 1  # not only targets that are impossible by themselves


def test_random_conflicts_are_irreducible(base, feasible_point, full):
    check_random_conflicts(base, feasible_point, 200 if full else 60)


def test_random_conflicts_from_where_the_plan_ended_are_irreducible(base, feasible_point, full):
    start = solve_program(base).start
    assert start is not None
    check_random_conflicts(base, feasible_point, 200 if full else 30, start)


@pytest.mark.parametrize("stalled", [None, 1], ids=["as ever", "every proof stalls"])
def test_random_conflicts_are_disjoint_and_all(base, feasible_point, full, stalled, monkeypatch):
    if stalled:
        monkeypatch.setattr(deletion, "STALLED", stalled)  # of the dual method: what contradicts is found without it
    for seed in range(40 if full else 8 if stalled is None else 3):
        program = tightened(base, feasible_point, seed=1000 + seed)
        judge = Judge(program)
        conflicts = find_conflicts(program)
        statements = [{label[:2] if label[0] == "indicator" else label for label in c.rows} for c in conflicts]
        assert sum(map(len, statements)) == len(set().union(*statements))
        assert list(map(len, statements)) == sorted(map(len, statements))  # what is told in few words comes first
        told = set().union(*statements)
        left = {row for row in judge.policy if row not in told and row[:2] not in told}
        assert judge.feasible(left)
        for conflict in conflicts:
            assert not judge.feasible(set(conflict.rows))
            assert all(judge.feasible(set(conflict.rows) - {member}) for member in conflict.rows)


def test_structural_conflicts_name_rows_that_contradict():
    # 3 t retire to -1: the balance of capacity is a definition, so no limit alone says it.
    b = Builder().activity("mine", base_capacity=3, retirement={2007: 4}).quantity("made", measure="output")
    program = b.scenario("maximise", "made").program()
    conflict = find_conflicts(program)[-1]
    assert conflict.structural
    assert conflict.rows
    freed = program.with_row_bounds(dict.fromkeys(conflict.rows, FREE))
    assert Session(freed).run().status is Status.OPTIMAL
    only = program.with_row_bounds({label: FREE for label in program.rows if label not in conflict.rows})
    assert Session(only).run().status is Status.INFEASIBLE


def test_a_structural_conflict_beside_limits():
    # 10 t are demanded, and no more than 7 t can be bought.
    b = Builder(last=2006).commodity("ore", "buy", buy_limit=7).background("ore", 10).account("cost")
    program = b.activity("idle", base_capacity=1).scenario("minimise", "cost").program()
    conflict = find_conflicts(program)[-1]
    assert conflict.structural
    assert {label[0] for label in conflict.rows} == {"buy_limit", "commodity_balance"}


@pytest.fixture(scope="module")
def as_written(plan):
    scenario = load_scenario(plan, "plan_as_written")
    return diagnose(plan, scenario)


def test_the_plan_as_written_has_proved_repairs(as_written):
    assert as_written.conflicts
    assert {repair.kind for repair in as_written.menu} >= {"least_change", "fewest"}
    for repair in as_written.menu:
        assert repair.status is Status.OPTIMAL
        assert repair.certificate.holds
    least, fewest = as_written.menu[:2]
    assert least.total <= fewest.total * (1 + 1e-9)
    assert len(fewest.changes) <= len(least.changes)
    assert all(repair.total >= least.total * (1 - 1e-9) for repair in as_written.menu)
    assert all(len(repair.changes) == 1 for repair in as_written.menu if repair.kind == "alone")


def test_no_repair_of_the_plan_as_written_is_larger_than_it_must_be(plan, as_written):
    # Every change matters: taken back by a thousandth of itself, the plan is infeasible again.
    fewest = as_written.menu[1]
    scenario = load_scenario(plan, "plan_as_written")
    for change in fewest.changes:
        if change.label[0] != "indicator" or change.after is None:
            continue
        back = change.after + (change.before - change.after) * 1e-3
        program = make_program(plan, changed(fewest.scenario, {"indicators": {change.label[1]: {"target": back}}}))[1]
        assert Session(program).run().status is Status.INFEASIBLE, change.label
    assert scenario.indicators != fewest.scenario.indicators


def test_ways_resolve_their_conflict(plan, as_written):
    # Each single change of a conflict, put into the scenario, leaves the other members of that conflict possible.
    scenario = load_scenario(plan, "plan_as_written")
    conflict = min(as_written.conflicts, key=lambda one: len(one.rows))
    ways = as_written.ways[as_written.conflicts.index(conflict)]
    assert ways
    for change in ways:
        program = make_program(plan, changed(scenario, change.settings))[1]
        assert Judge(program).feasible(set(conflict.rows)), change.label


def test_the_open_plan_is_the_plan(plan):
    # With commitments as rows and more indicators declared, the same is feasible and the same is not.
    for name, feasible in (("planning_base", True), ("plan_as_written", False)):
        opened = open_plan(plan, load_scenario(plan, name))
        status = Session(opened.program).run().status
        assert (status is Status.OPTIMAL) is feasible


@pytest.fixture(scope="module")
def diagnosis(plan):
    return diagnose(plan, load_scenario(plan))


def test_a_feasible_plan_has_ranges(diagnosis):
    assert diagnosis.feasible
    assert diagnosis.menu == ()
    ranges = diagnosis.ranges
    assert (ranges["lowest"] <= ranges["highest"] * (1 + 1e-9) + 1e-9).all()
    asked = ranges[ranges["standing"] == "required"]
    tolerance = 1e-7 * asked["asked"].abs()
    # The plan is feasible, so what is required lies within reach.
    assert (asked["highest"] >= asked["asked"] - tolerance)[asked["sense"] == ">="].all()
    assert (asked["lowest"] <= asked["asked"] + tolerance)[asked["sense"] == "<="].all()


def one_of(ranges, opened, *, ratio: bool):
    """A required indicator with room in both directions, level or ratio, of one plan year."""
    for row in ranges[ranges["standing"] == "required"].itertuples():
        statement = opened.statements[row.indicator]
        single = len([year for year in statement.years if year <= row.year]) == 1
        if bool(statement.denominators) is ratio and single and 0 < row.lowest < row.highest * 0.99:
            return row, statement
    raise AssertionError("the plan has no such indicator")


def test_level_ranges_against_the_program(plan, diagnosis):
    opened = open_plan(plan, load_scenario(plan))
    row, statement = one_of(diagnosis.ranges, opened, ratio=False)
    program = opened.program.with_row_bounds({opened.program.rows[r]: FREE for r in statement.rows})
    for sign, value in ((1.0, row.lowest), (-1.0, row.highest)):
        costs = np.zeros(len(program.columns))
        costs[statement.numerators[0]] = sign
        session = Session(program)
        session.set_stage(Stage("end", costs, 0.0, sign))
        assert session.run().x[statement.numerators[0]] == pytest.approx(value, rel=1e-7)


def test_ratio_ranges_against_bisection(plan, diagnosis):
    opened = open_plan(plan, load_scenario(plan))
    row, statement = one_of(diagnosis.ranges, opened, ratio=True)
    for end, sense in ((row.lowest, "<="), (row.highest, ">=")):
        inside, outside = (1 + 1e-6, 1 - 1e-6) if sense == "<=" else (1 - 1e-6, 1 + 1e-6)
        assert ratio_possible(opened.program, statement, end * inside, sense)
        assert not ratio_possible(opened.program, statement, end * outside, sense)


def ratio_possible(program, statement, ratio: float, sense: str) -> bool:
    """Whether the ratio of the first row can be on that side of the value, the statement itself not held."""
    freed = program.with_row_bounds({program.rows[row]: FREE for row in statement.rows})
    session = Session(freed)
    session.set_coefficient(statement.rows[0], statement.denominators[0], -ratio)
    session.set_row_bounds(statement.rows[0], *((-INFINITY, 0.0) if sense == "<=" else (0.0, INFINITY)))
    return session.run().status is Status.OPTIMAL


@pytest.mark.parametrize("standing", ["required", "goal", "monitored"])
def test_the_attainable_target_is_attainable_and_no_more(plan, diagnosis, standing):
    # Whatever its standing: required at its best number the plan has an answer, and a little beyond it has none.
    ranges = diagnosis.ranges
    best = ranges[(ranges["standing"] == standing) & np.isfinite(ranges["attainable"])].drop_duplicates("indicator")
    for row in best.head(3).itertuples():
        step = (1 if row.sense == ">=" else -1) * 1e-4 * max(1.0, abs(row.attainable))
        for target, possible in ((row.attainable - 1e-3 * step, True), (row.attainable + step, False)):
            setting = {"indicators": {row.indicator: {"standing": "required", "target": target}}}
            program = make_program(plan, load_scenario(plan, None, setting))[1]
            assert (Session(program).run().status is Status.OPTIMAL) is possible, (row.indicator, target)


def test_ranges_on_paper():
    # 100 can be made and 60 paid; 30 are asked: 0 to 60. A share of at least half of them must be fine.
    b = Builder(last=2006).activity("fine", base_capacity=40, base_output=5).account("cost")
    b.activity("plain", base_capacity=60, base_output=5).scenario("minimise", "cost")
    for name in ("fine", "plain"):
        b.amount(name, "adds", "cost", 1).quantity(f"{name}_made", measure="output", activity=name)
    b.quantity("made", measure="output").budget("all", "cost", limit={2006: 60})
    b.indicator("goods", "level", "made", ">=", 30)
    b.indicator("quality", "ratio", "fine_made", ">=", 0.5, denominator="made")
    b.indicator("rise", "growth", "made", ">=", 0.5, standing="monitored")
    built = b.plan()
    table = diagnose(built, load_scenario(built)).ranges.set_index("indicator")
    assert table.loc["goods", ["lowest", "highest", "attainable"]].tolist() == pytest.approx([0, 60, 60])
    # 30 at least are made: all of them fine, or none.
    assert table.loc["quality", ["lowest", "highest", "attainable"]].tolist() == pytest.approx([0, 1, 1])
    # From 10 in the base year: 60 is +500 %; the target of 30 keeps it above 30.
    assert table.loc["rise", ["lowest", "highest", "attainable"]].tolist() == pytest.approx([30, 60, 5])


def test_ranges_can_be_left_out(plan):
    assert diagnose(plan, load_scenario(plan), ranges=False).ranges.empty


def test_progress_and_wishes_reach_the_menu(plan):
    told = []
    scenario = load_scenario(plan, "plan_as_written")
    diagnosis = diagnose(plan, scenario, Wishes(untouchable=[("project",)]), progress=told.append)
    assert "conflicts" in told
    assert "least change" in told
    assert all(change.label[0] != "project" for repair in diagnosis.menu for change in repair.changes)


def test_scenario_budgets_and_released_commitments(plan):
    # What repairs need of a scenario: a factor on a budget, which shares of it follow; a commitment released.
    b = Builder().activity("shop", base_capacity=100, base_output=10).account("outlay")
    b.amount("shop", "adds", "outlay", 1).quantity("made", measure="output").scenario("maximise", "made")
    b.budget("all", "outlay", limit={2006: 30, 2007: 40}).budget("half", "outlay", of="all", share=0.5)
    assert b.optimum() == pytest.approx(35)
    assert b.optimum(changes={"budgets": {"all": {"factor": 2.0}}}) == pytest.approx(70)
    assert b.optimum(changes={"budgets": {"all": {"by_year": {"2007": 2.0}}}}) == pytest.approx(15 + 40)
    assert b.optimum(changes={"budgets": {"half": {"factor": 3.0}}}) == pytest.approx(70)
    with pytest.raises(ValueError, match="did you mean 'half'"):
        b.optimum(changes={"budgets": {"hal": {"factor": 3.0}}})
    with pytest.raises(ValueError, match="outside"):
        b.optimum(changes={"budgets": {"all": {"by_year": {2031: 3.0}}}})
    committed = load_scenario(plan, "plan_as_written").projects
    name = next(project for project, setting in committed.items() if setting.committed_year)
    assert load_scenario(plan, "plan_as_written", {"projects": {name: {"released": True}}}).projects[name].released
    opened = make_program(plan, load_scenario(plan, "plan_as_written", {"projects": {name: {"released": True}}}))[1]
    assert math.isinf(opened.row_lower[opened.row_number["project_once", name]])
