"""Programs that tests start as processes of their own, and kill: python -m tests.store.working WHAT URL …"""

import sys
import threading

from api.plans.library import Library
from api.store.database import Database
from api.store.ledger import Ledger
from api.store.plans import StoredShelf
from api.store.records import Idempotency
from tests.house.source import ROOT
from tests.store.specimen import answered, batch

TINY = ROOT / "tests" / "plans" / "tiny"


def claim_all(url, owner):
    """Claims and finishes until nothing waits; prints what it finished."""
    ledger = Ledger(Database(url))
    while claims := ledger.claim(owner, 3, 60):
        for claim, good in zip(claims, ledger.finish_many([(c, answered(owner)) for c in claims]), strict=True):
            print(claim.task, claim.attempt, good, flush=True)  # noqa: T201


def accept_for_ever(url, name):
    """Accepts batches and prints each that was acknowledged."""
    ledger = Ledger(Database(url))
    number = 0
    while True:
        key = f"{name}-{number}"
        print(key, ledger.accept(batch(20), Idempotency.of(key, "ann", b"")).id, flush=True)  # noqa: T201
        number += 1


def finish_for_ever(url, owner):
    """Claims and finishes, and prints each task whose outcome was acknowledged."""
    ledger = Ledger(Database(url))
    while claims := ledger.claim(owner, 5, 60):
        for claim, good in zip(claims, ledger.finish_many([(c, answered(owner)) for c in claims]), strict=True):
            print(claim.task, good, flush=True)  # noqa: T201


def change_plan(url, name):
    """Adds scenarios to the newest version of a plan, one by one; prints each that was acknowledged."""
    library = Library.load([TINY])
    library.shelf = StoredShelf(Database(url))
    print("ready", flush=True)  # noqa: T201
    sys.stdin.readline()
    for number in range(6):
        scenario = f"{name}_{number}"
        library.change("tiny", lambda plan, scenario=scenario: with_another(plan, scenario))
        print(scenario, flush=True)  # noqa: T201


def with_another(plan, scenario):
    return plan.with_scenario(scenario, {**plan.scenarios["less_money"], "scenario": scenario})


def upgrade(url, _name):
    """Four services of one process start at once."""
    threads = [threading.Thread(target=Database(url).upgrade) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    Ledger(Database(url)).accept(batch(1))


if __name__ == "__main__":
    programs = (claim_all, accept_for_ever, finish_for_ever, change_plan, upgrade)
    {program.__name__: program for program in programs}[sys.argv[1]](*sys.argv[2:])
