"""What a user wants of a repair: what is dearer to change, and what must not be touched."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from optimizer.program import Label
from optimizer.questions import refuse, unknown

KINDS = ("indicator", "budget", "project")


@dataclass(frozen=True)
class Wishes:
    """Names of groups are labels: ("indicator", name), ("budget", name), ("project", name).

    A shorter label means all that begin with it: ("project",) is every commitment. A weight multiplies the cost of
    changing a group (1 where none is given). ``budgets_by_year``: each year's budget can be changed on its own, and is
    named ("budget", name, year); one with a limit over the plan, or with a sum in the scenario, changes as a whole.
    """

    weights: Mapping[Label, float] = field(default_factory=dict)
    untouchable: Collection[Label] = ()
    budgets_by_year: bool = False

    def resolve(self, labels: Iterable[Label]) -> tuple[dict[Label, float], set[Label]]:
        """The weight of every group, and the groups not to be touched. Raises QuestionError with every problem."""
        known = list(labels)
        refuse(self._problems(known))
        weights = dict.fromkeys(known, 1.0)
        for wish in sorted(self.weights, key=len):  # the longer label is the more particular one
            weights.update(dict.fromkeys(_meant(wish, known), float(self.weights[wish])))
        return weights, {label for wish in self.untouchable for label in _meant(wish, known)}

    def _problems(self, known: list[Label]) -> list[str]:
        problems = [
            f"weights: {_text(wish)} has the weight {weight!r}; a weight is a positive number, and what must not "
            "change is untouchable"
            for wish, weight in self.weights.items()
            if isinstance(weight, bool) or not 0.0 < weight < math.inf
        ]
        for place, wishes in (("weights", self.weights), ("untouchable", self.untouchable)):
            problems += [f"{place}: {_missing(wish, known)}" for wish in wishes if not _meant(wish, known)]
        both = set(self.weights) & set(self.untouchable)
        problems += [f"untouchable: {_text(wish)} has a weight too; give one or the other" for wish in sorted(both)]
        return problems


def _meant(wish: Label, known: Iterable[Label]) -> list[Label]:
    return [label for label in known if wish and label[: len(wish)] == tuple(wish)]


def _missing(wish: Label, known: list[Label]) -> str:
    if not wish or wish[0] not in KINDS:
        return unknown("kind", wish[0] if wish else "", KINDS)
    names = sorted({str(label[1]) for label in known if label[0] == wish[0]})
    if len(wish) == 1:
        return f"the scenario requires nothing of the kind {wish[0]!r}"
    if wish[1] in names:
        years = [label[2] for label in known if label[:2] == tuple(wish[:2]) and len(label) > 2]
        return f"{_text(wish)} has no part of its own" + (f"; years are {years}" if years else "")
    return unknown(str(wish[0]), wish[1], names) + ", among what this scenario requires"


def _text(wish: Label) -> str:
    return " ".join(map(str, wish)) or "an empty label"
