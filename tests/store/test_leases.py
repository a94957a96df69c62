"""Leases: a claimant that renews keeps its tasks, one that does not loses them, whatever wall clocks say."""

from datetime import timedelta

import pytest

from api.store.clock import Clock
from api.store.leases import Sighting, Watch
from api.store.ledger import Ledger
from tests.store.specimen import Hands, answered, batch

LEASE = 10.0


@pytest.fixture
def here():
    return Hands()


@pytest.fixture
def there():
    """Another machine: another wall clock, another origin of the monotonic clock."""
    return Hands(Hands().wall - timedelta(hours=7), 5.0)


def test_a_lease_runs_out_when_the_heartbeat_stands_still(database, here):
    ledger = Ledger(database, here.clock())
    ledger.accept(batch(2))
    lost, kept = ledger.claim("a", 2, LEASE)
    assert ledger.expire() == []
    here.wait(LEASE - 0.1)
    assert ledger.expire() == []
    assert [claim.task for claim in ledger.renew("a", [kept], LEASE)] == [kept.task]
    here.wait(0.1)
    assert ledger.expire() == [lost.task]
    assert ledger.renew("a", [lost, kept], LEASE)[0].task == kept.task
    assert not ledger.finish(lost, answered(1))
    assert ledger.finish(kept, answered(1))
    (again,) = ledger.claim("b", 2, LEASE)
    assert (again.task, again.attempt, again.deaths) == (lost.task, 2, 1)


@pytest.mark.parametrize("hours", [-48, -1, 1, 48])
def test_a_wall_clock_that_jumps_changes_no_lease(database, here, hours):
    ledger = Ledger(database, here.clock())
    ledger.accept(batch(1))
    (claim,) = ledger.claim("a", 1, LEASE)
    ledger.expire()
    here.wall += timedelta(hours=hours)
    assert ledger.expire() == [], "not lost by a jump forwards"
    (claim,) = ledger.renew("a", [claim], LEASE)
    ledger.expire()
    here.wall -= timedelta(hours=2 * hours)
    here.wait(LEASE)
    assert ledger.expire() == [claim.task], "not held for ever by a jump backwards"
    (again,) = ledger.claim("a", 1, LEASE)
    here.wall += timedelta(hours=hours)
    assert ledger.finish(again, answered(1))


def test_machines_need_no_common_clock(database, here, there):
    one, other = Ledger(database, here.clock()), Ledger(database, there.clock())
    one.accept(batch(1))
    (claim,) = one.claim("a", 1, LEASE)
    for _ in range(5):
        assert other.expire() == []
        there.wait(LEASE * 0.9)
        (claim,) = one.renew("a", [claim], LEASE)
    assert other.expire() == []
    there.wait(LEASE)
    assert other.expire() == [claim.task]
    assert one.renew("a", [claim], LEASE) == []


def test_a_process_that_has_just_started_gives_others_their_whole_lease(database, here):
    Ledger(database, here.clock()).accept(batch(1))
    (claim,) = Ledger(database, here.clock()).claim("a", 1, LEASE)
    here.wait(10 * LEASE)
    started = Ledger(database, here.clock())
    assert started.expire() == []
    here.wait(LEASE)
    assert started.expire() == [claim.task]


def test_a_renewal_between_the_look_and_the_taking_saves_the_task(database, here):
    """The database is asked again, with the heartbeat that was seen."""
    ledger = Ledger(database, here.clock())
    ledger.accept(batch(1))
    (claim,) = ledger.claim("a", 1, LEASE)
    ledger.expire()
    here.wait(LEASE)
    asked = []

    def late():
        if len(asked) == 1:  # after the look of `expire`, before it takes
            ledger.renew("a", [claim], LEASE)
        asked.append(here.seconds)
        return here.seconds

    watching = Ledger(database, Clock(lambda: here.wall, late))
    watching._watch = ledger._watch
    assert watching.expire() == []
    assert ledger.finish(claim, answered(1))


def test_a_look_that_takes_long_shortens_no_lease():
    """First seen when a look had ended; still standing when a later one began."""
    watch = Watch()
    seen = [Sighting(1, ("a", 1, 0), LEASE)]
    assert watch.expired(seen, before=0.0, after=8.0) == {}
    assert watch.expired(seen, before=17.9, after=40.0) == {}
    assert watch.expired(seen, before=18.0, after=40.0) == {1: ("a", 1, 0)}


def test_a_task_that_was_gone_for_a_while_is_new_to_the_watch():
    watch = Watch()
    seen = [Sighting(1, ("a", 1, 0), LEASE)]
    watch.expired(seen, 0.0, 0.0)
    watch.expired([], 5.0, 5.0)
    assert watch.expired(seen, 11.0, 11.0) == {}
    assert watch.expired([Sighting(1, ("a", 1, 1), LEASE)], 22.0, 22.0) == {}, "another heartbeat"
