"""Answers in words: figures, requirements, conflicts, rates, in both languages."""

from dataclasses import replace

import pytest

from model_data import load_plan
from model_data.vocabulary import EVIDENCE, STANDINGS
from optimizer import Conflict, Status, find_conflict, load_scenario, make_program, resolve, solve
from optimizer.answer import COLUMNS as TABLE_COLUMNS
from optimizer.equations import EQUATIONS
from optimizer.words import choices, names, rows
from optimizer.words.headline import conflict_section
from optimizer.words.language import Language, language_of
from optimizer.words.names import Names
from optimizer.words.objective import stages
from optimizer.words.rates import rate_section
from optimizer.words.report import report
from optimizer.words.requirements import Requirements
from tests.house.source import ROOT

TINY = load_plan(ROOT / "tests" / "plans" / "tiny")
SHIPPED = sorted(path for path in (ROOT / "model_data" / "plans").iterdir() if path.is_dir())
EN, ZH = Language.EN, Language.ZH


def requirements(language=EN, plan=TINY, **changes):
    return Requirements(resolve(plan, load_scenario(plan, None, changes)), language)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (12345.6, "12,346"),
        (370.862, "370.9"),
        (2.0987, "2.10"),
        (0.54, "0.5400"),
        (0.000012345, "1.23e-05"),
        (20.0, "20"),
        (19.99999999999, "20"),
        (-0.0, "0"),
        (1e-12, "0"),
        (-20.5, "-20.50"),
        (3e16, "3.00e+16"),
        (float("inf"), "∞"),
        (float("nan"), "—"),
        (None, "—"),
    ],
)
def test_figures(value, text):
    assert names.number(value) == text


def test_figures_read_together_have_the_decimals_of_the_largest():
    assert names.row_of_numbers([0.0, 0.04, 12.5, 250.0]) == ["0", "0", "12.5", "250.0"]


def test_units_stand_behind_figures():
    assert [names.amount(42.0, unit) for unit in ("%", "1", "亿元")] == ["42%", "42", "42 亿元"]


@pytest.mark.parametrize(
    ("years", "text"), [((), ""), ((2008,), "2008"), ((2006, 2007, 2008), "2006–2008"), ((2006, 2008), "2006, 2008")]
)
def test_years(years, text):
    assert names.span(years) == text


@pytest.mark.parametrize(
    ("pair", "unit"),
    [
        (("万tce", "亿元"), "tce/万元"),  # 1e4 tce per 1e8 元 is 1 tce per 1e4 元
        (("亿元", "万人"), "万元/人"),
        (("t", "亿元"), "t/亿元"),
        (("亿元", "亿元"), "1"),
        (("万元", "元"), "万元/元"),
    ],
)
def test_prefixes_of_ratios_cancel(pair, unit):
    assert names.ratio_unit(*pair) == unit


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({}, EN),
        ({"LANG": "zh_CN.UTF-8"}, ZH),
        ({"LC_ALL": "C", "LANG": "zh_CN.UTF-8"}, EN),
        ({"PLANOPT_LANG": "zh", "LC_ALL": "C"}, ZH),
        ({"PLANOPT_LANG": "en", "LANG": "zh_CN.UTF-8"}, EN),
    ],
)
def test_language_of_the_environment(environment, language):
    assert language_of(environment) is language


# ------------------------------------------------------------------ requirements
# Base year: value added 100, energy 60 (see base_totals). So -10 % of 0.6 is 0.54, and 5 % a year gives 105 … 115.7625.
@pytest.mark.parametrize(
    ("label", "english", "chinese"),
    [
        (
            ("indicator", "energy_intensity", 2008),
            "Energy intensity ≤ 0.5400 tce/万元 (2008; -10% on 2005; 1)",
            "能耗强度 ≤ 0.5400 tce/万元 (2008; 比2005年-10%; 1)",
        ),
        (
            ("indicator", "growth", 2006),
            "Growth of value added ≥ 105 亿元 (2006; +5% a year; 1)",
            "增加值增长 ≥ 105 亿元 (2006; 年均+5%; 1)",
        ),
        (("budget_year", "investment", 2007), "Investment ≤ 20 亿元 (2007; 1)", "投资 ≤ 20 亿元 (2007; 1)"),
        (
            ("output_limit", "valley", "mill", 2008),
            "Mill: output within capacity (2008)",
            "材料厂：产出不超过能力 (2008)",
        ),
        (("project_once", "new_factory"), "New factory: started at most once (1)", "新工厂：至多建设一次 (1)"),
        (
            ("hold", "goals"),
            "result held from before: minimum of the weighted shortfall from goals, each as a share of itself",
            "前一阶段的结果：目标缺口加权和(各为自身目标值之比)最小",
        ),
        (("hold", "stage 1"), "result held from before: stage 1", "前一阶段的结果：第1阶段目标"),
    ],
)
def test_rows_read_as_sentences(label, english, chinese):
    assert requirements(EN).of(label).sentence == english
    assert requirements(ZH).of(label).sentence == chinese


def test_a_changed_target_is_told_as_changed():
    asked = requirements(indicators={"energy_intensity": {"target": -20.0}}).of(("indicator", "energy_intensity", 2008))
    assert asked.sentence == "Energy intensity ≤ 0.4800 tce/万元 (2008; -20% on 2005; 1)"
    assert asked.asked == pytest.approx((0.48,), rel=1e-12)


def test_a_commitment_names_its_year():
    asked = requirements(projects={"new_factory": {"committed_year": 2008}}).of(("project_once", "new_factory"))
    assert asked.sentence == "New factory enters service in 2008 (1)"


def test_consecutive_years_are_one_requirement():
    labels = [("budget_year", "investment", y) for y in (2006, 2007, 2008)]
    mixed = [labels[0], ("indicator", "energy_intensity", 2008), *labels[1:]]
    grouped = requirements().grouped(mixed)
    assert [one.labels for one in grouped] == [tuple(labels), (mixed[1],)]
    assert grouped[0].sentence == "Investment ≤ 20 亿元 (2006–2008; 1)"


def test_years_with_a_gap_stay_apart_and_differing_figures_are_listed():
    figures = [{"table": "budget_figures", "budget": "investment", "parameter": "limit", "year": 2007, "value": 15}]
    worded = requirements(figures=figures)
    labels = [("budget_year", "investment", y) for y in (2006, 2007)]
    assert [one.sentence for one in worded.grouped(labels)] == ["Investment ≤ 20 / 15 亿元 (2006–2007; 1)"]
    apart = worded.grouped([labels[0], ("budget_year", "investment", 2008)])
    assert [one.years for one in apart] == [(2006,), (2008,)]


def test_a_conflict_reads_as_its_requirements():
    # Without investment value added stays at 100, below the 105 that 5 % ask for: two rows, and no other row helps.
    figures = [{"table": "budget_figures", "budget": "investment", "parameter": "limit", "year": 2006, "value": 0}]
    changes = {
        "figures": figures,
        "indicators": {"growth": {"years": [2006]}, "energy_intensity": {"standing": "goal"}},
    }
    answer = solve(TINY, load_scenario(TINY, None, changes))
    told = report(answer, EN)
    assert answer.status is Status.INFEASIBLE
    assert told.sections[0].title == "These 2 requirements contradict each other:"
    assert {row[1] for row in told.sections[0].rows} == {
        "Growth of value added ≥ 105 亿元 (2006; +5% a year; 1)",
        "Investment ≤ 0 亿元 (2006; 1)",
    }
    assert "--standing growth=goal" in told.sections[0].remark


def test_the_hint_for_a_conflict_removes_it():
    figures = [{"table": "budget_figures", "budget": "investment", "parameter": "limit", "year": 2006, "value": 0}]
    loose = {
        "figures": figures,
        "indicators": {"growth": {"standing": "goal"}, "energy_intensity": {"standing": "goal"}},
    }
    _, program = make_program(TINY, load_scenario(TINY, None, loose))
    assert find_conflict(program) is None


def test_a_structural_conflict_names_its_rows_and_offers_no_option():
    answer = solve(TINY, load_scenario(TINY))
    contradicted = Conflict((("output_limit", "valley", "mill", 2006),), structural=True)
    section = conflict_section(replace(answer, conflict=contradicted), EN)
    assert section.title.startswith("Even without targets")
    assert section.rows == (("1.", "Mill: output within capacity (2006)"),)
    assert section.remark == ""


# ------------------------------------------------------------------ completeness
def test_every_equation_and_variable_has_words():
    instance, program = make_program(TINY, load_scenario(TINY))
    assert {equation.name for equation in EQUATIONS} | {"hold"} == set(rows.ROWS)
    assert {label[0] for label in program.columns} <= set(rows.COLUMNS)
    assert set(choices.STANDINGS) == set(STANDINGS)
    assert set(choices.EVIDENCE) == set(EVIDENCE)
    assert set(rows.TABLES.values()) <= {"regions", *(name for name in TABLES_WITH_NAMES)}
    assert "note" in TABLE_COLUMNS["exchange_rates"]
    assert instance.plan is TINY


TABLES_WITH_NAMES = ("activities", "flows", "industries", "projects", "budgets", "indicators", "quantities", "funds")


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("folder", SHIPPED, ids=lambda path: path.name)
def test_every_row_of_a_shipped_plan_reads_as_a_sentence(folder, language):
    plan = load_plan(folder)
    instance, program = make_program(plan, load_scenario(plan))
    worded = Requirements(instance, language)
    own = Names(plan, language)
    for label in program.rows:
        sentence = worded.of(label).sentence
        assert "{" not in sentence
        assert sentence
        if label[0] == "indicator":
            assert sentence.startswith(own.of("indicators", label[1]))
    for label in program.columns:
        assert all(part in rows.TABLES or part in ("year", "stage") for part in rows.parts(label))


@pytest.mark.parametrize("status", list(Status))
def test_every_status_has_a_sentence_in_both_languages(status):
    assert status.sentence_en != status.sentence_zh
    assert not status.sentence_zh.isascii()


# ------------------------------------------------------------------ objective, rates, report
def test_stages_are_told_in_order_with_their_values():
    answer = solve(TINY, load_scenario(TINY, None, {"indicators": {"growth": {"standing": "goal"}}}))
    goals, own = stages(answer, EN)
    assert (goals.name, goals.value) == ("goals", 0.0)
    assert own.value == answer.objective
    assert own.sentence == f"maximum of Value added over 2006–2008 = {answer.objective:,.7g} 亿元"


def test_discount_and_weight_are_told():
    terms = [{"quantity": "value_added", "weight": 2.0, "discount_rate": 0.08, "years": "last"}]
    changes = {"objective": [{"sense": "minimise", "terms": terms}]}
    (stage,) = stages(solve(TINY, load_scenario(TINY, None, changes)), ZH)
    assert stage.text == "2 × 2008年增加值(按年8%折现)最小"


def test_rates_say_what_one_more_unit_brings():
    answer = solve(TINY, load_scenario(TINY))
    rate = answer.exchange_rates.query("equation == 'budget_year'").iloc[0]
    section = rate_section(answer, EN, most=100)
    row = next(row for row in section.rows if row[0].startswith("Investment ≤ 20 亿元 (2006"))
    assert row[1] == f"+{rate.price:.2f} 亿元/亿元"
    assert row[2] == f"+{rate.per_percent:.4f} 亿元"
    assert len(section.rows) == (answer.exchange_rates["per_percent"] != 0).sum()


def test_a_report_names_indicators_investment_capacity_projects_rates_grades():
    answer = solve(TINY, load_scenario(TINY))
    told = report(answer, ZH)
    assert [section.title for section in told.sections] == [
        "目标中的量",
        "指标：要求与结果",
        "各行业投资 (亿元)",
        "能力变化",
        "开工项目",
        "什么在起约束作用，多给一点能换来什么",
    ]
    assert told.headline[0] == Status.OPTIMAL.sentence_zh
    assert "D 34 (100%)" in told.closing[0]
    assert "成立" in told.closing[1]
    total = told.sections[2].rows[-1]
    assert (total[0], total[-1]) == ("合计", "60.00")  # three budgets of 20, all spent


def test_everything_lists_every_year():
    answer = solve(TINY, load_scenario(TINY))
    short, full = report(answer, EN).sections[1], report(answer, EN, everything=True).sections[1]
    assert (len(short.rows), len(full.rows)) == (2, len(answer.indicators))


def test_indicators_outside_are_counted_and_listed_only_on_demand():
    answer = solve(TINY, load_scenario(TINY, None, {"indicators": {"growth": {"standing": "outside"}}}))
    short, full = report(answer, EN).sections[1], report(answer, EN, everything=True).sections[1]
    assert [row[1] for row in short.rows] == ["Energy intensity"]
    assert {row[1] for row in full.rows} == {"Energy intensity", "Growth of value added"}
    assert short.remark == "1 required, 0 goals, 0 monitored; 1 of them met. 1 more stand outside."
