"""Value curves against dense grids of cold solves, against changed figures of the plan, and on paper."""

from dataclasses import replace
from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from model_data import default_plan_path, load_plan
from optimizer import Answer, Status, load_scenario, make_program, solve, solve_program
from optimizer.budget_directions import all_budgets, budget_change
from optimizer.curve import certified
from optimizer.directions import allowance, limit_change, target_change
from optimizer.questions import QuestionError, UnfinishedError
from optimizer.solver import Limits
from optimizer.value_curves import value_curve
from tests.optimizer.random_programs import moving_programs, program
from tests.plan_builder import Builder

TEXTBOOK = Path(__file__).parents[1] / "plans" / "dynamic_input_output"
INF = np.inf
PRECISE = {"primal_feasibility_tolerance": 1e-10, "dual_feasibility_tolerance": 1e-10}


@cache
def made(folder, scenario=None):
    plan = load_plan(folder)
    return make_program(plan, load_scenario(plan, scenario))


def default():
    return made(default_plan_path())


def cold(lp):
    """The values of all stages, each solved from nothing, with the stages before it held where they are.

    ``solve_program`` holds them within a tolerance, which later stages would make use of.
    """
    values = []
    for stage in lp.stages:
        found = solve_program(lp.with_stages([stage]))
        assert found.status is Status.OPTIMAL
        values.append(found.objective)
        reached = float(stage.costs @ found.x)
        lp = lp.with_row(("hold", stage.name), stage.costs, -INF, reached + 1e-12 * max(1.0, abs(reached)))
    return values


def check_on_grid(curve, points):
    """Cold solves lie on the curve, and bend only where a breakpoint is reported."""
    low, high = curve.interval
    grid = np.linspace(low, high, points + 2)[1:-1]
    values = np.array([cold(curve.parametric.at(theta)) for theta in grid])
    traced = np.array([curve.at(theta).values for theta in grid])
    assert traced == pytest.approx(values, rel=1e-8, abs=1e-8)
    breaks = [point.theta for point in curve.breakpoints]
    for place, (a, b) in enumerate(zip(grid, grid[2:], strict=False)):
        if not any(a < theta < b for theta in breaks):
            bend = values[place] - 2 * values[place + 1] + values[place + 2]
            assert np.all(np.abs(bend) <= 4e-8 * np.maximum(1.0, np.abs(values[place])))


def check_proofs(curve):
    """Certificates hold, points are optimal, each breakpoint turns some stage, and work follows the breakpoints."""
    assert curve.status is Status.OPTIMAL
    assert all(piece.right > piece.left for piece in curve.pieces)
    assert all(left.right == right.left for left, right in pairwise(curve.pieces))
    assert all(left.slopes != right.slopes for left, right in pairwise(curve.pieces))
    for piece in curve.pieces[:: max(len(curve.pieces) // 10, 1)]:
        for share in (0.25, 1.0):
            solution = curve.solution_at(piece.left + share * (piece.right - piece.left))
            assert solution.status is Status.OPTIMAL
    assert curve.solves <= most_solves(curve)


def most_solves(curve):
    """2k + 3 for the k breakpoints of each stage on each piece of the stage before."""
    most = 0
    for stage in range(len(curve.parametric.program.stages)):
        earlier = [piece.slopes[:stage] for piece in curve.pieces]
        upto = [piece.slopes[: stage + 1] for piece in curve.pieces]
        pieces_before = 1 + sum(a != b for a, b in pairwise(earlier))
        breakpoints = sum(a != b and c == d for (a, b), (c, d) in zip(pairwise(upto), pairwise(earlier), strict=True))
        most += 2 * breakpoints + 3 * pieces_before
    return most


# ------------------------------------------------------------------------------------------------ on paper


def two_machines(**keys):
    """max 3 a + 2 b: a + b <= 4, a + 3 b <= 6, a <= 3."""
    return program([[1, 1], [1, 3], [1, 0]], [-INF] * 3, [4, 6, 3], [-3, -2], signs=[-1.0], **keys)


def test_a_curve_on_paper():
    # The first limit is 4 + theta. From -4 on: a alone up to 3 (slope 3), then b (slope 2) until a + 3 b = 6 stops it
    # at a = 3, b = 1, where the limit is 4; more is worth nothing. Value at the breaks: 0, 9, 11.
    curve = value_curve(two_machines(), {("row", 0): 1.0})
    assert curve.feasible == (-4.0, INF)
    assert curve.continues == (False, True)
    assert [point.theta for point in curve.points[:3]] == pytest.approx([-4, -1, 0])
    assert [point.value for point in curve.points] == pytest.approx([0, 9, 11, 11])
    assert [piece.slope for piece in curve.pieces] == pytest.approx([3, 2, 0])
    assert curve.shape == "concave"
    assert curve.at(-0.5).x == pytest.approx([3, 0.5])
    assert curve.binding(curve.pieces[1]) == pytest.approx({("row", 0): 2.0, ("row", 2): 1.0})
    assert curve.table()["slope"].tolist() == pytest.approx([3, 2, 0])
    check_proofs(curve)


def test_a_goal_before_it_bends_the_curve_the_other_way():
    # Stage 1: as little shortfall s of a + s >= 2 as can be; stage 2: most b. a + b <= 1 + theta, b <= 3.
    # To theta = 1 all goes to a: shortfall 1 - theta, b = 0. Then b = theta - 1 up to 3: convex at 1, concave at 4.
    lexicographic = program(
        [[1, 1, 0], [1, 0, 1], [0, 1, 0]], [-INF, 2, -INF], [1, INF, 3], [0, 0, 1], [0, -1, 0], signs=[1.0, -1.0]
    )
    curve = value_curve(lexicographic, {("row", 0): 1.0}, (-1.0, 5.0))
    assert [point.theta for point in curve.points] == pytest.approx([-1, 1, 4, 5])
    assert np.array([point.values for point in curve.points]) == pytest.approx(
        np.array([[2, 0], [0, 0], [0, 3], [0, 3]]), abs=1e-7
    )
    assert [point.turns for point in curve.points] == ["", "stage 1", "stage 2", ""]
    assert curve.shape == "piecewise linear"
    check_proofs(curve)
    check_on_grid(curve, 13)


def test_both_ends_without_end():
    # min |x - theta| as s with s >= x - theta, s >= theta - x, x = 1 wherever theta goes.
    curve = value_curve(
        program([[1, 0, 1], [-1, 0, 1], [1, 0, 0]], [0, 0, 1], [INF, INF, 1], [0, 0, 1]),
        {("row", 0): 1.0, ("row", 1): -1.0},
        (-INF, INF),
    )
    # s is at most 10, so theta goes from -9 to 11.
    assert curve.feasible == pytest.approx((-9, 11))
    assert [piece.slope for piece in curve.pieces] == pytest.approx([-1, 1])


def test_a_value_that_never_changes_is_one_piece():
    curve = value_curve(program([[1, 1]], [-INF], [30], [1, 1]), {("row", 0): 1.0})
    assert [piece.slope for piece in curve.pieces] == [0.0]
    assert curve.solves <= 3


def test_the_last_slope_goes_on_for_good():
    # min y with y >= theta / 1000 - 3 and y unbounded above: slope 0 to theta = 3000, then 1/1000 for good.
    free = program([[1]], [-3], [INF], [1])
    free.column_upper[:] = INF
    curve = value_curve(free, {("row", 0): 0.001})
    assert curve.continues == (True, True)
    assert [piece.slope for piece in curve.pieces] == pytest.approx([0, 0.001])
    assert curve.breakpoints[0].theta == pytest.approx(3000)


def test_the_ends_are_found_where_the_plan_as_it_stands_is_none():
    # x = theta - 3 in [1, 4], and x at most 5 - theta / 2: from 4 to 16 / 3, and nothing at 0.
    two = program([[1, 0], [1, 0]], [-3, 5], [-3, 5], [1, 0])
    two = two.with_column_bounds({two.columns[0]: (1.0, 4.0)})
    curve = value_curve(two.with_row_bounds({("row", 1): (-INF, 5.0)}), {("row", 0): 1.0, ("row", 1): -0.5})
    assert curve.feasible == pytest.approx((4.0, 16 / 3))
    assert curve.points[0].value == pytest.approx(1)
    assert curve.points[-1].value == pytest.approx(7 / 3)


def test_a_single_point():
    # x = 1 + theta and x = 1 - theta hold together at theta = 0 alone.
    curve = value_curve(program([[1, 0], [1, 0]], [1, 1], [1, 1], [1, 0]), {("row", 0): 1.0, ("row", 1): -1.0})
    assert len(curve.points) == 1
    assert curve.points[0].value == pytest.approx(1)
    assert curve.status is Status.OPTIMAL
    assert curve.solution_at(curve.points[0].theta).objective == pytest.approx(1)
    with pytest.raises(QuestionError, match="one point"):
        curve.piece_at(curve.points[0].theta)


# ------------------------------------------------------------------------------------------------ bad questions


@pytest.mark.parametrize(
    ("direction", "interval", "said"),
    [
        ({("row", 7): 1.0}, None, "'row 7' is unknown; did you mean 'row"),
        ({}, None, "nothing moves"),
        ({("row", 0): 0.0}, None, "nothing moves"),
        ({("row", 0): float("nan")}, None, "no number to move by"),
        ({("row", 0): 1.0}, (2.0, 1.0), "no points from 2 to 1: state the low end first"),
        ({("row", 0): 1.0}, (float("nan"), 1.0), "low end first"),
        ({("row", 0): 1.0}, (-9.0, -5.0), "no plan exists from -9 to -5: ask from -4 to inf"),
    ],
)
def test_bad_questions_are_refused(direction, interval, said):
    with pytest.raises(QuestionError, match=said):
        value_curve(two_machines(), direction, interval)


@pytest.mark.parametrize("gap", [-1e-9, 1.0, INF, float("nan")])
def test_a_gap_that_is_none_is_refused(gap):
    with pytest.raises(QuestionError, match="gap: must be 0 at least and below 1"):
        value_curve(two_machines(), {("row", 0): 1.0}, gap=gap)


def test_all_problems_are_told_at_once():
    with pytest.raises(QuestionError) as refused:
        value_curve(two_machines(integer=True), {("rwo", 0): 1.0}, (1.0, 0.0))
    assert len(refused.value.problems) == 4


def test_whole_projects_are_sent_to_the_staircase():
    with pytest.raises(QuestionError, match="staircase"):
        value_curve(two_machines(integer=True), {("row", 0): 1.0})


def test_nothing_feasible_is_said():
    with pytest.raises(QuestionError, match="conflict"):
        value_curve(program([[1], [1], [1]], [5, -INF, 0], [INF, 4, 9], [1]), {("row", 2): 1.0})


@pytest.mark.parametrize("interval", [None, (0.0, 1.0)])
def test_an_objective_without_limit_is_said(interval):
    free = program([[1, -1]], [-INF], [4], [-1, -1])
    free.column_upper[:] = INF
    with pytest.raises(QuestionError, match="a limit is missing"):
        value_curve(free, {("row", 0): 1.0}, interval)


def test_a_point_outside_the_curve_is_refused():
    curve = value_curve(two_machines(), {("row", 0): 1.0}, (-3.0, 2.0))
    with pytest.raises(QuestionError, match="from -3 to 2"):
        curve.at(2.1)


def test_a_time_limit_is_told():
    instance, lp = made(TEXTBOOK)
    with pytest.raises(UnfinishedError) as cut:
        value_curve(lp, target_change(instance, "manpower_limit"), limits=Limits(seconds=0.0))
    assert cut.value.status is Status.TIME_LIMIT


# ------------------------------------------------------------------------------------------------ random programs


def independent(lp, theta, direction):
    """The values of all stages by SciPy's interface, from arrays of our own; None where nothing is feasible.

    A stage is held where it is, without the tolerance of ``solve_program``, which later stages would make use of.
    """
    move = np.array([theta * direction.get(label, 0.0) for label in lp.rows])
    dense = lp.matrix.toarray()
    up, low = np.isfinite(lp.row_upper), np.isfinite(lp.row_lower)
    matrix = np.vstack([dense[up], -dense[low]])
    side = np.concatenate([(lp.row_upper + move)[up], -(lp.row_lower + move)[low]])
    values = []
    for stage in lp.stages:
        found = linprog(stage.costs, matrix, side, bounds=(0, 10), method="highs-ds", options=PRECISE)
        if found.status != 0:
            return None
        values.append(stage.sign * found.fun)
        matrix, side = np.vstack([matrix, stage.costs]), np.append(side, found.fun)
    return values


def check_on_independent_grid(curve, lp, direction, points):
    for theta in np.linspace(*curve.interval, points + 2)[1:-1]:
        expected = independent(lp, theta, direction)
        assert curve.at(theta).values == pytest.approx(expected, rel=1e-8, abs=1e-7)


def test_a_single_point_whose_ends_rounding_crosses():
    # -2x + 3y = -12 + 2t, -3x + 2y <= -17, y <= 1, -3x + 3y >= -18 + 3t, x + y = 6. With y = 6 - x the first gives
    # x = 6 - 0.4t, y = 0.4t, and the fourth -18 + 2.4t >= -18 + 3t: t <= 0. y >= 0 gives t >= 0: only t = 0, x = 6.
    matrix = [[-2, 3], [-3, 2], [0, 1], [-3, 3], [1, 1]]
    lp = program(matrix, [-12, -INF, -INF, -18, 6], [-12, -17, 1, INF, 6], [1, 1])
    direction = {("row", 0): 2.0, ("row", 3): 3.0}
    for interval in (None, (0.0, 1.0), (-1.0, 0.0), (0.0, 0.0)):
        curve = value_curve(lp, direction, interval)
        assert curve.feasible == pytest.approx((0.0, 0.0), abs=1e-9)
        assert curve.feasible[0] <= curve.feasible[1]
        assert [point.value for point in curve.points] == pytest.approx([6.0])
        assert not curve.pieces
    with pytest.raises(QuestionError, match="no plan exists"):
        value_curve(lp, direction, (1e-3, 1.0))


@settings(max_examples=80, deadline=None)
@given(moving_programs())
def test_random_programs_lie_on_their_grid(moving):
    lp, direction = moving
    curve = value_curve(lp, direction)
    if not curve.pieces:
        return
    check_proofs(curve)
    check_on_independent_grid(curve, lp, direction, 10)
    for end, feasible, step in zip(curve.interval, curve.feasible, (-0.01, 0.01), strict=True):
        if abs(end - feasible) < 1e-6:
            assert independent(lp, feasible + step, direction) is None


@settings(max_examples=30, deadline=None)
@given(moving_programs(stages=3))
def test_random_lexicographic_programs_lie_on_their_grid(moving):
    lp, direction = moving
    curve = value_curve(lp, direction)
    if curve.pieces:
        check_proofs(curve)
        check_on_independent_grid(curve, lp, direction, 9)


@settings(max_examples=60, deadline=None)
@given(moving_programs(stages=2), st.floats(1e-4, 0.9))
def test_random_programs_within_a_gap_are_as_near_as_they_prove(moving, gap):
    lp, direction = moving
    exact, near = value_curve(lp, direction), value_curve(lp, direction, gap=gap)
    assert (near.interval, near.feasible) == (pytest.approx(exact.interval), pytest.approx(exact.feasible))
    assert near.status is Status.OPTIMAL
    sign = lp.stages[-1].sign
    for theta in np.linspace(*near.interval, 23) if near.pieces else ():
        best, told = exact.at(theta).values, near.at(theta).values
        assert told[0] == pytest.approx(best[0], rel=1e-8, abs=1e-8)
        piece = near.piece_at(theta)
        size = max(1.0, abs(near.at(0.5 * (piece.left + piece.right)).value))  # what the gap is a share of
        assert -1e-8 <= sign * (told[1] - best[1]) / size <= near.proven_gap + 1e-8 <= gap + 2e-8


# ------------------------------------------------------------------------------------------------ plans


@pytest.mark.parametrize("indicator", ["manpower_limit", "steel_goes_on"])
def test_the_textbook_plan_lies_on_its_grid(indicator):
    instance, lp = made(TEXTBOOK)
    curve = value_curve(lp, target_change(instance, indicator))
    assert len(curve.breakpoints) > 1
    check_proofs(curve)
    check_on_grid(curve, 60)


def questions(instance):
    return {
        "all budgets": (all_budgets(instance), (-0.04, 0.04)),
        "a year": (budget_change(instance, "modelled_investment", (2008,)), (-5.0, 5.0)),
        "cap": (target_change(instance, "coal_cap"), (-300.0, 300.0)),
        "goal": (target_change(instance, "power_capacity"), (-100.0, 50.0)),
    }


@pytest.mark.parametrize(
    ("question", "goals"),
    [("all budgets", True), ("all budgets", False), ("a year", True), ("cap", True), ("goal", True)],
)
def test_the_default_plan_lies_on_its_grid(question, goals, full):
    instance, lp = default()
    direction, interval = questions(instance)[question]
    lp = lp if goals else lp.with_stages(lp.stages[-1:])
    try:
        curve = value_curve(lp, direction, interval)
    except QuestionError as refused:
        pytest.skip(f"the default plan has no such curve: {refused}")
    check_proofs(curve)
    check_on_grid(curve, 60 if full else 4)


@pytest.mark.parametrize("goals", [False, True])
@pytest.mark.parametrize("gap", [1e-2, 1e-4, 1e-6])
def test_within_a_gap_the_curve_is_as_near_as_it_proves(goals, gap):
    instance, program = default()
    program = program if goals else program.with_stages(program.stages[-1:])
    direction, interval = all_budgets(instance), (-0.05, 0.3)
    exact, near = (value_curve(program, direction, interval, gap=allowed) for allowed in (0.0, gap))
    assert (exact.gap, near.gap, near.status) == (0.0, gap, Status.OPTIMAL)
    assert exact.proven_gap < 1e-8
    assert near.proven_gap <= gap
    assert near.solves < exact.solves
    assert near.interval == exact.interval
    for theta in np.linspace(*interval, 101):
        best, told = exact.at(theta).values, near.at(theta).values
        assert told[:-1] == pytest.approx(best[:-1], rel=1e-8)  # goals are exact: they decide what holds them
        missing = (best[-1] - told[-1]) / best[-1]
        assert -1e-8 <= missing <= near.proven_gap + 1e-8
    for point in near.points:  # mixtures lie between optima
        assert point.values == pytest.approx(exact.at(point.theta).values, rel=1e-8)


def test_what_a_near_curve_does_not_prove_is_not_called_optimal():
    instance, program = default()
    single = program.with_stages(program.stages[-1:])
    near = value_curve(single, all_budgets(instance), (0.0, 0.3), gap=1e-3)
    assert near.proven_gap > 1e-6
    assert replace(near, gap=1e-6).status is Status.UNCERTIFIED
    assert replace(near, gap=0.0).status is Status.UNCERTIFIED
    wrong = replace(near, pieces=tuple(replace(piece, y=-piece.y) for piece in near.pieces))
    assert certified(wrong).status is Status.UNCERTIFIED


def test_a_chord_has_no_slope_that_goes_on_for_good():
    instance, program = default()
    single = program.with_stages(program.stages[-1:])
    exact, near = (value_curve(single, all_budgets(instance), gap=gap) for gap in (0.0, 0.01))
    assert exact.continues == (False, True)
    assert near.continues == (False, False)
    assert near.feasible == exact.feasible


def test_an_answer_is_made_of_a_curve_without_solving():
    instance, lp = made(TEXTBOOK)
    curve = value_curve(lp, target_change(instance, "manpower_limit"), (-50.0, 50.0))
    answer = Answer(instance, curve.solution_at(10.0))
    assert answer.objective == pytest.approx(cold(curve.parametric.at(10.0))[-1], rel=1e-9)
    most = answer.table("quantities").query("quantity == 'manpower' and 2000 <= year <= 2005")["value"].max()
    assert most <= 480 + 1e-6
    assert (curve.unit, curve.value_unit) == ("亿元", "亿元")


# ------------------------------------------------------------------------------------------------ directions


def spending(carry_over="no", **limit):
    """Most outlay, 1 a unit made, at most 100 a year; "part" is 40 % of the budget "all" and limits what B spends."""
    b = Builder(last=2008, closing=1)
    for shop in ("a", "b"):
        b.activity(f"shop_{shop}", base_capacity=100, base_output=10)
        b.account(f"outlay_{shop}").amount(f"shop_{shop}", "adds", f"outlay_{shop}", 1)
    terms = [{"measure": "account", "flow": f"outlay_{shop}"} for shop in ("a", "b")]
    b.quantity("outlay", "元", *terms)
    b.scenario("maximise", "outlay", years=None)
    del b.scenarios["base"]["objective"][0]["terms"][0]["years"]
    b.budget("all", "outlay_a", carry_over=carry_over, **limit)
    return b.budget("part", "outlay_b", of="all", share=0.4)


def at_changed_figure(b, **change):
    """The optimum of the plan whose figure of the budget "all" is changed itself."""
    plan = b.plan().with_figures([{"table": "budget_figures", "budget": "all", **change}])
    return solve(plan, load_scenario(plan)).objective


@pytest.mark.parametrize("carry_over", ["no", "yes"])
@pytest.mark.parametrize("year", [2006, 2008])
def test_money_of_a_year_moves_all_that_its_figure_moves(carry_over, year):
    b = spending(carry_over, limit={2006: 5, 2007: 7, 2008: 9})
    instance, lp = make_program(b.plan(), load_scenario(b.plan()))
    curve = value_curve(lp, budget_change(instance, "all", (year,)), (-4.0, 4.0))
    changed = {2006: 5, 2008: 9}[year] + 3
    assert curve.at(3.0).value == pytest.approx(at_changed_figure(b, parameter="limit", year=year, value=changed))
    # On paper: 1.4 for one more (40 % of it for B), and as much again in the closing year where it repeats 2008.
    assert curve.pieces[0].slope == pytest.approx(1.4 if year == 2006 else 2.8)


def test_money_of_all_years_as_a_share_is_the_changed_base():
    b = spending(base=10, growth=0.1)
    instance, lp = make_program(b.plan(), load_scenario(b.plan()))
    share = value_curve(lp, budget_change(instance, "all", share=True), (-0.5, 0.5))
    expected = at_changed_figure(b, parameter="base", value=12)
    assert share.at(0.2).value == pytest.approx(expected)
    assert share.at(0.2).value == pytest.approx(value_curve(lp, all_budgets(instance), (-0.5, 0.5)).at(0.2).value)
    alone = value_curve(lp, budget_change(instance, "all", share=True, alone=True), (-0.5, 0.5))
    assert alone.pieces[0].slope * 1.4 == pytest.approx(share.pieces[0].slope)


def test_money_of_the_plan():
    b = spending(limit=30)
    instance, lp = make_program(b.plan(), load_scenario(b.plan()))
    curve = value_curve(lp, budget_change(instance, "all", "plan"), (-10.0, 10.0))
    assert curve.at(5.0).value == pytest.approx(at_changed_figure(b, parameter="limit", value=35))
    assert curve.pieces[0].slope == pytest.approx(1.4)
    with pytest.raises(QuestionError, match="limits nothing"):
        budget_change(instance, "all", (2006,))


def test_reference_budgets_move_those_that_are_shares_of_them():
    instance, lp = default()
    share = value_curve(lp, all_budgets(instance), (0.005, 0.015))
    base = instance.plan.figure("budget_figures", budget="fixed_investment", parameter="base").value
    changed = load_scenario(
        instance.plan,
        None,
        {
            "figures": [
                {"table": "budget_figures", "budget": "fixed_investment", "parameter": "base", "value": base * 1.01}
            ]
        },
    )
    assert share.at(0.01).value == pytest.approx(solve(instance.plan, changed).objective, rel=1e-8)
    whole = budget_change(instance, "fixed_investment", share=True)
    assert whole.rows == pytest.approx(all_budgets(instance).rows)


def test_an_allowance_stands_on_the_right_hand_side_of_a_ratio():
    # Most of a with a <= 0.25 (a + b), a + b <= 40: a = 10. One more allowed beyond the ratio is one more of a.
    b = Builder(last=2006).activity("a", base_capacity=100).activity("b", base_capacity=100)
    b.quantity("a", "t", measure="output", activity="a").quantity("both", "t", measure="output")
    b.indicator("total", "level", "both", "<=", 40)
    b.add("indicators", indicator="share", kind="ratio", quantity="a", denominator="both", sense="<=", number="2")
    b.add("indicator_figures", indicator="share", parameter="target", value=0.25)
    b.scenario("maximise", "a")
    instance, lp = make_program(b.plan(), load_scenario(b.plan()))
    curve = value_curve(lp, allowance(instance, "share"), (-5.0, 50.0))
    assert [point.theta for point in curve.points] == pytest.approx([-5, 30, 50])
    assert [point.value for point in curve.points] == pytest.approx([5, 40, 40])
    with pytest.raises(QuestionError, match=r"is a ratio.*allowance of 'a'"):
        target_change(instance, "share")
    with pytest.raises(QuestionError, match="is no ratio"):
        allowance(instance, "total")


def test_a_limit_of_a_place_moves():
    b = Builder(last=2007).activity("a", base_capacity=3, capacity_limit=5, earliest_build=2006)
    b.quantity("a", "t", measure="output", activity="a").scenario("maximise", "a")
    instance, lp = make_program(b.plan(), load_scenario(b.plan()))
    curve = value_curve(lp, limit_change(instance, "capacity_limit", "here", "a", (2007,)), (-1.0, 2.0))
    assert [piece.slope for piece in curve.pieces] == pytest.approx([1.0])
    assert curve.unit == "t"


@pytest.mark.parametrize(
    ("ask", "said"),
    [
        (lambda i: budget_change(i, "modelled_investmnt"), "did you mean 'modelled_investment'"),
        (lambda i: budget_change(i, "modelled_investment", (2030,)), "2030 is no plan year"),
        (lambda i: target_change(i, "coal_cp"), "did you mean 'coal_cap'"),
        (lambda i: target_change(i, "patents"), "outside"),
        (lambda i: target_change(i, "energy_intensity"), "allowance of 'energy'"),
        (lambda i: target_change(i, "high_tech_share"), "is monitored"),
        (lambda i: target_change(i, "power_capacity", (2007,)), "holds in 2010"),
        (lambda i: limit_change(i, "capacity_limt", "yangquan", "x"), "did you mean 'capacity_limit'"),
        (lambda i: limit_change(i, "capacity_limit", "yangqan", "aluminum"), "did you mean 'yangquan'"),
    ],
)
def test_questions_about_what_does_not_exist_are_refused(ask, said):
    with pytest.raises(QuestionError, match=said):
        ask(default()[0])
