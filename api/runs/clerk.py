"""The dispatcher's hand at the ledger: what it holds there, and what has still to be written there."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from api.runs.endings import Cause, Ending
from api.runs.work import INTERNAL
from api.store.errors import StoreError
from api.store.ledger import Ledger
from api.store.records import Claim, Document, Outcome
from api.store.vocabulary import Priority, TaskState

_TOGETHER = 200  # outcomes written in one transaction

Hold = tuple[int, int]  # task and attempt
Keep = Callable[[Document], None]  # under its tag, for those who ask the same; raises StoreError
_log = logging.getLogger(__name__)


def hold(claim: Claim) -> Hold:
    return claim.task, claim.attempt


class Clerk:
    """What asks the ledger raises StoreError and can then be called again: nothing is forgotten meanwhile."""

    def __init__(self, ledger: Ledger, owner: str, lease: float, keep: Keep) -> None:
        self.owner, self._lease, self._ledger, self._keep = owner, lease, ledger, keep
        self._held: dict[Hold, Claim] = {}
        self._finished: deque[tuple[Claim, Outcome]] = deque()
        self._returned: deque[tuple[Sequence[Claim], Cause | None]] = deque()
        self._was_away = False

    @property
    def runs(self) -> frozenset[str]:
        """Of which something is held."""
        return frozenset(claim.run for claim in self._held.values())

    @property
    def idle(self) -> bool:
        """Nothing waits to be written."""
        return not (self._finished or self._returned)

    def take(self, found: Ending) -> None:
        self._finished.extend(found.finished)
        if found.returned:
            self._returned.append((found.returned, found.cause))
        if found.held_up:
            self._returned.append((found.held_up, None))

    def claim(self, most: int, priority: Priority) -> list[Claim]:
        claims = self._ledger.claim(self.owner, most, self._lease, priority)
        self._held.update({hold(claim): claim for claim in claims})
        return claims

    def write(self) -> None:
        while self._finished:
            some = [self._finished[number] for number in range(min(_TOGETHER, len(self._finished)))]
            self._finish(some)
            self._keep_answers(some)
            for claim, _ in some:
                self._finished.popleft()
                self._held.pop(hold(claim), None)
        while self._returned:
            claims, cause = self._returned[0]
            self._ledger.give_back(claims, cause)
            self._returned.popleft()
            for claim in claims:
                self._held.pop(hold(claim), None)

    def _finish(self, some: Sequence[tuple[Claim, Outcome]]) -> None:
        try:
            late = self._ledger.finish_many(some).count(False)
        except StoreError:
            raise
        except Exception:  # noqa: BLE001 - one of them is a defect; which, is found below
            _log.exception("outcomes of run %s cannot be written together", some[0][0].run)
            for claim, outcome in some:
                self._finish_alone(claim, outcome)
        else:
            if late:
                _log.info("%d outcomes came too late", late)

    def _keep_answers(self, some: Sequence[tuple[Claim, Outcome]]) -> None:
        """Asked again, a question of a run is answered from what is kept. Those of batches would be too many."""
        for claim, outcome in some:
            if claim.priority is Priority.INTERACTIVE and outcome.document is not None and outcome.tag is not None:
                try:
                    self._keep(replace(outcome.document, etag=outcome.tag.strip('"')))
                except StoreError as error:
                    _log.warning("the answer of run %s cannot be kept: %s", claim.run, error)

    def _finish_alone(self, claim: Claim, outcome: Outcome) -> None:
        """An outcome that cannot be written is a defect, and must not keep the others from being written."""
        try:
            self._ledger.finish(claim, outcome)
        except StoreError:
            raise
        except Exception:  # noqa: BLE001 - a defect, which is in the log then
            _log.exception("the outcome of task %d of run %s cannot be written", claim.position, claim.run)
            self._ledger.finish(claim, Outcome(TaskState.FAILED, problem=INTERNAL))

    def renew(self) -> frozenset[Hold]:
        """What is still held afterwards."""
        if self._held:
            kept = self._ledger.renew(self.owner, list(self._held.values()), self._lease)
            self._held = {hold(claim): claim for claim in kept}
        return frozenset(self._held)

    def cancelling(self) -> frozenset[str]:
        """Those of the runs that are to be cancelled."""
        return self._ledger.cancelling(self.runs) if self._held else frozenset()

    def report(self, news: Mapping[Hold, str]) -> None:
        for key, text in news.items():
            if key in self._held:
                self._ledger.progress(self._held[key], None, text)

    def lose_sight(self) -> None:
        """The ledger could not be reached, perhaps by others neither: what they did not renew meanwhile is theirs."""
        self._was_away = True

    def expire(self) -> None:
        """Takes tasks from claimants that are gone."""
        if self._was_away:
            self._ledger.look_anew()
            self._was_away = False
        taken = self._ledger.expire()
        if taken:
            _log.warning("%d tasks were taken from claimants that are gone", len(taken))

    def purge(self, days: float) -> None:
        """Forgets runs that ended longer ago."""
        purged = self._ledger.purge(timedelta(days=days))
        if purged:
            _log.info("%d runs that ended more than %g days ago were forgotten", purged, days)
