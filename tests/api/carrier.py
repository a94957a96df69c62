"""Carries runs out in the test's own process, when the test says so: no engine, no waiting."""

from threading import Event

from api.engines.inside import Watch
from api.runs.work import Chunk, content_of, work
from api.store.vocabulary import TaskState


class Hand:
    """``work`` carries out what waits; ``most`` tasks at most."""

    def __init__(self, ledger, library):
        self.ledger, self.library, self.cancel = ledger, library, Event()

    def work(self, most=1000):
        claims = self.ledger.claim("hand", most, 60.0)
        for claim in claims:
            plan = self.library.by_fingerprint(claim.payload["plan"])
            chunk = Chunk(plan.fingerprint, (claim.payload["question"],), 60.0, content_of(plan))
            (outcome,) = work(chunk, Watch(self.cancel, lambda _: None, lambda _: None)).outcomes
            assert self.ledger.finish(claim, outcome)
            assert outcome.state in TaskState
        return len(claims)
