"""Capacity, ramps, hosts: optima derived on paper."""

import pytest

from tests.plan_builder import Builder


def mine(**figures: object) -> Builder:
    """One activity; the objective is its output summed over 2006 and 2007."""
    return Builder().activity("mine", **figures).quantity("made", measure="output").scenario("maximise", "made")


def test_output_limit():
    # x <= 0.5 · 10 in two years.
    assert mine(base_capacity=10, utilisation=0.5).optimum() == pytest.approx(10)


def test_output_limit_by_year():
    # 2006 at the general 0.5, 2007 at its own 0.8: 5 + 8.
    assert mine(base_capacity=10, utilisation={None: 0.5, 2007: 0.8}).optimum() == pytest.approx(13)


def test_scheduled_retirement():
    # 10 in 2006; 4 leave at the start of 2007: 10 + 6.
    assert mine(base_capacity=10, retirement={2007: 4}).optimum() == pytest.approx(16)


def test_retirement_beyond_capacity_is_a_contradiction():
    # 4 of 3 cannot leave: capacity would be negative, and no target is to blame.
    answer = mine(base_capacity=3, retirement={2007: 4}).solve()
    assert answer.status == "infeasible"
    assert answer.conflict is not None
    assert answer.conflict.structural


def test_capacity_is_inherited():
    # Retiring 4 in 2006 leaves 6 for both years: what left stays away.
    assert mine(base_capacity=10, retirement={2006: 4}).optimum() == pytest.approx(12)


def test_further_retirement_escapes_a_floor():
    # At least half of capacity must run; least output: all capacity retires, nothing runs.
    b = mine(base_capacity=10, utilisation_floor=0.5).scenario("minimise", "made")
    assert b.optimum() == pytest.approx(0)


def test_output_floor():
    # The same with capacity kept at 10 in each year by a target: 0.5 · 10 twice.
    b = mine(base_capacity=10, utilisation_floor=0.5).scenario("minimise", "made")
    b.quantity("kept", measure="capacity").indicator("keep", "level", "kept", ">=", 10)
    assert b.optimum() == pytest.approx(10)


def test_output_ramp_with_step():
    # From 4 in the base year, +50 % and 1 more a year: 4 · 1.5 + 1 = 7, then 7 · 1.5 + 1 = 11.5.
    b = mine(base_capacity=100, base_output=4, output_growth=0.5, output_step=1)
    assert b.optimum() == pytest.approx(18.5)


def test_output_ramp_of_one_year_only():
    # Growth limited in 2006 only: 4 · 1.5 = 6, then the capacity of 20.
    assert mine(base_capacity=20, base_output=4, output_growth={2006: 0.5}).optimum() == pytest.approx(26)


def test_output_step_without_growth_is_no_ramp():
    assert mine(base_capacity=20, base_output=4, output_step=1).optimum() == pytest.approx(40)


def test_capacity_ramp():
    # Generic building is free; capacity grows 10 % and 2 a year: 10 -> 13 -> 16.3.
    b = mine(base_capacity=10, earliest_build=2006, capacity_growth=0.1, capacity_step=2)
    assert b.optimum() == pytest.approx(29.3)


def test_a_project_counts_in_the_capacity_ramp():
    # A project of 5 alone in a place without capacity: 0 -> at most 2 in 2006, at most 4 in 2007.
    b = mine(capacity_growth=0.0, capacity_step=2).project("pit", "mine", size=5, earliest_year=2006)
    assert b.optimum() == pytest.approx(6)


def test_capacity_limit():
    # Free building up to 15 in 2006 and 18 in 2007.
    b = mine(base_capacity=10, earliest_build=2006, capacity_limit={2006: 15, 2007: 18})
    assert b.optimum() == pytest.approx(33)


def test_build_limit_and_earliest_build():
    # 3 a year from 2007 on: 10 + 13. From 2006 on: 13 + 16.
    assert mine(base_capacity=10, earliest_build=2007, build_limit=3).optimum() == pytest.approx(23)
    assert mine(base_capacity=10, earliest_build=2006, build_limit=3).optimum() == pytest.approx(29)


def test_without_earliest_build_nothing_is_built():
    assert mine(base_capacity=10, build_limit=3).optimum() == pytest.approx(20)


def test_an_activity_without_capacity_or_project_is_absent():
    # "other" would raise the sum; it has neither capacity, nor building, nor a project.
    assert mine(base_capacity=10).activity("other").optimum() == pytest.approx(20)


def test_limits_of_the_region_win_over_general_ones():
    # Two regions with 10 each; utilisation 0.5 in general, 0.9 in the east: (5 + 9) · 2.
    b = Builder(regions=("west", "east")).activity("mine", base_capacity=10, utilisation=0.5)
    b.activity("mine", region="east", utilisation=0.9)
    assert b.quantity("made", measure="output").scenario("maximise", "made").optimum() == pytest.approx(28)


@pytest.mark.parametrize(("basis", "optimum"), [("output", 6.0), ("capacity", 10.0)])
def test_hosts_add_up(basis, optimum):
    # Scrubbing serves 0.3 per unit of kiln and 0.2 per unit of oven. Basis output: each makes 10 · 0.6 = 6, so
    # 1.8 + 1.2 = 3 a year. Basis capacity: 3 + 2 = 5 a year; what exceeds it of the 100 retires.
    b = Builder().activity("scrub", base_capacity=100)
    for host in ("kiln", "oven"):
        b.activity(host, base_capacity=10, utilisation=0.6)
    b.add("hosts", activity="scrub", host="kiln", basis=basis, value=0.3)
    b.add("hosts", activity="scrub", host="oven", basis=basis, value=0.2)
    b.quantity("cleaned", measure="output", activity="scrub").scenario("maximise", "cleaned")
    assert b.optimum() == pytest.approx(optimum)


def test_hosts_serve_their_own_region_only():
    # The kiln stands in the east, scrubbing capacity in both: only the east cleans, 0.3 · 10 a year.
    b = Builder(regions=("west", "east")).activity("kiln", region="east", base_capacity=10)
    b.activity("scrub", base_capacity=100).add("hosts", activity="scrub", host="kiln", basis="output", value=0.3)
    b.quantity("cleaned", measure="output", activity="scrub").scenario("maximise", "cleaned")
    assert b.optimum() == pytest.approx(6)


def test_a_host_without_figure_says_nothing():
    # The oven's potential is not known: only the kiln's counts, 3 a year.
    b = Builder()
    for name in ("kiln", "oven", "scrub"):
        b.activity(name, base_capacity=10)
    b.add("hosts", activity="scrub", host="kiln", basis="output", value=0.3)
    b.add("hosts", activity="scrub", host="oven", basis="output", value=None)
    b.quantity("cleaned", measure="output", activity="scrub").scenario("maximise", "cleaned")
    assert b.optimum() == pytest.approx(6)
