"""The ledger, move by move, on both databases."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from api.store.errors import IdempotencyConflictError, IllegalMoveError, QueueFullError, UnknownRunError
from api.store.ledger import LEASE_LOST, Ledger
from api.store.reading import RunFilter
from api.store.records import Counts, Document, Idempotency, NewRun, Outcome
from api.store.tables import EventRow, ResultRow, TaskRow
from api.store.vocabulary import (
    FINAL_RUN_STATES,
    RUN_MOVES,
    TASK_MOVES,
    EventKind,
    Priority,
    RunKind,
    RunState,
    TaskState,
    check_run_move,
    check_task_move,
    final_state,
)
from tests.store.specimen import CAUSE, PROBLEM, Hands, answered, batch, failed


@pytest.fixture
def hands():
    return Hands()


@pytest.fixture
def ledger(database, hands):
    return Ledger(database, hands.clock())


def counts(total, queued=0, running=0, succeeded=0, failed=0, cancelled=0):
    return Counts(total, queued, running, succeeded, failed, cancelled)


# ------------------------------------------------------------------------------------------------- accepting


def test_a_run_is_kept_as_it_was_asked(ledger, hands):
    request = {"years": [2006, 2007], "text": "阳泉\x00\ud800"}
    made = ledger.accept(batch(2, plan="yq", asker="ann", request=request))
    run = ledger.run(made.id)
    assert run == made
    assert (run.kind, run.state, run.priority, run.counts) == (
        RunKind.BATCH, RunState.QUEUED, Priority.BATCH, counts(2, queued=2),
    )  # fmt: skip
    assert (run.plan, run.asker, run.request, run.accepted_at) == ("yq", "ann", request, hands.wall)
    assert (run.started_at, run.finished_at, run.fraction, run.cancelling) == (None, None, 0.0, False)
    tasks = ledger.tasks(made.id).items
    assert [(task.position, task.state, task.payload["question"]["number"]) for task in tasks] == [
        (0, TaskState.QUEUED, 0), (1, TaskState.QUEUED, 1),
    ]  # fmt: skip
    assert [(event.number, event.kind, event.data) for event in ledger.events(made.id)] == [
        (1, EventKind.ACCEPTED, {"total": 2})
    ]


def test_a_run_without_tasks_or_with_what_is_no_json_is_refused(ledger):
    with pytest.raises(ValueError, match="at least one task"):
        ledger.accept(NewRun(RunKind.BATCH, []))
    with pytest.raises(ValueError, match="JSON"):
        ledger.accept(NewRun(RunKind.RUN, [{"value": float("nan")}]))
    assert ledger.runs().items == ()


def test_a_key_stands_for_one_body_of_one_asker(ledger):
    key = Idempotency.of("k", "ann", b"body")
    first = ledger.accept(batch(1), key)
    again = ledger.accept(batch(1), key)
    assert (again.id, first.replayed, again.replayed) == (first.id, False, True)
    with pytest.raises(IdempotencyConflictError):
        ledger.accept(batch(1), Idempotency.of("k", "ann", b"other"))
    assert ledger.accept(batch(1), Idempotency.of("k", "ben", b"other")).id != first.id
    assert len(ledger.runs().items) == 2


def test_no_more_tasks_wait_than_may_wait(database):
    ledger = Ledger(database, most_queued=3)
    ledger.accept(batch(2))
    with pytest.raises(QueueFullError) as refusal:
        ledger.accept(batch(2))
    assert "3" in refusal.value.text.zh
    ledger.accept(batch(1))
    assert ledger.backlog().queued == 3
    ledger.claim("a", 3, 60)
    assert ledger.accept(batch(5)).counts.total == 5, "an empty queue takes any run"


# -------------------------------------------------------------------------------------------- claim and finish


def test_the_interactive_goes_first_then_what_came_first(ledger):
    many, few = ledger.accept(batch(3)), ledger.accept(batch(1))
    one = ledger.accept(batch(1, RunKind.RUN))
    order = [(claim.run, claim.position) for claim in ledger.claim("a", 4, 60)]
    assert order == [(one.id, 0), (many.id, 0), (many.id, 1), (many.id, 2)]
    assert [claim.run for claim in ledger.claim("b", 4, 60)] == [few.id]
    assert ledger.claim("a", 4, 60) == []


def test_an_earlier_claim_beside_the_good_one_of_the_same_task_is_too_late(ledger):
    """As of a dispatcher that has lost a task and claimed it again while its first job still runs."""
    run = ledger.accept(batch(1))
    (early,) = ledger.claim("a", 1, 60)
    ledger.give_back([early], CAUSE)
    (good,) = ledger.claim("a", 1, 60)
    assert [claim.attempt for claim in ledger.renew("a", [early, good, early], 60)] == [2]
    assert not ledger.progress(early, 0.5)
    assert ledger.finish_many([(early, answered(1)), (good, answered(2)), (good, answered(3))]) == [False, True, False]
    assert ledger.result(run.id).document.json() == {"value": 2}


def test_a_claim_can_ask_for_one_priority_only(ledger):
    ledger.accept(batch(1))
    one = ledger.accept(batch(1, RunKind.RUN))
    assert [claim.run for claim in ledger.claim("a", 5, 60, Priority.INTERACTIVE)] == [one.id]


def test_a_claim_says_what_to_do_and_until_when(ledger, hands):
    made = ledger.accept(batch(1))
    hands.wait(5)
    (claim,) = ledger.claim("a", 1, 60)
    assert (claim.owner, claim.attempt, claim.deaths, claim.cancelled) == ("a", 1, 0, False)
    assert claim.payload == {"plan": "p", "question": {"kind": "what_if", "number": 0}}
    assert claim.deadline == hands.seconds + 60
    run = ledger.run(made.id)
    assert (run.state, run.started_at, run.counts) == (RunState.RUNNING, hands.wall, counts(1, running=1))


def test_an_outcome_is_written_once(ledger, hands):
    made = ledger.accept(batch(1))
    (claim,) = ledger.claim("a", 1, 60)
    assert ledger.result(made.id) is None
    hands.wait(1)
    assert ledger.finish(claim, answered(1))
    assert not ledger.finish(claim, answered(2))
    assert not ledger.finish(claim, failed())
    result = ledger.result(made.id)
    assert result.document == Document.of_json({"value": 1})
    assert result.document.json() == {"value": 1}
    assert result.document.etag == result.document.sha256
    run = ledger.run(made.id)
    assert (run.state, run.finished_at, run.fraction) == (RunState.SUCCEEDED, hands.wall, 1.0)


def test_nobody_else_can_finish_a_task(ledger):
    made = ledger.accept(batch(1))
    (claim,) = ledger.claim("a", 1, 60)
    assert not ledger.finish(replace(claim, owner="b"), answered(1))
    assert not ledger.finish(replace(claim, attempt=2), answered(1))
    assert ledger.run(made.id).state == RunState.RUNNING
    assert ledger.result(made.id) is None


@pytest.mark.parametrize(
    ("outcomes", "state"),
    [
        ([answered(1), answered(2)], RunState.SUCCEEDED),
        ([answered(1), failed()], RunState.PARTIAL),
        ([failed(), failed()], RunState.FAILED),
    ],
)
def test_a_run_is_what_its_tasks_came_to(ledger, outcomes, state):
    made = ledger.accept(batch(2))
    claims = ledger.claim("a", 2, 60)
    assert ledger.finish_many(list(zip(claims, outcomes, strict=True))) == [True, True]
    assert ledger.run(made.id).state == state
    assert [task.problem for task in ledger.tasks(made.id).items] == [outcome.problem for outcome in outcomes]
    documents = [outcome.document for outcome in outcomes if outcome.document]
    assert [result.document for result in ledger.all_results(made.id)] == documents


def test_many_outcomes_at_once_are_told_in_one_event(ledger):
    made = ledger.accept(batch(5))
    claims = ledger.claim("a", 5, 60)
    outcomes = [answered(0), answered(1), failed(), answered(3), answered(4)]
    assert ledger.finish_many([*zip(claims, outcomes, strict=True), (claims[0], failed())]) == [True] * 5 + [False]
    *_, tasks, finished = ledger.events(made.id)
    told = {"total": 5, "succeeded": 4, "failed": 1, "cancelled": 0}
    assert tasks.data == {"changed": {"succeeded": [[0, 1], [3, 4]], "failed": [[2, 2]]}, "counts": told}
    assert (finished.kind, finished.data) == (EventKind.FINISHED, {"state": "partial", "counts": told})


def test_what_is_no_outcome_cannot_be_made():
    for wrong in [
        {"state": TaskState.QUEUED},
        {"state": TaskState.SUCCEEDED},
        {"state": TaskState.FAILED},
        {"state": TaskState.SUCCEEDED, "document": Document.of(b""), "problem": PROBLEM},
    ]:
        with pytest.raises(ValueError, match="no outcome"):
            Outcome(**wrong)


# ------------------------------------------------------------------------------------------ giving back, dying


def test_what_is_given_back_waits_again_and_does_not_count(ledger):
    made = ledger.accept(batch(1))
    for attempt in range(1, 6):
        (claim,) = ledger.claim("a", 1, 60)
        assert (claim.attempt, claim.deaths) == (attempt, 0)
        ledger.give_back([claim])
        assert not ledger.finish(claim, answered(1)), "it is not his any more"
    assert ledger.run(made.id).counts == counts(1, queued=1)


def test_after_three_deaths_a_task_has_failed(ledger):
    made = ledger.accept(batch(2))
    for death in range(3):
        claim, other = ledger.claim("a", 2, 60)
        assert claim.deaths == death
        ledger.give_back([claim], CAUSE)
        ledger.give_back([other])
    first, second = ledger.tasks(made.id).items
    assert (first.state, first.problem, first.deaths) == (TaskState.FAILED, CAUSE, 3)
    assert (second.state, second.problem, second.deaths) == (TaskState.QUEUED, None, 0)


# --------------------------------------------------------------------------------------------------- cancelling


def test_cancelling_what_waits_ends_it_at_once(ledger):
    made = ledger.accept(batch(3))
    run = ledger.cancel(made.id)
    assert (run.state, run.counts) == (RunState.CANCELLED, counts(3, cancelled=3))
    assert ledger.claim("a", 3, 60) == []
    kinds = [event.kind for event in ledger.events(made.id)]
    assert kinds == [EventKind.ACCEPTED, EventKind.CANCELLING, EventKind.TASKS, EventKind.FINISHED]
    assert ledger.cancel(made.id) == run, "twice is once"
    assert len(ledger.events(made.id)) == 4


def test_who_works_on_a_cancelled_run_hears_of_it_and_says_what_there_is(ledger):
    made, other = ledger.accept(batch(2)), ledger.accept(batch(1))
    claims = ledger.claim("a", 3, 60)
    run = ledger.cancel(made.id)
    assert (run.state, run.cancelling, run.counts) == (RunState.RUNNING, True, counts(2, running=2))
    assert ledger.cancelling([made.id, other.id, "0" * 32]) == {made.id}
    assert [(claim.run, claim.cancelled) for claim in ledger.renew("a", claims, 60)] == [
        (made.id, True), (made.id, True), (other.id, False),
    ]  # fmt: skip
    incumbent = Document.of_json({"status": "cancelled", "objective": 3})
    ledger.finish_many([(claims[0], Outcome(TaskState.CANCELLED, incumbent)), (claims[1], answered(2))])
    assert ledger.run(made.id).state == RunState.CANCELLED
    states = [(result.state, result.document) for result in ledger.all_results(made.id)]
    assert states == [(TaskState.CANCELLED, incumbent), (TaskState.SUCCEEDED, answered(2).document)]


@pytest.mark.parametrize("cause", [None, CAUSE])
def test_what_is_given_back_of_a_cancelled_run_does_not_wait_again(ledger, cause):
    made = ledger.accept(batch(1))
    claims = ledger.claim("a", 1, 60)
    ledger.cancel(made.id)
    ledger.give_back(claims, cause)
    assert ledger.run(made.id).state == RunState.CANCELLED


def test_cancelling_what_has_ended_changes_nothing(ledger):
    made = ledger.accept(batch(1))
    ledger.finish(*ledger.claim("a", 1, 60), answered(1))
    before = ledger.run(made.id)
    assert ledger.cancel(made.id) == before
    assert before.state == RunState.SUCCEEDED


def test_what_ended_before_it_heard_of_the_cancelling_has_succeeded(ledger):
    made = ledger.accept(batch(1))
    (claim,) = ledger.claim("a", 1, 60)
    ledger.cancel(made.id)
    assert ledger.finish(claim, answered(1))
    assert ledger.run(made.id).state == RunState.SUCCEEDED


# --------------------------------------------------------------------------------------- progress, events, lists


def test_progress_is_seen_in_the_run_and_only_the_last_is_kept(ledger):
    made = ledger.accept(batch(2))
    first, second = ledger.claim("a", 2, 60)
    ledger.finish(second, answered(1))
    for fraction in (0.2, 0.4):
        assert ledger.progress(first, fraction, {"zh": "求解", "en": "solving"})
    assert ledger.run(made.id).fraction == pytest.approx((1 + 0.4) / 2)
    told = [event for event in ledger.events(made.id) if event.kind is EventKind.PROGRESS]
    assert [event.data for event in told] == [{"task": 0, "fraction": 0.4, "note": {"zh": "求解", "en": "solving"}}]
    assert told[0].number == ledger.run(made.id).last_event
    ledger.finish(first, answered(1))
    assert not ledger.progress(first, 0.9)


def test_events_go_on_where_a_reader_stopped(ledger):
    made = ledger.accept(batch(2))
    for claim in ledger.claim("a", 2, 60):
        ledger.finish(claim, answered(1))
    every = ledger.events(made.id)
    assert [event.number for event in every] == [1, 2, 3, 4, 5]
    assert every[-1].kind is EventKind.FINISHED
    assert ledger.events(made.id, after=2) == every[2:]
    assert ledger.events(made.id, after=1, most=2) == every[1:3]
    assert ledger.events(made.id, after=5) == []


def test_runs_are_listed_page_by_page_and_by_what_is_wanted(ledger):
    made = [ledger.accept(batch(1, plan="p" if i % 2 else "q", asker=f"a{i % 3}")) for i in range(7)]
    ledger.cancel(made[0].id)
    pages, cursor = [], None
    while True:
        page = ledger.runs(cursor, most=3)
        pages.append([run.id for run in page.items])
        cursor = page.next
        if cursor is None:
            break
    newest_first = [run.id for run in reversed(made)]
    assert pages == [newest_first[:3], newest_first[3:6], newest_first[6:]]

    def listed(**wanted):
        return [run.id for run in ledger.runs(filters=RunFilter(**wanted)).items]

    assert listed(plan="p") == [run.id for run in reversed(made) if run.plan == "p"]
    assert listed(asker="a1") == [run.id for run in reversed(made) if run.asker == "a1"]
    assert listed(states=[RunState.CANCELLED]) == [made[0].id]
    assert listed(kind=RunKind.RUN) == []


def test_tasks_and_results_are_listed_page_by_page(ledger):
    made = ledger.accept(batch(5))
    for claim in ledger.claim("a", 4, 60):
        ledger.finish(claim, failed() if claim.position == 1 else answered(claim.position))
    first = ledger.tasks(made.id, most=3)
    rest = ledger.tasks(made.id, first.next, most=3)
    assert [task.position for task in (*first.items, *rest.items)] == [0, 1, 2, 3, 4]
    assert rest.next is None
    assert [task.position for task in ledger.tasks(made.id, states=[TaskState.FAILED]).items] == [1]
    page = ledger.results(made.id, most=2)
    rest = ledger.results(made.id, page.next, most=2)
    assert [result.document.json()["value"] for result in (*page.items, *rest.items)] == [0, 2, 3]
    assert ledger.result(made.id, 1) is None
    assert ledger.result(made.id, 3).document.json() == {"value": 3}


def test_what_nobody_knows_is_said(ledger):
    for ask in (ledger.run, ledger.cancel, ledger.events, ledger.tasks, ledger.result, ledger.results):
        with pytest.raises(UnknownRunError) as refusal:
            ask("0" * 32)
        assert "没有" in refusal.value.text.zh


def test_purging_forgets_what_ended_long_ago_with_all_that_belongs_to_it(ledger, hands):
    key = Idempotency.of("k", "ann", b"body")
    old = ledger.accept(batch(2), key)
    for claim in ledger.claim("a", 2, 60):
        ledger.finish(claim, answered(1))
    waiting = ledger.accept(batch(1))
    hands.wait(3600)
    young = ledger.cancel(ledger.accept(batch(1)).id)
    assert ledger.purge(timedelta(minutes=30)) == 1
    assert {run.id for run in ledger.runs().items} == {waiting.id, young.id}
    with pytest.raises(UnknownRunError):
        ledger.run(old.id)
    assert not ledger.accept(batch(1), key).replayed
    with ledger.database.read() as connection:
        left = [connection.execute(select(column).distinct()).scalars().all()
                for column in (TaskRow.run, EventRow.run, ResultRow.task)]  # fmt: skip
    assert [len(rows) for rows in left] == [3, 3, 0], "the tasks and events of three runs, and no result"


# --------------------------------------------------------------------------------------------------- vocabulary


def test_only_legal_moves_are_made():
    for moves, check in ((RUN_MOVES, check_run_move), (TASK_MOVES, check_task_move)):
        assert set(moves) == {state for following in moves.values() for state in following} | set(moves)
        for old, following in moves.items():
            for new in moves:
                if new in following:
                    check(old, new)
                else:
                    with pytest.raises(IllegalMoveError):
                        check(old, new)


def test_the_end_of_a_run_follows_from_its_tasks():
    assert final_state(3, 0, 0) is RunState.SUCCEEDED
    assert final_state(2, 1, 0) is RunState.PARTIAL
    assert final_state(0, 3, 0) is RunState.FAILED
    assert final_state(1, 1, 1) is RunState.CANCELLED
    assert {RunState.QUEUED, RunState.RUNNING} == set(RunState) - FINAL_RUN_STATES


def test_the_database_itself_refuses_a_state_out_of_the_vocabulary(ledger):
    ledger.accept(batch(1))
    for change in ("UPDATE run SET state = 'lost'", "UPDATE task SET state = 'running'", "UPDATE run SET failed = 2"):
        with pytest.raises(Exception, match=r"(?i)check"), ledger.database.write() as connection:
            connection.exec_driver_sql(change)


def test_a_lease_that_ran_out_says_why(ledger, hands):
    made = ledger.accept(batch(1))
    for _ in range(3):
        ledger.claim("a", 1, 10)
        ledger.expire()
        hands.wait(10)
        ledger.expire()
    assert ledger.tasks(made.id).items[0].problem == LEASE_LOST
    assert ledger.run(made.id).state == RunState.FAILED
