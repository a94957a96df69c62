"""The ledger of assumptions: derivatives on paper, against finite differences, and the questions it refuses."""

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from model_data import default_plan_path, load_plan
from optimizer import load_scenario, make_program, solve_program
from optimizer.assumptions import ledger
from optimizer.figure_slopes import figure_slopes
from optimizer.frames import figure_numbers
from optimizer.questions import QuestionError
from tests.plan_builder import Builder

PLANS = Path(__file__).parents[1] / "plans"


def farm() -> Builder:
    """Two years; 100 t of feed can be bought a year, a t of meat takes 4 t of it: 25 t of meat a year."""
    b = Builder().activity("meat", base_capacity=60, utilisation=0.9).commodity("feed", "buy", buy_limit=100)
    b.amount("meat", "uses", "feed", 4, low=3, high=5).quantity("meat", measure="output")
    return b.scenario("maximise", "meat")


def solved(b: Builder, scenario: str | None = None):
    plan = b.plan()
    instance, program = make_program(plan, load_scenario(plan, scenario))
    return instance, solve_program(program)


def slope(instance, solution, table: str, **key: object) -> float:
    frame = instance.plan.table(table)
    for column, value in key.items():
        frame = frame[frame[column] == value]
    (row,) = frame.index
    return figure_slopes(instance, solution)[figure_numbers(instance.plan)[table] + row]


def test_an_amount_and_a_limit():
    # z = 2 years · limit / amount = 2 · 100 / 4: by the limit 2 / 4, by the amount -2 · 100 / 4².
    instance, solution = solved(farm())
    assert slope(instance, solution, "flow_figures", parameter="buy_limit") == pytest.approx(2 / 4)
    assert slope(instance, solution, "amounts", activity="meat") == pytest.approx(-2 * 100 / 16)
    assert slope(instance, solution, "activity_figures", parameter="utilisation") == 0.0


def test_capacity_where_it_binds():
    # Feed without limit: z = 2 · 0.9 · 60, by utilisation 2 · 60, by base capacity 2 · 0.9.
    b = farm()
    b.rows["flow_figures"].clear()
    instance, solution = solved(b)
    assert slope(instance, solution, "activity_figures", parameter="utilisation") == pytest.approx(120)
    assert slope(instance, solution, "activity_figures", parameter="base_capacity") == pytest.approx(1.8)


@pytest.mark.parametrize("rounding", [1e-13, -1e-13])
def test_rounding_of_a_multiplier_is_no_price_of_a_bound_that_is_not_there(rounding):
    # Output has no lower limit and demand for feed no upper one, whatever sign the multipliers of their rows have.
    instance, solution = solved(farm())
    (stage,) = solution.stages
    blurred = replace(stage, y=np.where(stage.y == 0.0, rounding, stage.y))
    assert slope(instance, replace(solution, stages=(blurred,)), "amounts", activity="meat") == pytest.approx(-12.5)


def test_loss_charge_and_trend():
    # A duty account charged at 0.5 on the feed used, capped at 90 a year; a loss of 0.25 and growth of the amount:
    # in year n duty = 0.5 · 4 · 1.25 · (1 + r)^n · meat <= 90, so meat_n = 36 (1 + r)^-n, with r = 0.
    # By the charge -72 / 0.5, by the loss -72 / 1.25, by the rate -36 · (1 + 2), by the cap 2 · 36 / 90.
    b = farm().commodity("feed", loss=0.25).account("duty")
    b.rows["flow_figures"] = [row for row in b.rows["flow_figures"] if row["parameter"] == "loss"]
    b.add("charges", account="duty", flow="feed", value=0.5, unit="元/t").add(
        "trends", flow="feed", value=0.0, unit="1"
    )
    b.indicator("cap", "level", "duty", "<=", 90)
    instance, solution = solved(b)
    assert solution.objective == pytest.approx(72)
    assert slope(instance, solution, "charges", flow="feed") == pytest.approx(-72 / 0.5)
    assert slope(instance, solution, "flow_figures", parameter="loss") == pytest.approx(-72 / 1.25)
    assert slope(instance, solution, "trends", flow="feed") == pytest.approx(-36 * 3)
    assert slope(instance, solution, "indicator_figures", indicator="cap") == pytest.approx(72 / 90)


def test_a_target_measured_against_the_base_year():
    # Smoke of 2 a t, base output 10: base 20, required -10 % a year on year 1 alone: meat_1 = 18 / 2 = 9.
    # By the target 20 / 2, by base output 2 · 0.9 / 2, by the amount 0: base and limit move together.
    b = farm().account("smoke").amount("meat", "adds", "smoke", 2)
    b.activity("meat", base_output=10).indicator("less", "level_change", "smoke", "<=", -0.1, years="2006")
    instance, solution = solved(b)
    assert solution.objective == pytest.approx(9 + 25)
    assert slope(instance, solution, "indicator_figures", indicator="less") == pytest.approx(10)
    assert slope(instance, solution, "activity_figures", parameter="base_output") == pytest.approx(0.9)
    assert slope(instance, solution, "amounts", flow="smoke") == pytest.approx(0, abs=1e-9)


def test_effects_are_slope_times_range_and_the_true_ones_solve_again():
    # 2 · 100 / amount at 3, 4, 5 t: true effects 200/3 - 50 and 40 - 50; to first order +12.5 and -12.5.
    instance, solution = solved(farm())
    first = ledger(instance, solution, solve_again=1).figures.iloc[0]
    assert (first["table"], first["effect_low"], first["effect_high"]) == ("amounts", 12.5, -12.5)
    assert first["true_low"] == pytest.approx(200 / 3 - 50)
    assert first["true_high"] == pytest.approx(-10)
    assert first["swing"] == 25


def test_goals_are_held_while_figures_move():
    # Goal: 40 t a year, 25 reached each year whatever the objective (least waste = 0.1 a t of meat): the goal stage
    # makes 25 t a year, so waste is 2 · 2.5, and by the feed limit 2 · 0.1 / 4.
    b = farm().account("waste").amount("meat", "adds", "waste", 0.1)
    b.indicator("plenty", "level", "meat", ">=", 40, standing="goal").scenario("minimise", "waste")
    instance, solution = solved(b)
    assert solution.objective == pytest.approx(5)
    assert slope(instance, solution, "flow_figures", parameter="buy_limit") == pytest.approx(0.05)


def disagreements(plan, scenario, sample: int) -> tuple[int, list[str]]:
    """Figures of a random sample whose slope is neither derivative from above nor from below of the true optimum."""
    instance, program = make_program(plan, scenario)
    solution = solve_program(program)
    slopes, starts = figure_slopes(instance, solution), figure_numbers(plan)
    # Below this share of the largest effect a re-solve cannot tell a slope from rounding.
    values = np.concatenate([plan.table(table)["value"].to_numpy(dtype=float) for table in starts])
    effects = np.abs(slopes * values)
    worth = np.flatnonzero(effects > 1e-6 * np.nanmax(effects)).tolist()
    chosen = np.random.default_rng(2006).permutation(worth)[:sample].tolist()
    wrong = []
    for number in chosen:
        table = next(name for name, start in reversed(starts.items()) if start <= number)
        row, step = number - starts[table], 1e-4 * abs(values[number])
        reached = []
        for sign in (1.0, -1.0):
            moved = plan.with_value_at(table, row, values[number] + sign * step)
            reached.append(
                sign
                * ((solve_program(make_program(moved, scenario)[1]).objective or math.nan) - solution.objective)
                / step
            )
        low, high = sorted(reached)
        slack = 2e-3 * abs(slopes[number])
        if not low - slack <= slopes[number] <= high + slack:
            wrong.append(f"{table} row {row}: slope {slopes[number]}, from above and below {reached}")
    return len(chosen), wrong


def test_slopes_against_finite_differences_on_the_textbook_plan(full):
    plan = load_plan(PLANS / "dynamic_input_output")
    tried, wrong = disagreements(plan, load_scenario(plan), 100 if full else 20)
    assert tried >= 20
    assert not wrong


def test_slopes_against_finite_differences_on_the_shipped_plan(full):
    plan = load_plan(default_plan_path())
    tried, wrong = disagreements(plan, load_scenario(plan), 150 if full else 6)
    assert tried >= 6
    assert not wrong


def test_questions_without_an_answer():
    infeasible = farm().indicator("more", "level", "meat", ">=", 1000)
    instance, solution = solved(infeasible)
    with pytest.raises(QuestionError, match="no optimum"):
        ledger(instance, solution)
    instance, solution = solved(farm())
    with pytest.raises(QuestionError, match="negative"):
        ledger(instance, solution, solve_again=-1)
    b = farm().project("barn", "meat", size=10, earliest_year=2006).scenario("maximise", "meat", whole_projects=True)
    with pytest.raises(QuestionError, match="whole"):
        ledger(*solved(b))
