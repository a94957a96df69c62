"""Runs that ended long ago are forgotten by the dispatcher, and only those."""

from dataclasses import replace

import pytest

from api.store.errors import UnknownRunError
from tests.runs.rig import PACE, FakeEngine

DAY = 86_400.0


def ended(rig, engine, dispatcher):
    run = rig.single()
    dispatcher.turn()
    engine.answer_all()
    dispatcher.turn()
    return run


def test_runs_are_kept_for_so_many_days_after_their_end(rig):
    engine = FakeEngine()
    dispatcher, _ = rig.dispatcher(engine, replace(PACE, retention=30.0))
    old = ended(rig, engine, dispatcher)
    rig.hands.wait(29.0 * DAY)
    waiting = rig.batch(9)
    dispatcher.turn()
    young = ended(rig, engine, dispatcher)
    assert rig.ledger.run(old).id == old
    rig.hands.wait(2.0 * DAY)
    dispatcher.turn()
    with pytest.raises(UnknownRunError):
        rig.ledger.run(old)
    assert [rig.ledger.run(run).id for run in (young, waiting)] == [young, waiting]


def test_without_a_retention_nothing_is_forgotten(rig):
    engine = FakeEngine()
    dispatcher, _ = rig.dispatcher(engine)
    run = ended(rig, engine, dispatcher)
    rig.hands.wait(1000.0 * DAY)
    dispatcher.turn()
    assert rig.ledger.run(run).id == run
