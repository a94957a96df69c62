"""Projects: shares and whole ones, commitments, requirements, their own vectors. Optima derived on paper."""

import pytest

from optimizer import ScenarioError
from tests.plan_builder import Builder


def field(**years: object) -> Builder:
    """A pit of 10 t for "mine"; the objective is output in 2006 to 2008 unless money is scarce."""
    b = Builder(last=2008).activity("mine").quantity("made", measure="output").account("money")
    b.project("pit", "mine", size=10, **{"earliest_year": 2006, **years})
    return b.scenario("maximise", "made")


def test_a_project_starts_once():
    # 10 in all three years; started twice it would make more than 30.
    assert field().optimum() == pytest.approx(30)


def test_not_before_its_earliest_year():
    assert field(earliest_year=2007).optimum() == pytest.approx(20)


def test_a_committed_project_starts_in_its_year():
    # Free in 2006, committed for 2008: 10 in the last year only.
    assert field(committed_year=2008).optimum() == pytest.approx(10)
    # Even where nothing speaks for it: least output with a floor of 1 is 10, not 0.
    b = field(committed_year=2008).activity("mine", utilisation_floor=1).scenario("minimise", "made")
    b.quantity("kept", measure="capacity").indicator("keep", "level", "kept", ">=", 10, years="last")
    assert b.optimum() == pytest.approx(10)


def test_money_buys_a_share():
    # 2 元 a tonne; 8 元 in all buy 4 t of the pit's 10, in service from 2006: 4 · 3.
    b = field().amount("mine", "adds", "money", 2, vector="build").budget("all", "money", limit=8)
    assert b.optimum() == pytest.approx(12)


def test_whole_projects_are_whole():
    # The same in whole: the pit costs 20, too much; a shaft of 3 t costs 6 and fits: 3 · 3.
    b = field().amount("mine", "adds", "money", 2, vector="build").budget("all", "money", limit=8)
    b.project("shaft", "mine", size=3, earliest_year=2006)
    answer = b.solve(changes={"whole_projects": True})
    assert answer.status == "optimal"
    assert answer.objective == pytest.approx(9)
    assert answer.solution.priced_with_projects_fixed
    assert answer.solution.gap <= 1e-9
    # In shares: all 8 元 buy 4 t.
    assert b.optimum() == pytest.approx(12)


def test_a_project_follows_the_one_it_requires():
    # The road (no output of its own use: size 1, activity road) can start in 2007; the pit only with it: 10 · 2.
    b = field(earliest_year=2006).activity("road").project("way", "road", size=1, earliest_year=2007)
    b.rows["projects"][0]["requires"] = "way"
    b.rows["quantity_terms"][0]["activity"] = "mine"
    assert b.optimum() == pytest.approx(20)


def test_a_project_follows_only_as_far():
    # 0.4 of the way can be paid (40 of 100 元), so 0.4 of the pit: 4 · 3.
    b = field().activity("road").project("way", "road", size=1, earliest_year=2006)
    b.rows["projects"][0]["requires"] = "way"
    b.rows["quantity_terms"][0]["activity"] = "mine"
    b.amount("road", "adds", "money", 100, vector="build").budget("all", "money", limit=40)
    assert b.optimum() == pytest.approx(12)


def test_a_requirement_that_never_comes():
    # The way enters after the horizon: the pit never starts.
    b = field().activity("road").project("way", "road", size=1, earliest_year=2006)
    b.rows["projects"][0]["requires"] = "way"
    b.rows["quantity_terms"][0]["activity"] = "mine"
    assert b.optimum(changes={"projects": {"way": {"earliest_year": 2009}}}) == pytest.approx(0)


def test_a_project_replaces_the_flow_that_it_states_itself():
    # The activity builds at 2 元 and 1 元 of steel a tonne; the pit states 4 元 of its own: steel stays.
    b = field().commodity("steel", "buy").account("steel_money")
    b.amount("mine", "adds", "money", 2, vector="build").amount("mine", "adds", "steel_money", 1, vector="build")
    b.add("project_amounts", project="pit", flow="money", direction="adds", value=4)
    b.budget("all", "money", limit=20).budget("steel", "steel_money", limit=3)
    # Money alone would admit 5 t, steel 3 t: 3 · 3.
    assert b.optimum() == pytest.approx(9)
    assert b.optimum(changes={"figures": [limit("all", 8)]}) == pytest.approx(6)  # 8 / 4 = 2 t


def limit(budget: str, value: float) -> dict:
    return {"table": "budget_figures", "budget": budget, "parameter": "limit", "value": value}


def test_a_delay_by_scenario():
    changes = {"projects": {"pit": {"earliest_year": 2008}}}
    assert field().optimum(changes=changes) == pytest.approx(10)
    assert field().optimum(changes={"projects": {"pit": {"standing": "outside"}}}, scenario="base") == pytest.approx(0)


def test_a_commitment_before_the_earliest_year_is_refused():
    with pytest.raises(ScenarioError, match=r"pit.*2006, before its earliest year 2007"):
        field(earliest_year=2007).solve(changes={"projects": {"pit": {"committed_year": 2006}}})


def test_size_counts_as_new_capacity():
    # The measure "build" sums generic building (none here) and projects entering: 10 in all, whatever the year.
    b = field().quantity("new", measure="build").scenario("maximise", "new")
    assert b.optimum() == pytest.approx(10)
    b.rows["quantity_terms"][-1]["project"] = "pit"
    assert b.optimum() == pytest.approx(10)
