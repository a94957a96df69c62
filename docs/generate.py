"""Generated pages: ``python tasks.py docs`` writes them, ``python tasks.py check`` compares them with the code.

To add a page, add its name and the function that writes it to ``PAGES``.
"""

import ast
import json
import sys
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from api.settings_reference import settings_page
from model_data import Plan, data_reference, default_plan_path, load_plan
from optimizer import load_scenario, solve
from optimizer.formulation import formulation_page
from optimizer.scenario import Objective
from optimizer.words.language import Language

DOCS = Path(__file__).resolve().parent
ROOT = DOCS.parent
PACKAGES = ("model_data", "optimizer", "api")

SCENARIOS = """\
# Scenarios of the default plan

Solve one with `planopt solve --scenario` and its name. Written by `python tasks.py docs` from the files in
`{folder}`; the results are those of the solver.

*Goals missed* is the value of the first stage: every goal's shortfall over its own target, weighted and summed over
goals and years. *Objective* is the value of the last stage. Goals come first: a scenario that misses more of them may
show a higher objective: it has given up what the other one paid for.
"""
MARK = "<!-- written by tasks.py docs: {} -->"


def main(check: bool) -> int:
    stale = [name for name, write in PAGES.items() if is_stale(DOCS / name, write(), write=not check)]
    for name in stale:
        print(f"docs/{name} " + ("differs from the code: run `python tasks.py docs`" if check else "written"))
    return 1 if check and stale else 0


def is_stale(path: Path, text: str, *, write: bool) -> bool:
    """Whether the page differs from what the code says; writes it where asked."""
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return False
    if write:
        path.write_text(text, encoding="utf-8", newline="\n")
    return True


# ------------------------------------------------------------------------------------------------ scenarios


def scenario_page() -> str:
    """Every scenario of the default plan: what it shows, what it changes, how it ends."""
    folder = default_plan_path()
    plan = load_plan(folder)
    names = sorted(plan.scenarios, key=lambda name: (name != plan.settings.default_scenario, name))
    return "\n".join(
        [
            SCENARIOS.format(folder=(folder / "scenarios").relative_to(ROOT).as_posix()),
            "| scenario | based on | status | goals missed | objective |\n| --- | --- | --- | --- | --- |",
            *(result_row(plan, name) for name in names),
            "",
            *(scenario_section(name, plan.scenarios[name]) for name in names),
        ]
    )


def result_row(plan: Plan, name: str) -> str:
    """Only what every solver must find: where several plans are best, they agree in these figures."""
    scenario = load_scenario(plan, name)
    found = solve(plan, scenario).solution
    values = dict(zip((stage.name for stage in found.program.stages), found.values, strict=False))
    missed, reached = values.get("goals"), found.objective
    base = f"`{scenario.based_on}`" if scenario.based_on else ""
    cells = [f"[`{name}`](#{name})", base, found.status, "" if missed is None else f"{missed:.4f}"]
    cells.append("" if reached is None else f"{reached:#.5g} {what_is_optimised(plan, scenario.objective[-1])}")
    return f"| {' | '.join(cells)} |"


def what_is_optimised(plan: Plan, stage: Objective) -> str:
    quantities = plan.table("quantities").set_index("quantity")["unit"]
    units = {str(quantities[term.quantity]) for term in stage.terms}
    unit = units.pop() + " " if len(units) == 1 else ""
    return f"{unit}({stage.sense} {' + '.join(f'`{term.quantity}`' for term in stage.terms)})"


def scenario_section(name: str, raw: Mapping[str, Any]) -> str:
    head = f"## {name}\n\n**{raw['name_en']}** {raw['name_zh']}\n\n{raw['shows_en']}\n{raw['shows_zh']}\n"
    return "\n".join([head, *(f"- {change}" for change in changes(raw)), ""])


def changes(raw: Mapping[str, Any]) -> Iterable[str]:
    """What the file states besides names; entries with the same setting stand together."""
    for key in ("foresight", "target_year", "whole_projects"):
        if key in raw:
            yield f"`{key}`: {json.dumps(raw[key])}"
    for switch, option in raw.get("switches", {}).items():
        yield f"switch `{switch}`: `{option}`"
    for section in ("indicators", "projects"):
        alike: dict[str, list[str]] = {}
        for name, setting in raw.get(section, {}).items():
            alike.setdefault(", ".join(f"{k} = {v}" for k, v in setting.items()), []).append(f"`{name}`")
        yield from (f"{section} with {setting}: {', '.join(names)}" for setting, names in alike.items())
    for figure in raw.get("figures", ()):
        key = ", ".join(f"`{v}`" for k, v in figure.items() if k not in ("table", "value", "unit"))
        yield f"figure of `{figure['table']}`, {key}: {figure['value']} {figure.get('unit', '')}".rstrip()


# --------------------------------------------------------------------------------------------- architecture


def architecture_page() -> str:
    """The page as it is written by hand, with its two lists brought up to date."""
    text = (DOCS / "architecture.md").read_text(encoding="utf-8")
    return with_block(with_block(text, "modules", module_map()), "decisions", decision_list())


def with_block(text: str, name: str, block: str) -> str:
    """The text with what stands between the two marks of that name replaced."""
    start, end = MARK.format(name), MARK.format(f"end of {name}")
    before, _, rest = text.partition(start)
    return f"{before}{start}\n\n{block}\n\n{end}{rest.partition(end)[2]}"


def module_map() -> str:
    """Every module of the packages with the first line of its docstring."""
    paths = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
    lines = ["| module | what it is for |", "| --- | --- |"]
    for package in PACKAGES:
        own = [path for path in paths if path.relative_to(ROOT).parts[0] == package]
        lines += [f"| `{path.relative_to(ROOT).as_posix()}` | {purpose(path)} |" for path in own]
    return "\n".join(lines)


def purpose(path: Path) -> str:
    docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    return (docstring or "").partition("\n")[0].replace("``", "`").replace("|", "\\|")


def decision_list() -> str:
    pages = sorted((DOCS / "decisions").glob("*.md"))
    titles = (page.read_text(encoding="utf-8").partition("\n")[0].removeprefix("# ") for page in pages)
    return "\n".join(f"- [{title}](decisions/{page.name})" for page, title in zip(pages, titles, strict=True))


PAGES: Mapping[str, Callable[[], str]] = {
    "architecture.md": architecture_page,
    "formulation.md": formulation_page,
    "data_reference.md": data_reference,
    "scenarios.md": scenario_page,
    "settings.en.md": partial(settings_page, Language.EN),
    "settings.zh-CN.md": partial(settings_page, Language.ZH),
}

if __name__ == "__main__":
    sys.exit(main(check="--check" in sys.argv[1:]))
