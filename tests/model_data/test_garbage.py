"""Whatever stands in the files, loading ends in a plan or in problems with words; nothing else is ever raised."""

import random
import shutil
import zipfile

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from model_data import DataError, Plan, load_plan, save_plan
from tests.model_data.paths import TINY

PIECES = [b"", b",", b'"', b"\n", b"\0", b"\xff", b"=", b"-1", b"1e999", b"nan", "年".encode(), b"[[", b"{}", b"x" * 50]
FILES = sorted(file.relative_to(TINY).as_posix() for file in TINY.rglob("*.*"))


def outcome(path):
    try:
        return load_plan(path)
    except DataError as error:
        return error


def spoilt(content, seed, piece):
    """The content with a short stretch, chosen by the seed, replaced by the piece."""
    generator = random.Random(seed)  # noqa: S311
    begin = generator.randrange(len(content))
    return content[:begin] + piece + content[begin + generator.choice([0, 1, 5, 60]) :]


@pytest.fixture(scope="module")
def target(tmp_path_factory):
    return tmp_path_factory.mktemp("garbage")


@given(file=st.sampled_from(FILES), seed=st.integers(0, 10**9), piece=st.sampled_from(PIECES))
@settings(max_examples=150, deadline=None)
def test_spoilt_file(file, seed, piece, target):
    folder = target / "plan"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(TINY, folder)
    (folder / file).write_bytes(spoilt((TINY / file).read_bytes(), seed, piece))
    found = outcome(folder)
    assert isinstance(found, Plan) or (found.problems and all(p.remedy_en and p.remedy_zh for p in found.problems))


@given(seed=st.integers(0, 10**9), piece=st.sampled_from(PIECES))
@settings(max_examples=40, deadline=None)
def test_spoilt_part_of_a_workbook(seed, piece, target):
    whole, broken = target / "whole.xlsx", target / "broken.xlsx"
    if not whole.exists():
        save_plan(load_plan(TINY), whole)
    with zipfile.ZipFile(whole) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    name = random.Random(seed).choice(sorted(parts))  # noqa: S311
    parts[name] = spoilt(parts[name], seed, piece)
    with zipfile.ZipFile(broken, "w") as package:
        for part, content in parts.items():
            package.writestr(part, content)
    found = outcome(broken)
    assert isinstance(found, Plan) or found.problems


@given(seed=st.integers(0, 10**9), piece=st.sampled_from(PIECES))
@example(seed=178434, piece=b'"')  # compressed data that cannot be unpacked
@settings(max_examples=30, deadline=None)
def test_spoilt_package(seed, piece, target):
    whole, broken = target / "package.xlsx", target / "broken_package.xlsx"
    if not whole.exists():
        save_plan(load_plan(TINY), whole)
    broken.write_bytes(spoilt(whole.read_bytes(), seed, piece))
    found = outcome(broken)
    assert isinstance(found, Plan) or found.problems
