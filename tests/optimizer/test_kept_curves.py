"""Curves that are kept: the same curve is read and not traced, and nothing that was not proved is shown."""

import io

import numpy as np
import pytest

from model_data import default_plan_path, load_plan
from optimizer import all_budgets, load_scenario, make_program
from optimizer import kept_curves as module
from optimizer.directions import Direction
from optimizer.kept_curves import Curves, _key, _written
from optimizer.program import LinearProgram
from optimizer.store import Store
from optimizer.value_curves import value_curve
from tests.specimen import specimen

INTERVAL = (-0.9, 0.5)


@pytest.fixture(scope="module")
def asked() -> tuple[LinearProgram, Direction]:
    plan = specimen().plan()
    instance, program = make_program(plan, load_scenario(plan))
    return program, all_budgets(instance)


@pytest.fixture(scope="module")
def traced(asked):
    return value_curve(*asked, INTERVAL)


@pytest.fixture
def traces(monkeypatch):
    """Every curve that is traced, as it is asked for."""
    seen = []

    def counted(*question, gap):
        seen.append((*question, gap))
        return value_curve(*question, gap=gap)

    monkeypatch.setattr(module, "value_curve", counted)
    return seen


def same(one, other):
    assert one.status == other.status == "optimal"
    assert (one.unit, one.value_unit, one.solves, one.seconds) == (
        other.unit,
        other.value_unit,
        other.solves,
        other.seconds,
    )
    assert (one.feasible, one.continues, one.shape) == (other.feasible, other.continues, other.shape)
    for here, there in zip(one.points, other.points, strict=True):
        assert (here.theta, here.values, here.turns) == (there.theta, there.values, there.turns)
        np.testing.assert_array_equal(here.x, there.x)
    for here, there in zip(one.pieces, other.pieces, strict=True):
        assert (here.left, here.right, here.slopes, here.holds) == (there.left, there.right, there.slopes, there.holds)
        np.testing.assert_array_equal(here.y, there.y)
    assert one.certificate == other.certificate


def test_asked_again_it_is_not_traced_again(asked, traces):
    curves = Curves()
    first = curves.along(*asked, INTERVAL)
    assert curves.along(*asked, INTERVAL) is first
    assert len(traces) == 1
    curves.along(*asked, (0.0, 0.2))
    program, direction = asked
    curves.along(program, {label: 2.0 * step for label, step in direction.items()}, INTERVAL)
    label = next(iter(direction))
    row = program.row_number[label]
    moved = program.with_row_bounds({label: (program.row_lower[row], program.row_upper[row] * 1.01)})
    curves.along(moved, direction, INTERVAL)
    assert len(traces) == 4


def test_another_process_reads_it_from_the_disk(asked, traced, traces, tmp_path):
    first = Curves(Store(tmp_path)).along(*asked, INTERVAL)
    found = Curves(Store(tmp_path)).along(*asked, INTERVAL)
    assert len(traces) == 1
    same(found, first)
    for theta in np.linspace(*traced.interval, 17):
        assert found.at(theta).values == pytest.approx(traced.at(theta).values, rel=1e-12)


def changed(curve, **arrays):
    """The entry with some arrays replaced."""
    with np.load(io.BytesIO(_written(curve))) as file:
        whole = {name: file[name] for name in file.files}
    buffer = io.BytesIO()
    np.savez(buffer, **{name: arrays.get(name, lambda kept: kept)(kept) for name, kept in whole.items()})
    return buffer.getvalue()


WRONG = {
    "empty": lambda _: b"",
    "half": lambda curve: _written(curve)[: len(_written(curve)) // 2],
    "other multipliers": lambda curve: changed(curve, y=lambda y: 1.01 * y),
    "another point": lambda curve: changed(curve, x=lambda x: x + 1.0),
    "a piece too few": lambda curve: changed(curve, ends=lambda ends: ends[1:]),
    "too narrow": lambda curve: changed(curve, x=lambda x: x[:, :-1]),
    "no text": lambda curve: changed(curve, said=lambda said: said[:-2]),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_what_is_no_proved_curve_is_traced_again(asked, traced, traces, tmp_path, wrong):
    store = Store(tmp_path)
    store.put(_key(*asked, INTERVAL, 0.0), WRONG[wrong](traced))
    found = Curves(store).along(*asked, INTERVAL)
    assert len(traces) == 1
    assert found.status == "optimal"
    assert [point.values for point in found.points] == [point.values for point in traced.points]
    # and what was traced stands in its place
    Curves(store).along(*asked, INTERVAL)
    assert len(traces) == 1


def test_few_are_remembered(asked, traces):
    curves = Curves()
    for k in range(module._MOST + 1):
        curves.along(*asked, (0.0, 0.1 + 0.01 * k))
    curves.along(*asked, (0.0, 0.1))
    assert len(traces) == module._MOST + 2


def test_a_shipped_curve_is_the_same_from_the_disk(tmp_path, traces):
    plan = load_plan(default_plan_path())
    instance, program = make_program(plan, load_scenario(plan))
    question = program, all_budgets(instance), (0.0, 0.05)
    first, found = (Curves(Store(tmp_path)).along(*question) for _ in range(2))
    assert len(traces) == 1
    assert len(found.pieces) > 3
    same(found, first)


def test_a_near_curve_is_kept_beside_the_exact_one(traces, tmp_path):
    plan = load_plan(default_plan_path())
    instance, program = make_program(plan, load_scenario(plan))
    asked = program.with_stages(program.stages[-1:]), all_budgets(instance), (0.0, 0.2)
    first = [Curves(Store(tmp_path)).along(*asked, gap=gap) for gap in (0.0, 0.001)]
    again = [Curves(Store(tmp_path)).along(*asked, gap=gap) for gap in (0.0, 0.001)]
    assert len(traces) == 2
    assert first[1].solves < first[0].solves
    for one, other in zip(first, again, strict=True):
        same(one, other)
        assert (one.gap, one.proven_gap) == (other.gap, other.proven_gap)
