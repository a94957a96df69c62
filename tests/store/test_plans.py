"""Versions of plans that last: in the order in which they were stored, retired and brought back."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from api.plans.shelf import MemoryShelf, Version
from api.store.database import Database
from api.store.plans import StoredShelf
from tests.store.specimen import Hands


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def shelf(request, new_url):
    """The shelf of the process behaves as the one of the database."""
    if request.param == "memory":
        yield MemoryShelf()
        return
    database = Database(new_url(request.param))
    yield StoredShelf(database)
    database.close()


def listed(shelf):
    return [(version.plan, version.fingerprint, version.retired) for version in shelf.versions()]


def test_versions_stand_in_the_order_in_which_they_were_stored(shelf):
    for plan, fingerprint in [("p", "f2"), ("q", "f1"), ("p", "f3")]:
        version = shelf.add(plan, fingerprint, fingerprint.encode())
        assert (version.plan, version.fingerprint, version.retired, version.built_in) == (
            plan,
            fingerprint,
            False,
            False,
        )
    assert listed(shelf) == [("p", "f2", False), ("q", "f1", False), ("p", "f3", False)]
    assert shelf.content("f1") == b"f1"
    assert shelf.content("f9") is None


def test_a_retired_version_keeps_its_content_and_comes_back_as_the_newest(shelf):
    shelf.add("p", "f1", b"1")
    shelf.add("p", "f2", b"2")
    shelf.retire("p", "f1")
    shelf.retire("p", "f1")
    assert listed(shelf) == [("p", "f1", True), ("p", "f2", False)]
    assert shelf.content("f1") == b"1"
    shelf.add("p", "f1", b"1")
    assert listed(shelf) == [("p", "f2", False), ("p", "f1", False)]


def test_old_content_stored_again_is_the_newest(shelf):
    for fingerprint in ("f1", "f2", "f1"):
        shelf.add("p", fingerprint, b"1")
    assert listed(shelf) == [("p", "f2", False), ("p", "f1", False)]


def test_nothing_is_added_after_what_is_not_the_last_any_more(shelf):
    assert shelf.add_after("f1", "p", "f2", b"2") is None
    assert shelf.add_after(None, "p", "f1", b"1").fingerprint == "f1"
    shelf.add("q", "f9", b"9")
    assert shelf.add_after(None, "p", "f2", b"2") is None
    assert shelf.add_after("f1", "p", "f2", b"2").fingerprint == "f2"
    shelf.retire("p", "f2")
    assert shelf.add_after("f1", "p", "f3", b"3") is None
    assert shelf.add_after("f2", "p", "f1", b"1").fingerprint == "f1"
    assert listed(shelf) == [("q", "f9", False), ("p", "f2", True), ("p", "f1", False)]


def test_two_plans_may_have_the_same_content(shelf):
    shelf.add("p", "f1", b"1")
    shelf.add("q", "f1", b"1")
    shelf.retire("p", "f1")
    assert listed(shelf) == [("p", "f1", True), ("q", "f1", False)]


def test_the_newest_version_stored_again_stays_as_it_is(database):
    hands = Hands()
    shelf = StoredShelf(database, hands.clock())
    first = shelf.add("p", "f1", b"1", by="ann")
    hands.wall += timedelta(hours=1)
    assert shelf.add("p", "f1", b"1", by="ben") == first
    assert list(StoredShelf(database).versions()) == [first] == [Version("p", "f1", hands.wall - timedelta(hours=1))]


def test_the_same_stored_by_many_at_once_is_stored_once(database):
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda number: StoredShelf(database).add("p", f"f{number % 2}", b"x"), range(12)))
    assert sorted(listed(StoredShelf(database))) == [("p", "f0", False), ("p", "f1", False)]
