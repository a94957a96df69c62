"""Comparison, evaluation, published plan and samples on the command line."""

import json

import pytest

from model_data import load_plan, save_plan
from optimizer import load_scenario, solve
from tests.optimizer.test_cli import TINY, document, planopt
from tests.plan_builder import Builder


@pytest.fixture(scope="module")
def farm(tmp_path_factory):
    """Feed of 100 t a year; a t of meat takes 4 t of it (3 to 5), and loses 2 t of hay (1 to 2.5) nobody needs."""
    b = Builder().activity("meat", base_capacity=60, utilisation=0.9).commodity("feed", "buy", buy_limit=100)
    b.amount("meat", "uses", "feed", 4, low=3, high=5, grade="C").quantity("meat", measure="output")
    b.indicator("enough", "level", "meat", ">=", 30, years="2007", standing="goal")
    path = tmp_path_factory.mktemp("plans") / "farm"
    save_plan(b.scenario("maximise", "meat").plan(), path)
    return path


@pytest.fixture
def csv(tmp_path):
    def written(text: str):
        path = tmp_path / "actuals.csv"
        path.write_text(text, encoding="utf-8")
        return path

    return written


def optimum(name, **changes):
    plan = load_plan(TINY)
    return solve(plan, load_scenario(plan, name, changes)).objective


# ------------------------------------------------------------------ comparison
@pytest.mark.parametrize("arguments", [["less_money"], ["--budget", "investment=-10"]])
def test_a_difference_is_that_of_the_two_answers(arguments):
    found, code = document("compare", "most_value", *arguments, "--plan", TINY)
    less = optimum("less_money") if arguments[0] == "less_money" else optimum(
        "most_value", budgets={"investment": {"factor": 0.9}}
    )  # fmt: skip
    assert code == 0
    assert found["before"]["objective"] == pytest.approx(optimum("most_value"))
    assert found["objective"] == pytest.approx(less)
    assert found["difference"] == pytest.approx(less - optimum("most_value"))
    assert sum(part["effect"] for part in found["parts"]) == pytest.approx(found["difference"])
    assert found["goals"] == {"before": 0, "after": 0}
    assert {"quantities", "indicators", "investment", "projects"} <= found.keys()


def test_an_answer_that_does_not_exist_is_compared_and_said():
    found, code = document("compare", "most_value", "--budget", "investment=-100", "--plan", TINY)
    assert (found["difference"], found["status"], code) == (None, "infeasible", 4)
    assert (
        "nothing is attributed"
        in planopt("compare", "most_value", "--budget", "investment=-100", "--plan", TINY).stdout
    )


# ------------------------------------------------------------------ evaluation
def test_actuals_from_a_file_and_a_delay(csv):
    solved = solve(load_plan(TINY), load_scenario(load_plan(TINY)))
    value = solved.quantities.query("quantity == 'value_added' and year == 2006")["value"].iloc[0]
    file = csv(f"quantity,year,value,unit\nvalue_added,2006,{value * 1e4},万元\nenergy,2006,,\n")
    found, code = document("evaluate", TINY, "--through", 2006, "--actuals", file, "--earliest", "new_factory=2008")
    assert code == 0
    assert [(row["name"], row["deviation"]) for row in found["deviations"]] == [("value_added", 0)]
    late = optimum("most_value", projects={"new_factory": {"earliest_year": 2008}})
    assert found["objective"] == pytest.approx(late)
    assert found["original"]["objective"] == pytest.approx(solved.objective)
    assert [row["cost"] for row in found["delays"]] == [pytest.approx(solved.objective - late)]
    assert found["required"] == ["energy_intensity", "growth"]


def test_an_evaluation_in_words(csv):
    file = csv("quantity,year,value\nvalue_added,2006,1000\n")
    said = planopt("evaluate", TINY, "--through", 2006, "--actuals", file, "--earliest", "new_factory=2009").stdout
    assert "No plan of the model follows all of it" in said
    assert "What delays cost" in said
    assert "New factory" in said
    said = planopt("evaluate", TINY, "--through", 2005, "--lang", "zh").stdout
    assert "尚无已过年份" in said
    assert "没有：必须和力争的指标都能达到" in said
    assert "Nothing is known of the years to 2007" in planopt("evaluate", TINY, "--through", 2007).stdout


# ------------------------------------------------------------------ published plan
def test_a_published_plan_and_what_it_costs():
    stated = ["published", TINY, "--commit", "new_factory=2008"]
    found, code = document(*stated)
    best = optimum("most_value")
    committed = optimum("most_value", projects={"new_factory": {"committed_year": 2008}})
    assert code == 0
    assert found["optimum"]["objective"] == pytest.approx(best)
    assert found["nearest"]["objective"] == pytest.approx(committed)
    row = found["decisions"][0]
    assert (row["name"], row["published"], row["cost"], row["gain"]) == (
        "new_factory",
        2008,
        pytest.approx(best - committed),
        pytest.approx(best - committed),
    )
    assert found["violations"] == found["given_up"] == found["blocked"] == []
    assert "The plan can be carried out as published." in planopt(*stated).stdout


def test_what_a_published_plan_violates_in_words():
    # With a tenth of the money the factory cannot be paid; neither is any target asked then.
    stated = ["published", TINY, "--commit", "new_factory=2008", "--budget", "investment=-90"]
    stated += ["--standing", "growth=monitored", "--standing", "energy_intensity=monitored"]
    said = planopt(*stated, "--lang", "zh").stdout
    assert "各项目按规划建设时，至少要违反什么" in said
    assert "不按此年建设" in said
    found = document(*stated)[0]
    assert {row["kind"] for row in found["violations"]} == {"budget"}
    assert [row["name"] for row in found["given_up"]] == ["new_factory"]


# ------------------------------------------------------------------ samples
def test_samples_of_the_weightiest_figure(farm):
    found, code = document("sample", farm, "--samples", 2, "--within", "C", "--seed", 3)
    assert code == 0
    assert [one["low"] for one in found["figures"]] == [3]
    name = found["figures"][0]["name"]
    meat = [min(100 / row[name], 54) for row in found["samples"]]
    assert [row["objective"] for row in found["samples"]] == pytest.approx([2 * one for one in meat])
    assert found["tornado"][0]["swing"] == pytest.approx(2 * (100 / 3 - 100 / 5))
    assert found["targets"][0]["probability"] == sum(one >= 30 for one in meat) / 2


def test_samples_in_words(farm):
    said = planopt("sample", farm, "--samples", 1, "--method", "sobol", "--lang", "zh").stdout
    assert "抽样1次" in said
    assert "各指标成立的频率" in said
    assert "3.00 … 4.00 … 5.00" in said


# ------------------------------------------------------------------ exit codes and errors
@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["compare"], 2),
        (["compare", "most_value", "--scenario", "x"], 2),
        (["compare", "most_valu", "--plan", TINY], 3),
        (["compare", "most_value", "less_money", "--plan", TINY, "--time-limit", "0"], 5),
        (["evaluate", TINY], 2),
        (["evaluate", TINY, "--through", "1999"], 3),
        (["evaluate", TINY, "--through", "2006", "--actuals", "none.csv"], 2),
        (["evaluate", TINY, "--through", "2006", "--earliest", "new_factry=2008"], 3),
        (["published", TINY, "--foresight", "myopic"], 3),
        (["published", TINY, "--against", "most_valu"], 3),
        (["published", TINY, "--budget", "investment=-100", "--time-limit", "0"], 5),
        (["sample", TINY, "--within", "A"], 3),
        (["sample", TINY, "--within", "amonts"], 3),
        (["sample", TINY, "--samples", "0"], 2),
        (["sample", TINY, "--method", "halton"], 2),
        (["sample", TINY, "--budget", "investment=-100"], 4),
    ],
)
def test_exit_codes(arguments, code):
    done = planopt(*arguments)
    assert done.exit_code == code
    assert "Traceback" not in done.output


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "empty"),
        ("quantity,value\nvalue_added,1\n", "'year' is missing"),
        ("quantity,year,value\nvalue_aded,2006,1\n", "did you mean 'value_added'?"),
        ("quantity,year,value\nvalue_added,2006,much\n", "no number"),
        ('quantity,year,value\n"value_added,2006,1\n', "cannot be read"),
    ],
)
def test_actuals_that_cannot_be_read_say_why(csv, content, said):
    done = planopt("evaluate", TINY, "--through", 2006, "--actuals", csv(content), "--json")
    assert done.exit_code == 3
    assert said in " ".join(problem["message"] for problem in json.loads(done.stdout)["error"]["problems"])
