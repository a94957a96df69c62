"""The set-up script: when it installs, when it does not, and what it says when it cannot."""

import ast
import subprocess
import sys

import pytest

import tasks
from tests.house.source import ROOT


@pytest.fixture
def steps(tmp_path, monkeypatch):
    """The script on an empty folder, every program that it would start recorded and succeeding."""
    started = []

    def call(command, **_):
        started.append([str(part) for part in command])
        if "venv" in started[-1]:
            tasks.VENV.mkdir()
        return 0

    for name in ("requirements.lock", "pyproject.toml"):
        (tmp_path / name).write_text(name)
    monkeypatch.setattr(tasks, "ROOT", tmp_path)
    monkeypatch.setattr(tasks, "LOCK", tmp_path / "requirements.lock")
    monkeypatch.setattr(tasks, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(tasks, "STAMP", tmp_path / ".venv" / "planopt.stamp")
    monkeypatch.setattr(tasks, "call", call)
    return started


def installs(steps):
    return [step for step in steps if "install" in step]


def test_a_fresh_folder_is_set_up_from_the_lock_and_then_left_alone(steps):
    tasks.set_up()
    first, second = installs(steps)
    assert {"--require-hashes", "--only-binary", ":all:", str(tasks.LOCK)} <= set(first)
    assert {"--no-deps", "--no-build-isolation", "--editable"} <= set(second)
    steps.clear()
    tasks.set_up()
    assert installs(steps) == []


@pytest.mark.parametrize("name", ["requirements.lock", "pyproject.toml"])
def test_a_changed_declaration_is_set_up_anew(steps, name):
    tasks.set_up()
    (tasks.ROOT / name).write_text("changed")
    steps.clear()
    tasks.set_up()
    assert len(installs(steps)) == 2


@pytest.mark.usefixtures("steps")
def test_a_broken_install_is_repeated_from_scratch(monkeypatch):
    succeed = tasks.call
    monkeypatch.setattr(tasks, "call", lambda command, **_: 1 if "--editable" in command else succeed(command))
    with pytest.raises(tasks.TaskError, match="installation failed"):
        tasks.set_up()
    assert not tasks.STAMP.exists()
    (tasks.VENV / "half").write_text("left over")
    monkeypatch.setattr(tasks, "call", succeed)
    tasks.set_up()
    assert tasks.STAMP.exists()
    assert not (tasks.VENV / "half").exists()


def test_an_environment_whose_python_does_not_start_is_made_anew(steps, monkeypatch):
    tasks.set_up()
    succeed = tasks.call
    monkeypatch.setattr(tasks, "call", lambda command, **_: 1 if "-c" in command else succeed(command))
    steps.clear()
    tasks.set_up()
    assert len(installs(steps)) == 2


@pytest.mark.usefixtures("steps")
def test_a_file_in_the_place_of_the_environment_is_replaced():
    tasks.VENV.write_text("not a folder")
    tasks.set_up()
    assert tasks.VENV.is_dir()


@pytest.mark.usefixtures("steps")
def test_a_missing_lock_is_said():
    tasks.LOCK.unlink()
    with pytest.raises(tasks.TaskError, match=r"cannot read .*requirements\.lock"):
        tasks.set_up()


def test_every_step_runs_where_one_fails(monkeypatch, capsys):
    started = []
    monkeypatch.setattr(tasks, "call", lambda command: started.append(command[-1]) or int(command[-1] == "bad"))
    assert tasks.every({"one": ("bad",), "two": ("good",)}) == 1
    assert started == ["bad", "good"]
    assert "failed: one" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["PYTHONPATH", "PYTHONHOME", "PIP_USER"])
def test_the_environment_of_another_installation_is_kept_out(monkeypatch, name):
    monkeypatch.setenv(name, "elsewhere")
    monkeypatch.setenv("PIP_TIMEOUT", "7")
    assert name not in tasks.environment()
    assert tasks.environment()["PIP_TIMEOUT"] == "7"


def test_an_old_python_can_read_the_script_far_enough_to_refuse():
    source = (ROOT / "tasks.py").read_text(encoding="utf-8")
    tree = ast.parse(source, feature_version=(3, 7))
    refusal = next(place for place, node in enumerate(tree.body) if isinstance(node, ast.If))
    assert "MINIMUM" in ast.unparse(tree.body[refusal].test)
    assert all(isinstance(node, ast.Expr | ast.Import | ast.ImportFrom | ast.Assign) for node in tree.body[:refusal])


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [([], 0, "usage"), (["help"], 0, "usage"), (["tset"], 2, "usage"), (["check", "x"], 1, "takes no arguments")],
)
def test_misuse_is_answered_from_any_folder(tmp_path, arguments, code, said):
    command = [sys.executable, str(ROOT / "tasks.py"), *arguments]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == code
    assert said in done.stdout + done.stderr


@pytest.fixture
def bench_lock(steps, monkeypatch):  # noqa: ARG001  # steps has moved the script to an empty folder
    path = tasks.ROOT / "bench.lock"
    path.write_text("bench")
    monkeypatch.setattr(tasks, "BENCH_LOCK", path)
    monkeypatch.setattr(tasks, "BENCH_STAMP", tasks.VENV / "bench.stamp")
    return path


def test_what_is_compared_with_is_installed_once_and_after_the_set_up(steps, bench_lock):
    assert tasks.bench(["--smoke"]) == 0
    assert {"--require-hashes", str(bench_lock)} <= set(installs(steps)[-1])
    assert steps[-1][1:] == ["-m", "benchmarks", "--smoke"]
    steps.clear()
    tasks.bench([])
    assert installs(steps) == []
    bench_lock.write_text("changed")
    tasks.bench([])
    assert len(installs(steps)) == 1


def test_the_benchmarks_run_without_what_cannot_be_installed(steps, bench_lock, monkeypatch, capsys):
    succeed = tasks.call
    monkeypatch.setattr(tasks, "call", lambda command, **_: succeed(command) or int(bench_lock in command))
    assert tasks.bench([]) == 0
    assert "goes on with what is installed" in capsys.readouterr().err
    assert not tasks.BENCH_STAMP.exists()
    assert steps[-1][1:] == ["-m", "benchmarks"]
