"""The workbook is another face of the same plan; what is not plainly a value in a table is refused with its place."""

import datetime
import filecmp
import zipfile
from pathlib import Path

import openpyxl
import pytest

from model_data import DataError, default_plan_path, load_plan, save_plan, write_template
from model_data.frames import RawPlan, RawTable
from model_data.schema import TABLES
from model_data.sheets import README_TITLE, SHEETS, title
from model_data.tables import read_plan, write_plan
from tests.model_data.paths import TINY

PLANS = {"tiny": TINY, "default": default_plan_path()}
AMOUNTS = "投入产出系数 amounts"


@pytest.fixture(scope="module")
def tiny():
    return load_plan(TINY)


@pytest.fixture
def path(tiny, tmp_path):
    """The tiny plan as a workbook of one's own."""
    target = tmp_path / "tiny.xlsx"
    save_plan(tiny, target)
    return target


def edit(path, change):
    book = openpyxl.load_workbook(path)
    change(book)
    book.save(path)


def add_part(path, name, content):
    with zipfile.ZipFile(path, "a") as package:
        package.writestr(name, content)


def replace_part(path, name, old, new):
    with zipfile.ZipFile(path) as package:
        parts = {part: package.read(part) for part in package.namelist()}
    assert old in parts[name]
    parts[name] = parts[name].replace(old, new)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        for part, content in parts.items():
            package.writestr(part, content)


def problems(path):
    with pytest.raises(DataError) as caught:
        load_plan(path)
    return caught.value.problems


def places(path):
    return [(p.rule, p.table, p.row, p.column) for p in problems(path)]


def column(name):
    """The number of a column of amounts, from 1."""
    return [column.name for column in SHEETS[AMOUNTS].columns].index(name) + 1


@pytest.mark.parametrize("name", PLANS)
def test_folder_to_workbook_to_folder_is_byte_identical(name, tmp_path):
    plan = load_plan(PLANS[name])
    save_plan(plan, tmp_path / "first")
    save_plan(load_plan(tmp_path / "first"), tmp_path / "plan.xlsx")
    again = load_plan(tmp_path / "plan.xlsx")
    save_plan(again, tmp_path / "second")
    assert again == plan
    assert again.fingerprint == plan.fingerprint
    files = [file.relative_to(tmp_path / "first") for file in (tmp_path / "first").rglob("*.*")]
    assert len(files) > 15
    assert filecmp.cmpfiles(tmp_path / "first", tmp_path / "second", files, shallow=False) == (files, [], [])


@pytest.mark.parametrize("number", [0.1 + 0.2, 1 / 3, 5e-324, 1.7976931348623157e308, 123456789.12345679, 0.1, -2e-7])
def test_numbers_survive_exactly(number, tmp_path):
    """16 digits, as the file format writes numbers, do not suffice for some of these."""
    raw = RawPlan({}, {"amounts": RawTable((), ((2, ("",) * 10 + (repr(number),)),))})
    write_plan(tmp_path / "x.xlsx", raw)
    back = read_plan(tmp_path / "x.xlsx").tables["amounts"]
    assert float(back.rows[0][1][back.header.index("value")]) == number


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-x", "@SUM(A1)", "'quoted", "1e5", "007", "TRUE", "https://example.org", "<b>&amp;\n第二行"]
)
def test_text_stays_text(text, tiny, tmp_path):
    """A text that looks like a formula, a number or a link is written and read as a text, and is no formula."""
    save_plan(tiny, tmp_path / "folder")
    file = tmp_path / "folder" / "regions.csv"
    quoted = text.replace('"', '""')
    file.write_text(f'region,name_zh,name_en,note\nvalley,山谷,Valley,"{quoted}"\n', encoding="utf-8")
    plan = load_plan(tmp_path / "folder")
    save_plan(plan, tmp_path / "plan.xlsx")
    assert load_plan(tmp_path / "plan.xlsx").table("regions")["note"].tolist() == [text]
    with zipfile.ZipFile(tmp_path / "plan.xlsx") as package:
        assert not any(b"<f>" in package.read(name) for name in package.namelist())


def test_analysts_see_chinese_and_machines_their_names(path):
    book = openpyxl.load_workbook(path)
    sheet = book[AMOUNTS]
    declared = SHEETS[AMOUNTS].columns
    assert [cell.value for cell in sheet[1]] == [column.zh for column in declared]
    assert [cell.value for cell in sheet[2]] == [column.name for column in declared]
    assert sheet.freeze_panes == "B3"
    assert sheet.cell(1, column("unit")).comment.text.count("flow unit / output unit") == 1
    assert "operate = 运行 / in operation" in sheet.cell(1, column("vector")).comment.text.splitlines()
    assert book.sheetnames[0] == README_TITLE


def test_every_choice_and_reference_has_a_drop_down(path):
    book = openpyxl.load_workbook(path)
    for table in TABLES:
        lists = {str(rule.sqref).rstrip("0123456789").split(":")[0].rstrip("0123456789"): rule.formula1
                 for rule in book[title(table)].data_validations.dataValidation}  # fmt: skip
        for number, declared in enumerate(table.columns, start=1):
            letter = openpyxl.utils.get_column_letter(number)
            if declared.type in ("choice", "flag"):
                choices = declared.choices or ("yes", "no")
                assert lists[letter] == f'"{",".join(choices)}"'
            elif declared.type == "reference":
                assert f"{declared.refers_to}'!$A$3" in lists[letter]
            else:
                assert letter not in lists


def test_sheet_titles_are_distinct_and_legal():
    assert len(SHEETS) == len(TABLES) + 2
    assert all(len(name) <= 31 and name.endswith(table.name) for name, table in SHEETS.items())


def test_template_without_plan_has_all_headings_and_is_no_plan_yet(tmp_path):
    write_template(tmp_path / "empty.xlsx")
    found = places(tmp_path / "empty.xlsx")
    assert ("missing_key", "plan.toml", None, "base_year") in found
    assert ("no_rows", "regions", None, "region") in found
    assert "missing_column" not in {rule for rule, *_ in found}


def test_template_is_a_workbook(tmp_path):
    with pytest.raises(ValueError, match=r"ends in \.xlsx"):
        write_template(tmp_path / "template.csv")


def test_workbook_with_one_heading_row_is_read(path, tiny):
    def change(book):
        for name in SHEETS:
            book[name].delete_rows(1)

    edit(path, change)
    assert load_plan(path) == tiny


def test_number_stored_as_text_is_read(path, tiny):
    edit(path, lambda book: setattr(book[AMOUNTS].cell(3, column("value")), "value", " 1.0 "))
    assert load_plan(path) == tiny


# -------------------------------------------------------------------------- what is refused
def cell_problem(path, name, value):
    edit(path, lambda book: setattr(book[AMOUNTS].cell(4, column(name)), "value", value))
    return [p for p in problems(path) if (p.table, p.row, p.column) == ("amounts", 4, name)]


@pytest.mark.parametrize(
    ("name", "value", "rule", "remedy"),
    [
        ("value", "=1/2", "formula", "Write the value itself"),
        ("note", "=HYPERLINK(A1)", "formula", "Write the value itself"),
        ("value", datetime.datetime(2006, 1, 2), "date", "Format the cell"),  # noqa: DTZ001
        ("value", "#N/A", "error_value", "leave the cell blank"),
        ("value", "１２", "not_a_number", "Write 12"),
        ("value", "1,5", "not_a_number", "Write 15"),
        ("value", True, "not_a_number", "decimal number"),
        ("vector", "Build", "unknown_choice", "build"),
    ],
)
def test_cell_that_is_no_plain_value_is_refused(name, value, rule, remedy, path):
    found = cell_problem(path, name, value)
    assert [p.rule for p in found] == [rule]
    assert remedy in found[0].remedy_en
    assert found[0].remedy_zh


def test_array_formula_is_refused(path):
    formula = openpyxl.worksheet.formula.ArrayFormula("A1:A2", "=SUM(B1:B2)")
    assert [p.rule for p in cell_problem(path, "value", formula)] == ["formula"]


def test_merged_cells_are_refused(path):
    edit(path, lambda book: book[AMOUNTS].merge_cells("B5:B7"))
    assert places(path)[0] == ("merged_cells", "amounts", 5, "")
    assert "Unmerge B5:B7" in problems(path)[0].remedy_en


def test_forged_merge_of_a_whole_sheet_takes_no_time(path):
    edit(path, lambda book: book[AMOUNTS].merge_cells("B5:B7"))
    with zipfile.ZipFile(path) as package:
        part = next(name for name in package.namelist() if b'"B5:B7"' in package.read(name))
    replace_part(path, part, b'"B5:B7"', b'"A1:XFD1048576"')
    assert places(path)[0] == ("merged_cells", "amounts", 1, "")


def test_extra_sheet_is_refused(path):
    edit(path, lambda book: book.create_sheet("投入产出 amounts"))
    found = problems(path)
    assert [(p.rule, p.table) for p in found] == [("unknown_sheet", "投入产出 amounts")]
    assert "move it to another workbook" in found[0].remedy_en


def test_table_on_two_sheets_is_refused(path):
    edit(path, lambda book: setattr(book.copy_worksheet(book[AMOUNTS]), "title", "amounts"))
    assert places(path) == [("double_sheet", "amounts", None, "")]


def test_missing_sheet_is_refused(path):
    edit(path, lambda book: book.remove(book[AMOUNTS]))
    assert ("missing_file", "amounts", None, "") in places(path)


def test_missing_settings_are_refused(path):
    edit(path, lambda book: book.remove(book["设置 plan"]))
    assert ("missing_sheet", "plan", None, "") in places(path)


def test_hidden_sheet_is_refused(path):
    edit(path, lambda book: setattr(book[AMOUNTS], "sheet_state", "hidden"))
    assert places(path) == [("hidden_sheet", "amounts", None, "")]


def test_hidden_row_and_column_are_refused(path):
    def change(book):
        book[AMOUNTS].row_dimensions[6].hidden = True
        book[AMOUNTS].column_dimensions["K"].hidden = True

    edit(path, change)
    assert [place[:3] for place in places(path)] == [("hidden_cells", "amounts", 6), ("hidden_cells", "amounts", None)]


@pytest.mark.parametrize(("row", "at"), [(1, 30), (4, 30), (400, 25)])
def test_cell_beyond_the_table_is_refused(row, at, path):
    edit(path, lambda book: setattr(book[AMOUNTS].cell(row, at), "value", "look here"))
    cell = f"{openpyxl.utils.get_column_letter(at)}{row}"
    assert places(path) == [("beyond_table", "amounts", row, cell)]


def test_extra_column_is_refused(path):
    edit(path, lambda book: setattr(book[AMOUNTS].cell(2, 19), "value", "remark"))
    assert places(path) == [("unknown_column", "amounts", 1, "remark")]


def test_macros_are_refused(path):
    add_part(path, "xl/vbaProject.bin", b"x")
    found = problems(path)
    assert [(p.rule, p.table) for p in found] == [("macro", "tiny.xlsx")]
    assert "without macros" in found[0].remedy_en


def test_macro_workbook_is_refused_by_its_name(path):
    assert places(path.rename(path.with_suffix(".xlsm"))) == [("macro", "tiny.xlsm", None, "")]


def test_external_links_are_refused(path):
    add_part(path, "xl/externalLinks/externalLink1.xml", b"<externalLink/>")
    assert places(path) == [("external_link", "tiny.xlsx", None, "")]


def test_document_type_is_refused(path):
    replace_part(path, "xl/workbook.xml", b"<workbook", b'<!DOCTYPE x [<!ENTITY a "b">]><workbook')
    assert places(path) == [("not_a_workbook", "tiny.xlsx", None, "")]


def test_bomb_is_refused(path):
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as package:
        package.writestr("xl/media/x.bin", b"\0" * (130 * 2**20))
    assert places(path) == [("too_big", "tiny.xlsx", None, "")]


def test_sheet_with_endless_rows_is_refused(path):
    replace_part(path, "xl/worksheets/sheet3.xml", b'<row r="3"', b'<row r="1048576"')
    assert places(path)[0][:2] == ("too_big", "regions")


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 broken", b"\xd0\xcf\x11\xe0 old workbook", b"a,b\n1,2\n"])
def test_what_is_no_workbook_is_refused(content, tmp_path):
    (tmp_path / "plan.xlsx").write_bytes(content)
    assert places(tmp_path / "plan.xlsx") == [("not_a_workbook", "plan.xlsx", None, "")]


def test_truncated_workbook_is_refused(path):
    path.write_bytes(path.read_bytes()[:-400])
    assert places(path) == [("not_a_workbook", "tiny.xlsx", None, "")]


@pytest.mark.parametrize("part", ["workbook.xml", "styles.xml", "sharedStrings.xml", "worksheets/sheet5.xml"])
def test_damaged_part_is_refused(part, path):
    replace_part(path, f"xl/{part}", b">", b"")
    assert places(path)[0][0] == "not_a_workbook"


def test_a_workbook_that_another_program_saved_is_the_same_plan(tiny):
    """Written by ``write_template`` with the tiny plan, opened and saved as .xlsx by LibreOffice 7.4."""
    saved = Path(__file__).with_name("tiny_saved_by_libreoffice.xlsx")
    with zipfile.ZipFile(saved) as package:
        assert b"LibreOffice" in package.read("docProps/app.xml")
    assert load_plan(saved).fingerprint == tiny.fingerprint
