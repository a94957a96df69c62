"""Objectives: weights, discounting in closed form, lexicographic lists, years. Optima derived on paper."""

import pytest

from tests.plan_builder import Builder


def farm(**keys: object) -> Builder:
    """100 a year of land for wheat or wood."""
    b = (
        Builder(last=2008)
        .activity("wheat", base_capacity=100)
        .activity("wood", base_capacity=100)
        .commodity("land", "buy")
    )
    b.commodity("land", buy_limit=100).amount("wheat", "uses", "land", 1).amount("wood", "uses", "land", 1)
    b.quantity("wheat", measure="output", activity="wheat").quantity("wood", measure="output", activity="wood")
    return b.scenario("maximise", "wheat", **keys)


def stage(sense: str, *terms: dict) -> dict:
    return {"sense": sense, "terms": [{"years": "each", **term} for term in terms]}


def test_weights_add_terms():
    # 3 for wheat, 2 for wood: all land to wheat, 300 a year.
    objective = [stage("maximise", {"quantity": "wheat", "weight": 3}, {"quantity": "wood", "weight": 2})]
    assert farm(objective=objective).optimum() == pytest.approx(900)


def test_the_same_quantity_twice_adds_its_weights():
    objective = [stage("maximise", {"quantity": "wheat", "weight": 3}, {"quantity": "wheat", "weight": -1})]
    assert farm(objective=objective).optimum() == pytest.approx(600)


def test_a_stage_that_minimises():
    objective = [stage("minimise", {"quantity": "wheat", "weight": -2.0})]
    assert farm(objective=objective).optimum() == pytest.approx(-600)


@pytest.mark.parametrize("rate", [0.08, 0.0, -0.05])
def test_discounting_is_a_geometric_sum(rate):
    # 100 a year for n = 3 years, to the base year: 100 · (1 - v^3) / r with v = 1 / (1 + r); 300 without discounting.
    v = 1 / (1 + rate)
    closed = 100 * (1 - v**3) / rate if rate else 300
    objective = [stage("maximise", {"quantity": "wheat", "discount_rate": rate})]
    assert farm(objective=objective).optimum() == pytest.approx(closed, rel=1e-12)


def test_discounting_moves_a_scarce_good_forward():
    # 100 t of land in all: worth most in the first year, 100 / 1.08.
    b = farm(objective=[stage("maximise", {"quantity": "wheat", "discount_rate": 0.08})])
    b.account("used").amount("wheat", "adds", "used", 1).budget("all", "used", limit=100)
    assert b.optimum() == pytest.approx(100 / 1.08, rel=1e-12)


def test_years_of_terms():
    for years, optimum in (("each", 300), ("last", 100), ([2006, 2008], 200)):
        assert farm(objective=[stage("maximise", {"quantity": "wheat", "years": years})]).optimum() == (
            pytest.approx(optimum)
        )


def test_without_years_closing_years_count():
    b = farm(objective=[{"sense": "maximise", "terms": [{"quantity": "wheat"}]}])
    b.settings["closing_years"] = 2
    assert b.optimum() == pytest.approx(500)
    for years, optimum in (("each", 300), ("last", 100)):
        b.scenarios["base"]["objective"] = [stage("maximise", {"quantity": "wheat", "years": years})]
        assert b.optimum() == pytest.approx(optimum)


def test_stages_come_in_their_order():
    # First wheat + wood = 300, then as much wood as that admits: 300. Then wheat, which is 0 by now.
    both = stage("maximise", {"quantity": "wheat"}, {"quantity": "wood"})
    wood, wheat = stage("maximise", {"quantity": "wood"}), stage("maximise", {"quantity": "wheat"})
    answer = farm(objective=[both, wood, wheat]).solve()
    assert answer.solution.values == pytest.approx((300, 300, 0), abs=1e-4)
    answer = farm(objective=[both, wheat, wood]).solve()
    assert answer.solution.values == pytest.approx((300, 300, 0), abs=1e-4)


def test_a_stage_is_held_from_both_sides_of_its_sense():
    # Least wheat (0), then most wheat: still 0.
    answer = farm(
        objective=[stage("minimise", {"quantity": "wheat"}), stage("maximise", {"quantity": "wheat"})]
    ).solve()
    assert answer.objective == pytest.approx(0, abs=1e-6)


def test_goals_come_before_the_objective():
    b = farm().indicator("fuel", "level", "wood", ">=", 30, standing="goal")
    assert b.optimum() == pytest.approx(210, rel=1e-6)
