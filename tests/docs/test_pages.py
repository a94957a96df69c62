"""Generated pages are what the code says; what is written by hand names only what exists."""

import ast
import importlib
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import tasks
from api.settings import Settings, variable
from model_data import default_plan_path, load_plan
from tests.docs.pages import DOCS, load_generator, names_in_code, plan_names, written_pages
from tests.house.source import PACKAGES, ROOT, modules, parse
from tests.house.test_text import planopt_commands

GENERATE = load_generator()
# Where names of other packages may come from.
OTHERS = ("pyomo.environ", "pyomo.util.check_units", "swiglpk", "swiglpk.glp_smcp", "highspy.Highs", "scipy.optimize")
CODE = ("tasks.py", "pyproject.toml", "tests/second_solver.py", "docs/generate.py", ".gitattributes")
FOREIGN = {
    "OBJSENSE": "a section of MPS files",
    ".venv/bin": "made by the set-up",
    r".venv\Scripts": "made by the set-up on Windows",
}


@pytest.mark.parametrize("name", [name for name in GENERATE.PAGES if name != "scenarios.md"])
def test_a_generated_page_is_what_the_code_says(name):
    assert (DOCS / name).read_text(encoding="utf-8") == GENERATE.PAGES[name](), "run python tasks.py docs"


def test_a_difference_is_found_and_written(tmp_path):
    page = tmp_path / "page.md"
    assert GENERATE.is_stale(page, "new\n", write=False)
    assert not page.exists()
    assert GENERATE.is_stale(page, "new\n", write=True)
    assert not GENERATE.is_stale(page, "new\n", write=False)
    page.write_text("edited by hand\n")
    assert GENERATE.is_stale(page, "new\n", write=False)


def test_a_block_is_replaced_and_the_rest_is_kept():
    page = f"before {GENERATE.MARK.format('x')} old {GENERATE.MARK.format('end of x')} after"
    written = GENERATE.with_block(page, "x", "new")
    assert "old" not in written
    assert re.fullmatch(r"before <.*>\n\nnew\n\n<.*> after", written)
    assert GENERATE.with_block(written, "x", "new") == written


def test_every_module_says_what_it_is_for():
    assert [path for path in modules(*PACKAGES) if len(GENERATE.purpose(ROOT / path)) < 15] == []


def test_scenarios_stand_on_their_page_as_their_files_say():
    # Their results need a minute of solving; the check of the same test command compares the page as a whole.
    assert tasks.CHECKS["docs"] == ("docs/generate.py", "--check")
    page = (DOCS / "scenarios.md").read_text(encoding="utf-8")
    sections = re.findall(r"^## (\w+)$", page, re.MULTILINE)
    scenarios = load_plan(default_plan_path()).scenarios
    assert sorted(sections) == sorted(scenarios)
    assert all(GENERATE.scenario_section(name, scenarios[name]) in page for name in scenarios)


@pytest.mark.parametrize("page", sorted((DOCS / "decisions").glob("*.md")), ids=lambda page: page.name)
def test_a_decision_is_numbered_and_names_what_holds_it(page):
    assert re.fullmatch(r"\d{4}-[a-z0-9-]+\.md", page.name)
    held = page.read_text(encoding="utf-8").partition("**Held by**")[2]
    assert any((ROOT / name).exists() for name in names_in_code(held))


# ------------------------------------------------------------------------------------------- names in pages


@pytest.mark.parametrize("page", written_pages(), ids=lambda page: page.relative_to(ROOT).as_posix())
def test_names_in_pages_exist(page):
    unknown = {name for name in names_in_code(page.read_text(encoding="utf-8")) if not exists(name, page)}
    assert unknown == set()


@pytest.mark.parametrize(
    "name",
    ["optimizer/sovler.py", "optimizer.solver.Sesion", "budget_yearly", "planopt slove", "python tasks.py tset",
     "PLANOPT_API_PROT", "activity_figures.utilization", "build(instance, with_untis=True)", "--require-hash"],
)  # fmt: skip
def test_a_planted_name_is_found(name):
    assert not exists(name, DOCS / "architecture.md")


def exists(name: str, page: Path) -> bool:
    """Whether what a page calls by this name is there: a file, a command, a module, a name in code or plan."""
    if re.fullmatch(r"\W", name):  # a sign that separates or joins
        return True
    if name.startswith(("planopt", "python tasks.py")):
        return is_command(name.split())
    if call := re.fullmatch(r"(\w+)\((.*)\)", name):
        return set(re.findall(r"\w+", name)) <= names() | {"True", "False"} and exists(call[1], page)
    if " " in name and name not in names():
        return all(exists(word, page) for word in name.split() if len(word) > 2 and not is_number(word))
    if re.fullmatch("PLANOPT_API_[A-Z_]+", name):
        return name in {variable(field) for field in Settings.model_fields}
    return is_file(name, page) or name in names() or is_dotted(name) or stands_in_code(name) or name in FOREIGN


def is_command(words: list[str]) -> bool:
    known = planopt_commands() if words[0] == "planopt" else set(tasks.VERBS)
    verb = words[1:2] if words[0] == "planopt" else words[2:3]
    return set(verb) <= known | {"--help"}


def is_file(name: str, page: Path) -> bool:
    places = (ROOT, page.parent, default_plan_path())
    return bool(re.fullmatch(r"[\w.][\w./*-]*", name)) and any(any(place.glob(name)) for place in places)


def is_number(word: str) -> bool:
    try:
        float(word)
    except ValueError:
        return False
    return True


def is_dotted(name: str) -> bool:
    """A module, something in a module, a field of a class, a column or word of a table."""
    if not re.fullmatch(r"\w+(\.\w+)*", name):
        return False
    return name in plan_names() or any(resolves(f"{prefix}{name}") for prefix in ("", *(f"{o}." for o in OTHERS)))


def resolves(name: str) -> bool:
    parts = name.split(".")
    if parts[0] not in {*PACKAGES, *(other.partition(".")[0] for other in OTHERS)}:
        return False
    for end in range(len(parts), 0, -1):
        try:
            thing: object = importlib.import_module(".".join(parts[:end]))
        except ImportError:
            continue
        for part in parts[end:]:
            thing = getattr(thing, part, None)
        return thing is not None
    return False


def stands_in_code(name: str) -> bool:
    """Options and settings of tools, as the scripts and declarations use them."""
    pattern = re.compile(rf"(?<![\w-]){re.escape(name)}(?![\w-])")
    texts = ((ROOT / path).read_text(encoding="utf-8") for path in CODE)
    return len(name) > 2 and any(pattern.search(text) for text in texts)


@cache
def names() -> frozenset[str]:
    """Names that the packages define, literal texts in them, and the names of the default plan."""
    trees = (parse((ROOT / path).read_text(encoding="utf-8")) for path in modules(*PACKAGES))
    return frozenset(name for tree in trees for name in defined(tree)) | plan_names()


def defined(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name) | ast.arg(arg=name):
                yield name
            case ast.Name(id=name, ctx=ast.Store()) | ast.Constant(value=str(name)):
                yield name
