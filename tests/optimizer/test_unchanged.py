"""One rule of starts: a scenario with changes starts where it ended without them. What follows, case by case."""

import json
import threading

import pytest

from model_data import default_plan_path, load_plan
from optimizer import (
    TABLES,
    Limits,
    ScenarioError,
    Status,
    load_scenario,
    make_program,
    solve,
    solve_program,
    unchanged,
)
from optimizer.decomposition.method import Method
from optimizer.documents.answer import answer_document
from optimizer.foresight import solve_windows
from optimizer.runs import Runs
from optimizer.solver import Session
from optimizer.store import Store
from optimizer.unchanged import Kept
from optimizer.words.language import Language
from tests.plan_builder import Builder


@pytest.fixture(autouse=True)
def kept(monkeypatch):
    """A process that has solved nothing yet; called, it forgets."""

    def forget():
        monkeypatch.setattr(unchanged, "KEPT", Kept())

    forget()
    return forget


@pytest.fixture(scope="module")
def shipped():
    return load_plan(default_plan_path())


def mills(regions=("here",), **keys):
    """Two ways to make flour that share money and grain; of each two mills alike, so that many plans are best."""
    b = Builder(last=2008, regions=regions).commodity("grain", "buy").commodity("flour", "sell")
    b.account("money").account("worth")
    for name, cost, use, worth in (("stone", 1.0, 1.2, 1.0), ("steel", 3.0, 1.05, 1.4)):
        for mill in (f"left_{name}", f"right_{name}"):
            b.activity(mill, earliest_build=2006, build_limit=6).amount(mill, "uses", "grain", use)
            b.amount(mill, "gives", "flour", 1.0).amount(mill, "adds", "worth", worth)
            b.amount(mill, "adds", "money", cost, vector="build")
    b.add("flow_figures", flow="grain", parameter="buy_limit", value=9)
    b.budget("purse", "money", limit={2006: 6, 2007: 6, 2008: 6})
    b.quantity("made", measure="output")
    b.indicator("much", "level", "made", ">=", 20, standing="monitored")
    return b.scenario("maximise", "worth", **keys)


def money(factor, **more):
    return {"budgets": {"purse": {"factor": factor}}, **more}


def told(plan, changes, scenario=None):
    """Everything that is said of an answer, but for the seconds."""
    document = answer_document(solve(plan, load_scenario(plan, scenario, changes)), Language.EN, TABLES)
    del document["effort"]["seconds"]
    return json.dumps(document, ensure_ascii=False)


def from_nothing(plan, changes):
    return solve_windows(plan, load_scenario(plan, None, changes), Runs())[-1].solution


# ------------------------------------------------------------------------------------------------------------ the rule
@pytest.mark.parametrize("way", [{}, {"foresight": "myopic"}, {"foresight": "single_year", "target_year": 2007}])
def test_what_was_asked_before_does_not_count(kept, way):
    plan = mills().plan()
    asked = [way, *(money(factor, **way) for factor in (0.5, 0.9, 1.0, 1.3, 4.0))]
    alone = []
    for changes in asked:
        kept()
        alone.append(told(plan, changes))
    kept()
    assert [told(plan, changes) for changes in asked] == alone
    assert [told(plan, changes) for changes in asked[::-1]] == alone[::-1]
    assert len(set(alone)) == len(asked)


def test_on_the_shipped_plan(kept, shipped):
    name = shipped.table("budgets")["budget"].iloc[0]
    project = shipped.table("projects")["project"].iloc[0]
    asked = [{"budgets": {name: {"factor": 1.03}}}, {"projects": {project: {"standing": "outside"}}}]
    alone = []
    for changes in asked:
        kept()
        alone.append(told(shipped, changes))
        cold = from_nothing(shipped, changes)
        answer = solve(shipped, load_scenario(shipped, None, changes))
        assert answer.solution.values == pytest.approx(cold.values, rel=1e-9)
        assert answer.solution.certificate.holds
        assert answer.solution.iterations < cold.iterations
    assert [told(shipped, changes) for changes in asked[::-1]] == alone[::-1]


def test_a_change_that_changes_nothing_takes_no_step():
    plan = mills().plan()
    solution = solve(plan, load_scenario(plan, None, money(1.0))).solution
    ordinary = solve(plan, load_scenario(plan))
    assert (solution.iterations, solution.values) == (0, ordinary.solution.values)
    assert ordinary.solution.iterations > 0


def test_without_changes_a_scenario_is_solved_from_nothing():
    plan = mills().plan()
    for way in ({}, {"foresight": "single_year", "target_year": 2007}):
        for _ in range(2):
            solution = solve(plan, load_scenario(plan, None, way)).solution
            assert (solution.x == from_nothing(plan, way).x).all()
            assert solution.iterations == from_nothing(plan, way).iterations


def test_each_way_to_look_ahead_departs_from_itself():
    plan = mills().plan()
    way = {"foresight": "single_year", "target_year": 2007}
    solve(plan, load_scenario(plan))
    assert solve(plan, load_scenario(plan, None, money(1.0, **way))).solution.iterations == 0


def test_every_myopic_window_starts_where_the_same_window_ended(monkeypatch):
    plan = mills(foresight="myopic").plan()
    runs, run = [], Session.run

    def counted(self, limits=None):
        runs.append(run(self, limits))
        return runs[-1]

    monkeypatch.setattr(Session, "run", counted)
    solve(plan, load_scenario(plan))
    assert [one.iterations > 0 for one in runs] == [True, True, True]
    runs.clear()
    solve(plan, load_scenario(plan, None, money(1.0)))
    assert [one.iterations for one in runs] == [0, 0, 0]


def test_the_scenario_without_changes_is_solved_once(monkeypatch):
    plan = mills().plan()
    solved, real = [], unchanged.solve_windows
    monkeypatch.setattr(unchanged, "solve_windows", lambda *a, **k: solved.append(a[1]) or real(*a, **k))
    for factor in (0.5, 2.0, 3.0):
        solve(plan, load_scenario(plan, None, money(factor)))
    assert len(solved) == 1 + 3


def test_rows_in_another_order_are_the_same_plan():
    """The content identifies a plan, not the order of its rows: a start goes by labels."""
    plan, other = mills().plan(), mills()
    other.rows["activities"].reverse()
    other = other.plan()
    assert other.fingerprint == plan.fingerprint
    assert tuple(make_program(other, load_scenario(other))[1].columns) != tuple(
        make_program(plan, load_scenario(plan))[1].columns
    )
    solve(plan, load_scenario(plan))
    assert solve(other, load_scenario(other, None, money(1.0))).solution.iterations == 0


# -------------------------------------------------------------------------------------- where there is nothing to start
def same_as_from_nothing(plan, changes):
    found, cold = solve(plan, load_scenario(plan, None, changes)).solution, from_nothing(plan, changes)
    assert (found.status, found.iterations, found.values) == (cold.status, cold.iterations, cold.values)
    assert found.x is cold.x is None or (found.x == cold.x).all()
    return found


def test_from_a_contradiction_from_nothing():
    b = mills().indicator("enough", "level", "made", ">=", 1000)
    for _ in range(2):
        assert same_as_from_nothing(b.plan(), money(2.0)).status == "infeasible"
        assert same_as_from_nothing(b.plan(), {"indicators": {"enough": {"target": 5}}}).status == "optimal"


def test_from_what_has_no_limit_from_nothing():
    b = Builder().activity("mine", earliest_build=2006).quantity("made", measure="output").account("money")
    b.amount("mine", "adds", "money", 1, vector="build")
    b.indicator("modest", "level", "made", "<=", 7, standing="monitored")
    b.scenario("maximise", "made")
    found = same_as_from_nothing(b.plan(), {"indicators": {"modest": {"standing": "required"}}})
    assert found.objective == pytest.approx(14)  # 7 in each of two years
    assert solve(b.plan(), load_scenario(b.plan())).status == "unbounded"


def test_from_a_scenario_that_cannot_be_used_from_nothing():
    plan = mills(budgets={"purse": {"factor": -1.0}}).plan()
    with pytest.raises(ScenarioError):
        load_scenario(plan)
    same_as_from_nothing(plan, money(2.0))
    plan = mills(projects={"dam": {"committed_year": 2005}}).project("dam", "left_stone", size=1, earliest_year=2006)
    with pytest.raises(ScenarioError):
        solve(plan.plan(), load_scenario(plan.plan()))
    same_as_from_nothing(plan.plan(), {"projects": {"dam": {"committed_year": 2007}}})


def test_from_a_scenario_of_no_plan_from_nothing():
    plan = mills().plan()
    own = load_scenario(plan, None, money(2.0)).model_copy(update={"scenario": "own"})
    assert solve(plan, own).solution.iterations == from_nothing(plan, money(2.0)).iterations


def test_whole_projects_from_nothing():
    b = mills().project("dam", "left_stone", size=4, earliest_year=2006)
    found = same_as_from_nothing(b.plan(), money(1.3, whole_projects=True))
    assert found.priced_with_projects_fixed
    assert not unchanged.KEPT._known


def test_what_is_decomposed_from_nothing():
    plan = mills(regions=("north", "south", "west")).plan()
    scenario = load_scenario(plan, None, money(1.1))
    first, again = (solve(plan, scenario, method=Method.BLOCKS).solution for _ in range(2))
    solve(plan, load_scenario(plan), method=Method.BLOCKS)
    assert first.blocks > 1
    assert not unchanged.KEPT._known
    whole = solve(plan, scenario, method=Method.WHOLE).solution
    assert (solve(plan, scenario, method=Method.BLOCKS).solution.x == first.x).all()
    assert (first.x == again.x).all()
    assert whole.values[-1] == pytest.approx(first.values[-1], rel=1e-5)
    assert unchanged.KEPT._known


# --------------------------------------------------------------------------------------------------- time that runs out
def test_the_scenario_without_changes_counts_within_the_limit(monkeypatch):
    plan = mills().plan()
    scenario = load_scenario(plan, None, money(2.0))
    asked, real = [], unchanged.solve_windows

    def slow(plan, scenario, runs, *more, **named):
        asked.append(runs.left().seconds)
        if len(asked) == 2:  # the scenario without changes; its time runs out
            monkeypatch.setattr(Session, "run", late)
        return real(plan, scenario, runs, *more, **named)

    run = Session.run

    def late(self, _limits=None):
        monkeypatch.setattr(Session, "run", run)
        return run(self, Limits(0.0))  # HiGHS may stop a little early

    monkeypatch.setattr(unchanged, "solve_windows", slow)
    answer = solve(plan, scenario, Limits(60.0))
    assert answer.status is Status.TIME_LIMIT
    assert answer.solution.x is None
    assert answer.solution.certificate is None
    assert answer.quantities.empty
    assert asked[1] <= asked[0] <= 60.0
    monkeypatch.setattr(unchanged, "solve_windows", real)
    assert not unchanged.KEPT._known  # it will be looked for again
    assert solve(plan, scenario).status is Status.OPTIMAL


def test_whoever_cancels_is_heard_in_the_scenario_without_changes(monkeypatch):
    plan, cancel = mills().plan(), threading.Event()
    run = Session.run

    def cancelled(self, limits=None):
        cancel.set()
        return run(self, limits)

    monkeypatch.setattr(Session, "run", cancelled)
    answer = solve(plan, load_scenario(plan, None, money(2.0)), Limits(cancel=cancel))
    assert answer.status is Status.CANCELLED
    assert not unchanged.KEPT._known
    monkeypatch.setattr(Session, "run", run)
    assert solve(plan, load_scenario(plan, None, money(2.0))).status is Status.OPTIMAL


def test_no_time_is_no_run():
    plan = mills().plan()
    program = make_program(plan, load_scenario(plan))[1]
    assert solve_program(program, Limits(0.0)).status is Status.TIME_LIMIT


# --------------------------------------------------------------------------------------------------------------- memory
def test_what_is_kept_is_bounded(monkeypatch):
    plan = mills().plan()
    (start,) = (window.solution.start for window in solve_windows(plan, load_scenario(plan), Runs()))
    some = Kept()
    for number in range(unchanged.MOST + 5):
        some.keep(("plan", str(number)), (start,))
    assert len(some._known) == unchanged.MOST
    assert some.get(("plan", "4")) is None
    assert some.get(("plan", "5")) is not None
    some.keep(("plan", "one more"), (start,))
    assert some.get(("plan", "5")) is not None  # used since
    monkeypatch.setattr(unchanged, "MOST_STATUSES", 3 * start.size)
    some.keep(("plan", "the last"), (start,))
    assert len(some._known) == 3
    monkeypatch.setattr(unchanged, "MOST_STATUSES", 1)
    some.keep(("plan", "large"), (start,))
    assert list(some._known) == [("plan", "large")]


# ----------------------------------------------------------------------------------------------------------------- disk
@pytest.fixture
def process(monkeypatch, tmp_path):
    """Another process, which has solved nothing and shares the store; the list is of what it solves for others."""
    real = unchanged.solve_windows

    def begin():
        solved = []
        monkeypatch.setattr(unchanged, "KEPT", Kept(Store(tmp_path)))
        monkeypatch.setattr(unchanged, "solve_windows", lambda *a, **k: solved.append(a[1]) or real(*a, **k))
        return solved

    return begin


@pytest.mark.parametrize("way", [{}, {"foresight": "myopic"}, {"foresight": "single_year", "target_year": 2007}])
def test_another_process_starts_where_the_first_ended(kept, process, way):
    plan, changes = mills().plan(), money(1.3, **way)
    scenario = load_scenario(plan, None, changes)
    kept()
    alone = told(plan, changes)
    solved = process()
    assert told(plan, changes) == alone
    assert solved == [scenario, load_scenario(plan, None, way)]
    solved = process()
    assert told(plan, changes) == alone
    assert solved == [scenario]
    solved = process()
    assert told(plan, money(2.0, **way)) != alone
    assert len(solved) == 1


def test_what_was_solved_without_changes_is_left_for_others(process):
    plan = mills().plan()
    process()
    solve(plan, load_scenario(plan))
    solved = process()
    assert solve(plan, load_scenario(plan, None, money(1.0))).solution.iterations == 0
    assert len(solved) == 1


def test_on_disk_is_what_was_in_memory(process, shipped):
    scenario = load_scenario(shipped)
    process()
    solve(shipped, scenario)
    (first,) = unchanged.KEPT.get(unchanged._key(shipped, scenario))
    process()
    (second,) = unchanged.KEPT.get(unchanged._key(shipped, scenario))
    assert [*second.stages] == [*first.stages]
    assert len(first.stages) > 1
    for stage, ended in first.stages.items():
        found = second.stages[stage]
        assert found.rows == tuple(ended.rows)
        assert found.columns == tuple(ended.columns)
        assert (found.basis.rows == ended.basis.rows).all()
        assert (found.basis.columns == ended.basis.columns).all()


def test_that_there_is_no_start_is_left_for_others_too(process):
    plan = mills().indicator("enough", "level", "made", ">=", 1000).plan()
    for count in (2, 1):
        solved = process()
        assert solve(plan, load_scenario(plan, None, money(2.0))).status is Status.INFEASIBLE
        assert len(solved) == count


@pytest.mark.parametrize("wrong", ["another version", "bits", "no text", "[{}]", '{"rows": []}', "[1]"])
def test_what_cannot_be_used_is_made_anew(kept, process, monkeypatch, tmp_path, wrong):
    plan, changes = mills().plan(), money(1.3)
    kept()
    alone = told(plan, changes)
    process()
    told(plan, changes)
    (file,) = tmp_path.iterdir()
    if wrong == "another version":
        monkeypatch.setattr(unchanged, "own_digest", lambda: "another")
    elif wrong == "bits":
        file.write_bytes(file.read_bytes()[:-9])
    else:
        key = unchanged._key(plan, load_scenario(plan))
        Store(tmp_path).put(unchanged._name(key), wrong.encode())
    for count in (2, 1):
        solved = process()
        assert told(plan, changes) == alone
        assert len(solved) == count


def test_what_was_cut_short_is_left_for_nobody(process, monkeypatch, tmp_path):
    plan = mills().plan()
    process()
    with monkeypatch.context() as patch:
        run = Session.run
        patch.setattr(Session, "run", lambda self, _limits=None: run(self, Limits(0.0)))
        assert solve(plan, load_scenario(plan)).status is Status.TIME_LIMIT
    assert not list(tmp_path.iterdir())
