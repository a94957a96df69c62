"""The dispatcher, turn by turn: who goes first, what is written, what is given back, what happens in an outage."""

import pytest

from api.engines.engine import OverdueError, StoppedError
from api.runs.endings import OVERDUE, WORKER_LOST
from api.runs.work import INTERNAL, MOST_PLANS, Worked
from api.store.records import Document, NewRun, Outcome
from api.store.vocabulary import RunKind, RunState, TaskState
from optimizer.status import Status
from tests.runs.rig import GONE_ENGINE, LATE, LOST, STOPPED, FakeEngine, answered

DONE, QUEUED, RUNNING = TaskState.SUCCEEDED, TaskState.QUEUED, TaskState.RUNNING


@pytest.fixture
def engine():
    return FakeEngine()


@pytest.fixture
def both(rig, engine):
    return rig.dispatcher(engine)


@pytest.fixture
def dispatcher(both):
    return both[0]


def finish_everything(rig, engine, dispatcher):
    """Turns and answers until nothing happens any more."""
    for _ in range(1000):
        rig.hands.wait(1.0)
        dispatcher.turn()
        if not engine.jobs and not rig.ledger.backlog().queued:
            return
        engine.answer_all()
    raise AssertionError("it never ends")


def only(jobs):
    (key,) = jobs
    return key


# ------------------------------------------------------------------------------------------------------ the good case


def test_a_batch_is_answered_each_task_with_its_own_document(rig, engine, dispatcher):
    run = rig.batch(7)
    finish_everything(rig, engine, dispatcher)
    assert rig.ledger.run(run).state is RunState.SUCCEEDED
    assert [result.document.json()["number"] for result in rig.ledger.all_results(run)] == list(range(7))


def test_interactive_work_goes_first_and_has_a_slot_of_its_own(rig, engine, dispatcher):
    rig.batch(20)
    dispatcher.turn()
    assert len(engine.jobs) == 2  # of three slots
    single = rig.single()
    dispatcher.turn()
    assert len(engine.jobs) == 3
    more = [rig.single() for _ in range(2)]
    dispatcher.turn()
    assert len(engine.jobs) == 3
    batches = [key for key in engine.jobs if engine.numbers(key)[0] < 20]
    engine.answer(batches[0])
    dispatcher.turn()
    assert sorted(n for key in engine.jobs for n in engine.numbers(key))[-2:] == [20, 21]
    finish_everything(rig, engine, dispatcher)
    assert {rig.ledger.run(run).state for run in (single, *more)} == {RunState.SUCCEEDED}


@pytest.mark.parametrize(("spare", "seconds", "together"), [(0, 0.05, 3), (0, 5.0, 2), (1, 0.05, 2), (1, 5.0, 2)])
def test_the_last_slot_is_for_what_is_over_soon(rig, spare, seconds, together):
    # Chunks of many short questions may have every slot, unless there is one to spare; questions of 5 s leave one.
    engine = FakeEngine(slots=3)
    engine.spare = spare
    dispatcher, _ = rig.dispatcher(engine)
    rig.batch(400)
    for _ in range(4):
        dispatcher.turn()
        for key in list(engine.jobs):
            engine.answer(key, seconds=seconds * len(engine.numbers(key)))
    dispatcher.turn()
    assert len(engine.jobs) == together


def test_with_one_slot_batches_run_too(rig):
    engine = FakeEngine(slots=1)
    dispatcher, _ = rig.dispatcher(engine)
    rig.batch(3)
    dispatcher.turn()
    assert len(engine.jobs) == 1


def test_without_slots_nothing_is_claimed(rig):
    engine = FakeEngine(slots=0)
    dispatcher, _ = rig.dispatcher(engine)
    run = rig.batch(3)
    dispatcher.turn()
    assert rig.states(run) == [QUEUED] * 3
    engine.slots = 3
    dispatcher.turn()
    assert engine.jobs


def test_chunks_grow_to_about_a_second_of_work(rig, engine, dispatcher):
    rig.batch(400)
    sizes = []
    for _ in range(12):
        dispatcher.turn()
        for key in list(engine.jobs):
            size = len(engine.numbers(key))
            sizes.append(size)
            engine.answer(key, seconds=0.05 * size)
    assert sizes[0] == 1
    assert max(sizes) == 20  # 1 s of 0.05 s each


def test_tasks_that_were_worked_on_are_told_of_each_with_its_share(rig, engine, dispatcher):
    told = []
    dispatcher.solved = lambda *what: told.append(what)
    rig.batch(30)
    rig.ledger.accept(NewRun(RunKind.RUN, [{"plan": "p", "question": {"number": 1000, "kind": "ledger"}}]))
    for _ in range(4):
        dispatcher.turn()
        for key in list(engine.jobs):
            engine.answer(key, seconds=0.01 * len(engine.numbers(key)))
    dispatcher.turn()
    assert len(told) == 31
    assert told.count(("ledger", "succeeded", 0.01)) == 1
    assert {round(seconds, 6) for *_, seconds in told} == {0.01}


def test_slow_questions_travel_alone(rig, engine, dispatcher):
    rig.batch(30)
    for _ in range(5):
        dispatcher.turn()
        assert {len(engine.numbers(key)) for key in engine.jobs} == {1}
        engine.answer_all(seconds=3.0)


def test_after_fast_questions_slow_ones_of_another_run_are_not_hoarded(rig, engine, dispatcher):
    fast = rig.batch(300)
    while rig.ledger.run(fast).state is not RunState.SUCCEEDED:
        dispatcher.turn()
        for key in list(engine.jobs):
            engine.answer(key, seconds=0.001 * len(engine.numbers(key)))
    slow = rig.batch(500)
    dispatcher.turn()
    dispatcher.turn()
    assert rig.states(slow).count(RUNNING) <= 4 * engine.slots
    finish_everything(rig, engine, dispatcher)
    asked = [question["number"] for chunk in engine.sent for question in chunk.questions]
    assert sorted(asked) == list(range(800))


def test_runs_and_plans_do_not_share_a_chunk(rig, engine, dispatcher):
    rig.contents |= {f"p{n}": b"" for n in range(MOST_PLANS)}
    for size in (50, 1):
        for plan in ("p", "p1"):
            rig.batch(size, plan=plan)
    for _ in range(20):
        dispatcher.turn()
        for key in list(engine.jobs):
            engine.answer(key, seconds=0.01 * len(engine.numbers(key)))
    assert any(len(chunk.questions) > 10 for chunk in engine.sent)
    for chunk in engine.sent:
        numbers = [question["number"] for question in chunk.questions]
        assert {number // 50 for number in numbers} in ({0}, {1}, {2})
        assert all((number // 50 % 2, chunk.plan) in ((0, "p"), (1, "p1")) or number >= 100 for number in numbers)


def test_the_plan_travels_only_to_workers_that_do_not_know_it(rig, engine, dispatcher):
    run = rig.batch(1)
    dispatcher.turn()
    engine.miss_the_plan(only(engine.jobs))
    dispatcher.turn()
    assert [chunk.content for chunk in engine.sent] == [None, b"plan"]
    engine.answer_all()
    dispatcher.turn()
    assert rig.states(run) == [DONE]


def test_a_worker_that_never_knows_the_plan_does_not_turn_for_ever(rig, engine, dispatcher):
    run = rig.batch(1)
    for _ in range(2):
        dispatcher.turn()
        engine.miss_the_plan(only(engine.jobs))
    dispatcher.turn()
    assert rig.ledger.tasks(run).items[0].problem == INTERNAL


def test_a_plan_that_is_gone_fails_its_tasks(rig, engine, dispatcher):
    run = rig.batch(2, plan="gone")
    for _ in range(3):
        dispatcher.turn()
        for key in list(engine.jobs):
            engine.miss_the_plan(key)
    assert {task.problem["code"] for task in rig.ledger.tasks(run).items} == {"unknown_plan"}


def test_the_timeout_of_a_job_is_that_of_its_longest_question_and_a_margin(rig, engine, dispatcher):
    rig.single(time_limit=5.0)
    dispatcher.turn()
    assert engine.jobs[only(engine.jobs)][3] == 65.0


def test_what_a_job_tells_is_in_the_ledger_the_last_of_it(rig, engine, dispatcher):
    run = rig.single()
    dispatcher.turn()
    hear = engine.jobs[only(engine.jobs)][2]
    for text in ("one", "two"):
        hear([0, text])
    rig.hands.wait(1.0)
    dispatcher.turn()
    assert rig.ledger.tasks(run).items[0].note == "two"
    assert [event.data["note"] for event in rig.ledger.events(run) if event.kind == "progress"] == ["two"]


# ------------------------------------------------------------------------------------------------------- losses


def test_one_bad_question_does_not_touch_the_others_of_its_chunk(rig, engine, dispatcher):
    run = rig.batch(40)
    for _ in range(30):
        dispatcher.turn()
        for key in list(engine.jobs):
            outcomes = [
                Outcome(TaskState.FAILED, problem=INTERNAL) if number == 25 else answered(number)
                for number in engine.numbers(key)
            ]
            engine.answer(key, 0.01 * len(outcomes), outcomes)
    states = rig.states(run)
    assert (states.count(DONE), states[25]) == (39, TaskState.FAILED)
    assert rig.ledger.run(run).state is RunState.PARTIAL


def test_a_task_that_kills_workers_fails_the_third_time_and_takes_nobody_along(rig, engine, dispatcher):
    run = rig.batch(40)
    for _ in range(60):
        rig.hands.wait(1.0)
        dispatcher.turn()
        for key in list(engine.jobs):
            numbers = engine.numbers(key)
            if 25 in numbers:
                engine.end(key, LOST)
            else:
                engine.answer(key, 0.1 * len(numbers))
    tasks = rig.ledger.tasks(run, most=100).items
    assert [task.position for task in tasks if task.state is not DONE] == [25]
    assert tasks[25].problem == WORKER_LOST
    assert sum(25 in [q["number"] for q in chunk.questions] for chunk in engine.sent) == 3
    assert max(len(chunk.questions) for chunk in engine.sent) > 5


def test_an_overdue_question_fails_alone_and_its_chunk_is_tried_again(rig, engine, dispatcher):
    run = rig.batch(40)
    for _ in range(60):
        rig.hands.wait(1.0)
        dispatcher.turn()
        for key in list(engine.jobs):
            numbers = engine.numbers(key)
            if 25 in numbers:
                engine.end(key, LATE)
            else:
                engine.answer(key, 0.1 * len(numbers))
    tasks = rig.ledger.tasks(run, most=100).items
    assert [task.position for task in tasks if task.state is not DONE] == [25]
    assert tasks[25].problem == OVERDUE


def late(*left):
    error = OverdueError("too long")
    error.left = Worked(left)
    return error


def of_incumbent(sentence):
    return Outcome(TaskState.CANCELLED, Document.of_json({"status": "cancelled", "sentence": sentence}))


@pytest.mark.parametrize("language", ["zh", "en"])
def test_an_overdue_question_that_left_an_incumbent_is_answered_by_it(rig, engine, dispatcher, language):
    before, after = (getattr(status, f"sentence_{language}") for status in (Status.CANCELLED, Status.TIME_LIMIT))
    run = rig.single()
    dispatcher.turn()
    engine.end(only(engine.jobs), late(of_incumbent(before + " And so on.")))
    dispatcher.turn()
    assert rig.states(run) == [DONE]
    found = rig.ledger.result(run).document.json()
    assert found == {"status": "time_limit", "sentence": after + " And so on."}


def chunked(rig, engine, dispatcher):
    """A batch, carried on until several of its tasks travel together: the run, and the key of the largest chunk."""
    run = rig.batch(60)
    while max((len(engine.numbers(key)) for key in engine.jobs), default=0) < 5:
        for key in list(engine.jobs):
            engine.answer(key, seconds=0.1 * len(engine.numbers(key)))
        dispatcher.turn()
    return run, max(engine.jobs, key=lambda key: len(engine.numbers(key)))


def test_of_an_overdue_chunk_what_was_done_is_kept_and_only_the_late_one_is_counted(rig, engine, dispatcher):
    run, large = chunked(rig, engine, dispatcher)
    first, second, third, *behind = engine.numbers(large)
    engine.end(large, late(answered(first), answered(second)))
    dispatcher.turn()
    tasks = rig.ledger.tasks(run, most=100).items
    assert [tasks[number].state for number in (first, second)] == [DONE, DONE]
    assert [number for number, task in enumerate(tasks) if task.deaths] == [third]
    finish_everything(rig, engine, dispatcher)
    assert set(rig.states(run)) == {DONE}
    again = [numbers for chunk in engine.sent if third in (numbers := [q["number"] for q in chunk.questions])]
    assert again[1:] == [[third]]
    assert behind


def test_a_lost_engine_is_not_counted_against_tasks_and_gets_time(rig, engine, dispatcher):
    run = rig.single()
    for _ in range(6):
        dispatcher.turn()
        engine.end(only(engine.jobs), GONE_ENGINE)
        dispatcher.turn()
        assert not engine.jobs
        assert rig.states(run) == [QUEUED]
        rig.hands.wait(20.0)
    dispatcher.turn()
    engine.answer_all()
    dispatcher.turn()
    assert rig.states(run) == [DONE]
    assert rig.ledger.tasks(run).items[0].deaths == 0


def test_a_job_that_fails_as_a_whole_is_a_defect_that_is_told(rig, engine, dispatcher):
    run = rig.single()
    dispatcher.turn()
    engine.end(only(engine.jobs), ModuleNotFoundError("no module"))
    dispatcher.turn()
    assert rig.ledger.tasks(run).items[0].problem == INTERNAL


def test_an_outcome_that_cannot_be_written_does_not_hold_up_the_others(rig, engine, dispatcher):
    runs = [rig.single(), rig.single()]
    dispatcher.turn()
    broken = Outcome(DONE, Document(b"", None, "", "", 0))
    first, second = engine.jobs
    engine.answer(first, outcomes=[broken])
    engine.answer(second)
    dispatcher.turn()
    assert [rig.states(run) for run in runs] == [[TaskState.FAILED], [DONE]]


# ------------------------------------------------------------------------------------------------------- cancelling


def test_cancelling_stops_what_runs_and_what_is_ready(rig, engine, dispatcher):
    run, other = rig.batch(10), rig.batch(1)
    dispatcher.turn()
    dispatcher.turn()
    rig.ledger.cancel(run)
    dispatcher.wake()
    dispatcher.turn()
    mine = [key for key in engine.jobs if engine.numbers(key)[0] < 10]
    assert sorted(engine.killed) == sorted(mine)
    incumbent = Outcome(TaskState.CANCELLED, Document.of_json({"status": "cancelled", "number": 0}))
    engine.answer(mine[0], outcomes=[incumbent])
    for key in mine[1:]:
        engine.end(key, STOPPED)
    finish_everything(rig, engine, dispatcher)
    assert set(rig.states(run)) == {TaskState.CANCELLED}
    assert rig.ledger.run(run).state is RunState.CANCELLED
    assert [result.document.json()["number"] for result in rig.ledger.all_results(run)] == [0]
    assert rig.states(other) == [DONE]


def test_a_cancelled_chunk_that_is_ended_by_force_keeps_what_it_left(rig, engine, dispatcher):
    run, large = chunked(rig, engine, dispatcher)
    first, second, third, *_ = engine.numbers(large)
    rig.ledger.cancel(run)
    dispatcher.wake()
    dispatcher.turn()
    stopped = StoppedError("did not listen")
    stopped.left = Worked((answered(first), of_incumbent("so far")))
    engine.end(large, stopped)
    finish_everything(rig, engine, dispatcher)
    tasks = rig.ledger.tasks(run, most=100).items
    assert [tasks[number].state for number in (first, second, third)] == [DONE, *[TaskState.CANCELLED] * 2]
    assert rig.ledger.result(run, second).document.json()["sentence"] == "so far"
    assert rig.ledger.result(run, third) is None


def test_a_cancel_is_noticed_without_being_woken(rig, engine, dispatcher):
    run = rig.single()
    dispatcher.turn()
    rig.ledger.cancel(run)
    rig.hands.wait(0.6)
    dispatcher.turn()
    assert engine.killed == [only(engine.jobs)]
    engine.answer_all()  # it had ended just before
    dispatcher.turn()
    assert rig.ledger.run(run).state is RunState.SUCCEEDED


def test_a_cancelled_job_whose_worker_dies_is_cancelled(rig, engine, dispatcher):
    run = rig.single()
    dispatcher.turn()
    rig.ledger.cancel(run)
    dispatcher.wake()
    dispatcher.turn()
    engine.end(only(engine.jobs), LOST)
    dispatcher.turn()
    assert rig.ledger.run(run).state is RunState.CANCELLED


def test_what_was_stopped_though_nobody_cancelled_it_waits_again(rig, engine, dispatcher):
    """As by a Dask worker whose scheduler has forgotten it for a moment."""
    runs = [rig.single(), rig.single()]
    dispatcher.turn()
    first, second = engine.jobs
    engine.end(first, STOPPED)
    engine.answer(second, outcomes=[Outcome(TaskState.CANCELLED)])
    dispatcher.turn()
    finish_everything(rig, engine, dispatcher)
    assert [rig.states(run) for run in runs] == [[DONE], [DONE]]


def test_after_a_loss_every_task_of_the_chunk_goes_alone(rig, engine, dispatcher):
    rig.batch(60)
    while max((len(engine.numbers(key)) for key in engine.jobs), default=0) < 5:
        for key in list(engine.jobs):
            engine.answer(key, seconds=0.1 * len(engine.numbers(key)))
        dispatcher.turn()
    large = max(engine.jobs, key=lambda key: len(engine.numbers(key)))
    lost = engine.numbers(large)
    engine.end(large, LOST)
    sent = len(engine.sent)
    finish_everything(rig, engine, dispatcher)
    again = [chunk.questions for chunk in engine.sent[sent:]]
    assert [1] * len(lost) == [len(qs) for qs in again if {q["number"] for q in qs} & set(lost)]


# ----------------------------------------------------------------------------------------- leases, outages, the end


def test_leases_are_renewed_as_long_as_work_goes_on(rig, engine, dispatcher):
    run = rig.single()
    observer, _ = rig.dispatcher(FakeEngine())
    dispatcher.turn()
    for _ in range(100):
        rig.hands.wait(1.0)
        dispatcher.turn()
        observer.turn()
    engine.answer_all()
    dispatcher.turn()
    task = rig.ledger.tasks(run).items[0]
    assert (task.state, task.attempt) == (DONE, 1)


def test_a_dispatcher_that_dies_loses_its_tasks_to_another_and_comes_too_late(rig, engine, dispatcher):
    run = rig.single()
    dispatcher.turn()
    other_engine = FakeEngine()
    other, _ = rig.dispatcher(other_engine)
    for _ in range(30):
        rig.hands.wait(1.0)
        other.turn()
    other_engine.answer(only(other_engine.jobs), outcomes=[answered(77)])
    other.turn()
    engine.answer(only(engine.jobs), outcomes=[answered(66)])
    dispatcher.turn()
    assert rig.ledger.result(run).document.json() == {"number": 77}
    assert rig.ledger.tasks(run).items[0].attempt == 2


def test_a_dispatcher_that_slept_stops_what_is_no_longer_its_own(rig, engine, dispatcher):
    rig.single()
    dispatcher.turn()
    other, _ = rig.dispatcher(FakeEngine())
    for _ in range(30):
        rig.hands.wait(1.0)
        other.turn()
    dispatcher.turn()
    assert engine.killed == list(engine.jobs)


def test_an_outage_loses_nothing_and_doubles_nothing(rig, engine, both):
    dispatcher, ledger = both
    runs = [rig.batch(6), rig.single()]
    dispatcher.turn()
    ledger.down = True
    for _ in range(5):
        rig.hands.wait(30.0)
        engine.answer_all()
        dispatcher.turn()
    assert not engine.jobs
    ledger.down = False
    rig.hands.wait(30.0)
    finish_everything(rig, engine, dispatcher)
    assert [rig.ledger.run(run).state for run in runs] == [RunState.SUCCEEDED] * 2
    assert {task.attempt for run in runs for task in rig.ledger.tasks(run).items} == {1}
    assert len(engine.sent) == 7


def test_after_an_outage_nobody_is_robbed_of_what_could_not_be_renewed(rig, engine, both):
    dispatcher, ledger = both
    run = rig.single()
    dispatcher.turn()
    other, others = rig.dispatcher(FakeEngine())
    other.turn()
    ledger.down = others.down = True
    for _ in range(3):
        rig.hands.wait(30.0)
        dispatcher.turn()
        other.turn()
    ledger.down = others.down = False
    rig.hands.wait(30.0)
    other.turn()  # it is the first to be back
    dispatcher.turn()
    engine.answer_all()
    dispatcher.turn()
    (task,) = rig.ledger.tasks(run).items
    assert (task.state, task.attempt, task.deaths) == (DONE, 1, 0)


def test_on_a_full_disk_writing_is_tried_ever_less_often(rig, engine, both):
    dispatcher, ledger = both
    run = rig.single()
    dispatcher.turn()
    engine.answer_all()
    ledger.no_room_for = "finish_many"
    for _ in range(400):
        rig.hands.wait(0.25)
        dispatcher.turn()
    assert 10 <= ledger.refused < 20, "a hundred seconds: after 1/4, 1/2, 1, ... and then every ten seconds"
    ledger.no_room_for = None
    rig.hands.wait(10.0)
    dispatcher.turn()
    assert rig.ledger.run(run).state is RunState.SUCCEEDED


@pytest.mark.parametrize("method", ["claim", "finish_many", "give_back", "renew", "expire"])
def test_the_answer_of_a_commit_may_be_lost(rig, engine, both, method):
    dispatcher, ledger = both
    runs = [rig.batch(4), rig.single()]
    for round_ in range(40):
        ledger.lose_answer_of = method if round_ % 8 == 1 else None
        rig.hands.wait(5.0)
        dispatcher.turn()
        for number, key in enumerate(list(engine.jobs)):
            if round_ < 3 and number == 0:
                engine.end(key, GONE_ENGINE)
            else:
                engine.answer(key)
    assert [rig.ledger.run(run).state for run in runs] == [RunState.SUCCEEDED] * 2


def test_a_graceful_end_gives_back_what_has_not_ended(rig, engine, dispatcher):
    run = rig.batch(9)
    dispatcher.turn()
    first = next(iter(engine.jobs))
    dispatcher.start()
    engine.answer(first)
    dispatcher.close()
    assert engine.closed
    tasks = rig.ledger.tasks(run).items
    assert sorted(task.state for task in tasks) == [QUEUED] * 8 + [DONE]
    assert {task.deaths for task in tasks} == {0}
