"""Conflicts are irreducible in truth: together infeasible, and feasible without any one of their rows."""

import math

import pytest

from model_data import default_plan_path, load_plan
from optimizer import LinearProgram, Status, find_conflict, load_scenario, make_program, solve
from optimizer.conflict import POLICY_EQUATIONS, policy_rows
from optimizer.least_violation import LeastViolation
from optimizer.program import Stage
from optimizer.runs import Runs
from optimizer.solution import solve_program
from optimizer.solver import Session
from optimizer.start import Start
from tests.plan_builder import Builder
from tests.specimen import specimen


def feasible(program: LinearProgram, without: set, only: set | None = None) -> bool:
    """Whether the rows can hold without some, or with only these of the policy rows; by HiGHS alone, from nothing."""
    freed = {
        label: (-math.inf, math.inf)
        for label in program.rows
        if label in without or (only is not None and label[0] in POLICY_EQUATIONS and label not in only)
    }
    session = Session(program.relaxed().with_row_bounds(freed))
    session.set_stage(Stage("nothing", 0.0 * program.stages[0].costs, 0.0, 1.0))
    status = session.run().status
    assert status in (Status.OPTIMAL, Status.INFEASIBLE)
    return status is Status.OPTIMAL


def check_irreducible(program: LinearProgram, start: Start | None = None) -> tuple:
    conflict = find_conflict(program, start=start)
    assert conflict is not None
    assert not conflict.structural
    return check_members(program, conflict.rows)


def check_members(program: LinearProgram, rows: tuple) -> tuple:
    members = set(rows)
    kept = members | {label for label in program.rows if label[0] == "project_once" and commits_nothing(program, label)}
    assert not feasible(program, set(), only=kept)
    for member in members:
        assert feasible(program, {member}, only=kept), member
    return rows


def commits_nothing(program: LinearProgram, label: tuple) -> bool:
    return math.isinf(program.row_lower[program.row_number[label]])


def crowd() -> Builder:
    """Three industries share 100 t of ore, each target is possible alone; only money and ore contradict them."""
    b = Builder().commodity("ore", "buy", buy_limit=100).account("cost").scenario("minimise", "cost")
    for name in ("one", "two", "three"):
        b.activity(name, base_capacity=200, base_output=10).quantity(name, measure="output", activity=name)
        b.amount(name, "uses", "ore", 1).amount(name, "adds", "cost", 1)
    return b.budget("all", "cost", limit={2006: 90, 2007: 200})


def test_a_conflict_on_paper():
    # 2006: 40 + 60 = 100 cost more than the budget of 90; 2007 has money; "three" asks for nothing that hurts.
    b = crowd().indicator("a", "level", "one", ">=", 40).indicator("b", "level", "two", ">=", 60)
    b.indicator("c", "level", "three", ">=", 0)
    assert set(check_irreducible(b.program())) == {
        ("indicator", "a", 2006), ("indicator", "b", 2006), ("budget_year", "all", 2006)
    }  # fmt: skip


def test_a_conflict_with_what_is_given():
    # 70 + 70 exceed the 100 t of ore in 2007, whatever the budget; 70 alone is fine with all that is given.
    b = (
        crowd()
        .indicator("a", "level", "one", ">=", 70, years="2007")
        .indicator("b", "level", "two", ">=", 70, years="2007")
    )
    assert set(check_irreducible(b.program())) == {("indicator", "a", 2007), ("indicator", "b", 2007)}


def test_one_row_alone():
    b = crowd().indicator("a", "level", "one", ">=", 101, years="last")
    assert check_irreducible(b.program()) == (("indicator", "a", 2007),)


def test_ratios_and_growth():
    # one >= 2 two, two >= 2 three, three >= 0.5 one and three >= 1: 1 -> 2 -> 4 -> 2 and so on without end.
    b = crowd()
    for name, top, bottom, target in (("a", "one", "two", 2), ("b", "two", "three", 2), ("c", "three", "one", 0.5)):
        b.indicator(name, "ratio", top, ">=", target, denominator=bottom, years="last")
    b.indicator("some", "level", "three", ">=", 1, years="last")
    members = check_irreducible(b.program())
    assert len(members) == 4


def test_commitments_and_plan_budgets():
    b = (
        Builder(last=2008)
        .activity("mine")
        .account("money")
        .quantity("made", measure="output")
        .scenario("maximise", "made")
    )
    b.amount("mine", "adds", "money", 1, vector="build").budget("all", "money", limit=10)
    b.project("pit", "mine", size=6, earliest_year=2006, committed_year=2007)
    b.project("shaft", "mine", size=5, earliest_year=2006, committed_year=2008)
    members = check_irreducible(b.program())
    assert ("budget_plan", "all") in members
    assert len(members) == 3


def test_a_conflict_found_among_others():
    # Two contradictions at once: the one that is reported is still irreducible.
    b = crowd().indicator("a", "level", "one", ">=", 101, years="last")
    b.indicator("up", "level", "two", ">=", 30, years="2006").indicator("down", "level", "two", "<=", 20, years="2006")
    assert len(check_irreducible(b.program())) in (1, 2)


def without_policy(program: LinearProgram) -> Start:
    """Where the program ends that nobody asks anything of."""
    freed = {label: (-math.inf, math.inf) for label in program.rows if label[0] in POLICY_EQUATIONS}
    start = solve_program(program.with_row_bounds(freed)).start
    assert start is not None
    return start


def test_from_where_another_program_ended():
    b = crowd().indicator("a", "level", "one", ">=", 40).indicator("b", "level", "two", ">=", 60)
    program = b.indicator("c", "level", "three", ">=", 0).program()
    assert len(check_irreducible(program, without_policy(program))) == 3
    freed = program.with_row_bounds({("budget_year", "all", 2006): (-math.inf, math.inf)})
    assert find_conflict(freed, start=without_policy(program)) is None


def test_a_conflict_that_a_second_proof_does_not_confirm_is_sought_from_nothing(monkeypatch):
    b = crowd().indicator("a", "level", "one", ">=", 40).indicator("b", "level", "two", ">=", 60)
    program = b.program()
    asked = []
    monkeypatch.setattr(LeastViolation, "confirmed", lambda self: bool(asked.append(self)))
    assert len(check_irreducible(program, without_policy(program))) == 3
    assert asked


def test_a_second_proof_tells_what_contradicts_itself_from_what_does_not():
    b = crowd().indicator("a", "level", "one", ">=", 40).indicator("b", "level", "two", ">=", 60)
    program = b.program()
    rows, basis = policy_rows(program), without_policy(program).basis(program.stages[0].name, program)
    assert LeastViolation(program, rows, Runs(), basis).confirmed()
    freed = LeastViolation(program, rows, Runs(), basis)
    freed.relax([program.row_number["budget_year", "all", 2006]])
    assert not freed.confirmed()


def test_what_is_no_policy_contradicts_itself_from_where_another_program_ended():
    # More ore has to be left over than can be bought: no policy is to blame.
    b = crowd().indicator("a", "level", "one", ">=", 40).indicator("b", "level", "two", ">=", 60)
    program = b.program()
    given = next(label for label in program.rows if label[0] == "commodity_balance")
    conflict = find_conflict(program.with_row_bounds({given: (1e4, math.inf)}), start=without_policy(program))
    assert conflict is not None
    assert conflict.structural


def test_less_money_for_the_shipped_plan():
    # An answer finds its conflict from where the scenario without changes ended.
    plan = load_plan(default_plan_path())
    budget = plan.table("budget_figures")["budget"].iloc[0]
    answer = solve(plan, load_scenario(plan, "required_only", {"budgets": {budget: {"factor": 0.8}}}))
    assert answer.status is Status.INFEASIBLE
    assert answer.conflict is not None
    check_members(answer.solution.program, answer.conflict.rows)


@pytest.mark.parametrize("scale", [1e-4, 1.0, 1e6])
def test_scales_do_not_hide_a_member(scale):
    # The same contradiction in very small and very large numbers.
    b = (
        Builder()
        .activity("mine", base_capacity=200 * scale)
        .quantity("made", measure="output")
        .scenario("maximise", "made")
    )
    b.indicator("up", "level", "made", ">=", 30 * scale).indicator("down", "level", "made", "<=", 29 * scale)
    assert len(check_irreducible(b.program())) == 2


def test_structural():
    # Capacity would fall below zero: no policy is to blame.
    b = Builder().activity("mine", base_capacity=3, retirement={2007: 4}).quantity("made", measure="output")
    program = b.scenario("maximise", "made").indicator("aim", "level", "made", "<=", 5).program()
    conflict = find_conflict(program)
    assert conflict is not None
    assert conflict.structural


def test_a_feasible_program_has_none():
    assert find_conflict(specimen().program()) is None


def test_the_plan_as_written():
    plan = load_plan(default_plan_path())
    program = make_program(plan, load_scenario(plan, "plan_as_written"))[1]
    assert len(check_irreducible(program)) >= 1
