"""Frontiers, payoff tables, efficient sets, staircases: on paper, by enumeration, by Benson's test, against a grid."""

from functools import cache
from itertools import combinations, product
from pathlib import Path

import numpy as np
import pytest

from model_data import default_plan_path, load_plan
from optimizer import Answer, Status, load_scenario, make_program, solve_program
from optimizer.criteria import Criterion, criterion_stages
from optimizer.efficient import efficient_set, staircase
from optimizer.frontiers import frontier
from optimizer.program import Stage
from optimizer.questions import QuestionError
from tests.plan_builder import Builder

TEXTBOOK = Path(__file__).parents[1] / "plans" / "cropland_and_forest"
INCOME, SOIL, FOREST = (Criterion(name, "maximise") for name in ("income", "soil", "forest"))
LAND = Criterion("land", "minimise")


@cache
def made(folder, scenario=None):
    plan = load_plan(folder)
    return make_program(plan, load_scenario(plan, scenario))


def textbook():
    return made(TEXTBOOK)


def pairs(found):
    return np.array([[vertex.first, vertex.second] for vertex in found.vertices])


def values(found):
    return np.array([point.values for point in found.points])


# ------------------------------------------------------------------------------------------------ on paper
#
# Cohon's example: income z1 = 5 x1 - 2 x2 and soil z2 = -x1 + 4 x2 over -x1 + x2 <= 3, x1 + x2 <= 8, x1 <= 6, x2 <= 4.
# The feasible set has the corners (0,0) (6,0) (6,2) (4,4) (1,4) (0,3). A side is efficient where its outward normal is
# w1 (5,-2) + w2 (-1,4) with w > 0:
#   x1 <= 6:        (1,0) = w gives 5 w1 - w2 = 1, w1 = 2 w2: w = (2,1)/9, efficient from (6,0) to (6,2)
#   x1 + x2 <= 8:   (1,1): 5 w1 - w2 = 1, -2 w1 + 4 w2 = 1: w = (5,7)/18, efficient from (6,2) to (4,4)
#   x2 <= 4:        (0,1): w2 = 5 w1: w = (1,5)/18, efficient from (4,4) to (1,4)
#   -x1 + x2 <= 3:  (-1,1): 5 w1 - w2 = -1, -2 w1 + 4 w2 = 1: w1 = -1/6, not efficient
# So the vertices in (z1, z2) are (30,-6), (26,2), (12,12), (-3,15), and the rates dz2/dz1 = -w1/w2: -2, -5/7, -1/5.


def test_vertices_and_rates_of_the_textbook_plan():
    found = frontier(*textbook(), INCOME, SOIL)
    assert pairs(found) == pytest.approx(np.array([[30, -6], [26, 2], [12, 12], [-3, 15]]), rel=1e-8)
    assert found.rates == pytest.approx((-2, -5 / 7, -1 / 5), rel=1e-8)
    assert found.curve.status is Status.OPTIMAL
    assert found.table()["rate_unit"].tolist() == ["t/万元"] * 4
    assert found.curve.solves <= 2 * 2 + 3


def test_the_frontier_from_the_other_side_is_its_mirror():
    found = frontier(*textbook(), SOIL, INCOME)
    assert pairs(found) == pytest.approx(np.array([[15, -3], [12, 12], [2, 26], [-6, 30]]), rel=1e-8)
    assert found.rates == pytest.approx((-5, -7 / 5, -1 / 2), rel=1e-8)


def test_between_vertices_plan_and_answer_come_without_solving():
    instance, lp = textbook()
    found = frontier(instance, lp, INCOME, SOIL)
    assert (found.at(19).first, found.at(19).second) == pytest.approx((19, 7))  # halfway from (26,2) to (12,12)
    answer = Answer(instance, found.solution_at(19))
    assert answer.status is Status.OPTIMAL
    assert answer.table("activities")["output"].tolist() == pytest.approx([5, 3])
    with pytest.raises(QuestionError, match="ask from -3 to 30"):
        found.at(31)


def test_a_part_of_the_frontier():
    found = frontier(*textbook(), INCOME, SOIL, (5, 19))
    assert pairs(found) == pytest.approx(np.array([[19, 7], [12, 12], [5, 13.4]]))


def test_payoff_table_of_the_textbook_plan():
    # Most income at (6,0), most soil at (1,4), least land at (0,0), each the only optimum.
    found = efficient_set(*textbook(), [INCOME, SOIL, LAND], 0)
    assert found.payoff_table().to_numpy() == pytest.approx(np.array([[30, -6, 6], [-3, 15, 5], [0, 0, 0]]), abs=1e-8)
    assert found.payoff_table().index.tolist() == ["income", "soil", "land"]
    assert len(found.points) == 3


def test_no_point_is_only_weakly_efficient():
    # Most forest is 4 anywhere from (1,4) to (4,4), but only (4,4), income 12, is efficient; most income is at (6,0).
    # Between: (6,2), income 26. Forest 4 with less income must not occur in any form of the question.
    found = frontier(*textbook(), FOREST, INCOME)
    assert pairs(found) == pytest.approx(np.array([[4, 12], [2, 26], [0, 30]]), abs=1e-8)
    points = values(efficient_set(*textbook(), [FOREST, INCOME], 7))
    assert points[:, 1] == pytest.approx(np.interp(points[:, 0], [0, 2, 4], [30, 26, 12]), abs=1e-6)
    assert len({tuple(point) for point in points.round(6)}) == len(points)


def test_ends_are_lexicographic_whichever_way_the_other_aim_points():
    # Most forest is 4 from (1,4) to (4,4): with most income it is the one, with least income the other. Least income of
    # all is -6 at (0,3).
    most = frontier(*textbook(), INCOME, FOREST)
    assert pairs(most) == pytest.approx(np.array([[30, 0], [26, 2], [12, 4]]), abs=1e-8)
    least = frontier(*textbook(), Criterion("income", "minimise"), FOREST)
    assert pairs(least) == pytest.approx(np.array([[-6, 3], [-3, 4]]))


def test_an_aim_that_all_can_have_leaves_the_others_efficient():
    # a is 5 in any case; b + c <= 13 and b + 2 c <= 20. A plan is efficient where a = 5 and c is the most b leaves,
    # which is off the grid: b asked in steps of 2, c in steps of 1.4 from 3.
    b = Builder(last=2006)
    for name, capacity in (("a", 5), ("b", 10), ("c", 10)):
        b.activity(name, base_capacity=capacity).quantity(name, "t", measure="output", activity=name)
    made_b, made_c = ({"measure": "output", "activity": name} for name in ("b", "c"))
    b.quantity("both", "t", made_b, made_c).quantity("more", "t", made_b, made_c, made_c)
    b.indicator("limit", "level", "both", "<=", 13).indicator("other", "level", "more", "<=", 20)
    plan = b.scenario("maximise", "a").plan()
    found = efficient_set(
        *make_program(plan, load_scenario(plan)), [Criterion(q, "maximise") for q in ("a", "b", "c")], 5
    )
    a, b, c = values(found).T
    assert a == pytest.approx(5)
    assert c == pytest.approx(np.minimum(13 - b, (20 - b) / 2))
    assert len(found.points) > 4


def test_a_criterion_is_the_discounted_quantity_of_the_answer():
    # 2 a year of background beside what is made, two years, at 25 %: weights 0.8 and 0.64.
    b = Builder(last=2007).account("value").account("waste").background("value", 2)
    b.activity("shop", base_capacity=10).amount("shop", "adds", "value", 3).amount("shop", "adds", "waste", 1)
    b.scenario("maximise", "value")
    instance, lp = make_program(b.plan(), load_scenario(b.plan()))
    worth = Criterion("value", "maximise", (2006, 2007), 0.25)
    found = frontier(instance, lp, worth, Criterion("waste", "minimise", "each"))
    assert pairs(found)[0] == pytest.approx([(0.8 + 0.64) * 32, 20])
    assert pairs(found)[-1] == pytest.approx([(0.8 + 0.64) * 2, 0], abs=1e-8)
    rows = (
        Answer(instance, found.solution_at(found.vertices[1].first)).table("quantities").set_index(["quantity", "year"])
    )
    stated = 0.8 * rows["value"]["value", 2006] + 0.64 * rows["value"]["value", 2007]
    assert found.vertices[1].first == pytest.approx(stated)


def test_aims_that_agree_have_one_best_plan():
    found = frontier(*textbook(), INCOME, Criterion("cropland", "maximise"))
    assert pairs(found) == pytest.approx(np.array([[30, 6]]))
    assert found.rates == ()
    assert found.at(30).second == pytest.approx(6)


def test_an_efficient_set_covers_its_grid_and_dominates_itself_nowhere():
    found = efficient_set(*textbook(), [INCOME, SOIL, LAND], 6)
    costs = values(found) * [-1, -1, 1]
    for one, other in product(costs, costs):
        assert not (np.all(one <= other + 1e-9) and np.any(one < other - 1e-4))
    # 0 = a (5,-2) + b (-1,4) + c (-1,-1) with a = 5, b = 7, c = 18: no direction improves all three aims, so every plan
    # is efficient; the grid finds points in every corner of the payoff table and between.
    assert len(found.points) > 15


# ------------------------------------------------------------------------------------------------ bad questions


@pytest.mark.parametrize(
    ("first", "second", "interval", "said"),
    [
        (Criterion("icome", "maximise"), SOIL, None, "did you mean 'income'"),
        (INCOME, INCOME, None, "twice"),
        (INCOME, Criterion("income", "minimise"), None, "twice"),
        (INCOME, Criterion("soil", "maximize"), None, "neither maximise nor minimise"),
        (INCOME, Criterion("soil", "maximise", (2005,)), None, "2005 are no plan years"),
        (INCOME, Criterion("soil", "maximise", discount_rate=-1.0), None, "discount rate"),
        (INCOME, SOIL, (40.0, 50.0), "no efficient plan lies from 40 to 50: ask from -3 to 30"),
        (INCOME, SOIL, (5.0, 1.0), "low end first"),
    ],
)
def test_bad_questions_are_refused(first, second, interval, said):
    with pytest.raises(QuestionError, match=said):
        frontier(*textbook(), first, second, interval)


def test_all_problems_are_told_at_once():
    with pytest.raises(QuestionError) as refused:
        efficient_set(*textbook(), [Criterion("icome", "up"), Criterion("sol", "maximise", ())])
    assert len(refused.value.problems) == 4


def test_bad_grids_are_refused():
    with pytest.raises(QuestionError, match=r"at least two criteria.*state a number from 0 on"):
        efficient_set(*textbook(), [INCOME], -1)
    with pytest.raises(QuestionError, match="state a number from 1 on"):
        staircase(*textbook(), INCOME, SOIL, 0)


def fixed_and_free():
    """One activity is fixed at 3 by a target, one is free up to 5 and one has no limit at all."""
    b = (
        Builder(last=2006)
        .activity("a", base_capacity=9)
        .activity("b", base_capacity=5)
        .activity("c", earliest_build=2006)
    )
    b.account("never")
    for name in ("a", "b", "c"):
        b.quantity(f"made_{name}", "t", measure="output", activity=name)
    b.indicator("fixed", "level", "made_a", "=", 3).scenario("maximise", "made_b")
    return make_program(b.plan(), load_scenario(b.plan()))


@pytest.mark.parametrize(
    ("quantity", "said"),
    [
        ("made_a", "'made_a' is the same in every plan"),
        ("never", "'never' is the same"),
        ("made_c", "a limit is missing"),
    ],
)
def test_what_cannot_be_weighed_is_said(quantity, said):
    instance, lp = fixed_and_free()
    for criteria in ((Criterion("made_b", "maximise"), Criterion(quantity, "maximise")),
                     (Criterion(quantity, "maximise"), Criterion("made_b", "maximise"))):  # fmt: skip
        with pytest.raises(QuestionError, match=said):
            frontier(instance, lp, *criteria)
        with pytest.raises(QuestionError, match=said):
            efficient_set(instance, lp, criteria)


def test_an_infeasible_plan_is_said():
    b = Builder(last=2006).activity("a", base_capacity=2).activity("b", base_capacity=2)
    b.quantity("a", "t", measure="output", activity="a").quantity("b", "t", measure="output", activity="b")
    b.indicator("much", "level", "a", ">=", 3).scenario("maximise", "a")
    instance, lp = make_program(b.plan(), load_scenario(b.plan()))
    for ask in (frontier, staircase):
        with pytest.raises(QuestionError, match="conflict"):
            ask(instance, lp, Criterion("a", "maximise"), Criterion("b", "minimise"))


# ------------------------------------------------------------------------------------------------ goals


def test_goals_are_held_first_unless_told_otherwise():
    # a + b <= 10; a goal of a >= 4. Most b against least a: with the goal held a = 4 at least, so both are at their
    # best together at (4, 6); without it b rises one for one down to a = 0.
    b = Builder(last=2006).activity("a", base_capacity=9).activity("b", base_capacity=10)
    for name in ("a", "b"):
        b.quantity(name, "t", measure="output", activity=name)
    b.quantity("both", "t", measure="output").indicator("total", "level", "both", "<=", 10)
    b.indicator("some", "level", "a", ">=", 4, standing="goal").scenario("maximise", "both")
    instance, lp = make_program(b.plan(), load_scenario(b.plan()))
    asked = Criterion("a", "maximise"), Criterion("b", "maximise")
    assert pairs(frontier(instance, lp, *asked)) == pytest.approx(np.array([[9, 1], [4, 6]]))
    assert pairs(frontier(instance, lp, *asked, hold_goals=False)) == pytest.approx(
        np.array([[9, 1], [0, 10]]), abs=1e-8
    )
    held = efficient_set(instance, lp, asked, 4)
    assert min(point.values[0] for point in held.points) == pytest.approx(4)


# ------------------------------------------------------------------------------------------------ whole projects

WORTH = {"p1": (10, 9), "p2": (7, 4), "p3": (5, 5), "p4": (3, 1), "p5": (8, 7)}  # value, spending


def works(worth=WORTH):
    """Whole projects, each with what it is worth and what it costs."""
    b = Builder(last=2006).account("value").account("cost")
    for name, (value, cost) in worth.items():
        b.activity(f"make_{name}", base_capacity=0).project(name, f"make_{name}", size=1, earliest_year=2006)
        for flow, amount in (("value", value), ("cost", cost)):
            b.add("project_amounts", project=name, direction="adds", flow=flow, value=amount, offset=0)
    b.scenario("maximise", "value", whole_projects=True)
    return make_program(b.plan(), load_scenario(b.plan()))


def enumerated():
    """Every set of projects that no other one dominates, dearest first."""
    sets = [chosen for n in range(6) for chosen in combinations(WORTH.values(), n)]
    outcomes = {(sum(v for v, _ in chosen), sum(c for _, c in chosen)) for chosen in sets}
    best = {o for o in outcomes if not any(p != o and p[0] >= o[0] and p[1] <= o[1] for p in outcomes)}
    return sorted(best)


def unsupported(points):
    """Points below the upper hull: no weighted sum of the two aims finds them."""
    return [
        q
        for q in points
        if any(
            a[0] < q[0] < b[0] and (q[1] - a[1]) * (b[0] - a[0]) > (b[1] - a[1]) * (q[0] - a[0]) + 1e-9
            for a, b in combinations(points, 2)
        )
    ]


def test_the_staircase_has_every_point_also_unsupported_ones():
    expected = enumerated()
    assert len(unsupported(expected)) >= 3
    found = staircase(*works(), Criterion("value", "maximise"), Criterion("cost", "minimise"), 50)
    assert sorted(map(tuple, values(found).round(6).tolist())) == expected
    assert found.step == pytest.approx(33 / 50)
    assert found.gap <= 1e-9


def test_a_coarse_staircase_is_a_part_of_the_fine_one():
    found = staircase(*works(), Criterion("value", "maximise"), Criterion("cost", "minimise"), 5)
    assert set(map(tuple, values(found).round(6).tolist())) < set(enumerated())


def test_every_step_is_the_best_of_its_cost():
    # All cost the same: of n projects the n dearest ones are efficient, the others only weakly.
    alike = {f"p{k}": (value, 10) for k, value in enumerate((3, 5, 7, 11, 13))}
    expected = {(0, 0), (13, 10), (24, 20), (31, 30), (36, 40), (39, 50)}
    for steps, complete in ((12, True), (4, False)):
        found = staircase(*works(alike), Criterion("value", "maximise"), Criterion("cost", "minimise"), steps)
        points = set(map(tuple, values(found).round(6).tolist()))
        assert points == expected if complete else points < expected


def test_the_grid_finds_efficient_sets_of_projects():
    found = efficient_set(*works(), [Criterion("value", "maximise"), Criterion("cost", "minimise")], 26)
    assert set(map(tuple, values(found).round(6).tolist())) == set(enumerated())


def test_with_whole_projects_the_frontier_is_a_staircase():
    with pytest.raises(QuestionError, match="staircase"):
        frontier(*works(), Criterion("value", "maximise"), Criterion("cost", "minimise"))


# ------------------------------------------------------------------------------------------------ the default plan

ADDED, SULPHUR = Criterion("value_added", "maximise", "last"), Criterion("so2", "minimise", "last")
MONEY = Criterion("investment", "minimise")


def improvable(lp, stages, x):
    """Benson's test: by how much the criteria together can be improved on x without worsening any, in their sizes."""
    size = [max(1.0, abs(float(stage.costs @ x))) for stage in stages]
    for stage in stages:
        most = float(stage.costs @ x)
        lp = lp.with_row(("kept", stage.name), stage.costs, -np.inf, most + 1e-10 * max(1.0, abs(most)))
    together = sum(stage.costs / s for stage, s in zip(stages, size, strict=True))
    found = solve_program(lp.with_stages([Stage("together", together, 0.0, 1.0)]))
    assert found.status is Status.OPTIMAL
    return float(together @ x) - found.objective


def test_the_default_frontier_lies_on_its_grid(full):
    instance, lp = made(default_plan_path())
    found = frontier(instance, lp, ADDED, SULPHUR, hold_goals=False)
    assert found.curve.status is Status.OPTIMAL
    assert found.curve.solves <= 2 * (len(found.vertices) - 2) + 3
    one, two = criterion_stages(instance, lp, (ADDED, SULPHUR))
    for place in np.linspace(found.vertices[0].first, found.vertices[-1].first, 60 if full else 12)[1:-1]:
        limited = lp.with_row(("limit",), one.costs, -np.inf, one.sign * place - one.constant)
        cold = solve_program(limited.with_stages([two]))
        assert found.at(place).second == pytest.approx(cold.objective, rel=1e-8)
        assert found.at(place).first == pytest.approx(place, rel=1e-8)


def test_default_points_cannot_be_improved():
    instance, lp = made(default_plan_path())
    stages = criterion_stages(instance, lp, (ADDED, SULPHUR, MONEY))
    found = frontier(instance, lp, ADDED, SULPHUR, hold_goals=False)
    for vertex in found.vertices[:: max(len(found.vertices) // 6, 1)]:
        assert improvable(lp, stages[:2], vertex.x) == pytest.approx(0, abs=1e-6)
    three = efficient_set(instance, lp, (ADDED, SULPHUR, MONEY), 2, hold_goals=False)
    assert len(three.points) >= 3
    for point in three.points:
        assert improvable(lp, stages, point.x) == pytest.approx(0, abs=1e-6)
