"""The plan as a value: fingerprint, figures and their sources, changed figures, differences."""

import pickle
import re
import shutil
import subprocess
import sys

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from model_data import (
    SETTINGS,
    TABLES,
    DataError,
    Settings,
    data_reference,
    default_plan_path,
    diff,
    load_plan,
    save_plan,
    trace,
)
from model_data.schema import TABLE
from model_data.vocabulary import EVIDENCE, GRADES
from tests.model_data.editing import Folder
from tests.model_data.paths import TINY
from tests.plan_builder import Builder

LIMIT_2007 = {"table": "budget_figures", "budget": "investment", "parameter": "limit", "year": 2007}
MILL_ENERGY = {"activity": "mill", "vector": "operate", "flow": "energy", "direction": "adds"}


@pytest.fixture(scope="module")
def tiny():
    return load_plan(TINY)


@pytest.fixture
def folder(tmp_path):
    return Folder(TINY, tmp_path / "plan")


# -------------------------------------------------------------------------- tables
def test_tables_have_the_declared_columns_and_types(tiny):
    for table in TABLES:
        frame = tiny.table(table.name)
        names = [column.name for column in table.columns]
        assert list(frame.columns) == names + (["scale"] if table.is_figure_table else [])
        for column in table.columns:
            kind = {"integer": "Int64", "number": "float64"}.get(column.type, "str")
            assert str(frame[column.name].dtype) == kind, (table.name, column.name)


def test_scale_turns_a_value_into_its_canonical_unit(tiny):
    rows = tiny.table("amounts").set_index(["activity", "vector", "flow"])
    # energy in 万tce, the shop's output in 亿元: 0.2 tce a 万元 is 0.2 * 1e-4 万tce / (1e-4 亿元) = 0.2 万tce a 亿元
    assert rows.loc[("shop", "operate", "energy"), "scale"] == 1.0
    # value added in 亿元, the mill's output in 万t: 1 万元/t = 1e-4 亿元 / 1e-4 万t
    assert rows.loc[("mill", "operate", "value_added"), "scale"] == 1.0
    assert tiny.table("indicator_figures")["scale"].tolist() == [0.01, 0.01]  # per cent
    years = tiny.table("project_figures").set_index("parameter")
    assert years.loc["earliest_year", "value"] * years.loc["earliest_year", "scale"] == 2007


def test_a_table_handed_out_is_not_the_plan(tiny):
    before = tiny.fingerprint
    frame = tiny.table("amounts")
    frame["value"] = 0.0
    assert load_plan(TINY).fingerprint == before
    assert tiny.table("amounts")["value"].max() > 0


def test_a_plan_is_frozen(tiny):
    with pytest.raises(AttributeError):
        tiny.settings = None
    with pytest.raises(TypeError):
        tiny.scenarios["new"] = {}


def test_an_unknown_table_names_the_nearest(tiny):
    with pytest.raises(KeyError, match="amounts"):
        tiny.table("amount")


def test_settings_are_those_of_the_schema():
    assert list(Settings.__dataclass_fields__) == [setting.name for setting in SETTINGS]


def test_years_of_the_plan(tiny):
    assert tiny.settings.plan_years == (2006, 2007, 2008)
    assert tiny.settings.years == (2006, 2007, 2008, 2009)


# -------------------------------------------------------------------------- fingerprint
def test_a_plan_survives_the_way_to_another_process(tiny):
    copy = pickle.loads(pickle.dumps(tiny))  # noqa: S301
    assert copy == tiny
    assert copy.scenarios == tiny.scenarios


@given(seed=st.integers(0, 2**32 - 1), table=st.sampled_from([t.name for t in TABLES]))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_order_of_rows_does_not_count(seed, table, tiny, tmp_path):
    target = tmp_path / "shuffled"
    shutil.copytree(TINY, target, dirs_exist_ok=True)
    file = target / f"{table}.csv"
    if file.exists():
        head, *rows = file.read_text(encoding="utf-8").splitlines()
        order = pd.Series(rows, dtype="str").sample(frac=1, random_state=seed).tolist()
        file.write_text("\n".join([head, *order]) + "\n", encoding="utf-8")
    assert load_plan(target).fingerprint == tiny.fingerprint


@given(row=st.integers(0, 10), factor=st.floats(0.5, 2.0, allow_nan=False))
@settings(max_examples=50, deadline=None)
def test_fingerprint_and_diff_see_every_change_of_a_value(row, factor, tiny):
    key = {name: value for name, value in tiny.table("amounts").iloc[row][list(TABLE["amounts"].key)].items()
           if not pd.isna(value) and value != ""}  # fmt: skip
    old = tiny.figure("amounts", **key).value
    changed = tiny.with_figures([{"table": "amounts", **key, "value": old * factor}])
    columns = {change.column for change in diff(tiny, changed) if change.table == "amounts"}
    assert (changed.fingerprint == tiny.fingerprint) == (old * factor == old) == (columns == set())
    assert old * factor == old or "value" in columns
    back = [change.before for change in diff(tiny, changed) if change.column == "value"]
    assert all(float(text) == old for text in back)


def test_form_of_the_files_does_not_count(tiny, folder):
    for file in folder.path.glob("*.csv"):
        lines = file.read_text(encoding="utf-8").splitlines()
        file.write_bytes(("\ufeff" + "\r\n".join(lines)).encode())  # as Excel saves it
    folder.put("regions.csv", "note,name_en,name_zh,region\n,  Valley ,山谷,valley\n,,,\n")
    folder.put("scenarios/less_money.toml", "# a remark\n" + folder.text("scenarios/less_money.toml"))
    assert load_plan(folder.path).fingerprint == tiny.fingerprint


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("regions.csv", "Valley", "Vale"),
        ("plan.toml", "closing_years = 1", "closing_years = 2"),
        ("scenarios/less_money.toml", "value = 10", "value = 11"),
        ("sources.csv", "2005", "2006"),
        ("amounts.csv", "0.8", "0.7"),
    ],
)
def test_every_content_counts(file, old, new, tiny, folder):
    assert old in folder.text(file)
    folder.put(file, folder.text(file).replace(old, new, 1))
    changed = load_plan(folder.path)
    assert changed.fingerprint != tiny.fingerprint
    assert changed != tiny
    changes = diff(tiny, changed)
    assert len(changes) == 1
    assert (changes[0].before, changes[0].after) != (old, old)


# -------------------------------------------------------------------------- figures
def test_figure_and_its_sources(tiny):
    figure = tiny.figure("amounts", **MILL_ENERGY)
    assert (figure.value, figure.unit, figure.low, figure.high, figure.grade) == (1.0, "tce/t", 0.8, 1.2, "D")
    assert "Mill" in figure.name_en
    assert "材料厂" in figure.name_zh
    found = trace(tiny, "amounts", **MILL_ENERGY)
    assert found.figure == figure
    assert [source.title for source in found.sources] == ["Invented example"]
    lines = (TINY / "amounts.csv").read_text(encoding="utf-8").splitlines()
    assert lines[found.line - 1].startswith(",mill,operate,energy")


@pytest.fixture(scope="module")
def shipped():
    return load_plan(default_plan_path())


def test_no_figure_of_the_default_plan_is_named_by_a_key(shipped):
    for table in TABLES:
        for row in range(len(shipped.table(table.name)) if table.is_figure_table and table.name != "context" else 0):
            figure = shipped.figure_at(table.name, row)
            assert not re.search(r"[a-z]", figure.name_zh), figure.name_zh
            assert "_" not in figure.name_en


MINE = {"region": "yangquan", "activity": "coal_existing"}


@pytest.mark.parametrize(
    ("table", "key", "zh", "en"),
    [
        (
            "activity_figures",
            MINE | {"parameter": "base_output"},
            "活动参数，阳泉市，现有煤矿，基年产出",
            "Activity figures, Yangquan, Existing coal mines, base-year output",
        ),
        (
            "amounts",
            {"activity": "coal_existing", "vector": "operate", "flow": "value_added", "direction": "adds"},
            "投入产出系数，现有煤矿，运行，增加值",
            "Amounts, Existing coal mines, in operation, Value added",
        ),
        (
            "background",
            {"region": "yangquan", "item": "residual", "flow": "value_added", "parameter": "level"},
            "背景量，阳泉市，未分到活动的余额，增加值，数额",
            "Background, Yangquan, residual, Value added, level",
        ),
        (
            "spending_profiles",
            {"profile": "lead_2", "offset": -1},
            "支出进度，建设期2年，前1年",
            "Spending profiles, lead time of 2 years, 1 year before",
        ),
    ],
)
def test_a_figure_is_named_in_words(shipped, table, key, zh, en):
    figure = shipped.figure(table, **key)
    assert (figure.name_zh, figure.name_en) == (zh, en)


def test_a_switch_and_its_option_are_one_word_and_offsets_have_a_direction():
    b = Builder().add("switches", switch="books", option="gross", default="yes", name_zh="毛额", name_en="Gross")
    b.add("switches", switch="books", option="net", name_zh="净额", name_en="Net")
    b.activity("shop").commodity("bread").account("money")
    b.amount("shop", "adds", "money", 1, switch="books", option="net").amount("shop", "gives", "bread", 1, offset=2)
    b.amount("shop", "uses", "bread", 1).scenario("minimise", "money")
    named = [b.plan().figure_at("amounts", row).name_zh.split("，", 2)[2] for row in range(3)]
    assert named == ["运行，名称，净额", "运行，名称，产出，后2年", "运行，名称，投入"]


def test_every_figure_of_the_default_plan_can_be_traced():
    plan = load_plan(default_plan_path())
    for table in TABLES:
        if table.is_figure_table:
            frame = plan.table(table.name)
            for row in frame.index[:20]:
                key = {name: value for name, value in frame.loc[row, list(table.key)].items()
                       if not pd.isna(value) and value != ""}  # fmt: skip
                found = plan.trace(table.name, **key)
                assert found.line == row + 2
                assert len(found.sources) == len(found.figure.sources) >= 1


def test_a_changed_figure_is_an_assumption_and_its_range_holds_it(tiny):
    changed = tiny.with_figures([{"table": "amounts", **MILL_ENERGY, "value": 1500.0, "unit": "kgce/t"}])
    figure = changed.figure("amounts", **MILL_ENERGY)
    assert (figure.value, figure.low, figure.high) == (1.5, 0.8, 1.5)
    assert (figure.grade, figure.evidence) == ("D", "assumption")
    assert tiny.figure("amounts", **MILL_ENERGY).value == 1.0


def test_grades_are_never_raised_by_a_change():
    plan = load_plan(default_plan_path())
    row = plan.table("budget_figures").iloc[0]
    key = {name: row[name] for name in TABLE["budget_figures"].key if not pd.isna(row[name])}
    changed = plan.with_figures([{"table": "budget_figures", **key, "value": row["value"] * 1.01}])
    assert changed.figure("budget_figures", **key).grade == "D"


def test_the_same_value_changes_nothing(tiny):
    assert tiny.with_figures([{**LIMIT_2007, "value": 20}]) == tiny
    assert tiny.with_figures([]) is tiny


@pytest.mark.parametrize(
    ("change", "column", "remedy"),
    [
        ({**LIMIT_2007, "year": 2011}, "year", "2008"),
        ({**LIMIT_2007, "budget": "invesment"}, "budget", "investment"),
        ({**LIMIT_2007, "parameter": "limits"}, "parameter", "limit"),
        ({**LIMIT_2007, "yaer": 2007}, "yaer", "year"),
        ({"table": "budget_figure"}, "", "budget_figures"),
        ({"table": "regions", "region": "valley"}, "", "Write"),
        ({}, "", "Write"),
        ({**LIMIT_2007, "value": float("nan")}, "value", "finite"),
        ({**LIMIT_2007, "value": float("inf")}, "value", "finite"),
        ({**LIMIT_2007, "value": "12"}, "value", "finite"),
        ({**LIMIT_2007, "value": True}, "value", "finite"),
        ({**LIMIT_2007, "value": 10**400}, "value", "finite"),
        ({**LIMIT_2007, "value": -1}, "value", ">= 0"),
        ({**LIMIT_2007, "value": 1, "unit": "t"}, "unit", "亿元"),
        ({**LIMIT_2007, "value": 20_000}, "unit", "20000 万元"),
        ({**LIMIT_2007, "value": 1e14}, "value", "between 1 and 1000"),
    ],
)
def test_a_change_that_cannot_be_made_names_what_could(change, column, remedy, tiny):
    with pytest.raises(DataError) as caught:
        tiny.with_figures([{"value": 1, **change}])
    (problem,) = caught.value.problems
    assert problem.column == column
    assert remedy in problem.remedy_en


def test_all_impossible_changes_are_told_at_once(tiny):
    with pytest.raises(DataError) as caught:
        tiny.with_figures([{**LIMIT_2007, "year": 1}, {"table": "nothing"}, {**LIMIT_2007, "value": 3}])
    assert len(caught.value.problems) == 2


def test_shares_of_a_profile_are_judged_together(tiny):
    change = {"table": "spending_profiles", "profile": "two_years", "offset": 0, "value": 40}
    with pytest.raises(DataError, match=r"sum to 0\.9"):
        tiny.with_figures([change])
    other = {"table": "spending_profiles", "profile": "two_years", "offset": -1, "value": 60}
    assert tiny.with_figures([change, other]) != tiny


# -------------------------------------------------------------------------- diff
def test_diff_tells_rows_and_scenarios_that_come_and_go(tiny, folder):
    folder.add("sectors", sector="primary", name_zh="第一产业", name_en="Primary")
    folder.drop("budget_figures", year="2008")
    (folder.path / "scenarios" / "less_money.toml").unlink()
    folder.scenario('based_on = "most_value"\nforesight = "myopic"', "short_sight")
    changes = diff(tiny, load_plan(folder.path))
    assert {(change.kind, change.table, dict(change.key).get("sector", "")) for change in changes} == {
        ("added", "sectors", "primary"),
        ("removed", "budget_figures", ""),
        ("removed", "scenarios/less_money", ""),
        ("added", "scenarios/short_sight", ""),
    }


def test_diff_of_a_plan_with_itself_is_empty(tiny):
    assert diff(tiny, load_plan(TINY)) == ()


# -------------------------------------------------------------------------- files
def test_saving_over_another_plan_leaves_nothing_of_it(tiny, folder):
    _ = folder.add_figure("trends", "1", "%", activity="mill", flow="energy")
    folder.scenario("", "old")
    save_plan(tiny, folder.path)
    assert load_plan(folder.path) == tiny
    assert not (folder.path / "trends.csv").exists()


def test_a_plan_that_is_not_there(tmp_path):
    with pytest.raises(DataError, match="there is no plan"):
        load_plan(tmp_path / "nowhere")


def test_all_problems_are_told_at_once(folder):
    folder.set("amounts", 0, activity="mil", unit="tt", grade="Q")
    folder.set("regions", 0, name_zh="")
    folder.setting("closing_years", "-1")
    with pytest.raises(DataError) as caught:
        load_plan(folder.path)
    found = {(p.table, p.column) for p in caught.value.problems}
    assert found == {("amounts", "activity"), ("amounts", "unit"), ("amounts", "grade"), ("regions", "name_zh"),
                     ("plan.toml", "closing_years")}  # fmt: skip


# -------------------------------------------------------------------------- reference
def test_reference_tells_every_table_column_choice_and_setting():
    page = data_reference()
    for table in TABLES:
        assert f"## {table.name} {table.zh}" in page
        assert all(f"| `{column.name}` | {column.zh} |" in page for column in table.columns)
        assert all(f"`{choice}`" in page for column in table.columns for choice in column.choices)
    assert all(f"`{setting.name}`" in page for setting in SETTINGS)
    assert all(f"**{grade}**" in page for grade in GRADES)
    assert all(f"`{word}`" in page for word in EVIDENCE)


def test_a_plan_in_a_folder_loads_no_library_of_workbooks():
    read = "from model_data import default_plan_path, load_plan; load_plan(default_plan_path())"
    loaded = f"import sys; {read}; print({{'openpyxl', 'xlsxwriter'}} & set(sys.modules))"
    told = subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True, check=True)
    assert told.stdout == "set()\n"
