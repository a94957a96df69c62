"""Where the cases of a batch start: the case that they depart from is solved once a worker, from nothing.

A case then finds what it finds whichever worker it comes to, and whatever that has solved before.
"""

from __future__ import annotations

import json
import threading
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

from model_data import DataError, Plan
from optimizer.bases import Bases
from optimizer.foresight import solve_with_foresight
from optimizer.scenario import ScenarioError, load_scenario
from optimizer.solver import Limits, SolverError
from optimizer.status import Status

MOST = 32  # that a worker keeps
SECONDS = 10.0  # that are spent on one; without it a case is solved from nothing


class Starts:
    """The latest, by plan and case."""

    def __init__(self) -> None:
        self._known: OrderedDict[str, Bases] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, plan: Plan, case: Mapping[str, Any] | None, cancel: threading.Event) -> Bases | None:
        """None where there is no such case. Never raises for what the case is: then there is nothing to start from."""
        if case is None:
            return None
        key = f"{plan.fingerprint} {json.dumps(case, sort_keys=True)}"
        with self._lock:
            known = self._known.get(key)
            if known is not None:
                self._known.move_to_end(key)
                return known
        found, cut_short = _solved(plan, case, Limits(SECONDS, cancel))
        if not cut_short:
            with self._lock:
                self._known[key] = found
                while len(self._known) > MOST:
                    self._known.popitem(last=False)
        return found


def _solved(plan: Plan, case: Mapping[str, Any], limits: Limits) -> tuple[Bases, bool]:
    """The bases, and whether the one who asked has cut the search short."""
    bases = Bases()
    try:
        scenario = load_scenario(plan, case["scenario"], case["changes"])
        if scenario.whole_projects:  # solved by branching, which starts from no basis
            return bases.close(), False
        solved = solve_with_foresight(plan, scenario, limits, bases=bases)
    except (DataError, ScenarioError, SolverError, OverflowError):
        return bases.close(), False
    return bases.close(), solved.solution.status is Status.CANCELLED
