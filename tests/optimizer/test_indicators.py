"""Indicators: kinds, senses, standings, bases, deflators, weights. Limits and shortfalls derived on paper."""

import pytest

from optimizer import ScenarioError
from tests.plan_builder import Builder

FAR = 1000  # capacity that is never the limit


def works(last: int = 2007, closing: int = 0) -> Builder:
    """Two activities: "good" (base output 10) and "bad" (base output 40), as large as FAR, each with its quantity."""
    b = Builder(last=last, closing=closing)
    for name, made in (("good", 10), ("bad", 40)):
        b.activity(name, base_capacity=FAR, base_output=made).quantity(name, measure="output", activity=name)
    return b


# kind, target, and what it asks of "bad" in 2006 and 2007 (for ratios: per unit of "good", whose output is held at 10).
KINDS = [
    ("level", 30, (30, 30)),
    ("level_change", -0.25, (30, 30)),  # 40 · 0.75
    ("growth", 0.1, (44, 48.4)),  # 40 · 1.1, 40 · 1.21
    ("ratio", 3, (30, 30)),  # 3 · 10
    ("ratio_change", -0.25, (30, 30)),  # 40 / 10 · 0.75 · 10
    ("ratio_growth", 0.1, (44, 48.4)),  # 40 / 10 · 1.1 ^ n · 10
]


@pytest.mark.parametrize(("kind", "target", "asked"), KINDS)
@pytest.mark.parametrize(("sense", "aim"), [("<=", "maximise"), (">=", "minimise")])
def test_required(kind, target, asked, sense, aim):
    b = held(kind, target, sense, "each").scenario(aim, "bad")
    assert b.optimum() == pytest.approx(sum(asked))


def held(kind: str, target: float, sense: str, years: str) -> Builder:
    b = works().indicator("hold", "level", "good", "=", 10)
    denominator = "good" if kind.startswith("ratio") else ""
    return b.indicator("aim", kind, "bad", sense, target, denominator=denominator, years=years)


@pytest.mark.parametrize(("kind", "target", "asked"), KINDS)
def test_equality_from_both_sides(kind, target, asked):
    for aim in ("maximise", "minimise"):
        assert held(kind, target, "=", "each").scenario(aim, "bad").optimum() == pytest.approx(sum(asked))


@pytest.mark.parametrize(("kind", "target", "asked"), KINDS)
def test_only_the_last_year(kind, target, asked):
    assert held(kind, target, "<=", "last").scenario("maximise", "bad").optimum() == pytest.approx(FAR + asked[1])


def test_a_ratio_is_exact_with_both_sides_decided():
    # bad <= 3 · good with good <= 50 a year: 150 a year.
    b = works().indicator("hold", "level", "good", "<=", 50)
    b.indicator("aim", "ratio", "bad", "<=", 3, denominator="good").scenario("maximise", "bad")
    assert b.optimum() == pytest.approx(300)


def test_targets_by_year_before_the_general_one():
    b = works(last=2008).indicator("aim", "level", "bad", "<=", {None: 30, 2007: 20}).scenario("maximise", "bad")
    assert b.optimum() == pytest.approx(30 + 20 + 30)


def test_stated_years():
    b = works(last=2008).indicator("aim", "level", "bad", "<=", 30, years="2006;2008").scenario("maximise", "bad")
    assert b.optimum() == pytest.approx(30 + FAR + 30)


@pytest.mark.parametrize(("kind", "target", "asked"), [("level_change", -0.25, 15), ("growth", 0.1, 22)])
def test_a_base_of_its_own(kind, target, asked):
    # The base is 20 instead of the model's 40.
    b = (
        works()
        .indicator("aim", kind, "bad", "<=", target, base=20, years="2006")
        .scenario("maximise", "bad", years=[2006])
    )
    assert b.optimum() == pytest.approx(asked)


def test_a_ratio_base_of_its_own():
    # 5 bad a good instead of 4: 5 · 0.8 · 10.
    b = works().indicator("hold", "level", "good", "=", 10)
    b.indicator("aim", "ratio_change", "bad", "<=", -0.2, base=5, denominator="good").scenario("maximise", "bad")
    assert b.optimum() == pytest.approx(80)


def goal(sense: str, target: float, **cells: object) -> Builder:
    """ "bad" can make between 16 and 100 a year (a floor of 0.4 on a capacity held at 40 to 100)."""
    b = Builder().activity("bad", base_capacity=100, base_output=40, utilisation_floor=0.4, retirement={2006: 0})
    b.quantity("bad", measure="output").quantity("size", measure="capacity").indicator(
        "kept", "level", "size", ">=", 40
    )
    return b.indicator("aim", "level", "bad", sense, target, standing="goal", **cells).scenario("minimise", "bad")


@pytest.mark.parametrize(
    ("sense", "target", "missed", "optimum"),
    [
        (">=", 130, 30, 200),  # 100 is the most: as near as can be, although the objective pulls down
        (">=", 50, 0, 100),  # reached, then held: not below 50
        ("<=", 6, 10, 32),  # 16 is the least
        ("<=", 80, 0, 32),
        ("=", 130, 30, 200),
        ("=", 6, 10, 32),
        ("=", 50, 0, 100),
    ],
)
def test_a_goal_is_missed_as_little_as_can_be(sense, target, missed, optimum):
    answer = goal(sense, target).solve()
    assert answer.status == "optimal"
    assert answer.objective == pytest.approx(optimum, rel=1e-6)
    table = answer.table("indicators").query("indicator == 'aim'")
    assert table["missed_by"].tolist() == pytest.approx([missed, missed], abs=1e-5)
    # The value of the goals: two years, each shortfall divided by its own target.
    assert answer.solution.values[0] == pytest.approx(2 * missed / target, abs=1e-8)


def rivals(**weights: float) -> Builder:
    """ "good" and "bad" share 100 t ore a year; goals of 80 good and 120 bad cannot both hold."""
    b = works().commodity("ore", "buy", buy_limit=100)
    b.amount("good", "uses", "ore", 1).amount("bad", "uses", "ore", 1)
    b.indicator("more_good", "level", "good", ">=", 80, standing="goal")
    b.indicator("more_bad", "level", "bad", ">=", 120, standing="goal")
    return b.scenario("maximise", "good", indicators={name: {"weight": weight} for name, weight in weights.items()})


def test_shortfalls_are_relative_to_their_targets():
    # A tonne less is 1/80 of one and 1/120 of the other: good reaches its 80, bad gets 20 and misses 100/120.
    answer = rivals().solve()
    assert answer.solution.values[0] == pytest.approx(2 * 100 / 120)
    assert answer.objective == pytest.approx(160, rel=1e-6)


def test_weights_turn_the_balance():
    # 2/120 against 1/80: bad takes all 100 (misses 20/120, twice), good misses 1.
    answer = rivals(more_bad=2.0).solve()
    assert answer.solution.values[0] == pytest.approx(2 * (2 * 20 / 120 + 1))
    assert answer.objective == pytest.approx(0, abs=1e-5)


def test_the_shortfall_of_a_ratio_is_relative_to_target_times_base_denominator():
    # good >= 2 · bad asked, good at most 100, bad held at 80: 60 short in the numerator; 2 · base 40 = 80.
    b = works().indicator("hold", "level", "bad", "=", 80).indicator("cap", "level", "good", "<=", 100)
    b.indicator("aim", "ratio", "good", ">=", 2, denominator="bad", standing="goal").scenario("maximise", "good")
    assert b.solve().solution.values[0] == pytest.approx(2 * 60 / 80)


def test_monitored_is_computed_and_binds_nothing():
    b = works().indicator("aim", "level", "bad", "<=", 30, standing="monitored").scenario("maximise", "bad")
    answer = b.solve()
    assert answer.objective == pytest.approx(2 * FAR)
    row = answer.table("indicators").query("indicator == 'aim' and year == 2006").iloc[0]
    assert (row["asked"], row["reached"], row["met"], row["missed_by"]) == (30, pytest.approx(FAR), "no", FAR - 30)


def test_a_scenario_changes_standing_target_and_years():
    b = works().indicator("aim", "level", "bad", "<=", 30, standing="monitored").scenario("maximise", "bad")
    for setting, optimum in (
        ({"standing": "required"}, 60),
        ({"standing": "required", "target": 20}, 40),
        ({"standing": "required", "years": "last"}, FAR + 30),
        ({"standing": "required", "years": [2006], "target": 5}, 5 + FAR),
    ):
        assert b.optimum(changes={"indicators": {"aim": setting}}) == pytest.approx(optimum)


def test_the_target_of_a_scenario_is_in_the_unit_of_the_figure():
    # The figure stands in kg: 20 000 kg are 20 t a year.
    b = works().indicator("aim", "level", "bad", "<=", 30).scenario("maximise", "bad")
    b.rows["indicator_figures"][-1].update(value=30000, unit="kg")
    assert b.optimum(changes={"indicators": {"aim": {"target": 20000}}}) == pytest.approx(40)


def deflated(**index: float) -> Builder:
    """A target of 30 in current money; prices rise by the index."""
    b = works(last=2008).add("index_names", index="cpi").add("index_names", index="flat")
    for year, value in index.items():
        b.add("indices", index="cpi", year=int(year[1:]), value=value)
    b.add("indices", index="flat", year=2008, value=1)
    return b.indicator("aim", "level", "bad", "<=", 30, deflator="cpi").scenario("maximise", "bad")


def test_a_deflator_turns_current_into_base_year_money():
    b = deflated(y2006=1.2, y2007=1.5, y2008=2.0)
    assert b.optimum() == pytest.approx(30 / 1.2 + 30 / 1.5 + 30 / 2)
    changes = {"indicators": {"aim": {"deflator": "flat"}}}
    assert b.optimum(changes=changes) == pytest.approx(90)


def test_an_index_stays_where_it_ended():
    assert deflated(y2006=1.2, y2007=1.5).optimum() == pytest.approx(30 / 1.2 + 30 / 1.5 + 30 / 1.5)


def test_closing_years_repeat_a_required_target_and_leave_a_goal():
    # growth 10 %: 44 and 48.4, closing year 48.4 again. As a goal (met anyway) the closing year is free.
    b = works(closing=1).indicator("aim", "growth", "bad", "<=", 0.1).scenario("maximise", "bad")
    del b.scenarios["base"]["objective"][0]["terms"][0]["years"]
    assert b.optimum() == pytest.approx(44 + 48.4 + 48.4)
    assert b.optimum(changes={"indicators": {"aim": {"standing": "goal"}}}) == pytest.approx(44 + 48.4 + FAR, rel=1e-6)


def test_an_indicator_outside_the_model_cannot_be_decided():
    b = works().scenario("maximise", "bad")
    b.indicator("smiles", "level", "", ">=", 5, standing="outside", reason="Nobody counts them.")
    b.rows["indicator_figures"][-1]["unit"] = "个"
    for setting in ({"standing": "required"}, {"standing": "goal"}, {"target": 3}):
        with pytest.raises(ScenarioError, match=r"indicators\.smiles"):
            b.solve(changes={"indicators": {"smiles": setting}})


def test_an_indicator_without_target_needs_one_to_be_decided():
    b = works().indicator("aim", "level", "bad", "<=", None, standing="monitored").scenario("maximise", "bad")
    with pytest.raises(ScenarioError, match=r"indicators\.aim"):
        b.solve(changes={"indicators": {"aim": {"standing": "required"}}})
    b.rows["indicator_figures"].clear()
    with pytest.raises(ScenarioError, match=r"indicators\.aim"):
        b.solve(changes={"indicators": {"aim": {"standing": "required"}}})
