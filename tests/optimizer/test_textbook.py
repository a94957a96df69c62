"""A textbook problem stated as a plan folder, against its own statement as arrays and the book's published optima.

H. P. Williams, Model Building in Mathematical Programming, "Economic planning": three industries; a unit of output in
year t + 1 takes inputs and labour in year t; a unit of capacity effective in year t + 2 takes inputs and labour in year
t; stocks; final demand in every year but year 0; 470 of labour a year. The book's end of the horizon: no capacity after
year 5, and output of year 6 at least that of the static input-output model with the same final demand. The plan states
it as tables: 2006 is year 6, with a build limit of zero and output targets; 2000 is year 0, which makes nothing.
"""

from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import linprog

from model_data import load_plan
from optimizer import load_scenario, solve

PLAN = Path(__file__).parents[1] / "plans" / "dynamic_input_output"

# Rows and columns: coal, steel, transport.
INPUTS = np.array([[0.1, 0.5, 0.4], [0.1, 0.1, 0.2], [0.2, 0.1, 0.2]])  # per unit of output of the next year
CAPACITY_INPUTS = np.array([[0.0, 0.7, 0.9], [0.1, 0.1, 0.2], [0.2, 0.1, 0.2]])  # per unit effective in two years
LABOUR, CAPACITY_LABOUR = np.array([0.6, 0.3, 0.2]), np.array([0.4, 0.2, 0.1])
STOCK, CAPACITY, DEMAND = np.array([150, 80, 100]), np.array([300, 350, 280]), np.array([60, 60, 30])
MOST_LABOUR = 470
YEARS = 9  # 0 to 8: years 7 and 8 hold nothing and only keep the indices t + 1 and t + 2 legal
OUTPUT, NEW, STORED = range(3)


def at(kind: int, year: int) -> slice:
    """Where the three industries' variables of a kind and year stand."""
    return slice((kind * YEARS + year) * 3, (kind * YEARS + year) * 3 + 3)


def bounds(demand: np.ndarray) -> np.ndarray:
    low, high = np.zeros(9 * YEARS), np.full(9 * YEARS, np.inf)
    high[at(OUTPUT, 0)] = 0
    for year in (7, 8):
        high[at(OUTPUT, year)] = 0
    for year in (0, 1, 6, 7, 8):
        high[at(NEW, year)] = 0
    low[at(OUTPUT, 6)] = np.linalg.solve(np.eye(3) - INPUTS, demand)
    return np.column_stack([low, high])


def balances(demand: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Year t: inputs of t + 1, of capacity for t + 2, and the stock kept <= output + stock - demand."""
    rows, sides = np.zeros((6, 3, 9 * YEARS)), np.zeros((6, 3))
    for year in range(6):
        rows[year][:, at(OUTPUT, year)] = -np.eye(3)
        rows[year][:, at(STORED, year)] = np.eye(3)
        rows[year][:, at(OUTPUT, year + 1)] += INPUTS
        rows[year][:, at(NEW, year + 2)] += CAPACITY_INPUTS
        if year:
            rows[year][:, at(STORED, year - 1)] = -np.eye(3)
        sides[year] = -demand if year else STOCK
    return rows.reshape(18, -1), sides.ravel()


def capacities() -> tuple[np.ndarray, np.ndarray]:
    """Output of year t <= capacity of the start + all that became effective until t."""
    rows = np.zeros((6, 3, 9 * YEARS))
    for year in range(1, 7):
        rows[year - 1][:, at(OUTPUT, year)] = np.eye(3)
        for effective in range(2, year + 1):
            rows[year - 1][:, at(NEW, effective)] = -np.eye(3)
    return rows.reshape(18, -1), np.tile(CAPACITY, 6)


def labour() -> np.ndarray:
    rows = np.zeros((6, 9 * YEARS))
    for year in range(6):
        rows[year, at(OUTPUT, year + 1)] = LABOUR
        rows[year, at(NEW, year + 2)] = CAPACITY_LABOUR
    return rows


def optimum(objective: np.ndarray, *, demand: np.ndarray = DEMAND, limited: bool = True) -> float:
    parts = [balances(demand), capacities()]
    if limited:
        parts.append((labour(), np.full(6, MOST_LABOUR)))
    rows, sides = (np.concatenate(both) for both in zip(*parts, strict=True))
    result = linprog(-objective, A_ub=rows, b_ub=sides, bounds=bounds(demand), method="highs")
    assert result.status == 0
    return -result.fun


def most_capacity() -> float:
    objective = np.zeros(9 * YEARS)
    for year in range(2, 6):
        objective[at(NEW, year)] = 1
    return CAPACITY.sum() + optimum(objective)


def most_production() -> float:
    objective = np.zeros(9 * YEARS)
    for year in (4, 5):
        objective[at(OUTPUT, year)] = 1
    return optimum(objective, demand=np.zeros(3))


def most_manpower() -> float:
    return optimum(labour()[1:].sum(axis=0), limited=False)


@pytest.mark.parametrize(
    ("scenario", "independent", "published"),
    [
        ("most_capacity", most_capacity, 2142),
        ("most_production", most_production, 2619),
        ("most_manpower", most_manpower, 2450),
    ],
)
def test_the_plan_gives_what_the_book_gives(scenario, independent, published):
    plan = load_plan(PLAN)
    answer = solve(plan, load_scenario(plan, scenario))
    assert answer.status == "optimal"
    assert answer.objective == pytest.approx(independent(), rel=1e-9)
    assert round(answer.objective) == published
