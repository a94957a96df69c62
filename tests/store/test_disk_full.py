"""A full disk while writing: said as what it is, and nothing of it is kept."""

import os
import subprocess
import sys

import pytest
from sqlalchemy import text

from api.store.answers import Answers
from api.store.database import Database
from api.store.errors import StoreFullError
from api.store.ledger import Ledger
from api.store.records import Document, Outcome
from api.store.vocabulary import RunState, TaskState
from tests.store.specimen import answered, batch
from tests.store.test_together import check_consistency


def large(size=2**20):
    """An answer that no compression makes smaller."""
    return Outcome(TaskState.SUCCEEDED, Document.of(os.urandom(size), "application/octet-stream"))


def check_full(ledger, make_room):
    """Results are refused until there is room; then the same claim is finished."""
    run = ledger.accept(batch(200))
    claims = ledger.claim("a", 100, 60)
    assert ledger.finish(claims[0], answered(0))
    finished = []
    with pytest.raises(StoreFullError) as refusal:
        finished += (claim for claim in claims[1:] if ledger.finish(claim, large()))
    assert "磁盘" in refusal.value.text.zh
    check_consistency(ledger.database)
    before = ledger.run(run.id)
    with pytest.raises(StoreFullError):
        ledger.finish_many([(claim, large()) for claim in claims[50:55]])
    with pytest.raises(StoreFullError):
        Answers(ledger.database).put(large().document)
    assert ledger.run(run.id) == before, "nothing was written"
    assert ledger.result(run.id).document == answered(0).document, "what was there can be read"
    make_room()
    assert all(ledger.finish_many([(claim, answered(1)) for claim in claims[50:55]]))
    after = ledger.run(run.id).counts
    assert after.succeeded == before.counts.succeeded + 5
    assert 0 < after.succeeded - 6 == len(finished) < 45
    ledger.cancel(run.id)
    ledger.give_back(claims)
    assert ledger.run(run.id).state is RunState.CANCELLED
    check_consistency(ledger.database)


def test_sqlite_at_its_largest_size(new_url):
    database = Database(new_url("sqlite"))

    def most(pages):
        with database.read() as connection:
            connection.execute(text(f"PRAGMA max_page_count={pages}"))

    most(2048)  # of 4096 bytes; the pool hands the same connection to whoever comes alone
    check_full(Ledger(database), lambda: most(100_000))
    database.close()


@pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="only root can mount a small disk")
def test_sqlite_on_a_full_disk(tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir()
    size = "size=12m"
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", size, "tmpfs", disk], capture_output=True, check=False)
    if mounted.returncode:
        pytest.skip(f"cannot mount: {mounted.stderr.decode()}")
    try:
        database = Database(f"sqlite:///{disk / 'store.db'}")
        database.upgrade()
        grow = ["mount", "-o", "remount,size=64m", disk]
        check_full(Ledger(database), lambda: subprocess.run(grow, check=True))
        database.close()
    finally:
        subprocess.run(["umount", disk], check=True)
