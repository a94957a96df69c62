"""A ledger on SQLite for dispatchers that are turned by hand."""

import pytest

from api.store.database import Database
from tests.runs.rig import Rig
from tests.store.specimen import Hands


@pytest.fixture
def rig(tmp_path):
    database = Database(f"sqlite:///{tmp_path / 'store.sqlite3'}")
    database.upgrade()
    yield Rig(database, Hands())
    database.close()
