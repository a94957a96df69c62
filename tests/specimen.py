"""One small plan in which every equation of the model occurs: two years, two regions, one of everything."""

from tests.plan_builder import Builder


def specimen() -> Builder:
    b = Builder(closing=1, regions=("west", "east"))
    b.add("industries", industry="water").account("money").account("income").account("waste", "t")
    b.settings["investment_account"] = "money"
    _activities(b)
    _flows(b)
    _policy(b)
    objective = [
        {"sense": "maximise", "terms": [{"quantity": "income", "discount_rate": 0.08}]},
        {"sense": "minimise", "terms": [{"quantity": "waste", "years": "each", "weight": 2.0}]},
    ]
    return b.scenario("maximise", "income", objective=objective)


def _activities(b: Builder) -> None:
    b.activity("mine", region="west", base_capacity=10, base_output=8, retirement={2007: 1}, output_growth=0.5)
    b.activity("mine", region="west", output_step=1, utilisation_floor=0.25)
    b.activity("smelter", base_capacity=6, base_output=3, earliest_build=2007, build_limit=2)
    b.activity("smelter", capacity_limit=9, capacity_growth=0.25, capacity_step=1)
    b.activity("scrub", industry="water", base_capacity=5, earliest_build=2006)
    b.add("hosts", activity="scrub", host="smelter", basis="output", value=0.5)
    b.add("hosts", activity="scrub", host="smelter", basis="capacity", value=0.75)
    b.project("shaft", "mine", region="west", size=4, earliest_year=2006, committed_year=2007)
    b.project("kiln", "smelter", region="east", size=3, earliest_year=2006, requires="shaft")
    b.add("spending_profiles", profile="two", offset=-1, value=0.4).add(
        "spending_profiles", profile="two", offset=0, value=0.6
    )
    b.amount("smelter", "adds", "money", 2, vector="build", profile="two")
    b.amount("scrub", "adds", "money", 1, vector="build")
    b.add("project_amounts", project="shaft", flow="money", direction="adds", value=1.5, profile="two")


def _flows(b: Builder) -> None:
    b.commodity("ore", "buy", "pooled", "storable", loss=0.25, buy_limit=3, initial_stock=2, stock_limit=4)
    b.commodity("ore", region="west", final_stock=1)
    b.commodity("metal", "sell", sell_limit=7).background("metal", 1, item="homes")
    b.amount("mine", "gives", "ore", 1).amount("smelter", "uses", "ore", 1.5).amount("smelter", "gives", "metal", 1)
    b.amount("smelter", "uses", "ore", 0.125, vector="build", offset=-1)
    b.amount("smelter", "adds", "income", 3).amount("mine", "adds", "income", 1)
    b.amount("smelter", "adds", "waste", 0.5).amount("scrub", "adds", "waste", -0.25)
    b.background("income", 20, item="rest", industry="works").background(
        "income", 0.05, item="rest", parameter="growth"
    )
    b.add("trends", activity="smelter", flow="waste", value=-0.1)


def _policy(b: Builder) -> None:
    b.add("funds", fund="state").add("funds", fund="bank")
    for fund, industry in (("state", "works"), ("state", "water"), ("bank", "works")):
        b.add("fund_scopes", fund=fund, industry=industry)
    b.quantity("state_money", "元", measure="fund", fund="state")
    b.quantity("size", measure="capacity", activity="smelter").quantity("closed", measure="retire")
    b.quantity("trade", "t", {"measure": "buy", "flow": "ore"}, {"measure": "sell", "flow": "metal", "sign": "minus"})
    b.quantity("kept", measure="stock", flow="ore").quantity("new", measure="build").quantity("made", measure="output")
    b.budget("all", "money", limit={2006: 6, 2007: 8}, carry_over="yes").budget("plan", "money", limit=12)
    b.budget("state", "state_money", of="all", share=0.5)
    b.indicator("growth", "growth", "income", ">=", 0.02, years="last")
    b.indicator("cleaner", "ratio_change", "waste", "<=", -0.05, denominator="income", years="last", standing="goal")
    b.indicator("balance", "level", "trade", ">=", -12, years="last", standing="goal")
    b.indicator("closing", "level", "closed", "<=", 5).indicator("store", "level", "kept", "<=", 4, standing="goal")
    b.indicator("renewal", "level", "new", "<=", 9).indicator("output", "level", "made", ">=", 5, years="last")
    b.indicator("size", "level_change", "size", ">=", -0.5)
