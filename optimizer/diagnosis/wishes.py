"""What a user wants of a repair: what is dearer to change, and what must not be touched."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from optimizer.program import Label
from optimizer.questions import Problem, problem, refuse, unknown_name
from optimizer.words.language import Text

KINDS = ("indicator", "budget", "project")
KIND = Text("种类", "kind")
REQUIRED = {
    "indicator": Text("指标(限本情景所要求的)", "required indicator"),
    "budget": Text("预算(限本情景所限的)", "binding budget"),
    "project": Text("项目(限本情景所指定的)", "committed project"),
}


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
        refuse(list(self._problems(known)))
        weights = dict.fromkeys(known, 1.0)
        for wish in sorted(self.weights, key=len):  # the longer label is the more particular one
            weights.update(dict.fromkeys(_meant(wish, known), float(self.weights[wish])))
        return weights, {label for wish in self.untouchable for label in _meant(wish, known)}

    def _problems(self, known: list[Label]) -> Iterator[Problem]:
        for wish, weight in self.weights.items():
            if isinstance(weight, bool) or not 0.0 < weight < math.inf:
                yield _no_weight(wish, weight)
        for place, wishes in (("weights", self.weights), ("untouchable", self.untouchable)):
            yield from (_missing(wish, known).inside(place) for wish in wishes if not _meant(wish, known))
        for wish in sorted(set(self.weights) & set(self.untouchable)):
            zh, en = "另有权重；两者只能取一", "has a weight too; give one or the other"
            yield problem("untouchable", zh=f"{_text(wish)}{zh}", en=f"{_text(wish)} {en}")


def _meant(wish: Label, known: Iterable[Label]) -> list[Label]:
    return [label for label in known if wish and label[: len(wish)] == tuple(wish)]


def _no_weight(wish: Label, weight: object) -> Problem:
    return problem(
        "weights",
        zh=f"{_text(wish)}的权重为{weight!r}；权重须为正数，不可改动的请列入 untouchable",
        en=f"{_text(wish)} has the weight {weight!r}; a weight is positive, and what must not change is untouchable",
    )


def _missing(wish: Label, known: list[Label]) -> Problem:
    if not wish or wish[0] not in KINDS:
        return unknown_name(what=KIND, name=wish[0] if wish else "", known=KINDS)
    kind, names = str(wish[0]), sorted({str(label[1]) for label in known if label[0] == wish[0]})
    if len(wish) == 1:
        zh, en = f"本情景没有种类为“{kind}”的要求", f"the scenario requires nothing of the kind {kind!r}"
        return problem(zh=zh, en=en)
    if wish[1] in names:
        years = [label[2] for label in known if label[:2] == tuple(wish[:2]) and len(label) > 2]
        zh, en = (f"；年份有{years}", f"; years are {years}") if years else ("", "")
        return problem(zh=f"{_text(wish)}没有单独的部分{zh}", en=f"{_text(wish)} has no part of its own{en}")
    return unknown_name(what=REQUIRED[kind], name=wish[1], known=names)


def _text(wish: Label) -> str:
    return " ".join(map(str, wish)) or "an empty label"
