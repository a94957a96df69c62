"""A plan as bytes: what is read is the plan, what is hostile is refused with reasons, what is written is stable."""

import io
import stat
import time
import zipfile

import pytest

from model_data import DataError, load_plan
from model_data import archive as archives
from model_data.archive import read_plan_bytes, scenario_texts_in, write_plan_bytes
from tests.model_data.paths import TINY

FILES = {path.relative_to(TINY).as_posix(): path.read_bytes() for path in sorted(TINY.rglob("*.*")) if path.is_file()}


@pytest.fixture(scope="module")
def tiny():
    return load_plan(TINY)


def packed(files=FILES, **more):
    """A zip of the files; a value of ``more`` is a ZipInfo with its content."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in files.items():
            package.writestr(name, content)
        for member, content in more.values():
            package.writestr(member, content)
    return buffer.getvalue()


def link(name):
    member = zipfile.ZipInfo(name)
    member.external_attr = (stat.S_IFLNK | 0o777) << 16
    return member


def refused(content, face="archive"):
    with pytest.raises(DataError) as caught:
        read_plan_bytes(content, face)
    return caught.value.problems


@pytest.mark.parametrize("face", ["workbook", "archive"])
def test_what_is_written_is_read_and_always_the_same_bytes(tiny, face, monkeypatch):
    first = write_plan_bytes(tiny, face)
    later = time.time() + 5000
    monkeypatch.setattr(time, "time", lambda: later)
    again = write_plan_bytes(read_plan_bytes(first, face), face)
    assert read_plan_bytes(first, face) == tiny
    assert again == first


def test_a_folder_packed_by_its_name_is_read(tiny):
    files = {f"tiny/{name}": content for name, content in FILES.items()} | {"__MACOSX/tiny/._plan.toml": b"x"}
    assert read_plan_bytes(packed(files), "archive") == tiny


def test_the_scenarios_are_found_without_reading_the_plan(tiny):
    assert scenario_texts_in(write_plan_bytes(tiny, "archive")) == dict(tiny.scenario_texts)


def test_everything_is_said_at_once():
    files = {
        **FILES,
        "../outside.csv": b"x",
        "/etc/passwd": b"x",
        "C:\\plan.csv": b"x",
        "scenarios/../../x.toml": b"x",
        "deep/er/x.csv": b"x",
        "flow.csv": b"x",
        "flows.csv": FILES["flows.csv"].replace(b"commodity", b"comodity"),
        "Regions.csv": FILES["regions.csv"],
    }
    problems = refused(packed(files, link=(link("sectors2.csv"), "/etc/passwd")))
    found = {(problem.rule, problem.table) for problem in problems}
    assert [problem.rule for problem in problems].count("unsafe_path") == 4
    assert {("no_plain_file", "zip"), ("file_twice", "zip"), ("unknown_file", "zip")} <= found
    assert ("unknown_file", "flow.csv") in found
    assert any(problem.table == "flows" and problem.row and problem.column == "kind" for problem in problems)
    assert all(problem.message_zh and problem.remedy_zh for problem in problems)


def test_nothing_is_written_outside_the_folder(tmp_path, monkeypatch):
    monkeypatch.setattr(archives.tempfile, "tempdir", str(tmp_path))
    refused(packed({**FILES, "../evil.csv": b"x", "../../evil.csv": b"x"}, link=(link("flows2.csv"), str(tmp_path))))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "content", [b"", b"no zip", b"PK\x03\x04" + b"\0" * 40, packed()[:-30], packed()[: len(packed()) // 2]]
)
def test_what_is_no_zip_is_refused(content):
    assert [problem.rule for problem in refused(content)] == ["not_a_zip"]


def test_a_bomb_is_not_unpacked():
    bomb = packed({**FILES, "amounts.csv": bytes(200 * 2**20)})
    assert len(bomb) < 2**20
    assert [problem.rule for problem in refused(bomb)] == ["too_big"]


def test_a_zip_that_lies_about_its_sizes_is_refused():
    content = packed({"amounts.csv": bytes(2**20)})
    directory = content.rindex(b"PK\x01\x02")
    lied = content[: directory + 24] + (10).to_bytes(4, "little") + content[directory + 28 :]
    assert "damaged" in {problem.rule for problem in refused(lied)}


def test_too_many_files_are_refused():
    assert [problem.rule for problem in refused(packed({f"{n}.csv": b"" for n in range(2000)}))] == ["too_big"]


def test_an_encrypted_file_is_refused():
    content = bytearray(packed({"amounts.csv": b"x"}))
    content[6] |= 1
    content[content.rindex(b"PK\x01\x02") + 8] |= 1
    assert "encrypted" in {problem.rule for problem in refused(bytes(content))}


# ------------------------------------------------------------------------------------------------- workbooks
def edited(tiny, name, edit):
    """The plan's workbook with one part edited; None adds the part."""
    content = write_plan_bytes(tiny, "workbook")
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        parts = {part: package.read(part) for part in package.namelist()}
    parts[name] = edit(parts.get(name))
    return packed(parts)


HOSTILE = {
    "macros": ("xl/vbaProject.bin", lambda _: b"x", "macro"),
    "links": ("xl/externalLinks/externalLink1.xml", lambda _: b"<x/>", "external_link"),
    "entities": (
        "xl/workbook.xml",
        lambda xml: xml.replace(b"<workbook", b'<!DOCTYPE x [<!ENTITY a "aaaa">]><workbook', 1),
        "not_a_workbook",
    ),
    "entities in a wide encoding": (
        "xl/worksheets/sheet3.xml",
        lambda _: '<?xml version="1.0" encoding="utf-16"?><!DOCTYPE x [<!ENTITY a "aaaa">]><x>&a;</x>'.encode("utf-16"),
        "not_a_workbook",
    ),
    "a cell at the far end": (
        "xl/worksheets/sheet3.xml",
        lambda xml: xml.replace(b"</sheetData>", b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'),
        "too_big",
    ),
    "a forged dimension": (
        "xl/worksheets/sheet3.xml",
        lambda xml: xml.replace(b"</sheetData>", b'<row r="1048575"><c r="A1048575"><v>1</v></c></row></sheetData>'),
        "too_big",
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_workbook_is_refused(tiny, name):
    part, edit, rule = HOSTILE[name]
    problems = refused(edited(tiny, part, edit), "workbook")
    assert rule in {problem.rule for problem in problems}
    assert all(problem.message_zh and problem.message_en and problem.remedy_en for problem in problems)


@pytest.mark.parametrize(
    "content", [b"", b"PK\x05\x06" + b"\0" * 18, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600]
)
def test_what_is_no_workbook_is_refused(content):
    assert {problem.rule for problem in refused(content, "workbook")} == {"not_a_workbook"}


# ------------------------------------------------------------------------------------------------- scenarios
def test_a_scenario_is_added_replaced_and_removed(tiny):
    more = tiny.with_scenario("new", {"scenario": "new", "based_on": "most_value", "whole_projects": True})
    assert more.scenarios["new"]["whole_projects"] is True
    assert more.fingerprint != tiny.fingerprint
    assert more.with_scenario("new", None) == tiny
    assert read_plan_bytes(write_plan_bytes(more, "archive"), "archive") == more


def test_a_scenario_with_unknown_names_is_refused_with_all_of_them(tiny):
    wrong = {"scenario": "new", "based_on": "most_valu", "indicators": {"growht": {"target": 3}}, "colour": "red"}
    with pytest.raises(DataError) as caught:
        tiny.with_scenario("new", wrong)
    assert {problem.column for problem in caught.value.problems} == {"based_on", "indicators.growht", "colour"}


def test_what_others_are_based_on_stays(tiny):
    with pytest.raises(DataError) as caught:
        tiny.with_scenario("most_value", None)
    assert {problem.table for problem in caught.value.problems} == {"scenarios/less_money.toml", "plan.toml"}
