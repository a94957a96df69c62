"""What is kept on disk: bounded, damaged entries absent, and answers that are those of the solver."""

import json
import os
import shutil
import subprocess
import sys
import zlib
from concurrent.futures import ThreadPoolExecutor

import pytest
from typer.testing import CliRunner

from optimizer.cli import app
from optimizer.commands import solve
from optimizer.commands.exit_codes import ExitCode
from optimizer.store import Store, store_of
from tests.house.source import ROOT

TINY = ROOT / "tests" / "plans" / "tiny"


# ---------------------------------------------------------------------- the store
def only_file(folder):
    (file,) = folder.iterdir()
    return file


def test_what_is_kept_comes_back(tmp_path):
    store = Store(tmp_path / "new" / "folder")
    assert store.get("a") is None
    store.put("a", b"first")
    store.put("a", b"second")
    assert store.get("a") == b"second"
    assert store.get("b") is None


@pytest.mark.parametrize(
    "damage",
    [
        lambda _: b"",
        lambda whole: whole[:20],
        lambda whole: whole[:-3],
        lambda whole: whole[:40] + bytes([whole[40] ^ 1]) + whole[41:],
        lambda whole: bytes([whole[0] ^ 1]) + whole[1:],
        lambda whole: whole[:32] + zlib.compress(b"something else"),
        lambda whole: whole[:32] + zlib.compress(bytes(10**7))[:-4],
    ],
)
def test_a_damaged_entry_is_absent_and_removed(tmp_path, damage):
    store = Store(tmp_path)
    store.put("a", b"content " * 100)
    file = only_file(tmp_path)
    file.write_bytes(damage(file.read_bytes()))
    assert store.get("a") is None
    assert not file.exists()


def test_an_entry_under_the_name_of_another_is_absent(tmp_path):
    store = Store(tmp_path)
    store.put("a", b"content")
    first = only_file(tmp_path)
    store.put("b", b"other")
    (second,) = set(tmp_path.iterdir()) - {first}
    shutil.copy(first, second)
    assert store.get("b") is None


def test_the_oldest_gives_way_and_use_keeps_young(tmp_path):
    store = Store(tmp_path, most_bytes=3500)
    for number, name in enumerate("abc"):
        store.put(name, os.urandom(1000))
        for file in tmp_path.iterdir():  # all that is there is older than what comes
            at = file.stat().st_mtime_ns - 10**9
            os.utime(file, ns=(at, at))
        assert len(list(tmp_path.iterdir())) == number + 1
    assert store.get("a") is not None
    store.put("d", os.urandom(1000))
    assert [name for name in "abcd" if store.get(name)] == ["a", "c", "d"]
    store.put("huge", os.urandom(5000))
    assert store.get("huge") is None
    assert store.get("d") is not None


def test_many_at_once_see_whole_entries(tmp_path):
    store = Store(tmp_path, most_bytes=40_000)

    def work(number: int) -> bool:
        key = f"k{number % 7}"
        store.put(key, key.encode() * 1000 + os.urandom(1000))
        found = store.get(key)
        return found is None or found.startswith(key.encode() * 1000)

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(work, range(200)))
    assert sum(file.stat().st_size for file in tmp_path.iterdir()) <= 40_000
    assert not [file for file in tmp_path.iterdir() if file.suffix != ".kept"]


def test_a_folder_that_cannot_be_written_keeps_nothing(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("no folder")
    store = Store(blocked)
    store.put("a", b"content")
    assert store.get("a") is None


def test_the_setting(tmp_path):
    assert store_of({"PLANOPT_CACHE": "off"}) is None
    store_of({"PLANOPT_CACHE": str(tmp_path / "own")}).put("a", b"1")
    store_of({"XDG_CACHE_HOME": str(tmp_path / "home")}).put("a", b"1")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["home", "own"]
    assert (tmp_path / "home" / "planopt").is_dir()


# ---------------------------------------------------------------------- answers
@pytest.fixture
def asked(tmp_path, monkeypatch):
    """Asks ``planopt solve`` with a folder of its own; ``asked.solved`` counts how often something was solved."""
    original = solve.told_answer

    def counted(*arguments, **named):
        ask.solved += 1
        return original(*arguments, **named)

    def ask(*arguments):
        environment = {"PLANOPT_LANG": "en", "PLANOPT_CACHE": str(tmp_path / "cache")}
        return CliRunner().invoke(app, ["solve", *map(str, arguments)], env=environment)

    ask.solved = 0
    monkeypatch.setattr(solve, "told_answer", counted)
    return ask


@pytest.mark.parametrize("options", [(), ("--json",), ("--all",)])
def test_an_answer_that_is_kept_reads_as_the_first(asked, options):
    first, second = asked(TINY, *options), asked(TINY, *options)
    assert first.exit_code == ExitCode.ANSWER
    assert (second.stdout, second.exit_code) == (first.stdout, first.exit_code)
    assert asked.solved == 1


def test_another_question_is_solved(asked, tmp_path):
    plan = tmp_path / "plan"
    shutil.copytree(TINY, plan)
    changes = tmp_path / "changes.toml"
    changes.write_text("")
    before = asked(plan, "--changes", changes, "--json")
    assert asked(plan, "--json").exit_code == ExitCode.ANSWER
    assert asked.solved == 2
    changes.write_text("whole_projects = false\n")
    asked(plan, "--changes", changes, "--json")
    assert asked.solved == 3
    changes.write_text("whole_projects = true \n")  # of the same length
    asked(plan, "--changes", changes, "--json")
    assert asked.solved == 4
    figures = plan / "budget_figures.csv"
    figures.write_text(figures.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    after = asked(plan, "--json")
    assert asked.solved == 5
    assert json.loads(after.stdout)["objective"] == json.loads(before.stdout)["objective"]
    assert "blocks" in json.loads(asked(plan, "--json", "--method", "blocks").stdout)["sentence"]
    assert asked.solved == 6


def test_what_a_limit_cut_short_is_not_kept(asked):
    for _ in range(2):
        assert asked(TINY, "--time-limit", "0").exit_code == ExitCode.STOPPED
    assert asked.solved == 2


def test_a_damaged_answer_is_solved_again(asked, tmp_path):
    first = asked(TINY)
    (file,) = (tmp_path / "cache").iterdir()
    file.write_bytes(file.read_bytes()[:-1])
    again = asked(TINY)
    assert again.exit_code == ExitCode.ANSWER
    assert again.stdout.splitlines()[:5] == first.stdout.splitlines()[:5]
    assert asked.solved == 2


def test_ends_and_curves_of_a_service_are_kept_where_the_environment_says(tmp_path):
    kept = "from api.questions import work; from optimizer import unchanged; print(*[k._store._folder for k in (%s)])"
    command = [sys.executable, "-c", kept % "work._CURVES, unchanged.KEPT"]
    environment = os.environ | {"PLANOPT_CACHE": str(tmp_path)}
    said = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert said.split() == [str(tmp_path)] * 2
