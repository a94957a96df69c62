"""The symbol table holds what the model holds, and a formula names what its equation reads."""

import ast
import inspect
import re
import textwrap

import pyomo.environ as pyo
import pytest

from model_data import TABLE
from model_data.settings import Settings
from optimizer import build, load_scenario, resolve, scenario
from optimizer.declarations.component import FIGURE_UNITS, VARIABLE_UNITS
from optimizer.equations import EQUATIONS, goal_shortfall, weighted_quantities
from optimizer.equations.equation import linear_form
from optimizer.formulation import formulation_page, markdown
from optimizer.symbols import SYMBOLS
from tests.docs.pages import mathematics
from tests.house.source import parse
from tests.specimen import specimen

COMPONENTS = {"set": pyo.Set, "figure": pyo.Param, "variable": pyo.Var}
RULES = {e.name: e.rule for e in EQUATIONS} | {"goals": goal_shortfall, "objective": weighted_quantities}
WORDS = r"\\(sum|in|ge|le|qquad|frac|min|max)(?![a-zA-Z])|\\text\{[^}]*\}"
SYMBOL = r"(?:\\(?:overline|underline|mathcal)\{\w\}|\\[A-Za-z]+|[A-Za-z]'?)(?:\^(?:\\[A-Za-z]+|[\w+-]))?"


@pytest.fixture(scope="module")
def model():
    """The specimen has something of everything, so every component shows how many indices it has."""
    plan = specimen().plan()
    return build(resolve(plan, load_scenario(plan)))


def symbols_in(formula: str) -> set[str]:
    """The symbols of a formula, indices among them, without their own indices."""
    return set(re.findall(SYMBOL, re.sub(WORDS, " ", formula)))


def stem(latex: str) -> str:
    """A symbol without its indices."""
    return latex.partition("_")[0]


STEMS = {stem(symbol.latex): symbol for symbol in reversed(SYMBOLS) if symbol.latex}


@pytest.mark.parametrize("kind", COMPONENTS)
def test_the_model_and_the_table_hold_the_same(model, kind):
    declared = {symbol.code for symbol in SYMBOLS if symbol.kind == kind}
    assert declared == {component.local_name for component in model.component_objects(COMPONENTS[kind])}


def test_the_specimen_leaves_nothing_empty(model):
    empty = [c.local_name for kind in COMPONENTS.values() for c in model.component_objects(kind) if not len(c)]
    assert empty == []


def test_no_symbol_or_name_stands_for_two_things():
    for key in (lambda s: s.latex, lambda s: (s.code, s.kind == "index")):
        keys = [key(symbol) for symbol in SYMBOLS if key(symbol)]
        assert len(keys) == len(set(keys))
    # Symbols that differ in their indices only are one letter for two things; the base year is a year.
    assert len({stem(s.latex) for s in SYMBOLS if s.latex}) == sum(bool(s.latex) for s in SYMBOLS) - 1


@pytest.mark.parametrize("symbol", [s for s in SYMBOLS if s.latex and s.kind in COMPONENTS], ids=lambda s: s.code)
def test_a_symbol_has_the_indices_of_its_component(model, symbol):
    letters = re.findall(r"\\kappa|[a-z]'?", symbol.latex.partition("_")[2])
    assert {STEMS[letter].kind for letter in letters} <= {"index"}
    assert sum(4 if letter == r"\kappa" else 1 for letter in letters) == getattr(model, symbol.code).dim()


@pytest.mark.parametrize("name", RULES)
def test_a_formula_names_what_the_equation_reads(name):
    rule = RULES[name]
    tree = parse(textwrap.dedent(inspect.getsource(rule)))
    read = components_read(tree)
    form = components_read(parse(inspect.getsource(linear_form))) if calls(tree, "linear_form") else set()
    named = {STEMS[s] for formula in mathematics(markdown(rule.__doc__)) for s in symbols_in(formula)}
    codes = {symbol.code for symbol in named if symbol.kind in COMPONENTS}
    with_symbol = {symbol.code for symbol in SYMBOLS if symbol.latex}
    assert read & with_symbol <= codes <= read | form


def components_read(tree: ast.AST) -> set[str]:
    """Names of the components that a rule takes from its model m."""
    nodes = (n for n in ast.walk(tree) if isinstance(n, ast.Attribute) and isinstance(n.value, ast.Name))
    return {node.attr for node in nodes if node.value.id == "m"}


def calls(tree: ast.AST, name: str) -> bool:
    return any(isinstance(n, ast.Call) and isinstance(n.func, ast.Name) and n.func.id == name for n in ast.walk(tree))


def test_every_symbol_in_a_formula_is_declared_and_every_declared_one_is_used():
    used = {s for formula in mathematics(formulation_page().partition("## Symbols")[0]) for s in symbols_in(formula)}
    assert used == set(STEMS)


@pytest.mark.parametrize("formula", [r"x_{ray} \le \beta", r"x_{rab}^2 + W", r"\overline{x}_{ray}"])
def test_a_planted_symbol_is_found(formula):
    assert symbols_in(formula) - set(STEMS)


WEIGHTS = {"goal_weight", "objective_weight"}  # without unit in the proof, which is of rows and not of objectives
FLOWS = ("flow unit", "quantity unit", "form unit")
ABSTRACT = {"output unit": "output", "capacity unit": "capacity"} | dict.fromkeys(FLOWS, "flow")


@pytest.mark.parametrize(
    "symbol", [s for s in SYMBOLS if s.kind in ("figure", "variable") and s.code not in WEIGHTS], ids=lambda s: s.code
)
def test_units_of_the_table_are_those_of_the_proof(symbol):
    proved = (FIGURE_UNITS | VARIABLE_UNITS).get(symbol.code, "dimensionless")
    upper, _, lower = symbol.unit.partition("/")
    parts = [ABSTRACT.get(upper, "dimensionless"), *([ABSTRACT[lower]] if lower else [])]
    assert ("dimensionless" if len(set(parts)) < len(parts) else "/".join(parts)) == proved


@pytest.mark.parametrize("name", sorted({name for symbol in SYMBOLS for name in symbol.source}))
def test_a_source_exists(name):
    place, _, field = name.partition(".")
    if place in TABLE:
        columns = TABLE[place].columns
        assert field in {column.name for column in columns} | {word for column in columns for word in column.choices}
    elif place == "plan":
        assert field in Settings.__dataclass_fields__
    else:
        assert field in getattr(scenario, place).model_fields
