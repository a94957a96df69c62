"""The smallest sets of groups that must give way: hitting sets of the contradictions, found one by one.

A set of groups makes the plan feasible only if it contains a member of every contradiction. So the smallest set that
hits the contradictions known is tried; if the plan stays infeasible, the proof is one more contradiction. The first set
that works is smallest (implicit hitting sets, Moreno-Centeno and Karp 2013). No bound on how far a group may go is
needed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from optimizer.deletion import checked, irreducible
from optimizer.diagnosis.elastic import Elastic
from optimizer.diagnosis.open_plan import Group
from optimizer.program import INFINITY, LinearProgram, Stage
from optimizer.runs import Runs
from optimizer.solver import Session
from optimizer.status import Status

# Where so many contradictions do not lead to a smallest set, the search could go on for very long.
MOST_CONTRADICTIONS = 40


class HittingSets:
    """Smallest sets that contain a member of every contradiction found so far."""

    def __init__(self, groups: Sequence[Group], runs: Runs) -> None:
        self._groups, self._runs = groups, runs
        self._rows: list[tuple[Collection[Group], float, float]] = []

    def must_hit(self, groups: Collection[Group]) -> None:
        self._rows.append((groups, 1.0, INFINITY))

    def exclude(self, groups: Collection[Group]) -> None:
        """This set has been seen; sets that contain it are no news."""
        self._rows.append((groups, -INFINITY, len(groups) - 1.0))

    def smallest(self) -> frozenset[Group] | None:
        """None where no set is left."""
        width = len(self._groups)
        stage = Stage("members", np.ones(width), 0.0, 1.0)
        inside = [[float(group in members) for group in self._groups] for members, _, _ in self._rows]
        program = LinearProgram(
            (stage,),
            sp.csc_array(np.array(inside).reshape(len(self._rows), width)),
            np.array([low for _, low, _ in self._rows]),
            np.array([high for _, _, high in self._rows]),
            np.zeros(width),
            np.ones(width),
            np.ones(width, dtype=bool),
            tuple(("set", k) for k in range(len(self._rows))),
            tuple(group.label for group in self._groups),
        )
        session = Session(program)
        session.set_stage(stage)
        result = checked(session, self._runs)
        if result.status is not Status.OPTIMAL or result.x is None:
            return None
        return frozenset(group for group, share in zip(self._groups, result.x, strict=True) if share > 0.5)


@dataclass
class Search:
    """The search for the smallest sets; ``needed``: how many groups must give way at least, as far as it is known."""

    elastic: Elastic
    groups: Sequence[Group]
    runs: Runs
    needed: int = 0


def smallest_sets(search: Search, known: Collection[Collection[Group]]) -> Iterator[frozenset[Group]]:
    """Every smallest set of the groups that makes the program feasible, one after the other.

    ``known``: contradictions found before, as sets of groups. All groups together make the program feasible. Ends
    early, perhaps with no set, where MOST_CONTRADICTIONS do not lead to one. Raises UnfinishedError.
    """
    sets, size, found = HittingSets(search.groups, search.runs), None, 0
    for contradiction in known:
        sets.must_hit(contradiction)
    while (members := sets.smallest()) is not None and (size is None or len(members) == size):
        search.needed = len(members)
        contradiction = contradiction_besides(search.elastic, search.groups, members)
        if contradiction:
            sets.must_hit(contradiction)
            found += 1
            if found == MOST_CONTRADICTIONS:
                return
            continue
        size = len(members)
        yield members
        if not members:
            return
        sets.exclude(members)


def shrunk(elastic: Elastic, members: Sequence[Group]) -> frozenset[Group]:
    """A set none of whose members can be left out, from one that makes the program feasible; the first go first."""
    kept = set(members)
    for member in members:
        elastic.allow(kept - {member})
        if elastic.contradiction() is None:
            kept.discard(member)
    return frozenset(kept)


def contradiction_besides(elastic: Elastic, groups: Sequence[Group], members: Collection[Group]) -> frozenset[Group]:
    """A smallest contradiction that is left when the members give way; empty where none is.

    Groups that are not among ``groups`` never give way.
    """
    elastic.allow(members)
    proof = elastic.contradiction()
    if proof is None:
        return frozenset()
    candidates = [group for group in groups if group in proof]
    elastic.relax(group for group in groups if group not in proof)
    return frozenset(irreducible(elastic, candidates))
