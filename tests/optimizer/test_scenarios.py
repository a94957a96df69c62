"""Scenarios: what is unknown or impossible is refused, every problem at once, with the near miss."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model_data import DataError, load_plan
from optimizer import ScenarioError, load_scenario, resolve
from tests.plan_builder import Builder

PLAN = load_plan(Path(__file__).parents[1] / "plans" / "tiny")


def problems(changes: dict, name: str | None = None) -> tuple[str, ...]:
    with pytest.raises(ScenarioError) as refused:
        load_scenario(PLAN, name, changes)
    return tuple(map(str, refused.value.problems))


@pytest.mark.parametrize(
    ("changes", "place", "remedy"),
    [
        ({"objektive": []}, "objektive", "objective"),
        ({"indicators": {"grwoth": {"target": 1}}}, "grwoth", "growth"),
        ({"indicators": {"growth": {"targt": 1}}}, "indicators.growth.targt", "target"),
        ({"projects": {"new_facory": {}}}, "new_facory", "new_factory"),
        ({"projects": {"new_factory": {"earliest": 2007}}}, "projects.new_factory.earliest", "earliest_year"),
        ({"switches": {"electricity": "x"}}, "electricity", ""),
        ({"objective": [{"terms": [{"quantity": "value_aded"}]}]}, "value_aded", "value_added"),
        ({"objective": [{"terms": [{"quantity": "energy", "wieght": 2}]}]}, "wieght", "weight"),
        ({"objective": [{"sense": "max", "terms": [{"quantity": "energy"}]}]}, "sense", "maximise"),
        ({"objective": []}, "objective", ""),
        ({"objective": [{"terms": []}]}, "terms", ""),
        ({"objective": [{"terms": [{"quantity": "energy", "years": [2011]}]}]}, "2011", "2006"),
        ({"objective": [{"terms": [{"quantity": "energy", "weight": float("nan")}]}]}, "weight", "finite"),
        ({"objective": [{"terms": [{"quantity": "energy", "weight": float("inf")}]}]}, "weight", "finite"),
        ({"objective": [{"terms": [{"quantity": "energy", "discount_rate": -1}]}]}, "discount_rate", "-1"),
        ({"objective": [{"terms": [{"quantity": "energy", "weight": 0}]}]}, "objective.0", "other than 0"),
        ({"indicators": {"growth": {"years": [2005]}}}, "2005", "2006"),
        ({"indicators": {"growth": {"weight": 0}}}, "weight", "0"),
        ({"indicators": {"growth": {"deflator": "cpi"}}}, "cpi", ""),
        ({"projects": {"new_factory": {"committed_year": 2050}}}, "2050", "2006"),
        ({"foresight": "single_year"}, "target_year", "2006"),
        ({"target_year": 2007}, "target_year", "single_year"),
        ({"foresight": "perfekt"}, "foresight", "perfect"),
        ({"figures": 5}, "figures", ""),
        ({"figures": [5]}, "figures", ""),
        ({"figures": {"table": "budget_figures"}}, "figures", ""),
        ({"indicators": 5}, "indicators", ""),
        ({"switches": {"a": 5}}, "switches", ""),
    ],
)
def test_refused_with_place_and_remedy(changes, place, remedy):
    found = problems(changes)
    assert len(found) == 1
    assert place in found[0]
    assert remedy in found[0]


def test_everything_is_said_at_once():
    found = problems(
        {
            "indicators": {"grwoth": {}, "energy_intensity": {"years": [1999]}},
            "projects": {"nowhere": {}},
            "switches": {"none": "x"},
            "target_year": 2007,
        }
    )
    assert len(found) == 5


def test_every_unknown_key_is_said_at_once():
    assert len(problems({"a": 1, "b": 2, "indicators": {"growth": {"c": 3}}})) == 3


def test_an_unknown_scenario():
    assert "most_value" in problems({}, "most_valu")[0]


def test_figures_that_do_not_exist():
    for change in ({"table": "budget_figure"}, {"table": "budget_figures", "budget": "none", "parameter": "limit"}):
        with pytest.raises((DataError, ScenarioError)):
            resolve(PLAN, load_scenario(PLAN, None, {"figures": [{**change, "value": 1}]}))


def test_based_on_merges_key_by_key():
    b = Builder().activity("mine", base_capacity=10).quantity("made", measure="output").scenario("maximise", "made")
    b.indicator("a", "level", "made", "<=", 5, standing="monitored").indicator("b", "level", "made", "<=", 3)
    b.scenarios["child"] = {
        "scenario": "child",
        "based_on": "base",
        "indicators": {"a": {"standing": "required"}, "b": {"standing": "monitored"}},
    }
    b.scenarios["grandchild"] = {
        "scenario": "grandchild",
        "based_on": "child",
        "indicators": {"a": {"target": 4}},
        "figures": [
            {"table": "activity_figures", "activity": "mine", "parameter": "base_capacity", "value": 3.5},
        ],
    }
    assert b.optimum() == pytest.approx(6)
    assert b.optimum("child") == pytest.approx(10)
    assert b.optimum("grandchild") == pytest.approx(7)  # target 4, capacity 3.5
    # The caller's changes come last.
    assert b.optimum("grandchild", {"indicators": {"a": {"target": 2}}}) == pytest.approx(4)


def test_a_switched_project_needs_what_a_modelled_one_has():
    b = Builder().activity("mine", base_capacity=10).quantity("made", measure="output").scenario("maximise", "made")
    b.add("projects", project="idea", standing="outside", reason="Nothing is known.")
    with pytest.raises(ScenarioError, match=r"projects\.idea"):
        b.solve(changes={"projects": {"idea": {"standing": "modelled"}}})


names = st.sampled_from(["growth", "energy_intensity", "new_factory", "value_added", "investment", "energy", "x", ""])
numbers = st.one_of(st.integers(-5, 3000), st.floats(allow_nan=True, allow_infinity=True), st.just(10**400))
scalars = st.one_of(st.none(), st.booleans(), numbers, names, st.sampled_from(["each", "last", "required", "goal"]))
anything = st.recursive(
    scalars,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(names, inner, max_size=3)),
    max_leaves=6,
)
setting = st.dictionaries(
    st.sampled_from(["standing", "target", "years", "deflator", "weight", "earliest_year", "committed_year", "size"]),
    st.one_of(scalars, st.sampled_from(["monitored", "modelled", "outside"]), st.just([2006, 2008])),
    max_size=3,
)
figure = st.fixed_dictionaries(
    {"table": st.sampled_from(["budget_figures", "amounts", "activity_figures", "indicator_figures", "none"])},
    optional={
        "value": scalars,
        "unit": st.sampled_from(["万元", "亿元", "t", "%", "", "x"]),
        "budget": st.just("investment"),
        "parameter": st.sampled_from(["limit", "base", "target", "utilisation"]),
        "year": st.one_of(st.integers(2004, 2011), anything),
        "activity": st.sampled_from(["mill", "shop", "x"]),
        "indicator": names,
    },
)
term = st.fixed_dictionaries(
    {"quantity": names},
    optional={"weight": scalars, "discount_rate": scalars, "years": st.one_of(scalars, st.just([2007]))},
)
changes = st.fixed_dictionaries(
    {},
    optional={
        "foresight": st.sampled_from(["perfect", "myopic", "single_year", "blind"]),
        "target_year": scalars,
        "whole_projects": scalars,
        "switches": anything,
        "objective": st.one_of(
            anything,
            st.lists(
                st.fixed_dictionaries({"terms": st.lists(term, max_size=2)}, optional={"sense": scalars}), max_size=2
            ),
        ),
        "indicators": st.one_of(anything, st.dictionaries(names, setting, max_size=2)),
        "projects": st.one_of(anything, st.dictionaries(names, setting, max_size=2)),
        "budgets": anything,
        "figures": st.one_of(anything, st.lists(figure, max_size=2)),
        "based_on": scalars,
    },
)


@given(changes)
@settings(max_examples=40, deadline=None)
def test_random_changes_are_used_or_refused(change):
    used_or_refused(change)


@pytest.mark.slow
@given(changes)
@settings(max_examples=2000, deadline=None)
def test_many_random_changes_are_used_or_refused(change):
    used_or_refused(change)


def used_or_refused(change: dict) -> None:
    """Nothing but the two errors that name their problems comes out."""
    reasons = ()
    try:
        resolve(PLAN, load_scenario(PLAN, None, change))
    except (ScenarioError, DataError) as error:
        reasons = error.problems
        if not reasons:
            raise
    assert all(str(reason) for reason in reasons)
