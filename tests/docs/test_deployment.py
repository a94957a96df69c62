"""What deploy/ and its page say holds: settings exist, units can be read and fit the program, copies can be used."""

import configparser
import importlib.util
import re
import shlex
import shutil
import sqlite3
import subprocess
from contextlib import closing
from datetime import timedelta
from types import SimpleNamespace

import pytest

from api.serving.server import PATIENCE
from api.settings import Settings, load_settings, variable
from api.store.database import Database
from optimizer.commands.exit_codes import ExitCode
from tests.docs.pages import DOCS
from tests.house.source import ROOT

DEPLOY = ROOT / "deploy"
PAGES = {language: (DOCS / f"deployment.{language}.md").read_text(encoding="utf-8") for language in ("en", "zh-CN")}
FILES = {path.name: path.read_text(encoding="utf-8") for path in sorted(DEPLOY.iterdir()) if path.is_file()}
UNITS = [name for name in FILES if name.endswith((".service", ".timer"))]
KNOWN = {variable(field) for field in Settings.model_fields}
# Variables of the units themselves.
OWN = {"PLANOPT_DASK_HOST", "PLANOPT_DASK_SCHEDULER", "PLANOPT_DASK_WORKERS"}


def named(text):
    return set(re.findall(r"PLANOPT_[A-Z_]+", text))


def unit(name):
    """Sections with a list of values for every key, as systemd reads them."""
    sections = {}
    for line in FILES[name].splitlines():
        if line.startswith("["):
            section = sections.setdefault(line.strip("[]"), {})
        elif line and line[0] not in "#;":
            key, value = line.split("=", 1)
            section.setdefault(key, []).append(value)
    return sections


def environment(name):
    """What a file for EnvironmentFile sets."""
    lines = (line for line in FILES[name].splitlines() if line and not line.startswith("#"))
    return dict(line.split("=", 1) for line in lines)


def backup():
    spec = importlib.util.spec_from_file_location("backup_sqlite", DEPLOY / "backup_sqlite.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", FILES)
def test_named_settings_exist(name):
    assert named(FILES[name]) <= KNOWN | OWN


@pytest.mark.parametrize("language", PAGES)
def test_settings_and_files_named_on_the_page_exist(language):
    assert named(PAGES[language]) <= KNOWN | OWN
    files = set(re.findall(r"deploy/([\w.-]+\w)", PAGES[language]))
    assert files == set(FILES)


def test_both_languages_have_the_same_blocks():
    blocks = [re.findall(r"```.*?```", page, flags=re.DOTALL) for page in PAGES.values()]
    assert blocks[0] == blocks[1]
    assert len(blocks[0]) > 10


def test_the_settings_file_is_one_that_the_service_takes(monkeypatch):
    given = environment("planopt.env")
    assert {"PLANOPT_API_PORT", "PLANOPT_API_DATABASE", "PLANOPT_API_RETENTION"} <= set(given) <= KNOWN
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    settings = load_settings()
    assert not settings.is_open  # behind a proxy everybody looks local
    assert settings.database == "sqlite:////var/lib/planopt/planopt.sqlite3"


def test_what_the_settings_file_offers_besides_is_taken_too(monkeypatch):
    offered = re.findall(r"^# (PLANOPT_\w+)=(.+)$", FILES["planopt.env"], flags=re.MULTILINE)
    assert {name for name, _ in offered} >= {"PLANOPT_API_ENGINE", "PLANOPT_API_DASK_SCHEDULER"}
    for name, value in offered:
        monkeypatch.setenv(name, value)
    assert load_settings().engine == "dask"


@pytest.mark.parametrize("name", UNITS)
def test_a_unit_can_be_read(name):
    parser = configparser.RawConfigParser(strict=False)
    parser.read_string(FILES[name])
    assert {"Unit", "Service"} <= set(parser.sections()) or {"Unit", "Timer"} <= set(parser.sections())
    if shutil.which("systemd-analyze") is None:
        return
    # A machine without the programs of the unit says so of each; nothing else may be said.
    found = subprocess.run(["systemd-analyze", "verify", DEPLOY / name], capture_output=True, text=True, check=False)
    said = [line for line in found.stderr.splitlines() if f"{name}:" in line and "not executable" not in line]
    assert [line for line in said if re.search(rf"{re.escape(name)}:\d+:|Unknown|Invalid|Failed to parse", line)] == []


@pytest.mark.parametrize("name", [name for name in UNITS if name.endswith(".service")])
def test_a_unit_gives_nothing_away(name):
    service = unit(name)["Service"]
    assert service["User"] == ["planopt"]
    for key in ("NoNewPrivileges", "ProtectHome", "PrivateTmp", "PrivateDevices"):
        assert service[key] == ["yes"], key
    assert service["ProtectSystem"] == ["strict"]
    assert service["CapabilityBoundingSet"] == [""]


def test_the_unit_of_the_service_fits_how_it_ends():
    service = unit("planopt.service")["Service"]
    assert service["KillMode"] == ["mixed"]  # a signal to the workers would cost their tasks an attempt
    assert service["KillSignal"] == ["SIGTERM"]
    stated = environment("planopt.env")
    defaults = {name: Settings.model_fields[name].default for name in ("drain", "grace")}
    longest = sum(float(stated.get(variable(name), value)) for name, value in defaults.items()) + PATIENCE
    assert float(service["TimeoutStopSec"][0]) > longest
    assert service["RestartPreventExitStatus"] == [str(ExitCode.USAGE.value)]
    assert service["OOMPolicy"] == ["continue"]
    assert shlex.split(service["ExecStart"][0])[1:] == ["-P", "-m", "api"]


@pytest.mark.parametrize("part", ["scheduler", "worker"])
def test_dask_understands_the_options(part):
    from importlib import import_module

    (command,) = unit(f"planopt-dask-{part}.service")["Service"]["ExecStart"]
    values = environment("dask.env")
    _, _, *arguments = shlex.split(re.sub(r"\$\{(\w+)\}", lambda found: values[found[1]], command))
    understood = import_module(f"distributed.cli.dask_{part}").main.make_context(part, arguments).params
    assert understood["protocol"] == "tls"
    assert understood["host"] == values["PLANOPT_DASK_HOST"]
    if part == "worker":
        assert understood["scheduler"] == values["PLANOPT_DASK_SCHEDULER"]
        assert (understood["nthreads"], understood["nanny"]) == (1, True)


def test_dask_takes_the_file_as_its_settings():
    from dask import config
    from distributed import Security

    settings = config.collect_env(environment("dask.env"))
    tls = config.get("distributed.comm.tls", config=settings)
    assert config.get("distributed.scheduler.allowed_failures", config=settings) == 0
    with config.set(config.merge(config.config, settings)):
        for role in ("scheduler", "worker", "client"):
            found = Security().get_tls_config_for_role(role)
            assert Security().require_encryption is True
            assert set(found.values()) >= {tls["ca_file"], tls[role]["cert"], tls[role]["key"]}


def test_a_copy_is_made_while_the_database_is_written(tmp_path):
    path = tmp_path / "planopt.sqlite3"
    database = Database(f"sqlite:///{path}")
    database.upgrade()
    with closing(sqlite3.connect(path, isolation_level=None)) as writer:
        writer.execute("CREATE TABLE seen (number)")
        writer.execute("INSERT INTO seen VALUES (1)")
        writer.execute("BEGIN IMMEDIATE")
        writer.execute("INSERT INTO seen VALUES (2)")
        copies = [backup().back_up(path, tmp_path, keep=2) for _ in range(3)]
        writer.execute("COMMIT")
    database.close()
    assert sorted(tmp_path.glob("planopt-*.sqlite3")) == copies[1:]
    with closing(sqlite3.connect(copies[-1])) as copied:  # what was committed, and nothing else
        assert copied.execute("SELECT number FROM seen").fetchall() == [(1,)]
    restored = Database(f"sqlite:///{copies[-1]}")
    restored.upgrade()
    restored.close()


def test_a_broken_database_gives_no_copy(tmp_path):
    path = tmp_path / "planopt.sqlite3"
    path.write_bytes(b"this is no database" * 1000)
    with pytest.raises(sqlite3.DatabaseError):
        backup().back_up(path, tmp_path)
    assert list(tmp_path.iterdir()) == [path]


def test_the_alerts_name_figures_that_the_service_has():
    from api.app import create_app
    from api.runs.works import Works

    settings = Settings(database="sqlite:///unused")
    works = Works(settings)
    try:
        app = create_app(settings, works=works)
        app.state.metrics.request("GET", "/", 200, 0.1)
        page = app.state.metrics.page().decode()
    finally:
        works.close()
    figures = set(re.findall(r"planopt_\w+", " ".join(re.findall(r"expr: (.*)", FILES["planopt-alerts.yml"]))))
    assert len(figures) >= 3
    assert {name for name in figures if not re.search(rf"^{name}[ {{]", page, flags=re.MULTILINE)} == set()


def test_the_retention_of_the_settings_is_what_the_dispatcher_goes_by(tmp_path, monkeypatch):
    from api.runs import works

    kept = []
    monkeypatch.setattr(works, "_engine", lambda _settings: None)
    monkeypatch.setattr(works, "Dispatcher", lambda *arguments, **_more: kept.append(arguments[-1].retention))
    works.hire(SimpleNamespace(database=None), None, Settings(database=f"sqlite:///{tmp_path}/x", retention=7))
    assert [timedelta(days=days) for days in kept] == [timedelta(days=7)]
