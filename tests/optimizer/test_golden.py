"""What each equation says on a small plan, term by term (golden/README.md says how to write the files anew)."""

import io
import os
import re
from functools import cache
from pathlib import Path

import pyomo.environ as pyo
import pytest
from pyomo.repn.plugins.lp_writer import LPWriter

from optimizer import build, load_scenario, resolve
from optimizer.equations import EQUATIONS, goal_shortfall, weighted_quantities
from tests.specimen import specimen

GOLDEN = Path(__file__).parent / "golden"
OBJECTIVES = ("goals", "objective")


@cache
def model():
    plan = specimen().plan()
    return build(resolve(plan, load_scenario(plan)))


def said(name: str) -> str:
    """The LP text of one equation or objective alone."""
    m = model().clone()
    for component in list(m.component_objects((pyo.Constraint, pyo.Objective))):
        if component.local_name != name:
            component.deactivate()
    texts = []
    if name in OBJECTIVES:
        parts = list(m.component(name).values())
        for part in parts:
            for other in parts:
                other.deactivate()
            part.activate()
            texts.append(written(m))
    else:
        m.nothing = pyo.Objective(expr=0)
        texts.append(written(m))
    return "\n".join(texts)


def written(m) -> str:
    text = io.StringIO()
    LPWriter().write(m, text, symbolic_solver_labels=True, file_determinism=30)
    # Twelve digits: the last ones depend on the order in which factors were multiplied.
    return re.sub(r"\d+\.\d+(e-?\d+)?", lambda number: f"{float(number.group()):.12g}", text.getvalue())


@pytest.mark.parametrize("name", [*(equation.name for equation in EQUATIONS), *OBJECTIVES])
def test_an_equation_says_what_it_said(name):
    path = GOLDEN / f"{name}.lp"
    text = said(name)
    if os.environ.get("GOLDEN") == "write":
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("equation", EQUATIONS, ids=lambda equation: equation.name)
def test_every_equation_occurs_and_is_explained(equation):
    assert len(getattr(model(), equation.name)) > 0
    assert ".. math::" in equation.text
    assert equation.text.splitlines()[0].endswith(".")


def test_objectives_are_explained():
    for rule in (goal_shortfall, weighted_quantities):
        assert ".. math::" in rule.__doc__


def test_every_equation_has_its_file_and_every_file_its_equation():
    files = {path.stem for path in GOLDEN.glob("*.lp")}
    assert files == {equation.name for equation in EQUATIONS} | set(OBJECTIVES)


def test_every_constraint_of_the_model_is_an_equation():
    constraints = {component.local_name for component in model().component_objects(pyo.Constraint)}
    assert constraints == {equation.name for equation in EQUATIONS}
