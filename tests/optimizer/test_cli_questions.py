"""The questions on the command line: ledger, alternatives, curve, frontier."""

from itertools import pairwise

import pytest

from model_data import load_plan, save_plan
from optimizer import load_scenario, solve
from optimizer.commands.setting import Named, named
from tests.optimizer.test_cli import TINY, document, planopt
from tests.plan_builder import Builder

ALONG = ["--along-budget", "investment"]
BOTH = ["--maximise", "value_added", "--minimise", "energy"]


@pytest.fixture(scope="module")
def farm(tmp_path_factory):
    """Two years; 100 t of feed can be bought a year, a t of meat takes 4 t of it (3 to 5)."""
    b = Builder().activity("meat", base_capacity=60, utilisation=0.9).commodity("feed", "buy", buy_limit=100)
    b.amount("meat", "uses", "feed", 4, low=3, high=5).quantity("meat", measure="output")
    path = tmp_path_factory.mktemp("plans") / "farm"
    save_plan(b.scenario("maximise", "meat").plan(), path)
    return path


# ------------------------------------------------------------------ exit codes and errors
@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["ledger", TINY], 0),
        (["ledger", TINY, "--budget", "investment=-100"], 4),
        (["ledger", TINY, "--time-limit", "0"], 5),
        (["ledger", TINY, "--whole-projects"], 3),
        (["ledger", TINY, "--top", "0"], 2),
        (["ledger", TINY, "--solve-again", "-1"], 2),
        (["alternatives", TINY, "--within", "much"], 2),
        (["alternatives", TINY, "--within", "nan"], 2),
        (["alternatives", TINY, "--within", "-1%"], 3),
        (["alternatives", TINY, "--by", "mood"], 2),
        (["alternatives", TINY, "--budget", "investment=-100"], 4),
        (["curve", TINY], 2),
        (["curve", TINY, *ALONG, "--all-budgets"], 2),
        (["curve", TINY, "--along-budget", "investment:soon"], 2),
        (["curve", TINY, "--along-budget", "investment:1999"], 3),
        (["curve", TINY, "--along-target", "growth:plan"], 3),
        (["curve", TINY, *ALONG, "--from", "5", "--until", "1"], 3),
        (["curve", TINY, *ALONG, "--foresight", "myopic"], 3),
        (["curve", TINY, *ALONG, "--gap", "little"], 2),
        (["curve", TINY, *ALONG, "--gap=-1"], 3),
        (["curve", TINY, *ALONG, "--gap", "100"], 3),
        (["curve", TINY, *ALONG, "--time-limit", "0"], 5),
        (["frontier", TINY, "--maximise", "value_added"], 2),
        (["frontier", TINY, "--maximise", "value_added:plan", "--minimise", "energy"], 3),
        (["frontier", TINY, *BOTH, "--budget", "investment=-100"], 4),
    ],
)
def test_exit_codes(arguments, code):
    done = planopt(*arguments)
    assert done.exit_code == code
    assert "Traceback" not in done.output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["curve", TINY, "--along-budget", "investmnt"], "did you mean 'investment'?"),
        (["curve", TINY, "--along-target", "grwth"], "did you mean 'growth'?"),
        (["frontier", TINY, "--maximise", "value_aded", "--minimise", "energy"], "did you mean 'value_added'?"),
    ],
)
def test_near_misses_are_named(arguments, said):
    done = planopt(*arguments)
    assert done.exit_code == 3
    assert said in done.stderr
    error = document(*arguments)[0]["error"]
    assert error["sort"] == "question"
    assert said in error["problems"][0]["message"]


def test_names_with_a_year():
    assert named("a") == Named("a")
    assert named("a:2007").years == (2007,)
    assert named("a:last").years == "last"


@pytest.mark.parametrize("verb", ["ledger", "alternatives", "curve", "frontier"])
def test_questions_take_changes_of_the_scenario(verb):
    shown = planopt(verb, "--help", COLUMNS="200").output
    assert all(option in shown for option in ("--scenario", "--budget", "--target", "--figure", "--changes", "--json"))


# ------------------------------------------------------------------ answers
def test_ledger_on_paper(farm):
    # z = 2 · 100 / a at a = 4: 50; slope -12.5; at a = 3 truly 200/3 - 50, at a = 5 truly 40 - 50.
    found, code = document("ledger", farm, "--solve-again", 1)
    assert code == 0
    (figure,) = found["figures"]
    assert figure["table"] == "amounts"
    assert (figure["effect_low"], figure["effect_high"]) == pytest.approx((12.5, -12.5))
    assert (figure["true_low"], figure["true_high"]) == pytest.approx((200 / 3 - 50, -10))
    assert found["grades"][-1] == {"grade": "D", "figures": 1, "share": 1.0}


def test_ledger_in_words(farm):
    lines = planopt("ledger", farm, "--solve-again", 1).output.splitlines()
    row = next(line for line in lines if line.startswith("Amounts"))
    assert row.split()[-4:] == ["+12.50", "-12.50", "+16.67", "-10"]
    assert "Swings by grade: A 0% (0 figures)" in lines[-2]
    assert planopt("ledger", farm, "--lang", "zh").output.splitlines()[-2].startswith("影响幅度按数据等级")


def test_ledger_shows_as_many_as_asked():
    one = planopt("ledger", TINY, "--top", 1).output
    total = len(document("ledger", TINY, "--top", 1)[0]["figures"])
    assert f"1 of {total} figures that matter" in one or total == 0


def test_curve_meets_independent_solves():
    curve, code = document("curve", TINY, *ALONG)
    assert (code, curve["unit"], curve["value_unit"]) == (0, "亿元", "亿元")
    # 5 % of the budget of 20 亿元 a year is one more of it.
    for percent in (-30, -5, 5, 100):
        theta = percent / 5
        solved = document("solve", TINY, "--budget", f"investment={percent}")[0]["objective"]["value"]
        piece = next(p for p in curve["pieces"] if p["from"] <= theta <= p["to"])
        start = next(p for p in curve["points"] if p["theta"] == piece["from"])
        assert start["values"][-1] + piece["slope"] * (theta - piece["from"]) == pytest.approx(solved, rel=1e-8)
    assert document("solve", TINY, "--budget", f"investment={5 * curve['feasible'][0] - 1}")[1] == 4


def test_curve_of_a_share_is_told_in_percent():
    amount, share = document("curve", TINY, *ALONG)[0], document("curve", TINY, "--all-budgets")[0]
    assert [20 * p["theta"] for p in share["points"]] == pytest.approx([p["theta"] for p in amount["points"]])
    told = planopt("curve", TINY, "--all-budgets").output
    assert f"{100 * share['feasible'][0]:,.7g}% to ∞" in told


def test_curve_within_an_interval():
    curve = document("curve", TINY, *ALONG, "--from", -1, "--until", 2)[0]
    assert curve["interval"] == pytest.approx([-1, 2])
    told = planopt("curve", TINY, *ALONG, "--from", -1, "--until", 2).output
    assert "1 pieces." in told
    assert "Investment ≤ 20 亿元 (2006–2008; 1)" in told


def test_curve_within_a_gap_says_how_near_it_is():
    question = ("curve", "--scenario", "required_only", "--all-budgets", "--from", "0", "--until", "0.3")
    exact, near = (document(*question, *options)[0] for options in ((), ("--gap", "0.1%")))
    assert (exact["gap"], near["gap"], near["status"]) == (0.0, 0.001, "optimal")
    assert 0.0 < near["proven_gap"] <= 0.001
    assert len(near["pieces"]) < len(exact["pieces"])
    told = [planopt(*question, "--gap", "0.1%", "--lang", language).output for language in ("en", "zh")]
    assert "within the gap allowed, 0.1%" in told[0]
    assert "按允许的差距0.1%给出" in told[1]
    assert "gap allowed" not in planopt(*question).output


def test_curve_of_a_ratio_moves_what_is_allowed():
    curve, code = document("curve", TINY, "--along-target", "energy_intensity")
    assert (code, curve["unit"]) == (0, "万tce")
    assert "allowed beyond the target of Energy intensity" in curve["moves"]
    # More allowed never hurts; the slope of a level piece is the rounding of the two values at its ends.
    assert min(piece["slope"] for piece in curve["pieces"]) >= -1e-12


def test_frontier_joins_both_optima():
    plan = load_plan(TINY)
    terms = [{"quantity": "energy", "weight": 1.0, "years": "each"}]
    least = solve(plan, load_scenario(plan, None, {"objective": [{"sense": "minimise", "terms": terms}]})).objective
    found, code = document("frontier", TINY, *BOTH)
    vertices = found["vertices"]
    assert code == 0
    assert vertices[0]["first"] == pytest.approx(solve(plan, load_scenario(plan)).objective)
    assert vertices[-1]["second"] == pytest.approx(least)
    for a, b in pairwise(vertices):
        assert a["rate"] == pytest.approx((b["second"] - a["second"]) / (b["first"] - a["first"]))
    assert f"Vertices of the frontier ({len(vertices)})" in planopt("frontier", TINY, *BOTH).output


def test_alternatives_widen():
    exact, near = (document("alternatives", TINY, "--within", share, "--by", "project")[0] for share in ("0", "5%"))
    assert (exact["within"], near["within"]) == (0, pytest.approx(0.05))
    assert {row["by"] for row in near["ranges"]} == {"industry", "project"}
    assert not exact["unique"]
    for a, b in zip(exact["ranges"], near["ranges"], strict=True):
        small = 1e-6 * (1 + abs(a["optimum"]))
        assert b["low"] - small <= a["low"] <= a["optimum"] + small
        assert a["optimum"] - small <= a["high"] <= b["high"] + small
    assert near["ranges"][0]["high"] > exact["ranges"][0]["high"] + 0.1


def test_alternatives_in_words():
    told = planopt("alternatives", TINY, "--by", "activity", "--plans", 2).output
    assert "giving up at most 1%" in told
    assert "Investment by activity" in told
    assert "Plan 2" in told
    assert "Plan 3" not in told
    assert "最优方案不唯一" in planopt("alternatives", TINY, "--lang", "zh").output


# ------------------------------------------------------------------ efficient sets
def test_three_quantities_have_a_payoff_table_and_points_that_none_betters():
    found, code = document("frontier", TINY, *BOTH, "--minimise", "investment", "--steps", "2")
    assert code == 0
    signs = (1.0, -1.0, -1.0)
    payoff = [[sign * value for sign, value in zip(signs, row, strict=True)] for row in found["payoff"]]
    points = [[sign * value for sign, value in zip(signs, row, strict=True)] for row in found["points"]]
    assert all(row[k] == pytest.approx(max(one[k] for one in payoff + points)) for k, row in enumerate(payoff))
    for one in points:
        assert not any(
            other != one and all(b >= a + 1e-6 * abs(a) for a, b in zip(one, other, strict=True)) for other in points
        )
    assert "none betters" in planopt("frontier", TINY, *BOTH, "--minimise", "investment", "--steps", "2").stdout


def test_with_whole_projects_there_is_a_staircase():
    found, code = document("frontier", TINY, *BOTH, "--whole-projects", "--steps", "4")
    assert code == 0
    values = [first for first, _ in found["points"]]
    assert values == sorted(values)
    assert 0.0 < found["step"] <= (values[-1] - values[0]) / 4 * (1 + 1e-9)
