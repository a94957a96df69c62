"""A limit of time is for a question as a whole, however many programs it takes: by a clock that jumps at every look."""

from itertools import count
from pathlib import Path
from types import SimpleNamespace

import pytest

from model_data import load_plan
from optimizer import Status, compare, load_scenario, runs, solve
from optimizer.alternatives import alternatives
from optimizer.assumptions import ledger
from optimizer.commands import question
from optimizer.evaluation import evaluate
from optimizer.questions import UnfinishedError
from optimizer.solver import Limits
from optimizer.uncertainty import sample
from tests.optimizer.test_comparison import DEARER, DEMANDING, RICHER, weavers
from tests.specimen import specimen

LIMITS = Limits(seconds=5.0)
TINY = load_plan(Path(__file__).parents[1] / "plans" / "tiny")


@pytest.fixture
def hurried(monkeypatch):
    """From here on a second passes between two looks at the clock."""

    def hurry():
        seconds = count()
        monkeypatch.setattr(runs, "time", SimpleNamespace(monotonic=lambda: float(next(seconds))))
        return seconds

    return hurry


def test_ranges_of_investment(hurried):
    answer = specimen().solve()
    whole = alternatives(answer.instance, answer.solution)
    assert 2 * len(whole.ranges) > LIMITS.seconds
    hurried()
    with pytest.raises(UnfinishedError) as cut:
        alternatives(answer.instance, answer.solution, limits=LIMITS)
    assert cut.value.status is Status.TIME_LIMIT


def test_parts_of_a_comparison(hurried):
    first, second = weavers().solve(), weavers().solve(changes=DEARER | RICHER | DEMANDING)
    assert (compare(first, second).parts["note"] == "").all()
    hurried()
    parts = compare(first, second, limits=Limits(seconds=1.0)).parts
    assert parts["note"].str.contains("time limit").any()
    assert parts["effect"].sum() == pytest.approx(second.objective - first.objective)  # what is not told apart is told


def test_figures_that_are_tried(hurried):
    answer = solve(TINY, load_scenario(TINY))
    assert ledger(answer.instance, answer.solution, solve_again=4).figures["true_low"].notna().sum() == 2
    hurried()
    with pytest.raises(UnfinishedError):
        ledger(answer.instance, answer.solution, solve_again=4, limits=Limits(seconds=2.5))


def test_an_evaluation_and_its_delays(hurried):
    plan = specimen().plan()
    asked = (plan, load_scenario(plan), 2006)
    late = {"shaft": None, "kiln": None}
    whole = evaluate(*asked, starts=late)
    assert (whole.answer.status, len(whole.delays)) == (Status.OPTIMAL, 3)
    hurried()
    assert evaluate(*asked, starts=late, limits=Limits(seconds=0.5)).answer.status is Status.TIME_LIMIT
    looks = hurried()
    evaluate(*asked, starts=late, limits=Limits(seconds=1e6))
    enough = next(looks)
    hurried()
    cut = evaluate(*asked, starts=late, limits=Limits(seconds=enough - 1.5))
    assert cut.answer.status is Status.OPTIMAL
    assert cut.delays["cost"].isna().tolist() == [False, False, True]


def test_samples_that_are_left(hurried):
    plan = specimen().plan()
    figures = [{"table": "amounts", "activity": "smelter", "vector": "operate", "flow": "income", "direction": "adds",
                "low": 2, "high": 4}]  # fmt: skip
    hurried()
    found = sample(plan, load_scenario(plan), figures, samples=8, limits=Limits(seconds=8.0))
    statuses = found.samples["status"].tolist()
    assert statuses == sorted(statuses)  # optimal, then time_limit
    assert set(statuses) == {"optimal", "time_limit"}
    assert found.targets["samples"].max() == statuses.count("optimal")  # shares are of those that were solved


def test_the_answer_itself_when_time_is_up():
    assert solve(TINY, load_scenario(TINY), Limits(seconds=0.0)).status is Status.TIME_LIMIT


def test_a_command_has_one_limit_for_all_that_it_solves(monkeypatch):
    seconds = count()
    monkeypatch.setattr(question, "time", SimpleNamespace(monotonic=lambda: float(next(seconds))))
    asked = question.Question(time_limit=2.5)
    assert [asked.seconds for _ in range(4)] == [1.5, 0.5, 0.0, 0.0]
    assert question.Question().seconds is None
