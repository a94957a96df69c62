"""The command line: exit codes, JSON, languages, changes of a scenario, errors with remedies."""

import json
import os
import shutil
import signal
import subprocess
import sys
from dataclasses import replace

import pytest
from typer.testing import CliRunner

from model_data import load_plan, save_plan
from model_data.schema import TABLE
from optimizer import TABLES, Status, load_scenario, solve
from optimizer.cli import app
from optimizer.commands import running
from optimizer.commands.exit_codes import ExitCode, exit_code
from optimizer.equations import EQUATIONS
from tests.house.source import ROOT

TINY = ROOT / "tests" / "plans" / "tiny"
DYNAMIC = ROOT / "tests" / "plans" / "dynamic_input_output"
LIMIT = {"table": "budget_figures", "budget": "investment", "parameter": "limit"}


def planopt(*arguments, **environment):
    return CliRunner().invoke(app, [str(a) for a in arguments], env={"PLANOPT_LANG": "en", **environment})


def document(*arguments):
    done = planopt(*arguments, "--json")
    return json.loads(done.stdout, parse_constant=pytest.fail), done.exit_code


@pytest.fixture(scope="module")
def tiny():
    return load_plan(TINY)


def optimum(plan, name=None, **changes):
    return solve(plan, load_scenario(plan, name, changes)).objective


# ------------------------------------------------------------------ ways of solving
def test_the_way_of_solving_can_be_chosen():
    (whole, _), (blocks, code) = (document("solve", TINY, "--method", way) for way in ("whole", "blocks"))
    assert code == ExitCode.ANSWER
    assert blocks["objective"]["value"] == pytest.approx(whole["objective"]["value"], rel=1e-8)
    assert (bool(whole["tables"]["exchange_rates"]), blocks["tables"]["exchange_rates"]) == (True, [])
    assert ("blocks" in whole["sentence"], "blocks" in blocks["sentence"]) == (False, True)


@pytest.mark.parametrize(
    ("plan", "options", "said"),
    [(TINY, ["--whole-projects"], "shares of projects"), (DYNAMIC, [], "solve it as a whole")],
    ids=["whole projects", "one block"],
)
def test_blocks_are_refused_where_there_are_none(plan, options, said):
    refused, code = document("solve", plan, "--method", "blocks", *options)
    (problem,) = refused["error"]["problems"]
    assert (code, problem["place"]) == (ExitCode.DATA, "method")
    assert said in problem["message"]


# ------------------------------------------------------------------ exit codes
def test_every_status_has_an_exit_code():
    assert {status: exit_code(status) for status in Status} == {
        Status.OPTIMAL: 0,
        Status.INFEASIBLE: 4,
        Status.TIME_LIMIT: 5,
        Status.CANCELLED: 5,
        Status.UNBOUNDED: 6,
        Status.UNCERTIFIED: 6,
        Status.FAILED: 6,
    }
    assert len(set(ExitCode)) == len(ExitCode)
    assert 1 not in set(ExitCode)  # what Python ends with after a traceback


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["check", TINY], 0),
        (["solve", TINY], 0),
        (["solve", TINY, "--budget", "investment=-100"], 4),
        (["solve", TINY, "--time-limit", "0"], 5),
        (["scenarios", TINY], 0),
        (["diff", TINY, DYNAMIC], 0),
        (["formulation"], 0),
        (["solv"], 2),
        (["solve", TINY, "--lang", "fr"], 2),
        (["solve", TINY, "--time-limit", "-1"], 2),
        (["solve", TINY, "--target", "growth"], 2),
        (["solve", TINY, "--target", "growth=many"], 2),
        (["solve", TINY, "--target", "growth=nan"], 2),
        (["solve", TINY, "--commit", "new_factory=soon"], 2),
        (["solve", TINY, "--figure", "budget_figures budget=investment"], 2),
        (["solve", TINY, "--figure", "budget_figures value=1 value=2"], 2),
        (["solve", TINY, "--figure", "budget_figures 'value=1"], 2),
        (["solve", TINY, "--foresight", "clear"], 2),
        (["export", TINY], 2),
        (["export", TINY, "--to", "answer.doc"], 2),
        (["export", TINY, "--to", "answer.xlsx", "--format", "lp"], 2),
        (["template", "--to", "plan.csv"], 2),
    ],
)
def test_exit_codes(arguments, code):
    assert planopt(*arguments).exit_code == code


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["check", TINY / "nowhere"], "nowhere"),
        (["solve", TINY, "--scenario", "les_money"], "less_money"),
        (["solve", TINY, "--target", "groth=6"], "growth"),
        (["solve", TINY, "--standing", "growth=wished"], "indicators.growth.standing"),
        (["solve", TINY, "--commit", "new_factry=2008"], "new_factory"),
        (["solve", TINY, "--outside", "new_factry"], "new_factory"),
        (["solve", TINY, "--release", "new_factry"], "new_factory"),
        (["solve", TINY, "--switch", "heat=on"], "switch 'heat'"),
        (["solve", TINY, "--budget", "investments=5"], "investment"),
        (["solve", TINY, "--figure", "budget_figure value=1"], "budget_figures"),
        (["solve", TINY, "--figure", "budget_figures budget=investment parameter=limit year=2016 value=1"], "2006"),
        (["solve", TINY, "--figure", "budget_figures fund=investment value=1"], "fund"),
        (["solve", TINY, "--target-year", "2007"], "single_year"),
        (["solve", TINY, "--changes", "nowhere.toml"], "nowhere.toml"),
        (["trace", "amounts", "activity=mil", "--plan", TINY], "mill"),
    ],
)
def test_what_cannot_be_used_is_told_with_a_near_miss(arguments, said):
    done = planopt(*arguments)
    assert done.exit_code == ExitCode.DATA
    assert said in done.stderr
    assert done.stdout == ""


def test_all_problems_of_a_plan_are_told_in_the_language_asked(tmp_path):
    shutil.copytree(TINY, tmp_path / "plan")
    for table in ("amounts", "background"):
        file = tmp_path / "plan" / f"{table}.csv"
        file.write_text(file.read_text("utf-8").replace("energy", "enregy"), encoding="utf-8")
    english, chinese = planopt("check", tmp_path / "plan"), planopt("check", tmp_path / "plan", "--lang", "zh")
    assert english.exit_code == chinese.exit_code == ExitCode.DATA
    assert english.stderr.count("enregy") >= 4
    assert "energy" in english.stderr.replace("enregy", "")
    assert "规划数据有" in chinese.stderr
    found, code = document("check", tmp_path / "plan")
    assert code == ExitCode.DATA
    assert {problem["table"] for problem in found["error"]["problems"]} == {"amounts", "background"}
    assert all(problem["remedy"] and problem["row"] for problem in found["error"]["problems"])


def test_a_scenario_that_cannot_be_used_fails_the_check(tmp_path):
    shutil.copytree(TINY, tmp_path / "plan")
    with (tmp_path / "plan" / "scenarios" / "less_money.toml").open("a", encoding="utf-8") as file:
        file.write('\n[[figures]]\ntable = "budget_figures"\nbudget = "investmnt"\nparameter = "limit"\nvalue = 1\n')
    done = planopt("check", tmp_path / "plan")
    assert done.exit_code == ExitCode.DATA
    assert "investment" in done.stderr


def test_without_budget_and_target_the_objective_has_no_limit(tmp_path):
    shutil.copytree(TINY, tmp_path / "plan")
    for table in ("budgets", "budget_figures"):
        (tmp_path / "plan" / f"{table}.csv").unlink()
    (tmp_path / "plan" / "scenarios" / "less_money.toml").unlink()
    done = planopt("solve", tmp_path / "plan", "--standing", "energy_intensity=outside")
    assert done.exit_code == ExitCode.FAILED
    assert Status.UNBOUNDED.sentence_en in done.stdout


# ------------------------------------------------------------------ JSON
def test_json_is_the_answer(tiny):
    answer = solve(tiny, load_scenario(tiny))
    found, code = document("solve", TINY)
    assert code == 0
    assert set(found) == {
        "columns",
        "plan",
        "scenario",
        "changed",
        "status",
        "sentence",
        "objective",
        "certificate",
        "conflict",
        "effort",
        "tables",
    }
    assert found["plan"]["fingerprint"] == tiny.fingerprint
    assert (found["status"], found["conflict"]) == ("optimal", None)
    assert found["objective"]["value"] == pytest.approx(answer.objective, rel=1e-12)
    assert found["certificate"]["holds"] is True
    assert {name: len(rows) for name, rows in found["tables"].items()} == {n: len(answer.table(n)) for n in TABLES}
    spent = [row["value"] for row in found["tables"]["quantities"] if row["quantity"] == "investment"]
    assert spent == pytest.approx([0, 20, 20, 20])  # nothing in the base year, then every budget to the full
    rates = found["tables"]["exchange_rates"]
    assert rates[0]["text"].startswith("Energy intensity ≤ 0.5400 tce/万元")
    assert any(row["high"] is None for row in rates)  # a range without end is null, not infinity


def test_json_of_an_infeasible_plan_holds_the_conflict():
    found, code = document("solve", TINY, "--budget", "investment=-100", "--standing", "energy_intensity=outside")
    assert code == ExitCode.INFEASIBLE
    assert (found["status"], found["objective"]["value"], found["certificate"]) == ("infeasible", None, None)
    assert found["tables"]["quantities"] == []
    requirements = found["conflict"]["requirements"]
    assert {one["equation"] for one in requirements} == {"budget_year", "indicator"}
    asked = next(one for one in requirements if one["equation"] == "indicator")
    assert (asked["subject"], asked["sign"], asked["unit"]) == ("Growth of value added", "≥", "亿元")
    assert all(isinstance(label, list) for label in asked["labels"])


def test_json_of_other_commands(tiny):
    checked, _ = document("check", TINY)
    assert checked["fingerprint"] == tiny.fingerprint
    assert checked["tables"] == {name: len(tiny.table(name)) for name in TABLE}
    listed, _ = document("scenarios", TINY)
    assert {one["scenario"]: one["default"] for one in listed["scenarios"]} == {"most_value": True, "less_money": False}
    traced, _ = document("trace", "budget_figures", "budget=investment", "parameter=limit", "year=2007", "--plan", TINY)
    assert (traced["figure"]["value"], traced["figure"]["unit"], traced["figure"]["grade"]) == (20.0, "亿元", "D")
    refused, code = document("solve", TINY, "--scenario", "les_money")
    assert (code, refused["error"]["sort"]) == (ExitCode.DATA, "scenario")


def test_usage_says_nothing_on_standard_output():
    done = planopt("solve", TINY, "--target", "growth=many", "--json")
    assert (done.exit_code, done.stdout) == (ExitCode.USAGE, "")
    assert "growth=NUMBER" in " ".join(done.stderr.split())


# ------------------------------------------------------------------ languages
def test_the_answer_speaks_both_languages():
    english, chinese = planopt("solve", TINY), planopt("solve", TINY, "--lang", "zh")
    assert Status.OPTIMAL.sentence_en in english.stdout
    assert Status.OPTIMAL.sentence_zh in chinese.stdout
    for name in ("能耗强度", "制造业", "材料厂", "投资"):
        assert name in chinese.stdout
    for name in ("Energy intensity", "Manufacturing", "Mill"):
        assert name in english.stdout
        assert name not in chinese.stdout
    assert planopt("solve", TINY, PLANOPT_LANG="zh").stdout.splitlines()[:3] == chinese.stdout.splitlines()[:3]


def test_the_printed_answer_is_complete():
    lines = planopt("solve", TINY).stdout.splitlines()
    text = "\n".join(lines)
    for part in ("Indicators: asked and reached", "Investment by industry", "Capacity that changes", "What binds",
                 "Grades of the 34 figures", "it holds", "tce/万元", "required"):  # fmt: skip
        assert part in text
    assert all(line == line.rstrip() for line in lines)


# ------------------------------------------------------------------ changes
@pytest.mark.parametrize(
    ("options", "changes"),
    [
        (["--target", "energy_intensity=-5"], {"indicators": {"energy_intensity": {"target": -5.0}}}),
        (["--target", "energy_intensity=-5%"], {"indicators": {"energy_intensity": {"target": -5.0}}}),
        (["--standing", "energy_intensity=monitored"], {"indicators": {"energy_intensity": {"standing": "monitored"}}}),
        (["--commit", "new_factory=2008"], {"projects": {"new_factory": {"committed_year": 2008}}}),
        (["--earliest", "new_factory=2008"], {"projects": {"new_factory": {"earliest_year": 2008}}}),
        (["--commit", "new_factory=2008", "--release", "new_factory"], {}),
        (["--outside", "new_factory"], {"projects": {"new_factory": {"standing": "outside"}}}),
        (["--foresight", "myopic", "--standing", "energy_intensity=monitored"],
         {"foresight": "myopic", "indicators": {"energy_intensity": {"standing": "monitored"}}}),
        (["--foresight", "single_year", "--target-year", "2007"], {"foresight": "single_year", "target_year": 2007}),
        (["--whole-projects", "--commit", "new_factory=2007"],
         {"whole_projects": True, "projects": {"new_factory": {"committed_year": 2007}}}),
        (["--figure", "budget_figures budget=investment parameter=limit year=2007 value=100000 unit=万元"],
         {"figures": [{**LIMIT, "year": 2007, "value": 10}]}),
    ],
)  # fmt: skip
def test_an_option_changes_what_it_says(tiny, options, changes):
    found, code = document("solve", TINY, *options)
    assert code == 0
    assert found["objective"]["value"] == pytest.approx(optimum(tiny, **changes), rel=1e-9)


def test_options_change_the_optimum_at_all(tiny):
    # Ten in 2007 instead of twenty is what the scenario less_money says.
    halved = ["--figure", "budget_figures budget=investment parameter=limit year=2007 value=10"]
    found, _ = document("solve", TINY, *halved)
    assert found["objective"]["value"] == pytest.approx(optimum(tiny, "less_money"), rel=1e-9)
    assert found["objective"]["value"] < optimum(tiny) - 1


def test_a_budget_grows_by_a_percentage_of_what_the_scenario_states(tiny):
    figures = [
        {**LIMIT, "year": 2006, "value": 22},
        {**LIMIT, "year": 2007, "value": 11},
        {**LIMIT, "year": 2008, "value": 22},
    ]
    found, _ = document("solve", TINY, "--scenario", "less_money", "--budget", "investment=+10%")
    assert found["objective"]["value"] == pytest.approx(optimum(tiny, figures=figures), rel=1e-9)


def test_a_file_of_changes_comes_before_the_options(tiny, tmp_path):
    file = tmp_path / "changes.toml"
    file.write_text(
        '[indicators.energy_intensity]\ntarget = -5\n[indicators.growth]\nstanding = "monitored"\n', "utf-8"
    )
    found, _ = document("solve", TINY, "--changes", file)
    assert found["scenario"]["indicators"]["growth"]["standing"] == "monitored"
    assert found["objective"]["value"] == pytest.approx(
        optimum(tiny, indicators={"energy_intensity": {"target": -5}}), rel=1e-9
    )
    both, _ = document("solve", TINY, "--changes", file, "--target", "energy_intensity=-10")
    assert both["scenario"]["indicators"]["growth"]["standing"] == "monitored"
    assert both["objective"]["value"] == pytest.approx(optimum(tiny), rel=1e-9)


@pytest.mark.parametrize(
    ("text", "said"), [("[indicators", "changes.toml"), ('colour = "red"', "colour"), ("\xff", "UTF-8")]
)
def test_a_broken_file_of_changes_is_refused(tmp_path, text, said):
    file = tmp_path / "changes.toml"
    file.write_text(text, encoding="latin-1")
    done = planopt("solve", TINY, "--changes", file)
    assert done.exit_code == ExitCode.DATA
    assert said in done.stderr


# ------------------------------------------------------------------ diff, template, trace, formulation
def test_diff_tells_each_change(tiny, tmp_path):
    change = {"table": "budget_figures", "budget": "investment", "parameter": "limit", "year": 2007, "value": 12}
    save_plan(tiny.with_figures([change]), tmp_path / "plan")
    found, code = document("diff", TINY, tmp_path / "plan")
    changed = {
        (one["table"], one["key"]["year"], one["column"]): (one["before"], one["after"]) for one in found["changes"]
    }
    assert code == 0
    assert changed["budget_figures", "2007", "value"] == ("20", "12")
    assert "12" in planopt("diff", TINY, tmp_path / "plan").stdout
    assert "equal" in planopt("diff", TINY, TINY).stdout


def test_template_writes_a_workbook_that_holds_the_plan(tiny, tmp_path):
    assert planopt("template", "--to", tmp_path / "empty.xlsx").exit_code == 0
    assert planopt("template", "--to", tmp_path / "tiny.xlsx", "--plan", TINY).exit_code == 0
    assert load_plan(tmp_path / "tiny.xlsx").fingerprint == tiny.fingerprint
    assert (tmp_path / "empty.xlsx").stat().st_size > 1000


def test_trace_tells_range_grade_and_source():
    text = planopt(
        "trace", "amounts", "activity=mill", "vector=operate", "flow=energy", "direction=adds", "--plan", TINY
    ).stdout
    for part in ("1 tce/t", "0.8000 tce/t … 1.20 tce/t", "D: assumption", "E1 Invented example"):
        assert part in text


def test_formulation_prints_every_equation():
    headings = planopt("formulation").stdout.splitlines()
    assert [equation.name for equation in EQUATIONS if f"### {equation.name}" not in headings] == []


def test_what_cannot_be_written_is_told(tmp_path):
    (tmp_path / "taken").write_text("a file")
    done = planopt("export", TINY, "--to", tmp_path / "taken" / "answer.xlsx")
    assert done.exit_code == ExitCode.USAGE
    assert "cannot be written" in done.stderr


# ------------------------------------------------------------------ the process
def run(*arguments, **environment):
    command = [sys.executable, "-m", "optimizer.cli", *map(str, arguments)]
    keep = {
        name: value
        for name, value in os.environ.items()
        if name not in ("PLANOPT_LANG", "LC_ALL", "LC_MESSAGES", "LANG")
    }
    return subprocess.run(
        command, cwd=ROOT, env={**keep, **environment}, capture_output=True, check=False, encoding="utf-8"
    )


def test_a_process_answers_in_the_language_of_its_locale():
    done = run("solve", TINY, LANG="zh_CN.UTF-8", PYTHONUTF8="1")
    assert (done.returncode, done.stderr) == (0, "")
    assert Status.OPTIMAL.sentence_zh in done.stdout


def test_a_terminal_without_chinese_is_no_crash():
    done = run("solve", TINY, LANG="C", PYTHONIOENCODING="ascii")
    assert done.returncode == 0
    assert "万" not in done.stdout


def test_a_process_ends_with_the_code_of_its_answer():
    assert run("solve", TINY, "--budget", "investment=-100").returncode == ExitCode.INFEASIBLE


def test_help_loads_no_solver():
    program = (
        "import sys, optimizer.cli\n"
        "from typer.main import get_command\n"
        "get_command(optimizer.cli.app)\n"
        "print(*sorted({'pyomo', 'pandas', 'numpy', 'highspy', 'pint', 'scipy', 'rich'} & sys.modules.keys()))"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.stdout.strip(), done.returncode) == ("", 0), done.stderr


def test_help_lists_every_command_in_the_language_of_the_environment():
    english, chinese = run("--help", PLANOPT_LANG="en"), run("--help", PLANOPT_LANG="zh", PYTHONUTF8="1")
    for name in ("check", "solve", "scenarios", "diff", "export", "template", "formulation", "trace"):
        assert name in english.stdout
        assert name in chinese.stdout
    assert "infeasible" in english.stdout
    assert "退出码" in chinese.stdout


# ------------------------------------------------------------------ Ctrl-C
def test_the_first_interrupt_cancels_and_the_second_interrupts():
    before = signal.getsignal(signal.SIGINT)
    with running.cancel_on_interrupt() as cancel:
        assert not cancel.is_set()
        signal.raise_signal(signal.SIGINT)
        assert cancel.is_set()
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is before


def test_an_interrupt_while_solving_ends_with_status_cancelled(monkeypatch):
    def interrupted(plan, scenario, limits, progress, **how):
        signal.raise_signal(signal.SIGINT)
        return solve(plan, scenario, limits, progress, **how)

    monkeypatch.setattr(running, "solve", interrupted)
    done = planopt("solve", TINY)
    assert done.exit_code == ExitCode.STOPPED
    assert Status.CANCELLED.sentence_en in done.stdout


def test_an_uncertified_answer_is_not_called_optimal(monkeypatch):
    def doubted(*arguments, **how):
        answer = solve(*arguments, **how)
        return replace(answer, solution=replace(answer.solution, status=Status.UNCERTIFIED))

    monkeypatch.setattr(running, "solve", doubted)
    done = planopt("solve", TINY)
    assert done.exit_code == ExitCode.FAILED
    assert done.stdout.splitlines()[3] == Status.UNCERTIFIED.sentence_en
