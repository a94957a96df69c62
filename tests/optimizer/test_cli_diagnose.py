"""planopt diagnose: conflicts, repairs and ranges in words and as JSON, derived on paper."""

import csv
import math
import shlex

import pytest

from model_data import default_plan_path, load_plan, save_plan
from optimizer import load_scenario
from optimizer.diagnosis import diagnose
from optimizer.diagnosis.evidence import Evidence
from optimizer.words.diagnosis import diagnosis_report
from optimizer.words.language import Language
from optimizer.words.names import amount, number, percent, rounded
from optimizer.words.repairs import Changes
from tests.house.source import ROOT
from tests.optimizer.test_cli import TINY, document, planopt
from tests.plan_builder import Builder


def shop(**budget) -> Builder:
    """80 are asked and 50 can be paid; 100 could be made."""
    b = Builder(last=2006).activity("shop", base_capacity=100, base_output=10).account("outlay")
    b.amount("shop", "adds", "outlay", 1).quantity("made", measure="output", activity="shop")
    b.scenario("maximise", "made").budget("all", "outlay", **(budget or {"limit": {2006: 50}}))
    return b.indicator("goods", "level", "made", ">=", 80, name_zh="产品", name_en="Goods")


@pytest.fixture(scope="module")
def poor(tmp_path_factory):
    path = tmp_path_factory.mktemp("plans") / "poor"
    save_plan(shop().plan(), path)
    return path


@pytest.fixture(scope="module")
def rich(tmp_path_factory):
    """90 can be paid: goods can be 0 to 90."""
    path = tmp_path_factory.mktemp("plans") / "rich"
    save_plan(shop(limit={2006: 90}).plan(), path)
    return path


# ------------------------------------------------------------------ exit codes and errors
@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ([], 0),
        (["--budget", "investment=-60"], 4),
        (["--budget", "investment=-60", "--weight", "growth=2"], 4),
        (["--budget", "investment=-60", "--untouchable", "budget"], 4),
        (["--budget", "investment=-60", "--untouchable", "budget", "--untouchable", "indicator"], 3),
        (["--weight", "growth=0"], 3),
        (["--weight", "growth=much"], 2),
        (["--weight", "growth"], 2),
        (["--untouchable", "growth:soon"], 2),
        (["--foresight", "myopic"], 3),
        (["--time-limit", "0"], 5),
    ],
)
def test_exit_codes(arguments, code):
    done = planopt("diagnose", TINY, *arguments)
    assert done.exit_code == code
    assert "Traceback" not in done.output


def test_near_misses_are_named_all_at_once():
    error, code = document("diagnose", TINY, "--weight", "grwth=2", "--untouchable", "investmnt")
    assert code == 3
    said = [problem["message"] for problem in error["error"]["problems"]]
    assert "did you mean 'growth'?" in said[0]
    assert "did you mean 'investment'?" in said[1]


# ------------------------------------------------------------------ documents
def test_document_on_paper(poor):
    found, code = document("diagnose", poor)
    assert (code, found["status"], found["feasible"], found["ranges"]) == (4, "infeasible", False, [])
    (conflict,) = found["conflicts"]
    assert not conflict["structural"]
    assert {one["labels"][0][0] for one in conflict["requirements"]} == {"budget_year", "indicator"}
    assert all(one["grade"] == "D" and one["figures"] for one in conflict["requirements"])
    assert {way["name"]: way["after"] for way in conflict["ways"]} == pytest.approx({"goods": 50, "all": 80})
    assert [repair["kinds"] for repair in found["menu"]] == [["least_change", "fewest", "alone"], ["alone"]]
    goods, money = found["menu"]
    assert (goods["total"], money["total"]) == pytest.approx((30 / 80, 30 / 50))
    assert goods["objective"]["value"] == pytest.approx(50)
    assert money["objective"]["value"] == pytest.approx(80)
    assert all(repair["status"] == "optimal" and repair["certificate"]["holds"] for repair in found["menu"])
    assert goods["settings"] == {"indicators": {"goods": {"target": pytest.approx(50)}}}
    (reached,) = [row for row in money["indicators"] if row["indicator"] == "goods"]
    assert reached["reached"] == pytest.approx(80)


def test_weights_and_the_untouchable_are_heeded(poor):
    dear = document("diagnose", poor, "--weight", "goods=2")[0]["menu"][0]
    assert [change["name"] for change in dear["changes"]] == ["all"]
    kept = document("diagnose", poor, "--untouchable", "indicator")[0]
    assert {change["kind"] for repair in kept["menu"] for change in repair["changes"]} == {"budget"}
    by_year = document("diagnose", poor, "--untouchable", "goods", "--budgets-by-year")[0]
    assert {change["year"] for repair in by_year["menu"] for change in repair["changes"]} == {2006}
    assert by_year["menu"][0]["changes"][0]["option"] == ""  # no option of solve says it; settings do


def test_ranges_on_paper(rich):
    found, code = document("diagnose", rich)
    assert (code, found["feasible"], found["conflicts"], found["menu"]) == (0, True, [], [])
    (row,) = found["ranges"]
    assert (row["lowest"], row["highest"], row["attainable"]) == pytest.approx((0, 90, 90))


# ------------------------------------------------------------------ words
def test_words_on_paper(poor):
    told = planopt("diagnose", poor).output
    assert "The requirements cannot all be met: there is one contradiction." in told
    assert "Contradiction 1: these 2 cannot all be met" in told
    assert "80 t → 50 t (-37.5%)" in told
    assert "in all 50 元 → 80 元 (+60%)" in told
    assert "1. least total change, fewest changes, one alone: 37.5%" in told
    assert "2 combinations of 1 are as few" in told
    chinese = planopt("diagnose", poor, "--lang", "zh").output
    assert "全部要求不能同时满足：有一处矛盾。" in chinese
    assert "矛盾1：下列2项要求不能同时满足" in chinese
    assert "1. 总改动最小, 改动项数最少, 单独一项: 37.5%" in chinese


def test_a_requirement_that_cannot_be_met_by_itself(poor):
    told = planopt("diagnose", poor, "--target", "goods=120").output
    assert "Contradiction 1: this cannot be met by itself" in told
    assert "120 t → 100 t (-16.7%)" in told  # capacity; money is another matter
    assert "Contradiction 2" not in told  # goods stand in one contradiction only: it is all the same target


def test_ranges_in_words(rich):
    told = planopt("diagnose", rich).output
    assert "All requirements can be met together." in told
    (line,) = [line for line in told.splitlines() if line.startswith("Goods")]
    assert line.split() == ["Goods", "required", "≥", "80", "t", "90", "t", "0", "90", "t"]
    assert "产品" in planopt("diagnose", rich, "--lang", "zh").output


def test_monitored_targets_only_on_demand(rich):
    few = planopt("diagnose", rich, "--standing", "goods=monitored").output
    assert "1 more that are only monitored" in few
    assert "Goods" in planopt("diagnose", rich, "--standing", "goods=monitored", "--all").output


def test_data_without_repair():
    # Capacity below zero: no change of targets or budgets helps, and the words say what contradicts itself.
    b = Builder().activity("mine", base_capacity=3, retirement={2007: 4}).quantity("made", measure="output")
    plan = b.scenario("maximise", "made").indicator("aim", "level", "made", "<=", 5).plan()
    report = diagnosis_report(diagnose(plan, load_scenario(plan)), Language.EN)
    assert report.headline[-1] == "No change of targets, budgets or commitments helps: check the data."
    assert "check the data" in report.sections[0].title
    assert report.sections[0].rows


@pytest.mark.parametrize("value", [11.669307, 68.836901, 6.328094, 25046.1079, 470.6068, 0.012345, -40.04, 3.0, 1e-5])
def test_rounding_keeps_to_its_side_and_prints_as_it_is(value):
    low, high = rounded(value, up=False), rounded(value, up=True)
    assert low <= value <= high
    assert number(low) == number(float(number(low).replace(",", "")))
    assert high - low <= 1.0
    assert high - low <= 0.02 * abs(value)
    assert math.isinf(rounded(math.inf, up=True))


# ------------------------------------------------------------------ the shipped plan
@pytest.fixture(scope="module")
def as_written():
    plan = load_plan(default_plan_path())
    return diagnose(plan, load_scenario(plan, "plan_as_written"))


def test_printed_options_repair_the_plan(as_written):
    # What is printed is rounded; typed in again it gives an answer, and short of it by what rounding took, none.
    worded = Changes(as_written, Language.EN)
    for repair in as_written.menu[:2]:
        options = [word for change in repair.changes for word in shlex.split(worded.option(change))]
        assert len(options) == 2 * len(repair.changes)
        assert planopt("solve", "--scenario", "plan_as_written", *options).exit_code == 0
    assert planopt("solve", "--scenario", "plan_as_written", *options[:-2]).exit_code == 4


def test_every_conflict_of_the_shipped_plan_is_told(as_written):
    for language in Language:
        report = diagnosis_report(as_written, language)
        conflicts = report.sections[: len(as_written.conflicts)]
        assert len(report.sections) == len(as_written.conflicts) + 2
        told = "\n".join(row[0] for section in conflicts for row in section.rows)
        for conflict in as_written.conflicts:
            for label in conflict.rows:
                table = {"indicator": "indicators", "project_once": "projects"}.get(label[0], "budgets")
                names = as_written.instance.plan.table(table).set_index(table[:-1])
                assert names.loc[label[1], f"name_{language}"] in told
        assert all(row[1] in "ABCD—" for section in conflicts for row in section.rows)


@pytest.mark.parametrize("page", ["guide.en.md", "guide.zh-CN.md"])
def test_the_guide_says_what_comes_out(as_written, page):
    # What resolves the first three contradictions, both repairs, and what can be asked of four targets.
    text, worded = (ROOT / "docs" / page).read_text(encoding="utf-8"), Changes(as_written, Language.EN)
    ways = [worded.way(change) for own in as_written.ways[:3] for change in own]
    assert len(ways) == 5
    assert all(way.rpartition(" (")[0] in text for way in ways)
    for repair in as_written.menu[:2]:
        assert percent(repair.total) in text or repair.kind == "fewest"
        assert all(worded.after(change) in text for change in repair.changes)
    plan = as_written.instance.plan
    ranges = diagnose(plan, load_scenario(plan)).ranges.drop_duplicates("indicator").set_index("indicator")
    for name in ("energy_intensity", "gdp_growth", "industry_growth", "fiscal_level"):
        row = ranges.loc[name]
        assert amount(rounded(row["attainable"], up=row["sense"] == "<="), row["stated_unit"]) in text


def cells(table: str) -> list[dict]:
    with (default_plan_path() / f"{table}.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_evidence_is_what_the_tables_say(as_written):
    evidence = Evidence(as_written.instance)
    budgets = [row for row in cells("budget_figures") if row["budget"] in ("modelled_investment", "fixed_investment")]
    found = evidence.figures(("budget_year", "modelled_investment", 2008))
    assert sorted(figure.value for figure in found) == sorted(float(row["value"]) for row in budgets)
    assert evidence.worst_grade([("budget_year", "modelled_investment", 2008)]) == max(row["grade"] for row in budgets)
    # A level in money of the year: its figure, and the price index of that year.
    (level,) = [
        r for r in cells("indicator_figures") if r["indicator"] == "fiscal_level" and r["parameter"] == "target"
    ]
    (declared,) = [row for row in cells("indicators") if row["indicator"] == "fiscal_level"]
    (index,) = [r for r in cells("indices") if (r["index"], r["year"]) == (declared["deflator"], "2010")]
    stated = {figure.value for figure in evidence.figures(("indicator", "fiscal_level", 2010))}
    assert stated == {float(level["value"]), float(index["value"])}
    # A change rests on the base year too.
    growth = evidence.figures(("indicator", "industry_growth", 2010))
    assert {"indicator_figures", "activity_figures", "amounts"} <= {figure.table for figure in growth}
    project = evidence.figures(("project_once", "p02_xishangzhuang_mine"))
    assert {(figure.table, figure.key.get("parameter")) for figure in project} == {
        ("project_figures", "size"), ("project_amounts", None),
    }  # fmt: skip
    assert evidence.figures(("output_limit", "x", "y", 2008)) == ()


def test_what_the_scenario_states_is_no_figure_of_the_plan():
    plan = load_plan(default_plan_path())
    changes = {"indicators": {"fiscal_level": {"target": 70}}, "budgets": {"modelled_investment": {"total": 400}}}
    evidence = Evidence(diagnose(plan, load_scenario(plan, None, changes), ranges=False).instance)
    assert {f.table for f in evidence.figures(("indicator", "fiscal_level", 2010))} == {"indices"}
    assert evidence.figures(("budget_year", "modelled_investment", 2008)) == ()
