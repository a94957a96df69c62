"""The algebra proved by units: every term of an equation counts the same thing."""

import pyomo.environ as pyo
import pytest
from pyomo.core.base.units_container import UnitsError
from pyomo.util.check_units import assert_units_consistent

from model_data import default_plan_path, load_plan
from optimizer import build, load_scenario, resolve
from optimizer.equations import EQUATIONS
from tests.specimen import specimen


def with_units(plan):
    return build(resolve(plan, load_scenario(plan)), with_units=True)


@pytest.fixture(scope="module")
def model():
    return with_units(specimen().plan())


def test_the_specimen_is_consistent(model):
    for component in model.component_objects((pyo.Constraint, pyo.Objective)):
        assert len(component) > 0
        assert_units_consistent(component)


def sampled(component, count: int):
    """Members spread evenly over a component."""
    members = list(component.values())
    return members[:: max(len(members) // count, 1)]


def test_the_default_plan_is_consistent(full):
    m = with_units(load_plan(default_plan_path()))
    checked = 0
    for component in m.component_objects((pyo.Constraint, pyo.Objective)):
        for member in component.values() if full else sampled(component, 5):
            assert_units_consistent(member)
            checked += 1
    assert checked > 60


# An equation broken on purpose, and what the broken term counts.
BROKEN = {
    "output_limit": lambda m, k: m.output[k] <= m.capacity[k],  # capacity without utilisation
    "capacity_balance": lambda m, k: m.capacity[k] == m.inherited_capacity[k] + m.output[k],
    "output_ramp": lambda m, k: m.output[k] <= m.inherited_output[k] + m.capacity_step[k],
    "host_output_limit": lambda m, k: m.output[k] <= m.utilisation[k] * m.output[k],
    "account": lambda m, k: m.quantity["income", 2006] == m.output[k],  # output without its amount
    "budget_year": lambda m, k: m.quantity["money", 2006] <= m.most_build[k],
    "indicator": lambda m, _: m.quantity["income", 2006] - m.quantity["waste", 2006] ** 2 <= 0,
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_equation_is_found(model, name):
    copy = model.clone()
    index = ("west", "smelter", 2007)
    copy.del_component(name)
    copy.broken = pyo.Constraint(expr=BROKEN[name](copy, index))
    with pytest.raises(UnitsError):
        assert_units_consistent(copy.broken)


def test_every_breakable_name_is_an_equation():
    assert set(BROKEN) <= {equation.name for equation in EQUATIONS}
