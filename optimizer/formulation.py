"""The formulation page: equations, objectives and symbols as Markdown with mathematics, written from the code."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable
from typing import Any

from optimizer.equations import EQUATIONS, Equation, goal_shortfall, weighted_quantities
from optimizer.symbols import FIGURES, INDICES, SETS, STATED, SYMBOLS, UNITS, VARIABLES, Symbol

INTRODUCTION = """\
# The model

One idea carries everything: an activity is two vectors. Its *operate* vector says what one unit of output uses and
gives; its *build* vector says what one unit of new capacity uses and gives. Each entry names a flow, an amount and an
offset in years. Flows are *commodities*, which balance every year, or *accounts*, which are only added up. *Quantities*
are named sums over all of these; budgets, indicators and objectives speak of quantities. The model is linear. All
variables except quantities are nonnegative. All figures are in the units of the plan's tables.

This page is written by `python tasks.py docs` from the docstrings of `optimizer.equations` and the symbols of
`optimizer.symbols`. An equation has one name: in the code, in the labels of its rows, in exchange rates and here.
"""
# What the asked number is, by the kind of an indicator.
KINDS = {
    "level": r"\tau_{iy}",
    "level_change": r"(1 + \tau_{iy}) Q^0_i",
    "growth": r"(1 + \tau_{iy})^{y - y_0} Q^0_i",
    "ratio": r"\tau_{iy}",
    "ratio_change": r"(1 + \tau_{iy}) Q^0_i",
    "ratio_growth": r"(1 + \tau_{iy})^{y - y_0} Q^0_i",
}
STANDINGS = {
    "required": "a row that holds; it continues in closing years with the number of the last planned year",
    "goal": "a row with a shortfall, which the first stage of the objective makes as small as it can be",
    "monitored": "no row; what is reached is computed and shown",
    "outside": "no quantity measures it; it is shown with the plan's figure and the reason",
}
FORESIGHT = {
    "perfect": "All plan years and closing years are decided in one program.",
    "myopic": (
        "One program a plan year, each ending with its year and followed by closing years of its own. What earlier"
        " years decided is fixed, and so is capacity that enters later and on which money has been spent. An infeasible"
        " year ends the sequence."
    ),
    "single_year": (
        "One program up to the target year, followed by closing years. Targets and objectives count only in the target"
        " year and after it, a target for the last plan year only where that is the target year; budgets hold in"
        " every year."
    ),
}
WAYS = """\
**Closing years** follow the last planned year, as many as the plan's settings say. Limits, budgets and required targets
of the last planned year continue in them, at the number of that year; background and yearly changes go on. They count
in the objective unless a term names years. So capacity that serves only after the plan is still worth building.

**Stages.** Where a scenario has goals, `goals` is the first stage; the stages of the scenario follow in their order. A
stage that has been optimised is held as one more row, `hold`, while the next is optimised.

**Whole projects.** Projects start by shares, or entirely or not at all where the scenario says `whole_projects`.
Exchange rates of such a plan are those of the program in which the projects are fixed as decided.
"""
ASKED = r"""The number asked of an indicator is the one below, divided by the price index $`I_{iy}`$ where the indicator
names one. It is $`\rho_{iy}`$ for the ratio kinds, and $`\underline{T}_{iy}`$ or $`\overline{T}_{iy}`$ for the others.
In closing years $`y`$ is the last planned year.
"""
MORE = """
Then [objectives](#objectives), [indicators](#indicators), [ways to solve](#ways-to-solve) and [symbols](#symbols).
"""


def formulation_page() -> str:
    """The whole page; display formulas as fenced ``math`` blocks, which GitHub reads without Markdown escapes."""
    return "\n".join(
        [
            INTRODUCTION,
            "## Contents\n",
            *(f"{n}. [`{e.name}`](#{e.name}): {first_sentence(e.text)}" for n, e in enumerate(EQUATIONS, 1)),
            MORE,
            "## Equations\n",
            *map(equation_section, EQUATIONS),
            "## Objectives\n",
            objective_section("goals", goal_shortfall),
            objective_section("objective", weighted_quantities),
            indicator_section(),
            way_section(),
            symbol_section(),
        ]
    )


def equation_section(equation: Equation) -> str:
    members = next(symbol.meaning for symbol in SETS if symbol.code == equation.over)
    index = ", ".join(latex_of(name) for name in list(inspect.signature(equation.rule).parameters)[1:])
    domain = f"For every $`({index})`$ in `{equation.over}`: {members}."
    return f"### {equation.name}\n\n{markdown(equation.text)}\n\n{domain}\n"


def objective_section(name: str, rule: Callable[..., Any]) -> str:
    return f"### {name}\n\n{markdown(rule.__doc__ or '')}\n"


def indicator_section() -> str:
    kinds = ((f"`{kind}`", f"$`{formula}`$") for kind, formula in KINDS.items())
    standings = ((f"`{standing}`", meaning) for standing, meaning in STANDINGS.items())
    return "\n".join(
        [
            "## Indicators\n",
            ASKED,
            table(("kind", "number asked"), kinds),
            table(("standing", "what it means"), standings),
        ]
    )


def way_section() -> str:
    rows = ((f"`{name}`", meaning) for name, meaning in FORESIGHT.items())
    return "\n".join(["## Ways to solve\n", table(("foresight", "what is decided"), rows), WAYS])


def symbol_section() -> str:
    units = "; ".join(f"*{name}*: " + (f"`{unit}`" if " " not in unit else unit) for name, unit in UNITS.items())
    parts = [
        ("Indices", INDICES),
        ("Variables", VARIABLES),
        ("Figures", FIGURES),
        ("Sets", SETS),
        ("Stated numbers", STATED),
    ]
    return "\n".join(
        [
            "## Symbols\n",
            f"Units: {units}.\n",
            *(f"### {title}\n\n{symbol_table(symbols)}" for title, symbols in parts),
        ]
    ).rstrip("\n") + "\n"  # fmt: skip


def symbol_table(symbols: tuple[Symbol, ...]) -> str:
    """One row a symbol; columns that no symbol of the table fills are left out."""
    columns: dict[str, Callable[[Symbol], str]] = {
        "symbol": lambda s: f"$`{s.latex}`$" if s.latex else "",
        "code": lambda s: f"`{s.code}`",
        "meaning": lambda s: s.meaning,
        "unit": lambda s: s.unit,
        "from": lambda s: ", ".join(f"`{name}`" for name in s.source),
    }
    filled = {title: cell for title, cell in columns.items() if any(cell(symbol) for symbol in symbols)}
    return table(tuple(filled), ([cell(symbol) for cell in filled.values()] for symbol in symbols))


def table(titles: tuple[str, ...], rows: Iterable[Iterable[str]]) -> str:
    lines = [titles, ["---"] * len(titles), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def markdown(docstring: str) -> str:
    """A docstring with reStructuredText mathematics as Markdown with GitHub's."""
    text = inspect.cleandoc(docstring).replace("``", "`")
    text = re.sub(r":math:`([^`]+)`", r"$`\1`$", text)
    return re.sub(r"^\.\. math:: *((?:.+\n?)+)", _display, text, flags=re.MULTILINE).rstrip()


def _display(match: re.Match[str]) -> str:
    lines = (line.strip() for line in match[1].strip().splitlines())
    return "```math\n" + "\n".join(lines) + "\n```\n"


def first_sentence(docstring: str) -> str:
    return inspect.cleandoc(docstring).splitlines()[0]


def latex_of(name: str) -> str:
    """The symbol of an index by the name of the parameter."""
    return next(symbol.latex for symbol in SYMBOLS if symbol.kind == "index" and symbol.code == name)
