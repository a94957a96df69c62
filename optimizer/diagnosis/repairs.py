"""The menu of repairs: changes after which the plan has an answer, each proved by solving it again."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from model_data import Plan
from optimizer.answer import Answer, solve
from optimizer.certificate import Certificate
from optimizer.diagnosis.alone import Alone
from optimizer.diagnosis.changes import Change, changes_of, commitment_change, merged
from optimizer.diagnosis.elastic import Elastic, Given
from optimizer.diagnosis.fewest import Search, contradiction_besides, shrunk, smallest_sets
from optimizer.diagnosis.open_plan import Group, OpenPlan
from optimizer.program import Label
from optimizer.runs import Runs
from optimizer.scenario import Scenario, changed
from optimizer.solution import Progress
from optimizer.status import Status

Kind = Literal["least_change", "fewest", "alone"]
# So many smallest sets are compared by their total change; where there are more, the best of these is shown.
MOST_TIES = 60
# A project that starts to this share in one year starts wholly in it.
_WHOLE = 1.0 - 1e-6


@dataclass(frozen=True)
class Repair:
    """Changes, their weighted total, and the answer of the plan with them.

    ``tied``: how many sets of groups are as small, for the fewest changes; ``compared_all``: whether all of them were
    compared. ``needed``: so many changes are needed at least, for the fewest; where this is less than there are, it was
    not settled within reasonable effort whether fewer would do. ``local``: ratios were free to move together with
    others, so that ``total`` is a local least, since such a sum is not convex; a smaller one is not excluded.
    """

    kind: Kind
    changes: tuple[Change, ...]
    total: float
    scenario: Scenario
    answer: Answer
    tied: int = 1
    compared_all: bool = True
    needed: int = 1
    local: bool = False

    @property
    def settings(self) -> dict[str, Any]:
        """What ``load_scenario`` takes as changes to make this repair."""
        return merged(self.changes)

    @property
    def status(self) -> Status:
        return self.answer.status

    @property
    def objective(self) -> float | None:
        return self.answer.objective

    @property
    def certificate(self) -> Certificate | None:
        return self.answer.solution.certificate


class Workshop:
    """Makes repairs of one infeasible plan from the groups that may be changed."""

    def __init__(
        self, plan: Plan, opened: OpenPlan, groups: Sequence[Group], weights: Mapping[Label, float], runs: Runs
    ) -> None:
        self._plan, self._opened, self._groups, self._weights = plan, opened, groups, weights
        self._runs, self._answers = runs, dict[tuple[object, ...], tuple[Scenario, Answer]]()
        self._elastic = Elastic(opened.program, groups, opened.statements, weights, runs)

    def menu(self, known: Sequence[Collection[Group]], progress: Progress) -> Iterator[Repair]:
        """Least change, fewest changes, then every group that suffices alone.

        ``known``: contradictions found before, as sets of groups. Raises UnfinishedError.
        """
        progress("fewest changes")
        fewest, tied, needed = self._fewest(known)
        progress("one change alone")
        alone = self._alone(known)
        progress("least change")
        least, single = self._least(fewest, alone), self._cheapest(alone)
        few = single or self._changes(fewest)  # one change alone is known exactly
        yield replace(self._proved("least_change", least, progress), local=self._local(self._groups))
        repair = self._proved("fewest", few, progress)
        moved = {change.label for change in few}
        local = self._local([group for group in self._groups if group.label in moved])
        yield replace(repair, tied=tied, compared_all=tied < MOST_TIES, needed=needed, local=local)
        for changes in alone:
            yield self._proved("alone", changes, progress)

    def _local(self, groups: Sequence[Group]) -> bool:
        """Whether a ratio moves among others: alone it is known exactly."""
        names = [group.name for group in groups if group.kind == "indicator"]
        statements = [self._opened.statements[name] for name in names if name in self._opened.statements]
        return len(groups) > 1 and any(statement.denominators for statement in statements)

    def _changes(self, given: Given) -> tuple[Change, ...]:
        return changes_of(self._opened, self._groups, given)

    def _least(self, fewest: Given, alone: Sequence[tuple[Change, ...]]) -> tuple[Change, ...]:
        """The least of what is found from the base year's denominators, from the fewest changes, and alone."""
        self._elastic.allow(self._groups)
        found = [self._elastic.least_change(), self._elastic.least_change(fewest.x), fewest]
        best = min(found, key=lambda given: given.total)
        single = self._cheapest(alone)
        return single if single and self._total(single) < best.total * (1.0 - 1e-6) else self._changes(best)

    def _cheapest(self, repairs: Iterable[tuple[Change, ...]]) -> tuple[Change, ...]:
        return min(repairs, key=self._total, default=())

    def _total(self, changes: Iterable[Change]) -> float:
        return sum(self._weights[change.label] * change.size for change in changes)

    def _fewest(self, known: Sequence[Collection[Group]]) -> tuple[Given, int, int]:
        """The least change with the fewest groups, how many sets of groups are as small, and how many are needed."""
        best, tied, search = None, 0, Search(self._elastic, self._groups, self._runs)
        for members in smallest_sets(search, known):
            tied += 1
            given = self._given(members)
            if best is None or given.total < best.total:
                best = given
            if tied == MOST_TIES:
                break
        return (best or self._few(), max(tied, 1), search.needed)

    def _few(self) -> Given:
        """What is left of the least change where no group of it can be left out; small changes are left out first."""
        given = self._given(self._groups)
        costs = {group: self._weights[group.label] * given.sizes.get(group.label, 0.0) for group in self._groups}
        used = sorted((group for group in self._groups if costs[group]), key=lambda group: costs[group])
        return self._given(shrunk(self._elastic, used))

    def _given(self, groups: Collection[Group]) -> Given:
        self._elastic.allow(groups)
        return self._elastic.least_change()

    def _alone(self, known: Sequence[Collection[Group]]) -> list[tuple[Change, ...]]:
        """Every group that suffices alone is in every contradiction."""
        alone = Alone(self._opened, self._opened.program, self._groups, self._weights, self._runs)
        candidates = [group for group in self._groups if all(group in contradiction for contradiction in known)]
        return [(change,) for change in alone.changes(candidates)]

    def _proved(self, kind: Kind, changes: tuple[Change, ...], progress: Progress) -> Repair:
        """The repair with its answer; a project released that then starts wholly in one year is moved to that year."""
        progress(f"proof: {', '.join(str(change.label[1]) for change in changes)}")
        repair = self._solved(kind, changes)
        moved = tuple(_moved(self._opened, change, repair.answer) for change in changes)
        return repair if moved == changes else self._solved(kind, moved)

    def _solved(self, kind: Kind, changes: tuple[Change, ...]) -> Repair:
        key = tuple((change.label, None if change.after is None else f"{change.after:.9g}") for change in changes)
        if key not in self._answers:  # entries of the menu are often the same change
            scenario = changed(self._opened.instance.scenario, merged(changes))
            self._answers[key] = scenario, solve(self._plan, scenario, self._runs.left())
        scenario, answer = self._answers[key]
        return Repair(kind, changes, self._total(changes), scenario, answer)


def _moved(opened: OpenPlan, change: Change, answer: Answer) -> Change:
    if change.label[0] != "project" or change.after is not None or answer.status is not Status.OPTIMAL:
        return change
    started = answer.projects.query("project == @change.label[1]")
    started = started[(started["share"] >= _WHOLE) & started["year"].isin(opened.instance.horizon.years)]
    return change if started.empty else commitment_change(opened, str(change.label[1]), int(started["year"].iloc[0]))


def helpless(opened: OpenPlan, groups: Sequence[Group], runs: Runs) -> bool:
    """Whether the plan stays infeasible with everything changed that can be changed."""
    elastic = Elastic(opened.program, groups, opened.statements, {}, runs)
    elastic.allow(groups)
    return elastic.contradiction() is not None


def blocking(opened: OpenPlan, groups: Sequence[Group], untouchable: Iterable[Group], runs: Runs) -> frozenset[Group]:
    """Untouchable groups that contradict each other whatever else is changed; empty where they do not.

    Something must help where all are changed (see ``helpless``).
    """
    fixed = set(untouchable)
    elastic = Elastic(opened.program, groups, opened.statements, {}, runs)
    movable = [group for group in groups if group not in fixed]
    return contradiction_besides(elastic, [group for group in groups if group in fixed], movable)
