"""Uncertain figures: probabilities and effects derived on paper, outcomes kept, processes that answer alike."""

import multiprocessing
import threading
from concurrent.futures import ProcessPoolExecutor

import numpy as np
import pytest

from optimizer import Limits, load_scenario
from optimizer.questions import QuestionError
from optimizer.uncertainty import sample
from tests.plan_builder import Builder

WORTH = {"table": "amounts", "activity": "cloth", "vector": "operate", "direction": "adds", "flow": "worth"}
MONEY = {"table": "budget_figures", "budget": "purse", "parameter": "limit"}


def weavers(target: float = 100, standing: str = "required") -> Builder:
    """100 元 of money (80 to 120) build looms at 1 元 a t; cloth is worth 1 元 a t (0.9 to 1.1): z = money · worth."""
    b = Builder(last=2006)
    b.activity("cloth", earliest_build=2006).account("money").account("worth").account("idle")
    b.amount("cloth", "adds", "money", 1, vector="build", low=0.5, high=1.5)
    b.amount("cloth", "adds", "worth", 1, low=0.9, high=1.1)
    b.add("budgets", budget="purse", quantity="money")
    b.add("budget_figures", budget="purse", parameter="limit", value=100, low=80, high=120)
    b.indicator("enough", "level", "worth", ">=", target, standing=standing)
    return b.scenario("maximise", "worth")


def drawn(b: Builder, figures=(MONEY,), **options):
    plan = b.plan()
    return sample(plan, load_scenario(plan), figures, **{"samples": 4, **options})


def test_every_sample_is_its_product():
    found = drawn(weavers(), (MONEY, WORTH)).samples
    money, worth = (found.iloc[:, k].to_numpy() for k in (0, 1))
    assert found["objective"].to_numpy() == pytest.approx(money * worth)
    # A Latin hypercube has one value in each quarter of each range.
    assert sorted(np.floor((money - 80) / 40 * 4).tolist()) == list(range(4))
    assert sorted(np.floor((worth - 0.9) / 0.2 * 4).tolist()) == list(range(4))


@pytest.mark.parametrize("method", ["latin_hypercube", "sobol"])
def test_the_probability_of_a_target(method):
    # Money is uniform from 80 to 120 and stratified in 4 (a Sobol sequence too), so shares of quarters are exact.
    b = weavers(100)
    for name, target in (("more", 110), ("most", 130), ("less", 70)):
        b.indicator(name, "level", "worth", ">=", target, standing="goal")
    found = drawn(b, method=method, seed=7)
    assert (found.targets["samples"] == 4).all()
    assert found.targets.set_index("indicator")["probability"].to_dict() == {
        "enough": 0.5,
        "more": 0.25,
        "most": 0.0,
        "less": 1.0,
    }
    assert found.targets["standing"].tolist() == ["required", "goal", "goal", "goal"]
    assert (found.samples["all_required"] == "yes").mean() == 0.5


def test_effects_are_rank_correlations():
    found = drawn(weavers(standing="monitored"), (MONEY, WORTH))
    assert found.effects["figure"].iloc[0].startswith("budget_figures")  # ±20 % against ±10 %
    ranks = found.samples.iloc[:, [0, 1]].join(found.samples["objective"]).rank()
    pearson = ranks.corr().iloc[:2, 2]  # Spearman's is that of the ranks
    assert sorted(found.effects["rank_correlation"]) == pytest.approx(sorted(pearson))
    assert found.effects["share"].tolist() == pytest.approx((found.effects["rank_correlation"] ** 2).tolist())
    b = weavers().add("background", item="rest", flow="idle", parameter="level", value=1, low=0, high=2)
    nothing = drawn(b, ({"table": "background", "item": "rest", "flow": "idle", "parameter": "level"},), samples=3)
    assert nothing.effects["share"].isna().all()


def test_tornado_solves_again_at_both_ends():
    table = drawn(weavers(), (WORTH, MONEY), samples=1).tornado
    assert table["swing"].tolist() == [pytest.approx(40), pytest.approx(20)]
    assert table[["change_low", "change_high"]].to_numpy().tolist() == [
        [pytest.approx(-20), pytest.approx(20)],
        [pytest.approx(-10), pytest.approx(10)],
    ]


def test_samples_without_a_plan_do_not_lose_the_others():
    # A required demand of 100 t of cloth as a commodity: feasible only where money reaches 100.
    b = weavers().commodity("bale").amount("cloth", "gives", "bale", 1).background("bale", 100)
    found = drawn(b)
    status = found.samples.set_index(found.samples.columns[0])["status"]
    assert all((state == "optimal") == (money >= 100) for money, state in status.items())
    assert status.value_counts().to_dict() == {"optimal": 2, "infeasible": 2}
    assert found.targets["samples"].tolist() == [2]


def test_figures_that_make_no_plan_are_refused_alone():
    # A share of loss above 1 is no loss; the plan's own check says so.
    b = weavers().commodity("bale", "sell").amount("cloth", "gives", "bale", 1)
    b.add("flow_figures", flow="bale", parameter="loss", value=0.5)
    loss = {"table": "flow_figures", "flow": "bale", "parameter": "loss", "low": 0.5, "high": -1.5}
    with pytest.raises(QuestionError, match="not below"):
        drawn(b, (loss,))
    found = drawn(b, ({**loss, "low": -0.5, "high": 0.5},), samples=2)
    assert found.samples["status"].value_counts().to_dict() == {"optimal": 1, "refused": 1}
    assert found.samples.query("status == 'refused'")["problem"].str.len().min() > 0


def test_the_seed_decides():
    cancel = threading.Event()
    cancel.set()  # values are drawn, and nothing is solved
    columns = [
        drawn(weavers(), seed=seed, limits=Limits(cancel=cancel)).samples.iloc[:, 0].tolist() for seed in (1, 1, 2)
    ]
    assert columns[0] == columns[1] != columns[2]


def test_processes_answer_alike():
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as executor:
        theirs = drawn(weavers(), samples=1, executor=executor)
    assert theirs.samples.equals(drawn(weavers(), samples=1).samples)


def test_a_cancelled_question_keeps_what_was_solved():
    cancel, seen = threading.Event(), []

    def progress(step: str) -> None:
        seen.append(step)
        if len(seen) == 6:  # stated, low, high, and two samples before
            cancel.set()

    found = drawn(weavers(), samples=4, limits=Limits(cancel=cancel), progress=progress)
    assert found.samples["status"].tolist() == ["optimal", "optimal", "cancelled", "cancelled"]


def test_questions_without_an_answer():
    figures = (MONEY, MONEY, {**MONEY, "budget": "purs"}, {**MONEY, "low": 120, "high": 80}, {**WORTH, "high": None})
    with pytest.raises(QuestionError) as refused:
        drawn(weavers(), figures, samples=3, method="sobol")
    assert len(refused.value.problems) == 5
    with pytest.raises(QuestionError) as refused:
        drawn(weavers(), (), samples=0, method="halton")
    assert len(refused.value.problems) == 3
