"""Data flows one way, and each outside tool has one room (docs/decisions and the table below)."""

import subprocess
import sys
from fnmatch import fnmatch

import pytest

from tests.house.source import PACKAGES, ROOT, calls, imports, modules, parse

HTTP = {"fastapi", "starlette", "uvicorn", "httpx2"}
SQL = {"sqlalchemy", "alembic", "sqlite3", "psycopg"}
OTHER_SOLVERS = {"swiglpk", "ortools"}  # for tests only

NEVER = {
    "model_data": {"optimizer", "api", "pyomo", "highspy"} | HTTP | SQL | OTHER_SOLVERS,
    "optimizer": {"api"} | HTTP | SQL | OTHER_SOLVERS,
    "api": {"pyomo"} | OTHER_SOLVERS,
}
READERS = ("model_data/tables.py", "model_data/*workbook*.py")
STORE = ("api/store/*.py",)
ROOMS = {  # module -> the files that may import it
    "highspy": ("optimizer/solver.py",),
    "openpyxl": READERS,
    "tomllib": READERS,
} | dict.fromkeys(SQL, STORE)
READING = {"read_csv", "read_excel", "read_parquet", "read_table", "read_json", "ExcelFile", "load_workbook"}


def violations(path: str, source: str) -> list[str]:
    """What a module at `path` does that only another room may do."""
    package = path.split("/", 1)[0]
    tree = parse(source)
    found = []
    for module, line in imports(tree):
        top = module.split(".", 1)[0]
        if top in NEVER[package]:
            found.append(f"{path}:{line}: {package} must not import {top}")
        elif top in ROOMS and not any(fnmatch(path, room) for room in ROOMS[top]):
            found.append(f"{path}:{line}: only {' and '.join(ROOMS[top])} may import {top}")
    if not any(fnmatch(path, room) for room in READERS):
        found += [f"{path}:{line}: only {' and '.join(READERS)} read files, not {name}"
                  for name, line in calls(tree) if name in READING]  # fmt: skip
    return found


def test_every_import_stays_in_its_room():
    sources = {path.as_posix(): (ROOT / path).read_text(encoding="utf-8") for path in modules(*PACKAGES)}
    assert sources
    assert [found for path, source in sources.items() for found in violations(path, source)] == []


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("model_data/checks.py", "import optimizer"),
        ("model_data/checks.py", "from optimizer.solver import Session"),
        ("model_data/units.py", "def f():\n    import pyomo.environ as pyo"),
        ("model_data/plan.py", "from fastapi import FastAPI"),
        ("model_data/plan.py", "import importlib\nimportlib.import_module('highspy')"),
        ("model_data/checks.py", "import pandas as pd\npd.read_csv('x')"),
        ("model_data/template.py", "from openpyxl import Workbook"),
        ("optimizer/batch.py", "import api.app"),
        ("optimizer/batch.py", "from sqlalchemy import select"),
        ("optimizer/session.py", "import highspy"),
        ("optimizer/equations/solver.py", "import highspy"),
        ("optimizer/solver.py", "import swiglpk"),
        ("api/app.py", "from highspy import Highs"),
        ("api/app.py", "__import__('pyomo')"),
        ("api/app.py", "from sqlalchemy import select"),
        ("api/runs/dispatcher.py", "import sqlite3"),
        ("api/plans/service.py", "import psycopg"),
        ("api/__main__.py", "from alembic import command"),
    ],
)
def test_a_planted_violation_is_found(path, source):
    assert len(violations(path, source)) == 1


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("model_data/tables.py", "import openpyxl, tomllib\nimport pandas as pd\npd.read_csv('x')"),
        ("model_data/workbook.py", "from openpyxl import load_workbook\nload_workbook('x')"),
        ("optimizer/solver.py", "import highspy\nfrom .program import LinearProgram"),
        ("optimizer/model.py", "import pyomo.environ as pyo\nfrom model_data import Plan"),
        ("api/app.py", "import fastapi\nfrom optimizer import solve\nfrom model_data import Plan"),
        ("api/store/database.py", "import sqlalchemy, psycopg, sqlite3"),
        ("api/store/migrations/env.py", "from alembic import context"),
    ],
)
def test_what_a_room_is_for_is_allowed(path, source):
    assert violations(path, source) == []


@pytest.mark.parametrize("package", ["model_data", "optimizer"])
def test_nothing_from_above_is_loaded_through_a_third_module(package):
    program = f"import sys; from {package} import *; print(*sorted(set(sys.argv[1:]) & sys.modules.keys()))"
    command = [sys.executable, "-c", program, *NEVER[package]]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.stdout.strip(), done.returncode) == ("", 0), done.stderr
