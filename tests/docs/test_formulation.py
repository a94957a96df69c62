"""The formulation page says every equation and every choice that the code knows, and nothing else."""

import re
from typing import get_args

import pytest

from model_data.vocabulary import INDICATOR_KINDS, STANDINGS
from optimizer.equations import EQUATIONS
from optimizer.formulation import FORESIGHT, KINDS, formulation_page, markdown
from optimizer.formulation import STANDINGS as EXPLAINED
from optimizer.horizon import Horizon
from optimizer.scenario import Foresight
from optimizer.targets import _limit
from tests.docs.pages import mathematics
from tests.house.source import ROOT

PAGE = formulation_page()
SECTIONS = dict(re.findall(r"^### (\w+)\n(.*?)(?=^##|\Z)", PAGE, flags=re.MULTILINE | re.DOTALL))


def test_equations_stand_in_their_order():
    names = [equation.name for equation in EQUATIONS]
    assert list(SECTIONS)[: len(names)] == names
    assert re.findall(r"^\d+\. \[`(\w+)`\]", PAGE, flags=re.MULTILINE) == names


@pytest.mark.parametrize("equation", EQUATIONS, ids=lambda e: e.name)
def test_an_equation_has_sentence_formula_and_index_set(equation):
    section = SECTIONS[equation.name]
    assert re.match(r"\n[A-Z].*\.\n", section)
    assert any(re.search(r"\\le|\\ge|=", formula) for formula in re.findall(r"```math\n(.*?)```", section, re.DOTALL))
    assert f"in `{equation.over}`: " in section


def test_every_equation_and_objective_has_a_golden_program():
    files = {path.stem for path in (ROOT / "tests" / "optimizer" / "golden").glob("*.lp")}
    assert files == {equation.name for equation in EQUATIONS} | {"goals", "objective"}


def test_objectives_have_formulas():
    assert all(r"\min" in "".join(mathematics(SECTIONS[name])) for name in ("goals", "objective"))


@pytest.mark.parametrize(
    ("explained", "known"), [(KINDS, INDICATOR_KINDS), (EXPLAINED, STANDINGS), (FORESIGHT, get_args(Foresight))]
)
def test_every_choice_is_explained(explained, known):
    assert tuple(explained) == tuple(known)
    assert all(f"| `{name}` |" in PAGE for name in known)


@pytest.mark.parametrize("kind", INDICATOR_KINDS)
def test_kinds_are_what_their_formulas_say(kind):
    # Read as the page prints it: (1 + target) to the power of the years passed, times the base value; or the target.
    formula = KINDS[kind]
    change = 1.08 ** (3 if "^{y - y_0}" in formula else 1) if "1 + " in formula else 0.08
    assert _limit(kind, 0.08, 50.0, 3) == pytest.approx(change * (50.0 if "Q^0_i" in formula else 1.0))


def test_docstrings_become_github_markdown():
    text = "One :math:`x_y` of ``code``.\n\n.. math:: a\n    + b\n\nMore."
    assert markdown(text) == "One $`x_y`$ of `code`.\n\n```math\na\n+ b\n```\n\nMore."


def test_formulas_use_no_command_that_github_cannot_read():
    # Braces balance and \left has its \right, or a formula breaks the page from there on.
    for formula in mathematics(PAGE):
        assert formula.count("{") == formula.count("}")
        assert not re.search(r"\\(left|right|begin|end|newcommand)\b|[$|]", formula), formula


def test_closing_years_take_the_last_planned_year():
    horizon = Horizon(2005, (2006, 2007), (2008, 2009), 2007, 2006)
    assert [horizon.limit_year(y) for y in horizon.all] == [2006, 2007, 2007, 2007]
    assert horizon.binding_years("last") == (2007, 2008, 2009)
