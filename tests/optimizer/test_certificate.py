"""The certificate: holds for optima, breaks for everything else, and no answer is called optimal without it."""

from dataclasses import replace

import numpy as np
import pytest
import scipy.sparse as sp

from optimizer import LinearProgram, Status, solve_program
from optimizer.certificate import Certificate, certify, integrality
from optimizer.program import Stage
from optimizer.solver import Session
from tests.optimizer.random_programs import program
from tests.plan_builder import Builder
from tests.specimen import specimen


def paper() -> tuple[LinearProgram, np.ndarray, np.ndarray]:
    """max 3a + 2b: a + b <= 4, a <= 3 (a bound), b <= 5. Optimum a = 3, b = 1: 11; the row is worth 2."""
    program = LinearProgram(
        stages=(Stage("value", np.array([-3.0, -2.0]), 0.0, -1.0),),
        matrix=sp.csc_array(np.array([[1.0, 1.0]])),
        row_lower=np.array([-np.inf]),
        row_upper=np.array([4.0]),
        column_lower=np.zeros(2),
        column_upper=np.array([3.0, 5.0]),
        integer=np.zeros(2, dtype=bool),
        rows=(("both",),),
        columns=(("a",), ("b",)),
    )
    return program, np.array([3.0, 1.0]), np.array([-2.0])


def of(x: object, y: object) -> Certificate:
    program, _, _ = paper()
    return certify(program, program.stages[0], np.array(x, dtype=float), np.array(y, dtype=float))


def test_the_optimum_on_paper_holds():
    program, x, y = paper()
    certificate = certify(program, program.stages[0], x, y)
    assert certificate.holds
    assert certificate == Certificate(0.0, 0.0, 0.0, 0.0)


@pytest.mark.parametrize(
    ("x", "y", "what"),
    [
        ([3.0, 1.001], [-2.0], "primal_violation"),  # the row is exceeded
        ([3.1, 0.9], [-2.0], "primal_violation"),  # the bound of a is exceeded
        ([3.0, -1.0], [-2.0], "primal_violation"),  # b is negative
        ([3.0, 1.0], [2.0], "dual_violation"),  # wrong sign: the row has no lower bound to rest on
        ([3.0, 0.5], [-2.0], "complementarity"),  # the row has a price and room
        ([2.0, 2.0], [-2.0], "gap"),  # feasible, not optimal
        ([3.0, 1.0], [-2.001], "gap"),  # another price
        ([3.0, 1.0], [0.0], "complementarity"),
    ],
)
def test_what_is_wrong_is_found(x, y, what):
    certificate = of(x, y)
    assert not certificate.holds
    assert getattr(certificate, what) > 1e-7


@pytest.mark.parametrize(
    ("measured", "proves"),
    [
        ({"primal_violation": 1.1e-7}, False),
        ({"dual_violation": 1.1e-7}, False),
        ({"integrality": 1.1e-7}, False),
        ({"complementarity": 1.1e-7}, True),  # how near the optimum is, not whether there is a plan and a bound
        ({"gap": 1.1e-8}, True),
    ],
)
def test_each_measure_alone_breaks_it(measured, proves):
    fine = Certificate(1e-7, 1e-7, 1e-7, 1e-8, 1e-7)
    assert fine.holds
    assert fine.proves
    assert not replace(fine, **measured).holds
    assert replace(fine, **measured).proves is proves


def test_not_a_number_never_holds():
    assert not of([np.nan, 1.0], [-2.0]).holds
    assert not of([3.0, 1.0], [np.nan]).holds


@pytest.fixture(scope="module")
def solved():
    return solve_program(specimen().program())


def test_the_specimen_s_certificate_holds(solved):
    assert solved.status is Status.OPTIMAL
    assert solved.certificate.holds


@pytest.mark.parametrize("name", ["x", "y"])
@pytest.mark.parametrize("size", [1e-1, 1e-3, 1e-5])
def test_perturbed_points_and_prices_break_it(solved, name, size):
    # Optimal points and prices fill no more than a face: a step into a random direction leaves it.
    random = np.random.default_rng(20061010)
    for _ in range(50):
        moved = {"x": solved.x.copy(), "y": solved.y.copy()}
        moved[name] += size * random.normal(size=len(moved[name]))
        assert not certify(solved.program, solved.program.stages[-1], **moved).holds


def test_every_price_counts():
    # Without any one of the prices the rest proves nothing where prices are unique: random numbers have no ties.
    random = np.random.default_rng(20061010)
    priced = 0
    for _ in range(20):
        matrix, most, costs = random.random((8, 12)), random.random(8) + 1.0, -random.random(12)
        lp = program(matrix, np.full(8, -np.inf), most, costs)
        solved = solve_program(lp)
        assert solved.certificate.holds
        for row in np.flatnonzero(np.abs(solved.y) > 1e-6):
            y, priced = solved.y.copy(), priced + 1
            y[row] = 0.0
            assert not certify(lp, lp.stages[0], solved.x, y).holds
    assert priced > 20


def test_integrality_is_the_distance_from_whole_numbers():
    program, _, _ = paper()
    whole = replace(program, integer=np.array([True, False]))
    assert integrality(whole, np.array([2.75, 0.5])) == pytest.approx(0.25)
    assert integrality(program, np.array([2.75, 0.5])) == 0.0
    assert not Certificate(0.0, 0.0, 0.0, 0.0, integrality=0.25).holds


def lumpy() -> LinearProgram:
    b = Builder(last=2006).activity("mine").quantity("made", measure="output").account("money")
    b.amount("mine", "adds", "money", 1, vector="build").budget("all", "money", limit=12)
    b.project("one", "mine", size=7, earliest_year=2006).project("two", "mine", size=8, earliest_year=2006)
    return b.scenario("maximise", "made", whole_projects=True).program()


def falsified(monkeypatch, **change) -> None:
    """The solver's word, changed after each run."""
    run = Session.run

    def lie(self, limits=None):
        result = run(self, limits)
        told = {k: alter(getattr(result, k)) for k, alter in change.items() if getattr(result, k) is not None}
        return replace(result, **told)

    monkeypatch.setattr(Session, "run", lie)


@pytest.mark.parametrize(
    "change",
    [
        {"x": lambda x: x * 1.001},
        {"x": lambda x: x - 0.01},
        {"y": lambda y: y * 1.001},
        {"y": lambda y: -y},
        {"y": lambda _: None},
    ],
)
@pytest.mark.parametrize("program", [lambda: paper()[0], lambda: specimen().program(), lumpy])
def test_a_lying_solver_is_never_called_optimal(monkeypatch, change, program):
    made = program()
    falsified(monkeypatch, **change)
    assert solve_program(made).status is not Status.OPTIMAL


def test_a_solver_that_calls_half_a_project_whole_is_found_out(monkeypatch):
    program = lumpy()
    half = np.where(program.integer, 0.5, 0.0)
    falsified(monkeypatch, x=lambda x: np.where(half > 0, half, x))
    assert solve_program(program).status is Status.UNCERTIFIED


def test_a_point_that_lost_digits_is_computed_anew_from_its_basis(monkeypatch):
    """HiGHS tells no violation where undoing what presolving did loses digits; the basis is right."""
    program, points, run = specimen().program(), [], Session.run

    def once(self, limits=None):
        result = run(self, limits)
        points.append(result.x)
        return replace(result, x=result.x + 1e-6) if len(points) == 1 else result

    monkeypatch.setattr(Session, "run", once)
    found = solve_program(program)
    assert found.status is Status.OPTIMAL
    assert found.certificate.primal_violation < 1e-12
    assert len(points) == 1 + len(program.stages)
