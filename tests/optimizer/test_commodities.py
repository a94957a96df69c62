"""Commodity balances, trade, stocks, losses, pooling, offsets. Optima derived on paper."""

import pytest

from optimizer import ScenarioError
from tests.plan_builder import Builder


def chain(**ore: object) -> Builder:
    """A mine of 10 t ore a year feeds a smelter at 2 t ore a tonne of metal; the objective is metal, 2006 and 2007."""
    b = Builder().activity("mine", base_capacity=10).activity("smelter", base_capacity=100)
    b.commodity("ore", **ore).amount("mine", "gives", "ore", 1).amount("smelter", "uses", "ore", 2)
    return b.quantity("metal", measure="output", activity="smelter").scenario("maximise", "metal")


def test_use_is_covered():
    assert chain().optimum() == pytest.approx(10)  # 10 / 2 in each year


def test_losses_are_supplied():
    # Of what is supplied a quarter on top of use is lost: 10 / (2 · 1.25) = 4 a year.
    assert chain(loss=0.25).optimum() == pytest.approx(8)


def test_final_demand_comes_first():
    # 4 t a year are asked for, 5 with their loss of a quarter: (10 - 5) / 2.5 = 2 a year.
    assert chain(loss=0.25).background("ore", 4).optimum() == pytest.approx(4)


def test_final_demand_grows():
    # 4 t in the base year, +50 % a year: 6, then 9: (10 - 6) / 2 + (10 - 9) / 2.
    b = chain().background("ore", 4).background("ore", 0.5, parameter="growth")
    assert b.optimum() == pytest.approx(2.5)


def test_a_stated_year_stands_before_growth():
    b = chain().background("ore", 4).background("ore", 0.5, parameter="growth").background("ore", 1, year=2006)
    assert b.optimum() == pytest.approx(4.5 + 0.5)


def test_demand_that_nobody_can_serve_is_refused():
    # No activity, no purchase, no stock: the row would read 0 >= 3, without anything to decide.
    b = Builder().activity("mine", base_capacity=1).commodity("milk").background("milk", 3)
    b.quantity("made", measure="output").scenario("maximise", "made")
    with pytest.raises(ScenarioError, match=r"milk.*here"):
        b.solve()


def test_a_surplus_that_nobody_uses_is_no_error():
    # A background level below zero gives: 0 >= -3 holds by itself.
    b = Builder().activity("mine", base_capacity=1).commodity("milk").background("milk", -3)
    assert b.quantity("made", measure="output").scenario("maximise", "made").optimum() == pytest.approx(2)


def traded(b: Builder, *flags: str) -> Builder:
    b.rows["flows"][1].update(dict.fromkeys(flags, "yes"))
    return b


def test_purchases_within_their_limit():
    # 6 t more in 2006, 2 t more in 2007: 16 / 2 + 12 / 2.
    assert traded(chain(buy_limit={2006: 6, 2007: 2}), "buy").optimum() == pytest.approx(14)


def test_sales_within_their_limit():
    # Ore sold: at most 3 in each year, although 10 are there.
    b = traded(chain(sell_limit=3), "sell").quantity("sold", measure="sell", flow="ore").scenario("maximise", "sold")
    assert b.optimum() == pytest.approx(6)


def test_what_is_sold_was_there():
    b = traded(chain(), "sell").quantity("sold", measure="sell", flow="ore").scenario("maximise", "sold")
    assert b.optimum() == pytest.approx(20)


def test_what_is_sold_was_there_even_where_nobody_makes_it():
    # Milk can be bought (at most 5) and sold, and no activity knows it: sales are purchases.
    b = chain().commodity("milk", "buy", "sell", buy_limit=5)
    b.quantity("sold", measure="sell", flow="milk").scenario("maximise", "sold")
    assert b.optimum() == pytest.approx(10)


def test_a_stock_is_not_made_of_nothing():
    # The commodity moves only in 2007 (building uses it then); what is stored in 2006 must have been there.
    b = Builder().activity("cook", earliest_build=2007).commodity("milk", "storable")
    b.amount("cook", "uses", "milk", 1, vector="build")
    b.quantity("meals", measure="output").scenario("maximise", "meals")
    assert b.optimum() == pytest.approx(0)
    b.commodity("milk", initial_stock=7)
    assert b.optimum() == pytest.approx(7)


def test_a_stock_carries_what_the_first_year_leaves():
    # Smelting capacity 3 in 2006 (6 t ore), 100 in 2007: 4 t left are stored, so 3 + 14 / 2.
    b = traded(chain(), "storable")
    b.rows["activity_figures"] = [r for r in b.rows["activity_figures"] if r["activity"] != "smelter"]
    b.activity("smelter", base_capacity=100, utilisation={2006: 0.03, 2007: 1})
    assert b.optimum() == pytest.approx(10)
    # A store of 1 t: 3 + 11 / 2.
    assert b.commodity("ore", stock_limit=1).optimum() == pytest.approx(8.5)


def test_initial_and_final_stock():
    # 8 t at the start, 2 t to be left: 20 + 8 - 2 = 26 t for smelting.
    b = traded(chain(initial_stock=8, final_stock=2), "storable")
    assert b.optimum() == pytest.approx(13)
    # The stated stock of the end is asked for in the last plan year only, also where closing years follow.
    b.settings["closing_years"] = 1
    assert b.optimum() == pytest.approx(13)


def test_regions_balance_each_or_together():
    # The mine stands in the west, the smelter in the east.
    b = Builder(regions=("west", "east")).activity("mine", region="west", base_capacity=10)
    b.activity("smelter", region="east", base_capacity=100).commodity("ore")
    b.amount("mine", "gives", "ore", 1).amount("smelter", "uses", "ore", 2)
    b.quantity("metal", measure="output", activity="smelter").scenario("maximise", "metal")
    assert b.optimum() == pytest.approx(0)
    assert traded(b, "pooled").optimum() == pytest.approx(10)


def test_losses_of_the_region_of_use():
    # Pooled; the east loses 25 %, the west nothing: 10 / 2.5 a year in the east.
    b = Builder(regions=("west", "east")).activity("mine", region="west", base_capacity=10)
    b.activity("smelter", region="east", base_capacity=100).commodity("ore", "pooled")
    b.commodity("ore", region="east", loss=0.25).commodity("ore", region="west", loss=0)
    b.amount("mine", "gives", "ore", 1).amount("smelter", "uses", "ore", 2)
    assert b.quantity("metal", measure="output", activity="smelter").scenario("maximise", "metal").optimum() == (
        pytest.approx(8)
    )


def test_a_region_has_its_own_amount():
    # 2 t ore a tonne in general, 5 t in the east: 10 / 5 a year.
    b = Builder(regions=("west", "east")).activity("mine", region="west", base_capacity=10)
    b.activity("smelter", region="east", base_capacity=100).commodity("ore", "pooled")
    b.amount("mine", "gives", "ore", 1).amount("smelter", "uses", "ore", 2)
    b.amount("smelter", "uses", "ore", 5, region="east")
    assert b.quantity("metal", measure="output", activity="smelter").scenario("maximise", "metal").optimum() == (
        pytest.approx(4)
    )


def test_operation_a_year_ahead():
    # Output of a year uses 2 t ore of the year before: 2006's came before the plan (sunk), so 100; 2007: 10 / 2.
    b = chain()
    b.rows["amounts"][1]["offset"] = -1
    assert b.optimum() == pytest.approx(105)


def test_operation_with_a_later_echo():
    # Output of a year gives 1 t ore back in the next: 2006: 10 / 2 = 5; 2007: (10 + 5) / 2 (no base output).
    b = chain().amount("smelter", "gives", "ore", 1, offset=1)
    assert b.optimum() == pytest.approx(12.5)
    # With a base output of 4 the echo reaches 2006: 14 / 2 = 7, then (10 + 7) / 2.
    b.activity("smelter", base_output=4)
    assert b.optimum() == pytest.approx(15.5)


def test_building_uses_commodities_ahead():
    # Smelting capacity of a year took 3 t ore a tonne one year before. Objective: metal of 2007. A tonne of capacity in
    # 2007 took 3 t in 2006, its output takes 2 t in 2007: 2006 admits 10 / 3, 2007 would admit 10 / 2.
    b = Builder().activity("mine", base_capacity=10).activity("smelter", earliest_build=2007)
    b.commodity("ore").amount("mine", "gives", "ore", 1).amount("smelter", "uses", "ore", 2)
    b.amount("smelter", "uses", "ore", 3, vector="build", offset=-1)
    b.settings["closing_years"] = 1
    b.quantity("metal", measure="output", activity="smelter").scenario("maximise", "metal", years=[2007])
    assert b.optimum() == pytest.approx(10 / 3)
