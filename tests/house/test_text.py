"""What stands in the files holds: no machine, registry or secret is named, links lead somewhere, commands exist."""

import importlib.util
import re
from pathlib import Path

import pytest

import tasks
from tests.house.source import ROOT, text_files

# Pieced together, or this file would break the rule that it holds.
REGISTRIES = [
    f"{name}.{domain}"
    for domain, names in {
        "org": ("pypi", "pythonhosted", "npmjs", "deb.debian", "anaconda"),
        "com": ("npmjs", "yarnpkg"),
    }.items()
    for name in names
]
FOLDERS = [f"/{top}/" for top in ("home", "root", "Users", "work", "private/var", "tmp/scratch")]
FORBIDDEN = re.compile(
    "|".join(
        [
            *(rf"(?<![\w-]){re.escape(host)}" for host in REGISTRIES),
            *(rf"(?<![\w.*)}}\]]){folder}" for folder in FOLDERS),
            r"\b[A-Z]:\\{1,2}Users",
            r"://[^/\s:@\"'`<>{}]+:[^/\s:@\"'`<>{}]+@",  # a password in an address
            r"-----BEGIN [A-Z ]*PRIVATE" + " KEY",
        ]
    )
)
PAGES = [path for path in text_files() if path.suffix == ".md"]
LINK = re.compile(r"\[[^\]]*\]\(\s*<?([^)\s>]+)>?[^)]*\)")
HEADING = re.compile(r"^#+\s+(.*)$", re.MULTILINE)


def outside_code(text: str) -> str:
    return re.sub(r"```.*?```|`[^`\n]*`", "", text, flags=re.DOTALL)


def anchors(page: Path) -> set[str]:
    """The anchors that the headings of a page make."""
    headings = HEADING.findall(re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL))
    return {re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-") for heading in headings}


def dead_links(page: Path) -> list[str]:
    """Links of a page to files or headings that do not exist."""
    dead = []
    for link in LINK.findall(outside_code(page.read_text(encoding="utf-8"))):
        if re.match(r"[a-z]+:", link):
            continue
        name, _, anchor = link.partition("#")
        target = (page.parent / name) if name else page
        if not target.exists() or (anchor and target.suffix == ".md" and anchor not in anchors(target)):
            dead.append(f"{page.name}: {link}")
    return dead


def test_no_machine_registry_or_secret_is_named():
    found = [
        f"{path.relative_to(ROOT)}:{number}: {match.group()}"
        for path in text_files()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if (match := FORBIDDEN.search(line))
    ]
    assert found == []


@pytest.mark.parametrize(
    "line",
    [
        f"--index-url https://{REGISTRIES[0]}/simple",
        f"see files.{REGISTRIES[1]}",
        f"cd {FOLDERS[0]}somebody/planopt",
        f"open('{FOLDERS[3]}main/x.csv')",
        "C:" + r"\Users\somebody",
        "postgresql://user:" + "secret@host/db",
    ],
)
def test_a_planted_address_is_found(line):
    assert FORBIDDEN.search(line)


@pytest.mark.parametrize(
    "line", ["GET /v1/plans", "the framework/ folder", "docs/home/page.md", "https://semver.org/", "a/work/b"]
)
def test_ordinary_text_is_not(line):
    assert not FORBIDDEN.search(line)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(page):
    assert dead_links(page) == []


def test_a_dead_link_is_found(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("# Here\n[a](gone.md) [b](page.md#there) [c](#here) [d](page.md) `[e](code.md)` ![f](gone.png)\n")
    assert dead_links(page) == ["page.md: gone.md", "page.md: page.md#there", "page.md: gone.png"]


def test_pages_name_only_verbs_of_tasks():
    named = {
        verb for page in PAGES for verb in re.findall(r"python3? tasks\.py ([a-z]+)", page.read_text(encoding="utf-8"))
    }
    assert {"run", "test"} <= named <= set(tasks.VERBS)


@pytest.mark.parametrize("name", ["README.md", "README.zh-CN.md"])
def test_readme_states_the_two_commands(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    assert "python tasks.py run" in text
    assert "python tasks.py test" in text


def test_pages_name_only_commands_of_planopt():
    named = {
        verb
        for page in PAGES
        for verb in re.findall(r"^\$? ?planopt ([a-z]+)", page.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert named <= planopt_commands()


def planopt_commands() -> set[str]:
    if importlib.util.find_spec("optimizer.cli") is None:
        return set()
    from typer.main import get_command

    from optimizer import cli

    return set(get_command(cli.app).commands)


def test_ci_runs_the_test_command_of_the_readme():
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert script.rstrip().endswith("tasks.py test")
