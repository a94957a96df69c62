"""Exported files hold the answer: tables read back equal, programs solved elsewhere give the same optimum."""

import csv
import datetime
import io
import json
from dataclasses import replace

import numpy as np
import openpyxl
import pandas as pd
import pytest

from model_data import TABLE, load_plan
from optimizer import TABLES, load_scenario, solve
from optimizer.answer import COLUMNS
from optimizer.comparison import compare
from optimizer.documents.answer import answer_document
from optimizer.documents.comparison import comparison_document
from optimizer.export import FORMATS, export
from optimizer.export.documents import csv_bytes, workbook_bytes, zip_bytes
from optimizer.export.program_file import exported_program, unique_names
from optimizer.export.tables import document_tables
from optimizer.export.tidy import tidy_tables
from optimizer.export.titles import TABLE_TITLES, chinese_title
from optimizer.export.workbook import HEADING_ROWS, write_workbook
from optimizer.words.indicators import indicator_section
from optimizer.words.language import Language
from optimizer.words.names import amount
from optimizer.words.names import number as shown
from tests.house.source import ROOT
from tests.second_solver import glpk_optimum

TINY = load_plan(ROOT / "tests" / "plans" / "tiny")
DYNAMIC = load_plan(ROOT / "tests" / "plans" / "dynamic_input_output")
GOAL = {"indicators": {"growth": {"standing": "goal", "target": 15.0}}}  # beyond reach, so the goal stage is not zero
WHOLE = {"whole_projects": True, "projects": {"new_factory": {"committed_year": 2007}}}
INVESTMENT = {"table": "budget_figures", "budget": "investment", "parameter": "limit", "year": 2006}
LEAST_ENERGY = {"objective": [{"sense": "minimise", "terms": [{"quantity": "energy"}]}]}  # households are a constant


def answered(plan=TINY, **changes):
    return solve(plan, load_scenario(plan, None, changes))


@pytest.fixture(scope="module")
def answer():
    return answered()


@pytest.fixture(scope="module")
def infeasible():
    return answered(figures=[{**INVESTMENT, "value": 0}])


def same(frame, table):
    """Whether the columns of the answer's table stand unchanged in a frame."""
    for column in table.columns:
        if column != "index":
            left, right = frame[column].tolist(), table[column].tolist()
            blank = [
                (a is None or a != a or a is pd.NA, b is None or b is pd.NA or b != b)
                for a, b in zip(left, right, strict=True)
            ]
            assert all(a == b for a, b in blank), column
            assert [a for a, (gone, _) in zip(left, blank, strict=True) if not gone] == [
                b for b, (_, gone) in zip(right, blank, strict=True) if not gone
            ], column


# ------------------------------------------------------------------ tables
@pytest.mark.parametrize("plan", [TINY, DYNAMIC], ids=lambda plan: plan.settings.plan)
def test_parquet_holds_every_table(plan, tmp_path):
    found = answered(plan)
    written = export(found, tmp_path / "tables", "parquet", Language.EN)
    assert {path.stem for path in written} == {"summary", *TABLES}
    for name in TABLES:
        same(pd.read_parquet(tmp_path / "tables" / f"{name}.parquet"), found.table(name))


def test_csv_holds_every_table(answer, tmp_path):
    export(answer, tmp_path, "csv", Language.ZH)
    for name in TABLES:
        path = tmp_path / f"{name}.csv"
        assert path.read_bytes().startswith(b"\xef\xbb\xbf")  # what spreadsheets know UTF-8 by
        texts = {column: str for column in answer.table(name) if answer.table(name)[column].dtype != float}
        read = pd.read_csv(path, encoding="utf-8-sig", dtype=texts, keep_default_na=False, na_values={
            column: [""] for column in answer.table(name) if column not in texts})  # fmt: skip
        table = answer.table(name)
        assert len(read) == len(table)
        for column in set(table.columns) - {"index"}:
            if column in texts:
                expected = ["" if value is pd.NA else str(value) for value in table[column]]
                assert read[column].tolist() == expected, column
            else:
                np.testing.assert_array_equal(read[column].to_numpy(float), table[column].to_numpy(float))


def test_names_stand_beside_keys_in_the_language_asked(answer, tmp_path):
    export(answer, tmp_path / "zh", "csv", Language.ZH)
    export(answer, tmp_path / "en", "csv", Language.EN)
    chinese = pd.read_csv(tmp_path / "zh" / "activities.csv")
    english = pd.read_csv(tmp_path / "en" / "activities.csv")
    assert dict(zip(chinese["activity"], chinese["activity_name"], strict=True))["mill"] == "材料厂"
    assert dict(zip(english["industry"], english["industry_name"], strict=True))["services"] == "Services"


def test_the_index_of_an_exchange_rate_stands_in_columns(answer):
    tidy, table = tidy_tables(answer, Language.EN)["exchange_rates"], answer.exchange_rates
    budget = tidy[tidy["equation"] == "budget_year"]
    assert set(budget["budget"]) == {"investment"}
    assert [(row.budget, row.year) for row in budget.itertuples()] == [
        tuple(index) for index in table.loc[table["equation"] == "budget_year", "index"]
    ]
    assert (tidy.loc[tidy["equation"] != "budget_year", "budget"] == "").all()
    inner = tidy_tables(answer, Language.EN)["inner_prices"].query("equation == 'commodity_balance'")
    assert set(inner["flow"]) == {"material"}
    assert (inner["activity"] == "").all()


def test_the_summary_says_what_it_is_an_answer_to(answer):
    summary = tidy_tables(answer, Language.EN)["summary"].set_index("item")
    assert summary.at["fingerprint", "text"] == TINY.fingerprint
    assert summary.at["stage 1", "value"] == answer.objective
    assert summary.at["certificate holds", "text"] == "yes"


def test_a_conflict_is_exported(infeasible, tmp_path):
    export(infeasible, tmp_path, "parquet", Language.EN)
    conflict = pd.read_parquet(tmp_path / "conflict.parquet")
    assert len(conflict) == len(infeasible.conflict.rows)
    assert {"budget_year", "indicator"} == set(conflict["equation"])
    assert conflict["requirement"].str.len().min() > 5


# ------------------------------------------------------------------ workbook
def test_the_workbook_holds_every_table(answer, tmp_path):
    export(answer, tmp_path / "answer.xlsx", "xlsx", Language.EN)
    book = openpyxl.load_workbook(tmp_path / "answer.xlsx")
    assert len(book.sheetnames) == len(TABLES) + 4  # summary, overview, charts, sources
    for sheet, name in zip(book.worksheets[3:-1], TABLES, strict=True):
        assert title(sheet) == f"{TABLE_TITLES[name].zh} {TABLE_TITLES[name].en}"
        assert sheet.freeze_panes in ("B4", "C4")
        headings = [cell.value for cell in sheet[HEADING_ROWS]]
        rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=HEADING_ROWS + 1)]
        read = pd.DataFrame(rows, columns=headings, dtype=object)
        table = answer.table(name)
        assert len(read) == len(table)
        for column in set(table.columns) - {"index"}:
            for found, value in zip(read[column].tolist(), table[column].tolist(), strict=True):
                if isinstance(value, str):
                    assert (found or "") == value
                elif value is pd.NA or not np.isfinite(value):
                    assert found is None or found != found
                else:
                    assert found == pytest.approx(value, rel=1e-14, abs=1e-300)


def test_the_charts_draw_what_the_tables_say(answer, tmp_path):
    export(answer, tmp_path / "answer.xlsx", "xlsx", Language.EN)
    sheet = openpyxl.load_workbook(tmp_path / "answer.xlsx").worksheets[2]
    assert [type(chart).__name__ for chart in sheet._charts] == ["BarChart", "BarChart"]
    rows = list(sheet.iter_rows(values_only=True))
    header = next(row for row in rows if "Manufacturing" in row)
    invested = {row[0]: row for row in rows[rows.index(header) + 1 :] if row[0] and row[0].isdigit()}
    accounts = answer.accounts[answer.accounts["flow"] == "investment"]
    for year in (2006, 2007, 2008):
        for industry, name in (("manufacturing", "Manufacturing"), ("services", "Services")):
            own = accounts[(accounts["industry"] == industry) & (accounts["year"] == year)]["value"].sum()
            assert invested[str(year)][header.index(name)] == pytest.approx(own)
    growth = next(row for row in rows if row[0] and row[0].startswith("Growth"))
    last = answer.indicators[answer.indicators["indicator"] == "growth"].iloc[-1]
    assert growth[1] == pytest.approx(100 * last["reached"] / last["asked"])
    references = [series.val.numRef.f for chart in sheet._charts for series in chart.series]
    assert all(sheet.title in reference for reference in references)


def test_the_sources_count_the_figures_that_name_them(answer, tmp_path):
    export(answer, tmp_path / "answer.xlsx", "xlsx", Language.EN)
    sheet = openpyxl.load_workbook(tmp_path / "answer.xlsx").worksheets[-1]
    rows = list(sheet.iter_rows(min_row=HEADING_ROWS, values_only=True))
    (source,) = [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]
    tables = [TINY.table(name) for name in TABLE if TABLE[name].is_figure_table]
    cited = sum(int(frame["value"].notna().sum()) for frame in tables)
    assert (source["source"], source["grade_A"], source["grade_D"]) == ("E1", 0, cited)
    assert cited > 30


# ----------------------------------------------------------------- stored answers
def test_a_stored_answer_has_the_tables_of_the_fresh_one(answer):
    stored = json.loads(json.dumps(answer_document(answer, Language.EN)))
    found, fresh = document_tables(stored, TINY, Language.EN), tidy_tables(answer, Language.EN)
    assert list(found) == list(fresh)
    for name in TABLES:
        assert len(found[name]) == len(fresh[name])
        assert list(found[name].columns) == list(fresh[name].columns), name
        if len(fresh[name]):
            same(found[name], fresh[name].replace([np.inf, -np.inf], np.nan))  # as JSON says it
    summary = found["summary"].set_index("item")
    assert summary.at["fingerprint", "text"] == TINY.fingerprint
    assert summary.at["stage 1", "value"] == answer.objective


def test_no_name_becomes_a_formula_in_the_csv_of_a_stored_answer(answer):
    tables = document_tables(answer_document(answer, Language.EN), renamed(TINY, "=1+1"), Language.EN)
    rows = csv.DictReader(io.StringIO(csv_bytes(tables["activities"]).decode("utf-8-sig")))
    assert "'=1+1" in {row["activity_name"] for row in rows}


def test_a_stored_comparison_has_one_objective_and_no_overview(answer):
    other = answered(figures=[{**INVESTMENT, "value": 15}])
    stored = json.loads(json.dumps(comparison_document(answer, other, compare(answer, other), Language.EN)))
    summary = document_tables(stored, TINY, Language.EN)["summary"].set_index("item")
    assert summary.at["objective", "value"] == other.objective
    book = openpyxl.load_workbook(io.BytesIO(workbook_bytes(stored, TINY, Language.EN)))
    assert not [name for name in book.sheetnames if "overview" in name]


def test_tables_without_rows_keep_their_columns(answer, infeasible):
    assert [list(answer.table(name)) for name in TABLES] == [list(COLUMNS[name]) for name in TABLES]
    stored = document_tables(answer_document(infeasible, Language.EN), TINY, Language.EN)
    fresh = tidy_tables(infeasible, Language.EN)
    empty = [name for name in TABLES if not len(fresh[name])]
    assert {"activities", "exchange_rates"} < set(empty)
    for name in empty:
        heading = csv_bytes(stored[name]).decode("utf-8-sig").strip().split(",")
        assert heading == list(fresh[name].columns)
        assert set(COLUMNS[name]) - {"index"} <= set(heading)


def test_a_stored_conflict_is_a_table(infeasible):
    stored = answer_document(infeasible, Language.ZH)
    conflict = document_tables(stored, TINY, Language.ZH)["conflict"]
    assert len(conflict) == len(stored["conflict"]["requirements"]) > 1
    assert conflict["text"].str.len().min() > 3


def test_the_bytes_of_a_stored_answer_are_always_the_same(answer):
    stored = answer_document(answer, Language.EN)
    moment = datetime.datetime(2010, 1, 2, 3, 4, 5, tzinfo=datetime.UTC)
    first, again = (workbook_bytes(stored, TINY, Language.EN, moment) for _ in range(2))
    assert first == again
    tables = document_tables(stored, TINY, Language.EN)
    for kind in ("csv", "parquet"):
        assert zip_bytes(tables, kind) == zip_bytes(tables, kind)
    summary = openpyxl.load_workbook(io.BytesIO(first)).worksheets[0]
    assert "2010-01-02T03:04:05+00:00" in [row[4] for row in summary.iter_rows(values_only=True)]


def test_figures_have_formats(answer, tmp_path):
    export(answer, tmp_path / "answer.xlsx", "xlsx", Language.EN)
    book = openpyxl.load_workbook(tmp_path / "answer.xlsx")
    sheet = next(sheet for sheet in book.worksheets if title(sheet).startswith("各量"))
    at = {cell.value: cell.column for cell in sheet[HEADING_ROWS]}
    series = {}
    for row in sheet.iter_rows(min_row=HEADING_ROWS + 1):
        assert row[at["year"] - 1].number_format == "0_ "
        value = row[at["value"] - 1]
        series.setdefault(row[0].value, []).append((abs(value.value), value.number_format))
    assert len(series) == 3
    for cells in series.values():  # one format a series, by its largest figure
        assert len({pattern for _, pattern in cells}) == 1
        largest, pattern = max(cells)
        decimals = 0 if largest >= 10000 else 1 if largest >= 1000 else 2 if largest >= 1 else 4
        expected = "#,##0" + ("." + "0" * decimals if decimals else "") if largest else "0"
        assert pattern.split("_")[0] == expected


def title(sheet):
    """In the first column that is not folded away."""
    (found,) = [cell for cell in sheet[1] if cell.value]
    assert not sheet.column_dimensions[found.column_letter].hidden
    return found.value


def test_a_workbook_is_ready_to_print_and_folds_keys_away(answer, tmp_path):
    export(answer, tmp_path / "answer.xlsx", "xlsx", Language.EN)
    for sheet in openpyxl.load_workbook(tmp_path / "answer.xlsx").worksheets:
        assert (sheet.sheet_properties.pageSetUpPr.fitToPage, sheet.page_setup.fitToHeight) == (True, 0), sheet.title
        assert sheet.oddFooter.right.text == "&P / &N"
        if sheet.title.startswith("图表"):
            continue
        assert sheet.print_title_rows == "$1:$3"
        headings = {cell.value: cell.column_letter for cell in sheet[HEADING_ROWS]}
        folded = {name for name, letter in headings.items() if sheet.column_dimensions[letter].hidden}
        assert folded == {name for name in headings if f"{name}_name" in headings}, sheet.title


def test_long_texts_get_high_rows(tmp_path):
    frame = pd.DataFrame({"item": ["a", "b"], "text": ["短", "字" * 100]})
    write_workbook({"summary": frame}, tmp_path / "book.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "book.xlsx").worksheets[0]
    first, second = (sheet.row_dimensions[row].height for row in (HEADING_ROWS + 1, HEADING_ROWS + 2))
    assert first in (None, 15.0)
    assert second >= 15.0 * 200 / 60  # a Chinese character is two wide, a column at most 60
    assert sheet.cell(HEADING_ROWS + 2, 2).alignment.wrap_text


def test_the_overview_says_what_the_screen_says(answer, tmp_path):
    for language in Language:
        export(answer, tmp_path / "answer.xlsx", "xlsx", language)
        sheet = openpyxl.load_workbook(tmp_path / "answer.xlsx").worksheets[1]
        rows = list(sheet.iter_rows(min_row=HEADING_ROWS, values_only=True))
        written = {row["indicator_name"]: row for row in (dict(zip(rows[0], row, strict=True)) for row in rows[1:])}
        screen = indicator_section(answer, language, everything=False)
        assert len(screen.rows) > 1
        for number, name, year, asked, reached, missed, _, standing, clause in screen.rows:
            row = written[name]
            told = f"{row['sense']} {amount(row['asked'], row['unit'])}"
            assert (row["number"] or "", row["clause"] or "", str(row["year"])) == (number, clause, year)
            assert (told, row["standing"]) == (asked, standing)
            assert shown(row["reached"]) == reached
            assert (shown(row["missed_by"]) if row["missed_by"] else "") == missed
    assert {row["stated"] for row in written.values()} == {"+5% a year", "-10% on 2005"}


@pytest.mark.parametrize(
    "text", ["=1+1", "+cmd|' /C calc'!A0", "-1+2", "@SUM(A1)", '=HYPERLINK("x")', "{=1}", "http://x.y"]
)
def test_no_text_becomes_a_formula(text, tmp_path):
    frame = pd.DataFrame({"item": [text], "value": [1.0]})
    write_workbook({"summary": frame}, tmp_path / "book.xlsx")
    cell = openpyxl.load_workbook(tmp_path / "book.xlsx").worksheets[0].cell(HEADING_ROWS + 1, 1)
    assert (cell.data_type, cell.value, cell.hyperlink) == ("s", text, None)


def test_no_name_of_a_plan_becomes_a_formula_in_a_spreadsheet_that_reads_csv(answer, tmp_path):
    instance = replace(answer.instance, plan=renamed(TINY, "=1+1"))
    export(replace(answer, instance=instance), tmp_path, "csv", Language.EN)
    with (tmp_path / "activities.csv").open(encoding="utf-8-sig", newline="") as file:
        names = {row["activity_name"] for row in csv.DictReader(file)}
    assert "'=1+1" in names
    with (tmp_path / "indicators.csv").open(encoding="utf-8-sig", newline="") as file:
        assert {row["sense"] for row in csv.DictReader(file)} == {">=", "<="}


def renamed(plan, name):
    frames = {**plan._frames, "activities": plan.table("activities").assign(name_en=name)}
    return replace(plan, _frames=frames)


def test_every_column_and_table_has_a_chinese_title(answer, infeasible):
    tables = {**tidy_tables(answer, Language.EN), **tidy_tables(infeasible, Language.EN)}
    assert set(tables) == set(TABLE_TITLES)
    columns = {column for frame in tables.values() for column in frame.columns}
    assert sorted(column for column in columns if chinese_title(column).isascii()) == []


# ------------------------------------------------------------------ programs
@pytest.mark.parametrize("ending", ["lp", "mps"])
@pytest.mark.parametrize(
    ("plan", "changes"),
    [(TINY, {}), (TINY, GOAL), (TINY, WHOLE), (TINY, LEAST_ENERGY), (DYNAMIC, {})],
    ids=["plain", "goals", "whole", "constant", "dynamic"],
)
def test_another_solver_finds_the_same_optimum(plan, changes, ending, tmp_path):
    found = answered(plan, **changes)
    path, _ = export(found, tmp_path / f"program.{ending}", ending, Language.EN)
    sign = found.solution.program.stages[-1].sign
    assert sign * glpk_optimum(path) == pytest.approx(found.objective, rel=1e-8)


def test_the_file_says_what_it_is(tmp_path):
    found = answered(**GOAL)
    path, _ = export(found, tmp_path / "program.lp", "lp", Language.ZH)
    comments = [line for line in path.read_text("utf-8").splitlines() if line.startswith("\\")]
    assert TINY.fingerprint in comments[0]
    assert any("last of 2 stages" in line for line in comments)
    assert any("minus its optimum" in line for line in comments)
    assert any("增加值最大" in line for line in comments)
    assert "hold.goals" in path.read_text("utf-8")


def test_whole_projects_are_free_again_in_the_file():
    found = answered(**WHOLE)
    program = exported_program(found)
    starts = [number for number, label in enumerate(program.columns) if label[0] == "start"]
    assert found.solution.priced_with_projects_fixed
    assert list(np.flatnonzero(program.integer)) == starts
    assert set(program.column_lower[starts]) == {0.0}
    assert set(program.column_upper[starts]) == {1.0}


def test_names_are_mapped_to_words(answer, tmp_path):
    path, names = export(answer, tmp_path / "program.lp", "lp", Language.EN)
    with names.open(encoding="utf-8-sig", newline="") as file:
        mapped = {row["name"]: row for row in csv.DictReader(file)}
    program = answer.solution.program
    assert len(mapped) == len(program.rows) + len(program.columns)
    assert mapped["budget_year.investment.2007"]["text"] == "Investment ≤ 20 亿元 (2007; 1)"
    assert mapped["output.valley.mill.2006"]["text"] == "valley · Mill".replace("valley", "Valley")
    text = path.read_text("utf-8")
    assert all(name in text for name in mapped if mapped[name]["kind"] in ("budget_year", "indicator", "output"))


def test_names_are_unique_legal_and_short():
    labels = [("a", "x"), ("a", "x"), ("a", "煤 x"), ("a", ""), ("b" * 300, 2006), ("b" * 300, 2007)]
    names = unique_names(labels)
    assert len(set(names)) == len(labels)
    assert names[0] == "a.x"
    assert all(name.isascii() and len(name) <= 120 and " " not in name for name in names)


def test_a_program_goes_to_a_file_of_its_own_ending(answer, tmp_path):
    with pytest.raises(ValueError, match=r"must end in \.lp"):
        export(answer, tmp_path / "program.txt", "lp", Language.EN)


def test_every_format_writes_an_answer_without_a_point(infeasible, tmp_path):
    for kind in FORMATS:
        written = export(infeasible, tmp_path / f"answer.{kind}", kind, Language.EN)
        assert all(path.stat().st_size > 0 for path in written)
