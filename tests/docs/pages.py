"""The script that writes the generated pages, and the pages themselves."""

import importlib.util
import re
from functools import cache
from pathlib import Path
from types import ModuleType

from model_data import SETTINGS, TABLES, default_plan_path, load_plan
from tests.house.source import ROOT

DOCS = ROOT / "docs"


def load_generator() -> ModuleType:
    """docs/generate.py as a module; docs is a folder of pages and no package."""
    spec = importlib.util.spec_from_file_location("generate", DOCS / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def written_pages() -> list[Path]:
    return sorted([*DOCS.rglob("*.md"), *ROOT.glob("README*.md"), ROOT / "CONTRIBUTING.md"])


def names_in_code(text: str) -> list[str]:
    """What stands between back-ticks in a page, mathematics and blocks of code left out."""
    prose = re.sub(r"```.*?```|\$`[^`]*`\$", "", text, flags=re.DOTALL)
    return re.findall(r"`([^`\n]+)`", prose)


def mathematics(text: str) -> list[str]:
    """The formulas of a page."""
    return re.findall(r"```math\n(.*?)```", text, flags=re.DOTALL) + re.findall(r"\$`([^`]*)`\$", text)


@cache
def plan_names() -> frozenset[str]:
    """Tables, columns, table.column, legal words, settings, and every entry of a column of names."""
    plan = load_plan(default_plan_path())
    found = {setting.name for setting in SETTINGS} | {f"plan.{setting.name}" for setting in SETTINGS}
    for table in TABLES:
        for column in table.columns:
            words = {column.name, *column.choices}
            found |= words | {f"{table.name}.{word}" for word in words}
            if column.type == "name":
                found |= set(plan.table(table.name)[column.name])
    return frozenset(found | set(plan.scenarios))
