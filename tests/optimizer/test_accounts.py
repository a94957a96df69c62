"""Accounts: background, trends, charges, switches, spending profiles, sunk spending, funds. Values derived on paper."""

import pytest

from optimizer import ScenarioError
from tests.plan_builder import Builder


def shop(**figures: object) -> Builder:
    """Output fixed at its capacity of 10 in 2006 and 2007; each unit adds 2 to "income"; the objective is income."""
    b = Builder().activity("shop", base_capacity=10, base_output=10, **figures).account("income")
    return b.amount("shop", "adds", "income", 2).scenario("maximise", "income")


def test_operation_adds():
    assert shop().optimum() == pytest.approx(40)


def test_background_grows_from_the_base_year():
    # 5 in 2005, +10 %: 5.5 and 6.05 besides 40.
    b = shop().background("income", 5).background("income", 0.1, parameter="growth")
    assert b.optimum() == pytest.approx(40 + 5.5 + 6.05)


def test_background_of_a_stated_year():
    b = shop().background("income", 5).background("income", 7, year=2007)
    assert b.optimum() == pytest.approx(40 + 5 + 7)


def test_background_of_every_region():
    # A row without region counts in each of the two; the east's own level wins there.
    b = Builder(regions=("west", "east")).account("income").scenario("maximise", "income")
    b.activity("shop", base_capacity=1).background("income", 5)
    assert b.optimum() == pytest.approx(20)
    assert b.background("income", 1, region="east").optimum() == pytest.approx(12)


def test_a_region_s_own_level_wins_over_a_general_one_of_a_year():
    # The same order as for every other figure: the region first, then the year.
    b = Builder(regions=("west", "east")).account("income").scenario("maximise", "income")
    b.activity("shop", base_capacity=1).background("income", 5).background("income", 9, year=2007)
    b.background("income", 1, region="east")
    assert b.optimum() == pytest.approx((5 + 9) + (1 + 1))


def test_trends_compound_from_the_base_year():
    # 2 a unit falls 10 % a year: 10 · 2 · 0.9 + 10 · 2 · 0.81; the activity's own trend wins over the general one.
    b = shop().add("trends", flow="income", value=0.5).add("trends", activity="shop", flow="income", value=-0.1)
    assert b.optimum() == pytest.approx(18 + 16.2)


def test_general_trend():
    assert shop().add("trends", flow="income", value=-0.1).optimum() == pytest.approx(18 + 16.2)


def charged() -> Builder:
    """A shop that uses 3 t gas a unit (loss 20 %) and gives 1 t back; carbon follows the net use of gas."""
    b = shop().commodity("gas", "buy", loss=0.2).account("carbon")
    return b.amount("shop", "uses", "gas", 3).amount("shop", "gives", "gas", 1)


def test_a_charge_is_on_net_use_with_losses():
    # 10 · (3 · 1.2 - 1) = 26 t net a year at 0.5, two years, income at its most (so output is 10).
    b = charged().add("charges", account="carbon", flow="gas", value=0.5)
    assert carbon(b) == pytest.approx(2 * 13)


def carbon(b: Builder) -> float:
    quantities = b.solve().table("quantities")
    return quantities.query("quantity == 'carbon' and year > 2005")["value"].sum()


def test_the_most_specific_charge_wins():
    # 26 t net a year; activity 0.7 before industry 0.6 before all 0.5. Final demand of gas is nobody's: 0.5.
    rows = [{"value": 0.5}, {"industry": "works", "value": 0.6}, {"activity": "shop", "value": 0.7}]
    for count, price in ((1, 0.5), (2, 0.6), (3, 0.7)):
        b = charged().background("gas", 10)
        for row in reversed(rows[:count]):
            b.add("charges", account="carbon", flow="gas", **row)
        assert carbon(b) == pytest.approx(2 * (26 * price + 10 * 1.2 * 0.5))


def test_a_charge_on_an_account_follows_what_is_added():
    # Tax 10 % of income: 2 · (20 + 5), background of 5 included.
    b = shop().account("carbon").background("income", 5).add("charges", account="carbon", flow="income", value=0.1)
    assert carbon(b) == pytest.approx(5)


def test_a_charge_falls_with_the_trend_of_its_flow():
    # Gas use falls 50 % a year: net 10 · (3 · 1.2 · 0.5 ^ n - 1) for n = 1, 2 (giving has the same trend: · 0.5 ^ n).
    b = charged().add("trends", activity="shop", flow="gas", value=-0.5)
    b.add("charges", account="carbon", flow="gas", value=0.5)
    assert carbon(b) == pytest.approx(13 * 0.5 + 13 * 0.25)


def test_building_is_charged_too():
    # 4 t gas a unit of new capacity with its loss: 4.8; a floor of 12 in capacity takes 2 units in 2006.
    b = shop(earliest_build=2006).commodity("gas", "buy", loss=0.2).account("carbon")
    b.amount("shop", "uses", "gas", 4, vector="build").add("charges", account="carbon", flow="gas", value=0.5)
    b.quantity("size", measure="capacity").indicator("grow", "level", "size", ">=", 12).scenario("minimise", "carbon")
    assert b.optimum() == pytest.approx(2 * 4.8 * 0.5)


def switched() -> Builder:
    b = shop().add("switches", switch="method", option="old", default="yes")
    b.add("switches", switch="method", option="new")
    b.rows["amounts"][0].update(switch="method", option="old")
    return b.amount("shop", "adds", "income", 5, switch="method", option="new")


def test_switches():
    assert switched().optimum() == pytest.approx(40)
    assert switched().optimum(changes={"switches": {"method": "new"}}) == pytest.approx(100)


def test_a_switched_row_and_a_row_for_always_add_up():
    # 2 always, 5 more under the new method; the order of the rows does not matter.
    for first in (True, False):
        b = switched()
        b.rows["amounts"][0].update(switch="", option="")
        if not first:
            b.rows["amounts"].reverse()
        assert b.optimum() == pytest.approx(40)
        assert b.optimum(changes={"switches": {"method": "new"}}) == pytest.approx(140)


def building(first: int = 2008) -> Builder:
    """New capacity costs 10 a unit: 30 % two years ahead, 50 % one year ahead, 20 % in the year."""
    b = Builder(last=2008, closing=2).activity("mill", earliest_build=first).account("cost")
    for offset, share in ((-2, 0.3), (-1, 0.5), (0, 0.2)):
        b.add("spending_profiles", profile="slow", offset=offset, value=share)
    b.amount("mill", "adds", "cost", 10, vector="build", profile="slow")
    return b.quantity("size", measure="capacity").scenario("minimise", "cost")


@pytest.mark.parametrize(("first", "cost"), [(2008, 100), (2007, 70), (2006, 20)])
def test_spending_before_the_plan_is_sunk(first, cost):
    # 10 units from ``first`` on: all of the 100, without the 30 % of 2005, without the 80 % of 2004 and 2005.
    b = building(first).indicator("grow", "level", "size", ">=", 10)
    b.rows["indicators"][0]["years"] = ";".join(str(y) for y in range(first, 2009))
    assert b.optimum() == pytest.approx(cost)


def test_spending_falls_in_the_years_of_the_profile():
    # 10 units for 2008: 30, 50, 20.
    b = building().indicator("grow", "level", "size", ">=", 10, years="last")
    table = b.solve().table("quantities").query("quantity == 'cost' and year > 2005")
    assert table["value"].tolist() == pytest.approx([30, 50, 20])


def test_a_project_s_own_profile():
    # The pit's 4 a unit fall in its own year (offset 0), not along the activity's profile.
    b = building().project("pit", "mill", size=10, earliest_year=2008, committed_year=2008)
    b.add("project_amounts", project="pit", flow="cost", direction="adds", value=4)
    table = b.solve().table("quantities").query("quantity == 'cost' and year > 2005")
    assert table["value"].tolist() == pytest.approx([0, 0, 40])


def funded() -> Builder:
    """Mill and dam cost 1 a unit; state money (6 a year) serves both industries, bank money (5 a year) only works."""
    b = Builder().activity("mill", earliest_build=2006).activity("dam", industry="water", earliest_build=2006)
    b.add("industries", industry="water").account("cost").settings["investment_account"] = "cost"
    b.amount("mill", "adds", "cost", 1, vector="build").amount("dam", "adds", "cost", 1, vector="build")
    b.add("funds", fund="state").add("funds", fund="bank")
    for fund, industry in (("state", "works"), ("state", "water"), ("bank", "works")):
        b.add("fund_scopes", fund=fund, industry=industry)
    for fund, money in (("state", 6), ("bank", 5)):
        b.quantity(f"{fund}_money", "元", measure="fund", fund=fund)
        b.budget(fund, f"{fund}_money", limit={2006: money, 2007: money})
    return b.quantity("dams", measure="build", activity="dam").quantity("all_new", measure="build")


def test_a_fund_serves_only_its_industries():
    # Dams: state money only, 6 a year. Everything: all money, 11 a year.
    assert funded().scenario("maximise", "dams").optimum() == pytest.approx(12)
    assert funded().scenario("maximise", "all_new").optimum() == pytest.approx(22)


def test_given_spending_is_funded_too():
    # 2 a year of the water industry's spending are given: 4 of the state's 6 are left for dams.
    b = funded().background("cost", 2, industry="water").scenario("maximise", "dams")
    assert b.optimum() == pytest.approx(8)


def test_given_spending_that_no_fund_may_serve_is_refused():
    b = funded().add("industries", industry="rail").background("cost", 2, industry="rail").scenario("maximise", "dams")
    with pytest.raises(ScenarioError, match="rail"):
        b.solve()


def test_an_industry_that_no_fund_serves_cannot_spend():
    # The bank alone serves works, nobody serves water: no dams.
    b = funded().scenario("maximise", "dams")
    b.rows["fund_scopes"] = [row for row in b.rows["fund_scopes"] if row["industry"] != "water"]
    assert b.optimum() == pytest.approx(0)


def test_quantities_filter_and_subtract():
    # Income 20 a year from the shop (works) and 3 a year from an inn (water, tag rest): by every filter.
    b = shop().add("industries", industry="water", sector="other").add("sectors", sector="other")
    b.activity("inn", industry="water", tags="rest;stay", base_capacity=3).amount("inn", "adds", "income", 1)
    b.background("income", 100, item="gift")
    for name, *terms in (
        ("of_industry", {"industry": "water"}),
        ("of_sector", {"sector": "other"}),
        ("of_tag", {"tag": "stay"}),
        ("of_activity", {"activity": "shop"}),
        ("of_item", {"item": "gift"}),
        ("net", {}, {"activity": "shop", "sign": "minus"}, {"item": "gift", "sign": "minus"}),
    ):
        b.quantity(name, "元", *({"measure": "account", "flow": "income", **term} for term in terms))
    table = b.solve().table("quantities").query("year == 2007").set_index("quantity")["value"]
    expected = {"of_industry": 3, "of_sector": 3, "of_tag": 3, "of_activity": 20, "of_item": 100, "net": 3}
    assert table[list(expected)].to_dict() == pytest.approx(expected)
