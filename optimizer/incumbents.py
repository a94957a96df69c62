"""The best point of a branch and bound that goes on: kept, and told now and then to whoever wants it.

HiGHS does not always listen when it is to stop, and may have to be ended together with its process; what was told by
then is not lost.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from optimizer.program import INFINITY, Vector

FIRST = 0.5  # seconds of a run before anything is told: what ends soon costs nothing
SHARE = 0.1  # of the time, at most, goes into telling

Tell = Callable[[Vector, float], Any]  # the point, and the best bound on the minimised objective

_log = logging.getLogger(__name__)


class Incumbents:
    """Of one run after the other; all calls come from the thread of the solver. ``best``: of the last run."""

    def __init__(self) -> None:
        self.best: Vector | None = None
        self._tell: Tell | None = None
        self._known: tuple[Vector, float] | None = None
        self._untold: tuple[Vector, float] | None = None
        self._next = INFINITY

    def watch(self, tell: Tell | None, known: Vector | None) -> None:
        """Of later runs a point may be ``known`` before they begin, though nothing of how good it is."""
        self._tell, self._known = tell, None if known is None else (known, -INFINITY)

    def begin(self) -> None:
        """Another run."""
        self.best, self._untold, self._next = None, self._known, time.monotonic() + FIRST

    def keep(self, better: Any) -> None:
        """What HiGHS says of a better point; it uses the memory again."""
        self.best = np.array(better.mip_solution)
        self._untold = self.best, better.mip_dual_bound

    def offer(self) -> None:
        """Tells the best point, if it has not been told and it is time."""
        now, untold = time.monotonic(), self._untold
        if self._tell is None or untold is None or now < self._next:
            return
        self._untold = None
        try:
            self._tell(*untold)
        except Exception:  # noqa: BLE001 - the solver knows nothing of exceptions of Python
            _log.exception("an incumbent could not be told")
        self._next = now + (time.monotonic() - now) / SHARE
